"""What every page reads and hardly anybody changes is looked up once, and never stale."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete, select, update

from shared import clock
from shared.database import Database
from shared.models import SavedView, User, Workspace
from shared.records import pipelines
from shared.tenancy import EVERY_WORKSPACE, TenantSession
from tests.conftest import Cast
from tests.factories import make_pipeline, make_user, make_view


def _stamp(database: Database, workspace: int) -> str:
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        return session.get_one(Workspace, workspace).stamp


def _names(database: Database, cast: Cast, asked: list[int]) -> list[str]:
    """The names of views, as a page in a session of its own finds them; each search is noted."""
    with database.session(EVERY_WORKSPACE, read_only=True) as session:
        session.enter(cast.acme, stamp=session.get_one(Workspace, cast.acme).stamp)

        def find() -> list[SavedView]:
            asked.append(1)
            return list(session.scalars(select(SavedView).order_by(SavedView.id)))

        views = session.cached("views of a test", find)
    return [view.name for view in views]


def test_what_was_found_outlives_its_session_until_it_changes(
    database: Database, session: TenantSession, cast: Cast
) -> None:
    view = make_view(session, name="Leads")
    asked: list[int] = []
    assert [_names(database, cast, asked) for _ in range(3)] == [["Leads"]] * 3
    assert len(asked) == 1
    view.name = "Buyers"
    session.commit()
    assert _names(database, cast, asked) == ["Buyers"] and len(asked) == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda session, view: make_view(session),
        lambda session, view: session.delete(view),
        lambda session, view: setattr(view, "name", "Other"),
        lambda session, view: session.execute(update(SavedView).values(is_shared=True)),
        lambda session, view: session.execute(delete(SavedView)),
        lambda session, view: make_user(session),
    ],
    ids=["new", "gone", "other", "many other", "many gone", "person"],
)
def test_each_change_gives_the_workspace_another_stamp_and_no_other_workspace(
    database: Database, session: TenantSession, cast: Cast, change: Callable[[TenantSession, SavedView], object]
) -> None:
    view = make_view(session)
    before, theirs = _stamp(database, cast.acme), _stamp(database, cast.globex)
    change(session, view)
    session.commit()
    assert _stamp(database, cast.acme) != before
    assert _stamp(database, cast.globex) == theirs


def test_what_is_read_or_taken_back_changes_no_stamp(database: Database, session: TenantSession, cast: Cast) -> None:
    view = make_view(session, name="Leads")
    before = _stamp(database, cast.acme)
    view.name = "Leads"
    session.commit()
    view.name = "Never"
    session.flush()
    session.rollback()
    assert _stamp(database, cast.acme) == before


def test_a_change_inside_a_savepoint_counts(database: Database, session: TenantSession, cast: Cast) -> None:
    before = _stamp(database, cast.acme)
    with session.begin_nested():
        session.add(SavedView(record_type="contact", name="Leads", state={}))
    assert _stamp(database, cast.acme) == before, "nobody else sees it yet"
    session.commit()
    assert _stamp(database, cast.acme) != before


def test_a_session_of_every_workspace_stamps_whose_row_it_was(database: Database, cast: Cast) -> None:
    before, theirs = _stamp(database, cast.acme), _stamp(database, cast.globex)
    with database.scope(EVERY_WORKSPACE) as everywhere:
        everywhere.get_one(User, cast.alice).name = "Alice Smith"
    assert (_stamp(database, cast.acme) != before, _stamp(database, cast.globex) == theirs) == (True, True)


def test_whoever_can_write_looks_each_time(database: Database, session: TenantSession, cast: Cast) -> None:
    asked: list[int] = []
    with database.scope(EVERY_WORKSPACE) as writer:
        writer.enter(cast.acme, stamp=writer.get_one(Workspace, cast.acme).stamp)
        for _ in range(2):
            writer.cached("views of a test", lambda: asked.append(1) or [])  # type: ignore[func-returns-value]
    assert len(asked) == 2


def test_a_stage_that_was_renamed_or_taken_away_is_so_on_the_next_page(
    database: Database, session: TenantSession, cast: Cast
) -> None:
    def shown() -> list[str]:
        with database.session(EVERY_WORKSPACE, read_only=True) as reading:
            reading.enter(cast.acme, stamp=reading.get_one(Workspace, cast.acme).stamp)
            known = pipelines.listed(reading)
            of_pipeline = pipelines.stages(reading, {found.id for found in known})
            names = [stage.name for found in known for stage in found.stages]
        assert names == [stage.name for stage in of_pipeline]
        return names

    pipeline = make_pipeline(session)
    session.commit()
    before = shown()
    assert before == shown() == [stage.name for stage in pipeline.stages]
    pipeline.stages[0].name = "First words"
    session.commit()
    assert shown() == ["First words", *before[1:]]
    pipeline.stages = pipeline.stages[1:]
    session.commit()
    assert shown() == before[1:]
    pipeline.archived_at = clock.now()
    session.commit()
    assert shown() == []
