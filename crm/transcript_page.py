"""A transcript as lines: what of it is seen first, and all of it; and what an insight says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, cycle, pairwise
from types import MappingProxyType
from typing import Any, NamedTuple

from flask import Flask
from flask_babel import gettext as _
from markupsafe import Markup

from crm import localization
from crm.drawing import TONES, escaped, html
from crm.findings import Finding
from crm.localization import lazy_gettext as _l
from shared.models import Insight, InsightStatus, Meeting
from shared.query.linking import PATHS
from shared.records import meetings
from shared.schemas.insight import BANDS, DATA_BY_KIND, Kind
from shared.tenancy import TenantSession
from shared.transcripts import Utterance

KIND_NAMES = {
    Kind.CONTACT: _l("Contact"),
    Kind.COMPANY: _l("Company"),
    Kind.DEAL: _l("Deal"),
    Kind.ACTION_ITEM: _l("Task"),
    Kind.NEXT_MEETING: _l("Next meeting"),
    Kind.DECISION: _l("Decision"),
    Kind.PAIN_POINT: _l("Pain"),
    Kind.OBJECTION: _l("Objection"),
    Kind.COMPETITOR: _l("Competitor"),
    Kind.REQUIREMENT: _l("Requirement"),
    Kind.SENTIMENT: _l("Mood"),
    Kind.SUMMARY: _l("Summary"),
}

FIELD_NAMES = {
    "name": _l("Name"),
    "first_name": _l("First name"),
    "last_name": _l("Last name"),
    "title": _l("Title"),
    "company": _l("Company"),
    "email": _l("E-mail"),
    "phone": _l("Phone"),
    "attended": _l("Took part"),
    "domain": _l("Domain"),
    "industry": _l("Industry"),
    "size": _l("Size"),
    "amount": _l("Amount"),
    "currency": _l("Currency"),
    "stage": _l("Stage"),
    "close_date": _l("Expected close"),
    "expected_close": _l("Expected close"),
    "description": _l("Description"),
    "owner": _l("Owner"),
    "assignee_id": _l("Assignee"),
    "promised_by": _l("Promised by"),
    "due_date": _l("Due"),
    "due_at": _l("Due"),
    "when": _l("When"),
    "purpose": _l("Purpose"),
    "label": _l("Mood"),
    "about": _l("About"),
    "text": _l("Text"),
}


#: What fills a large screen stands on the page itself: so many lines, or letters; of the lines, so many above the one
#: that is looked for. The rest is fetched beside the page, and kept.
_LINES, _LETTERS, _ABOVE = 24, 3600, 3


def init_app(app: Flask) -> None:
    """Install what the templates of transcripts and insights use."""
    app.jinja_env.filters |= {"timecode": timecode, "iso_day": iso_day}
    app.jinja_env.globals |= {
        "bands": BANDS,
        "headline": headline,
        "summary_parts": summary_parts,
        "cited": cited,
        "kind_name": lambda kind: str(KIND_NAMES[Kind(kind)]),
        "field_name": lambda name: str(FIELD_NAMES.get(name, name)),
    }


class Excerpt(NamedTuple):
    """What of a transcript stands on its page: the lines as HTML, whether they are all, or the first of them."""

    html: Markup
    is_whole: bool
    is_start: bool


class Span(NamedTuple):
    """A stretch of a line, in characters, on which a finding rests."""

    start: int
    end: int
    insight_id: int


def timecode(seconds: float | None) -> str:
    """754.2 -> `12:34`, 3754 -> `1:02:34`; an empty string for None."""
    if seconds is None:
        return ""
    minutes, second = divmod(int(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"


def iso_day(text: str) -> str:
    """An ISO date, or date and time, in the user's language."""
    value = datetime.fromisoformat(text)
    return localization.moment(value) if "T" in text and value.tzinfo else localization.day(value.date())


