/** Standing columns or a line, for time: an axis of round numbers, names below as far as there is room. */
import { clip, compact, mark, s, scale } from "./svg.js";

const HEIGHT = 210;
const FOOT = 26;

export function columns({ points, series, kind }, width) {
  const steps = scale({ points });
  const top = steps.at(-1);
  const bottom = steps[0];
  const left = 14 + 6.5 * Math.max(4, ...steps.map((step) => compact(step).length)); // “200.000” where nothing is short for it
  const plot = { width: width - left, height: HEIGHT - FOOT - 10 };
  const y = (value) => 10 + plot.height * ((top - value) / (top - bottom));
  const slot = plot.width / Math.max(1, points.length);
  const middle = (i) => left + slot * (i + 0.5);
  const svg = s("svg", { class: "chart", width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, direction: "ltr" });
  for (const step of steps) {
    svg.append(s("line", { class: "chart-grid", x1: left, x2: width, y1: y(step), y2: y(step) }),
      s("text", { class: "chart-tick", x: left - 6, y: y(step), "text-anchor": "end", "dominant-baseline": "central" }, compact(step)));
  }
  if (kind === "line") svg.append(...lines(points, middle, y));
  const every = Math.ceil(46 / slot);
  const count = Math.max(1, series.length);
  points.forEach((point, i) => {
    const parts = point.values.map((value, j) => (kind === "line"
      ? value !== null && s("circle", { class: `chart-mark chart-${j}`, cx: middle(i), cy: y(value), r: 4 })
      : column(value, j, middle(i), Math.min(34, (slot * 0.7) / count), count, y)));
    const name = i % every === 0 && s("text", { class: "chart-tick", x: middle(i), y: HEIGHT - 8, "text-anchor": "middle" }, clip(short(point.name), slot * every));
    const said = point.texts.map((text, j) => (series[j] ? `${series[j]} ${text}` : text));
    const hit = (from, share) => s("rect", { class: "chart-hit", x: left + slot * (i + from), y: 0, width: slot * share, height: HEIGHT });
    if (!point.hrefs?.length) return svg.append(mark(point.href, `${point.name}: ${said.join(", ")}`, hit(0, 1), ...parts, name));
    if (name) svg.append(name);
    const share = 1 / parts.length;
    parts.forEach((part, j) => svg.append(mark(point.hrefs[j], `${point.name}: ${said[j]}`, hit(j * share, share), part)));
  });
  return svg;
}

function column(value, j, middle, wide, count, y) {
  const [nothing, end] = [y(0), y(value)];
  const long = Math.max(value ? 2 : 0, Math.abs(end - nothing));
  const x = middle - (wide * count) / 2 + j * wide;
  return s("rect", { class: `chart-mark chart-${j}`, x, y: value < 0 ? nothing : nothing - long, width: Math.max(2, wide - 2), height: long, rx: 3 });
}

/** “September 2026”: “Sep 26”. */
function short(name) {
  const [, word, year] = /^(\p{L}{3,})\.?\s+\d\d(\d\d)$/u.exec(name) ?? [];
  return word ? `${word.slice(0, 3)} ${year}` : name;
}

function lines(points, x, y) {
  const count = Math.max(...points.map(({ values }) => values.length), 0);
  return Array.from({ length: count }, (_none, j) =>
    s("polyline", { class: `chart-line chart-${j}`, points: points.flatMap(({ values }, i) => (values[j] === null ? [] : `${x(i)},${y(values[j])}`)).join(" ") }));
}
