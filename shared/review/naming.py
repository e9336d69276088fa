"""Naming a speaker: the whole meeting calls somebody by another name, and all that was found in it follows.

    name ─▶ utterances, attendee ─▶ evidence and owners of insights ─▶ proposals compared again
                     event "meeting.speaker_named" keeps what changed ─▶ take_back

Two labels given one name become one voice; taking it back parts them again, because the event knows whose lines
they were.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from shared import events
from shared.errors import Conflict, Invalid, NotFound
from shared.events import Actor
from shared.models import Event, Insight, Meeting, MeetingStatus
from shared.records import speakers
from shared.records.keys import fold
from shared.records.speakers import MAX_NAME, Person
from shared.review.correcting import renew
from shared.review.locking import alone
from shared.review.repeats import identity
from shared.review.settling import link_all
from shared.schemas.insight import Kind
from shared.tenancy import TenantSession
from shared.transcripts.cleaning import collapse

NAMED, TAKEN_BACK = "meeting.speaker_named", "meeting.speaker_unnamed"


def name_speaker(
    session: TenantSession,
    meeting: Meeting,
    label: str | None,
    name: str,
    *,
    person: Person | None = None,
    by: Actor,
) -> Event:
    """Call a label (None: the lines without one) by a name in the whole meeting, and tie it to a person.

    Without `person`, the one contact or colleague near the meeting who bears the name is taken. The event can be
    handed to `take_back`. Raises Invalid for no name or one of over 200 characters, NotFound if nobody has that label,
    Conflict while the meeting is being read.
    """
    name = collapse(person.name if person else name)
    if not name:
        raise Invalid.field("name", "Write a name, or choose one.")
    if len(name) > MAX_NAME:
        raise Invalid.field("name", f"A name has at most {MAX_NAME} characters; this one has {len(name):,}.")
    _expect_at_rest(session, meeting)
    before = _contact_ids(session, meeting)
    positions = speakers.relabel(session, meeting, label, name)
    if not positions:
        raise NotFound("Nobody in this meeting has that label. Reload the page.")
    attendees = speakers.follow(session, meeting, label, name)
    person = person or speakers.find_person(session, meeting, name)
    attendees += speakers.attend(session, meeting, person, name) if person else []
    owners = _retell(session, meeting, set(positions), label, name)
    link_all(session, meeting)
    linked = [id for id, contact in _contact_ids(session, meeting).items() if contact != before.get(id)]
    data = {
        "from": label,
        "to": name,
        "person": person.value if person else None,
        "positions": positions,
        "attendees": attendees,
        "owners": owners,
        "linked": linked,
    }
    about = [("contact", person.id)] if person and person.type == "contact" else []
    return events.record(
        session, NAMED, by=by, subject=("meeting", meeting.id), title=meeting.title, data=data, also=about
    )


def take_back(session: TenantSession, event: Event, *, by: Actor) -> Meeting:
    """Undo a naming. Raises NotFound if the event is none, Conflict if the speaker was named again since."""
    if event.kind != NAMED or event.record_id is None:
        raise NotFound("There is no such naming.")
    meeting = session.get(Meeting, event.record_id)
    if meeting is None or meeting.deleted_at is not None:
        raise NotFound("This meeting was deleted.")
    _expect_at_rest(session, meeting)
    told = event.data
    positions = speakers.relabel(session, meeting, told["to"], told["from"], told["positions"])
    if not positions:
        raise Conflict("This speaker was named again since. Take that back first.")
    speakers.unattend(session, meeting, told["attendees"])
    _retell(session, meeting, set(positions), told["to"], told["from"], only=set(told["owners"]))
    for insight in session.scalars(select(Insight).where(Insight.id.in_(told["linked"]))):
        insight.contact_id = None
    link_all(session, meeting)
    data = {"from": told["to"], "to": told["from"], "named_by": event.id}
    events.record(session, TAKEN_BACK, by=by, subject=("meeting", meeting.id), title=meeting.title, data=data)
    return meeting


def _expect_at_rest(session: TenantSession, meeting: Meeting) -> None:
    """Nobody reads or decides meanwhile: what is being read has the old names in hand."""
    alone(session, meeting.id)
    if meeting.status in (MeetingStatus.QUEUED, MeetingStatus.ANALYZING):
        raise Conflict("This meeting is being read. Name its speakers when it is ready.")


def _contact_ids(session: TenantSession, meeting: Meeting) -> dict[int, int | None]:
    query = select(Insight.id, Insight.contact_id).where(Insight.meeting_id == meeting.id)
    return {int(id): contact for id, contact in session.execute(query)}


def _retell(
    session: TenantSession,
    meeting: Meeting,
    positions: set[int],
    before: str | None,
    after: str | None,
    *,
    only: set[int] | None = None,
) -> list[int]:
    """Let the evidence in these utterances, and the owners of tasks, follow. Returns the insights with a new owner.

    The identity follows the owner, or what was refused once would come back at the next reading.
    """
    owned: list[int] = []
    for insight in list(session.scalars(select(Insight).where(Insight.meeting_id == meeting.id))):
        evidence = [_spoken_by(piece, positions, before, after) for piece in insight.evidence]
        if evidence != insight.evidence:
            insight.evidence = evidence
        if (only is None or insight.id in only) and _is_owned_by(insight, before):
            insight.found = _with_owner(insight.found, before, after)
            insight.identity = identity(Kind(insight.kind), insight.found)
            if insight.status.is_open:
                insight.data = _with_owner(insight.data, before, after)
                _correct_owner(insight, before, after)
            owned.append(insight.id)
    session.flush()
    for insight in session.scalars(select(Insight).where(Insight.id.in_(owned))):
        renew(session, insight)
    return owned


def _spoken_by(piece: dict[str, Any], positions: set[int], before: str | None, after: str | None) -> dict[str, Any]:
    return {**piece, "speaker": after} if piece["utterance"] in positions and piece.get("speaker") == before else piece


def _is_owned_by(insight: Insight, label: str | None) -> bool:
    owners = (insight.data.get("owner"), insight.found.get("owner"))
    return insight.kind == Kind.ACTION_ITEM and label is not None and any(_same(owner, label) for owner in owners)


def _same(owner: object, label: str | None) -> bool:
    return bool(owner and label) and fold(str(owner)) == fold(label or "")


def _with_owner(data: dict[str, Any], before: str | None, after: str | None) -> dict[str, Any]:
    return {**data, "owner": after} if _same(data.get("owner"), before) and after else data


def _correct_owner(insight: Insight, before: str | None, after: str | None) -> None:
    owner = (insight.correction or {}).get("owner")
    if owner and owner["user_id"] is None and _same(owner["name"], before):
        insight.correction = {**(insight.correction or {}), "owner": {**owner, "name": after}}
