"""A transcript cut where evidence begins and ends, and what an insight says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from crm import localization
from crm.drawing import TONES, html
from shared.models import Insight, InsightStatus, Meeting
from shared.query.linking import PATHS
from shared.schemas.insight import BANDS, DATA_BY_KIND, Kind
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


class Line(NamedTuple):
    """One utterance, its text as HTML. `says_more` means the line before has the same speaker."""

    position: int
    speaker: str | None
    start_s: float | None
    text: str
    says_more: bool


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


def lines(utterances: Sequence[Utterance], insights: Sequence[Insight]) -> list[Line]:
    """The transcript with its evidence marked; refused insights mark nothing."""
    spans: dict[int, list[tuple[int, int, int]]] = {}
    for insight in insights:
        if insight.status is InsightStatus.REJECTED:
            continue
        for evidence in insight.evidence:
            start, end = evidence.get("start", 0), evidence.get("end", 0)
            spans.setdefault(evidence["utterance"], []).append((start, end, insight.id))
    shown, before = [], None
    for u in utterances:
        text = _marked(u.text, spans[u.index]) if u.index in spans else escape(u.text)
        shown.append(Line(u.index, u.speaker, u.start_s, text, u.speaker is not None and u.speaker == before))
        before = u.speaker
    return shown


def _marked(text: str, spans: list[tuple[int, int, int]]) -> str:
    """Cut at every beginning and end, so that overlapping evidence marks each stretch with all it belongs to."""
    inside = [(max(0, start), min(len(text), end), id) for start, end, id in spans if start < end]
    cuts = sorted({0, len(text), *(s for s, _, _ in inside), *(e for _, e, _ in inside)})
    found = []
    for a, b in pairwise(cuts):
        said, ids = escape(text[a:b]), " ".join(str(id) for s, e, id in inside if s <= a and b <= e)
        found.append(f'<mark data-insights="{ids}">{said}</mark>' if ids else said)
    return "".join(found)


def drawn(shown: Sequence[Line], meeting_id: int) -> Markup:
    """The lines as HTML: a long meeting has three thousand, so no template draws them."""
    return html("".join(_drawn(shown, f"{PATHS['meeting']}/{meeting_id}")))


def _drawn(shown: Sequence[Line], url: str) -> Iterator[str]:
    tones: dict[str, str] = {}
    for position, speaker, start_s, text, says_more in shown:
        who = ""
        if not says_more:
            if speaker:
                tone = tones.setdefault(speaker, TONES[len(tones) % len(TONES)])
                who = f'<span class="speaker tone-{tone}">{escape(speaker)}</span>'
            if start_s is not None:
                who += f'<a class="num text-3" href="{url}?t={int(start_s)}">{timecode(start_s)}</a>'
            who = f'<div class="utterance-who">{who}</div>\n'
        more = " utterance-more" if says_more else ""
        yield f'<div class="utterance{more}" id="u-{position}" tabindex="-1">{who}<p dir="auto">{text}</p></div>\n'


def position_at(shown: Sequence[Line], second: float | None) -> int | None:
    """The utterance that is being said at a second of the meeting."""
    if second is None:
        return None
    timed = [line for line in shown if line.start_s is not None and line.start_s <= second + 0.5]
    return timed[-1].position if timed else None


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


def citations(meeting: Meeting, insights: Iterable[Insight]) -> list[dict[str, int]]:
    """Where the meeting's summary says what it rests on; nothing once somebody has put it in other words."""
    for insight in insights:
        is_summary = insight.kind == Kind.SUMMARY and insight.data.get("text") == meeting.summary
        if is_summary and insight.status is not InsightStatus.EDITED:
            return list(insight.data.get("citations") or [])
    return []


def headline(insight: Insight) -> str:
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
