"""Two findings become one, a finding goes to another record, somebody else owns a task: and all of it back again."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from shared import records, review
from shared.errors import Conflict, Invalid
from shared.events import Actor
from shared.models import Contact, Deal, Insight, InsightStatus, Meeting, Task, User
from shared.review import correcting
from shared.schemas.insight import Evidence, Item, Kind
from shared.tenancy import TenantSession
from tests import factories
from tests.shared.review.conftest import item


def propose(session: TenantSession, meeting: Meeting, *items: Item) -> list[Insight]:
    return review.propose(session, meeting, list(items))


def said(kind: Kind, quote: str, **data: object) -> Item:
    evidence = Evidence(quote=quote, speaker="Jane Roe", start_s=30.0, utterance=0, start=0, end=len(quote))
    return Item(kind=kind, data=data, evidence=[evidence], confidence=0.6)


def quotes(insight: Insight) -> list[str]:
    return [piece["quote"] for piece in insight.evidence]


SHORT = {"description": "Send the offer"}
LONG = {"description": "Send the offer with the new prices", "due_date": "2026-11-20"}


# --- Merging


@pytest.fixture
def pair(session: TenantSession, meeting: Meeting) -> tuple[Insight, Insight]:
    kept, other = propose(
        session, meeting, said(Kind.ACTION_ITEM, "I send it.", **SHORT), said(Kind.ACTION_ITEM, "By Friday.", **LONG)
    )
    return kept, other


def test_a_merge_joins_evidence_and_fills_what_was_missing(
    session: TenantSession, by: Actor, pair: tuple[Insight, Insight]
) -> None:
    kept, other = pair
    correcting.merge(session, kept, other, by=by)
    assert (kept.data, quotes(kept)) == (LONG, ["I send it.", "By Friday."])
    assert kept.proposal is not None
    assert {"field": "due_date", "before": None, "after": "2026-11-20"} in kept.proposal.changes
    assert (other.status, other.reason) == (InsightStatus.REJECTED, f"Merged into “{LONG['description']}”")
    review.accept(session, kept, by=by)
    task = session.scalars(select(Task)).one()
    assert (task.title, str(task.due_date), kept.status) == (LONG["description"], "2026-11-20", InsightStatus.EDITED)


def test_the_chosen_ones_words_stay_where_it_has_any(session: TenantSession, meeting: Meeting, by: Actor) -> None:
    kept, other = propose(
        session,
        meeting,
        item(Kind.CONTACT, name="Jane Roe", title="CFO"),
        item(Kind.CONTACT, name="Jayne Rowe", title="Buyer", email="jane@roe.example"),
    )
    correcting.merge(session, kept, other, by=by)
    assert kept.data | {"attended": False} == {
        "name": "Jane Roe", "title": "CFO", "email": "jane@roe.example", "attended": False,
    }  # fmt: skip


def test_undoing_a_merge_from_either_side_restores_both(
    session: TenantSession, by: Actor, pair: tuple[Insight, Insight]
) -> None:
    kept, other = pair
    for undone in pair:
        correcting.merge(session, kept, other, by=by)
        review.undo(session, undone, by=by)
        assert (kept.data, quotes(kept), kept.correction) == (SHORT, ["I send it."], None)
        assert (other.status, other.reason, other.correction) == (InsightStatus.PENDING, None, None)


def test_a_merge_of_three_is_parted_one_by_one_in_any_order(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    a, b, c = propose(session, meeting, *(said(Kind.DECISION, f"{n}.", description=n * 3) for n in "abc"))
    correcting.merge(session, a, b, by=by)
    correcting.merge(session, a, c, by=by)
    review.undo(session, b, by=by)
    assert (quotes(a), b.status, c.status) == (["a.", "c."], InsightStatus.PENDING, InsightStatus.REJECTED)
    review.undo(session, a, by=by)
    assert (quotes(a), c.status) == (["a."], InsightStatus.PENDING)


def test_neither_half_of_a_merge_comes_back_on_re_analysis(
    session: TenantSession, meeting: Meeting, by: Actor, pair: tuple[Insight, Insight]
) -> None:
    kept, other = pair
    correcting.merge(session, kept, other, by=by)
    again = propose(
        session, meeting, said(Kind.ACTION_ITEM, "I send it.", **SHORT), said(Kind.ACTION_ITEM, "By Friday.", **LONG)
    )
    assert again == []
    assert quotes(kept) == ["I send it.", "By Friday."]


def test_only_open_findings_of_one_kind_and_meeting_are_merged(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    elsewhere = factories.make_meeting(session, lines=[("Jane", "Hello.")])
    (foreign,) = propose(session, elsewhere, item(Kind.ACTION_ITEM, description="Call"))
    one, decided, decision = propose(
        session,
        meeting,
        item(Kind.ACTION_ITEM, description="Call"),
        item(Kind.ACTION_ITEM, description="Write"),
        item(Kind.DECISION, description="Go"),
    )
    review.reject(session, decided, by=by)
    for wrong in (foreign, decision, one):
        with pytest.raises(Invalid):
            correcting.merge(session, one, wrong, by=by)
    with pytest.raises(Conflict):
        correcting.merge(session, one, decided, by=by)


def test_a_merge_cannot_be_parted_while_its_result_is_accepted(
    session: TenantSession, by: Actor, pair: tuple[Insight, Insight]
) -> None:
    kept, other = pair
    correcting.merge(session, kept, other, by=by)
    review.accept(session, kept, by=by)
    with pytest.raises(Conflict, match="Take that decision back first"):
        review.undo(session, other, by=by)
    review.undo(session, kept, by=by)
    assert kept.data == LONG
    review.undo(session, other, by=by)
    assert kept.data == SHORT


# --- Moving


def test_an_update_of_one_person_becomes_one_of_another(session: TenantSession, meeting: Meeting, by: Actor) -> None:
    jane = factories.make_contact(session, first_name="Jane", last_name="Roe", title="Analyst")
    other = factories.make_contact(session, first_name="Jayne", last_name="Rowe", title="Buyer")
    (insight,) = propose(session, meeting, item(Kind.CONTACT, name="Jane Roe", title="CFO"))
    correcting.move(session, insight, type="contact", id=other.id, by=by)
    proposal = review.show(session, insight)["proposal"]
    assert (proposal["action"], proposal["record_id"]) == ("update", other.id)
    assert {"field": "title", "before": "Buyer", "after": "CFO"} in proposal["changes"]
    review.renew(session, insight)
    review.accept(session, insight, by=by)
    assert (jane.title, other.title) == ("Analyst", "CFO")
    review.undo(session, insight, by=by)
    assert (other.title, review.show(session, insight)["proposal"]["record_id"]) == ("Buyer", other.id)
    review.undo(session, insight, by=by)
    assert review.show(session, insight)["proposal"]["record_id"] == jane.id


def test_an_update_becomes_a_new_record(session: TenantSession, meeting: Meeting, by: Actor) -> None:
    factories.make_contact(session, first_name="Jane", last_name="Roe")
    (insight,) = propose(session, meeting, item(Kind.CONTACT, name="Jane Roe", title="CFO"))
    correcting.move(session, insight, type="contact", id=None, by=by)
    assert review.show(session, insight)["proposal"]["action"] == "create"
    review.accept(session, insight, by=by)
    assert len(session.scalars(select(Contact)).all()) == 2


def test_a_deal_goes_to_another_deal_and_stays_there_on_re_analysis(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    company = factories.make_company(session, name="Quill")
    first, second = (factories.make_deal(session, name=n, company_id=company.id) for n in ("Licence", "Service"))
    found = item(Kind.DEAL, company="Quill", name="Licence", amount=250.0, currency="EUR")
    (insight,) = propose(session, meeting, found)
    correcting.move(session, insight, type="deal", id=second.id, by=by)
    assert propose(session, meeting, found) == []
    review.accept(session, insight, by=by)
    assert (first.amount_minor, second.amount_minor) == (None, 25000)


def test_a_decision_is_linked_to_the_deal_it_was_moved_to(session: TenantSession, meeting: Meeting, by: Actor) -> None:
    company = factories.make_company(session, name="Quill")
    deal = factories.make_deal(session, name="Licence", company_id=company.id)
    decision, found = propose(
        session, meeting, item(Kind.DECISION, description="Start in May"), item(Kind.DEAL, company="Other")
    )[::-1]
    correcting.move(session, decision, type="deal", id=deal.id, by=by)
    review.accept(session, decision, by=by)
    review.accept(session, found, by=by)
    assert [i.id for i in review.insights_about(session, ("deal", deal.id))] == [decision.id]
    assert decision.company_id == company.id


def test_a_task_hangs_on_the_record_it_was_moved_to_and_no_other(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    person = factories.make_contact(session)
    deal, task = propose(
        session, meeting, item(Kind.DEAL, company="Quill"), item(Kind.ACTION_ITEM, description="Call them")
    )
    correcting.move(session, task, type="contact", id=person.id, by=by)
    review.accept(session, task, by=by)
    review.accept(session, deal, by=by)
    row = session.scalars(select(Task)).one()
    links = {(link["type"], link["id"]) for link in records.show(session, row)["links"]}
    assert links == {("meeting", meeting.id), ("contact", person.id)}


def test_a_record_deleted_since_leaves_the_finding_where_it_was_found(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    other = factories.make_contact(session, title="Buyer")
    (insight,) = propose(session, meeting, item(Kind.CONTACT, name="Jane Roe", title="CFO"))
    correcting.move(session, insight, type="contact", id=other.id, by=by)
    records.delete(session, other, by=by)
    review.renew(session, insight)
    assert review.show(session, insight)["proposal"]["action"] == "create"


def test_nothing_moves_to_what_it_cannot_be_or_to_another_tenants_record(
    session: TenantSession, mallory_session: TenantSession, meeting: Meeting, by: Actor, mallory: User
) -> None:
    theirs = factories.make_deal(mallory_session)
    deal, decision = propose(
        session, meeting, item(Kind.DEAL, company="Quill"), item(Kind.DECISION, description="Start in May")
    )
    for insight, type_, id in [
        (deal, "contact", None), (deal, "deal", theirs.id), (decision, "deal", None), (decision, "task", 1),
        (decision, "deal", theirs.id),
    ]:  # fmt: skip
        with pytest.raises(Invalid):
            correcting.move(session, insight, type=type_, id=id, by=by)
    assert session.scalars(select(Deal)).all() == []


# --- Owners


def test_a_task_gets_another_owner(session: TenantSession, meeting: Meeting, by: Actor, bob: User) -> None:
    (task,) = propose(session, meeting, item(Kind.ACTION_ITEM, description="Call", owner="Alice Archer"))
    correcting.assign(session, task, user_id=bob.id, by=by)
    assert task.data["owner"] == "Bob Baker"
    review.accept(session, task, by=by)
    row = session.scalars(select(Task)).one()
    assert (row.assignee_id, row.promised_by) == (bob.id, None)
    review.undo(session, task, by=by)
    review.undo(session, task, by=by)
    assert task.data["owner"] == "Alice Archer"


def test_a_guest_who_is_called_like_a_user_is_not_that_user(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    (task,) = propose(session, meeting, item(Kind.ACTION_ITEM, description="Call", owner="Jane Roe"))
    correcting.assign(session, task, name="Bob Baker", by=by)
    review.accept(session, task, by=by)
    row = session.scalars(select(Task)).one()
    assert (row.assignee_id, row.promised_by) == (None, "Bob Baker")


def test_an_owner_can_be_taken_away_and_an_edit_at_the_yes_counts_last(
    session: TenantSession, meeting: Meeting, by: Actor, bob: User
) -> None:
    one, two = propose(
        session,
        meeting,
        item(Kind.ACTION_ITEM, description="Call", owner="Alice Archer"),
        item(Kind.ACTION_ITEM, description="Write", owner="Jane Roe"),
    )
    correcting.assign(session, one, by=by)
    correcting.assign(session, two, user_id=bob.id, by=by)
    review.accept(session, one, by=by)
    review.accept(session, two, by=by, edits={"owner": "Alice Archer"})
    owners = {task.title: task.assignee_id for task in session.scalars(select(Task))}
    assert owners == {"Call": None, "Write": by.user_id}


def test_only_tasks_have_owners_and_only_our_users_are_users(
    session: TenantSession, meeting: Meeting, by: Actor, mallory: User
) -> None:
    task, decision = propose(
        session, meeting, item(Kind.ACTION_ITEM, description="Call"), item(Kind.DECISION, description="Go")
    )
    for insight, user_id in ((decision, by.user_id), (task, mallory.id)):
        with pytest.raises(Invalid):
            correcting.assign(session, insight, user_id=user_id, by=by)
