"""The migrations make the schema that the models describe, and take it back."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, update

from shared import migration, search
from shared.database import Database
from shared.models import Base, Deal
from shared.tenancy import EVERY_WORKSPACE, TenantSession
from tests.factories import make_company, make_contact, make_deal, make_pipeline, make_workspace

#: Full-text indexes and pgvector's table are made in each database's own words; models do not know them.
OPTIONS = {
    "compare_type": True,
    "include_name": lambda name, _kind, _parents: not (name or "").startswith("search_index"),
}


#: SQLite tells nobody of what an index is made, unless of columns.
_untold = pytest.mark.filterwarnings(
    "ignore:Skipped unsupported reflection of expression-based index",
    "ignore:autogenerate skipping metadata-specified expression-based index",
)


@_untold
def test_the_migrated_schema_is_the_models_schema(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=OPTIONS)
        assert compare_metadata(context, Base.metadata) == []


@_untold
def test_a_difference_would_be_seen(database: Database) -> None:
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE company ADD COLUMN surprise INTEGER")
        found = compare_metadata(MigrationContext.configure(connection, opts=OPTIONS), Base.metadata)
        connection.rollback()
    assert "surprise" in str(found)


def test_down_leaves_nothing_and_up_again_works(database: Database) -> None:
    with database.scope(EVERY_WORKSPACE) as session:
        workspace = make_workspace(session)
    with database.scope(workspace.id) as session:
        make_contact(session, company_id=make_company(session).id, email="a@b.example")
        search.index(session, "contact", 1, "Jane", "")
    migration.downgrade(database, "base")
    assert not migration.is_current(database)
    assert set(inspect(database.engine).get_table_names()) == {"alembic_version"}
    migration.upgrade(database)
    assert migration.is_current(database)
    with database.scope(EVERY_WORKSPACE) as session:
        assert make_workspace(session).id == 1


def test_upgrading_twice_changes_nothing(database: Database, session: TenantSession) -> None:
    company = make_company(session)
    migration.upgrade(database)
    session.expire_all()
    assert session.get_one(type(company), company.id).name == company.name


def test_deals_are_closed_with_their_stage_where_it_was_made_won_or_open_before_that_did(
    database: Database, session: TenantSession
) -> None:
    pipeline = make_pipeline(session)
    stages = {stage.type.value: stage.id for stage in pipeline.stages}
    came, earlier = datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 2, 1, 9, tzinfo=UTC)
    before = {
        "won": (stages["won"], None), "lost": (stages["lost"], None), "closed": (stages["won"], earlier),
        "open": (stages["open"], None), "reopened": (stages["open"], earlier),
    }  # fmt: skip
    deals = {name: make_deal(session, name=name, pipeline_id=pipeline.id) for name in before}
    for name, (stage_id, closed_at) in before.items():
        values = {"stage_id": stage_id, "closed_at": closed_at, "stage_since": came, "version": 1}
        session.execute(update(Deal).where(Deal.id == deals[name].id).values(values))
    session.commit()
    for _ in range(2):
        migration.downgrade(database, "20261128_1030")
        migration.upgrade(database)
    session.expire_all()
    found = {deal.name: (deal.closed_at, deal.version) for deal in session.scalars(select(Deal))}
    assert found == {
        "won": (came, 2), "lost": (came, 2), "closed": (earlier, 1), "open": (None, 1), "reopened": (None, 2),
    }  # fmt: skip


MIGRATOR = """
import sys
from shared import migration
from shared.database import Database
migration.upgrade(Database(sys.argv[1]))
"""


def test_processes_that_migrate_at_once_take_turns(database: Database) -> None:
    migration.downgrade(database, "base")
    command = [sys.executable, "-c", MIGRATOR, database.url]
    processes = [subprocess.Popen(command, cwd=migration.FOLDER.parent, stderr=subprocess.PIPE) for _ in range(2)]
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors.decode()
    assert migration.is_current(database)


def test_asking_whether_it_is_current_leaves_alembic_alone(database: Database) -> None:
    """Every readiness check asks; loading Alembic costs a tenth of a second."""
    ask = (
        "import sys; from shared import migration; from shared.database import Database;"
        " assert migration.is_current(Database(sys.argv[1])); assert 'alembic' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", ask, database.url], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_an_empty_database_is_not_current(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    assert migration.current_revision(database) is None
    assert not migration.is_current(database)
    database.dispose()


def test_two_heads_are_refused(tmp_path: Path) -> None:
    versions = tmp_path / "versions"
    versions.mkdir()
    (versions / "a.py").write_text("revision = 'a'\ndown_revision = None\n")
    (versions / "b.py").write_text('revision: str = "b"\ndown_revision: str | None = "a"\n')
    assert migration.head_revision(tmp_path) == "b"
    (versions / "c.py").write_text("revision = 'c'\ndown_revision = 'a'\n")
    migration.head_revision.cache_clear()
    with pytest.raises(RuntimeError):
        migration.head_revision(tmp_path)


def test_migrations_are_named_by_date() -> None:
    for path in (migration.FOLDER / "versions").glob("*.py"):
        assert path.name[:15].replace("-", "").isdigit(), path.name
        assert path.name[15] == "_"
