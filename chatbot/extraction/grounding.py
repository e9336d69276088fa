"""Nothing is kept that the transcript does not say.

A draft claims quotes and values. Each quote is looked up: as it stands (white space aside), then without regard to
case, then fuzzily near the place it was claimed for, then anywhere; what is found is replaced by the transcript's own
words, and speaker and time come from the utterance found, never from the engine. A quote that runs over neighbouring
utterances of one speaker becomes one piece of evidence for each. Then values: names, amounts, days, addresses and
phones must follow from the evidence or from another utterance, which then joins it; what does not is left out, and an
item whose identity or every quote goes with it is dropped.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

from pydantic import ValidationError

from chatbot.extraction.dates import find_clocks, find_days
from chatbot.extraction.day_steps import find_steps
from chatbot.extraction.merging import is_legal_form
from chatbot.extraction.numbers import find_numbers
from chatbot.extraction.past_days import last_such_day
from chatbot.extraction.quotes import WORST, Status, Transcript, lower
from chatbot.extraction.spelling import find_emails, find_local_parts, find_phones
from chatbot.extraction.support import Support
from chatbot.extraction.text import fold, key, words
from chatbot.extraction.types import Draft
from shared.schemas.insight import DATA_BY_KIND, Evidence, Item, Kind

#: How far from its evidence a value may be said, in utterances.
_REACH = 12
_MAX_EVIDENCE = 6
#: From here on `Support.owns` means that the evidence itself names the owner.
_NAMED_IN_EVIDENCE = 0.7
_CROWNS = ("crown", "crowns", "krone", "kroner", "kronen", "kronor", "kr")
_CURRENCIES = {
    "EUR": ("euro", "euros", "eur", "€"),
    "GBP": ("pound", "pounds", "gbp", "£", "quid", "sterling"),
    "USD": ("dollar", "dollars", "usd", "$", "bucks"),
    "CHF": ("franken", "chf", "francs"),
    "NOK": ("nok", *_CROWNS),
    "SEK": ("sek", *_CROWNS),
    "DKK": ("dkk", *_CROWNS),
}
#: Fields whose value is a number, or may be; all others are text.
_EXPECTED: dict[str, tuple[type, ...]] = {"amount": (int, float), "size": (str, int, float)}
_TITLE_NOISE = frozenset(
    "head lead leader leiter leiterin manager director of for the and der die des für chief officer deputy senior vice "
    "president vp leitung".split()
)
#: Words of titles that are said as another one: who owns it is its owner.
_SAID_AS = {"own": "owner", "owns": "owner", "owned": "owner", "exec": "execu"}


@dataclass(frozen=True, slots=True)
class Grounded:
    """An item that stands on the transcript. `status`: how its worst quote was found; `cut`: fields left out.

    `signals` are what was observed about it, 0..1 each, for `confidence`: `alignment` of the quotes, `quotes_found`,
    `due` and `close` (1: named in the evidence, 0.5: near it, 0: left out), `owner`, and those of `support`.
    """

    item: Item
    status: Status
    cut: tuple[str, ...]
    signals: dict[str, float] = field(default_factory=dict)


def ground(transcript: Transcript, draft: Draft, support: Support | None = None) -> Grounded | None:
    """The draft as an item that the transcript proves, or None if its quotes or its identity cannot be found."""
    quotes, signals, status = located(transcript, draft)
    evidence = [piece for pieces in quotes for piece in pieces]
    if not evidence and draft.kind is not Kind.SUMMARY:
        return None
    check = _Check(transcript, draft, evidence, support)
    checked = check.run()
    if checked is None:
        return None
    data, cut = checked
    item = Item(kind=draft.kind, data=data, evidence=_distinct(evidence)[:_MAX_EVIDENCE])
    try:
        item.data = item.typed.model_dump(mode="json", exclude_none=True)
    except ValidationError:
        return None
    if support is not None:
        signals |= support.signals(draft.kind, item.data, check.claimed, said_in=quotes[0] if quotes else [])
    return Grounded(item, status, cut, signals | check.signals | draft.signals)


def located(transcript: Transcript, draft: Draft) -> tuple[list[list[Evidence]], dict[str, float], Status]:
    """Where each quote that is there stands, how well they agree, and the worst way one was found."""
    found = [transcript.find(quote) for quote in draft.quotes]
    there = [place for place in found if place is not None]
    if not there:
        return [], {}, WORST[-1]
    signals = {
        "alignment": round(sum(place.alignment for place in there) / len(there), 3),
        "quotes_found": len(there) / len(found),
    }
    worst = max((place.status for place in there), key=WORST.index)
    return [list(place.evidence) for place in there], signals, worst


def _distinct(evidence: list[Evidence]) -> list[Evidence]:
    """Without pieces that lie inside another."""
    kept: list[Evidence] = []
    for piece in evidence:
        inside = any(
            other.utterance == piece.utterance and other.start <= piece.start and piece.end <= other.end
            for other in kept
        )
        if not inside:
            kept.append(piece)
    return kept


class _Check:
    """The values of one draft against the transcript. What proves a value is added to `evidence` in place."""

    def __init__(
        self, transcript: Transcript, draft: Draft, evidence: list[Evidence], support: Support | None = None
    ) -> None:
        self.transcript, self.draft, self.evidence, self.support = transcript, draft, evidence, support
        #: What the engine quoted, before anything joins it.
        self.claimed = list(evidence)
        self.signals: dict[str, float] = {}
        allowed = DATA_BY_KIND[draft.kind].model_fields
        self.data = {name: value for name, value in draft.data.items() if name in allowed and value not in (None, "")}

    def run(self) -> tuple[dict[str, object], tuple[str, ...]] | None:
        cut = []
        for name in list(self.data):
            check = getattr(self, f"_{self.draft.kind.value}_{name}", None) or getattr(self, f"_{name}", None)
            if check is None:
                continue
            proof = check(self.data[name]) if isinstance(self.data[name], _EXPECTED.get(name, str)) else False
            if not proof:
                cut.append(name)
                del self.data[name]
            elif isinstance(proof, Evidence):
                self.evidence.append(proof)
        required = [n for n, field in DATA_BY_KIND[self.draft.kind].model_fields.items() if field.is_required()]
        return None if any(name in cut for name in required) else (self.data, tuple(cut))

    def _search(self, test: Callable[[str], tuple[int, int] | None], reach: int | None = None) -> Evidence | bool:
        """True if the evidence itself passes, else the utterance that does, else False."""
        if any(test(quote) for quote in self._quotes()):
            return True
        return self.transcript.says(test, self.transcript.order(self.evidence, reach)) or False

    def _quotes(self) -> list[str]:
        """The evidence piece by piece, and joined where neighbouring lines of one speaker were cut by the file."""
        ordered = sorted(self.evidence, key=lambda piece: piece.utterance)
        pairs = pairwise(ordered)
        joined = [f"{a.quote} {b.quote}" for a, b in pairs if b.utterance - a.utterance == 1 and a.speaker == b.speaker]
        return [piece.quote for piece in self.evidence] + joined

    def _name(self, value: str) -> Evidence | bool:
        if self.draft.kind is Kind.DEAL:
            return True
        return self._named(value)

    def _named(self, value: str) -> Evidence | bool:
        """A name: said somewhere in one piece (blanks aside), or all its words are, or it is a speaker's label."""
        said = self._search(lambda text: _span_of_name(text, value))
        if said or self.transcript.knows_name(value):
            return said or True
        if self.transcript.meeting.title and key(value) in key(self.transcript.meeting.title):
            return True
        parts = [part for part in words(value) if len(part) > 1 and not is_legal_form(part)]
        proofs = [self.transcript.knows_name(part) or self._said(part) for part in parts]
        if not parts or not all(proofs):
            return False
        return next((proof for proof in proofs if isinstance(proof, Evidence)), True)

    def _said(self, part: str) -> Evidence | None:
        order = self.transcript.order(self.evidence)
        return self.transcript.says(lambda text: _span_of_name(text, part), order)

    def _company(self, value: str) -> Evidence | bool:
        own = self.transcript.meeting.own_company
        if own and key(value) == key(own):
            return True
        proof = self._named(value)
        # Whose company somebody belongs to is known from elsewhere in the meeting; it need not be quoted every time.
        return True if proof and self.draft.kind is not Kind.DEAL else proof

    def _owner(self, value: str) -> Evidence | bool:
        """A person of the meeting. Where the evidence binds one other person and not this one, it is that person."""
        if self.support is None:
            return bool(self._named(value))
        said = self.support.sentences(self.claimed)
        bound = self.support.bound(said)
        if len(bound) == 1 and self.support.owns(value, said) < _NAMED_IN_EVIDENCE:
            self.data["owner"] = bound[0]
            self.signals["owner_corrected"] = 1.0
            return True
        return bool(self._named(value))

    def _title(self, value: str) -> Evidence | bool:
        wanted = [stem for stem in (fold(word)[:5] for word in words(value)) if stem]
        telling = [w for w in wanted if w not in {n[:5] for n in _TITLE_NOISE}] or wanted

        def test(text: str) -> tuple[int, int] | None:
            have = {stem for word in words(text) for stem in (fold(word)[:5], _SAID_AS.get(fold(word)))}
            joined = key(text)
            hits = sum(stem in have or (len(stem) == 5 and stem in joined) for stem in telling)
            return (0, len(text)) if hits * 2 >= len(telling) else None

        return self._search(test, _REACH)

    _industry = _title

    def _size(self, value: object) -> Evidence | bool:
        figures = [number.value for number in find_numbers(str(value))]
        return self._search(lambda text: _span_of_amount(text, figures[0], scale=False)) if figures else False

    def _email(self, value: str) -> Evidence | bool:
        local, _, domain = value.lower().partition("@")
        whole = self._search(lambda text: _first(s for s in find_emails(text) if s.value == value.lower()))
        if whole:
            return whole
        half = self._search(lambda text: _first(s for s in find_local_parts(text) if s.value == local))
        other = self._search(lambda text: _first(s for s in find_emails(text) if s.value.endswith("@" + domain)))
        if isinstance(other, Evidence) and half:
            self.evidence.append(other)
        return half if half and other else False

    def _domain(self, value: str) -> Evidence | bool:
        plain = value.lower().removeprefix("www.")
        return self._search(
            lambda text: (
                _first(s for s in find_emails(text) if s.value.endswith(("@" + plain, "." + plain)))
                or _span_of_text(text, plain)
            )
        )

    def _phone(self, value: str) -> Evidence | bool:
        digits = re.sub(r"\D", "", value).lstrip("0")[-9:]
        return self._search(lambda text: _first(s for s in find_phones(text) if s.value.endswith(digits)))

    def _amount(self, value: float) -> Evidence | bool:
        return self._search(lambda text: _span_of_amount(text, float(value), scale=True))

    def _currency(self, value: str) -> Evidence | bool:
        signs = _CURRENCIES.get(value, (value.lower(),))
        return self._search(lambda text: _span_of_currency(text, signs))

    def _due_date(self, value: str) -> Evidence | bool:
        return self._dated("due_date", value, _REACH)

    def _close_date(self, value: str) -> Evidence | bool:
        """The day named, or "signed on the second" the last such day."""
        day = self.transcript.day
        back = [last_such_day(d, day) for piece in self.claimed for d in find_days(piece.quote, day)]
        return value in [d.isoformat() for d in back if d] or self._dated("close_date", value, None)

    def _when(self, value: str) -> Evidence | bool:
        day, _, clock = value.partition("T")
        proof = self._dated("when", day, None)
        day = str(self.data["when"])[:10]
        keeps = proof and clock and self._clock(clock)
        self.data["when"] = f"{day}T{clock}" if keeps else day
        return proof

    def _dated(self, name: str, value: str, reach: int | None) -> Evidence | bool:
        """The day as claimed where it was named; one that nobody named gives way to the day the evidence names."""
        named = self._days_of_evidence()
        if value in named:
            self.signals[name] = 1.0
            return True
        proof = self._day(value, reach)
        self.signals[name] = 0.5 if proof else 0.0
        if proof or not named:
            return proof
        self.data[name] = named[-1]
        self.signals[f"{name}_corrected"] = 1.0
        return True

    def _days_of_evidence(self) -> list[str]:
        quotes = [piece.quote for piece in self.claimed]
        named = [day.date for quote in quotes for day in find_days(quote, self.transcript.day)]
        steps = [step.days for quote in quotes for step in find_steps(quote)]
        told = [day + timedelta(days=step) for day in named for step in steps]  # "Thursday", "the day after"
        return [day.isoformat() for day in (*told, *named)]

    def _day(self, value: str, reach: int | None) -> Evidence | bool:
        def test(text: str) -> tuple[int, int] | None:
            return _first(day for day in find_days(text, self.transcript.day) if day.date.isoformat() == value)

        return self._search(test, reach)

    def _clock(self, value: str) -> bool:
        meeting = self.transcript.meeting.occurred_at
        hour, minute = int(value[:2]), int(value[3:5])

        def test(text: str) -> tuple[int, int] | None:
            if (hour, minute) == (meeting.hour, meeting.minute) and re.search(
                r"same time|gleiche[rn]? zeit", text, re.I
            ):
                return 0, len(text)
            return _first(c for c in find_clocks(text) if c.hour % 12 == hour % 12 and c.minute == minute)

        return bool(self._search(test, _REACH))


