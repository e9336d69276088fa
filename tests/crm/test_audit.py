"""The audit log: found by who, what, record, day and door; paged, exported, and each workspace's own."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from crm.routes.settings.roles import WORDS
from shared import clock, events, records
from shared.accounts import audit, logins, tokens, users, workspaces
from shared.accounts.permissions import Scope
from shared.database import Database
from shared.errors import Unauthorized
from shared.events import Actor
from shared.models import Event, Role, User, Workspace
from shared.records import custom, emptying, removed_fields
from shared.records.bin import Asked
from shared.schemas.accounts import WorkspacePatch
from shared.tenancy import TenantSession
from tests.factories import make_report, make_user

from .conftest import Browser

Browse = Callable[[int], Browser]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def company_id(session: TenantSession, alice: User, bob: User) -> int:
    """A company that Alice added in the browser and a script of Bob's changed; something else a day before."""
    events.record(session, "user.signed_in", by=Actor("user", bob.id), subject=("user", bob.id), title=bob.name,
                  at=NOON - timedelta(days=1))  # fmt: skip
    row = records.create(session, "company", {"name": "=cmd|' /C calc'!A0"}, by=Actor("user", alice.id))
    records.update(session, row, {"industry": "Freight"}, by=Actor("api", bob.id))
    session.commit()
    return int(row.id)


@sqlite
def test_a_field_that_is_deleted_is_not_told_as_a_record(browse: Browse, session: TenantSession, alice: User) -> None:
    by = Actor("user", alice.id)
    field = custom.define(session, {"record_type": "contact", "label": "Tier", "type": "text"}, by=by)
    removed_fields.remove(session, field, by=by)
    session.commit()
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", browse(alice.id).get("/settings/audit").text))
    assert f"{alice.name} deleted the field contact: Tier" in page


@sqlite
def test_an_emptied_bin_is_told_by_how_many_records_are_gone(
    browse: Browse, session: TenantSession, alice: User
) -> None:
    by = Actor("user", alice.id)
    for n in range(emptying.AT_ONCE + 1):
        records.delete(session, records.create(session, "note", {"body": f"Note {n}"}, by=by), by=by)
    begun = emptying.start(session, Asked(before=clock.now()), by=by)
    session.commit()
    emptying.run(session.workspace_id, begun.id)
    for locale, first, last in (
        ("en", "began to empty the bin", "deleted for good 1 record from the bin"),
        ("de", "begann, den Papierkorb zu leeren", "löschte endgültig: 1 Datensatz aus dem Papierkorb"),
    ):
        alice.locale = locale
        session.commit()
        page = browse(alice.id).get("/settings/audit?what=bin").text
        said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
        assert f"{alice.name} {first}" in said and f"{alice.name} {last}" in said


def test_it_is_found_by_who_what_record_time_and_door(
    session: TenantSession, alice: User, bob: User, company_id: int
) -> None:
    def kinds(**asked: object) -> list[str]:
        return [event.kind for event in audit.page(session, audit.Filter(**asked))]  # type: ignore[arg-type]

    assert kinds() == ["company.updated", "company.created", "user.signed_in"]
    assert kinds(user_id=bob.id) == ["company.updated", "user.signed_in"]
    assert kinds(kinds=("company.",)) == kinds(record=("company", company_id)) == ["company.updated", "company.created"]
    assert kinds(kinds=("company.created", "user.")) == ["company.created", "user.signed_in"]
    assert kinds(door="api") == ["company.updated"]
    assert kinds(until=NOON) == ["user.signed_in"]
    assert kinds(since=NOON - timedelta(days=1), until=NOON - timedelta(days=1)) == []


@sqlite
def test_the_page_shows_what_changed_and_leads_on_without_a_gap(
    browse: Browse, session: TenantSession, alice: User, company_id: int
) -> None:
    for n in range(60):
        records.create(session, "note", {"body": f"Note {n}"}, by=Actor("user", alice.id))
    session.commit()
    admin = browse(alice.id)
    found = admin.get(f"/settings/audit?record=http://localhost/companies/{company_id}").text
    assert "Freight" in found and "API" in found
    first = admin.get("/settings/audit?what=notes").text
    more = first.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    second = admin.get(more).text
    seen = [n for n in range(60) if (f">Note {n}<" in first) != (f">Note {n}<" in second)]
    assert len(seen) == 60
    assert "limit=100" in more, "who reads on gets more at a time"
    back = admin.get("/settings/audit?what=notes&limit=60").text  # what had been loaded, on the way back
    assert all(f">Note {n}<" in back for n in range(60)) and "limit=" not in back.split("audit-more")[-1]
    assert "Paste the address of a record" in admin.get("/settings/audit?record=nonsense").text
    assert admin.get("/settings/audit?since=yesterday").status_code == 200


