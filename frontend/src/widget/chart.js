/**
 * Bars for grouped answers, fetched when the first one is drawn. Lying bars for names, standing ones for time. Drawn with
 * boxes rather than a canvas: they follow the theme, the reader's font size and the panel's width by themselves.
 */
import { h } from "../js/dom.js";
import { s } from "./strings.js";

const MOST_STANDING = 14; // more months than that are read lying down

/** A figure: `values[i]` is what `texts[i]` says in words, for the group `names[i]`. */
export function chart({ label, isTime, values, names, texts }) {
  const most = Math.max(...values.map(Math.abs), 0) || 1;
  const isStanding = isTime && values.length <= MOST_STANDING && names.every((name) => name.length <= 16);
  const summary = `${label}: ${names.map((name, at) => `${name} ${texts[at]}`).join(", ")}`;
  return h("figure", { class: isStanding ? "chat-chart chat-columns" : "chat-chart chat-bars" },
    h("figcaption", {}, label),
    h("div", { class: "chat-plot", role: "img", "aria-label": s("chart_of", { summary }) },
      ...values.map((value, at) => bar({
        value, share: Math.abs(value) / most, name: names[at], text: texts[at], short: isStanding ? short(names[at], names[at - 1], names.length) : names[at],
      }))));
}

/** “September 2026” below a bar as wide as a finger: “Sep 2026”; of many months the year only where it begins. */
function short(name, before, count) {
  const [, word, year] = /^(\p{L}+)\s+(\d{4})$/u.exec(name) ?? [];
  if (!word) return name;
  return count > 6 && before?.endsWith(year) ? word.slice(0, 3) : `${word.slice(0, 3)} ${year}`;
}

function bar({ value, share, name, short: shown, text }) {
  const fill = h("span", { class: value < 0 ? "chat-fill chat-fill-minus" : "chat-fill" });
  fill.style.setProperty("--share", share.toFixed(4));
  return h("span", { class: "chat-bar", title: `${name}: ${text}` },
    h("span", { class: "chat-bar-name", dir: "auto" }, shown), h("span", { class: "chat-bar-track" }, fill), h("span", { class: "chat-bar-value" }, text));
}
