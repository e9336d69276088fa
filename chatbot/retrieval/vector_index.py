"""Which chunks mean nearly the same as a question: cosines against every vector of the workspace.

Vectors lie in the database. Each process keeps those of the workspaces it was asked about in one float32 matrix, which
it brings up to date by the change counter before every search, so that several processes agree; one pass over the
matrix then is the search, exact and as fast as memory can be read. The workspaces asked longest ago make room when the
memory set aside is full.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import func, or_, select, update

from chatbot.retrieval.bert import Floats
from chatbot.retrieval.embedding_service import limited_threads
from shared.models import Chunk, ChunkRemoval, ChunkState
from shared.search import passages, pgvector
from shared.tenancy import TenantSession

Scored = tuple[int, float]
Ints = npt.NDArray[np.int64]

#: Bytes of vectors kept in memory by one process.
MEMORY_BYTES = 512 * 1024 * 1024
#: Rows of scores looked at together when the best are sought.
_BLOCK = 128
#: Ids in one question to the database.
_IDS = 5000


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

    def __init__(self, model: str, *, memory_bytes: int = MEMORY_BYTES) -> None:
        self.model = model
        self._memory_bytes = memory_bytes
        self._matrices: OrderedDict[int, Matrix] = OrderedDict()
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
        matrix = self._matrix(session)
        if records is None:
            return matrix.nearest(vector, k, types)
        ids = _chunks_of(session, types, records)
        scored = matrix.similarity(vector, ids)
        return sorted(scored.items(), key=lambda item: (-item[1], item[0]))[:k]

    def similarity(self, session: TenantSession, vector: Floats, ids: Sequence[int]) -> dict[int, float]:
        """The cosines of some chunks; those without a vector are left out."""
        return self._matrix(session).similarity(vector, ids)

    def count(self, session: TenantSession) -> int:
        """Vectors of the session's workspace."""
        return self._matrix(session).count

    @property
    def memory_bytes(self) -> int:
        """What is kept in memory now."""
        with self._lock:
            return sum(matrix.size_bytes for matrix in self._matrices.values())

    def _matrix(self, session: TenantSession) -> Matrix:
        workspace = session.workspace_id
        with self._lock:
            matrix = self._matrices.get(workspace)
            if matrix is None:
                matrix = self._matrices[workspace] = Matrix(self.model)
            self._matrices.move_to_end(workspace)
        matrix.refresh(session)
        self._make_room()
        return matrix

    def _make_room(self) -> None:
        with self._lock:
            while len(self._matrices) > 1:
                if sum(matrix.size_bytes for matrix in self._matrices.values()) <= self._memory_bytes:
                    return
                self._matrices.popitem(last=False)


def _chunks_of(session: TenantSession, types: Sequence[str] | None, records: Mapping[str, Sequence[int]]) -> list[int]:
    query = select(Chunk.id).where(passages.of_records(records))
    if types is not None:
        query = query.where(Chunk.record_type.in_(types))
    return list(session.scalars(query))


