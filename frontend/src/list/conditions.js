/**
 * Conditions of the query language (docs/query.md) as the filter builder shows them, and back. Pure data:
 *
 *   {kind: "group", mode: all | any | none, items}            {kind: "related", relation, quantity, count, distinct, group}
 *   {kind: "cmp", field, op, values}, where op is one of a person's: between, older, last, next, null, set beside the rest
 */
const SPAN = /^(last|next)_(\d+)_(day|week|month|quarter|year)s$/;

export const emptyGroup = (mode = "all") => ({ kind: "group", mode, items: [] });

/** A condition as rows and groups; no condition is an empty group. */
export function fromNode(node) {
  if (!node) return emptyGroup();
  const found = shown(node);
  return found.kind === "group" ? found : { ...emptyGroup(), items: [found] };
}

function shown(node) {
  if (node.type === "cmp") return comparison(node);
  if (node.type === "related") return related(node);
  if (node.type === "search") return { kind: "search", q: node.q };
  if (node.type === "not") {
    const inner = node.node.type === "or" ? node.node.of : [node.node];
    return { kind: "group", mode: "none", items: inner.map(shown) };
  }
  const between = betweenOf(node);
  return between || { kind: "group", mode: node.type === "and" ? "all" : "any", items: node.of.map(shown) };
}

function betweenOf({ type, of }) {
  const [least, most] = of;
  const isSpan = type === "and" && of.length === 2 && least.type === "cmp" && most.type === "cmp";
  if (!isSpan || least.field !== most.field || least.op !== "gte" || most.op !== "lte") return null;
  return { kind: "cmp", field: least.field, op: "between", values: [least.values[0], most.values[0]] };
}

function comparison({ field, op = "eq", values }) {
  if (op === "is") return { kind: "cmp", field, op: values[0], values: [] };
  const span = SPAN.exec(values[0]);
  if (span && op === "eq") return { kind: "cmp", field, op: span[1], values: [span[2], span[3]] };
  if (span && op === "lt" && span[1] === "last") return { kind: "cmp", field, op: "older", values: [span[2], span[3]] };
  return { kind: "cmp", field, op, values: [...values] };
}

function related({ relation, absent, at_least: least, at_most: most, distinct, where }) {
  const quantity = absent ? "no" : least !== undefined && least === most ? "exactly" : least !== undefined && most === undefined ? "at_least" : most !== undefined && least === undefined ? "at_most" : least !== undefined ? "span" : "some";
  return { kind: "related", relation, quantity, count: least ?? most ?? 1, most, distinct, group: fromNode(where) };
}

/** Rows and groups as a condition; null for an empty group. */
export function toNode(item) {
  if (item.kind === "cmp") return comparisonNode(item);
  if (item.kind === "related") return relatedNode(item);
  if (item.kind === "search") return item.q.trim() ? { type: "search", q: item.q.trim() } : null;
  const of = item.items.map(toNode).filter(Boolean);
  if (!of.length) return null;
  if (item.mode === "none") return { type: "not", node: of.length === 1 ? of[0] : { type: "or", of } };
  return of.length === 1 ? of[0] : { type: item.mode === "all" ? "and" : "or", of };
}

function comparisonNode({ field, op, values }) {
  const cmp = (how, ...given) => ({ type: "cmp", field, ...(how === "eq" ? {} : { op: how }), values: given });
  if (op === "null" || op === "set") return cmp("is", op);
  if (op === "between") return { type: "and", of: [cmp("gte", values[0]), cmp("lte", values[1])] };
  if (op === "older") return cmp("lt", `last_${values[0]}_${values[1]}s`);
  if (op === "last" || op === "next") return cmp("eq", `${op}_${values[0]}_${values[1]}s`);
  if (op === "in" && values.length === 1) return cmp("eq", values[0]);
  if (op === "not_in" && values.length === 1) return cmp("ne", values[0]);
  return cmp(op, ...values);
}

function relatedNode({ relation, quantity, count, most, distinct, group }) {
  const where = toNode(group);
  const counts = {
    some: {}, no: { absent: true }, at_least: { at_least: count }, at_most: { at_most: count },
    exactly: { at_least: count, at_most: count }, span: { at_least: count, at_most: most },
  }[quantity];
  const isCounted = quantity !== "some" && quantity !== "no";
  return { type: "related", relation, ...counts, ...(distinct && isCounted ? { distinct } : {}), ...(where ? { where } : {}) };
}

/** A condition as parameters of a list's address: simple ones under their own names, the rest as `where`. */
export function toParameters(node) {
  const found = {};
  const rest = [];
  for (const part of node === null ? [] : node.type === "and" ? node.of : [node]) {
    const name = part.type === "cmp" ? (part.op && part.op !== "eq" ? `${part.field}[${part.op}]` : part.field) : null;
    const isPlain = name && !(name in found) && part.values.every((value) => value !== "" && value === value.trim() && !(part.values.length > 1 && value.includes(",")));
    if (isPlain && !(["in", "not_in"].includes(part.op) && part.values.some((value) => value.includes(",")))) found[name] = part.values.join(",");
    else rest.push(part);
  }
  if (rest.length) found.where = JSON.stringify(rest.length === 1 ? rest[0] : { type: "and", of: rest });
  return found;
}
