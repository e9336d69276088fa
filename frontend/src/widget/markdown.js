/**
 * Markdown as elements. The text comes from a language model that has read strangers' words, so nothing in it is ever
 * parsed as HTML: marked splits it into tokens, and each kind of token listed here becomes an element by createElement.
 * What is not listed stays the text it is: tags, images, links to anywhere but our own pages.
 */
import { Lexer, Tokenizer } from "marked";
import { h } from "../js/dom.js";
import { cellAlign } from "./table.js";

/** No HTML, no link definitions (a line "[1]: x" is a sentence about source 1), no addresses made links by themselves. */
class Plain extends Tokenizer {
  html() {}
  tag() {}
  def() {}
  url() {}
  autolink() {}
}

const lex = (text) => new Lexer({ gfm: true, breaks: false, tokenizer: new Plain() }).lex(text);

/** The path of a link to one of our own pages, else null. */
export function ownPath(href) {
  const written = String(href ?? "").trim();
  if (!/^(\/(?![/\\])|https?:\/\/)/i.test(written)) return null;
  let url;
  try {
    url = new URL(written, location.origin);
  } catch {
    return null;
  }
  return url.origin === location.origin ? url.pathname + url.search + url.hash : null;
}

/** Elements of block tokens. `inline(text)` → nodes decides about what only the chat knows: `[1]` and marked numbers. */
function blocks(tokens, inline) {
  return tokens.map((token) => block(token, inline)).filter(Boolean);
}

/** `dir`: each block finds its own direction; one inside another must not, or the outer one could not see its text. */
function block(token, inline, dir = "auto") {
  const spans = () => inlines(token.tokens ?? [], inline);
  switch (token.type) {
    case "space":
    case "def":
      return null;
    case "heading": // an answer is no page: its headings stay below those of the page
      return h(`h${Math.min(6, token.depth + 3)}`, { class: "chat-h", dir }, ...spans());
    case "code":
      return h("pre", { class: "chat-code", dir: "ltr", tabindex: "0" }, h("code", {}, token.text));
    case "blockquote":
      return h("blockquote", { class: "chat-quote", dir }, ...inner(token.tokens, inline));
    case "hr":
      return h("hr");
    case "list":
      return list(token, inline, dir);
    case "table":
      return table(token, inline);
    case "paragraph":
    case "text":
      return h("p", { dir }, ...(token.tokens ? spans() : inline(token.text)));
    default:
      return h("p", { dir }, token.raw ?? "");
  }
}

const inner = (tokens, inline) => tokens.map((token) => block(token, inline, null)).filter(Boolean);

function list({ ordered, start, items }, inline, dir) {
  return h(ordered ? "ol" : "ul", { start: ordered && start !== 1 ? start : null, dir }, ...items.map((item) =>
    h("li", {},
      item.task ? (item.checked ? "☑ " : "☐ ") : null,
      // a tight list has bare text, a loose one paragraphs
      ...item.tokens.flatMap((token) => (token.type === "text" ? inlines(token.tokens ?? [token], inline)
        : token.type === "checkbox" ? [] : inner([token], inline))))));
}

function table({ header, align, rows }, inline) {
  const cell = (name, extra) => ({ tokens }, at) => h(name, { ...extra, class: align[at] ? cellAlign(align[at]) : null, dir: "auto" }, ...inlines(tokens, inline));
  return h("div", { class: "chat-table-scroll", tabindex: "0" }, h("table", { class: "chat-table" },
    h("thead", {}, h("tr", {}, ...header.map(cell("th", { scope: "col" })))),
    h("tbody", {}, ...rows.map((row) => h("tr", {}, ...row.map(cell("td", {})))))));
}

const SPANS = { strong: "strong", em: "em", del: "s" };

function inlines(tokens, inline) {
  return tokens.flatMap((token) => {
    if (SPANS[token.type]) return [h(SPANS[token.type], {}, ...inlines(token.tokens, inline))];
    switch (token.type) {
      case "codespan":
        return [h("code", {}, token.text)];
      case "br":
        return [h("br")];
      case "link":
        return link(token, inline);
      case "image":
        return [token.text || token.href];
      case "escape":
        return [token.text];
      case "text":
        return token.tokens ? inlines(token.tokens, inline) : inline(unescape(token));
      default:
        return [token.raw ?? ""];
    }
  });
}

const unescape = (token) => token.text ?? token.raw;

function link({ href, tokens, text }, inline) {
  const path = ownPath(href);
  const inside = inlines(tokens, inline);
  if (path) return [h("a", { href: path }, ...inside)];
  return text === href ? inside : [...inside, ` (${href})`];
}

/**
 * An answer that grows. Blocks that are finished are never touched again; the last one is changed where it differs, so
 * nothing flickers, a selection survives, and the cost of a token does not grow with the length of the answer.
 */
export class Growing {
  #text = "";
  #done = 0; // characters whose blocks are finished
  #finished = 0; // how many elements those are

  constructor(root, inline) {
    this.root = root;
    this.inline = inline;
  }

  /** Show `text`; usually what was shown before and more. */
  show(text, { isFinal = false } = {}) {
    if (!text.startsWith(this.#text.slice(0, this.#done)) || (isFinal && !this.#isSame(text))) this.#restart();
    this.#text = text;
    const tokens = lex(text.slice(this.#done));
    const fresh = [];
    let firm = 0;
    const last = tokens.findLastIndex(({ type }) => type !== "space");
    tokens.forEach((token, at) => {
      const element = block(token, this.inline);
      if (element) fresh.push(element);
      if (at < last && !isFinal) {
        this.#done += token.raw.length;
        if (element) firm += 1;
      }
    });
    this.#put(fresh);
    this.#finished += firm;
  }

  /** Sources and checks may have come after the text: draw all of it anew, changing only what differs. */
  redraw() {
    const text = this.#text;
    this.#restart();
    this.show(text, { isFinal: true });
  }

  #isSame(text) {
    return text.startsWith(this.#text);
  }

  #restart() {
    this.#done = 0;
    this.#finished = 0;
  }

  #put(fresh) {
    const old = [...this.root.children].slice(this.#finished);
    fresh.forEach((element, at) => (at < old.length ? morph(old[at], element) : this.root.append(element)));
    for (const rest of old.slice(fresh.length)) rest.remove();
  }
}

/** Make `old` like `fresh`, keeping every node that is the same. */
function morph(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) {
    old.replaceWith(fresh);
    return;
  }
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) grow(old, fresh.data);
    return;
  }
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  const [was, now] = [[...old.childNodes], [...fresh.childNodes]];
  now.forEach((child, at) => (at < was.length ? morph(was[at], child) : old.append(child)));
  for (const rest of was.slice(now.length)) rest.remove();
}

/** Appending leaves a selection in the text where it is; setting the text would lose it. */
function grow(node, text) {
  if (text.startsWith(node.data)) node.appendData(text.slice(node.data.length));
  else node.data = text;
}
