"""Taking a yes back: whatever it did is undone, and whatever stands on it is left standing."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from shared import records, review
from shared.errors import Conflict
from shared.events import Actor
from shared.models import Company, Contact, Deal, Employment, Insight, Meeting, Task, Workspace
from shared.schemas.insight import Item, Kind
from shared.tenancy import TenantSession
from tests import factories
from tests.shared.review.conftest import item


def found(session: TenantSession, meeting: Meeting, *items: Item) -> list[Insight]:
    return review.propose(session, meeting, list(items))


def test_a_task_can_be_accepted_after_its_company_was_taken_back(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    company, task = found(
        session, meeting, item(Kind.COMPANY, name="Quill Ltd"), item(Kind.ACTION_ITEM, description="Send the offer")
    )
    review.accept(session, company, by=by)
    review.undo(session, company, by=by)
    review.accept(session, task, by=by)
    links = records.show(session, session.scalars(select(Task)).one())["links"]
    assert links == [{"type": "meeting", "id": meeting.id}]


def test_an_appointment_at_an_hour_is_taken_back_far_from_greenwich(
    session: TenantSession, meeting: Meeting, by: Actor, acme: Workspace
) -> None:
    acme.timezone = "Asia/Kolkata"
    (insight,) = found(session, meeting, item(Kind.NEXT_MEETING, when="2026-12-03T14:30"))
    review.accept(session, insight, by=by)
    session.commit()
    session.expire_all()  # the undo comes in a request of its own
    review.undo(session, insight, by=by)
    assert session.scalars(select(Task)).one().deleted_at is not None


def test_a_company_somebody_said_yes_to_stays_when_the_contact_that_made_it_goes(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    company, contact = found(
        session, meeting, item(Kind.CONTACT, name="Jane Roe", company="Quill Ltd"), item(Kind.COMPANY, name="Quill Ltd")
    )
    review.accept(session, contact, by=by)
    review.accept(session, company, by=by)
    review.undo(session, contact, by=by)
    assert session.scalars(select(Company)).one().deleted_at is None
    assert session.scalars(select(Contact)).one().deleted_at is not None


def test_what_was_edited_before_the_undo_is_not_applied_afterwards(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    factories.make_deal(session, company_id=factories.make_company(session, name="Quill Ltd").id, name="Trucks")
    (insight,) = found(session, meeting, item(Kind.DEAL, company="Quill Ltd", amount=500, currency="EUR"))
    review.accept(session, insight, by=by, edits={"amount": 90000})
    review.undo(session, insight, by=by)
    review.accept(session, insight, by=by)
    assert session.scalars(select(Deal)).one().amount_minor == 50000


def test_taking_back_an_employer_leaves_no_trace_in_the_history(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    factories.make_contact(session, first_name="Jane", last_name="Roe")
    (insight,) = found(session, meeting, item(Kind.CONTACT, name="Jane Roe", company="Quill Ltd"))
    review.accept(session, insight, by=by)
    review.undo(session, insight, by=by)
    assert session.scalars(select(Contact)).one().company_id is None
    assert session.scalars(select(Employment)).all() == []


def test_taking_back_an_edited_summary_brings_the_found_one_back(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    (insight,) = found(session, meeting, item(Kind.SUMMARY, text="They want an offer."))
    review.accept(session, insight, by=by, edits={"text": "They want two offers."})
    review.undo(session, insight, by=by)
    assert meeting.summary == "They want an offer."


def test_a_deal_without_money_has_no_currency_after_undo(session: TenantSession, meeting: Meeting, by: Actor) -> None:
    deal = factories.make_deal(session, company_id=factories.make_company(session, name="Quill Ltd").id, name="Trucks")
    before = records.show(session, deal)
    (insight,) = found(session, meeting, item(Kind.DEAL, company="Quill Ltd", amount=500, currency="USD"))
    review.accept(session, insight, by=by)
    review.undo(session, insight, by=by)
    after = records.show(session, deal)
    assert {k: v for k, v in after.items() if before[k] != v and k not in ("version", "updated_at")} == {}


def test_the_meeting_forgets_what_was_taken_back(session: TenantSession, meeting: Meeting, by: Actor) -> None:
    company, contact, deal, pain = found(
        session, meeting,
        item(Kind.COMPANY, name="Quill Ltd"),
        item(Kind.CONTACT, name="Jane Roe", attended=True),
        item(Kind.DEAL, company="Quill Ltd", name="Trucks"),
        item(Kind.PAIN_POINT, description="Trucks wait"),
    )  # fmt: skip
    for insight in (company, contact, deal, pain):
        review.accept(session, insight, by=by)
    for insight in (deal, contact, company):
        review.undo(session, insight, by=by)
    assert (meeting.company_id, meeting.deal_id, [a.contact_id for a in meeting.attendees]) == (None, None, [])
    assert (pain.company_id, pain.deal_id, pain.contact_id) == (None, None, None)


def test_a_company_that_others_stand_on_is_not_taken_away_under_them(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    company, contact = found(
        session, meeting, item(Kind.COMPANY, name="Quill Ltd"), item(Kind.CONTACT, name="Jane Roe", company="Quill Ltd")
    )
    review.accept(session, company, by=by)
    review.accept(session, contact, by=by)
    with pytest.raises(Conflict):
        review.undo(session, company, by=by)
    review.undo(session, contact, by=by)
    review.undo(session, company, by=by)
    assert session.scalars(select(Company)).one().deleted_at is not None


def test_a_record_somebody_worked_on_since_is_not_deleted_by_undo(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    (insight,) = found(session, meeting, item(Kind.CONTACT, name="Jane Roe"))
    review.accept(session, insight, by=by)
    contact = session.scalars(select(Contact)).one()
    records.update(session, contact, {"description": "Met her twice since."}, by=by)
    with pytest.raises(Conflict):
        review.undo(session, insight, by=by)
    assert contact.deleted_at is None
