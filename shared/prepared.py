"""Questions put together once: what every page asks again and again, of tables and within one workspace.

To put a statement together, to narrow it to the workspace and to make objects of its rows takes the ORM a millisecond,
the database a tenth of that. A prepared question is made with the module that asks it and handed to the connection as
it is; its rows are plain. The session's own filter does not see it, so each of its tables has to say `here`:

    _NAMES = prepared(select(DEAL.c.id, DEAL.c.name).where(here(DEAL), DEAL.c.id.in_(several("ids"))))
    rows = _NAMES.ask(session, ids=[1, 2, 3])
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Alias,
    BinaryExpression,
    BindParameter,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Integer,
    Join,
    Row,
    Select,
    Table,
    and_,
    bindparam,
)
from sqlalchemy.sql import visitors
from sqlalchemy.sql.selectable import NamedFromClause

from shared.tenancy import TenantSession

_WORKSPACE = "workspace"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A question that is ready to be asked."""

    statement: Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]

    def ask(self, session: TenantSession, **values: Any) -> Sequence[Row[Any]]:
        """Its rows in the session's workspace, what the session has changed so far included."""
        if not session.info["read_only"]:
            session.flush()
        return session.connection().execute(self.statement, {_WORKSPACE: session.workspace_id, **values}).all()


def prepared(statement: Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]) -> Prepared:
    """A question over tables. Raises RuntimeError where one of them is not narrowed to the workspace."""
    used, narrowed = set(), set()
    for part in visitors.iterate(statement):
        if isinstance(part, Select):
            used |= {table.name for each in part.get_final_froms() for table in _tables(each)}
        elif isinstance(part, BinaryExpression) and getattr(part.right, "key", "") == _WORKSPACE:
            narrowed.add(part.left.table.name)
    if used - narrowed:
        raise RuntimeError(f"A question would look into every workspace's {', '.join(sorted(used - narrowed))}.")
    return Prepared(statement)


def _tables(found: FromClause) -> Iterator[NamedFromClause]:
    """The tables of workspaces' rows that are looked into, under the names they have there."""
    if isinstance(found, Join):
        yield from _tables(found.left)
        yield from _tables(found.right)
    elif isinstance(found, Table | Alias) and "workspace_id" in found.c:
        yield found


def here(*tables: FromClause) -> ColumnElement[bool]:
    """The rows of the session's workspace."""
    return and_(*(table.c.workspace_id == bindparam(_WORKSPACE, type_=Integer) for table in tables))


def several(name: str) -> BindParameter[Any]:
    """A list of values, given when the question is asked; none is no error and finds nothing."""
    return bindparam(name, expanding=True)
