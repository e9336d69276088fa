"""Companies, contacts, deals, tasks and notes in the browser: lists, pages, forms, deleting and coming back."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from shared import records
from shared.events import Actor
from shared.models import Base, Company, Contact, Deal, DealContact, Note, Task, User
from shared.records import custom
from shared.tenancy import TenantSession
from tests import factories

from .conftest import Browser

Browse = Callable[[int], Browser]
HTMX = {"HX-Request": "true"}
SCRIPT = "<script>alert(1)</script>{{7*7}}"
PLURALS = ("companies", "contacts", "deals", "tasks", "notes")


def fresh(session: TenantSession, row: Base) -> None:
    """Read a row again, and let SQLite's write lock go."""
    session.refresh(row)
    session.commit()


def one(session: TenantSession, model: type[Base]) -> Base | None:
    row = session.scalars(select(model).order_by(model.id.desc())).first()
    session.commit()
    return row


# --- Lists


@pytest.mark.parametrize("plural", PLURALS)
def test_an_empty_list_says_what_to_do(browser: Browser, plural: str) -> None:
    page = browser.get(f"/{plural}").text
    assert f'href="/{plural}/new"' in page
    assert "empty-state" in page
    assert "Nothing matches" not in page


@pytest.mark.parametrize("plural", PLURALS)
def test_an_empty_list_offers_a_viewer_nothing_to_write(browse: Browse, vera: User, plural: str) -> None:
    page = browse(vera.id).get(f"/{plural}").text
    assert f'href="/{plural}/new"' not in page


def test_a_filter_that_finds_nothing_says_so(browser: Browser, session: TenantSession) -> None:
    factories.make_company(session)
    page = browser.get("/companies?q=nobody").text
    assert "Nothing matches" in page
    assert "No companies yet" not in page


def test_rows_open_their_record_and_show_what_they_come_to(browser: Browser, session: TenantSession) -> None:
    company = factories.make_company(session, name="Ossfield", domain="ossfield.example")
    factories.make_contact(session, company_id=company.id)
    factories.make_deal(session, company_id=company.id)
    page = browser.get("/companies").text
    assert f'href="/companies/{company.id}"' in page
    assert "ossfield.example" in page
    assert re.search(r'data-label="People">\s*1<', page)
    assert re.search(r'data-label="Open deals">\s*1<', page)


def test_load_more_goes_through_the_whole_list_once(browser: Browser, session: TenantSession) -> None:
    names = [factories.make_company(session, name=f"Firm {i:02}").name for i in range(7)]
    seen: list[str] = []
    url = "/companies?sort=name&limit=3"
    while url:
        page = browser.get(url).text
        seen += re.findall(r">(Firm \d\d)</a>", page)
        more = re.search(r'hx-get="([^"]+cursor=[^"]+)"', page)
        url = more[1].replace("&amp;", "&") if more else ""
    assert seen == sorted(names)


def test_load_more_goes_through_all_open_tasks_once(browser: Browser, session: TenantSession) -> None:
    for i in range(5):
        factories.make_task(session, title=f"Task number {i}")
    session.commit()
    seen: list[str] = []
    address = "/tasks?limit=2"
    for _ in range(6):
        page = browser.get(address, headers=HTMX).text
        seen += re.findall(r"Task number \d", page)
        following = re.search(r'hx-get="(/tasks[^"]*cursor=[^"]*)"', page)
        if following is None:
            break
        address = html.unescape(following[1])
    assert sorted(set(seen)) == [f"Task number {i}" for i in range(5)]
    assert following is None


