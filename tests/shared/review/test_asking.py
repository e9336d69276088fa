"""Where several records may be meant a person is asked; what is known already is not made again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from shared import records, review
from shared.errors import Conflict, Invalid
from shared.events import Actor
from shared.models import Company, Contact, Deal, Insight, InsightStatus, Meeting, Task, User
from shared.schemas.insight import Evidence, Item, Kind
from shared.tenancy import TenantSession
from tests import factories
from tests.shared.review.conftest import item


def one(session: TenantSession, meeting: Meeting, kind: Kind, **data: Any) -> Insight:
    (insight,) = review.propose(session, meeting, [item(kind, **data)])
    return insight


def proposal(session: TenantSession, insight: Insight) -> dict[str, Any]:
    shown: dict[str, Any] = review.show(session, insight)["proposal"]
    return shown


@pytest.fixture
def quill(session: TenantSession, meeting: Meeting, by: Actor) -> Company:
    """The meeting's company, with two Sarahs."""
    company: Company = records.create(session, "company", {"name": "Quill Ltd"}, by=by)
    for last in ("Kimble", "Montrose"):
        values = {"first_name": "Sarah", "last_name": last, "company_id": company.id, "title": f"Buyer {last}"}
        records.create(session, "contact", values, by=by)
    meeting.company_id = company.id
    session.commit()
    return company


def test_who_may_be_meant_is_shown_and_a_yes_without_a_choice_is_refused(
    session: TenantSession, meeting: Meeting, by: Actor, quill: Company
) -> None:
    insight = one(session, meeting, Kind.CONTACT, name="Sarah", title="CFO")
    shown = proposal(session, insight)
    assert [c["label"] for c in shown["candidates"]] == [
        "Sarah Kimble · Buyer Kimble · Quill Ltd", "Sarah Montrose · Buyer Montrose · Quill Ltd",
    ]  # fmt: skip
    assert shown["candidates"][1]["changes"] == [{"field": "title", "before": "Buyer Montrose", "after": "CFO"}]
    session.commit()
    with pytest.raises(Conflict, match=r"Sarah Kimble.*Sarah Montrose.*Choose one"):
        review.accept(session, insight, by=by)
    session.rollback()
    assert insight.status is InsightStatus.PENDING
    assert len(session.scalars(select(Contact)).all()) == 2


def test_the_chosen_one_is_updated_and_undo_gives_the_title_and_then_the_question_back(
    session: TenantSession, meeting: Meeting, by: Actor, quill: Company
) -> None:
    insight = one(session, meeting, Kind.CONTACT, name="Sarah", title="CFO")
    chosen = proposal(session, insight)["candidates"][1]["id"]
    review.accept(session, insight, by=by, choice=chosen)
    assert session.get_one(Contact, chosen).title == "CFO"
    review.undo(session, insight, by=by)
    assert session.get_one(Contact, chosen).title == "Buyer Montrose"
    review.undo(session, insight, by=by)
    assert len(proposal(session, insight)["candidates"]) == 2


def test_none_of_them_makes_a_new_record(session: TenantSession, meeting: Meeting, by: Actor, quill: Company) -> None:
    insight = one(session, meeting, Kind.CONTACT, name="Sarah", company="Quill")
    review.accept(session, insight, by=by, choice="new")
    assert len(session.scalars(select(Contact)).all()) == 3


def test_an_edit_that_says_who_it_is_answers_the_question(
    session: TenantSession, meeting: Meeting, by: Actor, quill: Company
) -> None:
    insight = one(session, meeting, Kind.CONTACT, name="Sarah", title="CFO")
    review.accept(session, insight, by=by, edits={"name": "Sarah Kimble"})
    assert [c.title for c in session.scalars(select(Contact).order_by(Contact.id))] == ["CFO", "Buyer Montrose"]


def test_a_record_of_another_tenant_or_none_cannot_be_chosen(
    session: TenantSession, mallory_session: TenantSession, mallory: User, meeting: Meeting, by: Actor, quill: Company
) -> None:
    theirs = factories.make_contact(mallory_session, first_name="Sarah")
    assert mallory.workspace_id == theirs.workspace_id != meeting.workspace_id
    theirs_id = theirs.id
    mallory_session.rollback()
    insight, decision = review.propose(
        session, meeting, [item(Kind.CONTACT, name="Sarah"), item(Kind.DECISION, description="Start in May")]
    )
    session.commit()
    for id in (theirs_id, 10**9, 10**15):
        with pytest.raises(Invalid):
            review.accept(session, insight, by=by, choice=id)
        session.rollback()
    with pytest.raises(Invalid):
        review.accept(session, decision, by=by, choice=quill.id)


