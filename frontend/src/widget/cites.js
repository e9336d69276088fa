/** Numbered sources: the chips in an answer, the list below it, and the card that shows the words a number rests on. */
import { h, icon } from "../js/dom.js";
import { ownPath } from "./markdown.js";
import { recordPath } from "./table.js";
import { clockTime, day, s } from "./strings.js";

const ICONS = { company: "building", contact: "user", deal: "currency-dollar", task: "checkbox", note: "note", meeting: "microphone", insight: "bulb", list: "layout-list" };
const MARKER = /\[(\d{1,3})\]/g;
const DOUBT = "⁽?⁾"; // what the server puts behind a number that no source says
const SHOWN = 4;
const LEAVE_MS = 140; // time to move from the chip to the card

export const typeIcon = (type) => ICONS[type] ?? "file-text";

/** Where a source leads: the record, a meeting at its second. Only ever a page of ours. */
export function sourcePath(source) {
  const path = ownPath(source.href) ?? recordPath(source);
  if (source.type !== "meeting" || source.start_s == null || !path || path.includes("t=")) return path;
  return `${path}${path.includes("?") ? "&" : "?"}t=${Math.floor(source.start_s)}`;
}

/**
 * Text of an answer as nodes: `[n]` of a known source becomes a chip, behind a number that no source supports stands a mark. A
 * marker without a source is left out: the server drops those, and one may stand in a replay before its list has come.
 */
export function inlineOf(turn) {
  return (text) => {
    const nodes = [];
    let from = 0;
    for (const found of text.matchAll(MARKER)) {
      const source = turn.sources.find(({ n }) => n === Number(found[1]));
      if (!source && turn.sources.length === 0) continue;
      nodes.push(...doubts(text.slice(from, found.index)), ...(source ? [chip(source)] : []));
      from = found.index + found[0].length;
    }
    return [...nodes, ...doubts(text.slice(from))];
  };
}

function chip(source) {
  return h("a", { class: "chat-cite", href: sourcePath(source), "data-n": String(source.n), "aria-label": s("source_n", { n: source.n, title: source.title ?? "" }) }, String(source.n));
}

/** A mark behind what stands in none of the sources. */
function doubts(text) {
  return text.split(DOUBT).flatMap((part, at) => [
    ...(at ? [h("span", { class: "chat-doubt", title: s("unsupported"), role: "img", "aria-label": s("unsupported") }, "?")] : []), ...(part ? [part] : []),
  ]);
}

export function sourceList(sources) {
  if (!sources.length) return null;
  const entry = (source) => {
    const path = sourcePath(source);
    return h("li", {}, h(path ? "a" : "span", { class: "chat-source", href: path, "data-n": String(source.n) },
      h("span", { class: "chat-source-n" }, String(source.n)), icon(typeIcon(source.type), "icon-sm"),
      h("span", { class: "chat-source-title clip", dir: "auto" }, source.title || s("untitled")),
      source.start_s == null ? null : h("span", { class: "chat-source-at num" }, clockTime(source.start_s))));
  };
  const list = h("ol", { class: "chat-sources", "aria-label": s("sources") }, ...sources.slice(0, SHOWN).map(entry));
  if (sources.length <= SHOWN) return list;
  const more = h("li", {}, h("button", { type: "button", class: "chat-link", onclick: () => more.replaceWith(...sources.slice(SHOWN).map(entry)) }, s("more_sources", { n: sources.length - SHOWN })));
  list.append(more);
  return list;
}

/** One card for all chips: shown while one is hovered or focused, gone with Escape. */
export function sourceCard(root, sourceOf) {
  const card = h("div", { class: "chat-hover", role: "tooltip", id: "chat-source-card", popover: "manual" });
  root.append(card);
  let leaving;
  let shownFor = null;
  const hide = () => {
    if (shownFor) shownFor.removeAttribute("aria-describedby");
    shownFor = null;
    if (card.matches(":popover-open")) card.hidePopover();
  };
  const show = (anchor) => {
    clearTimeout(leaving);
    if (anchor === shownFor) return;
    const source = sourceOf(anchor);
    if (!source) return;
    hide();
    shownFor = anchor;
    anchor.setAttribute("aria-describedby", card.id);
    card.replaceChildren(...cardBody(source));
    card.showPopover();
    place(card, anchor.getBoundingClientRect());
  };
  const anchorOf = (target) => target.closest?.(".chat-cite, .chat-source");
  root.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const anchor = anchorOf(event.target);
    if (anchor) show(anchor);
    else if (card.contains(event.target)) clearTimeout(leaving);
  });
  root.addEventListener("pointerout", (event) => {
    if (anchorOf(event.target) || card.contains(event.target)) {
      clearTimeout(leaving);
      leaving = setTimeout(hide, LEAVE_MS);
    }
  });
  root.addEventListener("focusin", (event) => (anchorOf(event.target)?.matches(":focus-visible") ? show(anchorOf(event.target)) : hide()));
  root.addEventListener("focusout", hide);
  root.addEventListener("scroll", hide, { capture: true, passive: true });
  return { hide, isShown: () => shownFor !== null };
}

function cardBody({ type, title, quote, start_s: start, updated_at: updated }) {
  const facts = [start == null ? null : clockTime(start), updated ? day(updated) : null].filter(Boolean).join(" · ");
  return [
    h("div", { class: "chat-hover-top" }, icon(typeIcon(type), "icon-sm"), h("strong", { dir: "auto" }, title || s("untitled")), h("span", { class: "text-3" }, facts)),
    quote ? h("blockquote", { class: type === "meeting" || type === "insight" ? "chat-said" : "chat-quote", dir: "auto" }, quote) : null,
  ].filter(Boolean);
}

const GAP = 6;
function place(card, anchor) {
  const { width, height } = card.getBoundingClientRect();
  const above = anchor.top - GAP - height;
  card.style.left = `${Math.max(8, Math.min(anchor.left - 12, innerWidth - width - 8))}px`;
  card.style.top = `${above >= 8 ? above : anchor.bottom + GAP}px`;
}
