/**
 * What the open page can do, read from the page itself: whatever a person could click in its head, its menus, its view
 * bar, its sidebar. So a command is there exactly when its button is, and does exactly what the button does.
 */
import { copy, h, t } from "../js/dom.js";
import { scripted } from "../js/shortcuts.js";
import { toast } from "../js/toasts.js";

const ON_PAGE = [
  "[data-command]", "[data-shortcut]", ".page-actions :is(a.btn, button, .menu-item)", ".view-tools :is(a.btn, button, .menu-item)", ".view-tab:not([aria-current])",
  ".stage-step:not([aria-current])", ".panel-tools :is(a, button)", ".bulk-actions button", ".page-actions .segmented a:not([aria-current])",
].join(", ");
const GROUPED = "nav.view-tabs, .stage-bar, .segmented[role=group]";

/** `[{text, group: "page"|"new"|"go"|"general", icon, keys, url?, act}]` */
export function commands(words) {
  const panel = document.querySelector("#panel[open]");
  const place = panel ?? document.getElementById("main");
  const ours = [
    ...offered(place, ON_PAGE, "page"),
    ...fields(place, words),
    ...links(panel, words),
    ...(panel ? [] : keys()),
    ...offered(document.querySelector(".topbar"), ".menu-item[data-shortcut]", "new"),
    ...offered(document.getElementById("sidebar"), ".side-nav:not(#starred *) .side-link", "go"),
    ...offered(document.querySelector(".topbar"), ".menu-item:not([data-shortcut]), [data-theme-choice]", "general"),
  ];
  const seen = new Set();
  return ours.filter(({ text, group }) => text && !seen.has(`${group} ${text}`) && seen.add(`${group} ${text}`));
}

function offered(place, selector, group) {
  const found = [...(place?.querySelectorAll(selector) ?? [])].filter((element) => !element.disabled && !element.closest("[hidden]"));
  return found.map((element) => ({
    text: nameOf(element),
    group,
    icon: iconOf(element),
    keys: element.dataset.shortcut ?? "",
    url: element.matches("a[href]") && !element.matches("[download], [data-making], [hx-get], [data-confirm]") ? element.href : null,
    act: () => press(element),
  }));
}

function nameOf(element) {
  const own = element.dataset.command || element.dataset.shortcutLabel || element.getAttribute("aria-label") || shownText(element);
  const around = element.closest(GROUPED)?.getAttribute("aria-label");
  return around && !element.dataset.shortcut ? `${around}: ${own}` : own;
}

function shownText(element) {
  const copy = element.cloneNode(true);
  for (const extra of copy.querySelectorAll("kbd, .count, svg, small")) extra.remove();
  return copy.textContent.replace(/\s+/g, " ").trim();
}

const iconOf = (element) => element.querySelector("use")?.getAttribute("href")?.split("#")[1] ?? "bolt";

/** A tab of the composer only shows its form: what is wanted is to write in it. */
function press(element) {
  element.click();
  if (!element.matches("label")) return;
  const field = [...element.closest("section").querySelectorAll("textarea, input[type=text]")].find((one) => one.checkVisibility());
  field?.focus();
  field?.scrollIntoView({ block: "center" });
}

/** The properties of an open record, each to be changed where it stands. */
function fields(place, words) {
  const cells = [...(place?.querySelectorAll("dl [data-cell]") ?? [])].filter((cell) => cell.querySelector(".cell-edit"));
  return cells.map((cell) => ({
    text: words.edit_field.replace("{field}", shownText(cell.closest("dd, div:has(> dt)")?.parentElement?.querySelector("dt") ?? h("i"))),
    group: "field", icon: "pencil", keys: "",
    act: () => {
      cell.scrollIntoView({ block: "center" });
      cell.querySelector(".cell-edit").click();
    },
  }));
}

function links(panel, words) {
  const isRecord = (panel ?? document).querySelector("[data-look], [data-review]");
  if (!isRecord) return [];
  const url = panel?.querySelector("[data-panel-expand]")?.href ?? location.origin + location.pathname;
  const copyLink = async () => {
    await copy(url);
    toast({ tone: "success", text: t("copied") });
  };
  return [{ text: words.copy_link, group: "page", icon: "link", keys: "", act: copyLink }];
}

/** Keys that a page's script declares have no button of their own. */
function keys() {
  return scripted().filter(({ keys: typed, act, isHidden }) => act && !isHidden && typed !== "?")
    .map(({ label, keys: typed, act }) => ({ text: label, group: "page", icon: "keyboard", keys: typed, act: () => act(new KeyboardEvent("keydown")) }));
}
