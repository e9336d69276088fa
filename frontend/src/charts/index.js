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
document.addEventListener("keydown", walk);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-save-png]");
  const svg = button?.closest(".figure").querySelector("svg.chart");
  if (svg) savePng(svg, button.closest(".figure"), button.dataset);
});

function draw(plot) {
  const width = Math.round(plot.clientWidth);
  if (!width || Number(plot.dataset.width) === width) return;
  plot.dataset.width = width;
  const figure = JSON.parse(plot.dataset.chart);
  if (!figure.points.length) return;
  const svg = figure.kind === "bars" ? bars(figure, width) : columns(figure, width);
  svg.setAttribute("role", "group");
  svg.setAttribute("aria-label", figure.title);
  svg.querySelector(".chart-link")?.setAttribute("tabindex", "0");
  plot.replaceChildren(svg);
}

/** One stop of Tab a chart; arrow keys, Home and End go from mark to mark, Enter opens the list behind it. */
function walk(event) {
  const link = event.target.closest?.("svg.chart .chart-link");
  if (!link || event.ctrlKey || event.metaKey || event.altKey) return;
  const links = [...link.closest("svg").querySelectorAll(".chart-link")];
  const at = links.indexOf(link);
  const isRtl = document.documentElement.dir === "rtl" && !link.closest("svg").hasAttribute("direction");
  const step = { ArrowRight: isRtl ? -1 : 1, ArrowDown: 1, ArrowLeft: isRtl ? 1 : -1, ArrowUp: -1, Home: -at, End: links.length - 1 - at }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const to = links[Math.min(links.length - 1, Math.max(0, at + step))];
  link.setAttribute("tabindex", "-1");
  to.setAttribute("tabindex", "0");
  to.focus();
}
