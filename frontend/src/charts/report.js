/** The form of a report: conditions by the builder that lists have, and a period beside a group that is a day. */
import { embed } from "../list/builder.js";

export function build(form) {
  embed(form.querySelector("[data-conditions]"));
  for (const row of form.querySelectorAll("[data-group]")) {
    const [group, period] = row.querySelectorAll("select");
    const fit = () => {
      const isDay = group.selectedOptions[0]?.dataset.day !== undefined;
      const wasDay = !period.parentElement.hidden;
      period.parentElement.hidden = !isDay;
      if (!isDay) period.value = "";
      else if (!wasDay) period.value ||= "month";
    };
    group.addEventListener("input", fit);
    group.addEventListener("input", () => draw(form));
    fit();
  }
}

/** Groups are no one figure, and what is not grouped is nothing else. */
function draw(form) {
  const first = [...form.querySelectorAll("[data-group] select[name=group]")].find((group) => group.value);
  const chart = form.elements.chart;
  if (!first) chart.value = "number";
  else if (chart.value === "number") chart.value = first.selectedOptions[0].dataset.day === undefined ? "bars" : "columns";
}