def test_deals_are_added_up_by_currency(browser: Browser, session: TenantSession) -> None:
    pipeline = factories.make_pipeline(session)
    for minor, currency, stage in ((100_00, "EUR", 0), (250_00, "EUR", 1), (70_00, "USD", 0), (999_00, "EUR", 2)):
        factories.make_deal(session, stage=pipeline.stages[stage], amount_minor=minor, currency=currency)
    page = browser.get("/deals").text
    lead = page[page.index("3 open deals") : page.index("</p>", page.index("3 open deals"))]
    assert "€350" in lead
    assert "$70" in lead
    assert "€1,349" not in lead
    assert "€1,349 · $70" in page[page.index("<tfoot>") :]
    won = browser.get("/deals?stage_type=won").text
    assert '<p class="page-lead num" id="list-lead">1 deal · <strong>€999</strong></p>' in won
    assert '<p class="page-lead num" id="list-lead">0 deals</p>' in browser.get("/deals?stage_type=lost").text
    assert 'id="list-lead">0 found</p>' in browser.get("/contacts?q=nobody").text, "not the number of the last filter"


def test_the_sums_follow_the_filter(browser: Browser, session: TenantSession, alice: User) -> None:
    factories.make_deal(session, amount_minor=100_00, owner_id=alice.id)
    factories.make_deal(session, amount_minor=900_00)
    assert "€1,000" in browser.get("/deals").text
    mine = browser.get(f"/deals?owner_id={alice.id}").text
    assert "1 open deal" in mine
    assert "€1,000" not in mine


def test_the_board_shows_stages_with_their_deals(browser: Browser, session: TenantSession) -> None:
    pipeline = factories.make_pipeline(session)
    deal = factories.make_deal(session, stage=pipeline.stages[1], name="Big one", amount_minor=5_000_00)
    page = browser.get("/deals?view=board", follow_redirects=True).text
    columns = re.split(r'<section class="board-column', page)[1:]
    assert [re.search(r"<h2>(\w+)</h2>", c)[1] for c in columns] == ["Qualification", "Proposal", "Won", "Lost"]  # type: ignore[index]
    assert f'href="/deals/{deal.id}"' in columns[1]
    assert "€5,000" in columns[1]
    assert f'href="/deals/{deal.id}"' not in columns[0]


def test_a_bad_filter_is_refused_by_name(browser: Browser) -> None:
    answer = browser.get("/contacts?shoe_size=44")
    assert answer.status_code == 422
    assert "shoe_size" in answer.text


# --- Making, changing, deleting

NEW: dict[str, tuple[type[Base], dict[str, str], str]] = {
    "companies": (
        Company,
        {"name": "Quillhaven", "domain": "https://www.quillhaven.example/a", "employees": "1,200"},
        "Quillhaven",
    ),
    "contacts": (
        Contact,
        {
            "first_name": "Jane", "last_name": "Roe", "emails": "1", "emails.0.email": "jane@roe.example",
            "emails.0.label": "work", "emails.4.email": "j@roe.example", "emails.primary": "4",
            "phones": "1", "phones.0.phone": "+49 30 1234567",
        },
        "Jane Roe",
    ),
    "deals": (
        Deal,
        {"name": "Pilot", "amount": "12,500.50", "currency": "USD", "expected_close": "2026-12-01"},
        "Pilot",
    ),
    "tasks": (Task, {"title": "Call back", "due_date": "2026-11-30", "priority": "high"}, "Call back"),
    "notes": (Note, {"body": "They **like** it"}, "Note"),
}  # fmt: skip


@pytest.mark.parametrize("plural", PLURALS)
def test_a_record_is_made_shown_changed_deleted_and_restored(
    browser: Browser, session: TenantSession, plural: str
) -> None:
    model, form, name = NEW[plural]
    answer = browser.post(f"/{plural}", form)
    assert answer.status_code == 303, answer.text
    url = answer.location
    row = one(session, model)
    assert url == f"/{plural}/{row.id}"  # type: ignore[union-attr]
    assert f"<h1>{name}</h1>" in browser.get(url).text

    edit = browser.get(f"{url}/edit").text
    version = re.search(r'name="version" value="(\d+)"', edit)
    assert version
    text_field = next(field for field in ("name", "title", "body", "last_name") if field in form)
    answer = browser.post(url, {**form, text_field: "Changed", "version": version[1]})
    assert answer.status_code == 303
    assert "Changed" in browser.get(url).text

    gone = browser.post(f"{url}/delete", follow_redirects=True)
    assert "was deleted" in gone.text
    assert f'action="{url}/restore"' in gone.text
    assert browser.get(url).status_code == 410
    assert "Changed" in browser.get(f"/{plural}?deleted=1").text
    back = browser.post(f"{url}/restore", follow_redirects=True)
    assert "Changed" in back.text
    assert browser.get(url).status_code == 200


