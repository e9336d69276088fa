/** The import's page: columns that are left out are quiet, two that would be one field are said, Enter walks the grid. */
export function mount() {
  const form = document.querySelector("[data-import-columns]");
  if (form) columns(form);
  for (const layout of document.querySelectorAll("[data-submit-on-change]")) reread(layout);
  document.addEventListener("keydown", walk);
  document.addEventListener("focusout", (event) => cellOf(event) && send(event.target));
  document.addEventListener("htmx:beforeSwap", keep);
  document.addEventListener("htmx:afterSwap", goOn);
}

/* The page comes back as the file is read now; whoever chose by keyboard may choose on. */
function reread(layout) {
  const changed = sessionStorage.getItem(layout.action);
  sessionStorage.removeItem(layout.action);
  if (changed) layout.elements[changed]?.focus();
  layout.addEventListener("change", (event) => {
    sessionStorage.setItem(layout.action, event.target.name);
    layout.requestSubmit();
  });
}

function columns(form) {
  const many = new Set((form.dataset.many || "").split(" "));
  const tell = () => {
    const chosen = [...form.querySelectorAll("select[name^='column.']")];
    const times = Map.groupBy(chosen, ({ value }) => value);
    for (const select of chosen) {
      const isOnce = select.value && !many.has(select.value) && !select.value.startsWith("new:");
      const clashes = isOnce && times.get(select.value).length > 1;
      select.closest("tr").classList.toggle("imports-unused", !select.value);
      select.toggleAttribute("aria-invalid", clashes);
      if (clashes) select.setAttribute("aria-invalid", "true");
    }
  };
  form.addEventListener("change", tell);
  tell();
}

/* A row is sent when a cell of it is left or Enter is pressed, and comes back as a new row: what was typed meanwhile in
   its other cells, and where the person is, is carried over. */

let wants = null; // the row whose answer is awaited, to go on from
const kept = new Map(); // row → what was typed in it, and where, when its answer came

const cellOf = (event) => event.target.closest?.("[data-import-grid] input.form-control");

function walk(event) {
  const cell = cellOf(event);
  if (!cell || event.key !== "Enter") return;
  event.preventDefault();
  const row = cell.closest("tr");
  wants = row.id;
  if (!send(cell, row.querySelector(".imports-whole") !== null)) next(cell);
}

/** Whether there was something to send; a row that is wrong as a whole is also taken in as it stands. */
function send(cell, asItStands = false) {
  if (!cell.isConnected || (!asItStands && cell.value === (cell.dataset.sent ?? cell.defaultValue))) return false;
  cell.dataset.sent = cell.value;
  window.htmx.trigger(cell, "correct");
  return true;
}

const rowOf = (event) => (event.detail.target?.closest?.("[data-import-grid]") ? event.detail.target : null);

function keep(event) {
  const row = rowOf(event);
  if (!row) return;
  const cells = [...row.querySelectorAll("input.form-control")].filter((cell) => cell.value !== cell.defaultValue);
  const typed = cells.map((cell) => ({ name: cell.name, value: cell.value, isLeft: cell.dataset.sent === cell.value }));
  const at = document.activeElement;
  kept.set(row.id, { typed, at: row.contains(at) ? at : null });
}

/** Only for the row's own answer: other parts of the page are renewed meanwhile. */
function goOn(event) {
  const id = rowOf(event)?.id || event.detail.target?.id;
  const was = kept.get(id);
  const row = document.getElementById(id);
  if (!was || !row) return;
  kept.delete(id);
  window.htmx.process(row); // it would be after this event: too late for what is sent here
  const again = was.typed.filter(({ name, value, isLeft }) => {
    const cell = row.querySelector(`input[name="${name}"]`);
    if (!cell || cell.value === value.trim()) return false;
    cell.value = value;
    return isLeft && send(cell); // it was left while the answer to another one was awaited
  });
  if (wants === id && again.length === 0) next(row);
  else if (was.at !== null) stay(row, was.at);
}

/** Where the person was, in the midst of a word too; where that cell is good and gone, the next one. */
function stay(row, at) {
  const cell = row.querySelector(at.name ? `input[name="${at.name}"]` : "button");
  if (!cell) return next(row);
  cell.focus();
  if (at.name) cell.setSelectionRange(at.selectionStart, at.selectionEnd);
}

/** To the first cell with a problem after this one or below this row, else above it; with none left, to the import. */
function next(from) {
  wants = null;
  const bad = [...document.querySelectorAll("[data-import-grid] input[aria-invalid]")].filter((cell) => cell !== from);
  const after = bad.find((cell) => from.contains(cell) || from.compareDocumentPosition(cell) & Node.DOCUMENT_POSITION_FOLLOWING);
  const cell = after || bad[0];
  if (cell) {
    cell.focus();
    cell.select();
  } else if (!from.matches("input")) {
    document.querySelector("[data-import-next], .imports-go button")?.focus();
  }
}
