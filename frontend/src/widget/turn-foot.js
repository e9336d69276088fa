/** What stands below a finished answer: thumbs with a reason, and how the answer was found. */
import { h, icon } from "../js/dom.js";
import { sourcePath, typeIcon } from "./cites.js";
import { has, s, took } from "./strings.js";

const REASONS = ["wrong", "missing", "not_asked", "outdated"];

/** Two thumbs; after the lower one, what was wrong. */
export function feedback(turn, act) {
  return [[1, "thumb-up", "good"], [-1, "thumb-down", "bad"]].map(([score, name, key]) => {
    const isOn = turn.rating === score;
    return h("button", {
      type: "button", class: "btn btn-sm btn-square btn-quiet", "aria-label": s(key), title: s(key), "aria-pressed": String(isOn),
      onclick: ({ currentTarget }) => {
        const row = currentTarget.closest(".chat-tools");
        act.rate(turn, isOn ? 0 : score);
        if (score < 0 && !isOn) requestAnimationFrame(() => askWhy(row, turn, act));
      },
    }, icon(name));
  });
}

function askWhy(row, turn, act) {
  const text = h("input", { class: "form-control", name: "why", maxlength: "400", placeholder: s("why_placeholder"), "aria-label": s("why_bad"), autocomplete: "off", dir: "auto" });
  const send = (why) => {
    act.rate(turn, -1, why);
    form.replaceWith(h("p", { class: "chat-thanks", role: "status" }, icon("check", "icon-sm"), s("thanks")));
  };
  const form = h("form", { class: "chat-why", onsubmit: (event) => {
    event.preventDefault();
    if (text.value.trim()) send(text.value.trim());
  } },
    h("p", {}, s("why_bad")),
    h("div", { class: "chat-choice-list" }, ...REASONS.map((key) => h("button", { type: "button", class: "chat-choice", onclick: () => send(s(`why_${key}`)) }, s(`why_${key}`)))),
    h("div", { class: "chat-why-line" }, text, h("button", { type: "submit", class: "btn" }, s("send"))));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    form.remove();
  });
  row.querySelector(".chat-why, .chat-thanks")?.remove();
  row.append(form);
  form.querySelector("button").focus();
  form.scrollIntoView({ block: "nearest" });
}

/** Route, plan, sources, times, model: what is needed to judge an answer without trusting it. */
export function howIGotThis(turn) {
  const { route, engine, ms, sources, text } = turn;
  const usage = turn.usage ?? {};
  const facts = [
    route?.kind && has(`route_${route.kind}`) ? [s("way"), s(`route_${route.kind}`)] : null,
    route?.sentence && route.sentence !== text ? [s("read_as"), route.sentence] : null,
    usage.search?.looked_in ? [s("looked_in"), lookedIn(usage.search)] : null,
    engine ? [s("engine"), has(`engine_${engine}`) ? s(`engine_${engine}`) : engine] : null,
    ms != null ? [s("time"), timesText(ms, turn.timings ?? {})] : null,
    usage.output_tokens ? [s("tokens"), s("tokens_in_out", { read: usage.prompt_tokens ?? 0, written: usage.output_tokens })] : null,
    usage.checked ? [s("checked"), s("checked_n", { n: usage.checked, doubtful: (usage.unsupported ?? []).length })] : null,
  ].filter(Boolean);
  if (!facts.length && !sources.length) return null;
  return h("details", { class: "chat-how" }, h("summary", {}, icon("chevron-right", "icon-xs"), s("how")),
    h("dl", {}, ...facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", { dir: "auto" }, value)])),
    sources.length ? h("ol", { class: "chat-how-sources" }, ...sources.map(quoted)) : null);
}

/** Where, and why not by meaning where that was not to be had. */
function lookedIn({ looked_in: where, reason }) {
  return reason ? `${where} · ${s("by_words", { reason })}` : where;
}

/** The whole, and the steps that people have names for. */
function timesText(ms, timings) {
  const steps = Object.entries(timings).map(([name, value]) => [`step_${name.replace(/_ms$/, "")}`, value]).filter(([key, value]) => has(key) && value >= 1);
  return [took(ms), ...steps.map(([key, value]) => `${s(key)} ${took(value)}`)].join(" · ");
}

function quoted(source) {
  const href = sourcePath(source);
  return h("li", { value: String(source.n) }, h(href ? "a" : "span", { href, dir: "auto" }, icon(typeIcon(source.type), "icon-sm"), source.title || s("untitled")),
    source.quote ? h("blockquote", { class: source.type === "meeting" ? "chat-said" : "chat-quote", dir: "auto" }, source.quote) : null);
}

/** An answer to paste elsewhere: its text with the sources named. */
export function plainText({ text, sources, table }) {
  const cited = sources.filter(({ n }) => text.includes(`[${n}]`));
  const rows = !text && table?.rows ? table.rows.map((row) => row.name ?? "").filter(Boolean).join("\n") : "";
  return [text || rows, ...(cited.length ? ["", ...cited.map(({ n, title }) => `[${n}] ${title}`)] : [])].join("\n");
}