class Matrix:
    """The vectors of one workspace, one row a chunk in no order. Grows by half when it is full."""

    def __init__(self, model: str) -> None:
        self.model = model
        self.count = 0
        self.change = -1  # the workspace's counter as far as it is in here
        self._vectors: Floats = np.zeros((0, 0), dtype=np.float32)
        self._ids: Ints = np.zeros(0, dtype=np.int64)
        self._kinds: npt.NDArray[np.uint8] = np.zeros(0, dtype=np.uint8)
        self._rows: dict[int, int] = {}
        self._kind_numbers: dict[str, int] = {}
        self._lock = threading.RLock()

    @property
    def size_bytes(self) -> int:
        return self._vectors.nbytes + self._ids.nbytes + self._kinds.nbytes

    def refresh(self, session: TenantSession) -> None:
        """Take in what has changed since the last time: one or two small questions when nothing has."""
        with self._lock:
            state = session.execute(select(ChunkState.change, ChunkState.forgotten)).first()
            if state is None:
                return
            if self.change < state.forgotten:
                self._clear()
            gone = select(ChunkRemoval.chunk_id).where(
                or_(ChunkRemoval.change.is_(None), ChunkRemoval.change > self.change)
            )
            if self.change >= 0:
                for id_ in session.scalars(gone):
                    self._drop(id_)
            if state.change != self.change:
                self._read(session)
                self.change = state.change

    def nearest(self, vector: Floats, k: int, types: Sequence[str] | None = None) -> list[Scored]:
        with self._lock:
            if not self.count or k < 1 or vector.shape[0] != self._vectors.shape[1]:
                return []
            with limited_threads(2):  # one long product: memory, not the processor, is what it waits for
                scores: Floats = self._vectors[: self.count] @ vector
            if types is not None:
                numbers = [self._kind_numbers[kind] for kind in types if kind in self._kind_numbers]
                allowed = np.zeros(256, dtype=bool)
                allowed[numbers] = True
                scores[~allowed[self._kinds[: self.count]]] = -2
            best = top(scores, k)
            return [(int(self._ids[row]), float(scores[row])) for row in best if scores[row] > -1.5]

    def similarity(self, vector: Floats, ids: Sequence[int]) -> dict[int, float]:
        with self._lock:
            known = [(id_, row) for id_ in ids if (row := self._rows.get(id_)) is not None]
            if not known or vector.shape[0] != self._vectors.shape[1]:
                return {}
            scores = self._vectors[[row for _, row in known]] @ vector
            return {id_: float(score) for (id_, _), score in zip(known, scores, strict=True)}

    def _clear(self) -> None:
        self.__init__(self.model)  # type: ignore[misc]

    def _read(self, session: TenantSession) -> None:
        columns = (Chunk.id, Chunk.record_type, Chunk.model, Chunk.vector)
        query = select(*columns).where(Chunk.change > self.change)
        if self.change < 0:
            query = query.where(Chunk.model == self.model)
            self._reserve(session)
        for id_, kind, model, vector in session.execute(query.execution_options(yield_per=2000)):
            if model == self.model and vector:
                self._put(id_, kind, vector)
            else:
                self._drop(id_)

    def _reserve(self, session: TenantSession) -> None:
        """Room for what is about to be read, so that it is not copied while it grows."""
        query = select(func.count(), func.min(func.length(Chunk.vector))).where(Chunk.model == self.model)
        count, size = session.execute(query).one()
        if count and size:
            self._grow(count + count // 20, size // 4)

    def _grow(self, capacity: int, dimensions: int) -> None:
        vectors = np.zeros((capacity, dimensions), dtype=np.float32)
        if self.count:
            vectors[: self.count] = self._vectors[: self.count]
        self._vectors = vectors
        self._ids = np.resize(self._ids, capacity) if len(self._ids) else np.zeros(capacity, dtype=np.int64)
        self._kinds = np.resize(self._kinds, capacity) if len(self._kinds) else np.zeros(capacity, dtype=np.uint8)

    def _put(self, id_: int, kind: str, vector: bytes) -> None:
        row = self._rows.get(id_)
        if row is None:
            if self.count == len(self._ids):
                self._grow(max(256, self.count + self.count // 2), self._vectors.shape[1] or len(vector) // 4)
            row = self.count
            self.count += 1
            self._rows[id_] = row
            self._ids[row] = id_
        self._vectors[row] = np.frombuffer(vector, dtype="<f4")
        self._kinds[row] = self._kind_numbers.setdefault(kind, len(self._kind_numbers))

    def _drop(self, id_: int) -> None:
        """The last row takes the place of the one that goes."""
        row = self._rows.pop(id_, None)
        if row is None:
            return
        self.count -= 1
        if row != self.count:
            self._vectors[row] = self._vectors[self.count]
            self._ids[row], self._kinds[row] = self._ids[self.count], self._kinds[self.count]
            self._rows[int(self._ids[row])] = row


def top(scores: Floats, k: int) -> Any:
    """Positions of the k largest, largest first; of equal ones the first. Much cheaper than sorting or partitioning:

    the k-th largest of the maxima of blocks is a bound that few numbers reach.
    """
    n = len(scores)
    if n <= 4 * k * _BLOCK:
        candidates = np.arange(n)
    else:
        whole = n - n % _BLOCK
        maxima = scores[:whole].reshape(-1, _BLOCK).max(axis=1)
        bound = np.partition(maxima, len(maxima) - k)[len(maxima) - k]
        candidates = np.flatnonzero(scores >= bound)
    order = np.lexsort((candidates, -scores[candidates]))[:k]
    return candidates[order]
