"""What a proposal says on odd data, and that the record is compared with it field by field."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from shared import records, review
from shared.errors import Conflict, Invalid
from shared.events import Actor
from shared.models import Contact, Deal, Insight, Meeting, Task, Workspace
from shared.schemas.insight import Item, Kind
from shared.tenancy import TenantSession
from tests import factories
from tests.shared.review.conftest import item


def found(session: TenantSession, meeting: Meeting, *items: Item) -> list[Insight]:
    return review.propose(session, meeting, list(items))


def test_an_employer_entered_meanwhile_is_not_overwritten(session: TenantSession, meeting: Meeting, by: Actor) -> None:
    contact = factories.make_contact(session, first_name="Jane", last_name="Roe")
    (insight,) = found(session, meeting, item(Kind.CONTACT, name="Jane Roe", company="Quill Ltd"))
    other = factories.make_company(session, name="Other Ltd")
    records.update(session, contact, {"company_id": other.id}, by=by)
    with pytest.raises(Conflict):
        review.accept(session, insight, by=by)
    assert contact.company_id == other.id


def test_a_long_promise_is_kept_whole(session: TenantSession, meeting: Meeting, by: Actor) -> None:
    long = "Send the offer, " * 60
    (insight,) = found(session, meeting, item(Kind.ACTION_ITEM, description=long.strip()))
    review.accept(session, insight, by=by)
    task = session.scalars(select(Task)).one()
    assert len(task.title) <= 500 and task.body == long.strip()


@pytest.mark.parametrize(
    ("kind", "data", "edits"),
    [
        (Kind.NEXT_MEETING, {"when": "2026-11-20"}, {"when": "2026-02-31T10:00"}),
        (Kind.NEXT_MEETING, {"when": "2026-11-20"}, {"when": "2026-11-20T25:00"}),
        (Kind.NEXT_MEETING, {"when": "2026-11-20"}, {"when": "2026-02-31"}),
        (Kind.NEXT_MEETING, {"when": "2026-11-20"}, {"when": "0001-01-01T00:00"}),
        (Kind.ACTION_ITEM, {"description": "Send"}, {"due_date": "2026-02-31"}),
        (Kind.DEAL, {"company": "Quill"}, {"close_date": "2026-02-31"}),
        (Kind.DEAL, {"company": "Quill"}, {"amount": "nan"}),
        (Kind.DEAL, {"company": "Quill"}, {"amount": "inf"}),
        (Kind.DEAL, {"company": "Quill"}, {"amount": 1e13, "currency": "KWD"}),
        (Kind.DEAL, {"company": "Quill"}, {"amount": 5, "currency": "ZZZ"}),
        (Kind.DEAL, {"company": "Quill"}, {"company": "   "}),
        (Kind.COMPANY, {"name": "Quill"}, {"name": "\x00"}),
        (Kind.COMPANY, {"name": "Quill"}, {"name": "\x01\x02"}),
        (Kind.CONTACT, {"name": "Jane"}, {"name": "J" * 150}),
        (Kind.CONTACT, {"name": "Jane"}, {"email": "jane at quill"}),
        (Kind.SUMMARY, {"text": "x"}, {"unknown": "x"}),
        (Kind.CONTACT, {"name": "Jane"}, {"attended": "maybe"}),
    ],
)
def test_edits_that_make_no_sense_are_refused(
    session: TenantSession, meeting: Meeting, by: Actor, kind: Kind, data: dict[str, Any], edits: dict[str, Any]
) -> None:
    (insight,) = found(session, meeting, item(kind, **data))
    session.commit()
    with pytest.raises(Invalid):
        review.accept(session, insight, by=by, edits=edits)


@pytest.mark.parametrize(("currency", "minor"), [("JPY", 1000000), ("KWD", 1000000000), ("EUR", 100000000)])
def test_amounts_follow_their_currencies_decimals(
    session: TenantSession, meeting: Meeting, by: Actor, currency: str, minor: int
) -> None:
    (insight,) = found(session, meeting, item(Kind.DEAL, company="Quill", amount=1e6, currency=currency))
    review.accept(session, insight, by=by)
    deal = session.scalars(select(Deal)).one()
    assert (deal.amount_minor, deal.currency) == (minor, currency)


@pytest.mark.parametrize(
    ("said", "edits", "why"),
    [
        ({"currency": "JPY"}, {"amount": 99.5}, "An amount in JPY has no decimals."),
        ({}, {"amount": 99.555}, "An amount in EUR has at most 2 decimals."),
        ({"currency": "EUR"}, {"currency": "JPY"}, "An amount in JPY has no decimals."),
        ({"currency": "JPY"}, {"amount": 99.555, "currency": ""}, "An amount in EUR has at most 2 decimals."),
    ],
)
def test_an_amount_that_was_said_is_rounded_to_its_currency_and_one_that_is_typed_is_not(
    session: TenantSession, meeting: Meeting, by: Actor, said: dict[str, str], edits: dict[str, Any], why: str
) -> None:
    (insight,) = found(session, meeting, item(Kind.DEAL, company="Quill", amount=1000.505, **said))
    with pytest.raises(Invalid) as refused, session.begin_nested():
        review.accept(session, insight, by=by, edits=edits)
    assert [(e.path, e.message) for e in refused.value.errors] == [("amount", why)]
    review.accept(session, insight, by=by, edits={"name": "Cranes"})
    assert session.scalars(select(Deal)).one().amount_minor == (1001 if "JPY" in said.values() else 100_051)


def test_an_amount_typed_without_a_currency_is_in_that_of_the_deal_it_is_of(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    quill = factories.make_company(session, name="Quill")
    deal = factories.make_deal(session, company_id=quill.id, amount_minor=500, currency="JPY")
    (insight,) = found(session, meeting, item(Kind.DEAL, company="Quill", amount=1000))
    with pytest.raises(Invalid) as refused, session.begin_nested():
        review.accept(session, insight, by=by, edits={"amount": 99.5})
    assert refused.value.errors[0].message == "An amount in JPY has no decimals."
    other = factories.make_deal(session, company_id=quill.id, amount_minor=500, currency="EUR")
    review.accept(session, insight, by=by, edits={"amount": 99.5}, choice=other.id)
    assert (deal.amount_minor, other.amount_minor) == (500, 99_50)


def test_a_promise_of_a_customer_is_not_given_to_a_colleague_of_the_same_first_name(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    insights = found(
        session, meeting,
        item(Kind.CONTACT, name="Alice Customer", company="Quill Ltd", attended=True),
        item(Kind.ACTION_ITEM, description="Send the offer", owner="Alice"),
    )  # fmt: skip
    for insight in insights:
        review.accept(session, insight, by=by)
    task = session.scalars(select(Task)).one()
    assert (task.assignee_id, task.promised_by) == (None, "Alice")


def test_a_conflict_leads_to_another_look_not_to_a_dead_end(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    contact = factories.make_contact(session, first_name="Jane", last_name="Roe", title="Buyer")
    (insight,) = found(session, meeting, item(Kind.CONTACT, name="Jane Roe", title="CFO"))
    records.update(session, contact, {"title": "Head of buying"}, by=by)
    session.commit()
    with pytest.raises(Conflict):
        review.accept(session, insight, by=by)
    session.rollback()
    review.renew(session, insight)
    review.accept(session, insight, by=by)
    assert session.scalars(select(Contact)).one().title == "CFO"


def test_a_number_said_without_its_country_is_the_one_that_is_known(
    session: TenantSession, acme: Workspace, meeting: Meeting, by: Actor
) -> None:
    acme.timezone = "Europe/Berlin"
    known = factories.make_contact(session, first_name="Jane", last_name="Roe", phone="+49 30 1234567")
    (insight,) = found(session, meeting, item(Kind.CONTACT, name="J. Roe", phone="030 1234567"))
    review.accept(session, insight, by=by)
    assert session.scalars(select(Contact)).one() is known
    assert [row.phone for row in known.phones] == ["+49 30 1234567"]
