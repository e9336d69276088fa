/** The import's page: columns that are left out are quiet, two that would be one field are said, Enter walks the grid. */
export function mount() {
  const form = document.querySelector("[data-import-columns]");
  if (form) columns(form);
  for (const layout of document.querySelectorAll("[data-submit-on-change]")) {
    layout.addEventListener("change", () => layout.requestSubmit());
  }
  document.addEventListener("keydown", walk);
  document.addEventListener("htmx:afterSwap", goOn);
}

function columns(form) {
  const many = new Set((form.dataset.many || "").split(" "));
  const tell = () => {
    const chosen = [...form.querySelectorAll("select[name^='column.']")];
    const times = Map.groupBy ? Map.groupBy(chosen, (s) => s.value) : grouped(chosen);
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

function grouped(selects) {
  const found = new Map();
  for (const select of selects) found.set(select.value, [...(found.get(select.value) || []), select]);
  return found;
}

let wants = null; // the line whose answer is awaited, to go on from

function walk(event) {
  const cell = event.target.closest?.("[data-import-grid] input.form-control");
  if (!cell || event.key !== "Enter") return;
  event.preventDefault();
  wants = cell.closest("tr").id;
  if (cell.value === cell.defaultValue) next();
  else cell.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Only for the line's own answer: other parts of the page are renewed meanwhile. */
function goOn(event) {
  if (wants && event.detail.target?.id === wants) next();
}

/** The first cell with a problem in the awaited line, else in a later one. */
function next() {
  const from = document.getElementById(wants);
  wants = null;
  for (let row = from; row; row = row.nextElementSibling) {
    const bad = row.querySelector("input[aria-invalid]");
    if (bad && bad !== document.activeElement) {
      bad.focus();
      bad.select();
      return;
    }
  }
}
