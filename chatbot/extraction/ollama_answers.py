"""The shapes a model fills in, and the drafts made of them.

A list for each kind, because a small model that is led from list to list forgets less than one that picks kinds itself.
Values come as said: days are resolved here by the rules of `dates`, which a model of eight billion parameters cannot be
trusted with. Nothing here is believed yet: quotes and values are checked against the transcript afterwards. So the
shapes are lenient: an odd value is left out, an odd entry is dropped, and only an answer of another form is an error.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WrapValidator, model_validator
from pydantic.json_schema import SkipJsonSchema

from chatbot.extraction.dates import find_clocks, find_days
from chatbot.extraction.merging import same_person
from chatbot.extraction.numbers import find_numbers
from chatbot.extraction.text import contained, squeeze, words
from chatbot.extraction.types import Draft, MeetingContext, Quote
from chatbot.llm.logprobs import KEY
from shared.schemas.insight import DealStage, Kind

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_SIGNS = {"€": "EUR", "£": "GBP", "$": "USD", "EURO": "EUR", "EUROS": "EUR", "POUNDS": "GBP", "DOLLARS": "USD"}
_EMPTY = frozenset(("", "n/a", "na", "none", "null", "unknown", "not stated", "not specified", "tbd", "-"))
#: How far from its line a day may be named, utterances.
_NEAR = 3
#: An item rests on so many lines at most; a further line that is no longer than this many words is an answer.
_MOST_LINES, _BRIEF = 6, 6
_SENTENCE = re.compile(r"[^.!?…]+[.!?…]*")
STAGES = get_args(DealStage)


def _text(value: Any, longest: int = 1000) -> str:
    """Anything as text: models answer with numbers, nulls and lists where a string was asked for."""
    if isinstance(value, list):
        value = ", ".join(_text(part) for part in value)
    text = "" if value is None or isinstance(value, dict) else " ".join(str(value).split())
    return "" if text.casefold() in _EMPTY else text[:longest]


def _number(value: Any) -> float:
    if isinstance(value, str):
        found = find_numbers(value)
        value = found[0].value if found else 0
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return 0.0
    return float(value) if 0 <= value <= 1e13 else 0.0


def _line(value: Any) -> int:
    digits = re.search(r"\d{1,9}", str(value))
    return int(digits.group()) if digits else -1


def _lines(value: Any) -> list[int]:
    values = value if isinstance(value, list) else [value]
    return [line for line in dict.fromkeys(map(_line, values)) if line >= 0][:_MOST_LINES]


def _entries(value: Any, validate: Callable[[Any], Any]) -> Any:
    """A list without the entries that are of another form."""
    kept = []
    for entry in value if isinstance(value, list) else []:
        try:
            kept += validate([entry])
        except ValidationError:
            continue
    return kept


T = TypeVar("T")
Text = Annotated[str, BeforeValidator(_text)]
Prose = Annotated[str, BeforeValidator(lambda value: _text(value, 8000))]
Amount = Annotated[float, BeforeValidator(_number)]
Entries = Annotated[list[T], WrapValidator(_entries), Field(default_factory=list)]


class _Entry(BaseModel):
    """Where it was said. Comes first, so that a model finds the words before it names the fact."""

    lines: Annotated[list[int], BeforeValidator(_lines)] = Field(default_factory=list)
    quote: Text = ""
    #: How sure the model was of the values; ours, put in by `structured`, never asked for.
    value_logprob: SkipJsonSchema[float | None] = None

    @model_validator(mode="before")
    @classmethod
    def _takes_one_line(cls, value: Any) -> Any:
        """`line`, which earlier prompts asked for, and some models answer whatever they are asked."""
        if isinstance(value, dict) and "line" in value:
            return {**value, "lines": [value["line"], *_lines(value.get("lines", []))]}
        return value

    @property
    def line(self) -> int:
        return self.lines[0] if self.lines else -1


class _Contact(_Entry):
    name: Text = ""
    title: Text = ""
    company: Text = ""
    email: Text = ""
    phone: Text = ""


class _Company(_Entry):
    name: Text = ""
    domain: Text = ""
    industry: Text = ""
    size: Text = ""


class _Deal(_Entry):
    company: Text = ""
    name: Text = ""
    amount: Amount = 0.0
    currency: Text = ""
    stage: Annotated[
        Literal["", "lead", "qualification", "discovery", "evaluation", "proposal", "negotiation", "verbal", "won",
                "lost", "on_hold", "renewal"],
        BeforeValidator(lambda value: value if value in STAGES else ""),
    ] = ""  # fmt: skip
    close: Text = ""


class _ActionItem(_Entry):
    description: Text = ""
    owner: Text = ""
    due: Text = ""


class _NextMeeting(_Entry):
    when: Text = ""
    purpose: Text = ""


class _Statement(_Entry):
    description: Text = ""


class _Competitor(_Entry):
    name: Text = ""


class Found(BaseModel):
    """What a model found in one passage."""

    model_config = ConfigDict(extra="ignore")

    notes: Prose = ""
    contacts: Entries[_Contact]
    companies: Entries[_Company]
    deals: Entries[_Deal]
    action_items: Entries[_ActionItem]
    next_meetings: Entries[_NextMeeting]
    decisions: Entries[_Statement]
    pain_points: Entries[_Statement]
    objections: Entries[_Statement]
    requirements: Entries[_Statement]
    competitors: Entries[_Competitor]

    @model_validator(mode="before")
    @classmethod
    def _is_an_answer(cls, value: Any) -> Any:
        """`{}` or an object about something else is no answer, though every list may be empty."""
        if isinstance(value, dict) and not value.keys() & cls.model_fields.keys():
            raise ValueError("none of the lists asked for is there")
        return value


class Whole(BaseModel):
    """What a model says about the whole meeting."""

    summary: Prose = Field(min_length=1)
    sentiment: Annotated[
        Literal["positive", "neutral", "negative"],
        BeforeValidator(lambda value: value.strip().lower() if isinstance(value, str) else value),
    ]
    line: Annotated[int, BeforeValidator(_line)] = -1
    quote: Text = ""


class Condensed(BaseModel):
    notes: Prose = Field(min_length=1)


def drafts(found: Found, meeting: MeetingContext) -> list[Draft]:
    """The entries as drafts, without those that name or quote nothing."""
    return [
        Draft(
            kind,
            data,
            (Quote(_quoted_line(entry, meeting), entry.quote), *_others(entry, data, meeting)),
            signals={} if entry.value_logprob is None else {KEY: entry.value_logprob},
        )
        for kind, entry, data in _data(found, meeting)
        if entry.quote
    ]


def _quoted_line(entry: _Entry, meeting: MeetingContext) -> int | None:
    """The one of the entry's lines that holds the quote, else the first."""
    wanted = squeeze(entry.quote).casefold()
    known = [line for line in entry.lines if _known(line, meeting) is not None]
    holding = (line for line in known if wanted in squeeze(meeting.utterances[line].text).casefold())
    return next(holding, known[0] if known else None)


