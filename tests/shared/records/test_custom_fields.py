"""Fields a team defines itself: read by their type, asked like any other field, on both databases."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from shared import query, records, search
from shared.errors import Conflict, Invalid, NotFound
from shared.events import Actor
from shared.models import Company, Event, FieldDefinition, SavedView, Tagging, User
from shared.query import Plan
from shared.records import bin as records_bin
from shared.records import custom, tag_merging, tags
from shared.tenancy import TenantSession
from tests.factories import make_company

BY = Actor("user")


def define(session: TenantSession, label: str, type: str, **more: Any) -> FieldDefinition:
    return custom.define(session, {"record_type": "company", "label": label, "type": type, **more}, by=BY)


def company(session: TenantSession, name: str, **values: Any) -> Company:
    row: Company = records.create(session, "company", {"name": name, "custom": values}, by=BY)
    return row


def names(session: TenantSession, **args: str) -> list[str]:
    """The companies of a list; `custom.seats__gte` stands for `custom.seats[gte]`."""
    given = {f"{n.partition('__')[0]}[{n.partition('__')[2]}]" if "__" in n else n: [v] for n, v in args.items()}
    asked = query.parse("company", {"sort": ["name"], **given}, query.catalog(session))
    return [row.name for row in query.run(session, asked).items]


@pytest.fixture
def fields(session: TenantSession) -> TenantSession:
    """One field of each type."""
    define(session, "Contract no.", "text")
    define(session, "Seats", "number")
    define(session, "Spend", "money")
    define(session, "Contract until", "date")
    define(session, "Tier", "select", options=["Bronze", "Silver", "Gold"])
    define(session, "Uses", "multi_select", options=["Planning", "Tracking"])
    define(session, "Reference", "checkbox")
    define(session, "Wiki", "url")
    define(session, "Success manager", "person")
    return session


def test_values_of_every_type_are_kept_and_shown(fields: TenantSession, alice: User) -> None:
    row = company(
        fields, "Acme", contract_no=" A-17 ", seats=120, spend={"amount": "12.50", "currency": "eur"},
        contract_until="2027-03-31", tier="gold", uses=["Tracking", "planning"], reference=True,
        wiki="wiki.example/acme", success_manager=alice.email.upper(),
    )  # fmt: skip
    assert records.show(fields, row)["custom"] == {
        "contract_no": "A-17", "seats": 120, "spend": {"minor": 1250, "currency": "EUR"},
        "contract_until": "2027-03-31", "tier": "gold", "uses": ["planning", "tracking"], "reference": True,
        "wiki": "wiki.example/acme", "success_manager": alice.id,
    }  # fmt: skip
    assert row.version == 1, "nobody has changed it since it was made"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seats", "many"), ("seats", True), ("seats", 1e300), ("spend", {"minor": 5, "currency": "EURO"}),
        ("spend", 12), ("contract_until", "31.3.2027"), ("contract_until", "0001-01-01"), ("tier", "Platinum"),
        ("uses", "planning"), ("reference", "yes"), ("wiki", "javascript:alert(1)"), ("success_manager", 10**12),
        ("wiki", "hello"), ("wiki", "jane@acme.example"), ("wiki", "n/a"), ("wiki", "https://"),
        ("wiki", "ftp://a.example"), ("spend", {"amount": "12.5", "currency": "JPY"}),
        ("success_manager", "nobody@acme.example"), ("unknown", 1), ("contract_no", {"a": 1}),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_refused_by_name(fields: TenantSession, key: str, value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        company(fields, "Acme", **{key: value})
    assert [error.path for error in refused.value.errors] == [f"custom.{key}"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("acme.example", "acme.example"), ("HTTPS://Acme.example/A?b=HTTP://c", "https://Acme.example/A?b=HTTP://c"),
        ("http://intranet/wiki", "http://intranet/wiki"), ("10.0.0.7:8080/x", "10.0.0.7:8080/x"),
        ("http://[::1]:80/", "http://[::1]:80/"), ("münchen.de/straße", "münchen.de/straße"),
    ],
)  # fmt: skip
def test_a_web_address_has_a_scheme_or_looks_like_a_domain(fields: TenantSession, written: str, kept: str) -> None:
    assert company(fields, "Acme", wiki=written).custom == {"wiki": kept}


def test_an_address_from_before_the_rule_stays_until_it_is_changed(fields: TenantSession) -> None:
    row = company(fields, "Acme")
    row.custom = {"wiki": "see Bob"}
    fields.flush()
    records.update(fields, row, {"name": "Acme Ltd", "custom": {"wiki": "see Bob", "seats": 3}}, by=BY)
    assert (row.name, row.custom) == ("Acme Ltd", {"wiki": "see Bob", "seats": 3})
    with pytest.raises(Invalid, match="Must be a web address"):
        records.update(fields, row, {"custom": {"wiki": "see Jane"}}, by=BY)


def test_what_is_not_named_stays_and_null_clears(fields: TenantSession) -> None:
    row = company(fields, "Acme", seats=5, tier="silver")
    changes = records.update(fields, row, {"custom": {"seats": 7, "tier": None}}, by=BY)
    assert changes == {"custom.seats": [5, 7], "custom.tier": ["silver", None]}
    assert row.custom == {"seats": 7}
    assert records.update(fields, row, {"custom": {"seats": 7}}, by=BY) == {}
    told = fields.scalars(select(Event).where(Event.kind == "company.updated")).one()
    assert told.data["changes"] == {"custom.seats": [5, 7], "custom.tier": ["silver", None]}


def test_lists_filter_and_sort_by_them(fields: TenantSession, alice: User) -> None:
    company(fields, "Ash", seats=5, tier="gold", spend={"minor": 500000, "currency": "EUR"}, uses=["planning"])
    company(fields, "Birch", seats=50, contract_until="2026-12-01", reference=True, success_manager=alice.id)
    company(fields, "Cedar", contract_no="Überhang 7", tier="bronze", uses=["planning", "tracking"])
    found = {
        "custom.seats__gte": "6", "custom.tier__in": "gold,bronze", "custom.spend__lt": "5000.01",
        "custom.uses": "tracking", "custom.reference": "true", "custom.contract_no__contains": "uberhang",
        "custom.contract_until__lte": "2026-12-31", "custom.success_manager": str(alice.id), "custom.tier__is": "null",
        "custom.tier__ne": "gold", "custom.reference__ne": "true",
    }  # fmt: skip
    assert {asked: names(fields, **{asked: value}) for asked, value in found.items()} == {
        "custom.seats__gte": ["Birch"], "custom.tier__in": ["Ash", "Cedar"], "custom.spend__lt": ["Ash"],
        "custom.uses": ["Cedar"], "custom.reference": ["Birch"], "custom.contract_no__contains": ["Cedar"],
        "custom.contract_until__lte": ["Birch"], "custom.success_manager": ["Birch"], "custom.tier__is": ["Birch"],
        "custom.tier__ne": ["Birch", "Cedar"], "custom.reference__ne": ["Ash", "Cedar"],
    }  # fmt: skip
    assert names(fields, sort="-custom.seats") == ["Birch", "Ash", "Cedar"]
    assert names(fields, sort="custom.tier") == ["Cedar", "Ash", "Birch"]  # in the order of the options


def test_pages_of_a_list_by_a_custom_field_hold_every_record_once(fields: TenantSession) -> None:
    for n in range(7):
        company(fields, f"C{n}", **({"seats": n // 2} if n < 5 else {}))
    seen, cursor = [], {}
    while True:
        asked = query.parse("company", {"sort": ["custom.seats"], "limit": ["2"], **cursor}, query.catalog(fields))
        page = query.run(fields, asked)
        seen += [row.name for row in page.items]
        if page.next_cursor is None:
            break
        cursor = {"cursor": [page.next_cursor]}
    assert seen == ["C0", "C1", "C2", "C3", "C4", "C5", "C6"]


def test_plans_measure_group_and_name_them(fields: TenantSession) -> None:
    company(fields, "Ash", tier="gold", seats=5, spend={"minor": 500000, "currency": "EUR"}, uses=["planning"])
    company(fields, "Birch", tier="gold", seats=7, spend={"minor": 100000, "currency": "EUR"})
    company(fields, "Cedar", tier="bronze")
    answer = query.ask(fields, Plan.model_validate({
        "from": "company", "measures": [{"metric": "count"}, {"aggregate": "sum", "field": "custom.seats"}],
        "group": [{"field": "custom.tier"}],
    }), user_id=None)  # fmt: skip
    found = {row.name: tuple(row.values.values()) for row in answer.groups}
    assert found == {"Gold": (2, 12), "Bronze": (1, 0)}
    listed = query.ask(fields, Plan.model_validate({
        "from": "company", "fields": ["custom.tier", "custom.uses", "custom.spend"],
        "where": {"type": "cmp", "field": "custom.tier", "values": ["gold"]}, "order": [{"by": "custom.seats"}],
    }), user_id=None)  # fmt: skip
    assert [column.label for column in listed.columns] == ["Company", "Tier", "Uses", "Spend"]
    assert [row.name for row in listed.rows] == ["Ash", "Birch"]
    assert listed.rows[0].values["custom.uses"] == "Planning"
    assert "Gold" in listed.sentence
    assert listed.href.startswith("/companies?custom.tier=gold")


def test_groups_of_a_number_are_called_as_it_is_written_and_come_in_its_order(fields: TenantSession) -> None:
    for seats in (10, 2, 1200, 2.5, None):
        company(fields, f"C{seats}", seats=seats)
    plan = {"from": "company", "measures": [{"metric": "count"}], "group": [{"field": "custom.seats"}]}
    answer = query.ask(fields, Plan.model_validate(plan), user_id=None)
    assert [row.name for row in answer.groups] == ["2", "2.5", "10", "1,200", "none"]
    answer = query.ask(fields, Plan.model_validate(plan), user_id=None, language="de", locale="de")
    assert [row.name for row in answer.groups][1::2] == ["2,5", "1.200"]


def test_records_of_other_workspaces_neither_have_them_nor_are_found(
    fields: TenantSession, mallory_session: TenantSession
) -> None:
    company(fields, "Acme", seats=5)
    fields.commit()
    with pytest.raises(Invalid, match="nothing of this name"):
        query.parse("company", {"custom.seats": ["5"]}, query.catalog(mallory_session))
    with pytest.raises(Invalid, match=r"custom\.seats"):
        records.create(mallory_session, "company", {"name": "Spy", "custom": {"seats": 1}}, by=BY)


def test_options_are_reworded_and_a_used_one_is_not_dropped(fields: TenantSession) -> None:
    row = company(fields, "Acme", tier="silver")
    tier = next(d for d in custom.definitions(fields, "company") if d.key == "tier")
    reworded = [{"value": "silver", "label": "Argent"}, {"label": "Gold"}]
    custom.change(fields, tier, {"options": reworded}, by=BY)
    assert tier.options == [{"value": "silver", "label": "Argent"}, {"value": "gold", "label": "Gold"}]
    assert row.custom == {"tier": "silver"}
    assert names(fields, **{"custom.tier": "silver"}) == ["Acme"]
    with pytest.raises(Conflict, match="“Argent” is still chosen in one record"):
        custom.change(fields, tier, {"options": ["Gold"]}, by=BY)
    with pytest.raises(Invalid, match="nothing to choose"):
        custom.define(fields, {"record_type": "deal", "label": "X", "type": "text", "options": ["A"]}, by=BY)


def test_an_option_that_only_deleted_records_have_can_be_dropped(fields: TenantSession) -> None:
    row = company(fields, "Acme", tier="silver")
    records.delete(fields, row, by=BY)
    tier = next(d for d in custom.definitions(fields, "company") if d.key == "tier")
    custom.change(fields, tier, {"options": ["Gold"]}, by=BY)
    records.restore(fields, row, by=BY)
    assert row.custom == {"tier": "silver"}, "as it was, though nobody can choose it any more"
    assert custom.label_of(tier, "silver") == "silver"


def test_what_is_filled_in_is_told_apart_from_what_lies_in_the_bin(fields: TenantSession) -> None:
    company(fields, "Acme", seats=5, uses=["planning", "tracking"])
    records.delete(fields, company(fields, "Bay", seats=6), by=BY)
    found = {custom.get(fields, id).key: uses for id, uses in custom.uses(fields, "company").items()}
    assert found == {"seats": custom.Uses(1, 1), "uses": custom.Uses(1, 0)}
    assert custom.uses(fields, "deal") == {}


def test_search_finds_a_record_by_its_own_fields_and_tags(fields: TenantSession) -> None:
    row = company(fields, "Acme", contract_no="ZX-4711", tier="gold")
    records.update(fields, row, {"tags": ["Lighthouse"]}, by=BY)
    fields.commit()
    for words in ("ZX-4711", "gold", "lighthouse"):
        assert [hit.id for hit in search.find(fields, words)] == [row.id], words


# --- Tags


def test_tags_are_made_as_they_are_named_and_one_spelling_is_one_tag(session: TenantSession) -> None:
    row = records.create(session, "company", {"name": "Acme", "tags": ["Key  account", "Café"]}, by=BY)
    other = make_company(session, name="Bay")
    records.update(session, other, {"tags": ["cafe", "KEY ACCOUNT", "new"]}, by=BY)
    assert records.show(session, row)["tags"] == ["Café", "Key account"]
    assert records.show(session, other)["tags"] == ["Café", "Key account", "new"]
    assert names(session, tags="café") == ["Acme", "Bay"]
    assert names(session, tags__ne="new") == ["Acme"]
    assert names(session, tags__contains="account") == ["Acme", "Bay"]
    assert names(session, tags__is="null") == []


def test_a_deleted_tag_is_gone_everywhere_and_comes_back_with_its_records(session: TenantSession) -> None:
    row = records.create(session, "company", {"name": "Acme", "tags": ["vip"]}, by=BY)
    (tag,) = tags.named(session, ["vip"], by=BY)
    records.delete(session, tag, by=BY)
    assert records.show(session, row)["tags"] == []
    assert names(session, tags="vip") == []
    records.restore(session, tag, by=BY)
    assert records.show(session, row)["tags"] == ["vip"]


def test_one_tag_is_folded_into_another(session: TenantSession) -> None:
    both = records.create(session, "company", {"name": "Acme", "tags": ["vip", "important"]}, by=BY)
    one = records.create(session, "company", {"name": "Bay", "tags": ["important"]}, by=BY)
    vip, important = tags.named(session, ["vip", "important"], by=BY)
    tag_merging.merge(session, important, vip, by=BY)
    assert [records.show(session, row)["tags"] for row in (both, one)] == [["vip"], ["vip"]]
    assert len(session.scalars(select(Tagging)).all()) == 2


def test_the_day_of_a_date_field_is_a_date(fields: TenantSession) -> None:
    company(fields, "Acme", contract_until="2027-03-31")
    answer = query.ask(
        fields, Plan.model_validate({"from": "company", "fields": ["custom.contract_until"]}), user_id=None
    )
    assert answer.rows[0].values["custom.contract_until"] == date(2027, 3, 31)


def test_one_tag_folded_into_another_is_taken_back_but_for_what_was_changed_since(
    session: TenantSession, mallory_session: TenantSession
) -> None:
    rows = [
        records.create(session, "company", {"name": name, "tags": carried}, by=BY)
        for name, carried in (("Both", ["vip", "old"]), ("One", ["old"]), ("Late", ["old"]), ("Gone", ["old", "vip"]))
    ]
    (vip, old) = tags.named(session, ["vip", "old"], by=BY)
    asked = {"where": {"field": "tags", "op": "in", "values": ["old"]}}
    view, other = (SavedView(record_type="company", name=name, state=asked) for name in ("Ours", "Theirs"))
    session.add_all([view, other])
    session.flush()
    kept = tag_merging.merge(session, old, vip, by=BY)
    assert view.state["where"]["values"] == ["vip"]
    other.state = {"where": None}
    records.update(session, rows[2], {"tags": []}, by=BY)
    records.delete(session, rows[3], by=BY)
    records_bin.purge(session, records_bin.load(session, [("company", rows[3].id)]), by=BY)
    session.commit()
    with pytest.raises(NotFound):
        tag_merging.take_back(mallory_session, kept.id, by=BY)
    mallory_session.rollback()
    tag_merging.take_back(session, kept.id, by=BY)
    session.commit()
    assert [records.show(session, row)["tags"] for row in rows[:3]] == [["old", "vip"], ["old"], []]
    assert (view.state, other.state) == (asked, {"where": None})
    assert tags.counts(session) == {old.id: 2, vip.id: 1}
    with pytest.raises(Conflict, match="already"):
        tag_merging.take_back(session, kept.id, by=BY)
