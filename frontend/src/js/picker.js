/**
 * Choosing records by typing (templates/records/_picker.html): the server sends the choices as options of a listbox.
 * Arrow keys move, Enter chooses, Escape closes; what is typed and not chosen is sent as typed, and refused there.
 */
import { h, icon } from "./dom.js";

const DELAY_MS = 150;
const boxOf = (target) => (target instanceof Element ? target.closest(".picker") : null);
const inputOf = (box) => box.querySelector("[role=combobox]");
const listOf = (box) => box.querySelector("[role=listbox]");
const choices = (box) => [...box.querySelectorAll("[role=option]")];
const waiting = new WeakMap(); // box → {timer, request}

async function show(box, typed) {
  waiting.get(box)?.request?.abort();
  const request = new AbortController();
  waiting.set(box, { request });
  const url = new URL(box.dataset.picker, location.href);
  url.searchParams.set("q", typed);
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: request.signal });
    if (!answer.ok) return close(box);
    const list = listOf(box);
    list.innerHTML = await answer.text(); // our own template, escaped there
    choices(box).forEach((choice, i) => { choice.id = `${list.id}-${i}`; });
    list.hidden = false;
    inputOf(box).setAttribute("aria-expanded", "true");
    if (typed) mark(box, 0);
  } catch (error) {
    if (error.name !== "AbortError") close(box);
  }
}

function close(box) {
  clearTimeout(waiting.get(box)?.timer);
  waiting.get(box)?.request?.abort();
  listOf(box).hidden = true;
  inputOf(box).setAttribute("aria-expanded", "false");
  inputOf(box).removeAttribute("aria-activedescendant");
}

function mark(box, index) {
  const all = choices(box);
  if (!all.length) return;
  const at = (index + all.length) % all.length;
  all.forEach((choice, i) => choice.setAttribute("aria-selected", String(i === at)));
  all[at].scrollIntoView({ block: "nearest" });
  inputOf(box).setAttribute("aria-activedescendant", all[at].id);
}

const marked = (box) => choices(box).findIndex((choice) => choice.getAttribute("aria-selected") === "true");

function choose(box, choice) {
  const input = inputOf(box);
  if (box.dataset.pickerMany) {
    addChip(box, choice.dataset);
    input.value = "";
  } else {
    const isTyped = "pickerTyped" in box.dataset; // one of several types: sent as `company:5`, and at once
    box.querySelector("input[type=hidden]").value = isTyped ? choice.dataset.value : choice.dataset.id;
    input.value = choice.dataset.name;
    if (isTyped) input.form.requestSubmit();
    else input.dispatchEvent(new Event("change", { bubbles: true }));
  }
  input.removeAttribute("aria-invalid");
  changed(box);
  close(box);
}

/** Chips and hidden fields say nothing by themselves: the form is told, for its guard and its draft. */
function changed(box) {
  const { form } = inputOf(box);
  form.dataset.changed = "1";
  form.dispatchEvent(new CustomEvent("picked", { bubbles: true }));
}

/** The records in a box of several, and one more of them: what a draft keeps and puts back. */
export const picked = (box) => [...box.querySelectorAll(".chip")].map((one) => ({
  value: one.querySelector("input").value,
  name: one.querySelector(".clip").textContent,
  icon: one.querySelector("use").getAttribute("href").split("#").at(-1),
}));

export function addChip(box, record) {
  if (!picked(box).some(({ value }) => value === record.value)) box.querySelector(".chips").append(chip(box, box.dataset.pickerMany, record));
}

function chip(box, field, { value, name, icon: iconName }) {
  const remove = h("button", { type: "button", "data-remove-chip": true, "aria-label": `${box.dataset.removeLabel} ${name}` }, icon("x", "icon-sm"));
  return h("span", { class: "chip" }, icon(iconName, "icon-sm"), h("span", { class: "clip" }, name), h("input", { type: "hidden", name: field, value }), remove);
}

document.addEventListener("input", ({ target }) => {
  const box = boxOf(target);
  if (!box || target !== inputOf(box)) return;
  if (!box.dataset.pickerMany) box.querySelector("input[type=hidden]").value = "";
  clearTimeout(waiting.get(box)?.timer);
  waiting.set(box, { ...waiting.get(box), timer: setTimeout(() => show(box, target.value), DELAY_MS) });
});

document.addEventListener("focusin", ({ target }) => {
  const box = boxOf(target);
  if (box && target === inputOf(box) && !target.value) show(box, "");
});
document.addEventListener("focusout", ({ target, relatedTarget }) => {
  const box = boxOf(target);
  if (box && !box.contains(relatedTarget)) close(box);
});

/** A form that is sent by choosing has no button: Enter in its other fields goes on to the choice. */
function goOn(event) {
  const other = event.key === "Enter" && event.target.matches?.("input[type=text]") && event.target.form?.querySelector("[data-picker-typed] [role=combobox]");
  if (!other) return;
  event.preventDefault();
  other.focus();
}

document.addEventListener("keydown", (event) => {
  const box = boxOf(event.target);
  if (!box) return goOn(event);
  if (event.target !== inputOf(box)) return;
  const isOpen = !listOf(box).hidden;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (!isOpen) show(box, event.target.value);
    else mark(box, event.key === "ArrowDown" ? marked(box) + 1 : Math.max(marked(box), 0) - 1);
  } else if (event.key === "Enter" && isOpen) {
    event.preventDefault(); // the form is not sent while a choice is open
    const choice = choices(box)[marked(box)];
    if (choice) choose(box, choice);
  } else if (event.key === "Escape" && isOpen) {
    event.preventDefault(); // or the dialog around it would close, too
    event.stopPropagation();
    close(box);
  } else if (event.key === "Backspace" && !event.target.value && box.dataset.pickerMany) {
    box.querySelector(".chip:last-child")?.remove();
    changed(box);
  }
});

document.addEventListener("mousedown", (event) => {
  const choice = event.target instanceof Element && event.target.closest(".picker [role=option]");
  if (!choice) return;
  event.preventDefault(); // the input keeps the focus
  choose(boxOf(choice), choice);
});
document.addEventListener("click", (event) => {
  const remove = event.target instanceof Element && event.target.closest("[data-remove-chip]");
  if (!remove) return;
  const box = boxOf(remove);
  remove.closest(".chip").remove();
  changed(box);
  inputOf(box).focus();
});
