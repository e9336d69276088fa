"""Changes to rows of any table, kept so that they can be taken back exactly.

A journal writes below the records' verbs: it moves rows from one record to another without touching their versions and
times, because nothing was edited. Each entry says what stood there before; taking back restores that where nobody has
changed it since, and counts where somebody has.

    {"table", "set": column, "ids": […], "from": value, "to": value}    many rows, the same change
    {"table", "row": id, "before": {column: value}, "after": {…}}       one row
    {"table", "gone": [{column: value}, …]}                             rows that were deleted, whole
    {"table", "new": [id, …]}                                           rows that were made

Statements are Core, which the tenant filter does not see: each binds the session's workspace here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Date, Table, UniqueConstraint, delete, func, insert, select, update

from shared.database import batched
from shared.models import Base
from shared.models.base import UtcDateTime
from shared.tenancy import TenantSession

Entry = dict[str, Any]
Row = dict[str, Any]

#: Ids in one statement: SQLite takes no more than 32,766 values.
_BATCH = 5000


class Journal:
    """Writes rows and notes what it wrote, in `entries`."""

    def __init__(self, session: TenantSession) -> None:
        self._session = session
        self.entries: list[Entry] = []

    def rows(self, table: Table, *where: ColumnElement[bool]) -> list[Row]:
        """Whole rows, in order of id."""
        mine = table.c.workspace_id == self._session.workspace_id
        found = self._session.execute(select(table).where(mine, *where).order_by(table.c.id))
        return [dict(row) for row in found.mappings()]

    def move(self, table: Table, column: str, ids: Sequence[int], *, to: Any, was: Any) -> None:
        """Set a column that holds `was` in all these rows."""
        if ids:
            _set(self._session, table, column, ids, expecting=was, to=to)
            entry = {"table": table.name, "set": column, "ids": list(ids)}
            self.entries.append(entry | {"from": _plain(was), "to": _plain(to)})

    def change(self, table: Table, row: Row, **values: Any) -> None:
        """Set columns of one row, as far as they differ."""
        changed = {name: value for name, value in values.items() if row[name] != value}
        if not changed:
            return
        _write(self._session, table, row["id"], changed)
        before = {name: _plain(row[name]) for name in changed}
        after = {name: _plain(value) for name, value in changed.items()}
        self.entries.append({"table": table.name, "row": row["id"], "before": before, "after": after})
        row.update(changed)

    def remove(self, table: Table, rows: Sequence[Row]) -> None:
        """Delete these rows."""
        if rows:
            for batch in batched([row["id"] for row in rows], _BATCH):
                self._session.execute(delete(table).where(*_these(self._session, table, batch)))
            kept = [{name: _plain(value) for name, value in row.items()} for row in rows]
            self.entries.append({"table": table.name, "gone": kept})

    def add(self, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows; the workspace is filled in."""
        ids = [
            self._session.execute(insert(table).values(**row, workspace_id=self._session.workspace_id))
            .inserted_primary_key[0]  # type: ignore[attr-defined]  # a CursorResult, as of every insert
            for row in rows
        ]  # fmt: skip
        if ids:
            self.entries.append({"table": table.name, "new": ids})


def take_back(session: TenantSession, entries: Sequence[Entry]) -> int:
    """Restore what stood there before, last change first. Returns how many rows were changed or deleted since and so
    stay as they are."""
    kept = 0
    for entry in reversed(entries):
        table = Base.metadata.tables[entry["table"]]
        if "set" in entry:
            column = entry["set"]
            back = _value(table, column, entry["from"])
            kept += _set(session, table, column, entry["ids"], expecting=_value(table, column, entry["to"]), to=back)
        elif "row" in entry:
            kept += _restore(session, table, entry)
        elif "gone" in entry:
            kept += sum(not _put_back(session, table, row) for row in entry["gone"])
        else:
            for batch in batched(entry["new"], _BATCH):
                session.execute(delete(table).where(*_these(session, table, batch)))
    return kept


