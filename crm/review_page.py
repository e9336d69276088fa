"""The review page's data: findings grouped by the record they would touch, how sure they are, what stands when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString
from sqlalchemy import select

from crm import findings, record_names, web
from crm.findings import Finding
from crm.insight_cards import Cards
from crm.localization import lazy_gettext as _l
from crm.transcript_page import headline
from shared.events import Target
from shared.models import Insight, Meeting, Proposal, User
from shared.review import correcting, queue
from shared.schemas.insight import BANDS, Kind
from shared.tenancy import TenantSession

#: Of a record's own kind; and the heading under which those stand whose record nothing else touches.
_RECORDS: dict[str, LazyString] = {"company": _l("Companies"), "deal": _l("Deals"), "contact": _l("People")}
#: The rest, about the meeting: title, icon, kinds.
_ABOUT: tuple[tuple[LazyString, str, tuple[Kind, ...]], ...] = (
    (_l("Tasks"), "checkbox", (Kind.ACTION_ITEM, Kind.NEXT_MEETING)),
    (_l("Decisions"), "gavel", (Kind.DECISION,)),
    (_l("Requirements"), "target", (Kind.REQUIREMENT,)),
    (_l("Pains and objections"), "mood-sad", (Kind.PAIN_POINT, Kind.OBJECTION)),
    (_l("Competitors"), "swords", (Kind.COMPETITOR,)),
    (_l("Mood"), "mood-smile", (Kind.SENTIMENT,)),
)
_ICONS = {"company": "building", "deal": "currency-dollar", "contact": "users"}

#: So many findings at most stand on the page itself, in whole sections; the rest of them is fetched beside it.
_MOST = 80
#: The navigation counts no further.
COUNTED = 100


def init_app(app: Flask) -> None:
    """Install what the templates of the review use."""
    app.jinja_env.filters["headline_of"] = headline
    app.jinja_env.globals |= {
        "thresholds": thresholds,
        "waiting_count": waiting_count,
    }


@dataclass(frozen=True, slots=True)
class Section:
    """Findings under one heading: of a record (`is_new`: not there yet), of a type of record, or of a kind."""

    id: str
    title: str
    icon: str
    insights: tuple[Finding, ...]
    url: str | None = None
    is_new: bool = False

    @property
    def shown(self) -> tuple[Finding, ...]:
        """What changes something, or is decided."""
        return tuple(insight for insight in self.insights if not is_known(insight))

    @property
    def known(self) -> tuple[Finding, ...]:
        """Open ones whose record is fine as it is."""
        return tuple(insight for insight in self.insights if is_known(insight))

    @property
    def open(self) -> tuple[Finding, ...]:
        return tuple(insight for insight in self.insights if insight.status.is_open)


def is_known(insight: Finding) -> bool:
    """Whether an open finding names a record that is there and would not change."""
    proposal = insight.proposal
    return bool(
        insight.status.is_open
        and (insight.kind in _RECORDS or insight.kind == Kind.ACTION_ITEM)
        and proposal
        and proposal.action == "link"
        and not proposal.candidates
    )


def sections(session: TenantSession, meeting: Meeting, insights: Sequence[Finding]) -> list[Section]:
    """Companies, deals and people, then tasks, then what lives on as it is.

    A record that several findings touch has a heading of its own; the others stand together under their type, where
    each card is a record.
    """
    by_record: dict[tuple[str, str], list[Finding]] = {}
    about: list[Finding] = []
    for insight in insights:
        key = _record_of(insight, meeting)
        if key is None:
            about.append(insight)
        else:
            by_record.setdefault(key, []).append(insight)
    return [*_of_records(session, by_record), *_of_kinds(about)]


def _record_of(insight: Finding, meeting: Meeting) -> tuple[str, str] | None:
    """The company, deal or person a finding touches; None if it is about the meeting, or a task of it."""
    proposal = insight.proposal
    if insight.kind in _RECORDS:
        id = proposal.record_id if proposal else None
        return insight.kind, str(id) if id else f"new-{insight.identity[:12]}"
    moved = (insight.correction or {}).get("record")
    if moved:
        return moved["type"], str(moved["id"])
    if proposal is None or proposal.action != "link" or proposal.record_type not in _RECORDS:
        return None
    own = {"company": meeting.company_id, "deal": meeting.deal_id}.get(proposal.record_type)
    return None if proposal.record_id == own else (proposal.record_type, str(proposal.record_id))


def _of_records(session: TenantSession, by_record: dict[tuple[str, str], list[Finding]]) -> list[Section]:
    shared = {key: found for key, found in by_record.items() if len(found) > 1 or found[0].kind not in _RECORDS}
    names = record_names.references(session, [(type_, int(id)) for type_, id in shared if id.isdecimal()])
    made = []
    for type_, title in _RECORDS.items():
        for (owner, id), found in shared.items():
            if owner == type_:
                made.append(_of_one(type_, id, found, names))
        single = [found[0] for key, found in by_record.items() if key[0] == type_ and key not in shared]
        if single:
            single.sort(key=lambda insight: insight.position)
            made.append(Section(f"all-{type_}", str(title), _ICONS[type_], tuple(single)))
    return made


def _of_one(type_: str, id: str, found: list[Finding], names: dict[Any, record_names.Reference]) -> Section:
    found.sort(key=lambda insight: (insight.kind != type_, insight.position))
    reference = names.get((type_, int(id))) if id.isdecimal() else None
    title = reference.name if reference else str(found[0].data.get("name") or found[0].data.get("company") or "")
    url = reference.url if reference else None
    return Section(f"{type_}-{id}", title, record_names.ICONS[type_], tuple(found), url, is_new=reference is None)


def _of_kinds(insights: list[Finding]) -> list[Section]:
    made = []
    for title, icon, kinds in _ABOUT:
        members = tuple(insight for insight in insights if insight.kind in kinds)
        if members:
            made.append(Section(f"all-{kinds[0].value}", str(title), icon, members))
    return made


def counts(session: TenantSession, meeting: Meeting) -> dict[str, int]:
    """{"total", "open", "high", "medium", "low", "asking"}: the bands count the open ones that can be accepted as they
    are; those `asking` wait for somebody to say which record is meant, however sure they are.
    """
    query = select(Insight.status, Insight.confidence, Proposal.candidates)
    query = query.outerjoin(Proposal, Proposal.insight_id == Insight.id)
    query = query.where(Insight.meeting_id == meeting.id, Insight.kind != Kind.SUMMARY)
    return _counted(session.execute(query).all())


def _counted(found: Sequence[Any]) -> dict[str, int]:
    """The same of (status, confidence, candidates)."""
    waiting = [(BANDS.name_of(confidence), candidates) for status, confidence, candidates in found if status.is_open]
    bands = [band for band, candidates in waiting if not candidates]
    by_band = {band: bands.count(band) for band in ("high", "medium", "low")}
    return {"total": len(found), "open": len(waiting), **by_band, "asking": len(waiting) - len(bands)}


def thresholds(found: dict[str, int]) -> list[tuple[float, str, int]]:
    """What "accept above" offers: the confidence, its name, and how many of `counts` it would take."""
    return [
        (BANDS.high, _("High"), found["high"]),
        (BANDS.medium, _("Medium or higher"), found["high"] + found["medium"]),
        (0.0, _("Everything"), found["high"] + found["medium"] + found["low"]),
    ]


def insights_of(session: TenantSession, meeting: Meeting) -> list[Finding]:
    """Everything found in a meeting, its summary too, in the order of review."""
    return session.once(("insights", meeting.id), lambda: findings.of_meeting(session, meeting.id))


def reviewed_of(session: TenantSession, meeting: Meeting) -> list[Finding]:
    """What of it is reviewed."""
    return [insight for insight in insights_of(session, meeting) if insight.kind != Kind.SUMMARY]


def page_of(session: TenantSession, meeting: Meeting) -> dict[str, Any]:
    """What all proposals of a meeting are drawn from; `rest`: how many sections stand for themselves."""
    insights = reviewed_of(session, meeting)
    return {
        "meeting": meeting,
        "sections": sections(session, meeting, insights),
        "rest": 0,
        "counts": _counted([(i.status, i.confidence, i.proposal and i.proposal.candidates) for i in insights]),
        "next": queue.next_after(session, meeting),
        "cards": cards(session, insights),
    }


def beginning(page: dict[str, Any]) -> dict[str, Any]:
    """The same page with the sections that are seen first; `rest`: from which one on they are left out."""
    totals = accumulate(len(section.insights) for section in page["sections"])
    shown = max(1, sum(total <= _MOST for total in totals))
    is_all = shown >= len(page["sections"])
    return page if is_all else {**page, "sections": page["sections"][:shown], "rest": shown}


def on_page(page: dict[str, Any]) -> Iterator[Finding]:
    """The findings whose cards stand on it."""
    return (insight for section in page["sections"] for insight in section.insights)


def cards(session: TenantSession, insights: Sequence[Finding]) -> Cards:
    """What draws the cards of these."""
    return Cards(record_names.people(session), record_names.references(session, mentioned(insights)))


def mentioned(insights: Iterable[Finding]) -> Iterator[Target]:
    """The records that findings would change, or were moved to."""
    for insight in insights:
        moved, proposal = (insight.correction or {}).get("record"), insight.proposal
        if moved and moved["id"]:
            yield moved["type"], moved["id"]
        if proposal and proposal.record_id and (insight.kind in _RECORDS or proposal.record_type in _RECORDS):
            yield proposal.record_type, proposal.record_id


def first_said(sections: Sequence[Section]) -> int | None:
    """Where the words stand that a reviewer sees first: those of the first finding that waits."""
    waiting = (insight for section in sections for insight in section.shown if insight.status.is_open)
    first = next(waiting, None)
    return int(first.evidence[0]["utterance"]) if first is not None and first.evidence else None


def after_decision(session: TenantSession, insight: Insight, also: Sequence[Insight] = ()) -> dict[str, Any]:
    """What the answer to a decision shows: the insight, others that changed with it, and the counts."""
    meeting = session.get_one(Meeting, insight.meeting_id)
    found, shown = counts(session, meeting), [Finding.of(each) for each in (insight, *also)]
    return {
        "insight": shown[0],
        "also": shown[1:],
        "meeting": meeting,
        "counts": found,
        "next": None if found["open"] else queue.next_after(session, meeting),
        "cards": cards(session, shown),
    }


def owners(session: TenantSession, insight: Insight) -> list[tuple[str, str, bool]]:
    """Who may own a task: (value of the form, name, is it one of us)."""
    meeting = session.get_one(Meeting, insight.meeting_id)
    users = session.scalars(select(User).where(User.is_active).order_by(User.name, User.id))
    ours = [(f"user:{user.id}", user.name, True) for user in users]
    known = {name for _value, name, _ours in ours}
    return ours + [(f"name:{name}", name, False) for name in queue.people_of(session, meeting) if name not in known]


def places(session: TenantSession, insight: Insight) -> list[record_names.Reference]:
    """Records a finding is likely to belong to: the meeting's own, and those other findings name."""
    meeting, kind = session.get_one(Meeting, insight.meeting_id), Kind(insight.kind)
    targets = [("company", meeting.company_id), ("deal", meeting.deal_id)]
    for other in reviewed_of(session, meeting):
        if other.proposal and other.kind in _RECORDS:
            targets.append((other.kind, other.proposal.record_id))
    targets += [("contact", attendee.contact_id) for attendee in meeting.attendees]
    allowed = correcting.targets_of(kind)
    now = (insight.proposal.record_type, insight.proposal.record_id) if insight.proposal else None
    wanted = [(t, id) for t, id in dict.fromkeys(targets) if id is not None and t in allowed and (t, id) != now]
    known = record_names.references(session, wanted)
    return [known[target] for target in wanted if target in known and known[target].url][:6]


def waiting_count() -> str:
    """What the navigation says beside "Review"; an empty string for nothing."""
    found = queue.count(web.session(), at_most=COUNTED)
    return f"{COUNTED - 1}+" if found >= COUNTED else str(found or "")
