"""Many writers at once: they wait their turn, and when that takes too long a person is told."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, insert, select, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

import shared.database
from shared.database import LOCK_WAIT_S, Database, session_scope, write_many
from shared.errors import Unavailable
from shared.events import Actor
from shared.models import Event, Note, Workspace
from shared.models.base import table_of
from shared.records import bulk
from shared.tenancy import EVERY_WORKSPACE, TenantSession, standing
from tests.conftest import Cast, Postgresql
from tests.factories import make_note

ROOT = Path(__file__).parents[2]

WRITER = """
import sys
from sqlalchemy import select
from shared.database import Database
from shared.models import Note
url, workspace, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
database = Database(url)
for i in range(count):
    with database.scope(workspace) as session:
        seen = len(session.scalars(select(Note.id)).all())  # reading first is what makes naive writers fail
        session.add(Note(body=f"note {i}, the {seen + 1}th", custom={}))
"""

HOLDER = """
import sys, time
from sqlalchemy import text
from shared.database import Database
url, seconds = sys.argv[1], float(sys.argv[2])
with Database(url).engine.begin() as connection:
    connection.execute(text("UPDATE workspace SET name = name"))
    print("held", flush=True)
    time.sleep(seconds)
"""


def start(program: str, *arguments: object) -> subprocess.Popen[str]:
    """Run a program in a process of its own."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> None:
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, out + errors


def test_processes_that_write_at_once_all_succeed(database: Database, session: TenantSession, cast: Cast) -> None:
    writers = [start(WRITER, database.url, cast.acme, 40) for _ in range(2)]
    for writer in writers:
        finish(writer)
    notes = session.scalars(select(Note.body)).all()
    assert len(notes) == 80
    if database.is_sqlite:  # writers are alone from their beginning, so each saw all before it
        assert sorted(int(body.split("the ")[1].removesuffix("th")) for body in notes) == list(range(1, 81))


def test_threads_that_write_at_once_all_succeed(database: Database, session: TenantSession, cast: Cast) -> None:
    def write() -> None:
        for _ in range(10):
            with database.scope(cast.acme) as own:
                own.add(Note(body="x", custom={}))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(session.scalars(select(Note.id)).all()) == 40


def test_a_lock_held_for_three_seconds_is_waited_for(database: Database, cast: Cast) -> None:
    holder = start(HOLDER, database.url, 3)
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    started = time.monotonic()
    with database.scope(EVERY_WORKSPACE) as session:
        session.get_one(Workspace, cast.acme).name = "Changed"
    assert 2 < time.monotonic() - started < 8
    finish(holder)


def test_a_lock_held_too_long_is_said_to_be_busy(
    database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared.database, "LOCK_WAIT_S", 0.3)
    impatient = Database(database.url)
    holder = start(HOLDER, database.url, 2)
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(Unavailable) as refused, impatient.scope(EVERY_WORKSPACE) as session:
        session.get_one(Workspace, cast.acme).name = "Changed"
    assert refused.value.status == 503
    finish(holder)
    with impatient.scope(EVERY_WORKSPACE) as session:
        assert session.get_one(Workspace, cast.acme).name == "Acme"
    impatient.dispose()


def test_a_result_that_an_error_left_unread_keeps_nobody_from_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared.database, "LOCK_WAIT_S", 2.0)
    database, other = (Database(f"sqlite:///{tmp_path / 'unread.db'}") for _ in range(2))
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE said AS SELECT 1 AS what UNION SELECT 2")
    gc.disable()
    try:
        with database.engine.connect() as connection:
            left: dict[str, Any] = {"cursor": connection.connection.cursor()}
            left["cursor"].execute("SELECT what FROM said")
            left["itself"] = left
            del left
        for each in (other, database):
            with each.engine.begin() as connection:
                connection.exec_driver_sql("INSERT INTO said VALUES (3)")
    finally:
        gc.enable()
        other.dispose()
        database.dispose()


def test_readers_do_not_wait_for_a_writer(database: Database, session: TenantSession, cast: Cast) -> None:
    make_note(session)
    session.add(Note(body="not committed yet", custom={}))
    session.flush()  # the write lock is held from here
    started = time.monotonic()
    with database.session(cast.acme, read_only=True) as reader:
        assert len(reader.scalars(select(Note)).all()) == 1
    assert time.monotonic() - started < LOCK_WAIT_S / 2


def test_a_scope_that_fails_leaves_nothing(database: Database, session: TenantSession, cast: Cast) -> None:
    with pytest.raises(ZeroDivisionError), database.scope(cast.acme) as own:
        own.add(Note(body="x", custom={}))
        own.flush()
        _ = 1 / 0
    assert session.scalars(select(Note)).all() == []


