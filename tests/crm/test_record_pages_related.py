"""What stands on a record's page beside its fields, and what can be done there without leaving it."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from shared import clock, records, review
from shared.events import Actor
from shared.models import Company, Contact, Deal, InsightStatus, Link, MeetingStatus, Note, StageChange, Task, User
from shared.records import favourites, links
from shared.schemas.insight import Kind
from shared.tenancy import TenantSession
from tests import factories, statements

from .conftest import Browser
from .test_record_pages import HTMX, fresh
from .test_review_pages import item


@pytest.fixture
def company(session: TenantSession, alice: User) -> Company:
    made = records.create(session, "company", {"name": "Ossfield"}, by=Actor("user", alice.id))
    session.commit()
    assert isinstance(made, Company)
    return made


def make_task(session: TenantSession, company: Company, by: User, **more: object) -> Task:
    data = {"title": "Send the offer", "links": [{"type": "company", "id": company.id}], **more}
    task = records.create(session, "task", data, by=Actor("user", by.id))
    session.commit()
    assert isinstance(task, Task)
    return task


def cards(page: str) -> dict[str, str]:
    """The cards of a page by their title."""
    parts = re.split(r'<h2 class="card-title">', page)[1:]
    return {part[: part.index("</h2>")]: part for part in parts}


# --- What belongs together


def test_a_company_shows_its_people_deals_and_meetings(
    browser: Browser, session: TenantSession, company: Company
) -> None:
    person = factories.make_contact(session, last_name="Doe", company_id=company.id)
    deal = factories.make_deal(session, company_id=company.id, amount_minor=9_000_00)
    meeting = factories.make_meeting(session, company_id=company.id)
    factories.make_contact(session, last_name="Stranger")
    found = cards(browser.get(f"/companies/{company.id}").text)
    assert f'href="/contacts/{person.id}"' in found["People"]
    assert "Stranger" not in found["People"]
    assert f'href="/deals/{deal.id}"' in found["Deals"] and "€9,000" in found["Deals"]
    assert f'href="/meetings/{meeting.id}"' in found["Meetings"]


def test_what_was_said_stands_on_the_record_with_a_link_to_the_second(
    browser: Browser, session: TenantSession, company: Company
) -> None:
    meeting = factories.make_meeting(session, company_id=company.id)
    said = {"quote": "We cannot wait until March.", "speaker": "Jane", "start_s": 754.0, "utterance": 3}
    factories.make_insight(
        session,
        meeting,
        kind="pain_point",
        data={"description": "March is too late"},
        evidence=[said],
        company_id=company.id,
        status=InsightStatus.ACCEPTED,
    )
    factories.make_insight(session, meeting, kind="decision", data={"description": "Not yet"}, company_id=company.id)
    found = cards(browser.get(f"/companies/{company.id}").text)["Said in meetings"]
    assert "March is too late" in found and "We cannot wait until March." in found
    assert f'href="/meetings/{meeting.id}?t=754#u-3"' in found
    assert "12:34" in found
    assert "Not yet" not in found


def test_a_contact_shows_where_it_worked(browser: Browser, session: TenantSession, company: Company) -> None:
    contact = factories.make_contact(session, company_id=company.id)
    records.update(session, contact, {"company_id": factories.make_company(session, name="Newer").id}, by=Actor("user"))
    session.commit()
    found = cards(browser.get(f"/contacts/{contact.id}").text)["Employment"]
    assert found.index("Newer") < found.index("Ossfield")
    assert found.count(">Now<") == 1


def test_a_deleted_company_is_no_link_on_its_people(browser: Browser, session: TenantSession, company: Company) -> None:
    contact = factories.make_contact(session, company_id=company.id)
    records.delete(session, company, by=Actor("user"))
    session.commit()
    for url in ("/contacts", f"/contacts/{contact.id}"):
        page = browser.get(url)
        assert page.status_code == 200
        assert f'href="/companies/{company.id}"' not in page.text


# --- Composers


def test_a_note_and_a_task_are_written_on_the_page(browser: Browser, session: TenantSession, company: Company) -> None:
    on = f"company:{company.id}"
    answer = browser.post("/notes", {"on": on, "links": on, "body": "Short **note**"}, headers=HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.text and 'id="story"' in answer.text
    assert "Short <strong>note</strong>" in cards(answer.text)["Notes"]
    answer = browser.post("/tasks", {"on": on, "links": on, "title": "Call", "due_date": "2030-01-02"}, headers=HTMX)
    assert "Call" in cards(answer.text)["Tasks"]
    assert "added the task" in cards(answer.text)["Activity"]
    links = session.scalars(select(Link)).all()
    assert [(link.owner_type, link.target_type, link.target_id) for link in links] == [
        ("note", "company", company.id),
        ("task", "company", company.id),
    ]
    session.commit()


def test_an_empty_composer_says_so_where_it_stands(browser: Browser, session: TenantSession, company: Company) -> None:
    on = f"company:{company.id}"
    answer = browser.post("/tasks", {"on": on, "links": on, "title": "", "due_date": "2030-01-02"}, headers=HTMX)
    assert answer.status_code == 422
    assert 'id="task-title-error"' in answer.text
    assert 'value="2030-01-02"' in answer.text
    assert 'id="story"' in answer.text
    assert session.scalar(select(Task)) is None
    session.commit()


# --- Tasks


def test_tasks_stand_below_when_they_are_due(
    browser: Browser, session: TenantSession, company: Company, alice: User
) -> None:
    today = clock.today()
    for title, due in (("Late", -2), ("Now", 0), ("Soon", 9)):
        make_task(session, company, alice, title=title, due_date=str(today + timedelta(days=due)))
    make_task(session, company, alice, title="Someday")
    make_task(session, company, alice, title="Finished", status="done")
    page = browser.get("/tasks").text
    order = ["Overdue", "Late", "Today", "Now", "Upcoming", "Soon", "No date", "Someday", "Done", "Finished"]
    list_ = page[page.index('id="rows"') :]
    places = [list_.index(f">{word}</") for word in order]
    assert places == sorted(places)
    assert "4 open tasks" in page
    assert "4 open tasks" in browser.get("/tasks?status=open").text
    for done_too in (
        "status[in]=open,done",
        "status[in]=done&title[contains]=Fin",
        'where={"type":"cmp","field":"title","op":"is","values":["set"]}',
    ):
        assert "open task" not in browser.get(f"/tasks?{done_too}").text
    assert "Finished" not in browser.get("/tasks?status=open").text
    assert ">Late</" not in browser.get("/tasks?status=done").text


def test_a_heading_is_not_repeated_when_more_is_loaded(
    browser: Browser, session: TenantSession, company: Company, alice: User
) -> None:
    for i in range(4):
        make_task(session, company, alice, title=f"Old {i}", due_date=str(date(2020, 1, 1 + i)))
    first = browser.get("/tasks?limit=3").text
    more = re.search(r'hx-get="([^"]+cursor=[^"]+)"', first)
    assert more
    second = browser.get(more[1].replace("&amp;", "&"), headers=HTMX).text
    assert "Old 3" in second
    assert "<h2>Overdue</h2>" in first and "<h2>Overdue</h2>" not in second


def test_a_task_is_ticked_off_in_its_place_and_back_from_the_message(
    browser: Browser, session: TenantSession, company: Company, alice: User
) -> None:
    task = make_task(session, company, alice)
    answer = browser.post(f"/tasks/{task.id}/done", headers={**HTMX, "HX-Target": f"task-{task.id}"})
    assert f'id="task-{task.id}"' in answer.text and "task-done" in answer.text
    assert "hx-swap-oob" not in answer.text
    toast = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert toast["undo_url"] == f"/tasks/{task.id}/open"
    fresh(session, task)
    assert task.status == "done" and task.completed_at is not None
    ticked = re.search(r'action="([^"]+)"', answer.text)
    answer = browser.post(toast["undo_url"], headers={**HTMX, "X-Undo": "true"})
    assert 'hx-swap-oob="true"' in answer.text and "task-done" not in answer.text
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["undo_url"] is None, (
        "a second undo would tick it off again"
    )
    fresh(session, task)
    assert task.status == "open" and task.completed_at is None
    browser.post(f"/tasks/{task.id}/done")
    assert ticked and browser.post(ticked[1], headers=HTMX).status_code == 200, "the tick takes itself back"
    fresh(session, task)
    assert task.status == "open"


def test_a_task_says_where_it_comes_from(browser: Browser, session: TenantSession, alice: User) -> None:
    meeting = factories.make_meeting(session, title="First call")
    why = {"quote": "I will send it on Friday.", "speaker": "Jane", "start_s": 754.0, "utterance": 7}
    data = {"title": "Send it", "meeting_id": meeting.id, "meeting_s": 754.0}
    task = records.create(session, "task", data, by=Actor("meeting", alice.id, meeting.id), why=why)
    session.commit()
    found = cards(browser.get(f"/tasks/{task.id}").text)["Where it comes from"]
    assert "First call" in found and "12:34" in found
    assert "I will send it on Friday." in found and "Jane" in found
    assert f'href="/meetings/{meeting.id}?t=754#u-7"' in found


# --- Deals


def test_a_deal_moves_and_moves_back(browser: Browser, session: TenantSession) -> None:
    pipeline = factories.make_pipeline(session)
    deal = factories.make_deal(session, stage=pipeline.stages[0])
    won = pipeline.stages[2]
    page = browser.post(f"/deals/{deal.id}/move", {"stage_id": str(won.id)}, follow_redirects=True).text
    assert f'value="{won.id}" aria-current="step" type="button"' in page, "it can keep the focus of who chose it"
    undo = re.search(r'action="(/deals/\d+/move\?[^"]+)"', page)
    assert undo
    fresh(session, deal)
    assert deal.stage_id == won.id and deal.closed_at is not None
    session.commit()
    browser.post(undo[1].replace("&amp;", "&"))
    fresh(session, deal)
    assert deal.stage_id == pipeline.stages[0].id and deal.closed_at is None
    assert len(session.scalars(select(StageChange)).all()) == 2
    session.commit()


def test_a_stage_of_another_tenant_or_none_is_refused(
    browser: Browser, session: TenantSession, mallory_session: TenantSession
) -> None:
    deal = factories.make_deal(session)
    foreign = factories.make_pipeline(mallory_session).stages[0].id
    mallory_session.commit()
    for form in ({}, {"stage_id": str(foreign)}, {"stage_id": "x"}):
        assert browser.post(f"/deals/{deal.id}/move", form).status_code == 422
    before = deal.stage_id
    fresh(session, deal)
    assert deal.stage_id == before


# --- History


def test_history_names_people_records_and_values(browser: Browser, session: TenantSession, alice: User) -> None:
    by = Actor("user", alice.id)
    old = records.create(session, "company", {"name": "Old Ltd"}, by=by)
    new = records.create(session, "company", {"name": "New Ltd"}, by=by)
    deal = records.create(
        session, "deal", {"name": "Pilot", "company_id": old.id, "amount": 10, "currency": "EUR"}, by=by
    )
    assert isinstance(deal, Deal)
    records.update(session, deal, {"company_id": new.id, "owner_id": alice.id, "amount": 1250}, by=by)
    records.update(session, deal, {"stage": "Proposal"}, by=by)
    session.commit()
    found = cards(browser.get(f"/deals/{deal.id}").text)["Activity"]
    assert "Alice Archer</strong> moved this" in found
    assert "<del>Qualification</del>" in found and "<ins>Proposal</ins>" in found
    assert "<del>Old Ltd</del>" in found and "<ins>New Ltd</ins>" in found
    assert "<del>€10</del>" in found and "<ins>€1,250</ins>" in found
    assert "<ins>Alice Archer</ins>" in found
    assert "stage_id" not in found and "closed_at" not in found
    assert "added the deal" in cards(browser.get(f"/companies/{old.id}").text)["Activity"]


def test_history_says_why_with_the_quote_and_its_second(
    browser: Browser, session: TenantSession, alice: User, company: Company
) -> None:
    meeting = factories.make_meeting(session, title="First call")
    why = {"quote": "We are in Bremen.", "speaker": "Jane", "start_s": 61.0, "utterance": 2}
    records.update(session, company, {"city": "Bremen"}, by=Actor("meeting", alice.id, meeting.id), why=why)
    session.commit()
    found = cards(browser.get(f"/companies/{company.id}").text)["Activity"]
    assert "We are in Bremen." in found
    assert f'href="/meetings/{meeting.id}?t=61#u-2">1:01</a>' in found
    assert "First call" in found


def test_a_long_history_is_read_in_pieces(browser: Browser, session: TenantSession, company: Company) -> None:
    for i in range(45):
        records.update(session, company, {"city": f"City {i:02}"}, by=Actor("user"))
    session.commit()
    page = browser.get(f"/companies/{company.id}").text
    seen = re.findall(r"<ins>City (\d\d)</ins>", page)
    while more := re.search(r'hx-get="(/companies/\d+/timeline\?[^"]+)"', page):
        page = browser.get(more[1].replace("&amp;", "&"), headers=HTMX).text
        seen += re.findall(r"<ins>City (\d\d)</ins>", page)
    assert seen == [f"{i:02}" for i in reversed(range(45))]


def test_a_note_is_named_by_its_first_line_without_marks(browser: Browser, session: TenantSession) -> None:
    note = factories.make_note(session, body="## **Visit** of [the plant](https://a.example)\n\nMore")
    assert "<h1>Visit of the plant</h1>" in browser.get(f"/notes/{note.id}").text
    short = factories.make_note(session, body="Prefers calls before nine.")
    session.commit()
    page = browser.get(f"/notes/{short.id}").text
    assert "<h1>Note</h1>" in page  # what it says stands below, once
    assert "<title>Prefers calls before nine." in page
    assert isinstance(note, Note)


# --- Speed


@pytest.mark.parametrize("path", ["/companies", "/contacts", "/deals", "/deals/board", "/tasks", "/notes"])
def test_more_records_cost_no_more_queries(
    browser: Browser, session: TenantSession, company: Company, alice: User, path: str
) -> None:
    add_all_sorts(session, company, alice, 3)
    browser.get(path)  # what is looked up once a process
    few = questions(browser, path)
    add_all_sorts(session, company, alice, 9)
    many = questions(browser, path)
    # A list is counted once it goes on beyond what is shown; nothing grows by the nine.
    assert len(many) <= len(few) + 1, sorted(many)


def test_a_records_page_asks_few_questions(
    browser: Browser, session: TenantSession, company: Company, alice: User
) -> None:
    """Each with something in every card, and the sidebar around it. A question costs more than what it finds."""
    add_all_sorts(session, company, alice, 12)
    by = Actor("user", alice.id)
    tagged = {"tags": ["Key account"]}
    contact, deal, task = (session.scalars(select(model).limit(1)).one() for model in (Contact, Deal, Task))
    found = [
        item(Kind.COMPANY, name="Ossfield"),
        item(Kind.CONTACT, name="Jane Roe"),
        item(Kind.OBJECTION, description="No"),
    ]
    for _ in range(2):  # a second meeting is compared with the first
        lines = [("Jane Roe", "So be it."), ("Jo", "Yes.")]
        meeting = factories.make_meeting(
            session, company_id=company.id, deal_id=deal.id, lines=lines, status=MeetingStatus.READY
        )
        factories.make_attendee(session, meeting, contact_id=contact.id, speaker="Jo")
        review.propose(session, meeting, found)
    rows: tuple[tuple[Any, int], ...] = ((company, 20), (contact, 22), (deal, 26), (task, 17), (meeting, 24))
    for row, _most in rows:
        records.update(session, row, tagged, by=by)
        links.link(session, (row.__tablename__, row.id), ("note", 1), "related", by=by)
        favourites.star(session, alice.id, (row.__tablename__, row.id), on=True)
    session.commit()
    for row, most in rows:
        path = f"/{records.TYPES[row.__tablename__].plural}/{row.id}"
        browser.get(path)
        asked = questions(browser, path)
        assert len(asked) <= most, (path, len(asked), asked)


def add_all_sorts(session: TenantSession, company: Company, by: User, n: int) -> None:
    """Contacts, deals, tasks and notes of a company, some of them changed."""
    actor = Actor("user", by.id)
    for i in range(n):
        other = factories.make_company(session, owner_id=by.id)
        contact = factories.make_contact(session, company_id=company.id, email=f"a{other.id}@b.example")
        deal = factories.make_deal(session, company_id=company.id, contact_id=contact.id, amount_minor=i)
        hung = [{"type": type_, "id": id} for type_, id in (("company", company.id), ("company", other.id))]
        hung += [{"type": "contact", "id": contact.id}, {"type": "deal", "id": deal.id}]
        records.create(session, "task", {"title": "T", "links": hung}, by=actor)
        records.create(session, "note", {"body": "N", "links": hung}, by=actor)
        records.update(session, deal, {"name": f"Renamed {i}"}, by=actor)
    session.commit()


def questions(browser: Browser, path: str) -> list[str]:
    """What a page asks the database."""
    with statements.sent(browser.client.application.extensions["database"].engine) as asked:
        assert browser.get(path).status_code == 200
    return asked
