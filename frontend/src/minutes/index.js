/** The minutes, printed. */
export function mount() {
  document.querySelector("[data-print]").addEventListener("click", () => print());
}
