/** The minutes: printed, and shown again without what nobody reviewed. */
export function mount() {
  document.querySelector("[data-print]").addEventListener("click", () => print());
  const choice = document.querySelector("[data-submit]");
  choice?.addEventListener("change", () => choice.form.requestSubmit());
}
