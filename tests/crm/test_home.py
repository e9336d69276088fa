"""The first page: what waits for whom, and what a new workspace is told to do."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from flask import Flask

from crm import create_app
from crm.templating import CompiledTemplates
from shared import clock, events
from shared.config import Settings
from shared.database import Database
from shared.events import Actor
from shared.models import InsightStatus, MeetingStatus, StageType, TaskStatus, User, Workspace
from shared.tenancy import TenantSession
from tests import factories

from .conftest import Browser

Browse = Callable[[int], Browser]


def test_a_new_workspace_is_told_the_three_steps(browse: Browse, alice: User) -> None:
    page = browse(alice.id).get("/").text
    assert "Drop a transcript" in page
    assert "data-dropzone" in page
    assert "Bring them over from a file" in page and "Deals past their date" not in page


def test_a_viewer_is_not_asked_to_upload(browse: Browse, vera: User) -> None:
    assert "data-dropzone" not in browse(vera.id).get("/").text


def test_meetings_with_open_findings_wait_with_their_number(
    browse: Browse, session: TenantSession, alice: User
) -> None:
    waiting = factories.make_meeting(session, title="Discovery call", status=MeetingStatus.READY)
    done = factories.make_meeting(session, title="All decided", status=MeetingStatus.READY)
    for status in (InsightStatus.PENDING, InsightStatus.UNDONE, InsightStatus.ACCEPTED):
        factories.make_insight(session, meeting=waiting, status=status)
    factories.make_insight(session, meeting=done, status=InsightStatus.REJECTED)
    factories.make_meeting(session, title="Still reading", status=MeetingStatus.ANALYZING, progress=0.4)
    page = browse(alice.id).get("/").text
    assert "Discovery call" in page
    assert "2 findings" in page
    assert "All decided" not in page
    assert "Still reading" in page


def test_my_open_tasks_stand_there_the_late_ones_marked(
    settings: Settings, browse: Browse, app: Flask, session: TenantSession, alice: User, bob: User
) -> None:
    factories.make_task(session, title="Send the offer", assignee_id=alice.id, due_date=date(2020, 1, 2))
    factories.make_task(session, title="Some day", assignee_id=alice.id)
    factories.make_task(session, title="Bob's own", assignee_id=bob.id)
    factories.make_task(session, title="Long done", assignee_id=alice.id, status=TaskStatus.DONE)
    factories.make_task(session, title="Thrown away", assignee_id=alice.id, deleted_at=datetime.now(UTC))
    page = browse(alice.id).get("/").text
    assert page.index("Send the offer") < page.index("Some day")
    assert "1 overdue" in page
    assert not any(title in page for title in ("Bob&#39;s own", "Long done", "Thrown away"))


def test_the_pipeline_sums_each_currency_by_itself(browse: Browse, session: TenantSession, alice: User) -> None:
    pipeline = factories.make_pipeline(session)
    first = pipeline.stages[0]
    won = next(stage for stage in pipeline.stages if stage.type is StageType.WON)
    for minor, currency in ((100_000, "EUR"), (150_050, "EUR"), (5_000, "JPY"), (None, None)):
        factories.make_deal(session, stage=first, amount_minor=minor, currency=currency)
    factories.make_deal(session, stage=won, amount_minor=99_999_900, currency="EUR")
    page = browse(alice.id).get("/").text
    assert "€2,500.50" in page
    assert "¥5,000" in page
    assert "999,999" not in page


def test_deals_closing_this_month_stand_there_the_late_ones_first(
    browse: Browse, session: TenantSession, alice: User
) -> None:
    pipeline = factories.make_pipeline(session)
    first, won = pipeline.stages[0], next(stage for stage in pipeline.stages if stage.type is StageType.WON)
    today = clock.today()
    factories.make_deal(session, stage=first, name="Due today", expected_close=today)
    factories.make_deal(session, stage=first, name="Long due", expected_close=today - timedelta(days=40))
    factories.make_deal(session, stage=first, name="Next quarter", expected_close=today + timedelta(days=62))
    factories.make_deal(session, stage=first, name="Never said")
    factories.make_deal(session, stage=won, name="Won already", expected_close=today)
    page = browse(alice.id).get("/").text
    assert page.index("Long due") < page.index("Due today")
    assert not any(name in page for name in ("Next quarter", "Never said", "Won already"))
    assert "data-dropzone" in page, "no meeting yet, but the deals come first"
    assert page.index("Deals past their date") < page.index("data-dropzone") and "1 more closes this month" in page
    assert "Nothing to draw yet: Activity by month" in page


def test_recent_activity_tells_who_did_what_but_not_who_signed_in(
    browse: Browse, session: TenantSession, alice: User
) -> None:
    company = factories.make_company(session, name="Quillhaven <b>")
    by = Actor("user", alice.id)
    events.record(session, "company.created", by=by, subject=("company", company.id), title=company.name)
    session.commit()
    page = browse(alice.id).get("/").text
    assert "added" in page
    assert "Quillhaven &lt;b&gt;" in page
    assert "signed in" not in page


def test_mallory_sees_nothing_of_acmes(browse: Browse, session: TenantSession, alice: User, mallory: User) -> None:
    meeting = factories.make_meeting(session, title="Secret meeting", status=MeetingStatus.READY)
    factories.make_insight(session, meeting=meeting)
    factories.make_task(session, title="Secret task", assignee_id=alice.id)
    factories.make_deal(session, amount_minor=123_456_700, currency="EUR")
    events.record(session, "company.created", by=Actor("user", alice.id), subject=("company", 1), title="Secret Inc")
    session.commit()
    page = browse(mallory.id).get("/").text
    assert "Secret" not in page
    assert "1,234,567" not in page


def test_dates_and_money_follow_the_readers_language(
    browse: Browse, session: TenantSession, alice: User, acme: Workspace
) -> None:
    factories.make_deal(session, amount_minor=123_456_750, currency="EUR")
    alice.locale = "de"
    session.commit()
    assert "1.234.567,50\xa0€" in browse(alice.id).get("/").text


def test_a_frozen_clock_is_said_on_every_page_and_decides_what_is_late(
    settings: Settings, database: Database, browse: Browse, session: TenantSession, alice: User
) -> None:
    factories.make_task(session, title="Due then", assignee_id=alice.id, due_date=date(2026, 11, 20))
    browser = browse(alice.id)
    create_app(settings.model_copy(update={"clock": datetime(2026, 11, 21, 9, tzinfo=UTC)}))
    page = browser.get("/").text
    assert "The clock is set to" in page
    assert "1 overdue" in page


def test_health_is_answered_to_anybody(stranger: Browser, cast: object) -> None:
    assert stranger.get("/healthz").json == {"status": "ok"}
    ready = stranger.get("/readyz")
    assert ready.status_code == 200
    assert ready.json is not None
    assert ready.json["status"] == "degraded"
    assert {"database", "broker", "worker", "ollama", "embeddings", "migrations"} == set(ready.json["checks"])


def test_the_page_says_when_there_is_no_language_model_and_never_waits_for_one(browse: Browse, alice: User) -> None:
    browser = browse(alice.id)
    deadline = time.monotonic() + 10
    while "the built-in analyzer is used" not in browser.get("/settings/profile").text:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_template_is_compiled_once_for_all_starts_and_again_where_its_file_is_damaged(
    app: Flask, tmp_path: Path
) -> None:
    folder, name = tmp_path / "compiled", "home/index.html"

    def compiled(into: Path) -> bytes:
        """What is kept after a process of its own has loaded the template."""
        app.jinja_env.overlay(bytecode_cache=CompiledTemplates(into)).get_template(name)
        return b"".join(path.read_bytes() for path in folder.iterdir())

    whole = compiled(folder)
    (path,) = folder.iterdir()
    made = path.stat().st_mtime_ns
    assert compiled(folder) == whole and path.stat().st_mtime_ns == made
    path.write_bytes(whole[: len(whole) // 2])
    assert compiled(folder) == whole
    assert compiled(path / "no folder") == whole, "a folder that cannot be is no reason to fail"
