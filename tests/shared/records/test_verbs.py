"""Create, change, delete, restore: the same rules for every type."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from shared import clock, events, records
from shared.errors import Conflict, Invalid, NotFound
from shared.events import Actor
from shared.models import Company, Employment, Stage, StageChange, User
from shared.records import contacts, undoing
from shared.tenancy import TenantSession
from tests import factories


@pytest.fixture
def by(alice: User) -> Actor:
    return Actor("user", alice.id)


NEW: dict[str, dict[str, Any]] = {
    "company": {"name": "Quill"},
    "contact": {"first_name": "Jane"},
    "deal": {"name": "Big"},
    "task": {"title": "Call"},
    "note": {"body": "Hello"},
    "pipeline": {"name": "Service", "stages": [{"name": "New"}]},
}


def test_a_timeline_is_in_the_order_in_which_things_happened_and_goes_on_where_it_stopped(
    session: TenantSession, by: Actor
) -> None:
    of = ("company", records.create(session, "company", {"name": "Quill"}, by=by).id)
    now = clock.now()
    days = [3, 1, 1, 8, 5]  # ago; as a mailbox has them that is dropped on the record
    dropped = [events.record(session, "note.created", by=by, also=[of], at=now - timedelta(days=ago)) for ago in days]
    wanted = [dropped[at].id for at in (2, 1, 0, 4, 3)]
    whole = [told.id for told in events.timeline(session, of)]
    assert whole[1:] == wanted, "the record itself was added last"
    pages: list[int] = []
    while found := events.timeline(session, of, before=pages[-1] if pages else None, limit=2):
        pages += [told.id for told in found]
    assert pages == whole


@pytest.mark.parametrize("type_name", NEW)
def test_a_record_lives_dies_and_comes_back(session: TenantSession, by: Actor, type_name: str) -> None:
    row = records.create(session, type_name, NEW[type_name], by=by)
    shown = records.show(session, row)
    assert (shown["version"], shown["deleted_at"]) == (1, None)
    records.delete(session, row, by=by)
    with pytest.raises(NotFound):
        records.get(session, type_name, row.id)
    records.restore(session, row, by=by)
    assert records.get(session, type_name, row.id) is row
    kinds = [e.kind for e in events.timeline(session, (type_name, row.id))]
    assert kinds == [f"{type_name}.{verb}" for verb in ("restored", "deleted", "created")]


@pytest.mark.parametrize("type_name", NEW)
def test_a_change_that_changes_nothing_writes_nothing(session: TenantSession, by: Actor, type_name: str) -> None:
    row = records.create(session, type_name, NEW[type_name], by=by)
    assert records.update(session, row, NEW[type_name], by=by) == {}
    assert row.version == 1
    assert len(events.timeline(session, (type_name, row.id))) == 1


def test_an_update_bumps_the_version_and_tells_before_and_after(session: TenantSession, by: Actor) -> None:
    row = records.create(session, "company", {"name": "Quill", "city": "Ulm"}, by=by)
    assert records.update(session, row, {"city": "Bonn"}, by=by) == {"city": ["Ulm", "Bonn"]}
    assert row.version == 2
    assert events.timeline(session, ("company", row.id))[0].data == {"changes": {"city": ["Ulm", "Bonn"]}}


def test_changing_only_addresses_bumps_the_version_too(session: TenantSession, by: Actor) -> None:
    clock.configure(datetime(2026, 11, 20, tzinfo=UTC))  # a frozen clock must not hide the change
    row = records.create(session, "contact", {"first_name": "Jane"}, by=by)
    records.update(session, row, {"emails": [{"email": "j@roe.example"}]}, by=by)
    assert row.version == 2


def test_a_stale_version_is_a_conflict_with_the_current_record(session: TenantSession, by: Actor) -> None:
    row = records.create(session, "company", {"name": "Quill"}, by=by)
    records.update(session, row, {"city": "Bonn"}, by=by)
    with pytest.raises(Conflict) as caught:
        records.update(session, row, {"city": "Ulm"}, by=by, expecting=1)
    assert caught.value.current is not None
    assert caught.value.current["city"] == "Bonn"
    assert row.city == "Bonn"


@pytest.mark.parametrize(
    ("type_name", "data", "path"),
    [
        ("company", {}, "name"),
        ("company", {"name": " "}, "name"),
        ("company", {"name": "Q", "domain": "not a domain"}, "domain"),
        ("company", {"name": "Q", "owner_id": 99999}, "owner_id"),
        ("contact", {}, ""),
        ("contact", {"first_name": "J", "emails": [{"email": "nobody"}]}, "emails.0.email"),
        ("contact", {"first_name": "J", "company_external_id": "none"}, "company_external_id"),
        ("deal", {"name": "D", "stage": "Nowhere"}, "stage"),
        ("deal", {"name": "D", "amount": -1}, "amount"),
        ("deal", {"name": "D", "amount": {"minor": 5, "currency": "XXQ"}}, "amount"),
        ("task", {"title": "T", "links": [{"type": "deal", "id": 12345}]}, "links.0.id"),
        ("task", {"title": "T", "colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(
    session: TenantSession, by: Actor, type_name: str, data: dict[str, Any], path: str
) -> None:
    with pytest.raises(Invalid) as caught:
        records.create(session, type_name, data, by=by)
    assert any(error.path.startswith(path) for error in caught.value.errors)
    session.rollback()
    assert session.scalars(select(records.TYPES[type_name].model)).all() == []


def test_an_upsert_creates_updates_or_leaves_alone(session: TenantSession, by: Actor) -> None:
    data = {"name": "Quill", "external_id": "erp-7"}
    row, first = records.upsert(session, "company", data, by=by)
    same, second = records.upsert(session, "company", data, by=by)
    _, third = records.upsert(session, "company", {**data, "city": "Ulm"}, by=by)
    assert (first, second, third) == ("created", "unchanged", "updated")
    assert same is row


def test_a_new_employer_ends_the_old_employment(session: TenantSession, by: Actor) -> None:
    old, new = factories.make_company(session), factories.make_company(session)
    row = records.create(session, "contact", {"first_name": "Jane", "title": "CFO", "company_id": old.id}, by=by)
    records.update(session, row, {"company_id": new.id}, by=by)
    history = contacts.employments(session, row)
    assert [(e["company_id"], e["ended_on"] is None) for e in history] == [(old.id, False), (new.id, True)]


def test_an_employer_that_is_taken_back_on_the_same_day_has_never_been_one(session: TenantSession, by: Actor) -> None:
    old, wrong = factories.make_company(session), factories.make_company(session)
    start = datetime(2026, 11, 20, 8, tzinfo=UTC)
    with clock.at(start):
        row = records.create(session, "contact", {"first_name": "Jane", "title": "CFO", "company_id": old.id}, by=by)
        free = records.create(session, "contact", {"first_name": "Joe"}, by=by)
    for hours, employer in ((1, wrong.id), (2, old.id), (3, None), (4, old.id)):
        with clock.at(start + timedelta(hours=hours)):
            records.update(session, row, {"company_id": employer}, by=by)
    assert [(e["company_id"], e["ended_on"]) for e in contacts.employments(session, row)] == [(old.id, None)]
    for hours, employer in ((1, wrong.id), (2, None)):
        with clock.at(start + timedelta(hours=hours)):
            records.update(session, free, {"company_id": employer}, by=by)
    assert contacts.employments(session, free) == []
    for days, employer in ((1, wrong.id), (3, None)):
        with clock.at(start + timedelta(days=days)):
            records.update(session, free, {"company_id": employer}, by=by)
    assert [e["company_id"] for e in contacts.employments(session, free)] == [wrong.id]


def test_deleting_a_company_keeps_its_people(session: TenantSession, by: Actor) -> None:
    company = records.create(session, "company", {"name": "Quill"}, by=by)
    person = records.create(session, "contact", {"first_name": "Jane", "company_id": company.id}, by=by)
    records.delete(session, company, by=by)
    assert records.get(session, "contact", person.id) is person
    assert session.scalars(select(Employment)).one().company_id == company.id


def test_winning_closes_a_deal_and_reopening_opens_it(session: TenantSession, by: Actor) -> None:
    deal = records.create(session, "deal", {"name": "Big"}, by=by)
    records.update(session, deal, {"stage": "won"}, by=by)
    assert deal.closed_at is not None
    records.update(session, deal, {"stage": "Proposal"}, by=by)
    assert deal.closed_at is None
    assert len(session.scalars(select(StageChange)).all()) == 3


def test_a_won_deal_that_is_lost_after_all_closed_on_the_day_it_was_lost(session: TenantSession, by: Actor) -> None:
    won_on = datetime(2026, 1, 5, tzinfo=UTC)
    deal = records.create(session, "deal", {"name": "Big", "stage": "Won", "closed_at": won_on}, by=by)
    records.update(session, deal, {"stage": "Lost", "lost_reason": "Price"}, by=by)
    lost_on, told = deal.closed_at, records.show(session, deal)["closed_at"]
    assert lost_on is not None and lost_on > won_on
    records.update(session, deal, {"stage": "Won"}, by=by)
    event = undoing.latest_event(session, deal)
    assert deal.closed_at != lost_on and deal.lost_reason is None and event is not None
    undoing.take_back(session, deal, event, ("stage_id", "closed_at", "lost_reason"), by=by)
    back = records.show(session, deal)
    assert (back["closed_at"], back["lost_reason"]) == (told, "Price")
    names = {stage.id: stage.name for stage in session.scalars(select(Stage))}
    moves = session.scalars(select(StageChange).order_by(StageChange.id)).all()
    assert [names[move.to_stage_id or 0] for move in moves] == ["Won", "Lost", "Won", "Lost"]
    assert moves[0].at < deal.stage_since == moves[-1].at


@pytest.mark.parametrize(("amount", "currency", "minor"), [("12.5", "EUR", 1250), ("1200", "JPY", 1200)])
def test_money_is_minor_units(session: TenantSession, by: Actor, amount: str, currency: str, minor: int) -> None:
    deal = records.create(session, "deal", {"name": "Big", "amount": amount, "currency": currency}, by=by)
    assert (deal.amount_minor, deal.currency) == (minor, currency)


@pytest.mark.parametrize(
    ("amount", "currency", "says"),
    [
        ("12.5", "JPY", "An amount in JPY has no decimals."),
        ("12.505", "EUR", "An amount in EUR has at most 2 decimals."),
        ("12.5055", "KWD", "An amount in KWD has at most 3 decimals."),
    ],
)
def test_money_finer_than_its_currency_is_refused_and_never_rounded(
    session: TenantSession, by: Actor, amount: str, currency: str, says: str
) -> None:
    with pytest.raises(Invalid) as refused:
        records.create(session, "deal", {"name": "Big", "amount": amount, "currency": currency}, by=by)
    assert [(error.path, error.message) for error in refused.value.errors] == [("amount", says)]
    trailing = records.create(session, "deal", {"name": "Big", "amount": "12.000", "currency": currency}, by=by)
    assert records.show(session, trailing)["amount"]["currency"] == currency


def test_another_currency_keeps_the_figure_and_not_its_minor_units(session: TenantSession, by: Actor) -> None:
    deal = records.create(session, "deal", {"name": "Big", "amount": "1250", "currency": "EUR"}, by=by)
    records.update(session, deal, {"currency": "JPY"}, by=by)
    assert (deal.amount_minor, deal.currency) == (1250, "JPY")
    records.update(session, deal, {"currency": "EUR"}, by=by)
    records.update(session, deal, {"amount": "12.50"}, by=by)
    with pytest.raises(Invalid, match="An amount in JPY has no decimals"):
        records.update(session, deal, {"currency": "JPY"}, by=by)
    assert (deal.amount_minor, deal.currency) == (1250, "EUR")


def test_a_due_time_sets_the_due_day_of_the_workspaces_zone(session: TenantSession, by: Actor, acme: Any) -> None:
    acme.timezone = "Asia/Tokyo"
    task = records.create(session, "task", {"title": "Call", "due_at": "2026-11-20T20:00:00Z"}, by=by)
    assert task.due_date == date(2026, 11, 21)


def test_done_remembers_when_and_open_forgets_it(session: TenantSession, by: Actor) -> None:
    task = records.create(session, "task", {"title": "Call", "status": "done"}, by=by)
    assert task.completed_at is not None
    records.update(session, task, {"status": "open"}, by=by)
    assert task.completed_at is None


def test_an_open_deal_was_not_closed_and_a_closed_one_was(session: TenantSession, by: Actor) -> None:
    then = datetime(2026, 1, 5, tzinfo=UTC)
    deal = records.create(session, "deal", {"name": "Big"}, by=by)
    for data in ({"closed_at": then}, {"closed_at": then, "stage": "Proposal"}):
        with pytest.raises(Invalid) as refused:
            records.update(session, deal, data, by=by)
        assert refused.value.errors[0].path == "closed_at"
        with pytest.raises(Invalid):
            records.create(session, "deal", {"name": "Other", **data}, by=by)
    records.update(session, deal, {"closed_at": None}, by=by)
    records.update(session, deal, {"stage": "Won", "closed_at": then}, by=by)
    with pytest.raises(Invalid, match="closed at some time"):
        records.update(session, deal, {"closed_at": None}, by=by)
    assert deal.closed_at == then


def test_an_open_task_was_not_completed(session: TenantSession, by: Actor) -> None:
    then = datetime(2026, 1, 5, tzinfo=UTC)
    with pytest.raises(Invalid, match="An open task was not completed"):
        records.create(session, "task", {"title": "Call", "completed_at": then}, by=by)
    task = records.create(session, "task", {"title": "Call", "completed_at": then, "status": "done"}, by=by)
    with pytest.raises(Invalid, match="An open task was not completed"):
        records.update(session, task, {"status": "open", "completed_at": then}, by=by)
    assert task.completed_at == then


def test_a_stage_that_deals_stand_in_cannot_be_dropped(session: TenantSession, by: Actor) -> None:
    pipeline = records.create(session, "pipeline", {"name": "P", "stages": [{"name": "A"}, {"name": "B"}]}, by=by)
    records.create(session, "deal", {"name": "D", "pipeline_id": pipeline.id}, by=by)
    with pytest.raises(Conflict, match="A"):
        records.update(session, pipeline, {"stages": [{"name": "B"}]}, by=by)


def test_markup_is_kept_as_text(session: TenantSession, by: Actor) -> None:
    hostile = "<script>alert(1)</script>{{ 7*7 }}"
    assert records.create(session, "company", {"name": hostile}, by=by).name == hostile


def test_ids_of_another_workspace_are_unknown(
    session: TenantSession, mallory_session: TenantSession, by: Actor, mallory: User
) -> None:
    ours = records.create(session, "company", {"name": "Quill", "external_id": "erp-7"}, by=by)
    session.commit()
    theirs = Actor("user", mallory.id)
    with pytest.raises(NotFound):
        records.get(mallory_session, "company", ours.id)
    for reference in ({"company_id": ours.id}, {"company_external_id": "erp-7"}, {"owner_id": by.user_id}):
        with pytest.raises(Invalid):
            records.create(mallory_session, "contact", {"first_name": "X", **reference}, by=theirs)
    made, result = records.upsert(mallory_session, "company", {"name": "Mine", "external_id": "erp-7"}, by=theirs)
    assert (result, made.id != ours.id) == ("created", True)
    mallory_session.commit()
    assert session.get_one(Company, ours.id).name == "Quill"
