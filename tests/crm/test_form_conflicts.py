"""Two people at the form of one record: what comes together by itself, what is asked for, what is never lost."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from shared import records
from shared.events import Actor
from shared.models import Base, Company, Deal, User
from shared.records import custom, merging, undoing
from shared.tenancy import TenantSession
from tests import factories

from .conftest import Browser
from .drawn_forms import Sent, form_on, send

Browse = Callable[[int], Browser]


@pytest.fixture
def company(session: TenantSession, alice: User) -> Company:
    """A company with something in each kind of field that a team may add."""
    by = Actor("user", alice.id)
    for label, type_, options in (
        ("Region code", "text", []), ("Score", "number", []), ("Budget", "money", []), ("Renewal", "date", []),
        ("Tier", "select", ["Gold", "Silver"]), ("Channels", "multi_select", ["Mail", "Phone", "Post"]),
        ("Signed", "checkbox", []), ("Wiki", "url", []), ("Backup", "person", []),
    ):  # fmt: skip
        custom.define(session, {"record_type": "company", "label": label, "type": type_, "options": options}, by=by)
    row = records.create(
        session,
        "company",
        {
            "name": "Lindqvist", "industry": "Trade", "employees": 1200, "city": "Bremen", "tags": ["Key", "Fair"],
            "description": "First line\nsecond line", "owner_id": alice.id,
            "custom": {
                "region_code": "N", "score": 1234.5, "budget": {"amount": "1234.50", "currency": "USD"},
                "renewal": "2027-01-31", "tier": "gold", "channels": ["mail", "post"], "signed": True,
                "backup": alice.id,
            },
        },
        by=by,
    )  # fmt: skip
    session.commit()
    return row  # type: ignore[no-any-return]


def opened(browser: Browser, path: str) -> Sent:
    """The form of a record as somebody has it before them."""
    return form_on(browser.get(f"{path}/edit").text, path)


def change(session: TenantSession, row: Base, who: User, **data: Any) -> None:
    records.update(session, row, data, by=Actor("user", who.id))
    session.commit()


def shown(session: TenantSession, row: Base) -> dict[str, Any]:
    session.refresh(row)
    found = records.show(session, row)
    session.commit()
    return found


def last_event(session: TenantSession, row: Base) -> int | None:
    found = undoing.latest_event(session, row)
    session.commit()
    return found


def words(answer: Any) -> str:
    return html.unescape(answer.text)


def told(browser: Browser, path: str) -> str:
    """The message on the next page."""
    return html.unescape(browser.get(path).text)


# --- What comes together by itself


def test_a_form_that_nobody_touched_writes_nothing(
    browse: Browse, session: TenantSession, alice: User, bob: User, company: Company
) -> None:
    meeting = factories.make_meeting(session, occurred_at=datetime(2026, 11, 3, 9, 30, 17, tzinfo=UTC), duration_s=1834)
    by, about = Actor("user", alice.id), [{"type": "company", "id": company.id}]
    rows = [company, meeting]
    for type_, data in {
        "contact": {
            "first_name": "Ana", "company_id": company.id, "phones": [{"phone": "+49 421 1", "label": "work"}],
            "emails": [{"email": "a@x.example"}, {"email": "b@x.example", "primary": True}],
        },
        "task": {"title": "Call", "due_at": "2026-12-01T09:30:45+00:00", "links": about, "repeat": "FREQ=WEEKLY"},
        "note": {"body": "One\n\n- two", "links": about},
    }.items():  # fmt: skip
        rows.append(records.create(session, type_, data, by=by))
    person = rows[2]
    deal = {
        "name": "Rollout", "amount": "1250.50", "currency": "USD", "company_id": company.id,
        "contacts": [{"contact_id": person.id, "role": "Buyer"}], "expected_close": "2026-12-24",
    }  # fmt: skip
    rows.append(records.create(session, "deal", deal, by=by))
    session.commit()
    before = [(shown(session, row), last_event(session, row)) for row in rows]
    browser = browse(bob.id)
    for row, plural in zip(rows, ("companies", "meetings", "contacts", "tasks", "notes", "deals"), strict=True):
        path = f"/{plural}/{row.id}"
        assert send(browser, path, opened(browser, path)).status_code == 303
    assert [(shown(session, row), last_event(session, row)) for row in rows] == before


def test_what_only_the_other_side_changed_is_kept_and_said(
    browse: Browse, session: TenantSession, alice: User, bob: User, company: Company
) -> None:
    browser, path = browse(alice.id), f"/companies/{company.id}"
    form = opened(browser, path)
    change(
        session, company, bob, city="Kiel", tags=["Key", "Fair", "Won"], employees=7,
        custom={"tier": "silver", "budget": {"amount": "9", "currency": "EUR"}},
    )  # fmt: skip
    assert send(browser, path, form, industry="Paper", **{"custom.score": "2"}).status_code == 303
    assert "Saved. Changes by Bob Baker to Employees, City, Tags, Budget, and Tier are kept." in told(browser, path)
    now = shown(session, company)
    assert (now["industry"], now["city"], now["employees"]) == ("Paper", "Kiel", 7)
    assert sorted(now["tags"]) == ["Fair", "Key", "Won"]
    assert (now["custom"]["tier"], now["custom"]["score"]) == ("silver", 2)
    assert now["custom"]["budget"] == {"minor": 900, "currency": "EUR"}


def test_the_same_change_of_both_sides_is_no_question(
    browse: Browse, session: TenantSession, alice: User, bob: User, company: Company
) -> None:
    browser, path = browse(alice.id), f"/companies/{company.id}"
    form = opened(browser, path)
    change(session, company, bob, industry="Paper", custom={"channels": ["phone", "mail"]})
    answer = send(browser, path, form, industry=" Paper ", **{"custom.channels": ["", "mail", "phone"]})
    assert answer.status_code == 303
    assert "are kept" not in told(browser, path)


def test_what_came_by_an_import_is_kept_without_a_name(
    browse: Browse, session: TenantSession, alice: User, company: Company
) -> None:
    browser, path = browse(alice.id), f"/companies/{company.id}"
    form = opened(browser, path)
    records.update(session, company, {"city": "Kiel"}, by=Actor("import"))
    session.commit()
    send(browser, path, form, industry="Paper")
    assert "What changed meanwhile in City is kept." in told(browser, path)


# --- What is asked for


def test_only_what_both_sides_changed_differently_is_asked_for(
    browse: Browse, session: TenantSession, alice: User, bob: User, company: Company
) -> None:
    browser, path = browse(alice.id), f"/companies/{company.id}"
    form = opened(browser, path)
    change(session, company, bob, industry="Metal", city="Kiel")
    answer = send(browser, path, form, industry="Paper", employees="8", tags_text="New")
    assert answer.status_code == 409
    page = words(answer)
    assert page.count('<th scope="row"') == 1 and "Metal" in page and "Paper" in page
    assert "Changes by Bob Baker to City are kept." in page
    assert "Your changes to Employees and Tags are saved with it." in page
    assert shown(session, company)["industry"] == "Metal"
    chosen = send(browser, path, form_on(answer.text, path), **{"side.industry": "yours"})
    assert chosen.status_code == 303
    now = shown(session, company)
    assert (now["industry"], now["city"], now["employees"]) == ("Paper", "Kiel", 8)
    assert sorted(now["tags"]) == ["Fair", "Key", "New"]


def test_an_amount_and_its_currency_are_one_thing(
    browse: Browse, session: TenantSession, alice: User, bob: User
) -> None:
    deal: Deal = records.create(
        session, "deal", {"name": "Rollout", "amount": "100", "currency": "EUR"}, by=Actor("user", alice.id)
    )
    session.commit()
    browser, path = browse(alice.id), f"/deals/{deal.id}"
    form = opened(browser, path)
    change(session, deal, bob, amount="250")
    answer = send(browser, path, form, currency="USD")
    assert answer.status_code == 409
    assert "€250" in answer.text and "$100" in answer.text
    assert send(browser, path, form_on(answer.text, path), **{"side.amount": "yours"}).status_code == 303
    assert shown(session, deal)["amount"] == {"minor": 10000, "currency": "USD"}


def test_a_third_edit_during_the_decision_is_met_in_the_same_way(
    browse: Browse, session: TenantSession, alice: User, bob: User, vera: User, company: Company
) -> None:
    browser, path = browse(alice.id), f"/companies/{company.id}"
    form = opened(browser, path)
    change(session, company, bob, industry="Metal", city="Kiel")
    first = send(browser, path, form, industry="Paper", city="Ulm", employees="8")
    change(session, company, vera, industry="Glass", city="Jena", region="North")
    chosen = {"side.industry": "yours", "side.city": "now"}
    second = send(browser, path, form_on(first.text, path), **chosen)
    assert second.status_code == 409
    page = words(second)
    assert page.count('<th scope="row"') == 1 and "Glass" in page and "Paper" in page
    assert "Changes by Vera Voss to City and Region are kept." in page
    assert "Your changes to Employees are saved with it." in page
    assert send(browser, path, form_on(second.text, path), **{"side.industry": "now"}).status_code == 303
    now = shown(session, company)
    assert (now["industry"], now["city"], now["employees"], now["region"]) == ("Glass", "Jena", 8, "North")


def test_what_cannot_be_read_is_mended_first_and_still_meets_the_other_side(
    browse: Browse, session: TenantSession, alice: User, bob: User, company: Company
) -> None:
    browser, path = browse(alice.id), f"/companies/{company.id}"
    form = opened(browser, path)
    change(session, company, bob, employees=9, city="Kiel")
    wrong = send(browser, path, form, employees="many")
    assert wrong.status_code == 422
    mended = send(browser, path, form_on(wrong.text, path), employees="10")
    assert mended.status_code == 409 and mended.text.count('<th scope="row"') == 1
    assert "Changes by Bob Baker to City are kept." in words(mended)


def test_of_long_texts_all_is_shown_since_they_may_differ_at_their_end(
    browse: Browse, session: TenantSession, alice: User, bob: User, company: Company
) -> None:
    browser, path, long = browse(alice.id), f"/companies/{company.id}", "word " * 100
    form = opened(browser, path)
    change(session, company, bob, description=f"{long}theirs")
    answer = send(browser, path, form, description=f"{long}mine")
    assert f"{long}theirs" in answer.text and f"{long}mine" in answer.text


# --- What is no more


def test_of_a_record_deleted_meanwhile_both_come_back_with_one_click(
    browse: Browse, session: TenantSession, alice: User, bob: User, company: Company
) -> None:
    browser, path = browse(alice.id), f"/companies/{company.id}"
    form = opened(browser, path)
    records.delete(session, company, by=Actor("user", bob.id))
    session.commit()
    answer = send(browser, path, form, industry="Paper")
    assert answer.status_code == 409
    assert "“Lindqvist” was deleted after you opened it." in words(answer) and "Paper" in answer.text
    assert "Bremen" not in answer.text.split("form id=")[0]
    assert send(browser, path, form_on(answer.text, path)).status_code == 303
    now = shown(session, company)
    assert (now["industry"], company.deleted_at) == ("Paper", None)


def test_who_may_not_restore_still_sees_what_they_typed(
    browse: Browse, session: TenantSession, alice: User, bob: User, company: Company
) -> None:
    browser, path = browse(bob.id), f"/companies/{company.id}"
    form = opened(browser, path)
    records.delete(session, company, by=Actor("user", alice.id))
    session.commit()
    answer = send(browser, path, form, industry="Paper", restore="1")
    assert answer.status_code == 409
    assert "Paper" in answer.text and "Copy what you need" in answer.text and "Restore it and save" not in answer.text
    session.refresh(company)
    assert company.deleted_at is not None


def test_what_was_typed_for_a_merged_record_may_stand_in_the_one_it_is_now(
    browse: Browse, session: TenantSession, alice: User, company: Company
) -> None:
    by = Actor("user", alice.id)
    winner: Company = records.create(session, "company", {"name": "Lindqvist AB", "industry": "Metal"}, by=by)
    session.commit()
    browser, path = browse(alice.id), f"/companies/{company.id}"
    form = opened(browser, path)
    merging.merge(session, "company", winner.id, [company.id], by=by)
    session.commit()
    answer = send(browser, path, form, industry="Paper")
    assert answer.status_code == 409 and "was merged into “Lindqvist AB”" in words(answer)
    there = f"/companies/{winner.id}"
    assert send(browser, there, form_on(answer.text, there), **{"side.industry": "yours"}).status_code == 303
    now = shown(session, winner)
    assert (now["name"], now["industry"]) == ("Lindqvist AB", "Paper")


def test_another_tenants_form_finds_nothing(
    browse: Browse, session: TenantSession, alice: User, mallory: User, company: Company
) -> None:
    path = f"/companies/{company.id}"
    form = opened(browse(alice.id), path)
    mallorys = browse(mallory.id)
    form["csrf_token"] = mallorys.csrf_token()
    assert send(mallorys, path, form, name="Mine").status_code == 404


# --- Without scripts


def test_a_name_typed_over_a_chosen_record_chooses_another(
    browse: Browse, session: TenantSession, alice: User, company: Company
) -> None:
    by = Actor("user", alice.id)
    other = records.create(session, "company", {"name": "Nordhaven"}, by=by)
    ana = records.create(session, "contact", {"first_name": "Ana", "last_name": "Weiss"}, by=by)
    ben = records.create(session, "contact", {"first_name": "Ben", "last_name": "Falk"}, by=by)
    deal = records.create(
        session,
        "deal",
        {"name": "Rollout", "company_id": company.id, "contacts": [{"contact_id": ana.id}, {"contact_id": ben.id}]},
        by=by,
    )
    session.commit()
    browser, path = browse(alice.id), f"/deals/{deal.id}"
    form = opened(browser, path)
    typed = {"company_id_text": "nordhaven", "contacts.0.contact_id_text": "Ben Falk", "contacts.1.contact_id_text": ""}
    assert send(browser, path, form, **typed).status_code == 303
    now = shown(session, deal)
    assert now["company_id"] == other.id
    assert [entry["contact_id"] for entry in now["contacts"]] == [ben.id]
