"""Which chunks mean nearly the same as a question: cosines against every vector of the workspace.

Vectors lie in the database. Each process keeps those of the workspaces it was asked about in memory, and brings them up
to date by the change counter before every search, so that several processes agree. A workspace of usual size is one
float32 matrix, and a search one pass over it; one that is larger is kept as bits (`matrices`). The workspaces asked
longest ago make room when the memory set aside is full. With VECTOR_INDEX=pgvector PostgreSQL searches, and nothing is
kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence

import numpy as np
from sqlalchemy import func, select, update

from chatbot.retrieval.bert import Floats
from chatbot.retrieval.matrices import Codes, Matrix, Rows, Scored
from shared.models import Chunk
from shared.search import passages, pgvector
from shared.tenancy import TenantSession

#: Bytes of vectors kept in memory by one process.
MEMORY_BYTES = 512 * 1024 * 1024
#: Vectors of one workspace that are kept whole; above, as bits.
MOST_WHOLE = 300_000


def put_vectors(session: TenantSession, made: Sequence[tuple[int, str, Floats]], *, model: str, change: int) -> int:
    """Store (chunk, hash of the text it was made from, vector); a chunk that says something else now is passed over.

    Returns how many were stored.
    """
    # Only chunks that nobody is deleting: waiting for a deletion could mean waiting for one that waits for us.
    query = select(Chunk.id, Chunk.hash).where(Chunk.id.in_([id_ for id_, *_ in made]))
    present = dict(session.execute(query.with_for_update(skip_locked=True)).all())
    stored = [(id_, vector) for id_, hash_, vector in made if present.get(id_) == hash_]
    for id_, vector in stored:
        values = {"model": model, "vector": np.ascontiguousarray(vector, dtype="<f4").tobytes(), "change": change}
        statement = update(Chunk).where(Chunk.id == id_).values(**values)
        session.execute(statement.execution_options(synchronize_session=False))
    if pgvector.is_available(session):
        pgvector.put(session, stored)
    return len(stored)


class VectorIndex:
    """The vectors of one model. Safe to use from several threads."""

    def __init__(
        self,
        model: str,
        *,
        memory_bytes: int = MEMORY_BYTES,
        most_whole: int = MOST_WHOLE,
        in_database: bool = False,
    ) -> None:
        self.model = model
        self._memory_bytes = memory_bytes
        self._most_whole = most_whole
        self._in_database = in_database
        self._held: OrderedDict[int, Rows] = OrderedDict()
        self._lock = threading.Lock()

    def nearest(
        self,
        session: TenantSession,
        vector: Floats,
        *,
        k: int,
        types: Sequence[str] | None = None,
        records: Mapping[str, Sequence[int]] | None = None,
    ) -> list[Scored]:
        """The k chunks of the session's workspace most like a vector [d]: (chunk, cosine), best first.

        `types` and `records` ({type: ids}) narrow the search.
        """
        if records is not None:
            scored = self.similarity(session, vector, _chunks_of(session, types, records))
            return sorted(scored.items(), key=lambda item: (-item[1], item[0]))[:k]
        if self._asks_database(session):
            return pgvector.nearest(session, vector, model=self.model, k=k, types=types)
        return self._rows(session).nearest(session, vector, k, types)

    def similarity(
        self, session: TenantSession, vector: Floats, ids: Sequence[int], *, as_seen: bool = False
    ) -> dict[int, float]:
        """The cosines of some chunks; those without a vector are left out.

        `as_seen`: as the search just before saw them, without looking for changes again.
        """
        if self._asks_database(session):
            return pgvector.similarity(session, vector, ids, model=self.model)
        held = self._held.get(session.workspace_id) if as_seen else None
        return (held or self._rows(session)).similarity(session, vector, ids)

    def count(self, session: TenantSession) -> int:
        """Vectors of the session's workspace."""
        if self._asks_database(session):
            return session.scalar(select(func.count()).select_from(Chunk).where(Chunk.model == self.model)) or 0
        return self._rows(session).count

    @property
    def memory_bytes(self) -> int:
        """What is kept in memory now."""
        with self._lock:
            return sum(rows.size_bytes for rows in self._held.values())

    def _asks_database(self, session: TenantSession) -> bool:
        return self._in_database and pgvector.is_available(session)

    def _rows(self, session: TenantSession) -> Rows:
        """What is kept of the session's workspace, up to date."""
        workspace = session.workspace_id
        with self._lock:
            rows = self._held.get(workspace)
        if rows is None or (isinstance(rows, Matrix) and rows.count > self._most_whole):
            fresh = self._fitting(session)
            with self._lock:
                rows = self._held[workspace] = fresh
        rows.refresh(session)
        with self._lock:
            if workspace in self._held:
                self._held.move_to_end(workspace)
            self._make_room()
        return rows

    def _fitting(self, session: TenantSession) -> Rows:
        count = session.scalar(select(func.count()).select_from(Chunk).where(Chunk.model == self.model)) or 0
        return Matrix(self.model) if count <= self._most_whole else Codes(self.model)

    def _make_room(self) -> None:
        while len(self._held) > 1 and sum(rows.size_bytes for rows in self._held.values()) > self._memory_bytes:
            self._held.popitem(last=False)


def _chunks_of(session: TenantSession, types: Sequence[str] | None, records: Mapping[str, Sequence[int]]) -> list[int]:
    query = select(Chunk.id).where(passages.of_records(records))
    if types is not None:
        query = query.where(Chunk.record_type.in_(types))
    return list(session.scalars(query))
