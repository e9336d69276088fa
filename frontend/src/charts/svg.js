/** SVG elements, links among them, and the scale of an axis. */
const SVG = "http://www.w3.org/2000/svg";

export function s(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined && value !== null) element.setAttribute(key, value);
  element.append(...children.filter(Boolean));
  return element;
}

/** A mark with its tooltip and name; with an address a link, one of which is in the tab order (index.js walks them). What
    is written beside it may be cut off, so that it stands outside and is no part of the name. */
export function mark(href, words, ...children) {
  const [written, drawn] = [true, false].map((wanted) => children.filter((child) => child && (child.tagName === "text") === wanted));
  for (const text of written) text.setAttribute("aria-hidden", "true");
  const named = { "aria-label": words };
  const link = href ? s("a", { href, tabindex: -1, class: "chart-link", ...named }) : s("g", { role: "img", ...named });
  link.append(s("title", {}, words), ...drawn);
  const both = document.createDocumentFragment();
  both.append(link, ...written);
  return both;
}

/** Steps of one round length from 0 to the least round number that is not below `most`: 0 1 2, 0 25 50 75 100, 0 1 2 3 4 5. */
function ticks(most) {
  const power = 10 ** Math.floor(Math.log10(most || 1));
  const unit = [1, 2, 4, 5, 8, 10].find((step) => step * power >= most) ?? 10;
  const top = unit * power;
  const count = top === 1 || top === 2 ? top : unit === 5 || unit === 10 ? 5 : 4;
  return Array.from({ length: count + 1 }, (_none, i) => (i / count) * top);
}

/** The same from the least value on, where some are below nothing: -50 0 50 100. */
export function scale({ points }) {
  const [low, high] = [least({ points }), most({ points })];
  const steps = ticks(Math.max(high, -low));
  if (low === 0) return steps;
  const unit = steps[1];
  const [from, to] = [Math.floor(low / unit), Math.ceil(high / unit)];
  return Array.from({ length: to - from + 1 }, (_none, i) => (from + i) * unit);
}

export function compact(value) {
  return new Intl.NumberFormat(document.documentElement.lang || undefined, { notation: "compact", maximumFractionDigits: 2 }).format(value);
}

export function clip(text, width, letter = 6.6) {
  const most = Math.max(3, Math.floor(width / letter));
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

export const least = (figure) => Math.min(...figure.points.flatMap(({ values }) => values), 0);
export const most = (figure) => Math.max(...figure.points.flatMap(({ values }) => values), 0);
