"""What is found by meaning: pieces of records, each with its text, its words and its vector.

A change of a record leaves a mark in its own transaction; a job turns marks into chunks and chunks into vectors, and
may be killed anywhere. A deletion takes the chunks along at once. The full-text index over chunks is made by a
migration, as that over records is.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Float, Index, LargeBinary, String, Text, UniqueConstraint, column
from sqlalchemy.orm import Mapped, deferred, mapped_column

from shared.models.base import Base
from shared.tenancy import Tenanted

_WAITING = column("model").is_(None)


class Chunk(Tenanted, Base):
    """One piece of a record (of an accepted insight, for `insight`): what it says and where in the record it stands.

    `part` is card (the record's own fields), text (of a note, a description) or talk: whole utterances of a meeting,
    `first` to `last` by position, beginning at second `start_s`. `hash` is of the text; `model` names what made
    `vector` (little-endian float32, unit length) and is empty until it is made. `scope` and `folded` are what the
    full-text index matches. `change` is the workspace's counter when this row was last written.
    """

    __tablename__ = "chunk"
    __table_args__ = (
        UniqueConstraint("record_type", "record_id", "position"),
        Index("ix_chunk_change", "workspace_id", "change"),
        Index("ix_chunk_waiting", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    record_type: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
    position: Mapped[int]
    part: Mapped[str] = mapped_column(String(8))
    first: Mapped[int | None]
    last: Mapped[int | None]
    start_s: Mapped[float | None] = mapped_column(Float)
    text: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64))
    scope: Mapped[str] = mapped_column(String(80))
    folded: Mapped[str] = mapped_column(Text)
    model: Mapped[str | None] = mapped_column(String(200))
    vector: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    change: Mapped[int] = mapped_column(BigInteger)


class ChunkMark(Tenanted, Base):
    """A record that has changed since its chunks were made. `seq` moves with every change, so that the job takes away
    only the mark it has worked on. `marked_at` is wall-clock time."""

    __tablename__ = "chunk_mark"
    __table_args__ = (
        UniqueConstraint("record_type", "record_id"),
        Index("ix_chunk_mark_marked_at", "marked_at"),
    )

    record_type: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
    seq: Mapped[int] = mapped_column(default=1)
    marked_at: Mapped[datetime]


class ChunkRemoval(Tenanted, Base):
    """A chunk that is gone, for processes that hold its vector in memory. The job numbers what deletions left without
    a `change`: a person's transaction never waits for the counter."""

    __tablename__ = "chunk_removal"
    __table_args__ = (Index("ix_chunk_removal_change", "workspace_id", "change"),)

    chunk_id: Mapped[int]
    change: Mapped[int | None] = mapped_column(BigInteger)


class ChunkState(Tenanted, Base):
    """The change counter of a workspace's chunks. Removals up to `forgotten` are no longer kept: whoever last looked
    before that reads everything again."""

    __tablename__ = "chunk_state"
    __table_args__ = (UniqueConstraint("workspace_id"),)

    change: Mapped[int] = mapped_column(BigInteger, default=0)
    forgotten: Mapped[int] = mapped_column(BigInteger, default=0)
