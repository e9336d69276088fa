/** A proposed action: the record, before → after, and a decision by mouse or keyboard. What became of it stays on the card. */
import { h, icon } from "../js/dom.js";
import { typeIcon } from "./cites.js";
import { ownPath } from "./markdown.js";
import { cellText, recordPath } from "./table.js";
import { has, hour, s } from "./strings.js";
import { isUnderWay } from "./turns.js";

const LOOKS = {
  proposed: ["circle-dashed", "amber"], done: ["check", "green"], approved: ["check", "green"], rejected: ["x", "neutral"], undone: ["arrow-back-up", "neutral"],
  running: ["loader-2", "blue"], failed: ["alert-triangle", "red"], conflict: ["git-merge", "amber"], skipped: ["corner-down-right", "neutral"], expired: ["clock", "neutral"],
};
const LONG = new Set(["body", "text", "note", "reason", "lost_reason"]);
const isDone = ({ status }) => status === "done" || status === "approved";
const isOpen = (action) => action.status === "proposed" && !isLate(action);
const isLate = ({ expires_at: at }) => Boolean(at) && Date.parse(at) <= Date.now();

/** `act`: {decide(decision, edits), undo()}. The card is drawn anew whenever its action changes. */
export function actionCard(action, act) {
  const card = h("section", { class: "chat-card", "data-action": action.id, "data-status": isLate(action) && action.status === "proposed" ? "expired" : action.status, tabindex: "-1" });
  const title = `card-${action.id}`;
  card.setAttribute("aria-labelledby", title);
  card.append(top(action, title), ...target(action), ...listed(action), changes(action), ...notes(action), ...progress(action), ...buttons(card, action, act));
  card.addEventListener("keydown", (event) => keys(event, card));
  return card;
}

function top(action, id) {
  const late = isLate(action) && action.status === "proposed" ? "expired" : action.status;
  const status = isUnderWay(action) ? "running" : late;
  const [name, tone] = LOOKS[status] ?? LOOKS.proposed;
  return h("div", { class: "chat-card-top" }, h("strong", { id, dir: "auto" }, action.summary ?? ""),
    h("span", { class: `pill tone-${tone}` }, icon(name), s(`action_${status}`)));
}

function target({ record }) {
  if (!record?.type) return [];
  const href = record.href === null ? null : ownPath(record.href) ?? recordPath(record);
  const name = record.name || record.title;
  if (!name && !href) return [];
  const inside = [icon(typeIcon(record.type), "icon-sm"), h("span", { class: "clip", dir: "auto" }, name || s(`type_${record.type}`))];
  return [h("p", { class: "chat-card-record" }, href ? h("a", { class: "chat-ref", href }, ...inside) : h("span", { class: "chat-ref" }, ...inside))];
}

/** Of an action on a list: a few of the records' names, and what is left alone. Which they are is its link. */
function listed({ many, status }) {
  if (!many) return [];
  const { names = [], count, notes: left = [] } = many;
  const more = count - names.length;
  const few = [...names, ...(more > 0 ? [s("and_more", { n: more })] : [])].join(" · ");
  return [few, ...(status === "proposed" ? left : [])].filter(Boolean).map((text) => h("p", { class: "chat-card-note", dir: "auto" }, text));
}

/** How far a change of many is; it goes on without this page. */
function progress({ many }) {
  const { done, total, href } = many?.progress ?? {};
  if (!isUnderWay({ many })) return [];
  const text = s("done_of", { done, total });
  return [h("p", { class: "chat-card-note", role: "status" }, h("progress", { class: "chat-progress", max: total || 1, value: done, "aria-label": text }), h("a", { href }, text))];
}

/** [{field, label, before, after, before_text, after_text}]; an action described by its arguments alone shows those. */
function changesOf({ changes: given, many, args = {}, before = {} }) {
  if (given?.length || many) return given ?? [];
  return Object.entries(args).filter(([field]) => !field.endsWith("_id") && field !== "links").map(([field, after]) => ({ field, before: before?.[field] ?? null, after }));
}

const labelOf = ({ label, field }) => label ?? (has(`field_${field}`) ? s(`field_${field}`) : field.replaceAll("_", " "));
const textOf = (value, text) => text ?? (value === null || value === undefined || value === "" ? "" : cellText(value));

function changes(action) {
  return h("dl", { class: "chat-changes" }, ...changesOf(action).flatMap((change) => {
    const [before, after] = [textOf(change.before, change.before_text), textOf(change.after, change.after_text)];
    return [h("dt", {}, labelOf(change)), h("dd", {},
      before ? h("del", { dir: "auto" }, before) : null,
      before ? h("span", { class: "chat-arrow", "aria-label": s("becomes") }, icon("arrow-right", "icon-xs")) : null,
      after ? h("ins", { dir: "auto" }, after) : h("ins", { class: "text-3" }, s("nothing")))];
  }));
}

