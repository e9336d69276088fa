/**
 * Lists of records (templates/records/_table.html): groups that open, the dialog of columns, the filter builder. Each
 * hears the document, so that what is swapped in needs no wiring; the builder is fetched when it is first opened.
 */
import "./selecting.js";
import "./walking.js";

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const head = target?.closest(".group-open");
  const mover = target?.closest("[data-move]");
  const build = target?.closest("[data-build]");
  if (head) {
    const rows = document.getElementById(head.getAttribute("aria-controls"));
    rows.hidden = !rows.hidden;
    head.setAttribute("aria-expanded", String(!rows.hidden));
  } else if (mover) {
    move(mover.closest("li"), Number(mover.dataset.move));
    mover.focus();
  } else if (build) import("./builder.js").then(({ open }) => open(build));
});

function move(entry, by) {
  const other = by < 0 ? entry.previousElementSibling : entry.nextElementSibling;
  if (other) other[by < 0 ? "before" : "after"](entry);
}

// One short parameter instead of one for each column.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-columns]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const data = new FormData(form);
  const columns = data.getAll("columns").join(",");
  data.delete("columns");
  const address = new URLSearchParams(data);
  if (columns) address.set("columns", columns);
  location.assign(`${form.action.split("?")[0]}?${address}`);
}, true);
