"""Who may do what on the record pages: viewers read, members delete their own, other tenants see nothing at all."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from shared import records
from shared.events import Actor
from shared.models import Base, Company, Contact, Deal, Event, Meeting, Note, Task, User
from shared.tenancy import TenantSession
from tests import factories

from .conftest import Browser

Browse = Callable[[int], Browser]
SCREENS = ("companies", "contacts", "deals", "tasks", "notes", "meetings", "search")
MODELS: dict[str, type[Base]] = {
    "companies": Company,
    "contacts": Contact,
    "deals": Deal,
    "tasks": Task,
    "notes": Note,
    "meetings": Meeting,
}


@pytest.fixture
def rows(session: TenantSession, alice: User) -> dict[str, int]:
    """One record of each type in Alice's workspace, by plural."""
    by = Actor("user", alice.id)
    company = records.create(session, "company", {"name": "Secret Ltd"}, by=by)
    contact = records.create(session, "contact", {"last_name": "Secretson", "company_id": company.id}, by=by)
    deal = records.create(session, "deal", {"name": "Secret deal", "company_id": company.id}, by=by)
    links = [{"type": "company", "id": company.id}]
    task = records.create(session, "task", {"title": "Secret task", "links": links}, by=by)
    note = records.create(session, "note", {"body": "Secret note", "links": links}, by=by)
    meeting = factories.make_meeting(session, title="Secret meeting", company_id=company.id)
    session.commit()
    return {
        "companies": company.id, "contacts": contact.id, "deals": deal.id, "tasks": task.id, "notes": note.id,
        "meetings": meeting.id,
    }  # fmt: skip


def routes_with_ids(app: Flask) -> list[tuple[str, str, str]]:
    """(method, rule, plural) of every route of these screens that names a record."""
    return [
        (method, rule.rule, rule.endpoint.partition(".")[0])
        for rule in app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] in SCREENS and "<int:id>" in rule.rule
        for method in (rule.methods or set()) & {"GET", "POST"}
    ]


def facts(session: TenantSession) -> list[tuple[int, int | None]]:
    found = [tuple(row) for row in session.execute(select(Event.id, Event.record_id))]
    session.commit()
    return found  # type: ignore[return-value]


def test_another_tenant_finds_nothing_at_any_address(
    app: Flask, browse: Browse, session: TenantSession, mallory: User, rows: dict[str, int]
) -> None:
    browser, before = browse(mallory.id), facts(session)
    routes = routes_with_ids(app)
    assert len(routes) > 30
    for method, rule, plural in routes:
        path = rule.replace("<int:id>", str(rows[plural]))
        answer = browser.get(path) if method == "GET" else browser.post(path, {"name": "Mine now", "stage_id": "1"})
        assert answer.status_code == 404, (method, path)
        assert "Secret" not in answer.text
    assert facts(session) == before


def test_another_tenants_lists_pickers_and_search_stay_empty(
    browse: Browse, mallory: User, rows: dict[str, int]
) -> None:
    browser = browse(mallory.id)
    paths = [f"/{plural}{args}" for plural in rows for args in ("", "?deleted=1", "?q=secret")]
    paths += ["/deals/board", "/search?q=secret", f"/tasks?company_id={rows['companies']}"]
    paths += ["/search/pick?type=company&q=secret", "/search/pick?type=company,contact,deal,task,note"]
    paths += [f"/tasks/new?links=company:{rows['companies']}", f"/deals/new?company_id={rows['companies']}"]
    for path in paths:
        answer = browser.get(path)
        assert answer.status_code == 200, path
        assert not re.search(r"Secret(?! *[&\w]*q=)", answer.text), path


@pytest.mark.parametrize(
    ("plural", "form", "field"),
    [
        ("contacts", {"last_name": "X", "company_id": "companies"}, "company_id"),
        ("deals", {"name": "X", "company_id": "companies"}, "company_id"),
        ("deals", {"name": "X", "contact_id": "contacts"}, "contact_id"),
        ("deals", {"name": "X", "contacts": "1", "contacts.0.contact_id": "contacts"}, "contacts.0.contact_id"),
        ("companies", {"name": "X", "owner_id": "alice"}, "owner_id"),
        ("tasks", {"title": "X", "assignee_id": "alice"}, "assignee_id"),
        ("tasks", {"title": "X", "links": "company:companies"}, "links"),
        ("notes", {"body": "X", "links": "deal:deals"}, "links"),
    ],
)
def test_another_tenants_ids_in_a_form_are_refused_beside_the_field(
    browse: Browse,
    mallory_session: TenantSession,
    mallory: User,
    alice: User,
    rows: dict[str, int],
    plural: str,
    form: dict[str, str],
    field: str,
) -> None:
    ids = {**rows, "alice": alice.id}
    filled = {k: re.sub(r"(companies|contacts|deals|alice)$", lambda m: str(ids[m[1]]), v) for k, v in form.items()}
    answer = browse(mallory.id).post(f"/{plural}", filled)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert "Secret" not in answer.text
    assert mallory_session.scalar(select(func.count()).select_from(MODELS[plural])) == 0


