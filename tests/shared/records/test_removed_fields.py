"""Custom fields that were deleted: gone everywhere at once, and back with their values whatever happened meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from shared import clock, query, records, search
from shared.database import Database
from shared.errors import Conflict, Invalid, NotFound
from shared.events import Actor
from shared.models import Company, CustomValue, Event, FieldDefinition, User, workspace_of
from shared.records import bin as records_bin
from shared.records import custom, merging, removed_fields
from shared.tenancy import TenantSession

BY = Actor("user")


def define(session: TenantSession, label: str, type: str, **more: Any) -> FieldDefinition:
    return custom.define(session, {"record_type": "company", "label": label, "type": type, **more}, by=BY)


def company(session: TenantSession, name: str, **values: Any) -> Company:
    row: Company = records.create(session, "company", {"name": name, "custom": values}, by=BY)
    return row


def found(session: TenantSession, **args: str) -> list[str]:
    asked = query.parse("company", {"sort": ["name"]} | {k: [v] for k, v in args.items()}, query.catalog(session))
    return [row.name for row in query.run(session, asked).items]


def test_a_field_of_any_type_comes_back_with_the_values_it_had(session: TenantSession, alice: User) -> None:
    given: dict[str, tuple[str, Any]] = {
        "Contract": ("text", "A-17 “Ü” \\"), "Seats": ("number", 120), "Odds": ("number", 0.1), "Low": ("number", -2.5),
        "Far": ("number", 123456789012), "Spend": ("money", {"minor": 1250, "currency": "EUR"}),
        "Until": ("date", "2027-03-31"), "Tier": ("select", "gold"), "Uses": ("multi_select", ["tracking", "planning"]),
        "Yes": ("checkbox", True), "No": ("checkbox", False), "Wiki": ("url", "wiki.example/acme"),
        "Manager": ("person", alice.id),
    }  # fmt: skip
    options = {"select": ["Silver", "Gold"], "multi_select": ["Tracking", "Planning"]}
    fields = [define(session, label, type, options=options.get(type, [])) for label, (type, _) in given.items()]
    values = {field.key: value for field, (_type, value) in zip(fields, given.values(), strict=True)}
    row, bare = company(session, "Acme", **values), company(session, "Bay")
    binned = company(session, "Cedar", **values)
    records.delete(session, binned, by=BY)
    version, at = row.version, row.updated_at
    for field in fields:
        removed_fields.remove(session, field, by=BY)
    assert (row.custom, row.version, custom.definitions(session)) == ({}, version, [])
    for field in fields:
        removed_fields.restore(session, field, by=BY)
    assert row.custom == values == binned.custom
    assert {key: type(value) for key, value in row.custom.items()} == {k: type(v) for k, v in values.items()}
    assert (row.version, row.updated_at, bare.custom) == (version, at, {}), "nobody has changed them"
    kinds = session.scalars(select(Event.kind).where(Event.kind.startswith("field.")).order_by(Event.id)).all()
    assert kinds == [f"field.{verb}" for verb in ("created", "deleted", "restored") for _ in fields]


def test_a_deleted_field_is_nowhere_and_what_names_it_asks_again_once_it_is_back(session: TenantSession) -> None:
    seats = define(session, "Seats", "number")
    company(session, "Acme", seats=5)
    removed_fields.remove(session, seats, by=BY)
    with pytest.raises(Invalid, match="nothing of this name"):
        found(session, **{"custom.seats": "5"})
    with pytest.raises(Invalid, match="no such field"):
        company(session, "Bay", seats=1)
    with pytest.raises(NotFound):
        custom.get(session, seats.id)
    session.commit()
    removed_fields.restore(session, seats, by=BY)
    assert found(session, **{"custom.seats": "5"}) == ["Acme"]
    removed_fields.restore(session, seats, by=BY)
    with pytest.raises(Conflict, match="is in use"):
        removed_fields.purge(session, seats, by=BY)


def test_a_new_field_of_its_name_begins_empty_and_takes_nothing_from_it(session: TenantSession) -> None:
    seats = define(session, "Seats", "number")
    row = company(session, "Acme", seats=5)
    removed_fields.remove(session, seats, by=BY)
    with pytest.raises(Conflict, match=r"was deleted\. Restore it"):
        define(session, "Chairs", "number", key="seats")
    other = define(session, "Seats", "text")
    assert (other.key, found(session, **{"custom.seats_2[is]": "set"})) == ("seats_2", [])
    with pytest.raises(Invalid, match="with this name already"):
        removed_fields.restore(session, seats, by=BY)
    custom.change(session, other, {"label": "Chairs"}, by=BY)
    records.update(session, row, {"custom": {"seats_2": "six"}}, by=BY)
    removed_fields.restore(session, seats, by=BY)
    assert row.custom == {"seats": 5, "seats_2": "six"}


def test_records_changed_meanwhile_keep_the_change_and_are_found_by_the_old_value_again(session: TenantSession) -> None:
    contract = define(session, "Contract", "text")
    define(session, "Seats", "number")
    row = company(session, "Acme", contract="ZX-4711", seats=5)
    removed_fields.remove(session, contract, by=BY)
    records.update(session, row, {"name": "Acme Inc", "custom": {"seats": 6}}, by=BY)
    session.commit()
    assert search.find(session, "ZX-4711") == []
    removed_fields.restore(session, contract, by=BY)
    session.commit()
    assert row.custom == {"contract": "ZX-4711", "seats": 6}
    assert [hit.id for hit in search.find(session, "ZX-4711")] == [row.id]


def test_a_value_of_a_record_merged_meanwhile_goes_to_the_one_that_won(session: TenantSession) -> None:
    tier, seats = define(session, "Tier", "text"), define(session, "Seats", "number")
    winner, one, two = company(session, "Acme", seats=1), company(session, "Acme Inc", tier="gold", seats=2), company(
        session, "Acme Ltd", tier="silver")  # fmt: skip
    for field in (tier, seats):
        removed_fields.remove(session, field, by=BY)
    merged = merging.merge(session, "company", winner.id, [one.id, two.id], by=BY)
    for field in (tier, seats):
        removed_fields.restore(session, field, by=BY)
    assert winner.custom == {"tier": "gold", "seats": 1}, "its own, and of the others the first"
    merging.undo(session, merged.id, by=BY)
    session.expire_all()
    assert (one.custom, two.custom) == ({"tier": "gold", "seats": 2}, {"tier": "silver"})


def test_a_merge_from_before_is_undone_while_a_field_is_deleted_and_each_has_its_value_later(
    session: TenantSession,
) -> None:
    tier, seats = define(session, "Tier", "text"), define(session, "Seats", "number")
    winner, other = company(session, "Acme", tier="gold"), company(session, "Acme Inc", tier="silver", seats=2)
    picks = {"custom.tier": other.id}
    merged = merging.merge(session, "company", winner.id, [other.id], by=BY, picks=picks)
    assert winner.custom == {"tier": "silver", "seats": 2}
    removed_fields.remove(session, tier, by=BY)
    merging.undo(session, merged.id, by=BY)
    session.expire_all()
    assert (winner.custom, other.custom) == ({}, {"seats": 2})
    removed_fields.restore(session, tier, by=BY)
    assert (winner.custom, other.custom) == ({"tier": "gold"}, {"tier": "silver", "seats": 2})
    assert found(session, **{"custom.seats": "2"}) == ["Acme Inc"] and seats.deleted_at is None


def test_undoing_a_merge_keeps_the_own_field_that_was_changed_since_and_gives_the_others_back(
    session: TenantSession,
) -> None:
    define(session, "Tier", "text")
    define(session, "Seats", "number")
    winner, other = company(session, "Acme", seats=1), company(session, "Acme Inc", tier="gold")
    merged = merging.merge(session, "company", winner.id, [other.id], by=BY)
    records.update(session, winner, {"custom": {"seats": 9}}, by=BY)
    merging.undo(session, merged.id, by=BY)
    session.expire_all()
    assert winner.custom == {"seats": 9}
    assert found(session, **{"custom.seats": "9"}) == ["Acme"] and found(session, **{"custom.seats": "1"}) == []
    assert found(session, **{"custom.tier": "gold"}) == ["Acme Inc"]


def test_deleted_for_good_nothing_of_it_is_left_and_its_key_is_free(session: TenantSession) -> None:
    seats = define(session, "Seats", "number")
    company(session, "Acme", seats=5)
    removed_fields.remove(session, seats, by=BY)
    removed_fields.purge(session, seats, by=BY)
    assert session.scalars(select(CustomValue.id)).all() == []
    assert removed_fields.listed(session) == []
    assert define(session, "Seats", "number").key == "seats"


def test_a_workspace_that_empties_its_bin_loses_its_old_deleted_fields_too(
    session: TenantSession, database: Database
) -> None:
    old, new = define(session, "Old", "text"), define(session, "New", "text")
    for field in (old, new):
        removed_fields.remove(session, field, by=BY)
    old.deleted_at = clock.now() - timedelta(days=31)
    session.commit()
    records_bin.sweep(database)
    session.expire_all()
    assert len(removed_fields.listed(session)) == 2, "by default nothing goes"
    workspace_of(session).bin_days = 30
    session.commit()
    records_bin.sweep(database)
    session.expire_all()
    assert [field.label for field in removed_fields.listed(session)] == ["New"]