def test_what_a_form_says_is_what_is_stored(browser: Browser, session: TenantSession) -> None:
    for plural in ("companies", "contacts", "deals"):
        browser.post(f"/{plural}", NEW[plural][1])
    company, contact, deal = one(session, Company), one(session, Contact), one(session, Deal)
    assert isinstance(company, Company) and isinstance(contact, Contact) and isinstance(deal, Deal)
    assert (company.domain, company.employees) == ("quillhaven.example", 1200)
    assert [(e.email, e.label, e.is_primary) for e in contact.emails] == [
        ("jane@roe.example", "work", False),
        ("j@roe.example", None, True),
    ]
    assert (deal.amount_minor, deal.currency, str(deal.expected_close)) == (1_250_050, "USD", "2026-12-01")
    session.commit()


def test_any_currency_in_use_can_be_chosen_and_a_former_one_stays(browser: Browser, session: TenantSession) -> None:
    offered = browser.get("/deals/new").text
    assert "<option>JPY</option>" in offered and "<option>DEM</option>" not in offered
    assert offered.index("<option>USD</option>") < offered.index("<option>AED</option>")
    browser.post("/deals", {"name": "Pilot", "amount": "5000", "currency": "JPY"})
    deal = one(session, Deal)
    assert isinstance(deal, Deal) and (deal.amount_minor, deal.currency) == (5000, "JPY")
    refused = browser.post("/deals", {"name": "Pilot", "amount": "100.5", "currency": "JPY"})
    assert refused.status_code == 422 and 'id="amount-error"' in refused.text
    assert "An amount in JPY has no decimals." in refused.text and 'value="100.5"' in refused.text
    old = factories.make_deal(session, amount_minor=100, currency="DEM")
    session.commit()
    assert "<option selected>DEM</option>" in browser.get(f"/deals/{old.id}/edit").text


def test_numbers_are_read_in_the_users_language(browse: Browse, session: TenantSession, alice: User) -> None:
    alice.locale = "de"
    session.commit()
    browse(alice.id).post("/deals", {"name": "Pilot", "amount": "12.500,50", "currency": "EUR"})
    deal = one(session, Deal)
    assert isinstance(deal, Deal) and deal.amount_minor == 1_250_050


def test_an_untouched_form_changes_nothing(browser: Browser, session: TenantSession) -> None:
    company = factories.make_company(session)
    contact = factories.make_contact(session, company_id=company.id, email="jane@roe.example", phone="+49 30 1234567")
    deal = factories.make_deal(session, company_id=company.id, contact_id=contact.id, amount_minor=1_234_50)
    records.update(session, deal, {"contacts": [{"contact_id": contact.id, "role": "Champion"}]}, by=Actor("user"))
    session.commit()
    for row, plural in ((company, "companies"), (contact, "contacts"), (deal, "deals")):
        before = row.version
        session.commit()
        form = sent_form(browser.get(f"/{plural}/{row.id}/edit").text)
        assert browser.post(f"/{plural}/{row.id}", form).status_code == 303
        fresh(session, row)
        assert row.version == before, plural
        session.commit()