def test_a_candidate_that_was_changed_since_it_was_shown_needs_another_look(
    session: TenantSession, meeting: Meeting, by: Actor, quill: Company
) -> None:
    insight = one(session, meeting, Kind.CONTACT, name="Sarah", title="CFO")
    candidate = proposal(session, insight)["candidates"][0]
    records.update(session, session.get_one(Contact, candidate["id"]), {"title": "Head of buying"}, by=by)
    session.commit()
    session.expire_all()
    with pytest.raises(Conflict):
        review.accept(session, insight, by=by, choice=candidate["id"])
    session.rollback()
    assert session.get_one(Contact, candidate["id"]).title == "Head of buying"


def test_accepting_a_band_leaves_the_questions_open_and_counts_them(
    session: TenantSession, meeting: Meeting, by: Actor, quill: Company
) -> None:
    review.propose(
        session, meeting, [item(Kind.CONTACT, name="Sarah"), item(Kind.DECISION, description="Start in May")]
    )
    _, counts = review.accept_above(session, meeting, 0.5, by=by)
    assert counts == {"accepted": 1, "conflicts": 0, "below": 0, "to_ask": 1}


def test_of_two_open_deals_it_is_asked_and_a_closed_one_is_not_changed_silently(
    session: TenantSession, meeting: Meeting, by: Actor, quill: Company
) -> None:
    for name in ("Pilot", "Rollout"):
        records.create(session, "deal", {"name": name, "company_id": quill.id, "amount": 100}, by=by)
    asked = proposal(session, one(session, meeting, Kind.DEAL, company="Quill", amount=250, currency="GBP"))
    assert [c["label"] for c in asked["candidates"]] == ["Pilot · Quill Ltd", "Rollout · Quill Ltd"]
    assert asked["candidates"][0]["changes"][0] == {
        "field": "amount", "before": {"minor": 10000, "currency": "EUR"}, "after": {"minor": 25000, "currency": "GBP"},
    }  # fmt: skip
    won: Deal = records.create(session, "deal", {"name": "Old", "company_id": quill.id, "stage": "Won"}, by=by)
    meeting.deal_id = won.id
    shown = proposal(session, one(session, meeting, Kind.DEAL, company="Quill", amount=9))
    assert (shown["action"], [c["id"] for c in shown["candidates"]]) == ("create", [won.id])


def test_a_promise_made_again_changes_the_day_of_the_known_task(
    session: TenantSession, meeting: Meeting, by: Actor, quill: Company, alice: User
) -> None:
    promise = {"description": "Send the revised proposal to Jane", "owner": "Alice Archer", "due_date": "2026-11-20"}
    first = one(session, meeting, Kind.ACTION_ITEM, **promise)
    review.accept(session, first, by=by)
    task = session.scalars(select(Task)).one()
    links = records.show(session, task)["links"]
    later = factories.make_meeting(
        session, company_id=quill.id, occurred_at=meeting.occurred_at + timedelta(days=7), owner_id=alice.id
    )
    again = one(session, later, Kind.ACTION_ITEM, description="Email Jane the updated proposal", owner="Alice",
                due_date="2026-11-27")  # fmt: skip
    shown = proposal(session, again)
    assert (shown["action"], shown["record_id"], shown["changes"]) == (
        "update", task.id, [{"field": "due_date", "before": "2026-11-20", "after": "2026-11-27"}],
    )  # fmt: skip
    review.accept(session, again, by=by)
    assert [t.due_date.isoformat() for t in session.scalars(select(Task)) if t.due_date] == ["2026-11-27"]
    assert (task.meeting_id, task.title) == (meeting.id, "Send the revised proposal to Jane")
    assert records.show(session, task)["links"] == links
    third = factories.make_meeting(session, company_id=quill.id, occurred_at=later.occurred_at + timedelta(days=1))
    same = one(session, third, Kind.ACTION_ITEM, description="Get the revised proposal to Jane", owner="Alice")
    assert (proposal(session, same)["action"], proposal(session, same)["record_id"]) == ("link", task.id)


