"""My day, due days as typed, putting off, and the calendar feed, through the pages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import vobject
from sqlalchemy import select

from shared import clock, records
from shared.events import Actor
from shared.models import Task, User, Workspace
from shared.tenancy import TenantSession

from .conftest import Browser

Browse = Callable[[int], Browser]
BERLIN = ZoneInfo("Europe/Berlin")
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _friday(app: object, session: TenantSession, alice: User) -> None:
    session.get_one(Workspace, session.workspace_id).timezone = "Europe/Berlin"
    session.commit()
    clock.configure(datetime(2026, 11, 27, 10, 0, tzinfo=BERLIN))


def make(session: TenantSession, user: User, **values: object) -> Task:
    data = {"title": "Call Ana", "assignee_id": user.id, **values}
    task: Task = records.create(session, "task", data, by=Actor("user", user.id))
    session.commit()
    return task


def state(session: TenantSession, task: Task) -> tuple[str, str | None]:
    """Day and rule as other sessions left them; lets go of the database."""
    session.expire_all()
    found = str(task.due_date), task.repeat
    session.commit()
    return found


def test_my_day_shows_late_today_soon_and_undated_but_no_colleagues(
    browse: Browse, session: TenantSession, alice: User, bob: User
) -> None:
    for title, day in (("Late", "2026-11-20"), ("Now", "2026-11-27"), ("Soon", "2026-12-01"), ("Some day", None)):
        make(session, alice, title=title, due_date=day)
    make(session, bob, title="Bobs own", due_date="2026-11-27")
    page = browse(alice.id).get("/my-day").text
    assert re.findall(r'task-title"[^>]*>([^<]+)<', page) == ["Late", "Now", "Soon", "Some day"]
    assert "Bobs own" in browse(alice.id).get(f"/my-day?person={bob.id}").text
    assert browse(alice.id).get("/my-day/people").status_code == 200


def test_one_line_makes_a_task_and_a_preview_says_what_is_understood(
    browse: Browse, session: TenantSession, alice: User
) -> None:
    browser = browse(alice.id)
    assert "December 4, 2026" in browser.get("/my-day/read?text=next+friday+3pm").text
    assert "not understood" in browser.get("/my-day/read?text=soonish").text
    browser.post("/my-day/tasks", {"text": "Call Ana next friday 3pm"}, headers=HTMX)
    task = session.scalars(select(Task)).one()
    assert (task.title, task.due_at) == ("Call Ana", datetime(2026, 12, 4, 15, 0, tzinfo=BERLIN))


@pytest.mark.parametrize(
    ("line", "title", "first", "rule"),
    [
        ("Stand-up every weekday 9am", "Stand-up", "11-30 09:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("Call Ana every friday at 3pm", "Call Ana", "11-27 15:00", "FREQ=WEEKLY;BYDAY=FR"),
        ("Pay the rent on the 1st every month", "Pay the rent", "12-01", "FREQ=MONTHLY"),
        ("Jeden Montag Bericht schicken", "Bericht schicken", "11-30", "FREQ=WEEKLY;BYDAY=MO"),
        ("Miete zahlen jeden Monat am 1.", "Miete zahlen", "12-01", "FREQ=MONTHLY;BYMONTHDAY=1"),
        (
            "Send report every friday at 3pm until 1 March",
            "Send report",
            "11-27 15:00",
            "FREQ=WEEKLY;BYDAY=FR;UNTIL=20270301",
        ),
        (
            "Send report every friday until 1 March at 3pm",
            "Send report",
            "11-27 15:00",
            "FREQ=WEEKLY;BYDAY=FR;UNTIL=20270301",
        ),
        (
            "Every 2 weeks on monday 9:30 until 31 January call Ana",
            "call Ana",
            "12-07 09:30",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;UNTIL=20270131",
        ),
        (
            "Bericht schicken jeden Freitag um 15 Uhr bis zum 1. März",
            "Bericht schicken",
            "11-27 15:00",
            "FREQ=WEEKLY;BYDAY=FR;UNTIL=20270301",
        ),
        (
            "Jeden Freitag nachmittag 10 mal Bericht schicken",
            "Bericht schicken",
            "11-27 15:00",
            "FREQ=WEEKLY;BYDAY=FR;COUNT=10",
        ),
        ("Team sync every monday morning for 4 times", "Team sync", "11-30 09:00", "FREQ=WEEKLY;BYDAY=MO;COUNT=4"),
        ("Daily stand-up tomorrow 9am", "Daily stand-up", "11-28 09:00", None),
        ("Pay the rent on the last day of every month", "Pay the rent", "11-30", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("Backup 9am on the 1st of each month", "Backup", "12-01 09:00", "FREQ=MONTHLY;BYMONTHDAY=1"),
        ("Pay the 1st and 15th of every month", "Pay the 1st and 15th of every month", "", None),
        ("Ask each partner about every contract", "Ask each partner about every contract", "", None),
    ],
)
def test_one_line_says_how_a_task_comes_again_too(
    browse: Browse, session: TenantSession, alice: User, line: str, title: str, first: str, rule: str | None
) -> None:
    browser = browse(alice.id)
    preview = browser.get("/my-day/read", query_string={"line": 1, "text": line}).text
    browser.post("/my-day/tasks", {"text": line}, headers=HTMX)
    task = session.scalars(select(Task)).one()
    due = task.due_at.astimezone(BERLIN).strftime("%m-%d %H:%M") if task.due_at else str(task.due_date or "")[5:]
    assert (task.title, due, task.repeat) == (title, first, rule)
    assert ("first on" in preview) == bool(rule)


def test_day_and_repetition_are_set_from_words_and_nonsense_keeps_the_dialog(
    browse: Browse, session: TenantSession, alice: User
) -> None:
    task, browser = make(session, alice), browse(alice.id)
    url = f"/my-day/tasks/{task.id}"
    session.commit()
    refused = browser.post(f"{url}/due", {"due": "31.2.", "repeat": "blue moon"}, headers=HTMX)
    assert refused.status_code == 422 and "There is no such day" in refused.text and "blue moon" in refused.text
    timed = browser.post(f"{url}/due", {"due": "monday", "repeat": "every monday 9am until 1 March"}, headers=HTMX)
    assert timed.status_code == 422 and "Put the time of day with the due day" in timed.text
    browser.post(f"{url}/due", {"due": "monday", "repeat": "every monday"}, headers=HTMX)
    assert state(session, task) == ("2026-11-30", "FREQ=WEEKLY;BYDAY=MO")
    browser.post(f"{url}/skip", headers=HTMX)
    assert state(session, task)[0] == "2026-12-07"
    answer = browser.post(f"{url}/snooze", {"until": "tomorrow"}, headers=HTMX)
    assert state(session, task)[0] == "2026-11-28"
    undo = re.search(r'"undo_url": "([^"]+)"', answer.headers["HX-Trigger"])
    assert undo and browser.post(undo[1], headers=HTMX).status_code == 200
    assert state(session, task)[0] == "2026-12-07"


def test_a_due_day_is_typed_in_words_wherever_a_task_is_made_or_changed(
    browse: Browse, session: TenantSession, alice: User
) -> None:
    browser = browse(alice.id)
    assert "not understood" in browser.post("/tasks", {"title": "Call", "due_date": "soonish"}).text
    sent = {"title": "Call Ana", "due_date": "next friday 3pm", "repeat": "every month on the last Friday"}
    browser.post("/tasks", sent)
    task = session.scalars(select(Task)).one()
    assert task.due_at == datetime(2026, 12, 4, 15, 0, tzinfo=BERLIN)
    assert task.repeat == "FREQ=MONTHLY;BYDAY=-1FR"
    session.commit()
    assert 'value="every month on the last Friday"' in browser.get(f"/tasks/{task.id}/edit").text
    url = f"/tasks/{task.id}/field/due_date"
    control = browser.get(url, headers=HTMX).text
    assert 'value="2026-12-04 15:00"' in control
    sent = dict(re.findall(r'name="(version|base)" value="([^"]*)"', control))
    answer = browser.post(url, {**sent, "due_date": "monday"}, headers=HTMX)
    assert "Nov 30, 2026" in answer.text
    assert state(session, task)[0] == "2026-11-30" and task.due_at is None
    session.commit()
    undo = re.search(r'"undo_url": "([^"]+)"', answer.headers["HX-Trigger"])
    assert undo and browser.post(undo[1], headers=HTMX).status_code == 200
    session.refresh(task)
    assert task.due_at == datetime(2026, 12, 4, 15, 0, tzinfo=BERLIN)
    session.commit()


def test_a_time_near_midnight_lies_on_the_day_it_is_where_the_reader_is(
    browse: Browse, session: TenantSession, alice: User, bob: User
) -> None:
    make(session, alice, title="Half past midnight", due_at=datetime(2026, 11, 28, 0, 30, tzinfo=BERLIN).isoformat())
    make(session, alice, title="All day", due_date="2026-11-27")
    session.get_one(User, alice.id).timezone = "America/New_York"
    session.commit()

    def listed(user: User, path: str) -> list[str]:
        return re.findall(r'task-title"[^>]*>([^<]+)<', browse(user.id).get(path).text)

    for path in ("/tasks?due_date=today", "/tasks?due_date[lte]=today"):
        assert sorted(listed(alice, path)) == ["All day", "Half past midnight"]
        assert listed(bob, path) == ["All day"]
    headings = re.findall(r"<h2>([^<]+)</h2>", browse(alice.id).get("/my-day").text)
    assert headings == ["Today"] and len(listed(alice, "/my-day")) == 2
    clock.configure(datetime(2026, 11, 28, 0, 45, tzinfo=BERLIN))  # 18:45 on the day before, in New York
    assert listed(alice, "/tasks?is_overdue=true") == []
    assert listed(bob, "/tasks?is_overdue=true") == ["All day"]


def test_a_task_that_is_done_tells_the_page_and_names_the_next_of_its_series(
    browse: Browse, session: TenantSession, alice: User
) -> None:
    task = make(session, alice, due_date="2026-11-27", repeat="FREQ=WEEKLY;BYDAY=FR")
    answer = browse(alice.id).post(f"/tasks/{task.id}/done", headers=HTMX)
    told = json.loads(answer.headers["HX-Trigger"])
    assert told["dayChanged"] == {"task": task.id}
    assert told["toast"]["text"] == "Done. The next one is on Dec 4, 2026."
    assert "every week on Friday" in browse(alice.id).get("/tasks").text


def test_a_reminder_comes_once_at_its_minute(browse: Browse, session: TenantSession, alice: User) -> None:
    browser = browse(alice.id)
    make(session, alice, due_at=(clock.now() + timedelta(minutes=1)).isoformat())
    since = browser.get("/my-day/reminders").json["now"]  # type: ignore[index]
    clock.configure(clock.now() + timedelta(minutes=2))
    found = browser.get("/my-day/reminders", query_string={"since": since}).json
    assert found is not None and [task["text"] for task in found["due"]] == ["Due now: Call Ana"]
    again = browser.get("/my-day/reminders", query_string={"since": found["now"]}).json
    assert again is not None and again["due"] == [] and again["count"] == 1


def test_another_tenant_finds_none_of_it(browse: Browse, session: TenantSession, alice: User, mallory: User) -> None:
    task, browser = make(session, alice), browse(mallory.id)
    session.refresh(task)
    session.commit()
    for path in ("due", "assign"):
        assert browser.get(f"/my-day/tasks/{task.id}/{path}").status_code == 404
    for path in ("due", "assign", "snooze", "skip", "stop", "undo"):
        assert browser.post(f"/my-day/tasks/{task.id}/{path}").status_code == 404
    assert browser.get(f"/my-day?person={alice.id}").status_code == 404


def test_viewers_change_nothing(browse: Browse, session: TenantSession, alice: User, vera: User) -> None:
    task, browser = make(session, alice), browse(vera.id)
    assert browser.get("/my-day").status_code == 200
    for path in ("tasks", f"tasks/{task.id}/due", f"tasks/{task.id}/snooze"):
        assert browser.post(f"/my-day/{path}").status_code == 403


def feed_address(browser: Browser) -> str:
    found = re.search(
        r'value="http[^"]*?(/calendar/awcal_[^"]+\.ics)"', browser.post("/calendar", follow_redirects=True).text
    )
    assert found
    return found[1]


def test_the_feed_is_read_by_another_library_and_costs_nothing_unchanged(
    browse: Browse, session: TenantSession, alice: User, stranger: Browser
) -> None:
    title = (
        "Send “offer”; with commas, back\\slash and a line that is far longer than seventy-five bytes: äöü " + "é" * 40
    )
    make(
        session,
        alice,
        title=title,
        body="First\nsecond",
        due_at=datetime(2026, 12, 4, 15, 0, tzinfo=BERLIN).isoformat(),
    )
    make(session, alice, title="All day", due_date="2026-12-01")
    path = feed_address(browse(alice.id))
    answer = stranger.get(path)
    assert all(len(line) <= 75 for line in answer.data.split(b"\r\n"))
    by_title = {event.summary.value: event for event in vobject.readOne(answer.text).vevent_list}
    assert by_title[title].dtstart.value == datetime(2026, 12, 4, 15, 0, tzinfo=BERLIN)
    assert by_title[title].description.value.startswith("First\nsecond\n")
    assert str(by_title["All day"].dtstart.value) == "2026-12-01"
    assert stranger.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    elsewhere = vobject.readOne(stranger.get(path, base_url="http://127.0.0.1").text)
    uids = {event.uid.value for event in elsewhere.vevent_list}
    assert uids == {event.uid.value for event in by_title.values()} and len(uids) == 2
    assert all(event.dtstamp.value.tzinfo is not None for event in by_title.values())
    todos = vobject.readOne(stranger.get(f"{path}?tasks=todos").text).vtodo_list
    assert {todo.summary.value for todo in todos} == set(by_title)


def test_a_feed_holds_ones_own_alone_and_ends_when_revoked(
    browse: Browse, session: TenantSession, alice: User, mallory: User, stranger: Browser
) -> None:
    make(session, alice, title="Secret", due_date="2026-12-01")
    browser = browse(alice.id)
    first = feed_address(browser)
    second = feed_address(browser)
    assert stranger.get(first).status_code == 404  # a new address ends the one before
    assert "Secret" in stranger.get(second).text
    assert "Secret" not in stranger.get(feed_address(browse(mallory.id))).text
    browser.post("/calendar/revoke")
    assert stranger.get(second).status_code == 404
    assert stranger.get("/calendar/awcal_guess.ics").status_code == 404


def test_a_text_that_is_no_line_is_refused_without_being_read_for_days(browse: Browse, alice: User) -> None:
    browser, text = browse(alice.id), "Call Ana every friday " * 100
    assert browser.get("/my-day/read", query_string={"line": 1, "text": text}).text.strip() == ""
    assert "at most 500 characters" in browser.post("/my-day/tasks", {"text": text}, headers=HTMX).text


def test_a_line_of_spaces_is_asked_for_in_words(browse: Browse, alice: User) -> None:
    answer = browse(alice.id).post("/my-day/tasks", {"text": "   "}, headers=HTMX)
    assert answer.status_code == 422
    assert "What has to be done?" in answer.text