@sqlite
def test_changes_are_told_by_labels_and_in_the_readers_words(
    browse: Browse, session: TenantSession, alice: User, bob: User
) -> None:
    by = Actor("user", alice.id)
    for label, type, more in (("Tier", "select", {"options": ["Gold"]}), ("Old", "text", {})):
        custom.define(session, {"record_type": "company", "label": label, "type": type, **more}, by=by)
    row = records.create(session, "company", {"name": "Acme"}, by=by)
    records.update(session, row, {"owner_id": bob.id, "custom": {"tier": "gold", "old": "x"}}, by=by)
    deal = records.create(session, "deal", {"name": "Cranes", "expected_close": "2026-12-01"}, by=by)
    records.update(session, deal, {"expected_close": "2026-12-24"}, by=by)
    person = records.create(session, "contact", {"last_name": "Roe", "emails": [{"email": "a@b.example"}]}, by=by)
    records.update(session, person, {"emails": [{"email": "a@b.example", "label": "home"}]}, by=by)
    removed_fields.remove(session, next(d for d in custom.definitions(session) if d.key == "old"), by=by)
    workspaces.patch(session, WorkspacePatch(bin_days=30, week_start=6, fiscal_year_start=4, accent="teal"), by=by)
    users.set_role(session, bob, Role.MANAGER, by=by)
    session.commit()

    def told(language: str) -> set[str]:
        session.get_one(User, alice.id).locale = language
        session.commit()
        page = browse(alice.id).get("/settings/audit").text
        lines = re.findall(r"<dt>(.*?)</dd>", page, re.DOTALL)
        return {" ".join(re.sub(r"<[^>]+>", " ", line).split()) for line in lines}

    english = told("en")
    assert english >= {
        f"Owner – → {bob.name}", "Tier – → Gold", "Old – → x", "Expected close Dec 1, 2026 → Dec 24, 2026",
        "Empty the bin of what was deleted so many days ago – → 30", "Role Member → Manager",
        "The week begins on Monday → Sunday", "The fiscal year begins in January → April", "Color – → Teal",
    }  # fmt: skip
    assert any("home" in line for line in english), "what the words do not tell apart is told as it was written down"
    assert {"Abschluss erwartet 01.12.2026 → 24.12.2026", "Rolle Mitglied → Manager"} <= told("de")


@sqlite
def test_the_file_holds_what_the_filters_find_and_no_formula(
    browse: Browse, alice: User, bob: User, company_id: int
) -> None:
    answer = browse(alice.id).get(f"/settings/audit.csv?user={alice.id}&what=companies")
    assert answer.mimetype == "text/csv"
    (row,) = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert (row["kind"], row["user"], row["door"]) == ("company.created", alice.name, "user")
    assert row["title"].startswith("'=cmd")


def test_who_takes_a_list_away_as_a_file_is_told_with_what_was_asked_for(
    browse: Browse, session: TenantSession, alice: User, vera: User
) -> None:
    _, secret = tokens.create(session, alice, "nightly", by=Actor("user", alice.id))
    session.commit()
    admin, viewer = browse(alice.id), browse(vera.id)
    viewer.get("/exports/contacts.xlsx?lifecycle=lead&q=%00<b>%FF").close()
    viewer.client.head("/exports/contacts.csv")
    viewer.get("/exports/secrets.csv")
    admin.client.get("/api/v1/exports/companies.csv", headers={"Authorization": f"Bearer {secret}"}).close()
    admin.get("/settings/audit.csv").close()
    told = session.scalars(select(Event).where(Event.kind.startswith("export.")).order_by(Event.id)).all()
    assert [(one.user_id, one.actor, one.title) for one in told] == [
        (vera.id, "user", "contacts.xlsx?lifecycle=lead&q=<b>\ufffd"),
        (alice.id, "api", "companies.csv"), (alice.id, "user", "audit.csv"),
    ]  # fmt: skip
    session.commit()
    page = admin.get("/settings/audit?what=exports").text
    assert "downloaded as a file:" in page and "q=&lt;b&gt;" in page