def _others(entry: _Entry, data: Mapping[str, object], meeting: MeetingContext) -> Iterator[Quote]:
    """From each further line the sentence that says something of the item: its day, its sum, its words."""
    told = " ".join(str(value) for name, value in data.items() if name not in ("owner", "attended"))
    for line in entry.lines:
        if line == _quoted_line(entry, meeting) or _known(line, meeting) is None:
            continue
        text = meeting.utterances[line].text
        sentences = [part for part in _SENTENCE.findall(text) if part.strip()]
        today = meeting.occurred_at.date()
        best = max(sentences, key=lambda part: contained(told, part) + 0.5 * bool(find_days(part, today)), default="")
        if best and (contained(told, best) or find_days(best, today) or len(words(best)) <= _BRIEF):
            yield Quote(line, best.strip())


def _known(line: int, meeting: MeetingContext) -> int | None:
    return line if 0 <= line < len(meeting.utterances) else None


def _data(found: Found, meeting: MeetingContext) -> Iterator[tuple[Kind, _Entry, dict[str, object]]]:
    for contact in found.contacts:
        if contact.name:
            yield Kind.CONTACT, contact, _contact(contact, meeting)
    for company in found.companies:
        if company.name:
            yield Kind.COMPANY, company, _said(company, "name", "domain", "industry", "size")
    for deal in found.deals:
        if deal.company:
            yield Kind.DEAL, deal, _deal(deal, meeting)
    for action in found.action_items:
        if action.description:
            due = _day(action.due, action, meeting, near=False)
            yield Kind.ACTION_ITEM, action, _said(action, "description", "owner") | _dated("due_date", due)
    for following in found.next_meetings:
        if day := _day(following.when, following, meeting, near=True):
            yield Kind.NEXT_MEETING, following, {"when": _when(day, following)} | _said(following, "purpose")
    for kind, statements in (
        (Kind.DECISION, found.decisions),
        (Kind.PAIN_POINT, found.pain_points),
        (Kind.OBJECTION, found.objections),
        (Kind.REQUIREMENT, found.requirements),
    ):
        for statement in statements:
            if statement.description:
                yield kind, statement, {"description": statement.description}
    for rival in found.competitors:
        if rival.name:
            yield Kind.COMPETITOR, rival, {"name": rival.name}


