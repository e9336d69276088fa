/**
 * One field changed where it stands (crm/record_cells.py). A click on a cell, or Enter on its button, brings the
 * control of the form; Enter saves, Escape leaves it as it was, Tab saves and goes on to the next cell. Whatever the answer
 * is (the value, the control with its message, both sides of a conflict), it takes the place of the cell.
 */
import htmx from "htmx.org";
import { hold } from "../js/ahead.js";
import { h, icon, isTyping, t } from "../js/dom.js";
import { isHeard } from "../js/shortcuts.js";

const cells = (root) => [...root.querySelectorAll("[data-cell]")];
const cellOf = (target) => (target instanceof Element ? target.closest("[data-cell]") : null);
const before = new WeakMap(); // form → the cell that it stands in for
const goingOn = new Map(); // address of the cell that is being saved → how far to go when it is saved
const CONTROL = "input:not([type=hidden]):not([data-cell-leave]), select, textarea";

/** What Tab walks through: the properties of one record, the rows of one table. */
const areaOf = (cell) => cell.closest("table, [data-cells]") || document.body;

function swap(verb, url, cell) {
  return htmx.ajax(verb, url, { source: cell, target: cell, swap: "outerHTML" });
}

export async function edit(cell) {
  if (!cell || cell.matches("form") || cell.dataset.busy) return;
  cell.dataset.busy = "1";
  const fold = cell.closest("details:not([open])");
  if (fold) fold.open = true;
  const kept = cell.cloneNode(true);
  delete kept.dataset.busy;
  const { parentElement } = cell;
  const at = [...parentElement.children].indexOf(cell);
  const release = hold(cell);
  await swap("get", cell.dataset.cell, cell).catch(() => {}); // no line: net.js says so, and the cell can be asked again
  const form = parentElement.children[at];
  if (form?.matches("form[data-cell]")) {
    before.set(form, kept);
    begin(form);
  } else delete cell.dataset.busy;
  release();
}

function begin(form) {
  const wrong = form.querySelector("[aria-invalid=true]");
  const control = wrong || form.querySelector(CONTROL) || form.querySelector("button");
  control?.focus();
  if (control?.matches("input:is([type=text], [type=tel], [type=url], [type=email])") && !wrong) control.select?.();
}

function leave(form, { focus = true, step = 0 } = {}) {
  const kept = before.get(form);
  if (!kept) { // drawn by a refusal: the server says what stands there, and htmx:load goes on
    if (step) goingOn.set(form.dataset.cell, step);
    swap("get", `${form.dataset.cell}/shown`, form).catch(() => {});
    return;
  }
  form.replaceWith(kept);
  if (step) goOn(kept, step);
  else if (focus) kept.querySelector(".cell-edit")?.focus();
}

function save(form, step = 0) {
  if (step) goingOn.set(form.dataset.cell, step);
  else goingOn.delete(form.dataset.cell); // of a step that the browser kept from going
  form.requestSubmit();
}

/** What is typed while a field is saved is meant for the next; if it was refused there is none to have it. */
document.addEventListener("htmx:beforeSend", ({ detail: { elt, xhr, requestConfig } }) => {
  if (requestConfig.verb !== "post" || !elt.matches("form[data-cell]")) return;
  const release = hold(elt);
  // The answer is drawn by then, and the next asked for; there is none without a line, an answer for this place, or consent.
  xhr.addEventListener("loadend", () => release(!elt.isConnected && !isRefused(elt.dataset.cell)));
});
const isRefused = (address) => document.querySelector(`form[data-cell="${address}"]`) !== null;

function goOn(cell, step) {
  const all = cells(areaOf(cell));
  const next = all[all.indexOf(cell) + step];
  if (next) edit(next);
  else cell.querySelector(".cell-edit")?.focus();
}

/** A date that is half typed is no change to the browser, but one to who typed it: it is told what is missing. */
const isHalf = (form) => [...form.elements].some((control) => control.validity.badInput);
const isChanged = (form) => "changed" in form.dataset || form.matches("[data-conflict]") || isHalf(form);

