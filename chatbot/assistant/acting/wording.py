"""Words in and out of a request: what stands before a title, who it is about, how the thing asked for is put.

What the person wrote is kept as they wrote it, but for the words that told us what to do with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date

from chatbot.assistant.acting.targets import REF
from chatbot.assistant.types import RecordRef
from chatbot.extraction.dates import find_days

PERSON = re.compile(r"\b(?:him|her|them|ihn|ihm|ihnen)\b", re.IGNORECASE)
ASSIGNED = re.compile(
    r"[\s,]*(?:\band\s+)?\b(?:assign(?:ed)?(?:\s+(?:it|this))?\s+to|für|for)\s+(?P<who>[^\W\d][\w'’.-]*(?:\s+[^\W\d][\w'’.-]*)?)$",
    re.IGNORECASE,
)
FOR_WHOM = re.compile(
    r"^(?:for|für)\s+(?P<who>[^\W\d][\w'’.-]*(?:\s+(?!to\b|an\b)[^\W\d][\w'’.-]*)?)(?:\s+an)?\s*(?::|,?\s+to\b|,)\s*(?P<what>.+)$",
    re.I | re.S,
)
ABOUT_FIRST = re.compile(
    r"^(?:on|for|about|in|at|regarding|with|to|bei|für|zu[mr]?)\s+(?P<record>[^:]{2,120}?)\s*:\s*(?P<what>.+)$",
    re.I | re.S,
)
_LEAD = re.compile(
    r"^(?:[\s:,.–—-]+|(?:to|that|daran|um|dass)\b(?!\s*:)(?:\s+(?:i|we|ich|wir)\s+(?:should|need\s+to|must|have\s+to)\b)?|"
    r"(?:called|named|titled|saying|namens|mit\s+dem\s+Titel|which\s+says)\b)+",
    re.I,
)
FOLLOW_UP = {"en": "Follow up", "de": "Nachfassen"}
WITH, ON = {"en": "with", "de": "mit"}, {"en": "on", "de": "zu"}
_QUOTES = '"“”„«»'
#: Verbs that German cuts in two: “anzurufen” is “anrufen”.
_ZU = re.compile(
    r"\b(an|auf|aus|ab|vor|nach|mit|ein|zu|bei|her|hin|weg|zurück|durch|fest|weiter|zusammen)zu(\w+e?n)$", re.I
)
_ZU_ALONE = re.compile(r"\bzu\s+(\w+e?n)$", re.I)
_ACTIVITIES = {"mail": "email", "treffen": "meeting", "visit": "meeting", "lunch": "meeting", "demo": "meeting",
               "besuch": "meeting", "termin": "meeting", "besprechung": "meeting", "meeting": "meeting",
               "met": "meeting", "visited": "meeting"}  # fmt: skip
_PAST = {"yesterday": -1, "gestern": -1, "vorgestern": -2, "today": 0, "heute": 0, "this morning": 0}
_PAST_DAY = re.compile(
    r"\s*\b(?:(?:on|am|last|letzten|vom|of|from)\s+)*(?P<day>yesterday|gestern|vorgestern|today|heute|this\s+morning)"
    r"(?:['’]s|\s+(?:morning|afternoon|evening))?\b",
    re.I,
)
_PAST_WEEKDAY = re.compile(
    r"\s*\b(?:(?:on|am|last|letzten|vergangenen|vom)\s+)+(?P<day>monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag|"
    r"dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)\b",
    re.I,
)
_WEEKDAYS = {
    name: n % 7
    for n, name in enumerate(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
         "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag")
    )
}  # fmt: skip
_WHO = re.compile(r"^[\s,:]*(?:with|for|on|to|at|an|bei|mit|zu[mr]?|für|von)\s+", re.IGNORECASE)
_ABOUT = re.compile(
    r"(?:\s*[,:]\s*|\s+)(?P<word>about|regarding|re|concerning|saying(?:\s+that)?|that|asking|telling|because|to|on|wegen|über|zum\s+Thema|"
    r"bezüglich|dass|mit\s+der\s+(?:Frage|Bitte)|um|zu)\b:?\s*|\s*[:–—]\s*",
    re.IGNORECASE,
)


def clipped(text: str) -> str:
    """Enough of a phrase to know it again."""
    text = without_refs(" ".join(text.split()))
    return text if len(text) <= 80 else text[:79].rstrip() + "…"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def without_refs(text: str) -> str:
    """Without `[contact:12]`, which is for us."""
    return REF.sub("", text).replace("[none]", "").replace("[no date]", "").replace("[another]", "").strip()


def unquoted(text: str) -> str:
    """Without quotation marks around the whole."""
    text = text.strip()
    return text[1:-1].strip() if len(text) > 1 and text[0] in _QUOTES and text[-1] in _QUOTES else text


def without_lead(text: str) -> str:
    """Without what only led to it: “to”, “called”, a colon."""
    return _LEAD.sub("", text).strip()


def as_title(text: str, language: str) -> str:
    """Text as a task's title: one line, no quotes around it, a capital; German infinitives as in a list."""
    text = unquoted(without_lead(" ".join(text.split())).strip(" ,;:.")).replace("[none]", "").strip()
    if language == "de":
        text = _ZU_ALONE.sub(r"\1", _ZU.sub(r"\1\2", text))
    return capital(text)[:500]


