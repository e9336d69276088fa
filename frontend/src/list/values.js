/** What a comparison is compared with: the controls for a field's type and an operator, and what they say. */
import { h } from "../js/dom.js";

const OPERATORS = {
  text: ["contains", "begins", "ends", "eq", "ne", "in", "not_in", "null", "set"],
  number: ["eq", "ne", "gte", "gt", "lte", "lt", "between", "null", "set"],
  date: ["eq", "last", "next", "older", "lt", "gt", "gte", "lte", "between", "ne", "null", "set"],
  choice: ["in", "not_in", "null", "set"],
  record: ["eq", "ne", "null", "set"],
  bool: ["eq"],
};
OPERATORS.money = OPERATORS.number;

/** [[operator, label]] of a field; `also` is one that a condition already has. */
export function operatorsOf(field, words, also) {
  const names = [...OPERATORS[field.type]];
  if (also && !names.includes(also)) names.push(also);
  const label = (name) => (field.type === "date" && words.operators[`date.${name}`]) || words.operators[name] || name;
  return names.map((name) => [name, label(name)]);
}

/** What a fresh comparison of a field begins with. */
export function beginning(field) {
  return field.type === "bool" ? { op: "eq", values: ["true"] } : { op: OPERATORS[field.type][0], values: [] };
}

export function select(label, choices, value, onchange) {
  const options = choices.map(([key, text]) => h("option", { value: key, selected: key === value }, text));
  return h("select", { class: "form-select", "aria-label": label, onchange: ({ target }) => onchange(target.value) }, ...options);
}

function input(label, value, onchange, more = {}) {
  return h("input", { class: "form-control", type: "text", "aria-label": label, value: value ?? "", autocomplete: "off", oninput: ({ target }) => onchange(target.value.trim()), ...more });
}

/** The controls; they change `item.values` as they are used. `draw` draws the row anew, `pickUrl` finds records. */
export function controls(item, field, { words, draw, pickUrl, label }) {
  const { op, values } = item;
  const put = (i) => (value) => { item.values[i] = value; };
  if (op === "null" || op === "set") return [];
  if (op === "last" || op === "next" || op === "older") {
    item.values = [values[0] || "30", words.units[values[1]] ? values[1] : "day"];
    return [
      input(words.count, item.values[0], put(0), { inputmode: "numeric", class: "form-control build-short" }),
      select(words.unit, Object.entries(words.units), item.values[1], put(1)),
    ];
  }
  const one = { date: day, choice: chosen, record, bool: yesNo }[field.type] || typed;
  if (op !== "between") return one(item, field, { words, draw, pickUrl, put, label, at: 0 });
  item.values = [values[0] ?? "", values[1] ?? ""];
  return [...one(item, field, { words, draw, put, label, at: 0 }), h("span", { class: "text-2" }, words.and), ...one(item, field, { words, draw, put, label, at: 1 })];
}

function typed(item, field, { words, put, at }) {
  if (item.op === "in" || item.op === "not_in") {
    const several = (text) => { item.values = text.split(",").map((part) => part.trim()).filter(Boolean); };
    return [input(words.value, item.values.join(", "), several, { placeholder: words.several })];
  }
  return [input(words.value, item.values[at], put(at), field.type === "text" ? {} : { inputmode: "decimal", class: "form-control build-number" })];
}

function day(item, _field, { words, draw, put, at }) {
  const value = item.values[at] ?? (item.values[at] = "today");
  const isToken = value in words.tokens && value !== "";
  const tokens = Object.entries(words.tokens).filter(([key]) => key !== "overdue" || item.op === "eq");
  const choose = (token) => { // drawn anew only for a day of one's own: the select keeps the focus, and what is typed in it
    put(at)(token);
    if (token === "" || !isToken) draw();
  };
  const found = [select(words.value, tokens, isToken ? value : "", choose)];
  if (!isToken) {
    const date = h("input", { class: "form-control", type: "date", max: "9999-12-31", "aria-label": words.day, value: value.slice(0, 10), oninput: ({ target }) => put(at)(target.value) });
    found.push(date);
  }
  return found;
}

function yesNo(item, _field, { words, put }) {
  const isYes = ["true", "1", "yes"].includes(item.values[0]);
  item.values = [isYes ? "true" : "false"];
  return [select(words.value, [["true", words.yes], ["false", words.no]], item.values[0], put(0))];
}

/** Boxes to tick; what a condition names and nobody offers any more stands there as it is. */
function chosen(item, field, { words, label }) {
  if (item.op === "eq") item.op = "in";
  if (item.op === "ne") item.op = "not_in";
  const offered = [...(field.choices || [])];
  for (const value of item.values) if (!offered.some((choice) => choice.value === value)) offered.push({ value, label: value });
  const tick = ({ target }) => {
    item.values = target.checked ? [...item.values, target.value] : item.values.filter((value) => value !== target.value);
  };
  const boxes = offered.map(({ value, label: text }) => h("label", { class: "choice-chip" },
    h("input", { class: "form-check-input", type: "checkbox", value, checked: item.values.includes(value), onchange: tick }), h("span", {}, text)));
  return [h("span", { class: "build-choices choice-chips", role: "group", "aria-label": `${label}: ${words.value}` }, ...boxes)];
}

let pickers = 0;
/** A record, found by typing: js/picker.js hears it. */
function record(item, field, { words, pickUrl }) {
  const id = `build-pick-${++pickers}`;
  const hidden = h("input", { type: "hidden", value: item.values[0] ?? "" });
  const name = h("input", {
    class: "form-control", type: "text", id, value: item.name || (item.values[0] ? `#${item.values[0]}` : ""), placeholder: words.search, "aria-label": words.value,
    autocomplete: "off", role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${id}-list`,
    onchange: () => { item.values = hidden.value ? [hidden.value] : []; item.name = name.value; },
  });
  return [h("div", { class: "picker", "data-picker": `${pickUrl}?type=${field.target}` }, name, hidden,
    h("div", { class: "picker-list", id: `${id}-list`, role: "listbox", "aria-label": words.value, hidden: true }))];
}
