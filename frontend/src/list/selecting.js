/**
 * Rows chosen by their boxes (Shift takes all between two), and the bar of what can be done with them. The boxes are the
 * truth; "all of this list" means the rows that nobody has loaded, too, and is over as soon as one box is cleared.
 */
import htmx from "htmx.org";
import { confirm } from "../js/dialogs.js";
import { t } from "../js/dom.js";
import { shortcut } from "../js/shortcuts.js";

const boxes = () => [...document.querySelectorAll("[data-picks] [data-pick]")];
const bar = () => document.getElementById("bulk-bar");
const ids = () => boxes().filter((box) => box.checked).map((box) => box.value);
const EXPORTED = 200; // so many ids an address may name
let last = null;
let isAll = false;

const number = (count) => new Intl.NumberFormat(document.documentElement.lang || undefined).format(count);
const said = (text, count) => text.replace("{n}", number(count));

function show() {
  const host = bar();
  if (!host) return;
  const every = boxes();
  const chosen = every.filter((box) => box.checked);
  if (chosen.length < every.length) isAll = false;
  const total = Number(host.dataset.total || 0);
  const count = isAll ? total : chosen.length;
  if (!count && host.contains(document.activeElement)) (last?.isConnected ? last : document.querySelector("[data-pick-all]"))?.focus(); // before its bar goes
  const comes = host.hidden && count > 0;
  host.hidden = !count;
  if (comes) document.activeElement?.closest("#list :is(tr, li)")?.scrollIntoView({ block: "nearest" }); // not below it
  host.querySelector(".bulk-count").textContent = count ? said(host.querySelector(".bulk-count").dataset.one, count) : "";
  const all = host.querySelector('[data-bulk="all"]');
  all.hidden = isAll || chosen.length < every.length || total <= every.length;
  all.textContent = said(all.dataset.text, total);
  for (const button of host.querySelectorAll('[data-bulk="merge"]')) button.disabled = isAll || count < 2 || count > 10;
  for (const button of host.querySelectorAll('[data-bulk="export"]')) button.disabled = !isAll && count > EXPORTED;
  const head = document.querySelector("[data-pick-all]");
  head.checked = chosen.length > 0 && chosen.length === every.length;
  head.indeterminate = chosen.length > 0 && chosen.length < every.length;
}

function select(some, wanted) {
  for (const box of some) box.checked = wanted;
  show();
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const box = target?.closest("[data-pick]");
  if (box) {
    const every = boxes();
    if (event.shiftKey && last?.isConnected && last !== box) {
      const [from, to] = [every.indexOf(last), every.indexOf(box)].sort((a, b) => a - b);
      for (const between of every.slice(from, to + 1)) between.checked = box.checked;
    }
    last = box;
    show();
  } else if (target?.closest("[data-pick-all]")) select(boxes(), target.checked);
  else if (target?.closest("[data-bulk]")) act(target.closest("[data-bulk]"));
});

// Shift with a click on a label or a box would mark text.
document.addEventListener("mousedown", (event) => event.shiftKey && event.target.closest?.("[data-pick]") && event.preventDefault());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && bar() && !bar().hidden && !document.querySelector("dialog[open]")) select(boxes(), false);
});

// The bar stands below rows full of links: a key leads there.
function enterBar() {
  const button = bar()?.checkVisibility() && bar().querySelector(".bulk-actions button:not(:disabled)");
  if (!button) return false;
  button.focus({ focusVisible: true });
}
shortcut("b", t("key_bulk"), enterBar, { group: t("keys_list"), when: () => bar()?.hidden === false });

const meant = () => (isAll ? { all: "1", address: location.search.slice(1) } : { ids: ids().join(",") });

async function act(button) {
  const { bulk: action, url } = button.dataset;
  const host = bar();
  const count = isAll ? Number(host.dataset.total) : ids().length;
  if (action === "none") return select(boxes(), false);
  if (action === "all") {
    isAll = true;
    show();
    return host.querySelector(".bulk-actions button:not(:disabled)").focus(); // this one is hidden now
  }
  if (action === "merge") return location.assign(`${url}?ids=${ids().join(",")}`);
  if (action === "export") return location.assign(isAll ? `${url}${location.search}` : `${url}?id[in]=${ids().join(",")}`);
  const { question, more, yes } = button.dataset;
  const values = { ...meant(), action };
  if (action !== "delete") return htmx.ajax("post", host.dataset.ask, { target: "#modal-body", swap: "innerHTML", values });
  if (!(await confirm({ text: said(question, count), more, action: yes }))) return;
  htmx.ajax("post", host.dataset.change, { source: host, target: "#modal-body", swap: "innerHTML", values }); // of the page itself, it would keep the list waiting for its end
}

/** The bar from which something was done is gone: who works by keys goes on at the row chosen last, or the one in its place. */
function resume({ value, place }) {
  if (![document.body, document.getElementById("main")].includes(document.activeElement)) return;
  const every = boxes();
  const box = every.find((other) => other.value === value) ?? every[Math.min(place, every.length - 1)];
  box?.closest("tr, li").querySelector(".cell-main a, a.task-title")?.focus({ preventScroll: true });
}

// What was changed is drawn anew where one stands; the selection is over.
document.addEventListener("listChanged", async () => {
  isAll = false;
  if (document.getElementById("list")) {
    const here = last?.isConnected && { value: last.value, place: boxes().indexOf(last) };
    await htmx.ajax("get", location.pathname + location.search, { target: "#list", swap: "outerHTML", select: "#list", selectOOB: "#list-lead" });
    if (here) setTimeout(resume, 0, here); // a dialog that closes gives the focus first
  } else if (document.querySelector(".bulk-progress")) location.reload();
});
document.addEventListener("htmx:afterSettle", show);
addEventListener("pageshow", show);
