"""Every number, date, time, address and telephone number of an answer, looked up in what the model was given.

Models alter figures even where they cite them (85 % for 87 %), and a wrong figure with a source beside it is worse than
none. What no source says is marked `⁽?⁾` right behind it, while the answer is being written: text is given at once, but
from the first word of a claim on it waits for the claim's last. As in `citing`, how the text is cut cannot matter.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from chatbot.assistant.claims import MONTHS, SCALES, UNITS, Claim, Day, find_claims
from chatbot.extraction.dates import find_clocks, find_days
from chatbot.extraction.numbers import german_number

#: What stands behind a claim that no source supports. Plain text: nothing has to know how to show it.
MARK = "⁽?⁾"

_CITED = re.compile(r"\[\d{1,3}\]")


@dataclass(frozen=True, slots=True)
class Source:
    """A text the model was given. `day` is when it was said or written: "tomorrow" is the day after."""

    text: str
    day: date | None = None


@dataclass(slots=True)
class _Known:
    """What the sources say, by kind."""

    numbers: dict[float, set[str]] = field(default_factory=dict)
    days: set[Day] = field(default_factory=set)
    months: set[tuple[int, int]] = field(default_factory=set)
    times: set[tuple[int, int]] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)

    def add(self, claim: Claim) -> None:
        for value in claim.values:
            if claim.kind == "number" and isinstance(value, float):
                self.numbers.setdefault(value, set()).add(claim.unit)
            elif claim.kind == "phone" and isinstance(value, str):
                self.phones.add(value)
            elif isinstance(value, tuple) and len(value) == 3:
                self.days.add(value)
            elif isinstance(value, tuple):
                (self.times if claim.kind == "time" else self.months).add(value)


class Evidence:
    """What the sources say. Reading them is put off until the first claim; `prepare` does it ahead, in a thread."""

    def __init__(self, sources: Iterable[Source], *, today: date) -> None:
        self._sources = [Source(_CITED.sub(" ", source.text), source.day) for source in sources]
        self._today = today

    def prepare(self) -> None:
        _ = self._known, self._text

    @cached_property
    def _known(self) -> _Known:
        known = _Known()
        for source in self._sources:
            for claim in find_claims(source.text):
                known.add(claim)
        for day in (self._today, *(source.day for source in self._sources if source.day)):
            known.days.add((day.year, day.month, day.day))
        return known

    @cached_property
    def _text(self) -> str:
        return "\n".join(source.text for source in self._sources).casefold()

    @cached_property
    def _figures(self) -> str:
        """The sources' telephone numbers may be written in any way, also one that no reader knows."""
        return re.sub(r"[^\d\n]", "", self._text)

    @cached_property
    def _spoken_days(self) -> set[Day]:
        """Days named in relation to the day of their source ("next Friday"), and times in words."""
        found = [day.date for source in self._sources for day in find_days(source.text, source.day or self._today)]
        return {(day.year, day.month, day.day) for day in found}

    @cached_property
    def _spoken_times(self) -> set[tuple[int, int]]:
        return {(time.hour, time.minute) for source in self._sources for time in find_clocks(source.text)}

    def supports(self, claim: Claim) -> bool:
        """Whether a source says one of the claim's readings."""
        if claim.kind in ("email", "code"):
            return any(str(value) in self._text for value in claim.values) or self._is_known_figure(claim)
        return any(self._says(claim, value) for value in claim.values)

    def _says(self, claim: Claim, value: object) -> bool:
        match claim.kind, value:
            case "number", float():
                return self._says_number(value, claim.unit)
            case "phone", str():
                return self._says_phone(value)
            case "date", (int() | None as year, int() as month, int() as day):
                return self._says_day((year, month, day))
            case "month", (int() as year, int() as month):
                return (year, month) in self._known.months or any(
                    known[:2] == (year, month) for known in self._known.days | self._spoken_days
                )
            case "time", (int() as hour, int() as minute):
                times = self._known.times | self._spoken_times
                return bool({(hour, minute), (hour % 12, minute), (hour % 12 + 12, minute)} & times)
        return False

    def _says_number(self, value: float, unit: str) -> bool:
        units = self._known.numbers.get(value)
        if units is None:
            return not unit and any(value in known[:1] for known in self._known.days | self._known.months)
        if not unit or unit in units:
            return True
        return unit != "%" and "" in units  # a sum whose currency is said elsewhere

    def _says_phone(self, digits: str) -> bool:
        if any(known.endswith(digits) or digits.endswith(known) for known in self._known.phones):
            return True
        return len(digits) >= 7 and digits in self._figures

    def _says_day(self, day: Day) -> bool:
        return _is_among(day, self._known.days) or _is_among(day, self._spoken_days)

    def _is_known_figure(self, claim: Claim) -> bool:
        """`16GB` where the source says 16 GB."""
        text = str(next(iter(claim.values)))
        match = re.fullmatch(r"(\d+)[a-z]{1,3}", text)
        return claim.kind == "code" and bool(match) and self._says_number(float(match[1]), "") if match else False


def _is_among(day: Day, known: set[Day]) -> bool:
    return any(day[1:] == other[1:] and (day[0] == other[0] or None in (day[0], other[0])) for other in known)


# ------------------------------------------------------------------------------------------------ while it is written

