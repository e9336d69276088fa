/**
 * Lists of records (templates/records/_table.html): groups that open, the dialog of columns, the filter builder. Each
 * hears the document, so that what is swapped in needs no wiring; the builder is fetched when it is first opened.
 */
import "./selecting.js";
import "./keys.js";

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const head = target?.closest(".group-open");
  const mover = target?.closest("[data-move]");
  const build = target?.closest("[data-build]");
  if (head) {
    const rows = rowsOf(head);
    rows.hidden = !rows.hidden;
    head.setAttribute("aria-expanded", String(!rows.hidden));
    keepOpened();
  } else if (mover) {
    move(mover.closest("li"), Number(mover.dataset.move));
    mover.focus();
  } else if (build) import("./builder.js").then(({ open }) => open(build));
});

/**
 * The address says how many groups are shown, which of them stand open and with how many rows, so that reload, back and
 * a copied link show the same.
 */
const AT_A_TIME = 50, ROWS_AT_A_TIME = 25; // as crm/list_page.py has them
function keepOpened() {
  const heads = [...document.querySelectorAll(".group-open")];
  const open = heads.filter((head) => head.ariaExpanded === "true").map(said);
  const url = new URL(location.href);
  url.searchParams.delete("opened");
  if (open.length !== 1 || open[0] !== heads[0].dataset.part) for (const part of open.length ? open : [""]) url.searchParams.append("opened", part);
  const shown = Number(url.searchParams.get("after")) + heads.length;
  if (heads.length > AT_A_TIME) url.searchParams.set("groups", shown);
  history.replaceState(history.state, "", url);
}
const rowsOf = (head) => document.getElementById(head.getAttribute("aria-controls"));
function said(head) {
  const rows = rowsOf(head).querySelectorAll(":scope > [data-id]").length;
  return rows > ROWS_AT_A_TIME ? `${rows}~${head.dataset.part}` : head.dataset.part;
}
document.addEventListener("htmx:afterSettle", ({ detail: { requestConfig } }) => {
  const asked = requestConfig && new URL(requestConfig.path, location.href).searchParams;
  if (asked?.has("after") || (asked?.has("part") && asked.has("cursor"))) keepOpened();
});

function move(entry, by) {
  const other = by < 0 ? entry.previousElementSibling : entry.nextElementSibling;
  if (other) other[by < 0 ? "before" : "after"](entry);
}

// The dialog of columns: what is chosen joins those that are shown, and a word finds a column among a hundred.
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const entriesOf = (form) => [...form.querySelectorAll(".column-entry")];
const find = (form, words) => {
  for (const entry of entriesOf(form)) entry.hidden = !plain(entry.textContent).includes(plain(words.trim()));
  for (const list of form.querySelectorAll(".column-rest")) {
    const isEmpty = !list.querySelector(".column-entry:not([hidden])");
    list.hidden = isEmpty;
    if (list.previousElementSibling.matches(".column-head")) list.previousElementSibling.hidden = isEmpty;
  }
  form.querySelector(".column-none").hidden = entriesOf(form).some((entry) => !entry.hidden);
};
document.addEventListener("input", ({ target }) => target.matches("[data-find-column]") && find(target.form, target.value));
document.addEventListener("change", ({ target }) => {
  const entry = target.matches("[data-columns] [type=checkbox]") && target.checked && target.closest(".column-rest > li");
  if (!entry) return;
  const { form } = target;
  form.querySelector("[data-columns-shown]").append(entry);
  target.focus();
  entry.scrollIntoView({ block: "nearest" });
  find(form, form.querySelector("[data-find-column]").value);
});
// Enter in the box for words chooses the only column found; it does not send the dialog half done.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.("[data-find-column]") || !event.target.value.trim()) return;
  event.preventDefault();
  const found = entriesOf(event.target.form).filter((entry) => !entry.hidden);
  if (found.length === 1) {
    found[0].querySelector("input").click();
    event.target.focus();
    event.target.select();
  }
});

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
