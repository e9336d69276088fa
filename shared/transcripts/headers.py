"""Title, date and people from the lines above the first speech, where they are plainly stated and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.transcripts.labels import is_name
from shared.transcripts.model import Header

MAX_HEADER_LINES = 40

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar jänner", "feb february februar", "mar march märz mrz", "apr april", "may mai",
            "jun june juni", "jul july juli", "aug august", "sep sept september", "oct okt october oktober",
            "nov november", "dec dez december dezember",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_ISO = re.compile(r"(?<!\d)(\d{4})[-/](\d{2})[-/](\d{2})(?!\d)")
_DOTTED = re.compile(r"(?<!\d)(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)")
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|\.)?\s(?:of\s)?([^\W\d_]{3,9})\.?,?\s(\d{4})(?!\d)")
_MONTH_FIRST = re.compile(r"\b([^\W\d_]{3,9})\.?\s(\d{1,2})(?:st|nd|rd|th)?,?\s(\d{4})(?!\d)")
_HOUR = re.compile(r"(?<![\d:])([01]?\d|2[0-3])[:.]([0-5]\d)(?![\d.])(?:\s?([ap])\.?m\b)?", re.I)
_PEOPLE = re.compile(
    r"\W{0,4}(?:meeting )?(?:attendees|participants|present|invited|guests|teilnehmer(?:innen)?|teilnehmende|anwesend)"
    r"\W{0,6}(?::\W{0,4}(?P<rest>.*))?",
    re.I,
)
_LABELLED = re.compile(
    r"\W{0,4}(?P<key>(?:meeting )?title|subject|meeting|topic|thema|betreff|date|datum|when)\W{0,3}"
    r":\W{0,4}(?P<value>.+)",
    re.I,
)
_TRANSCRIPT_SUFFIX = re.compile(
    r"(?:\s*\(\d{4}-\d{2}-\d{2} [^()]{1,30}\)|\s*[-–—]\s*\d{4}/\d{2}/\d{2} \d{2}:\d{2} [A-Z]{1,5}[-+:\d]{0,6})?"
    r"\s*[-–—:]\s*(?:meeting\s)?transcri(?:pt(?:ion)?|ção|zione)\s*$"
    r"|\.(?:docx|txt|vtt|md|pdf|m4a|mp3|mp4|wav)$|-\d{8}\\?_\d{6}(?:UTC)?-[^\d]{1,40}$",
    re.I,
)
_ABSENT = re.compile(r"\W{0,4}(?:apolog|absent|excused|entschuldigt|abwesend|regrets)", re.I)
#: Google Meet lists a shared screen among the people.
_SHARED_SCREEN = re.compile(r"['’]s presentation$", re.I)
_ONLY_MARK = re.compile(r"\W{0,4}(?:audio file|transcript|transkript|attendees|notes|summary)\W{0,4}", re.I)


@dataclass(frozen=True, slots=True)
class HeaderLine:
    """A line above the first speech; `heading` is set for a document's headings."""

    text: str
    heading: bool = False


def read_header(lines: Sequence[HeaderLine]) -> tuple[Header, frozenset[int]]:
    """The header, and the indexes of the lines it was taken from."""
    title: str | None = None
    occurred_at: datetime | None = None
    people: list[str] = []
    used: set[int] = set()
    listing = False
    for index, line in enumerate(lines[:MAX_HEADER_LINES]):
        text = line.text.strip()[:2000]
        if not text:
            listing = listing and not people
            continue
        labelled = _LABELLED.fullmatch(text)
        if match := _PEOPLE.fullmatch(text):
            listing = True
            people += _names(match["rest"] or "")
            used.add(index)
        elif listing and not line.heading and not labelled and not _ABSENT.match(text) and (names := _names(text)):
            people += names
            used.add(index)
        elif labelled and labelled["key"].lower() not in ("date", "datum", "when"):
            title = title or labelled["value"].strip(" *_")
            used.add(index)
        elif occurred_at is None and (when := find_date(text)) and (len(text) <= 120):
            occurred_at = when
            if title is None and _TRANSCRIPT_SUFFIX.search(text):  # "Sync (2026-09-15 at 10:02) - Transcript"
                title = text
            used.add(index)
        elif title is None and len(text) <= 150 and _TRANSCRIPT_SUFFIX.search(text):
            title = text
            used.add(index)
        elif _ONLY_MARK.fullmatch(text):
            listing = False
            used.add(index)
        elif title is None and len(text) <= 150 and (line.heading or (index == 0 and text[-1] not in ".!?,;:")):
            title = text
            used.add(index)
        else:
            listing = listing and not line.heading
    if title:
        title = _TRANSCRIPT_SUFFIX.sub("", title.lstrip("# ").strip(" *_")).strip() or None
    return Header(title, occurred_at, tuple(people)), frozenset(used)


def _names(text: str) -> list[str]:
    """Names in "Org: Keira Bascombe (KB, lead), Matteo Siewert"; empty unless every part has a name's shape."""
    text = text.strip(" -*+•\t_")
    if _ABSENT.match(text):
        return []
    group, colon, rest = text.partition(":")
    if colon and len(group) <= 60:
        text = rest
    parts = [re.sub(r"\s*[(<\[].*", "", part, flags=re.S).strip(" .*_") for part in _split_outside_brackets(text)]
    parts = [part for part in parts if part and not _SHARED_SCREEN.search(part)]
    named = [part for part in parts if is_name(part) and not part.endswith(":")]
    # In a long list people are let through who call themselves "staking 4all": such a list is no sentence.
    is_list = len(named) == len(parts) or (len(named) >= 6 and len(named) * 5 >= len(parts) * 4)
    return parts if is_list else []


def _split_outside_brackets(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for index, char in enumerate(text):
        if char in "([<":
            depth += 1
        elif char in ")]>":
            depth = max(0, depth - 1)
        elif char in ",;" and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]


def find_date(text: str) -> datetime | None:
    """The first unambiguous date in a short text, with the hour if one follows. 03/04/2026 is not unambiguous."""
    for pattern, order in ((_ISO, "ymd"), (_DOTTED, "dmy"), (_DAY_FIRST, "dmy"), (_MONTH_FIRST, "mdy")):
        for match in pattern.finditer(text[:300]):
            parts = dict(zip(order, match.groups(), strict=True))
            month = int(parts["m"]) if parts["m"].isdecimal() else _MONTHS.get(parts["m"].lower())
            if month is None:
                continue
            hour, minute = _hour(text[match.end() : match.end() + 20])
            try:
                # Local time of the meeting: files name no zone.
                return datetime(int(parts["y"]), month, int(parts["d"]), hour, minute)  # noqa: DTZ001
            except ValueError:
                continue
    return None


def _hour(text: str) -> tuple[int, int]:
    match = _HOUR.search(text)
    if match is None:
        return 0, 0
    hour = int(match[1])
    if match[3] and hour <= 12:
        hour = hour % 12 + (12 if match[3].lower() == "p" else 0)
    return hour, int(match[2])
