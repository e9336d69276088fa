"""Numbers as people say and write them, English and German.

    "a hundred and eighteen and a half thousand"  118500
    "zweiundvierzigtausend"                        42000
    "one eighteen five", "two eight eight"         118.5 and 288, shorthand: in talk about money 118,500, 288,000
    "vierundsechzigfünf"                           64.5, shorthand
    "one million two hundred and thirty"           1230000: after millions, hundreds are thousands
    "1.2 million", "42,000", "42k", "€ 36.400"     as written

Spoken shorthand is kept apart by a flag, because "two ten" is 210,000 in one sentence and 210 in another: the
reader of money decides, not this module.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_UNITS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}  # fmt: skip
_SCALES = {
    "thousand": 1_000.0, "grand": 1_000.0, "lakh": 1e5, "lakhs": 1e5, "million": 1e6, "crore": 1e7, "crores": 1e7,
    "billion": 1e9,
}  # fmt: skip
_GERMAN_SMALL = {
    "null": 0, "ein": 1, "eins": 1, "eine": 1, "einen": 1, "einer": 1, "zwei": 2, "zwo": 2, "drei": 3, "vier": 4,
    "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "elf": 11, "zwölf": 12, "dreizehn": 13,
    "vierzehn": 14, "fünfzehn": 15, "sechzehn": 16, "siebzehn": 17, "achtzehn": 18, "neunzehn": 19,
}  # fmt: skip
_GERMAN_TENS = {
    "zwanzig": 20, "dreißig": 30, "dreissig": 30, "vierzig": 40, "fünfzig": 50, "sechzig": 60, "siebzig": 70,
    "achtzig": 80, "neunzig": 90,
}  # fmt: skip
_PARTS = {"half": 0.5, "quarter": 0.25}
#: After these a comma goes on with the number: "one million, two hundred thousand".
_MILLIONS = frozenset(("million", "millionen", "billion", "milliarde", "milliarden"))
#: German articles look like one; they count as a number only inside a compound or before a scale.
_GERMAN_ARTICLES = frozenset(("ein", "eine", "einen", "einer"))
_GERMAN_SCALES = {"tausend": 1e3, "million": 1e6, "millionen": 1e6, "milliarde": 1e9, "milliarden": 1e9}
_TOKEN = re.compile(r"\d[\d.,]*\d|\d|[^\W\d_]+")
_SPACE = re.compile(r"[\s-]+")


@dataclass(frozen=True, slots=True)
class Number:
    """text[start:end] says `value`. `scaled`: a scale word or four digits; `shorthand`: numbers run together."""

    start: int
    end: int
    value: float
    scaled: bool = False
    shorthand: bool = False


def german_number(word: str) -> int | None:
    """The value of one German compound (`zweihundertachtzig`), or None."""
    word = word.lower()
    if word in _GERMAN_SMALL or word in _GERMAN_TENS:
        return _GERMAN_SMALL.get(word, _GERMAN_TENS.get(word))
    for scale, factor in (("tausend", 1000), ("hundert", 100)):
        head, found, tail = word.partition(scale)
        if found:
            high = german_number(head) if head else 1
            low = german_number(tail.removeprefix("und")) if tail else 0
            return None if high is None or low is None or high >= 1000 else high * factor + low
    ones, found, tens = word.partition("und")
    if found and tens in _GERMAN_TENS and 0 < _GERMAN_SMALL.get(ones, 0) < 10:
        return _GERMAN_SMALL[ones] + _GERMAN_TENS[tens]
    return None


def written(digits: str) -> float | None:
    """The value of `42,000`, `42.000`, `1.5` or `1,5`: three digits after a single mark are thousands."""
    digits = digits.strip(".,")
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", digits):
        return float(re.sub(r"[.,]", "", digits))
    grouped = re.fullmatch(r"(\d{1,3}(?:[.,]\d{3})+)([.,]\d{1,2})", digits)
    if grouped:
        return float(re.sub(r"[.,]", "", grouped[1]) + "." + grouped[2][1:])
    try:
        return float(digits.replace(",", "."))
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def find_numbers(text: str) -> tuple[Number, ...]:
    """Every number said or written, left to right, not overlapping."""
    tokens = [(match.start(), match.end(), match.group().lower()) for match in _TOKEN.finditer(text)]
    return tuple(_scan(text, tokens))


def _scan(text: str, tokens: list[tuple[int, int, str]]) -> Iterator[Number]:
    i = 0
    while i < len(tokens):
        found = _Run(text, tokens, i).read()
        if found is None:
            i += 1
            continue
        number, used = found
        yield number
        i += used


class _Run:
    """A run of number words from token `start`, read into chunks below 1,000 and finished totals."""

    def __init__(self, text: str, tokens: list[tuple[int, int, str]], start: int) -> None:
        self.text, self.tokens, self.start = text, tokens, start
        self.total = 0.0
        self.chunks: list[float] = []
        self.scaled = False
        self.factor = 1.0
        self.end = start

    def read(self) -> tuple[Number, int] | None:
        i = self.start
        while i < len(self.tokens) and (i == self.start or self._adjacent(i)):
            used = self._take(i)
            if not used:
                break
            i += used
            self.end = i
        if self.end == self.start:
            return None
        value, shorthand = self._value()
        return Number(self.tokens[self.start][0], self.tokens[self.end - 1][1], value, self.scaled, shorthand), (
            self.end - self.start
        )

    def _adjacent(self, i: int) -> bool:
        between = self.text[self.tokens[i - 1][1] : self.tokens[i][0]]
        if between == ", " and self.tokens[i - 1][2] in _MILLIONS:
            return self.tokens[i][2] in _UNITS or self.tokens[i][2] in _TENS or self.tokens[i][2] == "a"
        return not between or _SPACE.fullmatch(between) is not None

    def _word(self, i: int) -> str:
        return self.tokens[i][2] if i < len(self.tokens) and (i == self.start or self._adjacent(i)) else ""

    def _take(self, i: int) -> int:
        """Read at token i; how many tokens were used, 0 to stop."""
        word = self._word(i)
        if word in _SCALES or word in _GERMAN_SCALES:
            return self._scale(_SCALES.get(word) or _GERMAN_SCALES[word])
        if (
            word == "hundred"
            and i == self.start
            and self._word(i + 1) == "and"
            and self._word(i + 2) in {**_UNITS, **_TENS}
        ):
            self.chunks.append(100)  # "hundred and twenty drivers"
            return 1
        if word in ("hundred", "hundert") and self.chunks and self.chunks[-1] < 100:
            self.chunks[-1] *= 100
            return 1
        if word == "hundred" and i == self.start and self._word(i + 1) == "and" and self._counts(i + 2):
            self.chunks.append(100)
            return 1
        if word in _PARTS and self.start == i and self._word(i + self._of(i)) in ("million", "billion"):
            self.chunks.append(_PARTS[word])
            return self._of(i)
        if word in ("a", "one") and self._word(i + 1) in ("hundred", "thousand", "million") and not self.chunks:
            self.chunks.append(1)
            return 1
        if word in ("and", "und") and self.chunks:
            return self._conjunction(i)
        if word in ("point", "komma") and self.chunks:
            return self._decimals(i)
        if word and word[0].isdecimal():
            return self._digits(i, word)
        return self._spoken(word, i)

    def _counts(self, i: int) -> bool:
        return self._word(i) in _UNITS or self._word(i) in _TENS

    def _of(self, i: int) -> int:
        """Words from `half` or `quarter` to the scale word: "half a", "quarter of a"."""
        return 3 if self._word(i + 1) == "of" else 2

    def _scale(self, factor: float) -> int:
        if not self.chunks:
            return 0
        self.total += self._compose()[0] * factor
        self.chunks, self.scaled, self.factor = [], True, factor
        return 1

    def _conjunction(self, i: int) -> int:
        if self._word(i + 1) == "a" and self._word(i + 2) == "half":
            self.chunks[-1] += 0.5
            return 3
        following = self._word(i + 1)
        round_hundred = self.chunks[-1] % 100 == 0 and self.chunks[-1] > 0
        if round_hundred and (following in _UNITS or following in _TENS):
            return 1
        return 0

    def _decimals(self, i: int) -> int:
        """`one point two`; several digits (`one point two eight million`) only before a scale word."""
        digits: list[int] = []
        while (digit := self._digit(i + 1 + len(digits))) is not None:
            digits.append(digit)
        following = self._word(i + 1 + len(digits))
        if not digits or self.chunks[-1] % 1:
            return 0
        if following not in _SCALES and following not in _GERMAN_SCALES:
            digits = digits[:1]
        self.chunks[-1] = round(self.chunks[-1] + sum(d / 10 ** (n + 1) for n, d in enumerate(digits)), 6)
        return 1 + len(digits)

    def _digit(self, i: int) -> int | None:
        value = _UNITS.get(self._word(i), _GERMAN_SMALL.get(self._word(i), 10))
        return value if value < 10 else None

    def _digits(self, i: int, word: str) -> int:
        value = written(word)
        if value is None or self.chunks or self.total:
            return 0
        self.chunks.append(value)
        self.scaled = value >= 1000
        suffix = self._word(i + 1)
        glued = i + 1 < len(self.tokens) and self.tokens[i][1] == self.tokens[i + 1][0]
        if suffix in ("k", "tsd") and (glued or suffix == "tsd"):
            self.chunks, self.total, self.scaled = [], value * 1000, True
            return 2
        if suffix in ("m", "mio") and (glued or suffix == "mio"):
            self.chunks, self.total, self.scaled = [], value * 1e6, True
            return 2
        return 1

    def _spoken(self, word: str, i: int) -> int:
        if word in _TENS:
            self._add(float(_TENS[word]))
            return 1
        if word in _UNITS or (word == "oh" and self.chunks and self.chunks[-1] < 10):  # "one oh eight"
            self._add(float(_UNITS.get(word, 0)))
            return 1
        if word in _GERMAN_ARTICLES and self._word(i + 1) not in _GERMAN_SCALES:
            return 0
        value = german_number(word) if len(word) > 2 else None
        if value is None:
            return self._run_together(word)
        self.scaled = self.scaled or value >= 1000
        self._add(float(value))
        return 1

    def _run_together(self, word: str) -> int:
        """`vierundsechzigfünf`: a German number below a thousand and the hundreds after it, as one word."""
        if self.chunks or len(word) < 8:
            return 0
        for last, digit in _GERMAN_SMALL.items():
            head = word.removesuffix(last)
            if head != word and 0 < digit < 10 and last not in _GERMAN_ARTICLES:
                value = german_number(head)
                if value is not None and 20 <= value < 1000 and value % 100:
                    self.chunks += [float(value), float(digit)]
                    return 1
        return 0

    def _add(self, value: float) -> None:
        last = self.chunks[-1] if self.chunks else None
        joins = last is not None and (
            (value < 10 and last % 10 == 0 and 20 <= last % 100 <= 90)
            or (value < 100 <= last and last % 100 == 0)
            or (value < 1000 <= last and last % 1000 == 0)  # neunundfünfzigtausend fünfhundert
        )
        if joins:
            self.chunks[-1] += value
        else:
            self.chunks.append(value)

    def _value(self) -> tuple[float, bool]:
        if not self.chunks:
            return self.total, False
        value, shorthand = self._compose()
        if self.total:
            thousands = self.factor >= 1e6 and 100 <= value < 1000 and value % 1 == 0
            return self.total + value * (1000 if thousands else 1), False
        return value, shorthand

    def _compose(self) -> tuple[float, bool]:
        """Chunks run together: [2, 65] is 265, [1, 18, 5] is 118.5, [2, 8, 8] 288, [9, 6] 9.6, [20, 26] the year."""
        parts = list(self.chunks)
        if len(parts) == 1:
            return parts[0], False
        if len(parts) == 2 and parts[0] in (19, 20) and 10 <= parts[1] < 100:
            return parts[0] * 100 + parts[1], False
        if len(parts) in (3, 4) and all(0 <= part < 10 for part in parts) and parts[0]:
            return float("".join(f"{part:.0f}" for part in parts)), True
        if len(parts) >= 2 and 0 < parts[0] < 10 and 10 <= parts[1] < 100:
            parts[:2] = [parts[0] * 100 + parts[1]]
        if len(parts) == 2 and 10 <= parts[0] < 1000 and 0 < parts[1] < 10:
            return parts[0] + parts[1] / 10, True
        if len(parts) == 2 and 0 < parts[0] < 10 and 0 < parts[1] < 10:
            return parts[0] + parts[1] / 10, True
        return parts[0], True
