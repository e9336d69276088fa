/** The bin's rows are chosen one by one, in ranges with Shift, or all at once; the count is said. */
export function mount() {
  let last = null;
  const boxes = () => [...document.querySelectorAll("[data-select-rows] input[name=record]:not(:disabled)")];
  const tell = () => {
    const chosen = boxes().filter((box) => box.checked).length;
    const all = document.querySelector("[data-select-all]");
    const count = document.querySelector("[data-selected-count]");
    if (!all || !count) return;
    all.checked = chosen > 0 && chosen === boxes().length;
    all.indeterminate = chosen > 0 && !all.checked;
    count.textContent = chosen ? String(chosen) : "";
    for (const button of document.querySelectorAll("[data-needs-chosen]")) button.disabled = !chosen;
  };
  document.addEventListener("click", (event) => {
    const { target } = event;
    if (target.matches("[data-select-all]")) {
      for (const box of boxes()) box.checked = target.checked;
    } else if (target.matches("[data-select-rows] input[name=record]")) {
      const found = boxes();
      const [from, to] = [found.indexOf(last), found.indexOf(target)];
      if (event.shiftKey && from >= 0) for (const box of found.slice(Math.min(from, to), Math.max(from, to) + 1)) box.checked = target.checked;
      last = target;
    } else return;
    tell();
  });
  document.addEventListener("htmx:afterSwap", tell);
  tell();
}
