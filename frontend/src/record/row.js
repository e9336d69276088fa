/**
 * The row of a record in a list follows what is changed of it, in the row or beside it (side panel, "Undo"): it is drawn
 * anew by the server, for a value may stand in several columns. Its name is changed where it stands with F2 or the pencil.
 */
import htmx from "htmx.org";
import { h, icon, isTyping, t } from "../js/dom.js";
import { edit } from "./inline.js";

const SETTLE_MS = 150; // until the cell that was saved is swapped, and Tab has opened the next
const BUSY_MS = 400; // while somebody writes in the row, or it waits for an answer, it is looked at again
const tableOf = (row) => row.closest("table[data-picks]");
const isBusy = (row) => row.querySelector("form[data-cell], [data-cell][data-busy], .htmx-request");

/** What draws a row anew: a table's is part of its list, a task elsewhere is the same on every page. */
function addressOf(row) {
  if (row.matches("li")) return `/tasks/${row.dataset.task}/row`;
  const address = new URL(location.href);
  for (const name of ["cursor", "part", "groups"]) address.searchParams.delete(name);
  address.searchParams.set("row", row.dataset.id);
  return address.pathname + address.search;
}

async function refresh(row) {
  if (!row.isConnected) return;
  if (isBusy(row)) return setTimeout(refresh, BUSY_MS, row);
  const answer = await fetch(addressOf(row), { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || !row.isConnected) return;
  const made = document.createElement("template");
  made.innerHTML = await answer.text(); // our own template, escaped there
  const fresh = made.content.querySelector("tr, li");
  if (isBusy(row)) return setTimeout(refresh, BUSY_MS, row);
  if (!fresh) return row.classList.add("is-gone"); // no longer of this list; it stays until that is opened again
  const hadFocus = row.contains(document.activeElement);
  const field = hadFocus && document.activeElement.closest("td")?.dataset.field;
  for (const name of ["is-previewed", "task-marked"]) fresh.classList.toggle(name, row.classList.contains(name));
  const box = fresh.querySelector("[data-pick]");
  if (box) box.checked = row.querySelector("[data-pick]")?.checked;
  row.replaceWith(fresh);
  htmx.process(fresh);
  if (hadFocus) focusOn(fresh, field);
}

function focusOn(row, field) {
  row.dispatchEvent(new PointerEvent("pointerover", { bubbles: true, pointerType: "mouse" })); // its cells wake
  const place = field && row.querySelector(`td[data-field="${CSS.escape(field)}"] .cell-edit`);
  (place || row.querySelector(".cell-main a, a.task-title"))?.focus({ preventScroll: true });
}

const rowsOf = (record) => {
  const [type, id] = record.split(":");
  return document.querySelectorAll(`table[data-picks="${type}"] tr[data-id="${id}"]${type === "task" ? `, li[data-task="${id}"]` : ""}`);
};
const waiting = new Map();
document.addEventListener("fieldChanged", ({ detail: { record } }) => {
  clearTimeout(waiting.get(record));
  waiting.set(record, setTimeout(() => rowsOf(record ?? "").forEach((row) => refresh(row)), SETTLE_MS));
});

// --- The name

/** The names of the fields that name a record: one, but a person has two. */
const namesOf = (row) => tableOf(row)?.dataset.rename?.split(" ") ?? [];
const rowOf = (target) => (target instanceof Element ? target.closest("table[data-rename] > tbody > tr[data-id]:not(.is-gone)") : null);

function rename(row) {
  const cell = row.querySelector(".cell-main");
  if (!cell || isBusy(row)) return;
  const home = `${tableOf(row).dataset.home}/${row.dataset.id}/field`;
  const cells = namesOf(row).map((name) => h("div", { class: "cell", "data-cell": `${home}/${name}` }, h("div", { class: "cell-value" }), h("button", { type: "button", class: "cell-edit", tabindex: "-1", "aria-label": t("edit") }, icon("pencil", "icon-sm"))));
  const names = h("div", { class: "name-cells" }, ...cells);
  const kept = [...cell.childNodes];
  cell.replaceChildren(names);
  cells.forEach((each) => { each.querySelector(".cell-value").textContent = ""; });
  edit(cells[0]);
  const watch = new MutationObserver(() => setTimeout(() => {
    if (!names.isConnected) return watch.disconnect();
    if (isBusy(row)) return;
    watch.disconnect();
    const hadFocus = names.contains(document.activeElement) || document.activeElement === document.body;
    cell.replaceChildren(...kept);
    if (hadFocus) cell.querySelector("a")?.focus({ preventScroll: true });
  }, 2 * SETTLE_MS / 3));
  watch.observe(names, { childList: true, subtree: true });
}

document.addEventListener("pointerover", ({ target, pointerType }) => {
  const row = pointerType === "mouse" && rowOf(target);
  const cell = row && row.querySelector(".cell-main");
  if (!cell || cell.querySelector(".row-rename, form")) return;
  const button = h("button", { type: "button", class: "btn btn-square btn-quiet btn-sm row-rename", tabindex: "-1", "aria-label": t("key_rename"), title: `${t("key_rename")} (F2)` }, icon("pencil", "icon-sm"));
  (cell.querySelector(".row-preview") || cell.firstChild).before(button);
});
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest(".row-rename");
  if (!button) return;
  event.preventDefault();
  rename(rowOf(button));
});
document.addEventListener("keydown", (event) => {
  const row = event.key === "F2" && !isTyping(event.target) ? rowOf(event.target) : null;
  if (!row) return;
  event.preventDefault();
  rename(row);
});
