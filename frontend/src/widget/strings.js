/** The chat's texts, translated by the page (components/chat_integration.html), and numbers and dates as its readers write them. */
const host = document.querySelector("afterword-chat");
const strings = JSON.parse(host?.dataset.strings || "{}");
const language = document.documentElement.lang || "en";
export const zone = host?.dataset.zone || Intl.DateTimeFormat().resolvedOptions().timeZone;
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

/** A day, or a moment in the zone the pages use, short: the year is said where it is not this one. */
export function moment(iso, { withTime = true } = {}) {
  const isDay = DAY.test(iso);
  const at = new Date(isDay ? `${iso}T12:00:00Z` : iso);
  if (Number.isNaN(at.getTime())) return String(iso);
  return format(Intl.DateTimeFormat, {
    day: "numeric", month: "short", timeZone: isDay ? "UTC" : zone,
    ...(at.getFullYear() !== new Date().getFullYear() && { year: "numeric" }), ...(withTime && !isDay && { hour: "numeric", minute: "2-digit" }),
  }).format(at);
}

export const day = (iso) => moment(iso, { withTime: false });
export const hour = (iso) => format(Intl.DateTimeFormat, { hour: "numeric", minute: "2-digit", timeZone: zone }).format(new Date(iso));

export function clockTime(seconds) {
  const total = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const [hours, ...rest] = parts;
  return [...(hours ? [String(hours)] : []), ...rest.map((part, at) => (at || hours ? String(part).padStart(2, "0") : String(part)))].join(":");
}

export function took(ms) {
  return ms < 1000 ? `${number(Math.round(ms))} ms` : `${number(ms / 1000, { maximumFractionDigits: 1 })} s`;
}
