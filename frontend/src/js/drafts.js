/**
 * What was typed, and which records were chosen, and not sent outlives a reload and the way back, in this tab: forms with
 * data-draft="name". A draft belongs to its page and its person, and ends when it is sent or emptied; hidden fields but
 * those of chosen records, and passwords, are never kept.
 */
import { addChip, picked } from "./picker.js";

const PREFIX = "draft:";
const keyOf = (form) => `${PREFIX}${document.body.dataset.user}:${form.querySelector("[name=on]")?.value ?? location.pathname}:${form.dataset.draft}`;
const fieldsOf = (form) => [...form.elements].filter((field) => field.name && !["hidden", "password", "file", "submit", "button"].includes(field.type));
const boxesOf = (form) => [...form.querySelectorAll("[data-picker-many]")];
const isTick = (field) => field.type === "checkbox";
const now = (field) => (isTick(field) ? field.checked : field.value);
const initial = (field) => isTick(field) ? field.defaultChecked : field.defaultValue ?? [...field.options].find((option) => option.defaultSelected)?.value ?? field.options[0]?.value;

const canBe = (field, value) => !field.options || [...field.options].some((option) => option.value === value);

function store(act) {
  try {
    return act(sessionStorage);
  } catch {
    return null; // blocked or full: nothing is kept
  }
}

function keep(form) {
  const typed = fieldsOf(form).filter((field) => now(field) !== initial(field)).map((field) => [field.name, field.value]);
  typed.push(...boxesOf(form).map((box) => [box.dataset.pickerMany, picked(box)]).filter(([, records]) => records.length));
  store((kept) => (typed.length ? kept.setItem(keyOf(form), JSON.stringify(typed)) : kept.removeItem(keyOf(form))));
}

/** Into forms that stand as the server drew them: what was refused shows what was sent, which is newer. */
function restore(root) {
  for (const form of root.querySelectorAll("form[data-draft]")) {
    const typed = JSON.parse(store((kept) => kept.getItem(keyOf(form))) ?? "[]");
    if (!typed.length || form.querySelector("[aria-invalid=true]")) continue;
    for (const [name, value] of typed) {
      const field = fieldsOf(form).find((one) => one.name === name && (!isTick(one) || one.value === value));
      const box = Array.isArray(value) && boxesOf(form).find((one) => one.dataset.pickerMany === name);
      if (box) value.forEach((record) => addChip(box, record));
      else if (field && isTick(field)) field.checked = !field.defaultChecked;
      else if (field && canBe(field, value)) field.value = value;
    }
    const tab = form.parentElement.querySelector(`[type=radio][value="${form.dataset.draft}"]`);
    if (tab) tab.checked = true;
  }
}

if (!document.body.dataset.user) store((kept) => { // signed out: what was typed must not stay in this tab
  for (const key of Object.keys(kept)) if (key.startsWith(PREFIX)) kept.removeItem(key);
});
document.addEventListener("input", ({ target }) => target.form?.matches("[data-draft]") && keep(target.form));
document.addEventListener("picked", ({ target }) => target.matches("[data-draft]") && keep(target));
// On the window, after forms.js, which keeps here what cannot be sent now; what htmx sends is kept until its answer came.
addEventListener("submit", ({ target, defaultPrevented }) => {
  if (target.matches("[data-draft]:not([hx-post])") && !defaultPrevented) store((kept) => kept.removeItem(keyOf(target)));
});
document.addEventListener("htmx:beforeSwap", ({ detail: { xhr, requestConfig } }) => {
  const form = requestConfig?.elt;
  if (form?.matches?.("[data-draft]") && xhr.status < 400) store((kept) => kept.removeItem(keyOf(form)));
});
document.addEventListener("htmx:load", ({ detail: { elt } }) => restore(elt));
