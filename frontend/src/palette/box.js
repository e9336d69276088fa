/**
 * The palette's dialog: a combobox over a listbox (WAI-ARIA). The focus stays in the field; arrows choose, Enter does it.
 * What the page itself offers is drawn with each letter; what the server finds takes its place when it comes.
 */
import { h, icon, letterOf } from "../js/dom.js";
import { isMac, keyCaps } from "../js/shortcuts.js";
import { Asking } from "./asking.js";
import { commands } from "./commands.js";
import { closeness, meant } from "./matching.js";

const dialog = document.getElementById("palette");
const field = dialog.querySelector("[role=combobox]");
const list = dialog.querySelector("[role=listbox]");
const status = dialog.querySelector("[role=status]");
const words = JSON.parse(dialog.dataset.words);
const asking = new Asking(dialog.dataset.url, answered);
const atHand = new Asking(dialog.dataset.url, nearCame); // not given up for what is typed
const MOST = { page: 6, new: 5, go: 6, general: 4, field: 4, favourites: 6 };

let offers = []; // the page's commands, as they were when the palette opened
let near = { recent: [], favourites: [], places: [], makes: [] };
let hits = { q: "", items: [], isSure: true }; // not sure: they have some of the words only
let shown = []; // the entries of the list, in their order
let at = 0;
let hasMoved = false; // somebody chose: no answer takes that away
let isWanted = false; // Enter came before the answer

const typed = () => field.value.trim();

/** The dialog was opened. */
export function show() {
  offers = commands(words);
  draw();
  atHand.ask("", { isUrgent: true });
  if (typed()) changed(); // somebody was faster than this script
}

// --- What is listed

const record = (item) => ({ ...item, isRecord: true });
const some = (group, entries, most = MOST[group]) => entries.filter((entry) => entry.group === group).slice(0, most);

function untyped() {
  const recent = near.recent.filter(({ url }) => url !== location.pathname);
  const listed = new Set(recent.map(({ id }) => id));
  return [
    [words.recent, recent.map(record)],
    [words.page, some("page", offers, 8)],
    [words.favourites, near.favourites.filter(({ id }) => !listed.has(id)).slice(0, MOST.favourites).map(record)],
    [words.new, some("new", offers)],
    [words.go, some("go", offers, 12)],
  ];
}

/** The name of the best record decides whether records or commands come first: who types a name wants the person. */
function forText(q) {
  const places = near.places.map((place) => ({ ...place, group: "go", keys: "" }));
  const fitting = meant(q, [...offers, ...places]);
  const best = hits.items.length ? Math.max(1, closeness(q, hits.items[0].name.map(([text]) => text).join(""))) : 0;
  const groups = [
    [words.records, hits.items.map(record), best + 0.5],
    ...["page", "field", "new", "go", "general"].map((group) => {
      const entries = some(group, fitting);
      const closest = entries[0]?.closeness ?? 0;
      return [words[group], entries, q.length < 3 ? Math.min(closest, 1) : closest];
    }),
  ];
  groups.sort((a, b) => b[2] - a[2]);
  const withText = [words.more, [...more(q), ...begun(q)]];
  return hits.isSure || groups[0][2] >= 2 ? [...groups, withText] : [withText, ...groups];
}

function more(q) {
  const all = { text: words.search_all.replace("{q}", q), icon: "search", url: `${dialog.dataset.search}?q=${encodeURIComponent(q)}` };
  const ask = { text: words.ask.replace("{q}", q), icon: "message-circle", keys: isMac ? "⌘ J" : "Ctrl J", act: () => askAssistant(q) };
  if (!document.querySelector("afterword-chat")) return [all];
  return q.split(/\s+/).length < 3 ? [all, ask] : [ask, all]; // a sentence
}

/** A new record that begins with what was typed. */
function begun(q) {
  if (q.length < 2 || /^[\d+\s().-]+$/.test(q)) return [];
  return near.makes.map(({ text, url, fields, icon: name }) => {
    const cut = fields.length > 1 ? q.lastIndexOf(" ") : -1;
    const values = cut > 0 ? [q.slice(0, cut), q.slice(cut + 1)] : [q];
    const address = new URLSearchParams(values.map((value, i) => [fields[i], value]));
    return { text: text.replace("{q}", q), icon: name, url: `${url}?${address}` };
  });
}

function askAssistant(text) {
  document.dispatchEvent(new CustomEvent("chat:ask", { detail: { text } }));
}

// --- Drawing

