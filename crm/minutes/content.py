"""What stands in the minutes of a meeting, before any format: facts, people, and points by kind.

Every text is cleaned here once, so that no writer meets a control character, or a mark that would turn the direction
of everything after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crm.minutes.people import attended
from crm.minutes.wording import Wording, wording_of
from crm.transcript_page import summary_parts, timecode
from shared.models import Company, Deal, Insight, InsightStatus, Meeting
from shared.records.keys import fold
from shared.schemas.insight import Kind
from shared.tenancy import TenantSession

#: The sections, in their order. The mood is not for minutes; people, company and deal stand at the top.
SECTIONS = (
    Kind.DECISION,
    Kind.ACTION_ITEM,
    Kind.NEXT_MEETING,
    Kind.REQUIREMENT,
    Kind.PAIN_POINT,
    Kind.OBJECTION,
    Kind.COMPETITOR,
)

#: C0 and C1 but white space, half characters, and what embeds or overrides directions; LRM and RLM are harmless.
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where it was said. `time` is `12:34`, empty for a transcript without times; `utterance` its place in it."""

    speaker: str
    time: str
    utterance: int

    def __str__(self) -> str:
        stamp = f"[{self.time}]" if self.time else ""
        return " ".join(part for part in (self.speaker, stamp) if part)


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that was said; `who` and `by_when` of an action item, as shown; `due_date` in ISO."""

    text: str
    sources: tuple[Source, ...] = ()
    is_open: bool = False
    who: str = ""
    by_when: str = ""
    due_date: str | None = None

    def shown(self, words: Wording) -> str:
        return self.text + words.mark(self.is_open)

    @property
    def said(self) -> str:
        """`Jane Roe [12:34], Tom Poe [14:02]`"""
        return ", ".join(str(source) for source in self.sources)


@dataclass(frozen=True, slots=True)
class Section:
    kind: Kind
    heading: str
    points: tuple[Point, ...]

    @property
    def is_table(self) -> bool:
        return self.kind is Kind.ACTION_ITEM


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who was there. `about` is title and company."""

    name: str
    about: str = ""
    is_open: bool = False

    def shown(self, words: Wording) -> str:
        return self.name + (f" ({self.about})" if self.about else "") + words.mark(self.is_open)


@dataclass(frozen=True, slots=True)
class Minutes:
    """A meeting, ready to be written. `summary` is [(label, points)]; labels may be empty."""

    meeting_id: int
    words: Wording
    title: str
    when: str
    day: str  # ISO, where the reader is
    company: str
    deal: str
    people: tuple[Person, ...]
    summary: tuple[tuple[str, tuple[str, ...]], ...]
    is_summary_open: bool
    sections: tuple[Section, ...]

    @property
    def has_open(self) -> bool:
        points = (point.is_open for section in self.sections for point in section.points)
        return self.is_summary_open or any(person.is_open for person in self.people) or any(points)

    @property
    def is_empty(self) -> bool:
        return not self.summary and not self.sections

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """(label, value) of what stands at the top, but for the people."""
        known = ((self.words.when, self.when), (self.words.company, self.company), (self.words.deal, self.deal))
        return tuple(fact for fact in known if fact[1])

    def file_name(self, ending: str) -> str:
        """`2026-11-16-kick-off-with-müller-minutes.pdf`: letters, digits and hyphens, whatever the title was."""
        title = re.sub(r"[\W_]+", "-", self.title.casefold()).strip("-")[:80].strip("-")
        return "-".join(part for part in (self.day, title, self.words.minutes.casefold()) if part) + f".{ending}"


def clean(text: object) -> str:
    """One line without what no reader should get."""
    return " ".join(_UNFIT.sub("", str(text or "")).split())


