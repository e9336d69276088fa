"""The gate: what a meeting found becomes records only by a yes, and every yes can be taken back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from shared import events, records, review
from shared.errors import Conflict, Invalid
from shared.events import Actor
from shared.models import Company, Contact, Deal, Insight, InsightStatus, Meeting, Task, User, Workspace
from shared.schemas.insight import Item, Kind
from shared.tenancy import TenantSession
from tests import factories
from tests.shared.review.conftest import QUOTE, item


def propose(session: TenantSession, meeting: Meeting, *items: Item) -> list[Insight]:
    return review.propose(session, meeting, list(items))


def test_nothing_reaches_a_record_before_a_yes(session: TenantSession, meeting: Meeting) -> None:
    propose(session, meeting, item(Kind.COMPANY, name="Quill Ltd"), item(Kind.CONTACT, name="Jane Roe"))
    assert session.scalars(select(Company)).all() == []
    assert session.scalars(select(Contact)).all() == []


def test_accepting_makes_people_deal_and_task_with_the_sentence_that_proves_them(
    session: TenantSession, meeting: Meeting, by: Actor, alice: User
) -> None:
    propose(
        session,
        meeting,
        item(Kind.DEAL, company="Quill Ltd", amount=12500, currency="EUR", stage="proposal"),
        item(
            Kind.CONTACT, name="Jane Roe", company="Quill Ltd", title="CFO", email="jane@quill.example", attended=True
        ),
        item(Kind.ACTION_ITEM, description="Send the offer", owner="Alice Archer", due_date="2026-11-20"),
        item(Kind.COMPANY, name="Quill Ltd", domain="quill.example"),
        item(Kind.PAIN_POINT, description="Trucks wait fifty minutes"),
    )
    _, counts = review.accept_above(session, meeting, 0.5, by=by)
    assert counts == {"accepted": 5, "conflicts": 0, "below": 0, "to_ask": 0}
    company = session.scalars(select(Company)).one()
    contact = session.scalars(select(Contact)).one()
    deal = session.scalars(select(Deal)).one()
    task = session.scalars(select(Task)).one()
    assert (company.name, company.domain) == ("Quill Ltd", "quill.example")
    assert (contact.name, contact.company_id, contact.email, contact.title) == (
        "Jane Roe", company.id, "jane@quill.example", "CFO",
    )  # fmt: skip
    assert (deal.amount_minor, deal.currency, deal.company_id) == (1250000, "EUR", company.id)
    assert records.show(session, deal)["stage"] == "Proposal"
    assert (task.assignee_id, task.due_date and task.due_date.isoformat(), task.meeting_id, task.meeting_s) == (
        alice.id, "2026-11-20", meeting.id, 12.0,
    )  # fmt: skip
    assert {link["type"] for link in records.show(session, task)["links"]} == {"meeting", "company", "deal"}
    told = events.timeline(session, ("contact", contact.id))
    assert any(e.data.get("why", {}).get("quote") == QUOTE and e.user_id == alice.id for e in told)
    for target in (("deal", deal.id), ("company", company.id), ("contact", contact.id)):
        assert [i.kind for i in review.insights_about(session, target)] == ["pain_point"], target


def test_a_decision_accepted_before_its_deal_belongs_to_the_deal(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    deal, decision = propose(
        session, meeting, item(Kind.DEAL, company="Quill"), item(Kind.DECISION, description="Start in May")
    )
    review.accept(session, decision, by=by)
    review.accept(session, deal, by=by)
    made = session.scalars(select(Deal)).one()
    assert [i.id for i in review.insights_about(session, ("deal", made.id))] == [decision.id]


def test_undoing_a_batch_leaves_no_live_record(session: TenantSession, meeting: Meeting, by: Actor) -> None:
    propose(session, meeting, item(Kind.DEAL, company="Quill"), item(Kind.CONTACT, name="Jane Roe", company="Quill"))
    batch, _ = review.accept_above(session, meeting, 0.0, by=by)
    assert review.undo_batch(session, batch, by=by) == {"undone": 2, "conflicts": 0}
    for model in (Company, Contact, Deal):
        assert [row for row in session.scalars(select(model)) if row.deleted_at is None] == []
    assert {i.status for i in session.scalars(select(Insight))} == {InsightStatus.UNDONE}
    with pytest.raises(Conflict):
        review.undo_batch(session, batch, by=by)


def test_accepting_again_after_undo_brings_the_same_record_back(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    (insight,) = propose(session, meeting, item(Kind.CONTACT, name="Jane Roe"))
    review.accept(session, insight, by=by)
    first = session.scalars(select(Contact)).one()
    review.undo(session, insight, by=by)
    review.accept(session, insight, by=by)
    assert session.scalars(select(Contact)).one() is first
    assert first.deleted_at is None


def test_accepting_twice_is_a_conflict(session: TenantSession, meeting: Meeting, by: Actor) -> None:
    (insight,) = propose(session, meeting, item(Kind.COMPANY, name="Quill"))
    review.accept(session, insight, by=by)
    with pytest.raises(Conflict):
        review.accept(session, insight, by=by)
    assert len(session.scalars(select(Company)).all()) == 1


def test_a_known_contact_is_updated_and_undo_restores_the_old_value(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    contact = factories.make_contact(
        session, first_name="Jane", last_name="Roe", title="Analyst", email="j@roe.example"
    )
    (insight,) = propose(session, meeting, item(Kind.CONTACT, name="Jane Roe", title="CFO", email="jane@quill.example"))
    shown = review.show(session, insight)["proposal"]
    assert (shown["action"], shown["record_id"]) == ("update", contact.id)
    assert {"field": "title", "before": "Analyst", "after": "CFO"} in shown["changes"]
    review.accept(session, insight, by=by)
    assert (contact.title, [e.email for e in contact.emails]) == ("CFO", ["j@roe.example", "jane@quill.example"])
    review.undo(session, insight, by=by)
    assert (contact.title, [e.email for e in contact.emails]) == ("Analyst", ["j@roe.example"])


def test_a_field_changed_since_the_proposal_is_a_conflict_and_not_overwritten(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    contact = factories.make_contact(session, first_name="Jane", last_name="Roe", title="Analyst")
    (insight,) = propose(session, meeting, item(Kind.CONTACT, name="Jane Roe", title="CFO"))
    records.update(session, contact, {"title": "Partner"}, by=by)
    with pytest.raises(Conflict, match="title"):
        review.accept(session, insight, by=by)
    assert contact.title == "Partner"


def test_an_unrelated_change_since_the_proposal_is_no_conflict(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    contact = factories.make_contact(session, first_name="Jane", last_name="Roe", title="Analyst")
    (insight,) = propose(session, meeting, item(Kind.CONTACT, name="Jane Roe", title="CFO"))
    records.update(session, contact, {"source": "Fair"}, by=by)
    review.accept(session, insight, by=by)
    assert (contact.title, contact.source) == ("CFO", "Fair")


def test_undo_refuses_when_the_field_was_changed_again(session: TenantSession, meeting: Meeting, by: Actor) -> None:
    contact = factories.make_contact(session, first_name="Jane", last_name="Roe", title="Analyst")
    (insight,) = propose(session, meeting, item(Kind.CONTACT, name="Jane Roe", title="CFO"))
    review.accept(session, insight, by=by)
    records.update(session, contact, {"title": "Partner"}, by=by)
    with pytest.raises(Conflict, match="title"):
        review.undo(session, insight, by=by)
    assert contact.title == "Partner"


def test_a_record_that_appeared_since_is_updated_not_doubled(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    (insight,) = propose(session, meeting, item(Kind.COMPANY, name="Quill Ltd", industry="Logistics"))
    made = records.create(session, "company", {"name": "Quill"}, by=by)
    review.accept(session, insight, by=by)
    assert session.scalars(select(Company)).one() is made
    assert made.industry == "Logistics"


def test_edits_are_applied_and_marked(session: TenantSession, meeting: Meeting, by: Actor) -> None:
    (insight,) = propose(session, meeting, item(Kind.ACTION_ITEM, description="Send offer", owner="Jane Roe"))
    review.accept(session, insight, by=by, edits={"description": "Send the revised offer", "owner": ""})
    task = session.scalars(select(Task)).one()
    assert (task.title, task.promised_by) == ("Send the revised offer", None)
    assert insight.status is InsightStatus.EDITED
    assert insight.found["description"] == "Send offer"


def test_edits_that_do_not_fit_are_refused_and_nothing_is_applied(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    (insight,) = propose(session, meeting, item(Kind.ACTION_ITEM, description="Send offer"))
    for edits in ({"due_date": "soon"}, {"colour": "red"}, {"description": ""}):
        with pytest.raises(Invalid):
            review.accept(session, insight, by=by, edits=edits)
    session.expire_all()
    assert session.scalars(select(Task)).all() == []
    assert insight.status is InsightStatus.PENDING


def test_a_refused_insight_does_not_come_back_on_re_analysis(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    refused, _ = propose(session, meeting, item(Kind.COMPANY, name="Quill Ltd"), item(Kind.COMPANY, name="Other"))
    review.reject(session, refused, by=by, reason="a pen")
    again = propose(session, meeting, item(Kind.COMPANY, name="QUILL"), item(Kind.COMPANY, name="Other"))
    assert [i.data["name"] for i in again] == ["Other"]
    assert len(session.scalars(select(Insight)).all()) == 2


def test_below_the_threshold_stays_pending(session: TenantSession, meeting: Meeting, by: Actor) -> None:
    propose(session, meeting, item(Kind.COMPANY, 0.9, name="Sure"), item(Kind.COMPANY, 0.4, name="Unsure"))
    _, counts = review.accept_above(session, meeting, 0.8, by=by)
    assert counts == {"accepted": 1, "conflicts": 0, "below": 1, "to_ask": 0}
    assert [c.name for c in session.scalars(select(Company))] == ["Sure"]


def test_one_conflict_in_a_batch_leaves_the_others_accepted(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    contact = factories.make_contact(session, first_name="Jane", last_name="Roe", title="Analyst")
    propose(session, meeting, item(Kind.CONTACT, name="Jane Roe", title="CFO"), item(Kind.COMPANY, name="Quill"))
    records.update(session, contact, {"title": "Partner"}, by=by)
    _, counts = review.accept_above(session, meeting, 0.0, by=by)
    assert counts == {"accepted": 1, "conflicts": 1, "below": 0, "to_ask": 0}
    assert contact.title == "Partner"


def test_our_own_people_and_company_are_not_proposed(
    session: TenantSession, meeting: Meeting, acme: Workspace, alice: User
) -> None:
    made = propose(
        session,
        meeting,
        item(Kind.CONTACT, name="Alice Archer", attended=True),
        item(Kind.CONTACT, name="Somebody Else", company="ACME GmbH"),
        item(Kind.COMPANY, name="Acme"),
    )
    assert made == []
    assert [a.user_id for a in meeting.attendees] == [alice.id]


def test_two_contacts_of_the_same_first_name_are_not_guessed(session: TenantSession, meeting: Meeting) -> None:
    company = factories.make_company(session, name="Quill")
    for last in ("Kimble", "Montrose"):
        factories.make_contact(session, first_name="Sarah", last_name=last, company_id=company.id)
    (insight,) = propose(session, meeting, item(Kind.CONTACT, name="Sarah", company="Quill"))
    assert review.show(session, insight)["proposal"]["action"] == "create"


def test_a_deal_is_not_pulled_back_to_an_earlier_stage(session: TenantSession, meeting: Meeting, by: Actor) -> None:
    company = factories.make_company(session, name="Quill")
    records.create(session, "deal", {"name": "Big", "company_id": company.id, "stage": "Negotiation"}, by=by)
    (insight,) = propose(session, meeting, item(Kind.DEAL, company="Quill", stage="discovery"))
    assert review.show(session, insight)["proposal"]["changes"] == []


def test_moving_a_deal_can_be_undone(session: TenantSession, meeting: Meeting, by: Actor) -> None:
    company = factories.make_company(session, name="Quill")
    deal = records.create(session, "deal", {"name": "Big", "company_id": company.id, "amount": 100}, by=by)
    (insight,) = propose(session, meeting, item(Kind.DEAL, company="Quill", stage="won", amount=250))
    review.accept(session, insight, by=by)
    assert (records.show(session, deal)["stage_type"], deal.amount_minor) == ("won", 25000)
    review.undo(session, insight, by=by)
    shown = records.show(session, deal)
    assert (shown["stage_type"], shown["amount"]["minor"], shown["closed_at"]) == ("open", 10000, None)


def test_another_tenant_sees_and_matches_nothing(
    session: TenantSession, mallory_session: TenantSession, meeting: Meeting, by: Actor, mallory: User
) -> None:
    (insight,) = propose(session, meeting, item(Kind.COMPANY, name="Quill"))
    review.accept(session, insight, by=by)
    session.commit()
    assert mallory_session.get(Insight, insight.id) is None
    theirs = factories.make_meeting(mallory_session)
    (found,) = review.propose(mallory_session, theirs, [item(Kind.COMPANY, name="Quill")])
    assert review.show(mallory_session, found)["proposal"]["action"] == "create"
