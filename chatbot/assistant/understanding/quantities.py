"""Amounts and counts as people write them: `20k`, `20.000 €`, `£1.5m`, `half a million`, `zwei`, `25 %`.

The separators decide: three digits after the last one are thousands, in either language; otherwise it is the decimal
point. A unit behind the number says what it measures and so which field is meant.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from chatbot.assistant.understanding.tokens import Token

_UNITS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
_CURRENCIES = {
    **dict.fromkeys(("eur", "euro", "euros"), "EUR"),
    **dict.fromkeys(("usd", "dollar", "dollars", "bucks"), "USD"),
    **dict.fromkeys(("gbp", "pound", "pounds", "sterling", "quid", "pfund"), "GBP"),
    **dict.fromkeys(("sek", "kronor", "krona"), "SEK"),
    **dict.fromkeys(("nok", "kroner"), "NOK"),
    **dict.fromkeys(("dkk",), "DKK"),
    **dict.fromkeys(("chf", "franken", "francs"), "CHF"),
    **dict.fromkeys(("jpy", "yen"), "JPY"),
    **dict.fromkeys(("pln", "zloty"), "PLN"),
    **dict.fromkeys(("cad",), "CAD"),
    **dict.fromkeys(("aud",), "AUD"),
    **dict.fromkeys(("czk",), "CZK"),
    **dict.fromkeys(("inr", "rupees"), "INR"),
}
_SCALES = {
    "k": 1_000, "tsd": 1_000, "thousand": 1_000, "grand": 1_000, "tausend": 1_000, "t": 1_000, "m": 1_000_000,
    "mio": 1_000_000, "mn": 1_000_000, "mil": 1_000_000, "mill": 1_000_000, "million": 1_000_000,
    "millions": 1_000_000, "millionen": 1_000_000, "mm": 1_000_000, "bn": 1_000_000_000, "b": 1_000_000_000,
    "billion": 1_000_000_000, "mrd": 1_000_000_000, "milliarde": 1_000_000_000, "milliarden": 1_000_000_000,
    "hundred": 100, "hundert": 100,
}  # fmt: skip
_WORDS = {
    word: n
    for n, words in {
        1: "one ein eine einen einem einer eins", 2: "two zwei", 3: "three drei", 4: "four vier",
        5: "five funf fuenf", 6: "six sechs", 7: "seven sieben", 8: "eight acht", 9: "nine neun", 10: "ten zehn",
        11: "eleven elf", 12: "twelve zwolf zwoelf", 15: "fifteen funfzehn fuenfzehn", 14: "fourteen vierzehn",
        20: "twenty zwanzig", 25: "twentyfive",
        30: "thirty dreissig", 40: "forty vierzig", 50: "fifty funfzig fuenfzig", 60: "sixty sechzig",
        70: "seventy siebzig", 80: "eighty achtzig", 90: "ninety neunzig", 100: "hundred hundert",
        1000: "thousand tausend",
    }.items()
    for word in words.split()
}  # fmt: skip
#: Words that are numbers only where something is counted: "a", "one of", "ein".
_WEAK = frozenset("one ein eine einen einem einer eins hundred hundert thousand tausend".split())
_UNIT_WORDS = {
    **dict.fromkeys(("%", "percent", "prozent", "pct"), "percent"),
    **dict.fromkeys(
        "employees employee people staff workers mitarbeiter mitarbeitern mitarbeiterinnen beschaftigte beschaeftigte "
        "beschaftigten headcount angestellte angestellten ppl".split(), "people",
    ),
    **dict.fromkeys(("minute", "minutes", "min", "mins", "minuten"), "minutes"),
    **dict.fromkeys(("hour", "hours", "stunde", "stunden", "hrs"), "hours"),
    **dict.fromkeys(("day", "days", "tag", "tage", "tagen"), "days"),
    **dict.fromkeys(("week", "weeks", "woche", "wochen"), "weeks"),
    **dict.fromkeys(("month", "months", "monat", "monate", "monaten"), "months"),
    **dict.fromkeys(("year", "years", "jahr", "jahre", "jahren"), "years"),
}  # fmt: skip
_HOURS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("half", "an", "hour"), 30), (("an", "hour"), 60), (("eine", "halbe", "stunde"), 30),
    (("einer", "halben", "stunde"), 30), (("einer", "stunde"), 60), (("eine", "stunde"), 60),
)  # fmt: skip
IN_DAYS = {"days": 1, "weeks": 7, "months": 30, "years": 365}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and what it counts: a currency code, a unit word, or nothing said."""

    value: Decimal
    unit: str = ""
    is_money: bool = False
    is_scaled: bool = False
    #: what the figures were counted in: a thousand, a million
    scale: Decimal = Decimal(1)

    @property
    def text(self) -> str:
        """As plans write numbers: no exponent, no trailing zeros."""
        return plain(self.value)


def plain(value: Decimal) -> str:
    whole = value.to_integral_value()
    return str(int(whole)) if whole == value else format(value.normalize(), "f")


