/** The chat's requests to the CRM: same origin, with the CSRF header that every changing request needs. */
import { problemText } from "../js/dom.js";

const TIMEOUT_MS = 15_000;

export class Refused extends Error {
  constructor(status, text) {
    super(text || `HTTP ${status}`);
    this.status = status;
    this.text = text;
  }
}

/** Send and read JSON. Raises `Refused` with the server's sentence, or a TypeError when it cannot be reached. */
export async function call(method, path, body) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, {
    method, headers, credentials: "same-origin", body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const isJson = answer.headers.get("Content-Type")?.includes("json");
  // A session that has ended is answered with the login page, which is no JSON and no failure.
  if (answer.redirected && !isJson) throw new Refused(401, null);
  if (!answer.ok) throw new Refused(answer.status, problemText(await answer.text(), answer.headers.get("Content-Type") ?? "").text);
  return answer.status === 204 || !isJson ? null : answer.json();
}

const one = (id) => `/chat/conversations/${encodeURIComponent(id)}`;

export const api = {
  ticket: () => call("POST", "/chat/ticket"), // {ticket, url, http_url}
  conversations: ({ q = "", cursor = "" } = {}) => call("GET", `/chat/conversations?${new URLSearchParams({ q, cursor })}`),
  conversation: (id, before) => call("GET", before ? `${one(id)}?before=${before}` : one(id)),
  rename: (id, title) => call("PATCH", one(id), { title }),
  remove: (id) => call("DELETE", one(id)),
  restore: (id) => call("POST", `${one(id)}/restore`),
  rate: (turn, score, why) => call("POST", `/chat/messages/${encodeURIComponent(turn)}/rating`, { score, why: why ?? null }),
  exportHref: (id) => `${one(id)}/export`,
  action: (id) => call("GET", `/chat/actions/${encodeURIComponent(id)}`),
  undo: (action) => call("POST", `/chat/actions/${encodeURIComponent(action)}/undo`),
};