def sent_form(page: str) -> dict[str, str]:
    """What a browser would send of the record's form as it stands."""
    form = page[page.index("data-guard") : page.index('class="form-actions')]
    form = re.sub(r"<template>.*?</template>", "", form, flags=re.S)
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and name[1] != "csrf_token" and ('type="radio"' not in tag or "checked" in tag):
            found[name[1]] = value[1] if value else ""
    for name_, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, flags=re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', body) or re.search(r"<option selected>(\w+)", body)
        found[name_] = chosen[1] if chosen else ""
    for name_, body in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, flags=re.S):
        found[name_] = body
    return found


@pytest.mark.parametrize(
    ("plural", "form", "field"),
    [
        ("companies", {"name": " "}, "name"),
        ("companies", {"name": "A", "domain": "not a domain"}, "domain"),
        ("companies", {"name": "A", "employees": "many"}, "employees"),
        (
            "contacts",
            {"first_name": "J", "emails": "1", "emails.0.email": "", "emails.3.email": "no"},
            "emails.0.email",
        ),
        ("deals", {"name": "A", "amount": "a lot"}, "amount"),
        ("deals", {"name": "A", "amount": "-5"}, "amount"),
        ("deals", {"name": "A", "amount": "1e400"}, "amount"),
        ("deals", {"name": "A", "probability": "101"}, "probability"),
        ("tasks", {"title": "A", "due_date": "some time"}, "due_date"),
        ("tasks", {"title": "x" * 501}, "title"),
        ("contacts", {"first_name": "J", "company_id": "", "company_id_text": "Acm"}, "company_id"),
    ],
)
def test_a_wrong_field_says_so_beside_it_and_keeps_the_rest(
    browser: Browser, session: TenantSession, plural: str, form: dict[str, str], field: str
) -> None:
    answer = browser.post(f"/{plural}", {"description": "Kept words", "body": "Kept words", **form})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert "Kept words" in answer.text
    assert one(session, NEW[plural][0]) is None


def test_a_record_named_in_full_is_meant_without_being_chosen(browser: Browser, session: TenantSession) -> None:
    by = Actor("user")
    acme_id, _like = (records.create(session, "company", {"name": name}, by=by).id for name in ("Acme", "Acme Labs"))
    ann_id = records.create(session, "contact", {"first_name": "Ann", "last_name": "Lee"}, by=by).id
    session.commit()
    form = {"first_name": "Jo", "company_id": "", "company_id_text": " acme "}
    assert browser.post("/contacts", form).status_code == 303
    contact = session.scalars(select(Contact).where(Contact.first_name == "Jo")).one()
    assert contact.company_id == acme_id
    session.commit()
    people = {"contacts": "1", "contacts.0.contact_id": "", "contacts.0.contact_id_text": "Ann Lee"}
    assert browser.post("/deals", {"name": "Pilot", **people}).status_code == 303
    assert session.scalars(select(DealContact.contact_id)).all() == [ann_id]
    session.commit()
    about = {"title": "Call", "links": "", "links_text": "Acme Labs"}
    assert browser.post("/tasks", about).status_code == 303
    records.create(session, "company", {"name": "ACME"}, by=by)
    session.commit()
    answer = browser.post("/contacts", form | {"first_name": "Jim"})
    assert answer.status_code == 422
    assert "Several are called" in answer.text
    assert "Nothing is called" in browser.post("/contacts", form | {"company_id_text": "Acm"}).text


def test_a_nameless_contact_is_refused_above_the_form(browser: Browser) -> None:
    answer = browser.post("/contacts", {"first_name": "", "title": "Buyer"})
    assert answer.status_code == 422
    assert "needs a first name" in answer.text
    assert 'value="Buyer"' in answer.text


def test_a_stale_form_shows_what_changed_and_overwrites_nothing(browser: Browser, session: TenantSession) -> None:
    company = factories.make_company(session, name="Old", city="Bremen")
    version = company.version
    records.update(session, company, {"name": "Theirs"}, by=Actor("user"))
    session.commit()
    answer = browser.post(f"/companies/{company.id}", {"name": "Mine", "city": "Bremen", "version": str(version)})
    assert answer.status_code == 409
    assert "Theirs" in answer.text and "Mine" in answer.text
    assert "Bremen" not in answer.text
    fresh(session, company)
    assert company.name == "Theirs"


