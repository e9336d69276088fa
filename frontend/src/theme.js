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
