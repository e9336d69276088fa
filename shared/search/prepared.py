"""Statements made once and run as they are: what is asked several times for each question, while somebody waits.

Built anew and looked at by the ORM, a small select takes ten times as long as SQLite does to answer it. These are built
once, with named parameters, and go straight to the session's connection. So the session's own filter does not see them:
each binds `:workspace` itself, and `rows` refuses one that does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable

from shared.tenancy import TenantSession


def rows(session: TenantSession, statement: Executable, **bound: Any) -> Sequence[Any]:
    """All rows of a prepared statement for the session's workspace. Raises ValueError if it does not ask for that."""
    if not _is_of_one_workspace(statement):
        raise ValueError("A prepared statement must bind the workspace.")
    if session.new or session.dirty or session.deleted:
        session.flush()
    return session.connection().execute(statement, {**bound, "workspace": session.workspace_id}).all()


@lru_cache(maxsize=256)
def _is_of_one_workspace(statement: Any) -> bool:
    return "workspace" in statement.compile().params
