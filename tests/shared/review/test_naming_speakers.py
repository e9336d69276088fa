"""Naming a speaker changes the whole meeting, can be taken back, and never makes two people one unseen."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from shared import review
from shared.errors import Conflict, Invalid, NotFound
from shared.events import Actor
from shared.models import Contact, Insight, Meeting, MeetingStatus, Task, Utterance
from shared.records import speakers
from shared.records.speakers import get_person
from shared.review import naming
from shared.schemas.insight import Evidence, Item, Kind
from shared.tenancy import TenantSession
from tests import factories
from tests.conftest import Cast

LINES = [
    ("Speaker 1", "Good morning."),
    ("Speaker 2", "I will send the offer on Friday."),
    ("Jane Roe", "Thank you."),
    ("Speaker 2", "Anything else?"),
]
PROMISE = Item(
    kind=Kind.ACTION_ITEM,
    data={"description": "Send the offer", "owner": "Speaker 2"},
    evidence=[Evidence(quote="I will send the offer", speaker="Speaker 2", start_s=10, utterance=1, start=0, end=21)],
    confidence=0.9,
)


@pytest.fixture
def by(cast: Cast) -> Actor:
    return Actor("user", cast.alice)


@pytest.fixture
def meeting(session: TenantSession) -> Meeting:
    company = factories.make_company(session, name="Acme")
    meeting = factories.make_meeting(session, lines=LINES, company_id=company.id, status=MeetingStatus.READY)
    review.propose(session, meeting, [PROMISE])
    session.commit()
    return meeting


def labels(session: TenantSession, meeting: Meeting) -> list[str | None]:
    query = select(Utterance.speaker).where(Utterance.meeting_id == meeting.id).order_by(Utterance.position)
    return list(session.scalars(query))


def promise(session: TenantSession) -> Insight:
    return session.scalars(select(Insight).where(Insight.kind == Kind.ACTION_ITEM)).one()


def attendees(meeting: Meeting) -> list[tuple[str | None, int | None, int | None]]:
    return [(a.speaker, a.contact_id, a.user_id) for a in meeting.attendees]


def test_a_name_goes_through_the_whole_meeting(session: TenantSession, meeting: Meeting, by: Actor) -> None:
    event = naming.name_speaker(session, meeting, "Speaker 2", "  Dana\u00a0Whitcombe ", by=by)
    assert labels(session, meeting) == ["Speaker 1", "Dana Whitcombe", "Jane Roe", "Dana Whitcombe"]
    found = promise(session)
    assert found.evidence[0]["speaker"] == "Dana Whitcombe"
    assert found.data["owner"] == found.found["owner"] == "Dana Whitcombe"
    assert found.proposal is not None
    assert {"field": "promised_by", "before": None, "after": "Dana Whitcombe"}.items() <= {
        **found.proposal.changes[-1]
    }.items()
    assert event.kind == "meeting.speaker_named"


def test_a_chosen_contact_attends_and_undo_takes_all_of_it_back(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    contact = factories.make_contact(session, first_name="Dana", last_name="Whitcombe")
    before = (promise(session).data, promise(session).evidence, promise(session).identity)
    event = naming.name_speaker(
        session, meeting, "Speaker 2", "", person=get_person(session, f"contact:{contact.id}"), by=by
    )
    session.commit()
    assert attendees(meeting) == [("Dana Whitcombe", contact.id, None)]
    naming.take_back(session, event, by=by)
    session.commit()
    assert labels(session, meeting) == [speaker for speaker, _ in LINES]
    assert attendees(meeting) == []
    assert (promise(session).data, promise(session).evidence, promise(session).identity) == before
    with pytest.raises(Conflict):
        naming.take_back(session, event, by=by)


def test_a_colleague_is_a_user_and_gets_the_task(
    session: TenantSession, meeting: Meeting, by: Actor, cast: Cast
) -> None:
    naming.name_speaker(session, meeting, "Speaker 2", "", person=get_person(session, f"user:{cast.bob}"), by=by)
    assert [user for _, _, user in attendees(meeting)] == [cast.bob]
    proposal = promise(session).proposal
    assert proposal is not None
    assert ("assignee_id", cast.bob) in [(c["field"], c["after"]) for c in proposal.changes]


def test_two_labels_of_one_name_become_one_and_part_again(session: TenantSession, meeting: Meeting, by: Actor) -> None:
    event = naming.name_speaker(session, meeting, "Speaker 2", "Jane Roe", by=by)
    assert labels(session, meeting) == ["Speaker 1", "Jane Roe", "Jane Roe", "Jane Roe"]
    naming.take_back(session, event, by=by)
    assert labels(session, meeting) == [speaker for speaker, _ in LINES]


def test_names_are_taken_back_last_first(session: TenantSession, meeting: Meeting, by: Actor) -> None:
    first = naming.name_speaker(session, meeting, "Speaker 2", "Dana", by=by)
    second = naming.name_speaker(session, meeting, "Dana", "Dana Whitcombe", by=by)
    with pytest.raises(Conflict):
        naming.take_back(session, first, by=by)
    naming.take_back(session, second, by=by)
    naming.take_back(session, first, by=by)
    assert labels(session, meeting) == [speaker for speaker, _ in LINES]
    assert promise(session).data["owner"] == "Speaker 2"


def test_lines_without_a_label_can_be_named(session: TenantSession, by: Actor) -> None:
    lines: Any = [(None, "Hello."), ("Jane", "Hi."), (None, "Bye.")]
    meeting = factories.make_meeting(session, lines=lines, status=MeetingStatus.READY)
    event = naming.name_speaker(session, meeting, None, "Ana", by=by)
    assert labels(session, meeting) == ["Ana", "Jane", "Ana"]
    naming.take_back(session, event, by=by)
    assert labels(session, meeting) == [None, "Jane", None]


@pytest.mark.parametrize("name", ["", "  \u200b ", "x" * 201])
def test_no_name_and_a_very_long_one_are_refused(
    session: TenantSession, meeting: Meeting, by: Actor, name: str
) -> None:
    with pytest.raises(Invalid) as caught:
        naming.name_speaker(session, meeting, "Speaker 2", name, by=by)
    assert caught.value.errors[0].path == "name"
    naming.name_speaker(session, meeting, "Speaker 2", "x" * 200, by=by)


def test_nobody_of_that_label_and_a_meeting_being_read(session: TenantSession, meeting: Meeting, by: Actor) -> None:
    with pytest.raises(NotFound):
        naming.name_speaker(session, meeting, "Speaker 9", "Ana", by=by)
    meeting.status = MeetingStatus.ANALYZING
    with pytest.raises(Conflict):
        naming.name_speaker(session, meeting, "Speaker 2", "Ana", by=by)


def test_what_was_refused_stays_refused_under_the_new_name(session: TenantSession, meeting: Meeting, by: Actor) -> None:
    review.reject(session, promise(session), by=by)
    naming.name_speaker(session, meeting, "Speaker 2", "Dana", by=by)
    again = PROMISE.model_copy(update={"data": {**PROMISE.data, "owner": "Dana"}})
    assert review.propose(session, meeting, [again]) == []


def test_a_task_that_was_accepted_keeps_its_owner_and_its_evidence_follows(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    review.accept(session, promise(session), by=by)
    naming.name_speaker(session, meeting, "Speaker 2", "Dana", by=by)
    assert session.scalars(select(Task.promised_by)).one() == "Speaker 2"
    assert promise(session).evidence[0]["speaker"] == "Dana"


# --- Who is who by itself


def test_a_named_speaker_is_the_one_contact_of_the_company(session: TenantSession, meeting: Meeting) -> None:
    jane = factories.make_contact(session, first_name="Jane", last_name="Roe", company_id=meeting.company_id)
    elsewhere = factories.make_contact(session, first_name="Jane", last_name="Roe")
    assert speakers.match(session, meeting) == 1
    assert attendees(meeting) == [("Jane Roe", jane.id, None)]
    assert elsewhere.id != jane.id
    assert speakers.match(session, meeting) == 0


def test_namesakes_are_asked_about(session: TenantSession, meeting: Meeting) -> None:
    two = [
        factories.make_contact(session, first_name="Jane", last_name="Roe", company_id=meeting.company_id)
        for _ in range(2)
    ]
    assert speakers.match(session, meeting) == 0
    voice = next(v for v in speakers.voices(session, meeting) if v.label == "Jane Roe")
    assert [person.id for person in voice.candidates] == [contact.id for contact in two]
    assert voice.person is None


def test_a_namesake_of_another_company_is_not_taken(session: TenantSession, meeting: Meeting) -> None:
    factories.make_contact(session, first_name="Jane", last_name="Roe")
    assert speakers.match(session, meeting) == 0


@pytest.mark.parametrize("label", ["Roe, Jane", "Jane Roe (Acme)", "jane roe", "Jane Roe | Acme"])
def test_a_name_may_be_written_in_the_ways_tools_write_it(session: TenantSession, label: str) -> None:
    company = factories.make_company(session)
    jane = factories.make_contact(session, first_name="Jane", last_name="Roe", company_id=company.id)
    meeting = factories.make_meeting(session, lines=[(label, "Hello.")], company_id=company.id)
    speakers.match(session, meeting)
    assert attendees(meeting) == [(label, jane.id, None)]


def test_an_analysis_ties_speakers_to_contacts(session: TenantSession, meeting: Meeting) -> None:
    jane = factories.make_contact(session, first_name="Jane", last_name="Roe", company_id=meeting.company_id)
    assert session.get(Contact, jane.id) is not None
    meeting.status = MeetingStatus.ANALYZING
    from shared.records.analysis import Lease

    review.publish(session, Lease(meeting.id, meeting.run, "", "builtin"), [], engine="builtin", ms=1)
    assert attendees(meeting) == [("Jane Roe", jane.id, None)]


def test_voices_have_their_share_and_notes_have_none(session: TenantSession, meeting: Meeting) -> None:
    found = {v.label: (v.words, v.is_generic) for v in speakers.voices(session, meeting)}
    assert found == {"Speaker 1": (2, True), "Speaker 2": (9, True), "Jane Roe": (2, False)}
    assert sum(v.share for v in speakers.voices(session, meeting)) == pytest.approx(1)
    lines: Any = [(None, "Only notes.")]
    assert speakers.voices(session, factories.make_meeting(session, lines=lines)) == []


def test_suggestions_begin_with_the_meetings_own_people(session: TenantSession, meeting: Meeting, cast: Cast) -> None:
    stranger = factories.make_contact(session, first_name="Jack", last_name="Strange")
    own = factories.make_contact(session, first_name="Jade", last_name="Acme", company_id=meeting.company_id)
    guest = factories.make_contact(session, first_name="Jan", last_name="Guest")
    factories.make_attendee(session, meeting, contact_id=guest.id, speaker=None)
    session.expire_all()
    names = [(p.type, p.id) for p in speakers.suggestions(session, meeting, "")]
    assert names[:2] == [("contact", guest.id), ("contact", own.id)]
    assert ("user", cast.bob) in names
    assert ("contact", stranger.id) not in names
    assert [p.id for p in speakers.suggestions(session, meeting, "jad ac")] == [own.id]


def test_other_tenants_people_cannot_be_chosen(session: TenantSession, cast: Cast) -> None:
    assert get_person(session, f"user:{cast.mallory}") is None
    for nonsense in ("", "contact:", "contact:x", "deal:1", "contact:99999999999999", "user:-1"):
        assert get_person(session, nonsense) is None