def with_name(title: str, links: Sequence[RecordRef]) -> str:
    """“Call him” as it must read tomorrow: “Call Jane Roe”."""
    person = next((ref for ref in links if ref.type == "contact"), None)
    return PERSON.sub(lambda _: person.name, title, count=1) if person else title


def activity(kind: str) -> str:
    word = kind.lower()
    return "email" if "mail" in word else _ACTIVITIES.get(word, "call")


def past_day(text: str, today: date) -> tuple[date, str]:
    """The day something was, today if nothing is said; and the text without it. A weekday is the last such day."""
    if match := _PAST_DAY.search(text):
        key = " ".join(match["day"].lower().split())
        return today + timedelta(days=_PAST[key]), (text[: match.start()] + text[match.end() :]).strip(" ,")
    if match := _PAST_WEEKDAY.search(text):
        back = (today.weekday() - _WEEKDAYS[match["day"].lower()] - 1) % 7 + 1
        return today - timedelta(days=back), (text[: match.start()] + text[match.end() :]).strip(" ,")
    for found in find_days(text, today):
        day = found.date if found.date <= today else _year_before(found.date)
        head = re.sub(r"\s*\b(?:on|am|vom|of|from)\s+$", "", text[: found.start])
        return day, (head + text[found.end :]).strip(" ,")
    return today, text


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)


def cut_about(text: str) -> tuple[str, str]:
    """“Ruth about the contract” → (“Ruth”, “about the contract”)."""
    match = re.search(r"\s+(?=(?:about|regarding|concerning|re|über|wegen|bezüglich)\s)", text, re.IGNORECASE)
    return (text[: match.start()], text[match.end() :]) if match else (text, "")


def without_for(text: str) -> str:
    """“for Ruth to send it”, who is no colleague: “Ruth to send it”."""
    return re.sub(r"^(?:for|für)\s+", "", text, flags=re.IGNORECASE)


def people(text: str) -> list[str]:
    """“Jane and Tom”."""
    parts = re.split(r"\s*(?:,|\band\b|\bund\b|&)\s*", without_lead(text))
    return [part for part in parts if part.strip()][:6]


