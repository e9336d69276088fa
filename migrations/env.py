"""How migrations meet a database: the engine of the Flask app (`flask db …`) or the one shared/migration.py hands over.

One transaction around the whole run, on both databases: a migration that is killed leaves nothing behind, and two
processes that migrate at once run one after the other, the second finding nothing to do.
"""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import JSON, Connection, text
from sqlalchemy.engine import Engine

from shared.models import Base
from shared.models.base import Choice, UtcDateTime

#: Chosen once and for all: the key of the PostgreSQL lock that lets one process migrate at a time.
MIGRATION_LOCK = 7_203_311_894


def _engine() -> Engine:
    handed_over = context.config.attributes.get("engine")
    if handed_over is not None:
        return handed_over
    from flask import current_app

    return current_app.extensions["migrate"].db.engine


def _render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Spell our own column types by name in generated migrations."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "shared.models.base.UtcDateTime()"
    if kind == "type" and isinstance(item, Choice):
        return f"sa.String(length={item.impl.length})"
    if kind == "type" and isinstance(item, JSON):
        return "shared.models.base.Json"
    return False


def _include_name(name: str | None, kind: str, parent_names: Any) -> bool:
    """Leave out the full-text index: migrations make it in each database's own words, models do not know it."""
    return not (name or "").startswith("search_index")


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        transactional_ddl=True,
        compare_type=True,
        render_item=_render_item,
        include_name=_include_name,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            # Give up soon instead of queueing every reader behind a migration that itself waits for a long query.
            connection.execute(text("SET LOCAL lock_timeout = '5s'"))
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            _check_references(connection)


def _check_references(connection: Connection) -> None:
    broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
    if broken:
        raise RuntimeError(f"The migration would leave rows that refer to nothing: {broken[:5]}")


def run_migrations() -> None:
    with _engine().connect() as connection:
        if connection.dialect.name != "sqlite":
            _run(connection)
            return
        # SQLite changes a table by copying it and dropping the old one; with foreign keys on, the drop would cascade
        # into its children. The switch works only outside a transaction, so it is thrown on the bare connection.
        bare = connection.connection.driver_connection
        bare.execute("PRAGMA foreign_keys=OFF")
        try:
            _run(connection)
        finally:
            bare.execute("PRAGMA foreign_keys=ON")


if context.is_offline_mode():
    raise SystemExit("Migrations need a database to run on; writing them out as SQL is not supported.")
run_migrations()
