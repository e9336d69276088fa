/** "Use this one" leaves a half-filled form on purpose: nothing to warn about. */
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-use-known]")) delete document.querySelector("form[data-guard]")?.dataset.changed;
});
