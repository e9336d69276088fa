"""What of a record is searchable: one row each, written in the transaction of the change itself."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Integer, Text, bindparam, delete, func, select, true
from sqlalchemy.dialects import postgresql, sqlite

from shared.database import write_many
from shared.models import SearchDocument
from shared.models.base import table_of
from shared.search import folding, marking
from shared.tenancy import TenantSession

_TITLE_CHARS = 500

#: PostgreSQL refuses a text whose index entry would pass 1 MB: each different word costs its bytes and some more, each
#: repetition two bytes up to the 255th. We stop well before, on both databases.
_INDEX_BYTES = 800_000
_WORD_BYTES = 10
_POSITIONS = 255


def index(session: TenantSession, record_type: str, record_id: int, title: str, body: str) -> None:
    """Make a record findable by its title and body, in place of what was indexed before, and mark it for its chunks.

    Texts of any size are stored whole; beyond about 100,000 different words only the first ones are found.
    """
    session.flush()
    index_many(session, record_type, [(record_id, searchable(title, body))])


def searchable(title: str, body: str) -> dict[str, str]:
    """What of a record is stored to find it by; takes time, and no database."""
    title = _storable(title)[:_TITLE_CHARS]
    body = _storable(body)
    return {
        "title": title,
        "body": body,
        "title_key": _words(title),
        "folded": _words(body),
        "grams": " ".join(folding.grams(title)),
    }


def index_many(session: TenantSession, record_type: str, found_by: Sequence[tuple[int, dict[str, str]]]) -> None:
    """As `index` for many flushed records of one type, each with its `searchable` words."""
    rows = [{"record_id": id_, **words} for id_, words in found_by]
    tenant = {"workspace_id": session.workspace_id, "record_type": record_type}
    if session.get_bind().dialect.name == "sqlite":
        session.connection().execute(_FROM_JSON, {**tenant, "rows": json.dumps(rows, ensure_ascii=False)})
    else:
        write_many(session, _upsert(postgresql.insert(_TABLE)), [tenant | row for row in rows])
    marking.mark_many(session, record_type, [id_ for id_, _ in found_by])


_TABLE = table_of(SearchDocument)
_WORDS = ("title", "body", "title_key", "folded", "grams")


def _upsert(statement: Any) -> Any:
    return statement.on_conflict_do_update(
        index_elements=["record_type", "record_id"],
        set_={name: statement.excluded[name] for name in _WORDS},
        where=_TABLE.c.workspace_id == statement.excluded.workspace_id,
    )


def _from_json() -> Any:
    """All rows in one statement: SQLite writes its full-text index to disk before each that a trigger follows, and a
    statement for each row takes three times as long as one for all."""
    row = func.json_each(bindparam("rows", type_=Text())).table_valued("value").c.value
    given = [func.json_extract(row, f"$.{name}") for name in ("record_id", *_WORDS)]
    tenant: list[Any] = [bindparam("workspace_id", type_=Integer()), bindparam("record_type", type_=Text())]
    rows = select(*(tenant + given)).where(true())  # SQLite needs a WHERE before ON CONFLICT
    return _upsert(sqlite.insert(_TABLE).from_select(["workspace_id", "record_type", "record_id", *_WORDS], rows))


_FROM_JSON = _from_json()


def remove_many(session: TenantSession, record_type: str, record_ids: Sequence[int]) -> None:
    """As `remove` for many of one type."""
    session.execute(
        delete(SearchDocument)
        .where(SearchDocument.record_type == record_type, SearchDocument.record_id.in_(record_ids))
        .execution_options(synchronize_session=False)
    )
    marking.forget_many(session, record_type, record_ids)


def remove(session: TenantSession, record_type: str, record_id: int) -> None:
    """Make a record unfindable; nothing happens when it was not indexed."""
    session.execute(
        delete(SearchDocument)
        .where(SearchDocument.record_type == record_type, SearchDocument.record_id == record_id)
        .execution_options(synchronize_session=False)
    )
    marking.forget(session, record_type, record_id)


def _storable(text: str) -> str:
    """Without what PostgreSQL or UTF-8 cannot hold: NUL, halves of characters."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode().strip()


def _words(text: str) -> str:
    """A text's words and further spellings, within what an index entry may hold."""
    words = [*folding.words(text), *dict.fromkeys(folding.spellings(text))]
    return " ".join(words if len(words) <= _POSITIONS else _within(words))  # a few words never pass the limits


def _within(words: Iterable[str]) -> list[str]:
    kept: list[str] = []
    seen: Counter[str] = Counter()
    size = 0
    for word in words:
        if seen[word] == 0:
            size += len(word.encode()) + _WORD_BYTES
        elif seen[word] < _POSITIONS:
            size += 2
        else:
            continue
        if size > _INDEX_BYTES:
            break
        seen[word] += 1
        kept.append(word)
    return kept
