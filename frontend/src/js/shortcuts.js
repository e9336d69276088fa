/**
 * Keyboard shortcuts, all heard in one place, and never while somebody types or a dialog asks something.
 *
 * Most are declared where they act: <a data-shortcut="g c" data-shortcut-label="…"> is followed, clicked or focused when the
 * keys are typed one after the other. Scripts add theirs with `shortcut`; the latest is asked first, and one that returns
 * false lets the next have the key. "?" lists them all, and can switch the single keys off, as the profile can (WCAG
 * 2.1.4): who dictates types letters without meaning keys. Ctrl/Cmd-K stays. Who hears keys elsewhere asks `isHeard`.
 */
import { h, isTyping, t } from "./dom.js";

export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const ours = [];
const PAUSE_MS = 900;
let typed = [];
let timer;

/** Register `keys` ("j", "g c", "?"). Without `act` they are only listed: something else hears them. `when`: on this page? */
export function shortcut(keys, label, act, { group = t("this_page"), hidden = false, when = () => true } = {}) {
  ours.unshift({ keys, label, act, group, isHidden: hidden, when });
}

/** Those that scripts registered and that mean something on this page, in the order they were. */
export const scripted = () => ours.filter(({ when }) => when()).reverse();

function declared() {
  return [...document.querySelectorAll("[data-shortcut]")].map((element) => ({
    keys: element.dataset.shortcut,
    label: element.dataset.shortcutLabel || element.getAttribute("aria-label") || element.textContent.trim(),
    group: element.dataset.shortcutGroup || t("this_page"),
    act: () => (element.matches("input, textarea, select") ? (element.focus(), element.select?.()) : element.click()),
  }));
}

const isOff = () => document.body.dataset.singleKeys === "off";

/** Whether this key may act by itself: a letter, digit or sign only for whom single keys are on; named keys always. */
export const isHeard = ({ key }) => key.length > 1 || key === " " || !isOff();

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
  const blocking = document.querySelector("dialog:modal:not(#panel)");
  if (blocking) return;
  if (!isHeard(event) || (event.key.length > 1 && !["Enter", "Escape"].includes(event.key))) return;
  clearTimeout(timer);
  timer = setTimeout(() => { typed = []; }, PAUSE_MS);
  typed = [...typed, event.key].slice(-2);
  const known = [...declared(), ...ours.filter(({ act, when }) => act && when())];
  const fitting = [typed.join(" "), event.key].flatMap((wanted) => known.filter(({ keys }) => keys === wanted));
  if (!fitting.some(({ act }) => act(event) !== false)) return;
  typed = [];
  event.preventDefault();
});

function showSheet() {
  const sheet = document.getElementById("shortcuts");
  const groups = new Map();
  for (const entry of listed()) groups.set(entry.group, [...(groups.get(entry.group) ?? []), entry]);
  sheet.querySelector(".shortcut-groups").replaceChildren(...[...groups].map(([name, entries]) =>
    h("section", {}, h("h3", {}, name), ...entries.map(({ label, keys }) =>
      h("div", { class: `shortcut-row${isLetters(keys) ? " is-letters" : ""}` }, h("span", {}, label),
        h("span", { class: "shortcut-keys" }, ...keyCaps(keys)))))));
  const single = sheet.querySelector("[data-single-keys]");
  if (single) single.checked = !isOff();
  sheet.showModal();
}
/** Keys as they are printed: small letters as capitals; a capital that stands alone needs Shift. */
export const keyCaps = (keys) => keys.split(" ").map((key) => h("kbd", {}, /^[A-Z]$/.test(keys) ? `⇧${key}` : key.length === 1 ? key.toUpperCase() : key));
const isLetters = (keys) => keys.split(" ").every((key) => key.length === 1 && !/[←→↑↓]/.test(key));
const listed = () => {
  const seen = new Set();
  const known = [...declared(), ...scripted()];
  const here = [...known.filter(({ group }) => group === t("this_page")), ...known.filter(({ group }) => group === t("keys_list") || group === t("keys_board")), ...known];
  const single = new Set(known.map(({ keys }) => keys));
  const isTaken = (keys) => / /.test(keys) && isLetters(keys) && single.has(keys.split(" ")[0]); // the first of both acts at once here
  return here.filter(({ keys, label, group, isHidden }) => label && !isHidden && !isTaken(keys) && !seen.has(`${group} ${keys}`) && seen.add(`${group} ${keys}`));
};

shortcut("?", t("show_shortcuts"), showSheet, { group: t("general") });
document.addEventListener("click", (event) => event.target.closest("[data-show-shortcuts]") && showSheet());
document.addEventListener("change", ({ target }) => {
  if (target.matches("input[data-single-keys]")) document.body.dataset.singleKeys = target.checked ? "on" : "off"; // and its form keeps it
});