def _said(entry: BaseModel, *names: str) -> dict[str, object]:
    """The named values that are there, cut to what a record holds."""
    longest = {"description": 1000, "purpose": 500, "domain": 253, "email": 254, "phone": 50, "size": 100}
    return {name: value[: longest.get(name, 200)] for name in names if (value := getattr(entry, name))}


def _contact(contact: _Contact, meeting: MeetingContext) -> dict[str, object]:
    present = {*meeting.participants, *(u.speaker for u in meeting.utterances if u.speaker)}
    attended = any(same_person(contact.name, name) for name in present)
    return {**_said(contact, "name", "title", "company", "email", "phone"), "attended": attended}


def _deal(deal: _Deal, meeting: MeetingContext) -> dict[str, object]:
    data = _said(deal, "company", "name", "stage")
    if deal.amount:
        data["amount"] = deal.amount
    code = _SIGNS.get(deal.currency.upper(), deal.currency.upper())
    if re.fullmatch(r"[A-Z]{3}", code):
        data["currency"] = code
    return data | _dated("close_date", _day(deal.close, deal, meeting, near=True))


def _dated(name: str, day: date | None) -> dict[str, object]:
    return {name: day.isoformat()} if day else {}


def _day(said: str, entry: _Entry, meeting: MeetingContext, *, near: bool) -> date | None:
    """The day that `said` names, else the line itself; with `near`, the lines about it, where they name but one."""
    if not said and not near:
        return None
    today = meeting.occurred_at.date()
    if iso := _ISO.search(said):
        try:
            return date.fromisoformat(iso.group())
        except ValueError:
            return None
    for text in (said, entry.quote):
        if days := find_days(text, today):
            return days[-1].date
    if not near or not said or _known(entry.line, meeting) is None:
        return None
    around = meeting.utterances[max(0, entry.line - _NEAR) : entry.line + _NEAR + 1]
    named = {day.date for utterance in around for day in find_days(utterance.text, today)}
    return named.pop() if len(named) == 1 else None


def _when(day: date, entry: _NextMeeting) -> str:
    for text in (entry.when, entry.quote):
        if clocks := find_clocks(text):
            return f"{day.isoformat()}T{clocks[-1].hour:02}:{clocks[-1].minute:02}"
    return day.isoformat()