def _restore(session: TenantSession, table: Table, entry: Entry) -> bool:
    """Returns whether something was kept as it is now."""
    query = select(table).where(*_these(session, table, [entry["row"]]))
    row = session.execute(query).mappings().first()
    if row is None:
        return True
    values, is_whole = {}, True
    for name, after in entry["after"].items():
        before = entry["before"][name]
        if isinstance(row[name], dict) and isinstance(before, dict):
            values[name], is_same = _parts(row[name], before, after)
            is_whole = is_whole and is_same
        elif row[name] == _value(table, name, after):
            values[name] = _value(table, name, before)
        else:
            is_whole = False
    if values:
        _write(session, table, entry["row"], values)
    return not is_whole


def _parts(now: Row, before: Row, after: Row) -> tuple[Row, bool]:
    """A column of several values, each taken back for itself; and whether nobody has changed one since."""
    changed = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
    untouched = {name for name in changed if now.get(name) == after.get(name)}
    back = {name: before[name] for name in untouched if name in before}
    return {name: value for name, value in now.items() if name not in untouched} | back, len(untouched) == len(changed)


def _put_back(session: TenantSession, table: Table, row: Row) -> bool:
    """Insert a deleted row again, unless what it belongs to is gone, or another has taken its place."""
    values = {name: _value(table, name, value) for name, value in row.items() if name in table.c}
    for column in table.c:
        for key in column.foreign_keys:
            value, owner = values.get(column.name), key.column.table
            if value is not None and session.execute(select(owner.c.id).where(owner.c.id == value)).first() is None:
                if not column.nullable:
                    return False
                values[column.name] = None
    if any(_is_taken(session, table, names, values) for names in unique_keys(table)):
        return False
    if _is_taken(session, table, ["id"], values):  # SQLite gives the id of the last row again once that is deleted
        del values["id"]
    session.execute(insert(table).values(**values))
    return True


def _is_taken(session: TenantSession, table: Table, names: Sequence[str], values: Row) -> bool:
    if any(values.get(name) is None for name in names):
        return False
    same = [table.c[name] == values[name] for name in names]
    return session.execute(select(table.c.id).where(*same)).first() is not None


def unique_keys(table: Table) -> Iterator[list[str]]:
    """The columns of each unique constraint or index of a table."""
    yield from ([c.name for c in key.columns] for key in table.constraints if isinstance(key, UniqueConstraint))
    yield from ([c.name for c in index.columns] for index in table.indexes if index.unique)


def _set(session: TenantSession, table: Table, column: str, ids: Sequence[int], *, expecting: Any, to: Any) -> int:
    """Set a column where it holds what is expected. Returns how many rows hold something else by now."""
    unset = 0
    for batch in batched(ids, _BATCH):
        here = (*_these(session, table, batch), table.c[column] == expecting)
        fit = session.scalar(select(func.count()).select_from(table).where(*here)) or 0
        unset += len(batch) - fit
        session.execute(update(table).where(*here).values({column: to, **_unmoved(table)}))
    return unset


def _write(session: TenantSession, table: Table, id: int, values: Row) -> None:
    times = {} if "updated_at" in values else _unmoved(table)
    session.execute(update(table).where(*_these(session, table, [id])).values(**values, **times))


def _unmoved(table: Table) -> dict[str, Any]:
    """A moved row was not edited: the column's own `onupdate` must not say so."""
    return {"updated_at": table.c.updated_at} if "updated_at" in table.c else {}


def _these(session: TenantSession, table: Table, ids: Sequence[int]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return table.c.workspace_id == session.workspace_id, table.c.id.in_(ids)


def _plain(value: Any) -> Any:
    """As JSON carries it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value


def _value(table: Table, column: str, plain: Any) -> Any:
    """As the column's type takes it."""
    kind = table.c[column].type
    if isinstance(plain, str) and isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(plain)
    if isinstance(plain, str) and isinstance(kind, Date):
        return date.fromisoformat(plain)
    return plain
