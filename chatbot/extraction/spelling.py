"""E-mail addresses and phone numbers, written or spelled out loud, English and German.

"jane dot roe at acme dash foods dot co dot uk"   jane.roe@acme-foods.co.uk
"u punkt kessler ät firma minus bau punkt de"     u.kessler@firma-bau.de
"oh double seven double oh, nine hundred, ..."    07700900...
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from chatbot.extraction.numbers import german_number
from chatbot.extraction.text import fold

_MARKS = {
    "dot": ".", "punkt": ".", "point": ".", "minus": "-", "dash": "-", "hyphen": "-", "bindestrich": "-",
    "underscore": "_", "unterstrich": "_",
}  # fmt: skip
_MARK = "|".join(_MARKS)
#: How addresses write what they cannot.
WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa"})
_AT = r"(?:at|ät|\(at\)|@|klammeraffe)"
_PIECE = r"[^\W_]+(?:-[^\W_]+)*"
#: An initial said before a name, "l farr"; an `a` or `i` only where a clause begins, else it is a word of its own.
_INITIAL = r"(?:(?<![\w'’.-])(?:[b-hj-z]|(?<=[,:]\s)a)\s+)?"
_LOCAL = rf"{_INITIAL}{_PIECE}(?:\s+(?:{_MARK})\s+{_PIECE})*"
_DOT_END = (
    r"(?:dot|punkt|point)\s+(?!(?:one|two|three|four|five|six|seven|eight|nine|for|in|of|to|and|the)\b)[a-z]{2,10}"
)
_ONE = r"(?:(?:all\s+)?(?:one|a\s+single|in\s+one)\s+word|zusammen\w*|ein\s+wort|in\s+einem\s+wort)"
_SPELLED = re.compile(
    rf"\b(?P<local>{_LOCAL})\s+{_AT}\s+(?P<domain>{_PIECE}(?:\s+(?:{_MARK})\s+{_PIECE})*\s+{_DOT_END})\b", re.IGNORECASE
)
#: "ann at north field, all one word, dot com"; "c abel, one word, at …".
_ONE_WORD = re.compile(
    rf"\b(?P<local>{_LOCAL})\s+{_AT}\s+(?P<domain>{_PIECE}(?:\s+{_PIECE}){{1,3}}),?\s+{_ONE},?\s+"
    rf"(?P<end>{_DOT_END}(?:\s+{_DOT_END})?)\b",
    re.IGNORECASE,
)
_ONE_WORD_LOCAL = re.compile(
    rf"(?:^|[,.:;?!]\s+|\bis\s+|\bist\s+)(?P<local>{_PIECE}(?:\s+{_PIECE}){{1,2}}),?\s+{_ONE},?\s+{_AT}\s+"
    rf"(?P<domain>{_PIECE}(?:\s+(?:{_MARK})\s+{_PIECE})*\s+{_DOT_END})\b",
    re.IGNORECASE,
)
#: A left half with a mark or an initial is one for certain, so what follows may be a domain in several words.
_TORN = re.compile(
    rf"\b(?P<local>(?:[b-hj-z]\s+{_PIECE}|{_PIECE}(?:\s+(?:{_MARK})\s+{_PIECE})+))\s+{_AT}\s+"
    rf"(?P<domain>(?!(?:the|our|my|his|her|their|a|an|der|die|dem|das)\b){_PIECE}(?:\s+(?!(?:{_MARK}|{_AT})\b){_PIECE}){{1,3}}\s+{_DOT_END}(?:\s+{_DOT_END})?)\b",
    re.IGNORECASE,
)
_WRITTEN = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
#: What is said about the spelling between the pieces: "n dot roe, that's r o e, at …", "at, then our name, acme …".
_ASIDE = re.compile(
    rf",\s*(?!{_ONE})(?:that's|that\sis|this\sis|spelled|spelt|with|without|mit|ohne|as\sin|also|again|all|lower\scase|no\sdot|klein\w*|wie|[a-z](?:\s[a-z]){{2,}})\b"
    rf"[^,.@?!:]{{0,60}},(?=\s*(?:{_AT}|{_MARK})\b)"
    rf"|(?<=\bat),\s*(?:and\s)?(?:then|dann|now)\b[^,.@?!:]{{0,40}},|(?<=\b(?:at|ät)),|(?<=klammeraffe),|(?<=\bdot),|(?<=punkt),"
    rf"|,(?=\s*(?:{_AT}|{_MARK})\b)",
    re.IGNORECASE,
)
_SAID_WHOLE = re.compile(rf",\s*(?:in\s+)?{_ONE},?(?=\s*{_AT}\b)", re.IGNORECASE)
_LOCAL_ONLY = re.compile(
    rf"\b(?P<local>{_PIECE}(?:\s+(?:{_MARK})\s+{_PIECE})+)\b(?!\s+(?:{_AT}|{_MARK})\b)", re.IGNORECASE
)
#: A left half without a mark needs to be told that the right half is the one given before.
_SAME_DOMAIN = re.compile(
    rf"\b(?P<local>{_INITIAL}{_PIECE}),?\s+(?:at\s+(?:the\s+)?same\b|{_AT}\s+(?:der\s+)?(?:gleiche|selbe|dieselbe)\w*\s+"
    rf"(?:domain|endung|adresse))",
    re.IGNORECASE,
)
_DIGIT_WORDS = {
    "oh": "0", "o": "0", "zero": "0", "null": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
    "six": "6", "seven": "7", "eight": "8", "nine": "9", "eins": "1", "zwei": "2", "zwo": "2", "drei": "3",
    "vier": "4", "fünf": "5", "sechs": "6", "sieben": "7", "acht": "8", "neun": "9",
}  # fmt: skip
_TENS = {
    word: str(10 * value)
    for value, word in enumerate(("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), 2)
}
_TEENS = {
    "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15", "sixteen": "16",
    "seventeen": "17", "eighteen": "18", "nineteen": "19",
}  # fmt: skip
_TIMES = {"double": 2, "doppel": 2, "zweimal": 2, "triple": 3, "treble": 3, "dreimal": 3, "viermal": 4}
#: Words between the groups of a number; they neither belong to it nor end it.
_BETWEEN = frozenset(("then", "and", "dann", "die", "und", "area", "code", "vorwahl", "again", "nochmal"))
_AREA_CODE = frozenset(("code", "vorwahl"))
_TOKEN = re.compile(r"\+?\d[\d ()/.-]*\d|\+?\d|[^\W\d_]+|[.!?]")
_CLOCK = re.compile(r"\d:\d\d\b")
#: At least so many digits of a number are said one by one; a list of amounts is not.
_SINGLY = 4


@dataclass(frozen=True, slots=True)
class Spelled:
    """text[start:end] gives `value`: an address in lower case, or digits with an optional leading plus."""

    start: int
    end: int
    value: str


def _join(spelled: str) -> str:
    """Blanks go, spoken marks become their sign, umlauts their two letters; nothing else has an accent."""
    return fold("".join(_MARKS.get(word.lower(), word) for word in spelled.lower().split()).translate(WRITTEN_OUT))


@lru_cache(maxsize=4096)
def find_emails(text: str) -> tuple[Spelled, ...]:
    """Every address in the text, left to right, accents folded."""
    found = [Spelled(m.start(), m.end(), m.group().rstrip(".-").lower()) for m in _WRITTEN.finditer(text)]
    plain = _without_asides(text)
    joined = list(_ONE_WORD_LOCAL.finditer(plain))
    bare = _SAID_WHOLE.sub(lambda aside: " " * len(aside.group()), plain)
    for match in [*_SPELLED.finditer(bare), *_TORN.finditer(bare)]:
        if any(whole.end() == match.end() for whole in joined):
            continue
        address = f"{_join(match['local'])}@{_join(match['domain'])}"
        found.append(Spelled(match.start(), match.end(), address))
    for match in _ONE_WORD.finditer(plain):
        address = f"{_join(match['local'])}@{_join(match['domain'] + ' ' + match['end'])}"
        found.append(Spelled(match.start(), match.end(), address))
    for match in joined:
        address = f"{_join(match['local'])}@{_join(match['domain'])}"
        found.append(Spelled(match.start("local"), match.end(), address))
    return tuple(sorted(found, key=lambda spelled: spelled.start))


def _without_asides(text: str) -> str:
    """The text with blanks for what is said about the spelling; places stay."""
    return _ASIDE.sub(lambda aside: " " * len(aside.group()), text) if "," in text else text


@lru_cache(maxsize=4096)
def find_local_parts(text: str) -> tuple[Spelled, ...]:
    """What may be left halves of addresses whose right half was given before: "and his is t dot brandl".

    Whether it is one only its owner's name can tell.
    """
    found = [Spelled(m.start(), m.end(), _join(m["local"])) for m in _LOCAL_ONLY.finditer(text)]
    found += [Spelled(m.start(), m.end(), _join(m["local"])) for m in _SAME_DOMAIN.finditer(text)]
    return tuple(found)


@lru_cache(maxsize=4096)
def find_phones(text: str, least: int = 7) -> tuple[Spelled, ...]:
    """Runs of at least `least` digits, said or written. Dates and amounts are shorter or carry other marks."""
    found: list[Spelled] = []
    run = _Run()
    for match in _TOKEN.finditer(text):
        if run.take(match.group(), match.start(), match.end(), text):
            continue
        found += run.phone(least, text)
        run = _Run()
        run.take(match.group(), match.start(), match.end(), text)
    return (*found, *run.phone(least, text))


class _Run:
    """Digits said one after the other, with the little words between their groups."""

    def __init__(self) -> None:
        self.digits, self.plus, self.singly = "", "", 0
        self.start = self.end = 0
        self.times, self.between, self.area = 1, 0, 0

    def take(self, word: str, start: int, end: int, text: str) -> bool:
        """Read one token; False where it does not go on with the number."""
        low = word.lower()
        if low in _TIMES or (low == "plus" and not self.digits):
            self.start = self.start or start
            self.times, self.plus = (_TIMES.get(low, 1), self.plus) if low in _TIMES else (1, "+")
            return True
        if (self.digits or self.times > 1) and low in _BETWEEN and self.between < 4:
            self.between += 1
            if low in _AREA_CODE and self.digits:
                self.area = len(self.digits)
            return True
        said = self._said(low, word, text[:start])
        if said is None:
            return False
        if not self.digits and self.times == 1 and not self.plus:
            self.start = start
        if said.startswith("+"):
            self.plus, said = "+", said[1:]
        self.digits += said * self.times
        self.singly += self.times if len(said) == 1 else len(said) * (not word[0].isalpha())
        self.times, self.between, self.end = 1, 0, end
        return True

    def _said(self, low: str, word: str, before: str) -> str | None:
        """The digits of a word. A unit completes the round ten before it where no comma parts them: twenty three."""
        if low in _DIGIT_WORDS:
            if (
                self.digits
                and low not in ("oh", "o", "zero", "null")
                and re.search(rf"(?:{'|'.join(_TENS)})[ -]$", before, re.I)
            ):
                self.digits = self.digits[:-1]
            return _DIGIT_WORDS[low]
        if low in ("hundred", "hundert"):
            return "00" if self.digits else None
        if re.fullmatch(r"\+?\d[\d ()/.-]*", word):
            dated = re.fullmatch(r"\d{1,4}[.-]\d{1,2}[.-]\d{1,4}|20\d\d", word)
            return None if dated else re.sub(r"[^\d+]", "", word)
        if not self.digits and not self.plus:
            return None
        value = german_number(low) if len(low) > 3 else None
        return _TENS.get(low) or _TEENS.get(low) or (str(value) if value is not None and 10 <= value < 100 else None)

    def phone(self, least: int, text: str) -> list[Spelled]:
        if len(self.digits) < least or self.singly < _SINGLY or _CLOCK.search(text[self.start : self.end]):
            return []
        return [Spelled(self.start, self.end, self.plus + self.digits[self.area :] + self.digits[: self.area])]
