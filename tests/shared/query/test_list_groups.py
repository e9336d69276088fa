"""Lists in groups, on both databases: the same groups, counts and sums whole and cut, in the order of their names."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from shared import query
from shared.events import SYSTEM
from shared.models import User
from shared.query import groups
from shared.query.catalog import catalog
from shared.query.conditions import Viewpoint
from shared.query.groups import Heads
from shared.query.naming import Naming
from shared.query.results import Money
from shared.records import update
from shared.tenancy import TenantSession
from tests import statements
from tests.factories import make_company, make_contact, make_deal, make_field

DELETED = datetime(2026, 11, 1, tzinfo=UTC)


def heads(session: TenantSession, type: str, by: str, *sums: str, args: Any = None, **cut: Any) -> Heads:
    viewpoint = Viewpoint.of(session)
    asked = query.parse(type, args or {}, catalog(session))
    group = groups.group_of(catalog(session)[type], by)
    return groups.heads(session, asked, group, sums, viewpoint, Naming(session, viewpoint), **cut)


def said(found: Heads) -> list[tuple[str, int]]:
    return [(head.name, head.count) for head in found.shown]


def pages(session: TenantSession, size: int, *asked: Any, **more: Any) -> list[Heads]:
    """All groups, so many at a time."""
    found = [heads(session, *asked, **more, first=size)]
    while (skip := size * len(found)) < found[0].number:
        found.append(heads(session, *asked, **more, skip=skip, first=size))
    return found


def test_groups_by_company_stand_as_companies_do_and_those_without_one_last(session: TenantSession) -> None:
    names = ["Zoo", "Ärger", "ada", "Öl", "Borealis"]
    made = {name: make_company(session, name=name) for name in names}
    gone = make_company(session, name="Alba", deleted_at=DELETED)
    for name, count in (("Zoo", 2), ("Ärger", 1), ("ada", 3), ("Öl", 1), ("Borealis", 1)):
        for _ in range(count):
            make_contact(session, company_id=made[name].id)
    make_contact(session, company_id=gone.id)
    make_contact(session)
    make_contact(session, company_id=made["Zoo"].id, deleted_at=DELETED)
    whole = heads(session, "contact", "company_id")
    unknown = Naming(session, Viewpoint.of(session)).name_of(
        catalog(session)["contact"].fields["company_id"], str(gone.id)
    )
    assert said(whole) == [
        ("ada", 3), ("Ärger", 1), ("Borealis", 1), ("Öl", 1), ("Zoo", 2), (unknown, 1), ("none", 1),
    ]  # fmt: skip
    assert (whole.number, whole.records) == (7, 10)
    listed = query.run(session, query.parse("company", {"sort": ["name"]})).items
    assert [company.name for company in listed] == [head.name for head in whole.shown[:5]]
    for size in (1, 3, 6, 7):
        cut = pages(session, size, "contact", "company_id")
        assert [pair for page in cut for pair in said(page)] == said(whole)
        assert {(page.number, page.records) for page in cut} == {(7, 10)}
    assert [head.part for head in whole.shown][-1] == groups.NONE


def test_namesakes_are_groups_of_their_own_in_the_order_in_which_they_were_made(session: TenantSession) -> None:
    twins = [make_company(session, name="Borealis") for _ in range(3)]
    for company in reversed(twins):
        make_contact(session, company_id=company.id)
    cut = pages(session, 2, "contact", "company_id")
    assert [head.key for page in cut for head in page.shown] == [company.id for company in twins]


def test_the_groups_that_are_shown_have_their_sums_and_no_others_are_asked_for(session: TenantSession) -> None:
    one, two, three = (make_company(session, name=name) for name in ("Alba", "Borealis", "Corvus"))
    for company, minor, currency in (
        (one, 100_00, "EUR"), (one, 50_00, "USD"), (two, 70_00, "EUR"), (two, 5_00, "EUR"), (None, 9_00, "EUR"),
    ):  # fmt: skip
        make_deal(session, amount_minor=minor, currency=currency, company_id=company and company.id)
    make_deal(session, company_id=three.id)
    whole = heads(session, "deal", "company_id", "amount")
    assert [[money.amount_minor for money in _several(head.sums["amount"])] for head in whole.shown] == [
        [100_00, 50_00], [75_00], [], [9_00],
    ]  # fmt: skip
    cut = pages(session, 1, "deal", "company_id", "amount")
    assert [page.shown for page in cut] == [[head] for head in whole.shown]


def _several(value: Any) -> list[Money]:
    return value if isinstance(value, list) else [value] if isinstance(value, Money) and value.amount_minor else []


def test_filters_hold_in_every_group(session: TenantSession) -> None:
    one, two = make_company(session, name="Alba"), make_company(session, name="Borealis")
    for company, city_of in ((one, "Ann"), (one, "Ben"), (two, "Ben")):
        make_contact(session, first_name=city_of, company_id=company.id)
    found = heads(session, "contact", "company_id", args={"first_name": ["Ann"]})
    assert (said(found), found.number, found.records) == ([("Alba", 1)], 1, 1)
    nobody = heads(session, "contact", "company_id", args={"first_name": ["Zoe"]}, first=50)
    assert (nobody.shown, nobody.number, nobody.records) == ([], 0, 0)


def test_groups_by_owner_and_by_an_own_field_of_a_person_have_their_names_order(
    session: TenantSession, alice: User, cast: Any
) -> None:
    make_field(session, record_type="contact", key="buddy", label="Buddy", type="person")
    for first_name, owner in (("A", cast.bob), ("B", cast.alice), ("C", None)):
        contact = make_contact(session, first_name=first_name, owner_id=owner)
        update(session, contact, {"custom": {"buddy": owner}}, by=SYSTEM) if owner else None
    for by in ("owner_id", "custom.buddy"):
        whole = said(heads(session, "contact", by))
        assert [name for name, _count in whole] == [alice.name, session.get_one(User, cast.bob).name, "none"]
        assert [pair for page in pages(session, 1, "contact", by) for pair in said(page)] == whole


def test_texts_keep_their_order_and_no_text_is_one_group_with_an_empty_one(session: TenantSession) -> None:
    make_field(session, record_type="company", key="tier", label="Tier")
    for city, tier in (
        ("ulm", "Gold"),
        ("Århus", "silver"),
        ("Bergen", "gold"),
        ("Bergen", None),
        ("", "Gold"),
        (None, None),
    ):
        company = make_company(session, city=city)
        update(session, company, {"custom": {"tier": tier}}, by=SYSTEM) if tier else None
        for _ in range(2):
            make_contact(session, company_id=company.id)
    make_contact(session)
    assert said(heads(session, "company", "city")) == [("Bergen", 2), ("ulm", 1), ("Århus", 1), ("none", 2)]
    assert said(heads(session, "contact", "city")) == [("Bergen", 4), ("ulm", 2), ("Århus", 2), ("none", 5)]
    tiers = said(heads(session, "company", "custom.tier"))
    assert tiers == [("Gold", 2), ("gold", 1), ("silver", 1), ("none", 2)]
    for type_, by in (("company", "city"), ("contact", "city"), ("company", "custom.tier")):
        cut = pages(session, 1, type_, by)
        assert [pair for page in cut for pair in said(page)] == said(heads(session, type_, by))
        assert {(page.number, page.records) for page in cut} == {(4, 6 if type_ == "company" else 13)}


def test_the_last_group_of_texts_has_the_sum_of_all_without_one(session: TenantSession) -> None:
    for reason, minor in (("Price", 1_00), ("", 2_00), (None, 4_00)):
        make_deal(session, lost_reason=reason, amount_minor=minor)
    last = heads(session, "deal", "lost_reason", "amount", skip=1, first=1)
    assert [(head.name, head.count, head.sums["amount"].amount_minor) for head in last.shown] == [("none", 2, 6_00)]


def test_a_month_counts_deals_without_an_amount_and_is_counted_and_added_up_by_one_question(
    session: TenantSession,
) -> None:
    june, july = date(2027, 6, 3), date(2027, 7, 1)
    for day, minor, currency in ((june, 1_00, "EUR"), (june, 2_00, "USD"), (june, None, None), (july, None, None)):
        make_deal(session, expected_close=day, amount_minor=minor, currency=currency)

    with statements.sent(session.get_bind().engine) as asked:
        found = heads(session, "deal", "expected_close", "amount")

    assert said(found) == [("June 2027", 3), ("July 2027", 1)]
    assert [str(head.sums["amount"]) for head in found.shown] == [
        str([Money(1_00, "EUR"), Money(2_00, "USD")]), str(Money(0, "EUR")),
    ]  # fmt: skip
    assert sum("GROUP BY" in statement for statement in asked) == 1


def test_a_company_is_asked_for_its_city_once_however_many_contacts_it_has(session: TenantSession) -> None:
    company = make_company(session, city="Bergen")
    for _ in range(3):
        make_contact(session, company_id=company.id)
    with statements.sent(session.get_bind().engine) as asked:
        assert said(heads(session, "contact", "city")) == [("Bergen", 3)]
    assert any("GROUP BY contact.company_id" in " ".join(statement.split()) for statement in asked)


def test_a_neighbours_groups_are_its_own(session: TenantSession, mallory_session: TenantSession) -> None:
    theirs = make_company(mallory_session, name="Theirs")
    make_contact(mallory_session, company_id=theirs.id)
    mine = make_company(session, name="Mine")
    make_contact(session, company_id=mine.id)
    assert said(heads(session, "contact", "company_id")) == [("Mine", 1)]