function draw() {
  const q = typed();
  const groups = (q ? forText(q) : untyped()).filter(([, entries]) => entries.length);
  shown = groups.flatMap(([, entries]) => entries);
  let index = 0;
  list.replaceChildren(...groups.map(([name, entries], number) => {
    const head = h("div", { class: "palette-head", id: `palette-g${number}` }, name);
    return h("div", { role: "group", "aria-labelledby": head.id }, head, ...entries.map((entry) => row(entry, index++)));
  }));
  dialog.querySelector(".palette-none").hidden = !q || asking.isWaiting || hits.items.length > 0;
  field.setAttribute("aria-expanded", String(shown.length > 0));
  if (!hasMoved) at = 0;
  mark(Math.min(at, shown.length - 1), { isQuiet: !hasMoved });
}

function row(entry, index) {
  const name = entry.isRecord ? marked(entry.name) : [entry.text];
  const side = entry.isRecord ? h("span", { class: "palette-kind" }, entry.kind) : keysOf(entry.keys);
  return h(entry.url ? "a" : "div", { class: "palette-row", role: "option", id: `palette-${index}`, "data-index": index, href: entry.url, tabindex: "-1", "aria-selected": "false" },
    icon(entry.icon), h("span", { class: "palette-text" }, h("span", { class: "palette-name" }, h("bdi", {}, ...name)),
      entry.sub?.length ? h("small", {}, h("bdi", {}, ...marked(entry.sub))) : null), side);
}

const marked = (parts) => parts.map(([text, isMatch]) => (isMatch ? h("b", {}, text) : text));
const keysOf = (keys) => (keys ? h("span", { class: "palette-keys", "aria-hidden": "true" }, ...keyCaps(keys)) : null);

function mark(index, { isQuiet = false } = {}) {
  list.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
  at = index;
  const option = document.getElementById(`palette-${index}`);
  if (!option) return field.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  field.setAttribute("aria-activedescendant", option.id);
  if (isQuiet) list.scrollTop = 0;
  else option.scrollIntoView({ block: "nearest" });
}

// --- What comes in

function nearCame(_q, answer) {
  near = answer ?? near;
  if (!hasMoved) draw();
}

function answered(q, answer) {
  if (q !== typed()) return;
  hits = { q, items: answer?.found ?? [], isSure: answer?.sure ?? true };
  draw();
  status.textContent = answer ? (hits.items.length === 1 ? words.found_one : words.found.replace("{n}", hits.items.length)) : words.unreachable;
  dialog.querySelector(".palette-none").textContent = answer ? words.none : words.unreachable;
  if (isWanted) perform(shown[at]);
}

function changed() {
  hasMoved = false;
  isWanted = false;
  const q = typed();
  if (!q) {
    asking.stop();
    hits = { q, items: [], isSure: true };
  } else asking.ask(q);
  draw();
}

function perform(entry, { isAside = false } = {}) {
  if (!entry) return;
  if (entry.url && isAside) return window.open(entry.url, "_blank", "noopener");
  dialog.close(); // gives the focus back first; what follows may take it
  if (entry.act) entry.act();
  else location.assign(entry.url);
}

field.addEventListener("input", changed);

dialog.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 6, PageUp: -6 }[event.key];
  if (step && shown.length) {
    const isWhole = Math.abs(step) === 1; // single steps go round
    hasMoved = true;
    mark(isWhole ? (at + step + shown.length) % shown.length : Math.max(0, Math.min(shown.length - 1, at + step)));
  } else if (event.key === "Enter" && event.target === field) {
    if (asking.isWaiting && !hasMoved && !(shown[at]?.closeness >= 2)) isWanted = true; // Enter means what was typed
    else perform(shown[at], { isAside: event.ctrlKey || event.metaKey });
  } else if (letterOf(event) === "j" && (event.ctrlKey || event.metaKey) && typed()) {
    const text = typed();
    dialog.close();
    askAssistant(text);
  } else return;
  event.preventDefault();
  event.stopPropagation();
});

list.addEventListener("pointermove", ({ target }) => {
  const option = target.closest("[role=option]");
  if (!option || Number(option.dataset.index) === at) return;
  hasMoved = true;
  const { scrollTop } = list;
  mark(Number(option.dataset.index));
  list.scrollTop = scrollTop;
});
list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
list.addEventListener("click", (event) => {
  const option = event.target.closest("[role=option]");
  if (!option || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  perform(shown[Number(option.dataset.index)]);
});
// What was on its way and opens as a dialog now would lie above the palette.
document.addEventListener("htmx:afterSwap", ({ detail: { target } }) => dialog.open && ["modal-body", "panel-body"].includes(target.id) && dialog.close(), true);
dialog.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
dialog.addEventListener("close", () => {
  asking.forget();
  atHand.forget();
  field.value = "";
  hits = { q: "", items: [], isSure: true };
  hasMoved = false;
  isWanted = false;
  status.textContent = "";
});
