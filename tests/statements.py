"""What is asked of the database, for tests that count it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine, event

from shared import prepared


@contextmanager
def sent(engine: Engine) -> Iterator[list[str]]:
    """The statements sent inside the block, whether by SQLAlchemy or straight to the driver."""
    seen: list[str] = []
    ask = prepared.Written.ask

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    def note_and_ask(written: prepared.Written, *given: Any) -> list[Any]:
        seen.append(written.sql)
        return ask(written, *given)

    event.listen(engine, "before_cursor_execute", note)
    try:
        with patch.object(prepared.Written, "ask", note_and_ask):
            yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
