/** Two people at one meeting: every few seconds the page asks whether somebody else has decided, and draws those cards. */
import htmx from "htmx.org";
import { toast } from "../js/toasts.js";
import { cards } from "./words.js";

const EVERY_MS = 4000;
const MANY = 8; // from so many on, all proposals are drawn anew

let asking = false;

export async function look(changedText) {
  const proposals = document.getElementById("proposals");
  if (!proposals || asking || document.visibilityState !== "visible" || proposals.querySelector("[data-busy], #proposals-rest")) return;
  asking = true;
  try {
    const answer = await fetch(proposals.dataset.stateUrl, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { states } = await answer.json();
    await draw(document.getElementById("proposals"), states, changedText);
  } catch {
    // the next look will tell; a lost server is reported by what the person does
  } finally {
    asking = false;
  }
}

async function draw(proposals, states, changedText) {
  const there = cards();
  if (there.some((element) => element.dataset.busy)) return; // our own decision is under way
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
  setInterval(() => look(changedText), EVERY_MS);
  document.addEventListener("visibilitychange", () => look(changedText));
}
