/** The light / dark / system buttons. theme.js does the rest. */
function show() {
  const chosen = document.documentElement.dataset.themeChoice || "system";
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    if (button === document.documentElement) continue;
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === chosen));
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-theme-choice]");
  if (!button) return;
  dispatchEvent(new CustomEvent("theme:chosen", { detail: button.dataset.themeChoice }));
  show();
});
show();
