/** Of the people whom a mailbox names, one box ticks all or none (`data-ticks`); without scripts the server reads it so. */
export function mount() {
  for (const all of document.querySelectorAll("[data-ticks]")) {
    const boxes = [...all.form.querySelectorAll(`input[name="${all.dataset.ticks}"]`)];
    const tell = () => {
      const ticked = boxes.filter((box) => box.checked).length;
      all.checked = ticked === boxes.length;
      all.indeterminate = ticked > 0 && !all.checked;
    };
    all.removeAttribute("name"); // each box speaks for itself, in the draft as in what is sent
    all.form.addEventListener("input", ({ target }) => { // before the draft is kept, which hears it further out
      if (target === all) for (const box of boxes) box.checked = all.checked;
      else tell();
    });
    document.addEventListener("htmx:load", tell); // a draft was put back
    tell();
  }
}