def test_a_transcript_that_comes_late_does_not_turn_a_day_back(
    session: TenantSession, meeting: Meeting, by: Actor, quill: Company
) -> None:
    new = one(session, meeting, Kind.ACTION_ITEM, description="Send the revised proposal", due_date="2026-11-27")
    review.accept(session, new, by=by)
    old = factories.make_meeting(session, company_id=quill.id, occurred_at=meeting.occurred_at - timedelta(days=7))
    late = one(session, old, Kind.ACTION_ITEM, description="Send the revised proposal", due_date="2026-11-20")
    assert (proposal(session, late)["action"], proposal(session, late)["changes"]) == ("link", [])


def test_what_an_earlier_meeting_said_is_told_once_on_the_company(
    session: TenantSession, meeting: Meeting, by: Actor, quill: Company
) -> None:
    first = one(session, meeting, Kind.REQUIREMENT, description="Single sign-on through Azure must be supported")
    review.accept(session, first, by=by)
    later = factories.make_meeting(session, company_id=quill.id, occurred_at=meeting.occurred_at + timedelta(days=7))
    again = one(session, later, Kind.REQUIREMENT, description="Must support single sign-on via Azure")
    assert review.show(session, again)["again_of_id"] == first.id
    review.accept(session, again, by=by)
    assert [told.id for told in review.insights_about(session, ("company", quill.id))] == [first.id]


def test_a_mention_stands_alone_once_the_first_is_taken_back(
    session: TenantSession, meeting: Meeting, by: Actor, quill: Company
) -> None:
    first = one(session, meeting, Kind.REQUIREMENT, description="Single sign-on through Azure must be supported")
    review.accept(session, first, by=by)
    later = factories.make_meeting(session, company_id=quill.id, occurred_at=meeting.occurred_at + timedelta(days=7))
    again = one(session, later, Kind.REQUIREMENT, description="Must support single sign-on via Azure")
    review.accept(session, again, by=by)
    review.undo(session, first, by=by)
    assert [told.id for told in review.insights_about(session, ("company", quill.id))] == [again.id]


def reading(kind: Kind, quote: str, at: int = 0, **data: Any) -> Item:
    return Item(kind=kind, data=data, evidence=[Evidence(quote=quote, utterance=0, start=at, end=at + len(quote))])


SENTENCE = "We will send you the revised proposal and book the workshop room in Leeds next week."


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            reading(Kind.ACTION_ITEM, SENTENCE, description="Send the revised proposal", owner="Jane"),
            reading(Kind.ACTION_ITEM, SENTENCE[:40], description="We will send you the revised proposal"),
        ),
        (
            reading(Kind.CONTACT, SENTENCE, name="Robert Hale"),
            reading(Kind.CONTACT, "elsewhere", at=500, name="Bob Hale", title="CFO"),
        ),
        (
            reading(Kind.COMPANY, SENTENCE, name="Quillhaven Ltd"),
            reading(Kind.COMPANY, "elsewhere", at=500, name="Quill Haven"),
        ),
        (
            reading(Kind.NEXT_MEETING, SENTENCE, when="2026-11-23"),
            reading(Kind.NEXT_MEETING, SENTENCE, when="2026-11-24T10:00", purpose="Workshop"),
        ),
        (
            reading(Kind.PAIN_POINT, SENTENCE, description="Dispatchers plan forty routes by hand"),
            reading(Kind.PAIN_POINT, SENTENCE[:30], description="40 routes are planned by hand every day"),
        ),
    ],
)
@pytest.mark.parametrize("decision", ["reject", "accept", "edit"])
def test_what_was_decided_does_not_come_back_in_the_words_of_another_reading(
    session: TenantSession, meeting: Meeting, by: Actor, first: Item, second: Item, decision: str
) -> None:
    (insight,) = review.propose(session, meeting, [first])
    if decision == "reject":
        review.reject(session, insight, by=by)
    else:
        field = next(f for f in ("description", "name", "when") if f in insight.data)
        other = "2026-12-01" if field == "when" else "Something a person put quite differently"
        review.accept(session, insight, by=by, edits={field: other} if decision == "edit" else None)
    assert review.propose(session, meeting, [second]) == []
    assert review.propose(session, meeting, [first]) == []


def test_the_other_promise_of_a_refused_sentence_is_still_proposed(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    room = reading(Kind.ACTION_ITEM, SENTENCE, description="Book the workshop room in Leeds")
    proposal_ = reading(Kind.ACTION_ITEM, SENTENCE, description="Send the revised proposal")
    refused, _ = review.propose(session, meeting, [proposal_, room])
    review.reject(session, refused, by=by)
    again = review.propose(session, meeting, [proposal_, room])
    assert [i.data["description"] for i in again] == ["Book the workshop room in Leeds"]
