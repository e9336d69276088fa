/** Two people at one meeting: every few seconds the page asks whether somebody else has decided, and draws those cards. */
import htmx from "htmx.org";
import { toast } from "../js/toasts.js";
import { cards } from "./words.js";

const EVERY_MS = 4000;
const MANY = 8; // from so many on, all proposals are drawn anew

let asking = false;
let sent = 0; // by this page: what changes while one asks may be one's own doing

const isSending = () => document.documentElement.classList.contains("is-loading");

export async function look(changedText) {
  const proposals = document.getElementById("proposals");
  if (!proposals || asking || document.visibilityState !== "visible" || isSending() || proposals.querySelector("#proposals-rest")) return;
  asking = true;
  const before = sent;
  try {
    const answer = await fetch(proposals.dataset.stateUrl, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { states } = await answer.json();
    if (sent === before) await draw(document.getElementById("proposals"), states, changedText);
  } catch {
    // the next look will tell; a lost server is reported by what the person does
  } finally {
    asking = false;
  }
}

async function draw(proposals, states, changedText) {
  const there = cards();
  const changed = there.filter((element) => states[element.dataset.insight] !== element.dataset.state);
  const isAnother = Object.keys(states).length !== there.length;
  if (!changed.length && !isAnother) return;
  if (document.querySelector("dialog[open]")) return; // not under somebody's hands
  const url = new URL(proposals.dataset.cardsUrl, location.href);
  if (!isAnother && changed.length <= MANY) for (const element of changed) url.searchParams.append("id", element.dataset.insight);
  const whole = !url.searchParams.has("id");
  await htmx.ajax("get", url.pathname + url.search, { source: proposals, target: whole ? "#proposals" : document.body, swap: whole ? "outerHTML" : "none" });
  toast({ tone: "info", key: "others", text: changedText });
}

export function watch(changedText) {
  document.addEventListener("htmx:beforeRequest", () => { sent += 1; });
  setInterval(() => look(changedText), EVERY_MS);
  document.addEventListener("visibilitychange", () => look(changedText));
}