_NUMBER_WORDS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion half "
    "null ein eins eine einen einer zwei zwo drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn "
    "fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig "
    "hundert tausend".split()
)
_OPENING = _NUMBER_WORDS | MONTHS.keys() | SCALES.keys() | {unit for unit in UNITS if unit.isupper()}
_GOING_ON = frozenset(UNITS) | {"of", "and", "und", "a", "the", "am", "pm", "a.m", "p.m", "uhr", "o'clock", "to", "bis"}
_BEGINNINGS = frozenset(word[: i + 1] for word in _OPENING for i in range(len(word)))
#: German writes numbers as one word; what begins like one may become one.
_GERMAN = tuple(word for word in _NUMBER_WORDS if german_number(word) and len(word) > 2)
_TELLING = re.compile(r"[\d@€$£¥+]")
_WORD = re.compile(r"(\s*)(\S+)(?=\s)")
_ROUND = "()[]{}*_\"'„“”‚‘’»«–—|~`>#-"
_LIST_NUMBER = re.compile(r"[\s*_>#|-]*\d{1,2}[.)](?=\s|\*|\Z)")
_LONGEST_RUN = 300


class Checker:
    """Feed it the answer, take what may be shown: the same text, with `MARK` behind what no source says."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._buffer = ""  # from the first word on that is not settled
        self._sent = 0  # characters of it that were given already
        self._run = 0  # its end, where claims stand at the beginning of the buffer
        self._line = ""  # what is settled of the present line
        self.checked = 0
        self.unsupported: list[str] = []

    def feed(self, text: str) -> str:
        self._buffer += text
        out = ""
        while match := _WORD.match(self._buffer, self._run):
            out += self._word(match)
        return out + self._eager()

    def flush(self) -> str:
        """The text ends here, or something follows that no claim can go over."""
        self._buffer += "\n"
        out = ""
        while match := _WORD.match(self._buffer, self._run):
            out += self._word(match)
        out += self._close_run()
        rest = self._buffer[self._sent : -1]
        self._buffer, self._sent = "", 0
        self._line += rest
        return out + rest

    def _word(self, match: re.Match[str]) -> str:
        """Settle a complete word, or let it lengthen the run of claims."""
        blanks, word = match.groups()
        if "\n" in blanks and self._run:
            return self._close_run()
        bare = word.strip(_ROUND + ".,;:!?…").casefold()
        if _is_telling(word, bare) or (self._run and (bare in _GOING_ON or not bare)):
            self._run = match.end()
            is_over = word[-1] in "!?;:" or self._run > _LONGEST_RUN
            return self._close_run() if is_over else ""
        return self._close_run() if self._run else self._settle(match.end(), [])

    def _close_run(self) -> str:
        if not self._run:
            return ""
        end, self._run = self._run, 0
        return self._settle(end, self._doubtful(self._buffer[:end]))

    def _doubtful(self, text: str) -> list[int]:
        """Where marks belong: the ends of what no source supports."""
        at_start = not (self._line + re.match(r"\s*", text)[0]).rpartition("\n")[2].strip(_ROUND + " \t")  # type: ignore[index]
        number = _LIST_NUMBER.match(text) if at_start else None
        ends: list[int] = []
        for claim in find_claims(text):
            if number and claim.kind == "number" and claim.end < number.end():
                continue
            if not _TELLING.search(text, claim.start, claim.end) and not _stands_alone(text, claim):
                continue
            self.checked += 1
            if not self._evidence.supports(claim):
                said = text[claim.start : claim.end].rstrip(".,;:")
                self.unsupported.append(said)
                ends.append(claim.start + len(said))
        return ends

    def _settle(self, end: int, marks: list[int]) -> str:
        """Give buffer[:end] with marks, less what was given already."""
        text, self._buffer = self._buffer[:end], self._buffer[end:]
        self._line = (self._line + text).rpartition("\n")[2] if "\n" in text else self._line + text
        parts, position = [], self._sent
        for mark in marks:
            parts += [text[position:mark], MARK]
            position = max(position, mark)
        self._sent = max(0, self._sent - end)
        return "".join([*parts, text[position:]])

    def _eager(self) -> str:
        """Of an unfinished word what cannot become a claim; only a claim's end has to wait."""
        if self._run:
            return ""
        tail = self._buffer[self._sent :]
        word = self._buffer.lstrip()
        if not tail or (word and _may_be_telling(word)):
            return ""
        self._sent = len(self._buffer)
        return tail


def _stands_alone(text: str, claim: Claim) -> bool:
    """A number in words that is glued to something else ("price:twenty") is given before its end is seen."""
    before, after = re.search(r"\S*\Z", text[: claim.start]), re.match(r"\S*", text[claim.end :])
    return not any(char.isalnum() for part in (before, after) if part for char in part[0])


def _is_telling(word: str, bare: str) -> bool:
    return bool(_TELLING.search(word)) or all(
        part in _OPENING or (len(part) > 2 and german_number(part) is not None) for part in bare.split("-")
    )


def _may_be_telling(begun: str) -> bool:
    bare = begun.lstrip(_ROUND).casefold()
    if not bare or _TELLING.search(begun):
        return True
    *whole, last = bare.rstrip(_ROUND + ".,;:!?…").split("-")
    return all(part in _OPENING for part in whole) and (last in _BEGINNINGS or last.startswith(_GERMAN) or not last)
