/** The page of records side by side: "Take everything" chooses a column whole. */
export function mount() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-take]");
    if (!button) return;
    for (const radio of document.querySelectorAll(`#merge input[type=radio][value="${button.dataset.take}"]`)) radio.checked = true;
  });
}
