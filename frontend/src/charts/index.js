/**
 * Figures drawn as SVG, from the data a page carries beside the same figures as a table. Every mark is a link to the list
 * behind it. Colours and type come from the page's style, so a chart follows the theme; drawn anew when its width changes.
 */
import { bars } from "./bars.js";
import { columns } from "./columns.js";
import { savePng } from "./png.js";

const watcher = new ResizeObserver((entries) => entries.forEach(({ target }) => draw(target)));

export function mount() {
  for (const plot of document.querySelectorAll("[data-chart]")) watcher.observe(plot);
  const form = document.querySelector("#report-form:not([data-ready])");
  if (!form) return;
  form.dataset.ready = "";
  import("./report.js").then(({ build }) => build(form));
}

document.addEventListener("htmx:afterSettle", mount);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-save-png]");
  const svg = button?.closest(".figure").querySelector("svg.chart");
  if (svg) savePng(svg, button.dataset.savePng);
});

function draw(plot) {
  const width = Math.round(plot.clientWidth);
  if (!width || Number(plot.dataset.width) === width) return;
  plot.dataset.width = width;
  const figure = JSON.parse(plot.dataset.chart);
  if (!figure.points.length) return;
  const svg = figure.kind === "bars" ? bars(figure, width) : columns(figure, width);
  svg.setAttribute("aria-hidden", "true"); // the table beside it says the same, with the same links
  plot.replaceChildren(svg);
}
