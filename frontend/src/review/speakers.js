/** Naming a speaker: the question whether two are one goes away when somebody else is chosen. */

function onType({ target }) {
  const form = target.closest?.(".voice-form");
  const merge = form?.querySelector("input[name=merge]");
  if (!merge || target.id !== "person") return;
  const isSame = target.value.trim() === merge.value;
  form.querySelector(".voice-merges").hidden = !isSame;
  const button = form.querySelector("[type=submit]");
  button.textContent = isSame ? form.dataset.merges : form.dataset.saves;
}

document.addEventListener("input", onType);
document.addEventListener("change", onType);