function notes(action) {
  const found = [];
  if (action.detail) found.push(h("p", { class: "chat-card-note", dir: "auto" }, action.detail));
  else if (has(`why_${action.status}`)) found.push(h("p", { class: "chat-card-note" }, s(`why_${action.status}`)));
  if (action.undoFailed) found.push(h("p", { class: "chat-card-note", role: "alert" }, s("undo_failed")));
  return found;
}

function buttons(card, action, act) {
  if (action.deciding) return [h("div", { class: "chat-card-foot", "aria-live": "polite" }, icon("loader-2", "icon-sm spin"), s("deciding"))];
  if (isUnderWay(action)) return [];
  if (isDone(action)) return [h("div", { class: "chat-card-foot" }, button("arrow-back-up", s("undo"), "btn-sm", { onclick: () => act.undo(), "data-undo": true }))];
  if (!isOpen(action)) return [];
  return [h("div", { class: "chat-card-foot" },
    button("check", s("approve"), "btn-sm btn-primary", { onclick: () => act.decide("approve"), "data-approve": true, "aria-keyshortcuts": "A" }),
    editable(action).length ? button("pencil", s("edit"), "btn-sm", { onclick: () => edit(card, action, act), "data-edit": true, "aria-keyshortcuts": "E" }) : null,
    button("x", s("reject"), "btn-sm btn-quiet", { onclick: () => act.decide("reject"), "data-reject": true, "aria-keyshortcuts": "X" }),
    action.expires_at ? h("span", { class: "chat-card-until text-3" }, s("until", { time: hour(action.expires_at) })) : null)];
}

const button = (name, text, kind, more) => h("button", { type: "button", class: `btn ${kind}`, ...more }, icon(name), text);

/** On a focused card: a approves, e edits, x rejects, u undoes, as on the review page. */
function keys(event, card) {
  if (event.target !== card || event.ctrlKey || event.metaKey || event.altKey) return;
  const found = { a: "approve", Enter: "approve", e: "edit", x: "reject", u: "undo" }[event.key];
  const wanted = found && card.querySelector(`[data-${found}]`);
  if (!wanted) return;
  event.preventDefault();
  event.stopPropagation();
  wanted.click();
}

/** What may be changed before approving: the fields the server names, else those it shows that are plain values. */
function editable(action) {
  const args = action.args ?? {};
  if (action.many) return [];
  const names = action.editable ?? Object.keys(args).filter((name) => !name.endsWith("_id") && name !== "links" && name !== "language");
  return names.filter((name) => ["string", "number"].includes(typeof args[name]));
}

function edit(card, action, act) {
  const labels = new Map(changesOf(action).map((change) => [change.field, labelOf(change)]));
  const inputs = new Map(editable(action).map((name) => [name, input(name, action.args[name])]));
  const close = () => card.replaceWith(actionCard(action, act));
  const form = h("form", { class: "chat-edit", onsubmit: (event) => {
    event.preventDefault();
    const edits = Object.fromEntries([...inputs].filter(([name, field]) => field.value !== String(action.args[name])).map(([name, field]) => [name, valueOf(field, action.args[name])]));
    act.decide("approve", Object.keys(edits).length ? edits : undefined);
  } },
    ...[...inputs].map(([name, field]) => h("label", { class: "form-row" }, h("span", { class: "form-label" }, labels.get(name) ?? labelOf({ field: name })), field)),
    h("div", { class: "chat-card-foot" }, h("button", { type: "submit", class: "btn btn-sm btn-primary" }, icon("check"), s("approve")),
      h("button", { type: "button", class: "btn btn-sm btn-quiet", onclick: () => { close(); focusCard(action.id); } }, s("cancel"))));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
    focusCard(action.id);
  });
  card.querySelector(".chat-changes").replaceWith(form);
  card.querySelector(":scope > .chat-card-foot")?.remove();
  [...inputs.values()][0]?.focus();
}

const focusCard = (id) => document.querySelector(`.chat-card[data-action="${CSS.escape(id)}"]`)?.focus();

function input(name, value) {
  if (LONG.has(name) || String(value).length > 70) return h("textarea", { class: "form-control", rows: "3", dir: "auto" }, String(value));
  const type = typeof value === "number" ? "number" : /^\d{4}-\d\d-\d\d$/.test(value) ? "date" : "text";
  return h("input", { class: "form-control", type, step: type === "number" ? "any" : null, value: String(value), dir: type === "text" ? "auto" : null });
}

const valueOf = (field, was) => (typeof was === "number" && field.value !== "" ? Number(field.value) : field.value === "" ? null : field.value);
