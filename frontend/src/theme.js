/**
 * Applies the chosen theme before the first paint, so that nobody sees a flash of the other one. Loaded blocking, in the
 * head, as its own tiny file. The choice ("light", "dark" or "system") lives in localStorage under "theme".
 */
const dark = matchMedia("(prefers-color-scheme: dark)");

function choice() {
  try {
    return localStorage.getItem("theme") || "system";
  } catch {
    return "system"; // storage is blocked
  }
}

function apply() {
  const wanted = choice();
  const root = document.documentElement;
  root.dataset.themeChoice = wanted;
  root.dataset.bsTheme = wanted === "system" ? (dark.matches ? "dark" : "light") : wanted;
}

apply();
dark.addEventListener("change", apply);
addEventListener("storage", (event) => event.key === "theme" && apply()); // chosen in another tab
addEventListener("theme:chosen", (event) => {
  try {
    localStorage.setItem("theme", event.detail);
  } catch {
    document.documentElement.dataset.themeChoice = event.detail;
  }
  apply();
});

/** Room for the chat at the page's edge, if it was open there: reserved now, the page does not jump when it comes. */
function reserve() {
  try {
    const { open, dock = true, width = 420 } = JSON.parse(localStorage.getItem("chat")) || {};
    if (!open || !dock || !matchMedia("(min-width: 1360px)").matches) return;
    document.documentElement.style.setProperty("--chat-width", `${Number(width)}px`);
    document.documentElement.classList.add("chat-docked");
  } catch {
    // storage is blocked, or holds something else: the chat is closed
  }
}
reserve();
