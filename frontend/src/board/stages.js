/** The bar of stages on a deal's page: to lose it, one says why. */
import { askWhyLost } from "./lost.js";

export function mount() {
  document.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (!button?.matches(".stage-bar .stage-lost") || button.dataset.asked) return;
    event.preventDefault();
    const reason = await askWhyLost();
    if (reason === null) return;
    event.target.elements.lost_reason.value = reason;
    button.dataset.asked = "1";
    event.target.requestSubmit(button);
  });
}
