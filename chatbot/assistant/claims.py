"""What in a text can be checked: numbers with their unit, dates, times, e-mail addresses, telephone numbers, codes.

However it is written: `20k`, `20,000`, `20.000 €` and "zwanzigtausend Euro" are one number, `3.11.`, "November 3rd" and
`2026-11-03` one day. Where a spelling has two readings (`1.234`, `3/11/2026`) both are kept: who compares takes either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from babel import Locale

from chatbot.extraction.numbers import find_numbers

Kind = Literal["email", "phone", "date", "month", "time", "number", "code"]
#: (year or None, month, day).
Day = tuple[int | None, int, int]
Value = float | str | Day | tuple[int, int]


@dataclass(frozen=True, slots=True)
class Claim:
    """text[start:end] says one of `values`, of a unit if one is named: a currency, `%`, `day`, `week` …"""

    start: int
    end: int
    kind: Kind
    values: frozenset[Value]
    unit: str = ""


def _month_names() -> dict[str, int]:
    names = {"sept": 9, "jänner": 1}
    for language in ("en", "de"):
        for width in ("wide", "abbreviated"):
            for form in ("format", "stand-alone"):
                months = Locale(language).months[form][width]
                names |= {str(name).rstrip(".").casefold(): number for number, name in months.items()}
    return names


MONTHS = _month_names()
UNITS = {
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "$": "USD", "usd": "USD", "dollar": "USD",
    "dollars": "USD", "£": "GBP", "gbp": "GBP", "pound": "GBP", "pounds": "GBP", "pfund": "GBP", "chf": "CHF",
    "franken": "CHF", "francs": "CHF", "¥": "JPY", "jpy": "JPY", "yen": "JPY", "sek": "SEK", "nok": "NOK",
    "dkk": "DKK", "pln": "PLN", "czk": "CZK",
    "%": "%", "percent": "%", "prozent": "%", "per cent": "%",
    "day": "day", "days": "day", "tag": "day", "tage": "day", "tagen": "day",
    "week": "week", "weeks": "week", "woche": "week", "wochen": "week",
    "month": "month", "months": "month", "monat": "month", "monate": "month", "monaten": "month",
    "year": "year", "years": "year", "jahr": "year", "jahre": "year", "jahren": "year",
    "hour": "hour", "hours": "hour", "stunde": "hour", "stunden": "hour",
    "minute": "minute", "minutes": "minute", "minuten": "minute",
}  # fmt: skip
SCALES = {
    "k": 1e3, "tsd": 1e3, "thousand": 1e3, "tausend": 1e3, "grand": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6,
    "million": 1e6, "millions": 1e6, "millionen": 1e6, "bn": 1e9, "mrd": 1e9, "billion": 1e9, "milliarde": 1e9,
    "milliarden": 1e9,
}  # fmt: skip


def _any(words: dict[str, int] | dict[str, float] | dict[str, str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_SIGNS = "".join(sign for sign in UNITS if len(sign) == 1)
_MONTH = rf"(?P<month>{_any(MONTHS)})\b\.?"
_NUM = r"\d+(?:[.,'’\u00a0\u202f ]\d{3}(?!\d))*(?:[.,]\d+)?"
_UNIT_AFTER = re.compile(rf"[ \u00a0\u202f-]?(?P<unit>{_any(UNITS)})(?!\w)", re.I)
_UNIT_BEFORE = re.compile(
    rf"(?P<unit>[{re.escape(_SIGNS)}]|\b(?:eur|usd|gbp|chf|sek|nok|dkk|pln|czk|jpy))[ \u00a0]?\Z", re.I
)


def find_claims(text: str) -> list[Claim]:
    """Every claim, left to right, not overlapping."""
    found: list[Claim] = []
    free = text
    for pattern, read in _READERS:
        for match in pattern.finditer(free):
            claims = list(read(text, match))
            found += claims
            if claims:
                free = _blank(free, claims[0].start, claims[-1].end)
    found += _spoken(text, free)
    return sorted(found, key=lambda claim: claim.start)


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + "\x00" * (end - start) + text[end:]


# ----------------------------------------------------------------------------------------------------------- readers

Reader = Callable[[str, "re.Match[str]"], Iterator[Claim]]


def _literal(kind: Kind) -> Reader:
    def read(text: str, match: re.Match[str]) -> Iterator[Claim]:
        yield Claim(match.start(), match.end(), kind, frozenset((match.group().casefold().rstrip(".,;:"),)))

    return read


def _phone(text: str, match: re.Match[str]) -> Iterator[Claim]:
    digits = phone_digits(match.group())
    if 6 <= len(digits) <= 15:
        yield Claim(match.start(), match.end(), "phone", frozenset((digits,)))


def phone_digits(text: str) -> str:
    """The figures that count: without the marks of an international or national call."""
    digits = re.sub(r"\D", "", text.replace("(0)", ""))
    return digits.removeprefix("00").removeprefix("0")


def _date(text: str, match: re.Match[str]) -> Iterator[Claim]:
    parts = match.groupdict()
    month = MONTHS[parts["month"].casefold()]
    year = _year(parts.get("year"))
    if first := parts.get("first"):
        yield from _day(match.start("first"), match.end("first"), year, month, int(first))
    yield from _day(match.start("day"), match.end(), year, month, int(parts["day"]))


def _day(start: int, end: int, year: int | None, month: int, day: int) -> Iterator[Claim]:
    if 1 <= month <= 12 and 1 <= day <= 31:
        yield Claim(start, end, "date", frozenset(((year, month, day),)))


def _year(digits: str | None) -> int | None:
    return None if not digits else int(digits) + (2000 if len(digits) == 2 else 0)


def _iso(text: str, match: re.Match[str]) -> Iterator[Claim]:
    yield from _day(match.start(), match.end(), int(match[1]), int(match[2]), int(match[3]))


def _figures(text: str, match: re.Match[str]) -> Iterator[Claim]:
    """`3.11.2026`, `3.11.`, and with strokes either the day or the month first."""
    a, b, year = int(match["a"]), int(match["b"]), _year(match["year"])
    orders = [(a, b)] if match["mark"] == "." else [(a, b), (b, a)]
    days: list[Day] = [(year, month, day) for day, month in orders if 1 <= month <= 12 and 1 <= day <= 31]
    if days:
        yield Claim(match.start(), match.end(), "date", frozenset(days))


def _month_of(text: str, match: re.Match[str]) -> Iterator[Claim]:
    month = MONTHS[match["month"].casefold()]
    yield Claim(match.start(), match.end(), "month", frozenset(((int(match["year"]), month),)))


def _time(text: str, match: re.Match[str]) -> Iterator[Claim]:
    hour, minute = int(match["hour"]), int(match.groupdict().get("minute") or 0)
    if hour > 24 or minute > 59:
        return
    half = (match.groupdict().get("half") or "").casefold()[:1]
    hours = {hour % 12 + 12} if half == "p" else {hour % 12} if half == "a" else {hour}
    yield Claim(match.start(), match.end(), "time", frozenset((each, minute) for each in hours))


def _number(text: str, match: re.Match[str]) -> Iterator[Claim]:
    values = written(match["number"])
    end = match.end("number")
    if scale := match["scale"]:
        factor = SCALES[scale.casefold()]
        # A lone m may also be minutes or metres.
        values = {value * factor for value in values} | (values if scale == "m" else set())
        end = match.end("scale")
    yield _with_unit(text, match.start("number"), end, values)


def _with_unit(text: str, start: int, end: int, values: set[float]) -> Claim:
    after = _UNIT_AFTER.match(text, end)
    before = _UNIT_BEFORE.search(text, max(0, start - 6), start)
    unit = after or before
    if before:
        start = before.start()
    if after:
        end = after.end()
    name = UNITS[unit["unit"].casefold()] if unit else ""
    return Claim(start, end, "number", frozenset(round(value, 4) for value in values), name)


def written(digits: str) -> set[float]:
    """What figures can mean: `1.234` is 1234 or 1.234, `1.234,5` and `1,234.5` are one thing only."""
    plain = re.sub(r"['’\u00a0\u202f ]", "", digits)
    marks = re.findall(r"[.,]", plain)
    if not marks:
        return {float(plain)}
    whole = float(re.sub(r"[.,]", "", plain))
    head, _, tail = plain.rpartition(marks[-1])
    decimal = float(f"{re.sub(r'[.,]', '', head)}.{tail}")
    if len(set(marks)) == 2:
        return {decimal}
    if len(marks) > 1:
        return {whole}
    return {whole, decimal} if len(tail) == 3 and head != "0" else {decimal}


_READERS: tuple[tuple[re.Pattern[str], Reader], ...] = tuple(
    (re.compile(pattern, re.I), reader)
    for pattern, reader in (
        (r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+", _literal("email")),
        (r"(?:https?://|www\.)[^\s<>()\x00]+", _literal("code")),
        (r"(?<![\w.-])(\d{4})-(\d{2})-(\d{2})(?![\d-])", _iso),
        (rf"(?<!\w)(?:(?P<first>\d{{1,2}})\.?(?:st|nd|rd|th)?\s?[-–]\s?)?(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+"
         rf"(?:of\s+)?{_MONTH}(?:,?\s+(?P<year>\d{{4}}))?(?!\w)", _date),
        (rf"(?<!\w){_MONTH}\s+(?:the\s+)?(?:(?P<first>\d{{1,2}})\s?[-–]\s?)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?"
         r"(?:,?\s+(?P<year>\d{4}))?(?![\w%])", _date),
        (rf"(?<!\w){_MONTH}\s+(?P<year>(?:19|20)\d\d)(?!\w)", _month_of),
        (r"(?<![\w.,/-])(?P<a>\d{1,2})(?P<mark>\.)(?P<b>\d{1,2})\.(?P<year>\d{4}|\d{2})?(?![\w.])", _figures),
        (r"(?<![\w.,/-])(?P<a>\d{1,2})(?P<mark>/)(?P<b>\d{1,2})/(?P<year>\d{4}|\d{2})(?![\w/])", _figures),
        (r"(?<![\w:.,])(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})?(?:\s?(?P<half>[ap])\.?m\b\.?|\s?Uhr\b)?(?![\w:])",
         _time),
        (r"(?<![\w:.,])(?P<hour>\d{1,2})(?:\.(?P<minute>\d{2}))?\s?(?:(?P<half>[ap])\.?m\b\.?|Uhr\b|o['’]clock\b)",
         _time),
        (r"(?<![\w.,])\+\d[\d\s()/.-]{5,}\d(?!\w)", _phone),
        (r"(?<![\w.,+])\(?0\d[\d\s()/.-]{5,}\d(?!\w)", _phone),
        (r"(?<![\w.,+])\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}(?!\w)", _phone),
        (r"(?<![\w.,-])(?!\d{1,3}(?:\.\d{3})+(?![\w.]))\d+(?:\.\d+){2,}(?!\w)", _literal("code")),
        (rf"(?<![\w.,])(?P<number>{_NUM})(?:[ \u00a0]?(?P<scale>{_any(SCALES)})\b\.?|(?:st|nd|rd|th)\b)?(?![\w@])",
         _number),
        (r"(?<!\w)(?=[\w-]*\d)\w[\w-]*", _literal("code")),
    )
)  # fmt: skip

#: Small number words count things on the way ("one of them"); they claim something with a unit.
_LEAST_SPOKEN = 13


def _spoken(text: str, free: str) -> Iterator[Claim]:
    """Numbers in words, where the readers of figures have left something."""
    for number in find_numbers(text):
        if not text[number.start].isalpha() or "\x00" in free[number.start : number.end]:
            continue
        values = {number.value} | ({number.value * 1000} if number.shorthand else set())
        claim = _with_unit(text, number.start, number.end, values)
        if number.value >= _LEAST_SPOKEN or (claim.unit and number.value >= 2):
            yield claim