def who_and_what(text: str, *, to: bool = False) -> tuple[str, str]:
    """“with Jane about the offer” → (“Jane”, “about the offer”). `to`: without the preposition."""
    rest = _WHO.sub("", text, count=1).strip(" ,")
    is_named = rest != text.strip(" ,:")
    cut = _ABOUT.search(rest) if is_named else _ABOUT.match(" " + rest)
    if cut is None:
        return (rest if is_named else "", "" if is_named else rest)
    source = rest if is_named else " " + rest
    who, what = source[: cut.start()].strip(" ,"), source[cut.end() :].strip()
    word = (cut["word"] or "").strip()
    return who, what if (to and not word.lower().startswith("ask")) or not word else f"{word} {what}"


def draft_request(who: str, about: str, language: str) -> str:
    if language == "de":
        return f"Entwirf eine E-Mail an {who} {about}".strip()
    return f"Draft an e-mail to {who} {about}".strip()


def task_request(command: str, language: str) -> str:
    if language == "de":
        return f"Aufgabe: {capital(command)}"
    return f"Create a task to {command[:1].lower()}{command[1:]}"


def move_request(deal: str, stage: str, language: str) -> str:
    return f"Verschiebe den Deal {deal} nach {stage}" if language == "de" else f"Move the deal {deal} to {stage}"


def close_request(deal: str, outcome: str, language: str) -> str:
    if language == "de":
        return f"Markiere den Deal {deal} als {'gewonnen' if outcome == 'won' else 'verloren'}"
    return f"Mark the deal {deal} as {outcome}"


def day(value: date, language: str) -> str:
    return str(format_date(value, "EEEE, d. MMMM" if language == "de" else "EEEE d MMMM", locale=language))


@dataclass(frozen=True, slots=True)
class Person:
    """What is said of a new contact."""

    name: str
    title: str | None
    company: str | None
    is_new_company: bool


_AT = re.compile(
    r"(?:^|\s+|,\s*)(?:at|from|of|with|bei|von|(?:who\s+)?work(?:s|ing)?\s+(?:at|for))\s+(?P<new>(?:the\s+|der\s+)?(?:new|neuen?)\s+(?:company|Firma)\s+)?(?P<company>[^,;]+)",
    re.I,
)
_AS = re.compile(r"(?:^|\s+|,\s*)(?:as|als|title:?|position:?)\s+(?P<title>[^,;]+)", re.IGNORECASE)
_LABELS = re.compile(
    r"[\s,;]*\b(?:e-?mail|phone|tel(?:efon)?|mobile|mobil|number|address|with|mit|and|und)\b\s*[:.]?\s*(?=,|;|$)", re.I
)


def person(text: str) -> Person:
    """“Max Muster, CTO at Borealis”; addresses and numbers are out already."""
    text = _LABELS.sub("", f"{unquoted(text)}").strip(" ,;")
    company, title = _AT.search(text), _AS.search(text)
    rest = text
    for match in sorted(filter(None, (company, title)), key=lambda m: m.start(), reverse=True):
        rest = f"{rest[: match.start()]},{rest[match.end() :]}"
    parts = [part.strip() for part in re.split(r"[,;]", rest) if part.strip()]
    name = unquoted(without_refs(parts[0])) if parts else ""
    said = title["title"].strip() if title else parts[1] if len(parts) > 1 else None
    return Person(name, said, company["company"].strip() if company else None, bool(company and company["new"]))


def company(text: str) -> tuple[str, str | None]:
    """“Quill Ltd in Bergen” → name and city."""
    text = unquoted(text.strip(" ,;:"))
    match = re.search(r"\s+(?:in|from|based\s+in|aus)\s+(?P<city>[^,;]+)", text)
    name = (text[: match.start()] if match else re.split(r"[,;]", text)[0]).strip(" ,")
    return unquoted(name), match["city"].strip() if match else None


def new_company(name: str, language: str) -> str:
    return f"der neuen Firma {name}" if language == "de" else f"the new company {name}"


def without_company(request: str, name: str) -> str:
    """The same request with nobody's employer in it."""
    return re.sub(rf"\s*,?\s*\b(?:at|from|of|with|bei|von)\s+{re.escape(name)}", "", request, count=1)
