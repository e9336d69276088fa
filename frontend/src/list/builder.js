/**
 * The filter builder: a dialog in which conditions are put together in terms of fields, nested as deep as the query
 * language goes, and which then opens the list's address that says the same. What it offers comes from the server.
 */
import { h, icon, t } from "../js/dom.js";
import { toast } from "../js/toasts.js";
import { emptyGroup, fromNode, toNode, toParameters } from "./conditions.js";
import { beginning, controls, operatorsOf, select } from "./values.js";

const MAX_DEPTH = 5; // of groups in groups; the server takes six levels of conditions
const offers = new Map(); // record type → what can be asked of it
const LOOKS = new Set(["saved", "columns", "by", "sort", "view", "limit", "deleted"]); // what is no condition

async function offerOf(type, address) {
  if (!offers.has(type)) {
    const answer = await fetch(address.replace("TYPE", type), { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    offers.set(type, await answer.json());
  }
  return offers.get(type);
}

/** Open the builder of the list that a button stands on. */
export async function open(button) {
  const { build: type, where, fields, pickUrl } = button.dataset;
  const root = fromNode(where ? JSON.parse(where) : null);
  try {
    await load(root, type, fields);
  } catch {
    return toast({ tone: "error", text: t("failed") });
  }
  show(button, new Builder(root, type, fields, pickUrl));
}

/** Fetch what can be asked of every type that a condition speaks of. */
async function load(item, type, address) {
  const offer = await offerOf(type, address);
  for (const inner of item.items || []) {
    if (inner.kind === "group") await load(inner, type, address);
    if (inner.kind === "related") await load(inner.group, targetOf(offer, inner), address);
  }
}

const targetOf = (offer, { relation }) => offer.relations.find(({ name }) => name === relation).target;

function show(button, builder) {
  const body = document.getElementById("modal-body");
  const apply = (event) => {
    event.preventDefault();
    const missing = builder.firstMissing();
    if (missing) return missing.focus();
    const parameters = toParameters(toNode(builder.root));
    const n = [...(parameters.where ?? "")].length;
    tooLong.hidden = n <= most;
    if (n > most) tooLong.textContent = button.dataset.tooLong.replace("{n}", n).replace("{most}", most);
    else location.assign(address(parameters));
  };
  const most = Number(button.dataset.longest);
  const tooLong = h("p", { class: "field-error build-error", role: "alert", hidden: true });
  const cancel = h("button", { type: "button", class: "btn", "data-close-dialog": true }, button.dataset.cancel);
  body.replaceChildren(
    h("div", { class: "dialog-top" }, h("h2", { id: "modal-title" }, button.dataset.title)),
    h("form", { class: "build", method: "dialog", novalidate: true, onsubmit: apply },
      h("div", { class: "dialog-body dialog-scroll" }, builder.element),
      tooLong,
      h("div", { class: "dialog-foot" }, cancel, h("button", { type: "submit", class: "btn btn-primary" }, button.dataset.apply))),
  );
  const dialog = document.getElementById("modal");
  dialog.classList.add("dialog-build");
  dialog.setAttribute("aria-labelledby", "modal-title");
  dialog.addEventListener("close", () => dialog.classList.remove("dialog-build"), { once: true });
  dialog.showModal();
  if (!builder.root.items.length) builder.element.querySelector("[data-add]").click();
  builder.element.querySelector("select, input")?.focus();
}

/** Where the list stands with other conditions: looks and words stay, the page begins anew. */
function address(parameters) {
  const before = new URLSearchParams(location.search);
  const after = new URLSearchParams();
  for (const [name, value] of before) if (LOOKS.has(name) || name === "q") after.append(name, value);
  for (const [name, value] of Object.entries(parameters)) after.set(name, value);
  if (!after.has("saved")) after.set("saved", "0");
  if (after.get("saved") !== "0" && !after.has("sort")) after.set("sort", "");
  return `${location.pathname}?${after}`;
}

/**
 * The builder inside a form: `host` names the type in data-conditions and holds the hidden field that has the conditions
 * as JSON. What is still without its value is no condition yet.
 */
export async function embed(host) {
  const { conditions: type, fields, pickUrl } = host.dataset;
  const hidden = host.querySelector("input[type=hidden]");
  const root = fromNode(hidden.value ? JSON.parse(hidden.value) : null);
  await load(root, type, fields);
  const builder = new Builder(root, type, fields, pickUrl);
  const tell = () => {
    const node = toNode(filled(root));
    const text = node ? JSON.stringify(node) : "";
    if (text === hidden.value) return;
    hidden.value = text;
    hidden.dispatchEvent(new Event("input", { bubbles: true }));
  };
  for (const name of ["input", "change", "click"]) {
    host.addEventListener(name, ({ target }) => target !== hidden && setTimeout(tell)); // after what was used has told its condition
  }
  host.closest("form").addEventListener("submit", (event) => {
    const missing = builder.firstMissing();
    if (!missing) return;
    event.preventDefault();
    missing.focus();
  });
  host.append(builder.element);
}

function isFilled({ op, values }) {
  if (["null", "set"].includes(op)) return true;
  const wanted = op === "between" || ["last", "next", "older"].includes(op) ? 2 : 1;
  return values.length >= wanted && values.every((value) => value !== "" && value !== undefined);
}

/** A condition without the comparisons that lack their values; null for nothing. */
function filled(item) {
  if (item.kind === "cmp") return isFilled(item) ? item : null;
  if (item.kind === "related") return { ...item, group: filled(item.group) };
  return { ...item, items: item.items.map(filled).filter(Boolean) };
}

class Builder {
  constructor(root, type, address, pickUrl) {
    Object.assign(this, { root, type, address, pickUrl });
    this.element = h("div", { class: "build-root" });
    for (const name of ["input", "change"]) this.element.addEventListener(name, ({ target }) => this.forgive(target.closest(".build-cmp.is-missing")));
    this.draw();
  }

  draw() {
    this.element.replaceChildren(this.group(this.root, this.type, 1));
  }

  /** The first control that still has to be filled; it says so. */
  firstMissing() {
    const rows = [...this.element.querySelectorAll(".build-cmp")];
    for (const row of rows) this.forgive(row);
    const row = rows.find(({ item }) => !isFilled(item));
    const control = row?.querySelector(".build-value :is(input:not([type=hidden]), select)");
    if (!control) return null;
    row.classList.add("is-missing");
    row.append(h("p", { class: "field-error build-missing", id: "build-missing" }, row.words[control.type === "checkbox" ? "choose" : "fill"]));
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", "build-missing");
    return control;
  }

  /** What was asked of a comparison is taken back once something is done about it. */
  forgive(row) {
    row?.classList.remove("is-missing");
    row?.querySelector(".build-missing")?.remove();
    for (const control of row?.querySelectorAll("[aria-describedby=build-missing]") ?? []) {
      control.removeAttribute("aria-invalid");
      control.removeAttribute("aria-describedby");
    }
  }

  group(group, type, depth, onremove) {
    const { words, relations } = offers.get(type);
    const remove = (item) => () => {
      group.items.splice(group.items.indexOf(item), 1);
      const fresh = this.group(group, type, depth, onremove);
      box.replaceWith(fresh);
      fresh.querySelector(":scope > .build-add [data-add]").focus();
    };
    const rows = group.items.map((item) => this.item(item, type, depth, remove(item)));
    const add = async (item) => {
      if (item.kind === "related") await offerOf(targetOf(offers.get(type), item), this.address);
      group.items.push(item);
      const fresh = this.group(group, type, depth, onremove);
      box.replaceWith(fresh);
      [...fresh.querySelectorAll(":scope > .build-items > *")].at(-1)?.querySelector("select, input")?.focus();
    };
    const canNest = depth < MAX_DEPTH;
    const modes = [["all", words.all], ["any", words.any], ["none", words.none]];
    const box = h("fieldset", { class: "build-group" },
      h("legend", { class: "visually-hidden" }, words.match),
      h("div", { class: "build-head" },
        select(words.match, modes, group.mode, (mode) => { group.mode = mode; }),
        onremove ? this.cross(words, onremove) : null),
      h("div", { class: "build-items" }, ...(rows.length ? rows : [h("p", { class: "text-3 build-none" }, words.empty_group)])),
      h("div", { class: "build-add" },
        this.adder(words.add, () => add(this.fresh(type)), true),
        canNest ? this.adder(words.add_group, () => add({ ...emptyGroup(group.mode === "any" ? "all" : "any"), items: [this.fresh(type)] })) : null,
        canNest && relations.length ? this.adder(words.add_related, () => add({ kind: "related", relation: relations[0].name, quantity: "some", count: 1, group: emptyGroup() })) : null));
    return box;
  }

  adder(text, onclick, isFirst = false) {
    return h("button", { type: "button", class: "btn btn-sm btn-quiet", onclick, "data-add": isFirst }, icon("plus"), text);
  }

  cross(words, onclick) {
    return h("button", { type: "button", class: "btn btn-quiet btn-sm btn-square push-end", "aria-label": words.remove, title: words.remove, onclick }, icon("x"));
  }

  /** A comparison with the first field there is. */
  fresh(type) {
    const { fields } = offers.get(type);
    const first = fields.find(({ name }) => name === "name" || name === "title") || fields.find((field) => !field.hidden);
    return { kind: "cmp", field: first.name, ...beginning(first) };
  }

  item(item, type, depth, onremove) {
    if (item.kind === "group") return this.group(item, type, depth + 1, onremove);
    if (item.kind === "search") return this.search(item, type, onremove);
    return item.kind === "related" ? this.related(item, type, depth, onremove) : this.comparison(item, type, onremove);
  }

  /** The field's own box stays when another is chosen in it: who types its name is not interrupted after one letter. */
  comparison(item, type, onremove) {
    const { words, fields } = offers.get(type);
    const field = () => fields.find(({ name }) => name === item.field);
    const value = h("span", { class: "build-value" });
    const fill = () => {
      const focused = [...value.querySelectorAll("select, input")].indexOf(document.activeElement);
      value.replaceChildren(...controls(item, field(), { words, draw: fill, pickUrl: this.pickUrl, label: field().label }));
      value.querySelectorAll("select, input")[focused]?.focus();
    };
    const compare = (op) => {
      const keeps = !["null", "set"].includes(op) && isLike(item.op, op);
      Object.assign(item, { op, values: keeps ? item.values : [] });
      fill();
    };
    const operators = () => select(words.compare, operatorsOf(field(), words, item.op), item.op, compare);
    const ask = (name) => {
      Object.assign(item, { field: name, name: "" }, beginning(fields.find((other) => other.name === name)));
      fill();
      row.children[1].replaceWith(operators());
    };
    const choices = fields.filter(({ name, hidden }) => !hidden || name === item.field).map(({ name, label }) => [name, label]);
    fill(); // it may put the operator of a field with choices right
    const row = h("div", { class: "build-row build-cmp" },
      select(words.field, choices, item.field, ask), operators(), value, this.cross(words, onremove));
    return Object.assign(row, { item, words });
  }

  /** Words to be found, which an answer of the assistant may have put here. */
  search(item, type, onremove) {
    const { words } = offers.get(type);
    const box = h("input", { class: "form-control", type: "search", maxlength: 500, value: item.q, "aria-label": document.querySelector(".filter-bar input[type=search]")?.getAttribute("aria-label") ?? words.compare, oninput: ({ target }) => { item.q = target.value; } });
    return Object.assign(h("div", { class: "build-row build-cmp" }, h("span", { class: "build-value" }, box), this.cross(words, onremove)), { item, words });
  }

  /** Its own boxes stay, as those of a comparison do; the conditions inside are those of what it leads to. */
  related(item, type, depth, onremove) {
    const { words, relations } = offers.get(type);
    const inner = () => this.group(item.group, targetOf(offers.get(type), item), depth + 1);
    const turn = async (relation) => {
      Object.assign(item, { relation, group: emptyGroup(), distinct: undefined });
      await offerOf(targetOf(offers.get(type), item), this.address);
      if (item.relation === relation) row.querySelector(":scope > .build-group")?.replaceWith(inner());
    };
    const quantities = Object.entries(words.quantities);
    if (item.quantity === "span") quantities.push(["span", `${item.count} – ${item.most}`]);
    const isCounted = () => ["at_least", "at_most", "exactly"].includes(item.quantity);
    const count = h("input", { hidden: !isCounted(), class: "form-control build-short", type: "number", min: 0, max: 1000000, value: item.count, "aria-label": words.count, oninput: ({ target }) => { item.count = Math.max(0, Number(target.value) || 0); } });
    const row = h("div", { class: "build-related" },
      h("div", { class: "build-row" },
        select(words.how_many, quantities, item.quantity, (quantity) => { item.quantity = quantity; count.hidden = !isCounted(); }),
        count,
        select(words.related, relations.map(({ name, label }) => [name, label]), item.relation, turn),
        this.cross(words, onremove)),
      depth < MAX_DEPTH ? inner() : null);
    return row;
  }
}

const LIKE = [["in", "not_in", "eq", "ne"], ["eq", "ne", "lt", "lte", "gt", "gte", "contains", "begins", "ends"], ["last", "next", "older"]];
const isLike = (one, other) => LIKE.some((ops) => ops.includes(one) && ops.includes(other));
