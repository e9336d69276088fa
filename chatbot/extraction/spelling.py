"""E-mail addresses and phone numbers, written or spelled out loud, English and German.

"jane dot roe at acme dash foods dot co dot uk"   jane.roe@acme-foods.co.uk
"u punkt kessler ät firma minus bau punkt de"     u.kessler@firma-bau.de
"oh double seven double oh, nine hundred, ..."    07700900...
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from chatbot.extraction.text import fold

_MARKS = {
    "dot": ".", "punkt": ".", "point": ".", "minus": "-", "dash": "-", "hyphen": "-", "bindestrich": "-",
    "underscore": "_", "unterstrich": "_",
}  # fmt: skip
_MARK = "|".join(_MARKS)
_PIECE = r"[^\W_]+(?:-[^\W_]+)*"
_SPELLED = re.compile(
    rf"\b(?P<local>{_PIECE}(?:\s+(?:{_MARK})\s+{_PIECE})*)\s+(?:at|ät|\(at\)|@|klammeraffe)\s+"
    rf"(?P<domain>{_PIECE}(?:\s+(?:{_MARK})\s+{_PIECE})*\s+(?:dot|punkt|point)\s+(?:[a-z]{{2,10}}))\b",
    re.IGNORECASE,
)
#: "ann at north field, all one word, dot com".
_ONE_WORD = re.compile(
    rf"\b(?P<local>{_PIECE}(?:\s+(?:{_MARK})\s+{_PIECE})*)\s+(?:at|ät|@)\s+(?P<domain>{_PIECE}(?:\s+{_PIECE}){{1,3}}),?\s+"
    rf"(?:(?:all\s+)?(?:one|a\s+single|in\s+one)\s+word|zusammen\w*|ein\s+wort|in\s+einem\s+wort),?\s+"
    rf"(?P<end>(?:dot|punkt)\s+[a-z]{{2,10}}(?:\s+(?:dot|punkt)\s+[a-z]{{2,10}})?)\b",
    re.IGNORECASE,
)
_WRITTEN = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LOCAL_ONLY = re.compile(
    rf"\b(?P<local>{_PIECE}(?:\s+(?:dot|punkt)\s+{_PIECE})+)\b[\s,.]*"
    r"(?:(?:and\s+(?:then\s+)?)?(?:the\s+)?(?:same|rest\s+is\s+the\s+same)|sonst\s+gleich|rest\s+(?:ist\s+)?gleich|"
    r"(?:gleiche|selbe)\s+domain)",
    re.IGNORECASE,
)
_DIGIT_WORDS = {
    "oh": "0", "o": "0", "zero": "0", "null": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
    "six": "6", "seven": "7", "eight": "8", "nine": "9", "eins": "1", "zwei": "2", "zwo": "2", "drei": "3",
    "vier": "4", "fünf": "5", "sechs": "6", "sieben": "7", "acht": "8", "neun": "9",
}  # fmt: skip
_TOKEN = re.compile(r"\+?\d[\d ()/.-]*\d|\+?\d|[^\W\d_]+|[.!?]")


@dataclass(frozen=True, slots=True)
class Spelled:
    """text[start:end] gives `value`: an address in lower case, or digits with an optional leading plus."""

    start: int
    end: int
    value: str


def _join(spelled: str) -> str:
    """Blanks go, spoken marks become their sign."""
    return "".join(_MARKS.get(word.lower(), word) for word in spelled.split())


@lru_cache(maxsize=4096)
def find_emails(text: str) -> tuple[Spelled, ...]:
    """Every address in the text, left to right, accents folded."""
    found = [Spelled(m.start(), m.end(), m.group().rstrip(".-").lower()) for m in _WRITTEN.finditer(text)]
    for match in _SPELLED.finditer(text):
        address = f"{fold(_join(match['local']))}@{fold(_join(match['domain']))}"
        found.append(Spelled(match.start(), match.end(), address))
    for match in _ONE_WORD.finditer(text):
        address = f"{fold(_join(match['local']))}@{fold(_join(match['domain'] + ' ' + match['end']))}"
        found.append(Spelled(match.start(), match.end(), address))
    return tuple(sorted(found, key=lambda spelled: spelled.start))


@lru_cache(maxsize=4096)
def find_local_parts(text: str) -> tuple[Spelled, ...]:
    """Left halves of addresses whose right half is "the same" as one given before."""
    return tuple(Spelled(m.start(), m.end(), fold(_join(m["local"]))) for m in _LOCAL_ONLY.finditer(text))


@lru_cache(maxsize=4096)
def find_phones(text: str, least: int = 7) -> tuple[Spelled, ...]:
    """Runs of at least `least` digits, said or written. Dates and amounts are shorter or carry other marks."""
    found: list[Spelled] = []
    digits, start, end, times = "", 0, 0, 1
    for match in [*_TOKEN.finditer(text), None]:
        piece, repeat = _digits(match.group()) if match else (None, 1)
        if match and piece is not None and (piece or repeat > 1 or digits):
            if not digits and times == 1:
                start = match.start()
            if piece == "00":  # "nine hundred"
                digits += "00"
            else:
                digits += piece * (times if piece else 1)
            times, end = repeat, match.end() if piece else end
            continue
        if len(digits.lstrip("+")) >= least:
            found.append(Spelled(start, end, digits))
        digits, times = "", 1
    return tuple(found)


def _digits(word: str) -> tuple[str | None, int]:
    """(digits said by this word, how often the next is said); (None, 1) ends a number."""
    low = word.lower()
    if low in ("double", "doppel"):
        return "", 2
    if low == "triple":
        return "", 3
    if low in ("hundred", "hundert"):
        return "00", 1
    if low in _DIGIT_WORDS:
        return _DIGIT_WORDS[low], 1
    if re.fullmatch(r"\+?\d[\d ()/.-]*", word):
        if re.fullmatch(r"\d{1,4}[.-]\d{1,2}[.-]\d{1,4}|20\d\d", word):
            return None, 1
        return re.sub(r"[^\d+]", "", word), 1
    return None, 1
