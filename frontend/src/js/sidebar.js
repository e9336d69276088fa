/** On small screens the sidebar slides in; behind it the page is inert, Escape and a tap outside close it. */
const root = document.documentElement;
const sidebar = document.getElementById("sidebar");
let opener = null;

function set(isOpen) {
  root.classList.toggle("nav-open", isOpen);
  for (const button of document.querySelectorAll("[data-open-nav]")) button.setAttribute("aria-expanded", String(isOpen));
  document.getElementById("main").closest(".app-main").inert = isOpen;
  if (isOpen) sidebar.querySelector("a").focus();
  else opener?.focus();
}

if (sidebar) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-open-nav]");
    if (button) {
      event.preventDefault(); // without scripts the link shows the sidebar by itself (scriptless.css)
      opener = button;
      set(!root.classList.contains("nav-open"));
    } else if (event.target.closest("[data-close-nav]")) set(false);
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && root.classList.contains("nav-open") && set(false));
  matchMedia("(min-width: 992px)").addEventListener("change", (event) => event.matches && root.classList.contains("nav-open") && set(false));
}
