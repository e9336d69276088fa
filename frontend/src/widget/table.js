/** Rows of an answer as a table that can be sorted and scrolled, or, when they are groups, as bars. */
import { h, icon } from "../js/dom.js";
import { ownPath } from "./markdown.js";
import { clockTime, day, has, minorToMajor, moment, money, number, s } from "./strings.js";

const SHOWN = 8; // rows before "show all"
const MOST_BARS = 40;
const MOST_CURRENCIES = 3; // each is drawn by itself: sums of different currencies have no common scale
const NUMERIC = new Set(["number", "money", "percent", "duration"]);
const SHORT = new Set(["date", "datetime", "enum", "bool"]); // never broken over lines
const PLURALS = { company: "companies", contact: "contacts", deal: "deals", task: "tasks", note: "notes", meeting: "meetings" };

export const cellAlign = (align) => ({ right: "chat-end", center: "chat-center" })[align] ?? null;
export const recordPath = ({ type, id }) => (PLURALS[type] && id ? `/${PLURALS[type]}/${id}` : null);

/** `{columns, rows, total, href}` of the frame; null when there is nothing to show as a table. */
export function resultTable(table) {
  const model = read(table);
  if (!model.rows.length) return links(model).length && model.total ? h("div", { class: "chat-links" }, ...links(model)) : null;
  const root = h("div", { class: "chat-result" });
  const view = { model, root, sort: null, isOpen: false, asBars: Boolean(model.bars) };
  root.append(h("div", { class: "chat-result-body" }), foot(view));
  draw(view);
  return root;
}

function read({ columns = [], rows = [], total, href, report, entity, chart }) {
  const first = columns[0]?.name;
  const hasRecords = rows.some(({ type, id }) => type && id);
  const named = hasRecords && !columns.some(({ name }) => name === "name");
  const shown = [...(named ? [{ name: "name", label: s("name"), type: "text" }] : []), ...columns];
  const lines = rows.map((row) => ({
    path: hasRecords ? ownPath(row.href) ?? recordPath(row) : null,
    cells: shown.map(({ name }, at) => (Array.isArray(row) ? row[at] : row.values?.[name] ?? row[name] ?? (name === first ? row.name ?? row.key : undefined))),
  }));
  for (const column of shown) column.title = capital(column.label ?? column.name);
  const model = { columns: shown, rows: lines, total: total ?? rows.length, href: ownPath(href), report: ownPath(report), type: entity ?? rows[0]?.type, hasRecords };
  return { ...model, bars: hasRecords || chart === null ? null : bars(model) };
}

const capital = (text) => text.charAt(0).toLocaleUpperCase() + text.slice(1);

/**
 * What bars would show: of the first measure one number a group, of money one chart a currency. Null when bars would say
 * nothing, or something wrong.
 */
function bars({ columns, rows }) {
  const at = columns.findIndex(({ type }) => NUMERIC.has(type));
  if (at < 1 || rows.length < 2 || rows.length > MOST_BARS) return null;
  const { title, type } = columns[at];
  const name = ({ cells }) => cells.slice(0, at).map((cell, index) => cellText(cell, columns[index].type)).join(" · ");
  const isTime = ["date", "datetime"].includes(columns[0].type) || rows.every(({ cells }) => /\b\d{4}\b/.test(String(cells[0] ?? "")));
  const entries = rows.map((row) => ({ name: name(row), cells: [row.cells[at] ?? 0].flat() }));
  const currencies = [...new Set(entries.flatMap(({ cells }) => cells.map((cell) => cell?.currency ?? null)))];
  if (currencies.length > MOST_CURRENCIES || (currencies.length > 1 && type !== "money")) return null;
  const charts = (currencies.filter(Boolean).length ? currencies.filter(Boolean) : [null]).map((currency) => {
    const known = entries.map(({ name: group, cells }) => ({ name: group, cell: cells.find((cell) => (cell?.currency ?? null) === currency) ?? (currency ? null : 0) })).filter(({ cell }) => cell !== null);
    return {
      label: currencies.length > 1 ? `${title}, ${currency}` : title, isTime,
      names: known.map(({ name: group }) => group), values: known.map(({ cell }) => plain(cell)), texts: known.map(({ cell }) => cellText(cell, type)),
    };
  });
  return charts.every(({ values }) => values.every((value) => typeof value === "number")) ? charts : null;
}

/** A value as something that compares: a number, or text. */
function plain(value) {
  if (Array.isArray(value)) return value.length === 1 ? plain(value[0]) : value.length ? null : 0;
  if (value && typeof value === "object") return Number(value.amount ?? value.minor ?? value.amount_minor ?? value.value ?? NaN);
  return value;
}

/** A value as text, by its column's type. */
export function cellText(value, type) {
  if (value === null || value === undefined || value === "") return "–";
  if (Array.isArray(value)) return value.length ? value.map((one) => cellText(one, type)).join(" · ") : "–";
  if (typeof value === "object") return objectText(value, type);
  if (typeof value === "boolean") return s(value ? "yes" : "no");
  switch (type) {
    case "date": return day(value);
    case "datetime": return moment(value);
    case "duration": return clockTime(value);
    case "percent": return typeof value === "number" ? `${number(value, { maximumFractionDigits: 1 })} %` : String(value);
    default: return typeof value === "number" ? number(value) : has(`value_${value}`) ? s(`value_${value}`) : String(value);
  }
}