/** Cells of lists become such when their row is pointed at or reached: their markup stays small, a page has hundreds. */
function wake(row) {
  for (const place of row.querySelectorAll("td[data-edit]:not(:has([data-cell]))")) {
    const value = h("div", { class: "cell-value" });
    value.append(...place.childNodes);
    place.replaceChildren(h("div", { class: "cell", "data-cell": place.dataset.edit }, value,
      h("button", { type: "button", class: "cell-edit", tabindex: "-1", "aria-label": t("edit") }, icon("pencil", "icon-sm"))));
  }
  return row.querySelector("[data-cell]");
}
const rowOf = (target) => (target instanceof Element ? target.closest("tr:has(> td[data-edit])") : null);
document.addEventListener("pointerover", ({ target, pointerType }) => pointerType === "mouse" && rowOf(target) && wake(rowOf(target)));
document.addEventListener("keydown", (event) => {
  const row = event.key === "e" && isHeard(event) && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target) ? rowOf(event.target) : null;
  if (!row) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  edit(wake(row));
}, true);

document.addEventListener("click", (event) => {
  const cell = cellOf(event.target);
  if (!cell || event.defaultPrevented) return;
  if (event.target.closest("[data-cell-leave]")) leave(cell);
  else if (event.target.closest("[data-cell-theirs]")) swap("get", `${cell.dataset.cell}/shown`, cell);
  else if (!cell.matches("form") && !event.target.closest("a, summary") && !String(getSelection())) edit(cell);
});

document.addEventListener("keydown", (event) => {
  const form = cellOf(event.target);
  if (event.defaultPrevented || event.isComposing || !form?.matches("form")) return;
  const { target } = event;
  if (event.key === "Escape") {
    event.preventDefault(); // or the panel around it would close, too
    event.stopPropagation();
    leave(form);
  } else if (event.key === "Enter" && !target.matches("button") && (!target.matches("textarea") || event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    save(form);
  } else if (event.key === "Tab" && !form.matches("[data-conflict]")) {
    const controls = [...form.querySelectorAll(CONTROL)].filter((control) => control.checkVisibility?.() ?? true);
    if (target !== (event.shiftKey ? controls[0] : controls.at(-1))) return;
    event.preventDefault();
    const step = event.shiftKey ? -1 : 1;
    if (isChanged(form)) save(form, step);
    else leave(form, { step });
  }
});

// A choice made with the mouse is a decision; one made with the arrow keys may be on its way to another.
let pointed = false;
document.addEventListener("pointerdown", () => { pointed = true; }, true);
document.addEventListener("keydown", () => { pointed = false; }, true);
document.addEventListener("change", ({ target }) => {
  const form = cellOf(target);
  if (form?.matches("form") && pointed && target.matches("select, [type=checkbox]:only-of-type") && form.matches(".cell-choice, .cell-user, .cell-check")) save(form);
});

// Whoever clicks elsewhere has finished: what was changed is saved, what was not goes back.
document.addEventListener("pointerdown", ({ target }) => {
  for (const form of document.querySelectorAll("form.cell-editing[data-cell]")) {
    if (form.contains(target) || target.closest?.(".toasts")) continue;
    if (isChanged(form)) save(form);
    else leave(form, { focus: false });
  }
});

// A conflict is an answer with a bad status that belongs into the page all the same.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status !== 409 || detail.xhr.getResponseHeader("X-Fragment") !== "cell") return;
  detail.shouldSwap = true;
  detail.isError = false;
});

document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  if (!elt.matches?.("[data-cell]")) return;
  const step = goingOn.get(elt.dataset.cell);
  goingOn.delete(elt.dataset.cell);
  if (elt.matches("form.cell-conflict")) elt.querySelector("button")?.focus();
  else if (elt.matches("form")) begin(elt); // refused: the message stands beside it
  else if (step) goOn(elt, step);
  else if (!isTyping(document.activeElement) && document.activeElement === document.body) elt.querySelector(".cell-edit")?.focus();
});

/** The server says what changed: the same field elsewhere on the page, and the record's name, follow. */
document.addEventListener("fieldChanged", ({ detail: { cell, record, title } }) => {
  for (const other of document.querySelectorAll("[data-cell]")) {
    if (other.dataset.cell === cell && !other.matches("form")) swap("get", `${cell}/shown`, other);
  }
  for (const name of document.querySelectorAll(`[data-title-of="${record}"]`)) name.textContent = title;
});