def quantity_at(tokens: Sequence[Token], position: int) -> tuple[Quantity, int] | None:
    """The number that begins at a token, and how many tokens it takes with scale, currency and unit."""
    at = position
    if special := _half_a_million(tokens, position):
        return special
    currency = _UNITS.get(tokens[at].text) or (_CURRENCIES.get(tokens[at].word) if _is_number(tokens, at + 1) else None)
    if currency:
        at += 1
    if not _is_number(tokens, at):
        return None
    figures = number = _number(tokens[at])
    at += 1
    number, at, is_scaled = _scaled(tokens, at, number)
    if not currency and at < len(tokens):
        currency = _UNITS.get(tokens[at].text) or _CURRENCIES.get(tokens[at].word)
        at += bool(currency)
    unit = ""
    if not currency and at < len(tokens):
        unit = _UNIT_WORDS.get(tokens[at].word, "")
        at += bool(unit)
    if abs(number) >= Decimal(10) ** 15:
        return None
    scale = number / figures if is_scaled and figures else Decimal(1)
    return Quantity(number, currency or unit, bool(currency), is_scaled, scale), at - position


def counted_alike(lower: Quantity, upper: Quantity) -> Quantity:
    """“between 20 and 50k”, “0.02 and 0.05 million”: the first number, in what the second is counted in."""
    if lower.is_scaled or not upper.is_scaled or lower.value >= 1000:
        return lower
    return replace(lower, value=lower.value * upper.scale, is_scaled=True, scale=upper.scale)


def _is_number(tokens: Sequence[Token], at: int) -> bool:
    if at >= len(tokens):
        return False
    return tokens[at].kind == "number" or tokens[at].word in _WORDS


def is_weak(token: Token) -> bool:
    """A number word that usually counts nothing."""
    return token.word in _WEAK


def _number(token: Token) -> Decimal:
    if token.kind != "number":
        return Decimal(_WORDS[token.word])
    return parse_number(token.text)


def parse_number(text: str) -> Decimal:
    """`1.500.000`, `1,500.50`, `1.500,50`, `1,5`, `20'000` → a number."""
    text = re.sub(r"['’]", "", text)
    parts = re.split(r"[.,]", text)
    if len(parts) > 1:
        decimals = parts[-1] if len(parts[-1]) != 3 or (len(parts) == 2 and parts[0] == "0") else ""
        whole = "".join(parts[:-1] if decimals else parts)
        text = f"{whole}.{decimals}" if decimals else whole
    try:
        return Decimal(text)
    except InvalidOperation:  # digits of other scripts that Decimal does not take
        return Decimal(0)


def _scaled(tokens: Sequence[Token], at: int, number: Decimal) -> tuple[Decimal, int, bool]:
    if at >= len(tokens) or tokens[at].word not in _SCALES:
        return number, at, False
    word = tokens[at].word
    is_glued = tokens[at].start == tokens[at - 1].end
    if len(word) == 1 and word in "tmb" and not is_glued and not _is_followed_by_money(tokens, at + 1):
        return number, at, False
    end = at + 1
    if end < len(tokens) and tokens[end].text == "." and tokens[end].start == tokens[at].end and word in (
        "tsd", "mio", "mrd", "mn",
    ):  # fmt: skip
        end += 1
    return number * _SCALES[word], end, True


def _is_followed_by_money(tokens: Sequence[Token], at: int) -> bool:
    return at < len(tokens) and (tokens[at].text in _UNITS or tokens[at].word in _CURRENCIES)


def _half_a_million(tokens: Sequence[Token], at: int) -> tuple[Quantity, int] | None:
    """`half a million`, `a million`, `eine halbe Million`, `a hundred thousand`."""
    words = [token.word for token in tokens[at : at + 4]]
    for said, minutes in _HOURS:
        if tuple(words[: len(said)]) == said:
            return Quantity(Decimal(minutes), "minutes"), len(said)
    patterns: tuple[tuple[tuple[str, ...], int], ...] = (
        (("half", "a", "million"), 500_000), (("a", "half", "million"), 500_000),
        (("eine", "halbe", "million"), 500_000),
        (("einer", "halben", "million"), 500_000), (("a", "hundred", "thousand"), 100_000),
        (("a", "million"), 1_000_000),
        (("a", "thousand"), 1_000), (("a", "hundred"), 100), (("eine", "million"), 1_000_000),
    )  # fmt: skip
    for pattern, value in patterns:
        if tuple(words[: len(pattern)]) == pattern:
            end = at + len(pattern)
            currency = _CURRENCIES.get(tokens[end].word) if end < len(tokens) else None
            return Quantity(Decimal(value), currency or "", bool(currency), True), len(pattern) + bool(currency)
    return None


def currency_at(tokens: Sequence[Token], position: int) -> str | None:
    """A currency named by itself: "deals in dollars"."""
    token = tokens[position]
    return _UNITS.get(token.text) or _CURRENCIES.get(token.word)


def figures_at(tokens: Sequence[Token], position: int) -> tuple[int, int] | None:
    """`six figures`, `five-figure`, `fünfstellig`: how many digits an amount has, and how many tokens say so."""
    word = tokens[position].word
    following = tokens[position + 1].word if position + 1 < len(tokens) else ""
    digits = _DIGITS.get(word)
    if digits is not None and following in ("figure", "figures", "digit", "digits"):
        return digits, 2
    stem = next((ending for ending in _DIGIT_ENDINGS if word.endswith(ending)), None)
    digits = _DIGITS.get(word.removesuffix(stem)) if stem else None
    return (digits, 1) if digits is not None else None


_DIGITS = {"four": 4, "five": 5, "six": 6, "seven": 7, "vier": 4, "funf": 5, "fuenf": 5, "sechs": 6, "sieben": 7}
_DIGIT_ENDINGS = ("stelligen", "stellige", "stelliger", "stellig")