def test_who_takes_a_report_away_as_a_file_is_told_by_its_name(
    browse: Browse, session: TenantSession, alice: User, vera: User, mallory: User
) -> None:
    report = make_report(session, owner_id=alice.id, is_shared=True, name="Won by month")
    browse(vera.id).get(f"/reports/{report.id}.csv").close()
    assert browse(mallory.id).get(f"/reports/{report.id}.csv").status_code == 404
    told = session.scalars(select(Event).where(Event.kind == "export.downloaded")).all()
    assert [(one.user_id, one.title) for one in told] == [(vera.id, "Won by month.csv")]
    session.commit()
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", browse(alice.id).get("/settings/audit?what=exports").text))
    assert f"{vera.name} downloaded as a file: Won by month.csv" in page


@sqlite
def test_a_lock_out_is_told_with_the_address_it_came_from(
    browse: Browse, session: TenantSession, database: Database, alice: User, bob: User
) -> None:
    for _ in range(5):
        with pytest.raises(Unauthorized):
            logins.sign_in(database, bob.email, "wrong", "203.0.113.9")
        with pytest.raises(Unauthorized):
            logins.enter_code(database, "key", bob, "000000", "203.0.113.9")
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", browse(alice.id).get("/settings/audit?what=access").text))
    for what in ("passwords", "codes"):
        told = f"Afterword locked out for now: {bob.name}, after 5 wrong {what}, the last from 203.0.113.9"
        assert page.count(told) == 1


@pytest.mark.parametrize("asked", ["since=0001-01-01", "until=9999-12-31", "since=0202-11-28"])
def test_a_year_that_is_half_typed_is_said_and_finds_nothing(
    browse: Browse, session: TenantSession, acme: Workspace, alice: User, asked: str
) -> None:
    acme.timezone = "Europe/Berlin"
    session.commit()
    answer = browse(alice.id).get(f"/settings/audit?{asked}")
    assert answer.status_code == 200 and "Must lie between 1800 and 2400." in answer.text
    assert browse(alice.id).get(f"/settings/audit.csv?{asked}").status_code == 422


@sqlite
@pytest.mark.parametrize("path", ["/settings/audit", "/settings/audit.csv"])
def test_managers_and_admins_read_it_each_of_their_own_workspace(
    browse: Browse, session: TenantSession, bob: User, vera: User, mallory: User, company_id: int, path: str
) -> None:
    manager = make_user(session, role=Role.MANAGER)
    session.commit()
    assert browse(manager.id).get(path).status_code == 200
    for user in (bob, vera):
        assert browse(user.id).get(path).status_code == 403
    theirs = browse(mallory.id).get(f"{path}?record=company {company_id}").text
    assert "calc" not in theirs and "Freight" not in theirs


@sqlite
def test_the_roles_page_has_words_for_every_permission(browse: Browse, vera: User) -> None:
    assert set(WORDS) == set(Scope)
    page = browse(vera.id).get("/settings/roles").text
    assert all(str(words).split(",")[0] in page.replace("&#39;", "'") for words in WORDS.values())


def test_what_happened_to_access_is_told_in_words(browse: Browse, session: TenantSession, alice: User) -> None:
    mine, me = Actor("user", alice.id), ("user", alice.id)
    token, _ = tokens.create(session, alice, "Nightly", by=mine)
    tokens.revoke(session, token, by=mine)
    events.record(session, "user.second_factor_reset", by=mine, subject=me, title=alice.name)
    events.record(session, "backup.downloaded", by=mine, subject=("backup", 1))
    session.commit()
    page = re.sub(r"<[^>]+>|\s+", " ", browse(alice.id).get("/settings/audit").text)
    told = re.sub(r" +", " ", page)
    for line in ("revoked the API token Nightly", "reset the second factor of", "downloaded a backup"):
        assert f"{alice.name} {line}" in told
