/** Fields of several rows (templates/records/_rows.html): a row is added from the template, or taken away. */
document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  const add = event.target.closest("[data-add-row]");
  const remove = event.target.closest("[data-remove-row]");
  if (add) {
    const field = add.closest("[data-rows]");
    const numbers = [...field.querySelectorAll("[data-row]")].map((row) => Number(row.dataset.row));
    const template = field.querySelector("template");
    const holder = document.createElement("div");
    holder.innerHTML = template.innerHTML.replaceAll("__i__", String(Math.max(-1, ...numbers) + 1)); // our own template
    template.before(...holder.children);
    template.previousElementSibling.querySelector("input:not([type=hidden])").focus();
  } else if (remove) {
    const row = remove.closest("[data-row]");
    const { form } = row.querySelector("input");
    form.dataset.changed = "1";
    const rows = row.closest("[data-rows]");
    const place = [...rows.querySelectorAll("[data-remove-row]")].indexOf(remove);
    row.remove();
    (rows.querySelectorAll("[data-remove-row]")[place] ?? rows.querySelector("[data-add-row]"))?.focus();
  }
});
