/** The chat's texts, translated by the page (components/chat_integration.html), and numbers and dates as its readers write them. */
const host = document.querySelector("afterword-chat");
const strings = JSON.parse(host?.dataset.strings || "{}");
const language = document.documentElement.lang || "en";
const plurals = new Intl.PluralRules(language);

/** A text with `{name}` filled in; one that counts (`{"one", "other"}`) chooses its form by `n`. */
export function s(key, values = {}) {
  const found = strings[key] ?? key;
  const text = typeof found === "string" ? found : found[plurals.select(values.n)] ?? found.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? show(values[name]) : whole));
}

export const has = (key) => key in strings;
const show = (value) => (typeof value === "number" ? number(value) : String(value));

const formats = new Map();
function format(kind, options) {
  const key = kind.name + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new kind(language, options));
  return formats.get(key);
}

export const number = (value, options = { maximumFractionDigits: 2 }) => format(Intl.NumberFormat, options).format(value);

/** `minor` units (cents) in a currency; without cents when there are none. */
export function money(amount, currency) {
  const whole = Number.isInteger(amount);
  try {
    return number(amount, { style: "currency", currency, ...(whole && { maximumFractionDigits: 0 }) });
  } catch {
    return `${number(amount)} ${currency ?? ""}`.trim(); // not a currency that the browser knows
  }
}

export function minorToMajor(minor, currency) {
  try {
    return minor / 10 ** format(Intl.NumberFormat, { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
  } catch {
    return minor / 100;
  }
}

const DAY = /^\d{4}-\d\d-\d\d$/;

/** A date as it is; a moment in the reader's own zone. */
export function day(iso) {
  const isDay = DAY.test(iso);
  const at = new Date(isDay ? `${iso}T12:00:00Z` : iso);
  if (Number.isNaN(at.getTime())) return String(iso);
  return format(Intl.DateTimeFormat, { day: "numeric", month: "short", year: "numeric", ...(isDay && { timeZone: "UTC" }) }).format(at);
}

export function moment(iso) {
  if (DAY.test(iso)) return day(iso);
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? String(iso) : format(Intl.DateTimeFormat, { dateStyle: "medium", timeStyle: "short" }).format(at);
}

export function clockTime(seconds) {
  const total = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const [hours, ...rest] = parts;
  return [...(hours ? [String(hours)] : []), ...rest.map((part, at) => (at || hours ? String(part).padStart(2, "0") : String(part)))].join(":");
}

export function took(ms) {
  return ms < 1000 ? `${number(Math.round(ms))} ms` : `${number(ms / 1000, { maximumFractionDigits: 1 })} s`;
}