def excerpt(
    session: TenantSession, meeting: Meeting, voices: Iterable[str | None], at: int | None, shown: Iterable[Finding]
) -> Excerpt:
    """The stretch that is seen first: around the line `at`, or the beginning.

    `voices` are all labels, in order; `shown` are the findings on the page.
    """
    first = max(0, (at or 0) - _ABOVE)
    found = meetings.utterances_of(session, meeting.id, max(0, first - 1), first + _LINES)
    before = found.pop(0) if found and found[0].index < first else None
    said = _fitting(found[:_LINES], _ABOVE + 1 if at else 1)
    is_whole = before is None and len(said) == len(found)
    return Excerpt(drawn(said, meeting.id, voices, before, evidence(shown)), is_whole, before is None)


def whole(session: TenantSession, meeting: Meeting, shown: Iterable[Finding] = ()) -> Excerpt:
    """All of it."""
    said = meetings.utterances_of(session, meeting.id)
    return Excerpt(drawn(said, meeting.id, marks=evidence(shown)), True, True)


def spans(insight: Finding) -> list[tuple[int, Span]]:
    """Where its words stand: (line, stretch)."""
    return [(at["utterance"], Span(at["start"], at["end"], insight.id)) for at in insight.evidence if at.get("end")]


def evidence(shown: Iterable[Finding]) -> dict[int, list[Span]]:
    """What is to be marked in each line; what is refused marks nothing."""
    marks: dict[int, list[Span]] = {}
    for insight in shown:
        for line, span in spans(insight) if insight.status is not InsightStatus.REJECTED else ():
            marks.setdefault(line, []).append(span)
    return marks


def _fitting(said: Sequence[Utterance], least: int) -> Sequence[Utterance]:
    """As many lines as fill a screen, and at least so many."""
    letters = accumulate(len(utterance.text) for utterance in said)
    return said[: max(least, sum(total <= _LETTERS for total in letters))]


def drawn(
    said: Iterable[Utterance],
    meeting_id: int,
    voices: Iterable[str | None] = (),
    before: Utterance | None = None,
    marks: Mapping[int, list[Span]] = MappingProxyType({}),
) -> Markup:
    """Lines as HTML: a long meeting has three thousand, so no template draws them.

    A speaker's colour follows from the order in which they first speak. `before` is the line above the first. `marks`
    are a page's own; what a browser keeps has none, since it must not change with each decision: there the page's
    script (`marks.js`) draws them.
    """
    spoke = before.speaker if before else None
    return html("".join(_drawn(said, f"{PATHS['meeting']}/{meeting_id}", voices, spoke, marks)))


def _drawn(
    said: Iterable[Utterance],
    url: str,
    voices: Iterable[str | None],
    spoke: str | None,
    marks: Mapping[int, list[Span]],
) -> Iterator[str]:
    tones = dict(zip(filter(None, voices), cycle(TONES)))
    for utterance in said:
        speaker, start_s, who = utterance.speaker, utterance.start_s, ""
        says_more = speaker is not None and speaker == spoke
        if not says_more:
            if speaker:
                tone = tones.setdefault(speaker, TONES[len(tones) % len(TONES)])
                who = f'<span class="speaker tone-{tone}">{escaped(speaker)}</span>'
            if start_s is not None:
                who += f'<a class="num text-3" href="{url}?t={int(start_s)}">{timecode(start_s)}</a>'
            who = f'<div class="utterance-who">{who}</div>\n'
        more = " utterance-more" if says_more else ""
        spoke = speaker
        spans_here = marks.get(utterance.index)
        text = _marked(utterance.text, spans_here) if spans_here else escaped(utterance.text)
        said_here = f'<p dir="auto">{text}</p>'
        yield f'<div class="utterance{more}" id="u-{utterance.index}" tabindex="-1">{who}{said_here}</div>\n'


