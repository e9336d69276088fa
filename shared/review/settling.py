"""After a yes: the meeting, and what was accepted from it before, learn of the record that is known now.

The order of yeses must not matter: a decision accepted before its deal exists belongs to that deal all the same.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from shared.events import Target
from shared.models import Attendee, Company, Deal, Insight, InsightStatus, Link, Meeting, Task
from shared.records import matching, work
from shared.records.keys import fold
from shared.review.correcting import moved_to
from shared.schemas.insight import Kind
from shared.tenancy import TenantSession

#: What links an insight to a record, by the record's type.
_LINKED = {"company": Insight.company_id, "deal": Insight.deal_id, "contact": Insight.contact_id}


def task_links(session: TenantSession, meeting: Meeting, insight: Insight | None = None) -> list[dict[str, Any]]:
    """What a task from this meeting hangs on: the meeting, its company and its deal, as long as they are there; or
    the meeting and the record its insight was moved to."""
    chosen = moved_to(session, insight) if insight is not None else None
    if chosen is not None and chosen.row is not None:
        return [{"type": "meeting", "id": meeting.id}, {"type": chosen.type, "id": chosen.row.id}]
    company = session.get(Company, meeting.company_id) if meeting.company_id else None
    deal = session.get(Deal, meeting.deal_id) if meeting.deal_id else None
    present = [("meeting", meeting), ("company", company), ("deal", deal)]
    return [{"type": type_, "id": row.id} for type_, row in present if row is not None and row.deleted_at is None]


def settle(session: TenantSession, meeting: Meeting, insight: Insight) -> bool:
    """Let the meeting know the record that is known now, and the insight whom it is about.

    Returns whether the meeting itself learned of it, which taking it back needs to know. After the last of several,
    `link_all`.
    """
    kind, id = Kind(insight.kind), insight.proposal.record_id if insight.proposal else None
    is_news = True
    if kind is Kind.COMPANY and meeting.company_id is None:
        meeting.company_id = id
    elif kind is Kind.DEAL and meeting.deal_id is None and _count(session, meeting, Kind.DEAL) == 1:
        meeting.deal_id = id
    elif kind is Kind.CONTACT and insight.data.get("attended") and id not in {a.contact_id for a in meeting.attendees}:
        meeting.attendees.append(
            Attendee(workspace_id=meeting.workspace_id, contact_id=id, speaker=_speaker_label(insight))
        )
    else:
        is_news = False
    session.flush()
    _link_insight(session, meeting, insight, _contacts_by_label(meeting))
    return is_news


def unsettle(session: TenantSession, meeting: Meeting, insight: Insight, gone: list[Target]) -> None:
    """Let the meeting, its insights and its tasks forget these records: the yes that brought them is taken back.

    After the last of several, `link_all`.
    """
    insight.company_id = insight.deal_id = insight.contact_id = None
    for type_, id in gone:
        if type_ in ("company", "deal") and getattr(meeting, f"{type_}_id") == id:
            setattr(meeting, f"{type_}_id", None)
        if type_ == "contact":
            meeting.attendees = [a for a in meeting.attendees if a.contact_id != id]
        if type_ in _LINKED:
            of_meeting = select(Insight).where(Insight.meeting_id == meeting.id, _LINKED[type_] == id)
            for other in session.scalars(of_meeting):
                setattr(other, f"{type_}_id", None)
        tasks = select(Task.id).where(Task.meeting_id == meeting.id)
        session.execute(
            delete(Link).where(
                Link.owner_type == "task", Link.owner_id.in_(tasks), Link.target_type == type_, Link.target_id == id
            )
        )
    session.flush()


def link_all(session: TenantSession, meeting: Meeting) -> None:
    """Let everything accepted from the meeting so far, and its tasks, know the records that are known now."""
    session.flush()
    labels, moved = _contacts_by_label(meeting), set()
    for insight in session.scalars(select(Insight).where(Insight.meeting_id == meeting.id)):
        if insight.status.is_applied:
            _link_insight(session, meeting, insight, labels)
            proposal = insight.proposal
            if proposal and proposal.record_type == "task" and proposal.record_id and moved_to(session, insight):
                moved.add(proposal.record_id)
    _link_tasks(session, meeting, moved)
    session.flush()


def _contacts_by_label(meeting: Meeting) -> dict[str, int]:
    return {a.speaker: a.contact_id for a in meeting.attendees if a.speaker and a.contact_id}


def _count(session: TenantSession, meeting: Meeting, kind: Kind) -> int:
    query = select(Insight.id).where(
        Insight.meeting_id == meeting.id, Insight.kind == kind.value, Insight.status != InsightStatus.REJECTED
    )
    return len(list(session.scalars(query)))


def _speaker_label(insight: Insight) -> str | None:
    """The transcript's label of a contact who attended: of the evidence's speakers, the one most like the name."""
    name = fold(insight.data["name"])
    labels = [e["speaker"] for e in insight.evidence if e.get("speaker")]
    same = [label for label in labels if set(fold(label).split()) & set(name.split())]
    return str((same or [insight.data["name"]])[0])


def _link_insight(session: TenantSession, meeting: Meeting, insight: Insight, speakers: dict[str, int]) -> None:
    kind = Kind(insight.kind)
    if _follow_the_move(session, insight):
        return
    if insight.company_id is None:
        named = insight.data.get("company") or (insight.data.get("name") if kind is Kind.COMPANY else None)
        found = matching.find_company(session, named) if named else None
        insight.company_id = found.id if found else meeting.company_id
    if insight.deal_id is None and (insight.company_id in (None, meeting.company_id)):
        insight.deal_id = meeting.deal_id
    if kind is Kind.DEAL and insight.proposal and insight.proposal.record_id:
        insight.deal_id = insight.proposal.record_id
    if kind is Kind.CONTACT and insight.proposal:
        insight.contact_id = insight.proposal.record_id
    elif insight.contact_id is None and insight.evidence:
        insight.contact_id = speakers.get(insight.evidence[0].get("speaker") or "")


def _follow_the_move(session: TenantSession, insight: Insight) -> bool:
    """Link what lives on as an insight, or a task, to the record it was moved to. Whether it was moved."""
    chosen = moved_to(session, insight)
    if chosen is None or chosen.row is None or insight.kind in _LINKED:
        return False
    setattr(insight, f"{chosen.type}_id", chosen.row.id)
    if chosen.type != "company" and insight.company_id is None:
        insight.company_id = chosen.row.company_id
    return True


def _link_tasks(session: TenantSession, meeting: Meeting, moved: set[int]) -> None:
    """Tasks from this meeting hang on its company and deal, also where those were accepted later; not the `moved`."""
    found = select(Task.id).where(Task.meeting_id == meeting.id, Task.deleted_at.is_(None))
    tasks = [id for id in session.scalars(found) if id not in moved]
    if not tasks:
        return
    targets = [(target["type"], target["id"]) for target in task_links(session, meeting)]
    for task_id, present in work.links_of_all(session, "task", tasks).items():
        for type_, id in targets:
            if (type_, id) not in present:
                session.add(Link(owner_type="task", owner_id=task_id, target_type=type_, target_id=id))
