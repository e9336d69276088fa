/** SVG elements, links among them, and the scale of an axis. */
const SVG = "http://www.w3.org/2000/svg";

export function s(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined && value !== null) element.setAttribute(key, value);
  element.append(...children.filter(Boolean));
  return element;
}

/** A mark with its tooltip and name; with an address a link, one of which is in the tab order (index.js walks them). */
export function mark(href, words, ...children) {
  const title = s("title", {}, words);
  return href ? s("a", { href, tabindex: -1, class: "chart-link", "aria-label": words }, title, ...children) : s("g", { role: "img", "aria-label": words }, title, ...children);
}

/** Five steps from 0 to the least round number that is not below `most`. */
export function ticks(most) {
  const power = 10 ** Math.floor(Math.log10(most || 1));
  const top = [1, 2, 4, 5, 8, 10].map((step) => step * power).find((step) => step >= most) ?? 10 * power;
  return [0, 0.25, 0.5, 0.75, 1].map((share) => share * top);
}

export function compact(value) {
  return new Intl.NumberFormat(document.documentElement.lang || undefined, { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

export function clip(text, width, letter = 6.6) {
  const most = Math.max(3, Math.floor(width / letter));
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

export const most = (figure) => Math.max(...figure.points.flatMap(({ values }) => values), 0);
