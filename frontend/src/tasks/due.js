/** The calendar beside a box for a due day: it opens on the day that was understood, and a choice keeps the time of day. */
import { h } from "../js/dom.js";

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-pick-day]");
  if (!button) return;
  const box = document.getElementById(button.dataset.pickDay);
  const [known, time] = (document.querySelector(`#${box.id}-read time`)?.dateTime ?? "").split(" ");
  const day = h("input", { type: "date", class: "due-native", tabindex: "-1", "aria-hidden": "true", value: known });
  button.after(day);
  day.addEventListener("change", () => {
    box.value = time ? `${day.value} ${time}` : day.value;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
  });
  day.addEventListener("blur", () => day.remove());
  day.focus();
  day.showPicker();
});
