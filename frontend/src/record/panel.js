/**
 * A record in the side panel, over the list it stands in. `data-preview` on a button is the address of the fragment; its row
 * takes part in "next" and "previous". The panel is a step of the history: back closes it, forward and reload open it again.
 */
import htmx from "htmx.org";
import { isTyping } from "../js/dom.js";
import { isHeard } from "../js/shortcuts.js";

const panel = document.getElementById("panel");
const HASH = "#panel=";
const shown = () => panel?.querySelector("[data-panel]")?.dataset.panel;
let last = null; // what was shown, when the step back has already taken it from the address
const wanted = () => (location.hash.startsWith(HASH) ? decodeURIComponent(location.hash.slice(HASH.length)) : null);
const all = () => [...document.querySelectorAll("main [data-preview]")].filter((button) => button.checkVisibility?.({ visibilityProperty: false }) ?? true);
const rowOf = (button) => button.closest("tr, li");

function mark(url) {
  for (const row of document.querySelectorAll(".is-previewed")) row.classList.remove("is-previewed");
  const row = url && rowOf(all().find((button) => button.dataset.preview === url) || document.body);
  row?.classList.add("is-previewed");
  row?.scrollIntoView({ block: "nearest" });
}

/** Only our own records: the address stands in the hash, which anybody can write into a link. */
const isRecord = (url) => /^\/[a-z]+\/\d+\/panel$/.test(url || "");

async function load(url) {
  if (!isRecord(url)) return;
  await htmx.ajax("get", url, { target: "#panel-body", swap: "innerHTML" });
  last = url;
  document.getElementById("panel-body").scrollTop = 0;
  mark(url);
}

function open(url) {
  if (wanted()) history.replaceState({ panel: url }, "", HASH + encodeURIComponent(url));
  else history.pushState({ panel: url, isOurs: true }, "", HASH + encodeURIComponent(url));
  return load(url);
}

function step(by) {
  const buttons = all();
  const at = buttons.findIndex((button) => button.dataset.preview === shown());
  const next = buttons[at + by];
  if (next) open(next.dataset.preview);
  else if (by > 0) document.querySelector("#load-more a")?.click(); // the rows that come are there at the next key
}

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  const button = event.target.closest("[data-preview]");
  const move = event.target.closest("[data-panel-step]");
  if (button) {
    event.preventDefault();
    open(button.dataset.preview);
  } else if (move) step(Number(move.dataset.panelStep));
});

// Before the page's own shortcuts, which know j and k as something else.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !isHeard(event)) return;
  if (panel?.open) {
    if (document.querySelector("dialog:modal:not(#panel)")) return;
    const by = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    const onButton = event.target.closest?.("[role=listbox], summary");
    if (by && !onButton) step(by);
    else if (event.key === "o") panel.querySelector("[data-panel-expand]")?.click();
    else return;
  } else if (event.key === " " && !event.target.closest?.("button, input, summary")) {
    const button = event.target.closest?.("main tr, main li")?.querySelector("[data-preview]");
    if (!button) return;
    open(button.dataset.preview);
  } else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

panel?.addEventListener("close", () => {
  mark(null);
  document.getElementById("panel-tools")?.replaceChildren();
  const from = all().find((button) => button.dataset.preview === last);
  if (!wanted()) { // by the way back: the browser gives the focus to what had it, if this page has seen that
    if (document.activeElement === document.body) from?.focus();
    return;
  }
  if (history.state?.isOurs) history.back();
  else history.replaceState(null, "", location.pathname + location.search);
  from?.focus();
});

addEventListener("popstate", () => {
  const url = wanted();
  if (url) load(url);
  else if (panel?.open) panel.close();
});

if (panel && wanted()) load(wanted());
