/**
 * Letters typed while what was asked for is on its way (a field's control, a dialog, the assistant) are meant for it. On
 * a slow line they would be shortcuts and lead elsewhere; so they are kept, and written where the focus then is.
 */
import { isTyping } from "./dom.js";

let waiting = 0;
let kept = "";

addEventListener("keydown", (event) => {
  if (!waiting || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
  if (event.key === "Escape") kept = "";
  if (event.key.length !== 1) return;
  kept += event.key;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

/** Keep what is typed until the returned function is called, once what is to have it has the focus. */
export function hold() {
  waiting += 1;
  return () => {
    waiting -= 1;
    if (waiting) return;
    if (kept && isTyping(document.activeElement)) document.execCommand("insertText", false, kept); // as typed: it can be undone, and is heard
    kept = "";
  };
}

document.addEventListener("htmx:beforeSend", ({ detail: { xhr, target, requestConfig } }) => {
  if (target.id !== "modal-body" || requestConfig.verb !== "get") return;
  xhr.addEventListener("loadend", hold());
});
