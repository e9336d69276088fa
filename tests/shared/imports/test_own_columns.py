"""Columns of the team's own fields and of tags: read by their type, corrected, exported, taken back."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import func, select

from shared import records, search
from shared.errors import Conflict
from shared.events import Actor
from shared.imports import jobs
from shared.imports.custom_cells import OwnField, read
from shared.imports.styles import Style
from shared.imports.tag_cells import tag_cell, tag_names
from shared.models import Company, Contact, CustomType, CustomValue, ImportJob, ImportStatus, Tag
from shared.records import custom, removed_fields
from tests.shared.imports.conftest import Import

HEAD = "Last name,Email,Tags,Motto,Score,Budget,Since,Segment,Likes,Vip,Blog,Buddy\n"
JANE = (
    'Roe,jane@x.example,"vip; Berlin, new",Onwards,"1.234,5","1.000,00 €",31.12.2025,a team,"Tea; Rye, dark",ja,'
    "x.example,Bob Baker\n"
)
ANN = "Lee,ann@x.example,VIP,,,,,,,nein,,bob@acme.example\n"
OPTIONS = {"Segment": ["A team", "B team"], "Likes": ["Tea", "Rye, dark", "Ale"]}
FIELDS = (
    ("Motto", "text"), ("Score", "number"), ("Budget", "money"), ("Since", "date"), ("Segment", "select"),
    ("Likes", "multi_select"), ("Vip", "checkbox"), ("Blog", "url"), ("Buddy", "person"),
)  # fmt: skip


@pytest.fixture
def own(importing: Import) -> None:
    """A field of each type that contacts may have."""
    with importing.database.scope(importing.workspace_id) as session:
        for label, type_ in FIELDS:
            wish: dict[str, Any] = {"record_type": "contact", "label": label, "type": type_}
            custom.define(session, wish | {"options": OPTIONS.get(label, [])}, by=importing.by)


def tags_of(importing: Import, contact: Contact) -> list[str]:
    with importing.database.scope(importing.workspace_id, read_only=True) as session:
        found: list[str] = records.show(session, session.get_one(Contact, contact.id))["tags"]
        return found


def test_each_type_of_own_field_is_guessed_read_stored_and_found(importing: Import, own: None, cast: Any) -> None:
    job = importing.receive(HEAD + JANE + ANN)
    assert job.mapping == ["last_name", "emails", "tags", *(f"custom.{label.lower()}" for label, _ in FIELDS)]
    assert importing.check().plan["new_tags"] == ["Berlin", "new", "vip"]
    importing.start()
    jane, ann = importing.all(Contact)
    assert jane.custom == {
        "motto": "Onwards", "score": 1234.5, "budget": {"minor": 100000, "currency": "EUR"}, "since": "2025-12-31",
        "segment": "a_team", "likes": ["tea", "rye_dark"], "vip": True, "blog": "x.example", "buddy": cast.bob,
    }  # fmt: skip
    assert ann.custom == {"vip": False, "buddy": cast.bob}
    assert (tags_of(importing, jane), tags_of(importing, ann)) == (["Berlin", "new", "vip"], ["vip"])
    with importing.database.scope(cast.acme, read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(CustomValue)) == len(FIELDS) + 1 + 2
        assert [hit.id for hit in search.find(session, "onwards berlin")] == [jane.id]
    versions = [c.version for c in importing.all(Contact)]
    importing.go(HEAD + JANE + ANN)
    assert importing.counts == (0, 0, 2, 0)
    assert [c.version for c in importing.all(Contact)] == versions


def test_what_a_file_changes_of_them_is_taken_back_with_the_tags_it_brought(importing: Import, own: None) -> None:
    importing.go(HEAD + JANE)
    importing.go("Email,Score,Segment,Tags\njane@x.example,7,b team,gold\n")
    assert importing.counts == (0, 1, 0, 0)
    (jane,) = importing.all(Contact)
    assert (jane.custom["score"], jane.custom["segment"], jane.custom["motto"]) == (7, "b_team", "Onwards")
    assert tags_of(importing, jane) == ["Berlin", "gold", "new", "vip"]
    assert importing.revert().reverted == 1
    (jane,) = importing.all(Contact)
    assert (jane.custom["score"], jane.custom["segment"]) == (1234.5, "a_team")
    assert tags_of(importing, jane) == ["Berlin", "new", "vip"]
    assert [tag.name for tag in importing.all(Tag)] == ["vip", "Berlin", "new"]


def test_bad_cells_are_said_and_a_field_that_is_gone_meanwhile_refuses_the_start(importing: Import, own: None) -> None:
    importing.receive(HEAD + "Roe,j@x.example,,,many 3,1 Taler,32.1.2025,C team,Mud,maybe,no address,Nobody\n" + ANN)
    importing.check()
    problems = {p["field"]: p["message"] for p in importing.rows[0].problems or ()}
    assert problems.pop("custom.segment") == "“C team” cannot be chosen. There are: A team, B team."
    assert set(problems) == {f"custom.{label.lower()}" for label, _ in FIELDS} - {"custom.motto", "custom.segment"}
    take_away(importing, "vip")
    with pytest.raises(Conflict, match="column “Vip” becomes was deleted"):
        importing.start()
    assert importing.job.status is ImportStatus.CHECKED


def test_an_amount_its_currency_cannot_hold_is_a_cell_to_correct(importing: Import, own: None) -> None:
    importing.receive(
        "Name,Amount,Currency\nSmall,100.5,JPY\nYen,¥100.5,\nEuro,12.505,EUR\nGood,12.50,EUR\n", "deals.csv"
    )
    importing.check()
    said = [[(p["field"], p["text"], p["message"]) for p in row.problems or ()] for row in importing.rows]
    assert said == [
        [("amount", "100.5", "An amount in JPY has no decimals.")],
        [("amount", "¥100.5", "An amount in JPY has no decimals.")],
        [("amount", "12.505", "An amount in EUR has at most 2 decimals.")],
        [],
    ]
    importing.receive("Last name,Budget,Blog\nRoe,12.505 EUR,see Bob\nLee,12.50 EUR,lee.example\n")
    importing.check()
    assert {p["field"]: p["message"] for p in importing.rows[0].problems or ()} == {
        "custom.budget": "An amount in EUR has at most 2 decimals.",
        "custom.blog": "Must be a web address, such as example.com/page or https://example.com.",
    }
    assert not importing.rows[1].problems


def test_what_a_spreadsheet_worked_out_is_rounded_and_said_and_what_somebody_typed_is_not(importing: Import) -> None:
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Deal name", "Amount", "Currency"])
        for number, (amount, currency) in enumerate(
            [(1190.119, "EUR"), (0.1 + 0.2, "EUR"), (1234.567, "JPY"), (100.5, "JPY"), (1.505, "KWD")], 1
        ):
            sheet.write_row(number, 0, [f"Deal {number}", amount, currency])
    importing.receive(file.getvalue(), "deals.xlsx")
    assert importing.check().plan["rounded"] == 2
    said = [row.values["data"]["amount"] if not row.problems else row.problems[0]["message"] for row in importing.rows]
    assert said == ["1190.12", "0.3", "1235", "An amount in JPY has no decimals.", "1.505"]


def test_a_field_that_goes_after_the_start_refuses_the_rows_that_have_it(importing: Import, own: None) -> None:
    importing.receive(HEAD + ANN)
    importing.check()
    with importing.database.scope(importing.workspace_id) as session:
        jobs.start(session, session.get_one(ImportJob, importing.id), by=importing.by)
    take_away(importing, "vip")
    importing.run()
    assert importing.counts == (0, 0, 0, 1)
    assert "vip" in (importing.rows[0].reason or "")


def take_away(importing: Import, key: str) -> None:
    with importing.database.scope(importing.workspace_id) as session:
        (field,) = [one for one in custom.definitions(session, "contact") if one.key == key]
        removed_fields.remove(session, field, by=importing.by)


def test_companies_carry_them_too_and_a_later_row_fills_what_is_open(importing: Import) -> None:
    with importing.database.scope(importing.workspace_id) as session:
        for label in ("Territory", "Tier"):
            custom.define(session, {"record_type": "company", "label": label, "type": "text"}, by=importing.by)
        records.create(session, "tag", {"name": "a, b"}, by=Actor("user", importing.by.user_id))
    importing.go('Name,Tier,Area,Labels\nAcorn,1,,"a, b"\nAcorn,2,,c\n', "c.csv", type_="company")
    (acorn,) = importing.all(Company)
    assert (acorn.custom, importing.counts) == ({"tier": "1"}, (1, 1, 0, 0))
    assert sorted(tag.name for tag in importing.all(Tag)) == ["a, b", "c"]


@pytest.mark.parametrize(
    ("type_", "cell", "value"),
    [
        (CustomType.NUMBER, 12.0, 12), (CustomType.NUMBER, "1'200", 1200), (CustomType.MONEY, 12.5, 1250),
        (CustomType.MONEY, "12.50 usd", 1250), (CustomType.CHECKBOX, "X", True), (CustomType.CHECKBOX, "Falsch", False),
        (CustomType.DATE, "2025-12-31", "2025-12-31"),
    ],
)  # fmt: skip
def test_a_cell_is_read_by_the_type_of_its_field(type_: CustomType, cell: Any, value: Any) -> None:
    found = read(OwnField("k", type_, {}, ()), cell, Style(), "EUR", lambda _cell: 1)
    assert (found["minor"] if type_ is CustomType.MONEY else found) == value


def test_tags_are_told_apart_by_key() -> None:
    assert tag_names("VIP; vip, Büro\nburo | x ::: y", ()) == ["VIP", "Büro", "x", "y"]
    with pytest.raises(ValueError, match="50 characters"):
        tag_names("x" * 51, ())


@pytest.mark.parametrize(
    ("names", "cell"),
    [
        (["Paris, France", "vip"], '"Paris, France"; vip'),
        (["a;b", "c|d", "e"], '"a;b"; "c|d"; e'),
        (['19" rack', '"so, called"'], '19" rack; """so, called"""'),
        (["* starred", "x ::: y"], '"* starred"; "x ::: y"'),
    ],
)
def test_a_tag_that_holds_what_parts_two_is_written_and_read_whole(names: list[str], cell: str) -> None:
    assert tag_cell(names) == cell
    assert sorted(tag_names(cell, ())) == sorted(names)  # in a workspace that knows none of them
    assert sorted(tag_names(f"before; {cell}\nafter", ())) == sorted([*names, "before", "after"])
