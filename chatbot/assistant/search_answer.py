"""What is said where no model answers: passages, called what they are, their sentence marked; or nothing found."""

from __future__ import annotations

from collections.abc import Sequence

from chatbot.assistant.formatting import Format
from chatbot.retrieval.passages import Citation, Passage
from chatbot.retrieval.rag_engine import Found

_MOST_SHOWN = 5
_AROUND = 120

_WORDS = {
    "en": {
        "intro": "{why} This is what search found, best first, not an answer:",
        "down": "No language model is running.",
        "model_missing": "No language model is installed.",
        "out_of_memory": "The language model does not fit into memory.",
        "model_loading_timeout": "The language model did not answer in time.",
        "queue_full": "The language model is busy.",
        "context_overflow": "The question is too long for the language model.",
        "failed": "The language model failed.",
        "nothing": "I found nothing about that.",
        "looked": "I looked in {where}.",
        "offer": "Ask me about a company, a person, a deal or a meeting by name, or for figures: open deals, overdue "
        "tasks, the pipeline by stage.",
        "nowhere": "There is nothing to look in yet.",
        "unread": "Some records have changed and are still being read: ask again in a moment.",
        "says": "{speaker}: ",
    },
    "de": {
        "intro": "{why} Das hat die Suche gefunden, das Beste zuerst; eine Antwort ist es nicht:",
        "down": "Es läuft kein Sprachmodell.",
        "model_missing": "Es ist kein Sprachmodell installiert.",
        "out_of_memory": "Das Sprachmodell passt nicht in den Speicher.",
        "model_loading_timeout": "Das Sprachmodell hat nicht rechtzeitig geantwortet.",
        "queue_full": "Das Sprachmodell ist beschäftigt.",
        "context_overflow": "Die Frage ist zu lang für das Sprachmodell.",
        "failed": "Das Sprachmodell ist ausgefallen.",
        "nothing": "Dazu habe ich nichts gefunden.",
        "looked": "Gesucht habe ich in: {where}.",
        "offer": "Fragen Sie nach einer Firma, einer Person, einem Deal oder einer Besprechung beim Namen, oder nach "
        "Zahlen: offene Deals, überfällige Aufgaben, die Pipeline je Stufe.",
        "nowhere": "Es gibt noch nichts, worin ich suchen könnte.",
        "unread": "Einige Einträge haben sich geändert und werden noch gelesen: Fragen Sie gleich noch einmal.",
        "says": "{speaker}: ",
    },
}  # fmt: skip
_CODES = {"ollama_down": "down"}
_GERMAN = {
    "notes": "Notizen", "note": "Notiz", "meetings": "Besprechungen", "meeting": "Besprechung",
    "insights": "Erkenntnisse", "insight": "Erkenntnis", "tasks": "Aufgaben", "task": "Aufgabe", "deals": "Deals",
    "deal": "Deal", "contacts": "Kontakte", "contact": "Kontakt", "companies": "Firmen", "company": "Firma",
}  # fmt: skip


def passages_text(passages: Sequence[Passage], fmt: Format, *, code: str) -> str:
    """The best passages, one a line, numbered as their citations are: the first is `[1]`."""
    words = _WORDS[fmt.language]
    why = words.get(_CODES.get(code, code), words["failed"])
    lines = [_line(number, passage, fmt) for number, passage in enumerate(passages[:_MOST_SHOWN], 1)]
    return "\n".join([words["intro"].format(why=why), "", *lines])


def citations_of(passages: Sequence[Passage]) -> list[Citation]:
    """The sources of `passages_text`."""
    return [passage.cited(number) for number, passage in enumerate(passages[:_MOST_SHOWN], 1)]


def nothing_text(found: Found, fmt: Format, *, is_unread: bool = False) -> str:
    """That nothing was found, where it was looked for, whether some of that is still `is_unread`, what can be asked."""
    words = _WORDS[fmt.language]
    where = _translated(found.looked_in) if fmt.language == "de" else found.looked_in
    looked = words["looked"].format(where=where) if where else words["nowhere"]
    unread = f" {words['unread']}" if is_unread else ""
    return f"{words['nothing']} {looked}{unread}\n\n{words['offer']}"


def _line(number: int, passage: Passage, fmt: Format) -> str:
    day = passage.happened_at or passage.updated_at
    when = f", {fmt.day(fmt.local_day(day))}" if day else ""
    return f"{number}. {' '.join(passage.title.split())}{when} – {_excerpt(passage)} [{number}]"


def _excerpt(passage: Passage) -> str:
    """`… we talked about price. **The budget is 20,000.** Then …`"""
    text, start, end = passage.text, passage.sentence_start, passage.sentence_end
    before, sentence, after = text[:start], text[start:end], text[end:]
    head = before if len(before) <= _AROUND else "… " + before[-_AROUND:].partition(" ")[2]
    tail = after if len(after) <= _AROUND else after[:_AROUND].rpartition(" ")[0] + " …"
    speaker = f"{passage.speaker}: " if passage.speaker and passage.speaker not in head[-80:] else ""
    marked = f"**{_plain(sentence)}**" if _plain(sentence) else ""
    return " ".join(filter(None, (_plain(head), f"{_plain(speaker)} {marked}".strip(), _plain(tail))))


def _plain(text: str) -> str:
    """One line in which Markdown finds nothing."""
    return " ".join(text.translate({ord(sign): None for sign in "*`|#<>[]!"}).split())


def _translated(where: str) -> str:
    return ", ".join(
        " ".join(_GERMAN.get(word, word.replace(",", ".")) for word in part.split()) for part in where.split(", ")
    )
