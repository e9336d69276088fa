/**
 * Letters typed while what was asked for is on its way (a field's control, a dialog, the assistant) are meant for it. On
 * a slow line they would be shortcuts and lead elsewhere; so they are kept, and written where the focus then is.
 */
import { isTyping } from "./dom.js";

let waiting = 0;
let kept = "";
const places = new Set(); // fields that are being saved or fetched: what is typed into them is meant for the next

addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (!waiting || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isTyping(target) && ![...places].some((place) => place.contains(target))) return;
  if (key === "Escape") kept = "";
  const isTab = key === "Tab" && places.size > 0 && !event.shiftKey;
  if (key.length !== 1 && !isTab) return;
  kept += isTab ? "\t" : key;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

/**
 * Keep what is typed until the returned function is called, once what is to have it has the focus. Of a field (`place`)
 * Tab is kept, too. `false` drops what was typed: it was meant for a place that did not come.
 */
export function hold(place) {
  waiting += 1;
  if (place) places.add(place);
  return (isWanted = true) => {
    waiting -= 1;
    places.delete(place);
    if (!isWanted) kept = "";
    if (!waiting) write();
  };
}

/** As typed: it can be undone, and is heard. A Tab saves this field; what came after it waits for the next. */
function write() {
  const { activeElement } = document;
  const [text, ...rest] = kept.split("\t");
  kept = "";
  if (!isTyping(activeElement)) return;
  if (text) document.execCommand("insertText", false, text);
  if (!rest.length) return;
  activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "Tab", bubbles: true, cancelable: true }));
  if (waiting) kept = rest.join("\t");
}

document.addEventListener("htmx:beforeSend", ({ detail: { xhr, target, requestConfig } }) => {
  if (target.id !== "modal-body" || requestConfig.verb !== "get") return;
  xhr.addEventListener("loadend", hold());
});
