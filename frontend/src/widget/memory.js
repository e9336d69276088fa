/**
 * What the chat remembers from page to page. How it looks is kept for the browser (`theme.js` reads it before the first
 * paint, so that the page does not jump); what was said is kept for the tab and the person, and only until they sign out.
 */
const LAYOUT = "chat";
const MOST_CHARS = 400_000; // of a conversation kept for the next page; a longer one is fetched again

function read(storage, key) {
  try {
    return JSON.parse(window[storage].getItem(key)) || {};
  } catch {
    return {}; // storage is blocked, or holds something else
  }
}

function write(storage, key, value) {
  try {
    window[storage].setItem(key, JSON.stringify(value));
  } catch {
    // blocked or full: the next page starts afresh
  }
}

export const layout = {
  read: () => ({ open: false, dock: true, width: 420, height: 640, ...read("localStorage", LAYOUT) }),
  isOpen: () => layout.read().open === true,
  /** On a phone the sheet covers the page, so it stays closed after a link was followed. */
  save: (changes) => write("localStorage", LAYOUT, { ...read("localStorage", LAYOUT), ...changes }),
};

/** The conversation of one person: which one is shown (by any tab) and how it looked when this tab left its last page. */
export function personal(user) {
  const key = `${LAYOUT}:${user}`;
  return {
    conversation: () => read("localStorage", key).conversation ?? null,
    remember: (conversation) => write("localStorage", key, { conversation }),
    snapshot: () => read("sessionStorage", key),
    keep(snapshot) {
      const isShort = JSON.stringify(snapshot).length < MOST_CHARS;
      write("sessionStorage", key, isShort ? snapshot : { conversation: snapshot.conversation, draft: snapshot.draft });
    },
  };
}

export function forgetAll() {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(`${LAYOUT}:`)) sessionStorage.removeItem(key);
  } catch {
    // blocked: nothing was kept
  }
}
