"""The bare handler's questions put to PostgreSQL by psycopg, and its values as SQLite would give them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import psycopg
from psycopg.types.string import TextLoader

from bench import by_hand

#: What is written otherwise there. `user` is a word of PostgreSQL's.
_OTHERWISE = (
    (r"\buser\b(?= (?:u\b|WHERE))", '"user"'),
    (r"CAST\(julianday\('now'\) - julianday\((.+?)\) AS INTEGER\)", r"floor(extract(epoch FROM now() - \1) / 86400)"),
    ("%", "%%"),
    (r"\?", "%s"),
)


def ask(url: str, query: str, parameters: tuple[Any, ...]) -> list[Any]:
    """Rows as named tuples."""
    return _connection(url).execute(_written(query), parameters).fetchall()


@cache
def _connection(url: str) -> psycopg.Connection[Any]:
    """One a process, as the handler has one of SQLite."""
    plain = url.replace("+psycopg", "")
    connection: Any = psycopg.connect(plain, autocommit=True, row_factory=_named_rows, options="-c timezone=UTC")  # type: ignore[arg-type]
    for name in ("date", "timestamptz", "json", "jsonb"):
        connection.adapters.register_loader(name, TextLoader)
    found: psycopg.Connection[Any] = connection
    return found


def _named_rows(cursor: psycopg.Cursor[Any]) -> Callable[[Any], Any]:
    return by_hand.named(tuple((column.name,) for column in cursor.description or ()))._make  # type: ignore[no-any-return]


@cache
def _written(query: str) -> str:
    for pattern, other in _OTHERWISE:
        query = re.sub(pattern, other, query)
    return query
