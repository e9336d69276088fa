/** Which commands a text means, and how well. */
const ACCENTS = /\p{M}+/gu;
const WORDS = /[\p{L}\p{N}]+/gu;

const fold = (text) => text.toLowerCase().normalize("NFKD").replace(ACCENTS, "");
const wordsOf = (text) => fold(text).match(WORDS) ?? [];

/** 3: its whole name; 2: how the name begins, or whole words of it (“dark” of “Theme: Dark”); 1: each word begins one of the name's words; 0: something else. */
export function closeness(text, name) {
  const typed = wordsOf(text);
  const there = wordsOf(name);
  if (!typed.length) return 0;
  if (typed.join(" ") === there.join(" ")) return 3;
  if (there.join(" ").startsWith(typed.join(" ")) || typed.every((word) => there.includes(word))) return 2;
  return typed.every((word) => there.some((other) => other.startsWith(word))) ? 1 : 0;
}

/** Those that were meant, by their name or `also` by other words, the closest first; the order they came in among equals. */
export function meant(text, commands) {
  return commands
    .map((command) => ({ ...command, closeness: Math.max(closeness(text, command.text), Math.min(2, closeness(text, command.also ?? ""))) }))
    .filter((command) => command.closeness)
    .sort((a, b) => b.closeness - a.closeness);
}