def _marked(text: str, marks: Sequence[Span]) -> str:
    """Cut at every beginning and end, so that overlapping evidence marks each stretch with all it belongs to."""
    inside = [span for span in marks if span.start < min(span.end, len(text))]
    cuts = sorted({0, len(text), *(min(at, len(text)) for span in inside for at in (span.start, span.end))})
    pieces = []
    for start, end in pairwise(cuts):
        ids = " ".join(str(span.insight_id) for span in inside if span.start <= start and end <= span.end)
        words = escaped(text[start:end])
        pieces.append(f'<mark data-insights="{ids}">{words}</mark>' if ids else words)
    return "".join(pieces)


#: A line of a summary may name what it tells: "Decided: …".
_LABEL = re.compile(r"(?P<label>[^:.;!?]{2,40}): (?P<text>\S.*)")


def summary_parts(summary: str) -> list[tuple[str, list[str]]]:
    """The lines of a summary as (label, what is said under it). A summary in prose has no labels."""
    texts = [line.strip() for line in summary.splitlines() if line.strip()]
    parts = []
    for text in texts:
        labelled = _LABEL.fullmatch(text) if len(texts) > 1 else None
        if labelled:
            parts.append((labelled["label"], [point for point in labelled["text"].split("; ") if point]))
        else:
            parts.append(("", [text]))
    return parts


def cited(text: str, citations: Sequence[Mapping[str, int]]) -> list[tuple[str, int | None]]:
    """A summary cut where something is cited: (words, the utterance they rest on)."""
    pieces: list[tuple[str, int | None]] = []
    position = 0
    for citation in citations:
        at = min(max(citation["at"], position), len(text))
        pieces.append((text[position:at], citation["utterance"]))
        position = at
    return [*pieces, (text[position:], None)]


def citations(meeting: Meeting, insights: Iterable[Finding]) -> list[dict[str, int]]:
    """Where the meeting's summary says what it rests on; nothing once somebody has put it in other words."""
    for insight in insights:
        is_summary = insight.kind == Kind.SUMMARY and insight.data.get("text") == meeting.summary
        if is_summary and insight.status is not InsightStatus.EDITED:
            return list(insight.data.get("citations") or [])
    return []


def headline(insight: Insight | Finding) -> str:
    """What an insight says, in a line."""
    data, kind = insight.data, Kind(insight.kind)
    if kind is Kind.SENTIMENT:
        moods = {"positive": _("Positive"), "neutral": _("Neutral"), "negative": _("Negative")}
        return str(moods.get(data["label"], data["label"]))
    if kind is Kind.NEXT_MEETING:
        return str(data.get("purpose") or _("Next meeting"))
    if kind is Kind.DEAL:
        return str(data.get("name") or data["company"])
    return str(data.get("description") or data.get("name") or data.get("text") or kind.value)


@dataclass(frozen=True, slots=True)
class EditField:
    """One control of the edit dialog. `control`: text, long, date, moment, number, check, choice."""

    name: str
    label: str
    control: str
    is_required: bool
    choices: tuple[tuple[str, str], ...] = ()


def edit_fields(kind: Kind) -> list[EditField]:
    """The controls for an insight's data, from its schema."""
    model = DATA_BY_KIND[kind]
    properties = model.model_json_schema()["properties"]
    return [
        EditField(name, str(FIELD_NAMES.get(name, name)), *_control(name, properties[name], field.is_required()))
        for name, field in model.model_fields.items()
    ]


def _control(name: str, schema: dict[str, Any], is_required: bool) -> tuple[str, bool, tuple[tuple[str, str], ...]]:
    types = {part.get("type") for part in schema.get("anyOf", [schema])}
    choices = next((part["enum"] for part in schema.get("anyOf", [schema]) if "enum" in part), None)
    if choices:
        return "choice", is_required, tuple((choice, choice.replace("_", " ").capitalize()) for choice in choices)
    if name in ("due_date", "close_date"):
        return "date", is_required, ()
    if "boolean" in types:
        return "check", False, ()
    if "number" in types:
        return "number", is_required, ()
    return ("long" if name in ("description", "text") else "text"), is_required, ()