function objectText(value, type) {
  if (!("currency" in value)) return cellText(value.name ?? value.label ?? value.text ?? value.value ?? null, type);
  const minor = value.minor ?? value.amount_minor;
  return money(minor === undefined ? Number(value.amount) : minorToMajor(minor, value.currency), value.currency);
}

function draw(view) {
  const body = view.root.firstElementChild;
  if (view.asBars) {
    import("./chart.js").then(({ chart }) => view.asBars && body.replaceChildren(...view.model.bars.map(chart)));
    return;
  }
  body.replaceChildren(h("div", { class: "chat-table-scroll", tabindex: "0", role: "region", "aria-label": s("table") },
    h("table", { class: "chat-table" }, head(view), rowsOf(view))));
}

function head(view) {
  const { columns } = view.model;
  return h("thead", {}, h("tr", {}, ...columns.map(({ title, type }, at) => {
    const isSorted = view.sort?.at === at;
    const button = h("button", { type: "button", class: "chat-sort", onclick: () => sortBy(view, at) }, title,
      isSorted ? icon(view.sort.down ? "arrow-down" : "arrow-up", "icon-xs") : null);
    return h("th", {
      scope: "col", class: NUMERIC.has(type) ? "chat-end" : null, "aria-sort": isSorted ? (view.sort.down ? "descending" : "ascending") : null,
    }, button);
  })));
}

function sortBy(view, at) {
  view.sort = { at, down: view.sort?.at === at ? !view.sort.down : NUMERIC.has(view.model.columns[at].type) };
  view.isOpen = true;
  draw(view);
  view.root.querySelectorAll(".chat-sort")[at].focus();
}

function sorted({ model: { rows }, sort }) {
  if (!sort) return rows;
  const key = ({ cells }) => plain(cells[sort.at]);
  const isNone = (value) => value === null || value === undefined || value === "";
  return [...rows].sort((one, other) => {
    const [a, b] = [key(one), key(other)];
    if (isNone(a) || isNone(b)) return isNone(a) - isNone(b); // nothing comes last, either way
    const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
    return sort.down ? -order : order;
  });
}

function rowsOf(view) {
  const { columns } = view.model;
  const all = sorted(view);
  const shown = view.isOpen ? all : all.slice(0, all.length > SHOWN + 2 ? SHOWN : all.length);
  const body = h("tbody", {}, ...shown.map(({ cells, path }) => h("tr", {}, ...columns.map(({ type, name }, at) => {
    const value = cells[at];
    const href = at === 0 || name === "name" ? path : value?.type && recordPath(value);
    const text = cellText(value, type);
    return h(at === 0 && path ? "th" : "td", { scope: at === 0 && path ? "row" : null, class: NUMERIC.has(type) ? "chat-end" : SHORT.has(type) ? "chat-short" : null, dir: "auto" },
      href ? h("a", { href }, text) : text);
  }))));
  if (shown.length < all.length) {
    body.append(h("tr", { class: "chat-more" }, h("td", { colspan: String(columns.length) },
      h("button", { type: "button", class: "chat-link", onclick: () => { view.isOpen = true; draw(view); } }, s("show_all", { n: all.length })))));
  }
  return body;
}

function foot(view) {
  const { model } = view;
  const partial = model.hasRecords && model.total > model.rows.length && h("span", { class: "text-3" }, s("first_of", { shown: model.rows.length, n: model.total }));
  const choice = model.bars && h("div", { class: "segmented chat-as", role: "group", "aria-label": s("show_as") }, ...[["chart", "chart-bar"], ["table", "table"]].map(([kind, name]) =>
    h("button", { type: "button", "aria-label": s(`as_${kind}`), title: s(`as_${kind}`), "aria-pressed": String((kind === "chart") === view.asBars), onclick: ({ currentTarget }) => {
      view.asBars = kind === "chart";
      for (const button of currentTarget.parentElement.children) button.setAttribute("aria-pressed", String(button === currentTarget));
      draw(view);
    } }, icon(name, "icon-sm"))));
  const parts = [...links(model), partial, choice].filter(Boolean);
  return parts.length ? h("div", { class: "chat-result-foot" }, ...parts) : "";
}

const links = (model) => [model.href && openLink(model), model.report && reportLink(model)].filter(Boolean);
const reportLink = ({ report }) => h("a", { class: "chat-open", href: report }, icon("chart-bar", "icon-sm"), s("save_report"));
const openLink = (model) => h("a", { class: "chat-open", href: model.href }, openText(model), icon("arrow-right", "icon-sm"));

function openText({ total, type, rows, hasRecords }) {
  if (rows.length && !hasRecords) return s("open_list");
  return s("open_in", { n: total, list: has(`list_${type}`) ? s(`list_${type}`) : s("list") });
}