@pytest.mark.parametrize(
    "value", ["company:x", "user:1", "company:99999999999999999999", "company:-1", ":", "company:0"]
)
def test_links_that_are_none_are_refused(browse: Browse, alice: User, value: str) -> None:
    answer = browse(alice.id).post("/tasks", {"title": "X", "links": value})
    assert answer.status_code == 422
    assert 'id="links-error"' in answer.text


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_viewer_reads_everything_and_is_offered_nothing_to_write(
    app: Flask, browse: Browse, session: TenantSession, vera: User, rows: dict[str, int]
) -> None:
    browser, before = browse(vera.id), facts(session)
    for plural, id in rows.items():
        page = browser.get(f"/{plural}/{id}")
        assert page.status_code == 200
        main = page.text[page.text.index('id="main"') : page.text.index("</main>")]
        tags = re.findall(r"<(?:button|form)[^>]*>", main)
        enabled = [tag for tag in tags if not re.search("stage|star|row-preview", tag)]
        assert enabled == [], plural
        stages = re.findall(r'<button class="stage[^>]*>', main)
        assert bool(stages) == (plural == "deals") and all("disabled" in tag for tag in stages)
        assert f'href="/{plural}/{id}/edit"' not in main
        assert browser.get(f"/{plural}/new").status_code == 403
        assert browser.post(f"/{plural}", {"name": "X", "title": "X", "body": "X"}).status_code == 403
    for method, rule, plural in routes_with_ids(app):
        if method == "POST":
            path = rule.replace("<int:id>", str(rows[plural]))
            assert browser.post(path, {"stage_id": "1"}).status_code == 403, path
    assert facts(session) == before


def test_members_delete_and_restore_their_own_and_no_others(
    browse: Browse, session: TenantSession, bob: User, rows: dict[str, int]
) -> None:
    browser = browse(bob.id)
    theirs = f"/companies/{rows['companies']}"
    assert f'action="{theirs}/delete"' not in browser.get(theirs).text
    assert browser.post(f"{theirs}/delete").status_code == 403
    own = factories.make_company(session, created_by_id=bob.id)
    assert f'action="/companies/{own.id}/delete"' in browser.get(f"/companies/{own.id}").text
    assert browser.post(f"/companies/{own.id}/delete").status_code == 303
    assert browser.post(f"/companies/{own.id}/restore").status_code == 303
    assert browser.get(f"/companies/{own.id}").status_code == 200


def test_a_stranger_is_led_to_the_login(stranger: Browser, rows: dict[str, int]) -> None:
    for path in [*(f"/{plural}/{id}" for plural, id in rows.items()), "/search?q=secret", "/search/pick?type=company"]:
        answer = stranger.get(path)
        assert answer.status_code == 303
        assert answer.location.startswith("/login")


# --- Search and pickers


def test_search_groups_what_it_finds_and_marks_the_words(
    browse: Browse, session: TenantSession, alice: User, rows: dict[str, int]
) -> None:
    records.update(
        session, session.get_one(Company, rows["companies"]), {"description": "Makes gearboxes"}, by=Actor("user")
    )
    session.commit()
    browser = browse(alice.id)
    page = browser.get("/search?q=gearboxes").text
    assert '<strong class="match">gearboxes</strong>' in page
    assert f'href="/companies/{rows["companies"]}"' in page
    everything = browser.get("/search?q=secret").text
    assert all(f'href="/{plural}/{rows[plural]}"' in everything for plural in ("companies", "deals", "tasks", "notes"))
    only_deals = browser.get("/search?q=secret&type=deal").text
    assert f'href="/deals/{rows["deals"]}"' in only_deals
    assert f'href="/companies/{rows["companies"]}"' not in only_deals


def test_search_says_what_it_can_do_and_when_it_found_nothing(browse: Browse, alice: User) -> None:
    browser = browse(alice.id)
    assert "Find anything" in browser.get("/search").text
    assert "Nothing found" in browser.get("/search?q=zzzz").text
    assert browser.get("/search?q=x&type=user").status_code == 422
    for odd in ("%00", "%22%22%22*", "a" * 5000, "%F0%9F%92%A9", "OR AND NOT ("):
        assert browser.get(f"/search?q={odd}").status_code == 200


def test_a_picker_offers_what_is_typed_and_before_that_what_is_new(
    browse: Browse, alice: User, rows: dict[str, int]
) -> None:
    browser = browse(alice.id)
    typed = browser.get("/search/pick?type=company&q=secr").text
    assert f'data-id="{rows["companies"]}"' in typed and 'data-name="Secret Ltd"' in typed
    assert 'data-icon="building"' in typed, "which the picker puts before what was chosen"
    assert 'data-value="deal:' in browser.get("/search/pick?type=company,deal").text
    assert "Nothing is called that" in browser.get("/search/pick?type=company&q=zzz").text
    assert browser.get("/search/pick?type=password").status_code == 422
