/**
 * The stages of a pipeline in the settings: dragged by their grip, or moved by the arrow keys on it. The order is saved at
 * once where all stages are stored already; a new one gets its place with the form.
 */
import { problemText, t } from "../js/dom.js";
import { toast } from "../js/toasts.js";

const rowOf = (target) => target.closest?.("[data-stage-row]");
let dragged = null; // {row, next}

export function mount() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open-dialog]");
    if (opener) document.getElementById(opener.dataset.openDialog)?.showModal();
    const added = event.target.closest("[data-add-row]");
    if (added) putBehindOpen(added.closest("[data-rows]"));
  });
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches?.(".stage-grip") || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    const row = rowOf(event.target);
    const other = event.key === "ArrowUp" ? row.previousElementSibling : row.nextElementSibling;
    if (!rowOf(other ?? document.body)) return;
    const next = row.nextElementSibling;
    if (event.key === "ArrowUp") other.before(row);
    else other.after(row);
    event.target.focus();
    tell(row);
    save(row, next);
  });
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest?.(".stage-grip") || event.button !== 0) return;
    const row = rowOf(event.target);
    dragged = { row, next: row.nextElementSibling };
    event.target.closest(".stage-grip").setPointerCapture(event.pointerId);
    row.classList.add("is-dragged");
  });
  document.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    const { row } = dragged;
    const rows = [...row.parentElement.querySelectorAll(":scope > [data-stage-row]")].filter((other) => other !== row);
    const below = rows.find((other) => event.clientY < other.getBoundingClientRect().top + other.offsetHeight / 2);
    const next = below ?? rows.at(-1).nextElementSibling;
    if (next !== row && next !== row.nextElementSibling) row.parentElement.insertBefore(row, next);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    document.addEventListener(name, () => {
      if (!dragged) return;
      const { row, next } = dragged;
      row.classList.remove("is-dragged");
      dragged = null;
      if (row.nextElementSibling !== next) save(row, next);
    });
  }
}

/** A new stage is an open one: it stands before those in which deals end. */
function putBehindOpen(list) {
  const rows = [...list.querySelectorAll(":scope > [data-stage-row]")];
  const made = rows.pop();
  rows.findLast((row) => row.querySelector("[name=stage_type]").value === "open")?.after(made);
  made.querySelector("[name=stage_name]").focus();
}

function tell(row) {
  const region = document.querySelector("[data-stage-says]");
  const rows = [...row.parentElement.querySelectorAll(":scope > [data-stage-row]")];
  const values = { name: row.querySelector("[name=stage_name]").value, place: rows.indexOf(row) + 1, count: rows.length };
  region.textContent = region.dataset.text.replace(/\{(\w+)\}/g, (_whole, name) => values[name]);
}

async function save(row, next) {
  const form = row.closest("form");
  const rows = [...form.querySelectorAll("[data-stage-row]")];
  if (rows.some((other) => !other.dataset.stage)) {
    form.dataset.changed = "1";
    return;
  }
  const body = new FormData();
  for (const other of rows) body.append("stage_id", other.dataset.stage);
  const headers = { Accept: "application/json", "X-CSRFToken": form.elements.csrf_token.value };
  let problem = { text: t(navigator.onLine ? "unreachable" : "offline") };
  try {
    const answer = await fetch(form.dataset.order, { method: "POST", body, headers });
    if (answer.ok) {
      form.elements.version.value = (await answer.json()).version;
      return;
    }
    problem = problemText(await answer.text(), answer.headers.get("Content-Type") || "");
  } catch { /* the network: said below */ }
  row.parentElement.insertBefore(row, next);
  toast({ tone: "error", text: problem.text || t("failed"), key: "order" });
}
