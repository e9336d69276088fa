/** Small helpers shared by the modules. */

/** `h("p", {class: "x", onclick: f}, "text", node)` → element. Text is always set as text, never parsed. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** An icon of the sprite. The sprite's address, with its hash, comes from the page. */
export function icon(name, extra = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon ${extra}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${document.body.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

const strings = JSON.parse(document.querySelector('meta[name="ui-strings"]')?.content || "{}");

/** A translated text of the page (base.html lists them), with `{name}` filled in. */
export function t(key, values = {}) {
  return (strings[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** 32 random hex digits. Over plain HTTP, as in an office's own network, browsers have no `crypto.randomUUID`. */
export const randomKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Put a text on the clipboard, at a click or a key; over plain HTTP browsers know the old command alone. */
export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const at = document.activeElement;
  const field = h("textarea", { class: "visually-hidden" });
  field.value = text;
  [...document.querySelectorAll("body, dialog:modal")].at(-1).append(field); // beside a modal dialog nothing takes the focus
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  at?.focus({ preventScroll: true });
  if (!isCopied) throw new Error("The browser refused to copy.");
}

export function bytes(count) {
  const units = ["B", "KB", "MB", "GB"];
  let power = 0;
  while (count >= 1024 && power < units.length - 1) {
    count /= 1024;
    power += 1;
  }
  const number = new Intl.NumberFormat(document.documentElement.lang || undefined, { maximumFractionDigits: power > 1 ? 1 : 0 });
  return `${number.format(count)} ${units[power]}`;
}

/** The Latin letter of a key that is held with Ctrl or Cmd, also where the layout writes Hebrew or Cyrillic. */
export function letterOf({ key, code }) {
  return !/^[a-z]$/i.test(key) && /^Key[A-Z]$/.test(code) ? code[3].toLowerCase() : key.toLowerCase();
}

export function isTyping(target) {
  return target instanceof Element && target.closest("input:not([type=checkbox]):not([type=radio]):not([type=file]), textarea, select, [contenteditable]") !== null;
}

/**
 * The sentence for a person in a failed response: `detail` of a problem document, the marked element of an error page,
 * or plain text. Null if there is none.
 */
export function problemText(body, contentType = "") {
  if (contentType.includes("json")) {
    try {
      const problem = JSON.parse(body);
      const fields = (problem.errors || []).map((error) => error.message).filter((message) => message !== problem.detail);
      return { text: problem.detail || problem.title || null, more: fields.join(" ") || null, reference: problem.request_id };
    } catch {
      return { text: null };
    }
  }
  if (contentType.includes("html")) {
    const page = new DOMParser().parseFromString(body, "text/html");
    return {
      text: page.querySelector("[data-error-detail]")?.textContent.trim() || page.querySelector("h1")?.textContent.trim() || null,
      reference: page.querySelector("[data-error-reference]")?.textContent.trim(),
    };
  }
  return { text: body && body.length < 300 ? body : null };
}
