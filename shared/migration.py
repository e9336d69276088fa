"""Bringing a database to the schema of this version, and knowing cheaply whether it is there.

`upgrade` runs the files in `migrations/` (start-up, tests); `is_current` is asked by every readiness check, so it
compares two strings and leaves Alembic unimported.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from shared.database import Database
from shared.tenancy import EVERY_WORKSPACE

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parents[1] / "migrations"

_REVISION = re.compile(r"^(revision|down_revision)(?:\s*:[^=]+)?\s*=\s*(?:[\"']([^\"']+)[\"']|None)", re.MULTILINE)


@cache
def head_revision(folder: Path = FOLDER) -> str:
    """The newest revision on disk. Raises RuntimeError when the files do not form one line."""
    revisions: set[str] = set()
    replaced: set[str] = set()
    for path in (folder / "versions").glob("*.py"):
        names = dict(_REVISION.findall(path.read_text(encoding="utf-8")))
        revisions.add(names["revision"])
        if names["down_revision"]:
            replaced.add(names["down_revision"])
    heads = revisions - replaced
    if len(heads) != 1:
        raise RuntimeError(f"Migrations must have one head, found {sorted(heads) or 'none'}.")
    return heads.pop()


def current_revision(database: Database) -> str | None:
    """The revision the database is at; None for one that was never migrated."""
    with database.session(EVERY_WORKSPACE, read_only=True) as session:
        if not inspect(session.connection()).has_table("alembic_version"):
            return None
        revision: str | None = session.scalar(text("SELECT version_num FROM alembic_version"))
        return revision


def is_current(database: Database) -> bool:
    """Whether the schema is this version's. Raises sqlalchemy.exc.OperationalError when the database is away."""
    return current_revision(database) == head_revision()


def upgrade(database: Database, revision: str = "head") -> None:
    """Run the migrations that are missing; nothing happens when there are none."""
    from alembic import command

    command.upgrade(_config(database), revision)


def downgrade(database: Database, revision: str) -> None:
    """Go back to a revision; `base` is an empty database."""
    from alembic import command

    command.downgrade(_config(database), revision)


def _config(database: Database) -> Config:
    from alembic.config import Config

    config = Config(FOLDER / "alembic.ini", attributes={"engine": database.engine})
    config.set_main_option("script_location", str(FOLDER))
    return config