def collect(session: TenantSession, meeting: Meeting, *, zone: ZoneInfo, with_open: bool = True) -> Minutes:
    """The minutes of a meeting with its time in `zone`; without `with_open`, only what somebody said yes to."""
    words = wording_of(meeting.language)
    query = select(Insight).where(Insight.meeting_id == meeting.id, Insight.status != InsightStatus.REJECTED)
    insights = [i for i in session.scalars(query.order_by(Insight.position)) if with_open or i.status.is_applied]
    company = session.get(Company, meeting.company_id) if meeting.company_id else None
    deal = session.get(Deal, meeting.deal_id) if meeting.deal_id else None
    summary, is_summary_open = _summary(session, meeting, with_open=with_open)
    return Minutes(
        meeting_id=meeting.id,
        words=words,
        title=clean(meeting.title),
        when=words.moment(meeting.occurred_at, zone),
        day=meeting.occurred_at.astimezone(zone).date().isoformat(),
        company=clean(company.name) if company is not None and company.deleted_at is None else "",
        deal=clean(deal.name) if deal is not None and deal.deleted_at is None else "",
        people=tuple(_people(session, meeting, insights)),
        summary=summary,
        is_summary_open=is_summary_open,
        sections=tuple(_sections(insights, words)),
    )


def _summary(
    session: TenantSession, meeting: Meeting, *, with_open: bool
) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], bool]:
    """The summary's parts, and whether nobody has looked at it. A refused one is none."""
    query = select(Insight.status).where(Insight.meeting_id == meeting.id, Insight.kind == Kind.SUMMARY)
    statuses = list(session.scalars(query))
    is_refused = bool(statuses) and all(status == InsightStatus.REJECTED for status in statuses)
    is_open = bool(statuses) and not any(status.is_applied for status in statuses)
    if not meeting.summary or is_refused or (is_open and not with_open):
        return (), False
    parts = summary_parts(meeting.summary)
    return tuple((clean(label), tuple(clean(point) for point in points)) for label, points in parts), is_open


# --- People


def _people(session: TenantSession, meeting: Meeting, insights: Sequence[Insight]) -> Iterable[Person]:
    """Contacts and colleagues, names that only the transcript has, and contacts that are proposed as attendees."""
    there = attended(session, meeting)
    found = [Person(clean(c.name), _about(c.title, there.employer(c))) for c in there.contacts]
    found += [Person(clean(user.name), clean(there.own)) for user in there.colleagues]
    found += [
        Person(clean(i.data["name"]), _about(i.data.get("title"), i.data.get("company")), i.status.is_open)
        for i in insights
        if i.kind == Kind.CONTACT and i.data.get("attended")
    ]
    whole = [person.name for person in found]
    found += [Person(clean(label)) for label in there.labels if sum(_shortens(label, name) for name in whole) != 1]
    return _named_once(found or [Person(clean(name)) for name in meeting.participants or ()])


def _shortens(label: str, name: str) -> bool:
    """Whether a label (`Sarah K.`) is the beginning of the name (`Sarah Kimble`), word by word."""
    parts, words = fold(label).replace(".", " ").split(), fold(name).split()
    return 0 < len(parts) <= len(words) and all(w.startswith(p) for p, w in zip(parts, words, strict=False))


def _about(title: str | None, company: str | None) -> str:
    return ", ".join(part for part in (clean(title), clean(company)) if part)


def _named_once(people: Iterable[Person]) -> Iterable[Person]:
    """The first of each name."""
    by_name: dict[str, Person] = {}
    for person in people:
        if key := fold(person.name):
            by_name.setdefault(key, person)
    return by_name.values()


# --- Points


def _sections(insights: Sequence[Insight], words: Wording) -> Iterable[Section]:
    for kind in SECTIONS:
        points = (_point(insight, words) for insight in insights if insight.kind == kind)
        if shown := tuple(point for point in points if point.text):
            yield Section(kind, words.sections[kind], shown)


def _point(insight: Insight, words: Wording) -> Point:
    data = insight.data
    text = clean(data.get("description") or data.get("name"))
    if insight.kind == Kind.NEXT_MEETING:
        text = ": ".join(part for part in (words.local(data["when"]), clean(data.get("purpose"))) if part)
    elif data.get("company"):
        text = f"{text} ({clean(data['company'])})"
    due = data.get("due_date")
    return Point(
        text=text,
        sources=_sources(insight),
        is_open=insight.status.is_open,
        who=clean(data.get("owner")),
        by_when=words.day(due) if due else "",
        due_date=due,
    )


def _sources(insight: Insight) -> tuple[Source, ...]:
    """At most two places, each speaker and time once."""
    found = (
        Source(clean(piece.get("speaker")), timecode(piece.get("start_s")), piece["utterance"])
        for piece in insight.evidence
    )
    return tuple({str(source): source for source in found if str(source)}.values())[:2]
