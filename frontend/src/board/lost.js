/** Asks why a deal was lost. Resolves to the reason, "" for none given, null when it is not lost after all. */
export function askWhyLost() {
  const dialog = document.getElementById("lost");
  const form = dialog.querySelector("form");
  form.reset();
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "yes") return resolve(null);
      const words = form.elements.words.value.trim();
      const reason = form.querySelector("[name=reason]:checked")?.value ?? "";
      resolve([reason, words].filter(Boolean).join(": "));
    }, { once: true });
  });
}