def test_a_process_has_one_database(database: Database, session: TenantSession, cast: Cast) -> None:
    with session_scope(cast.acme) as own:
        own.add(Note(body="through the process's database", custom={}))
    assert len(session.scalars(select(Note)).all()) == 1


def test_asking_for_the_database_before_connecting_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared.database, "_current", None)
    with pytest.raises(RuntimeError), session_scope(EVERY_WORKSPACE):
        pass


def test_references_are_checked(database: Database, session: TenantSession) -> None:
    session.add(Note(body="x", custom={}, author_id=999_999))
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        session.flush()


def test_the_write_ahead_log_is_on(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'deep' / 'down' / 'new.db'}")
    with database.session(EVERY_WORKSPACE) as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
    database.dispose()


@pytest.mark.parametrize("url", ["sqlite:///{folder}", "postgresql+psycopg://somebody@127.0.0.1:1/nothing"])
def test_a_database_that_is_not_there_is_known_as_such(url: str, tmp_path: Path) -> None:
    with pytest.raises(OperationalError) as raised:
        Database(url.format(folder=tmp_path)).engine.connect()
    assert shared.database.is_away(raised.value)
    assert not shared.database.is_busy(raised.value)


def test_a_wrong_statement_is_no_missing_database(database: Database) -> None:
    with pytest.raises(SQLAlchemyError) as raised, database.engine.connect() as connection:
        connection.execute(text("SELECT nothing FROM nowhere"))
    assert not shared.database.is_away(raised.value)


def test_many_rows_are_written_as_one_is(session: TenantSession, cast: Cast) -> None:
    at = datetime(2026, 4, 3, 9, 30, tzinfo=UTC)
    rows = [
        {"workspace_id": cast.acme, "kind": "x", "at": at, "actor": "user", "title": f"é {n}", "data": {"n": [n, None]}}
        for n in range(20)
    ]  # fmt: skip
    write_many(session, insert(table_of(Event)), rows)
    found = list(session.scalars(select(Event).where(Event.kind == "x").order_by(Event.id)))
    assert [(e.title, e.at, e.data) for e in found] == [(row["title"], at, row["data"]) for row in rows]
    with pytest.raises(ValueError, match="created_at"):  # a default of ours would be left out
        write_many(session, insert(table_of(Note)), [{"workspace_id": cast.acme, "body": "x", "custom": {}}] * 20)


def test_after_a_bulk_of_rows_an_index_is_used_that_finds_few(database: Database, cast: Cast) -> None:
    with database.scope(cast.acme) as session:
        by = Actor("user", cast.alice)
        people = bulk.prepare(cast.acme, "contact", [{"last_name": f"P{n}"} for n in range(3000)], [None] * 3000, by=by)
        bulk.create_many(session, "contact", people, by=by)
    keys = ", ".join(f"'p{n}'" for n in range(10))
    query = f"SELECT id FROM contact WHERE workspace_id = 1 AND name_key IN ({keys}) AND deleted_at IS NULL"
    explain = text(("EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN ") + query)
    with database.scope(cast.acme, read_only=True) as reader:  # a connection that is open notices
        assert not database.is_sqlite or "name_key=?" not in str(reader.connection().execute(explain).all())
        reader.rollback()
        database.refresh_statistics()
        assert "ix_contact_name" in str(reader.connection().execute(explain).all())


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        (standing(select(Note.body).where(Note.id == 1)), True),
        (select(Note.body).where(Note.body.contains("x")), False),
    ],
    ids=["standing", "other"],
)
def test_postgresql_plans_once_what_every_page_asks(postgresql: Postgresql, question: Select[Any], kept: bool) -> None:
    database = Database(postgresql.url)
    for _ in range(8):
        with database.session(1, read_only=True) as session:
            session.execute(question).all()
    with database.engine.connect() as connection:
        prepared = connection.exec_driver_sql("SELECT statement FROM pg_prepared_statements").scalars().all()
    database.dispose()
    assert [text for text in prepared if "FROM note" in text] == prepared
    assert bool(prepared) is kept


def test_rows_are_read_by_the_piece(database: Database, session: TenantSession, cast: Cast) -> None:
    for n in range(30):
        make_note(session, body=f"note {n}")
    session.commit()
    with database.session(cast.acme, read_only=True) as reader:
        found = reader.scalars(select(Note.body).order_by(Note.id).execution_options(yield_per=7)).all()
    assert found == [f"note {n}" for n in range(30)]