def test_of_a_lost_race_each_field_is_chosen_and_what_was_typed_is_still_there(
    browser: Browser, session: TenantSession
) -> None:
    company = factories.make_company(session, name="Old", industry="Timber", city="Bremen")
    version = company.version
    records.update(session, company, {"name": "Theirs"}, by=Actor("user"))
    session.commit()
    typed = {"name": "Old", "industry": "Paper", "city": "Bremen"}
    page = browser.post(f"/companies/{company.id}", {**typed, "version": str(version)}).text
    inputs = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.split('id="sides"')[1]))
    assert (inputs["industry"], "city" in inputs) == ("Paper", False)
    chosen = inputs | {"side.name": "now", "side.industry": "yours"}
    assert browser.post(f"/companies/{company.id}", chosen).status_code == 303
    fresh(session, company)
    assert (company.name, company.industry, company.city) == ("Theirs", "Paper", "Bremen")
    assert browser.post(f"/companies/{company.id}", chosen | {"industry": "Late"}).status_code == 409


@pytest.mark.parametrize("plural", PLURALS)
def test_what_looks_like_code_is_shown_as_text(browser: Browser, session: TenantSession, plural: str) -> None:
    _model, form, _name = NEW[plural]
    plain = [f for f in form if f in ("name", "title", "body", "first_name", "last_name")]
    more = {"companies": ["industry", "website", "city", "description"], "contacts": ["title", "source", "description"],
            "deals": ["lost_reason", "description"], "tasks": ["promised_by", "body"], "notes": []}[plural]  # fmt: skip
    answer = browser.post(f"/{plural}", {**form, **dict.fromkeys([*plain, *more], SCRIPT)})
    assert answer.status_code == 303, answer.text
    for url in (f"/{plural}", answer.location, f"{answer.location}/edit", "/search?q=alert"):
        page = browser.get(url).text
        assert "<script>alert" not in page, url
        assert "&lt;script&gt;" in page, url
        assert "{{7*7}}" in page, url
        assert not re.search(r"alert\(1\)[^<]{0,20}49", page), url


def test_a_website_that_is_a_script_is_no_link(browser: Browser, session: TenantSession) -> None:
    company = factories.make_company(session, website="javascript:alert(1)")
    page = browser.get(f"/companies/{company.id}").text
    assert "javascript:alert(1)" in page
    assert 'href="javascript' not in page


def test_an_own_address_that_is_none_is_shown_as_the_text_it_is(browser: Browser, session: TenantSession) -> None:
    company = factories.make_company(session)
    custom.define(session, {"record_type": "company", "label": "Wiki", "type": "url"}, by=Actor("user"))
    for text, is_link in (("javascript:alert(1)", False), ("see Bob", False), ("wiki.example/a", True)):
        company.custom = {"wiki": text}
        session.commit()
        page = browser.get(f"/companies/{company.id}").text
        assert text in page
        assert (f'href="https://{text}"' in page) is is_link
        assert 'href="javascript' not in page


def test_a_note_renders_markdown_and_nothing_that_loads_or_runs(browser: Browser, session: TenantSession) -> None:
    body = (
        "# Plan\n\n- [site](https://a.example) **bold**\n- ![x](https://spy.example/p.png)\n"
        "- [bad](javascript:alert(1))\n<b onclick=x>raw</b>"
    )
    note = factories.make_note(session, body=body)
    page = browser.get(f"/notes/{note.id}").text
    shown = page[page.index("rich-text") :]
    assert '<a href="https://a.example" rel="noopener noreferrer nofollow">site</a>' in shown
    assert "<strong>bold</strong>" in shown
    assert "<img" not in shown
    assert 'href="javascript' not in shown
    assert "&lt;b onclick=x&gt;" in shown
