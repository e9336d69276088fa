/** My day by keyboard: j and k move, and each key does one thing to the task that is marked. */
import { t } from "../js/dom.js";
import { shortcut } from "../js/shortcuts.js";

const day = () => document.getElementById("day");
const rows = () => [...day().querySelectorAll("[data-task]")];
let marked = null; // the id of the task that keys are for
let place = 0;

function mark(row, { focus = true } = {}) {
  for (const other of rows()) {
    other.classList.toggle("task-marked", other === row);
    other.tabIndex = other === row ? 0 : -1;
  }
  if (!row) return;
  marked = row.dataset.task;
  place = rows().indexOf(row);
  if (focus) row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

/** What the side panel shows is meant, where it is open; else what is marked. */
const current = () => rows().find((row) => row.matches(".is-previewed")) ?? rows().find((row) => row.dataset.task === marked);

function move(step) {
  const all = rows();
  if (!all.length) return false;
  const at = current() ? all.indexOf(current()) + step : step > 0 ? 0 : all.length - 1;
  mark(all[Math.min(Math.max(at, 0), all.length - 1)]);
}

/** Do it to the marked task; the key is the browser's where none is. */
const withTask = (act) => () => {
  const row = current();
  if (!row) return false;
  act(row.dataset.task, row);
};

const dialog = (part) => withTask((id) => htmx.ajax("GET", `/my-day/tasks/${id}/${part}`, { target: "#modal-body", swap: "innerHTML" }));

/** A day that changed is drawn anew: the mark stays on its task, or on the one that took its place. */
function redrawn() {
  const all = rows();
  const row = current() ?? all[Math.min(place, all.length - 1)];
  const isFree = document.activeElement === document.body || !document.activeElement?.isConnected;
  if (row && marked !== null) mark(row, { focus: isFree });
  else if (all[0]) all[0].tabIndex = 0;
}

export function mount() {
  const group = t("this_page");
  const add = (keys, label, act) => shortcut(keys, label, act, { group });
  const words = JSON.parse(document.querySelector("[data-day-words]").dataset.dayWords);
  add("j", words.next, () => move(1));
  add("k", words.previous, () => move(-1));
  add("Enter", words.open, () => (document.activeElement?.matches("[data-task]") ? withTask((_id, row) => row.querySelector(".task-title").click())() : false));
  if (day().dataset.writable !== undefined) {
    add("x", words.done, withTask((_id, row) => row.querySelector("form .tick")?.click()));
    add("d", words.due, dialog("due"));
    add("a", words.assign, dialog("assign"));
    add("e", words.edit, withTask((id) => location.assign(`/tasks/${id}/edit`)));
    add("s", words.tomorrow, withTask((id, row) => {
      const next = rows()[rows().indexOf(row) + 1]; // what is put off goes down the page; whoever sorts goes on with the next
      htmx.ajax("POST", `/my-day/tasks/${id}/snooze`, { values: { until: "tomorrow" }, swap: "none", target: "body" });
      if (next) mark(next);
    }));
  }
  document.addEventListener("focusin", ({ target }) => { // on a button or a link of a row, too: keys are for the task that one is on
    const row = target.closest?.("#day [data-task]");
    if (row && row.dataset.task !== marked) mark(row, { focus: false });
  });
  document.addEventListener("htmx:afterSettle", redrawn);
  document.querySelector("[data-quick-add]")?.addEventListener("htmx:afterRequest", ({ detail, currentTarget }) => {
    if (detail.elt !== currentTarget || detail.xhr.status >= 400) return; // what was refused stays, to be mended
    currentTarget.reset();
    document.getElementById("quick-read").replaceChildren();
  });
  redrawn();
}
