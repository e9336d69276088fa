/**
 * Keyboard shortcuts. Most are declared where they act: <a data-shortcut="g c" data-shortcut-label="…"> is followed,
 * clicked or focused when the keys are typed one after the other. Scripts add theirs with `shortcut`. "?" lists them all.
 */
import { h, isTyping, t } from "./dom.js";

const scripted = [];
const PAUSE_MS = 900;
let typed = [];
let timer;

/** Register `keys` ("j", "g c", "?"). `act` may return false to let the browser have the key. */
export function shortcut(keys, label, act, { group = t("this_page"), hidden = false } = {}) {
  scripted.push({ keys, label, act, group, hidden });
}

function declared() {
  return [...document.querySelectorAll("[data-shortcut]")].map((element) => ({
    keys: element.dataset.shortcut,
    label: element.dataset.shortcutLabel || element.getAttribute("aria-label") || element.textContent.trim(),
    group: element.dataset.shortcutGroup || t("this_page"),
    act: () => (element.matches("input, textarea, select") ? (element.focus(), element.select?.()) : element.click()),
  }));
}

const all = () => [...declared(), ...scripted];

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
  const blocking = document.querySelector("dialog:modal");
  if (blocking && blocking.id !== "panel") return;
  if (event.key.length > 1 && !["Enter", "Escape"].includes(event.key)) return;
  clearTimeout(timer);
  timer = setTimeout(() => { typed = []; }, PAUSE_MS);
  typed = [...typed, event.key].slice(-2);
  const known = all();
  const found = known.find(({ keys }) => keys === typed.join(" ")) || known.find(({ keys }) => keys === event.key);
  if (!found || found.act(event) === false) return;
  typed = [];
  event.preventDefault();
});

function showSheet() {
  const sheet = document.getElementById("shortcuts");
  const groups = Map.groupBy ? Map.groupBy(listed(), (entry) => entry.group) : new Map([[t("shortcuts"), listed()]]);
  sheet.querySelector(".shortcut-groups").replaceChildren(...[...groups].map(([name, entries]) =>
    h("section", {}, h("h3", {}, name), ...entries.map(({ label, keys }) =>
      h("div", { class: "shortcut-row" }, h("span", {}, label),
        h("span", { class: "shortcut-keys" }, ...keys.split(" ").map((key) => h("kbd", {}, key.length === 1 ? key.toUpperCase() : key))))))));
  sheet.showModal();
}
const listed = () => {
  const seen = new Set();
  return all().filter(({ keys, hidden }) => !hidden && !seen.has(keys) && seen.add(keys));
};

shortcut("?", t("show_shortcuts"), showSheet, { group: t("general") });
document.addEventListener("click", (event) => event.target.closest("[data-show-shortcuts]") && showSheet());