def _first(found: Iterable[object]) -> tuple[int, int] | None:
    hit = next(iter(found), None)
    return (hit.start, hit.end) if hit is not None else None  # type: ignore[attr-defined]  # Day, Clock, Spelled, Number


def _span_of_text(text: str, wanted: str) -> tuple[int, int] | None:
    at = lower(text).find(wanted)
    return (at, at + len(wanted)) if at >= 0 else None


def _span_of_name(text: str, name: str) -> tuple[int, int] | None:
    """The name in the text, blanks, case and accents aside: `Bright Desk` says Brightdesk."""
    wanted = key(name)
    if not wanted or wanted not in key(text):
        return None
    pieces = list(re.finditer(r"[^\W_]+", text))
    for i, first in enumerate(pieces):
        joined = ""
        for last in pieces[i : i + len(name.split()) + 3]:
            joined += key(last.group())
            if joined == wanted:
                return first.start(), last.end()
            if not wanted.startswith(joined):
                break
    return None


def _span_of_amount(text: str, amount: float, *, scale: bool) -> tuple[int, int] | None:
    """The number as said; with `scale`, "forty-two" may stand for 42,000."""
    for number in find_numbers(text):
        readings = [number.value, number.value * 1000] if scale and number.value < 1000 else [number.value]
        if any(abs(reading - amount) <= 0.005 * max(1.0, abs(amount)) for reading in readings):
            return number.start, number.end
    return None


def _span_of_currency(text: str, signs: tuple[str, ...]) -> tuple[int, int] | None:
    for match in re.finditer(r"[€£$]|[^\W\d_]+", text.lower()):
        if match.group() in signs:
            return match.span()
    return None
