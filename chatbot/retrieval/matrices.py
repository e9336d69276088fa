"""A workspace's vectors in memory, kept as the database has them: whole, or as one bit a number.

`Matrix` holds float32 and is exact: a search is one pass over it. `Codes` holds the signs, a thirty-second of that:
the chunks whose signs agree most with the question's are read from the database and compared in full. Signs are taken
of the difference to the mean, because an embedding model uses some directions for every text.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import bindparam, exists, func, or_, select

from chatbot.retrieval.bert import Floats
from chatbot.retrieval.embedding_service import one_thread
from shared.models import Chunk, ChunkRemoval, ChunkState
from shared.search.prepared import rows
from shared.tenancy import TenantSession

Scored = tuple[int, float]
Ints = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint64]

#: Rows of scores looked at together when the best are sought.
_BLOCK = 128
#: Scores below this belong to rows that a filter has taken out.
_OUT = -1.5
#: Chunks that `Codes` compares in full: so many for each one asked for, and at least. With 2,400 of 100,000 it finds
#: 99 of the 100 nearest, with 1,000 it finds 96.
_FULL, _LEAST_FULL = 40, 2400
#: Ids in one question to the database.
_IDS = 2000


_UNSEEN = or_(ChunkRemoval.change.is_(None), ChunkRemoval.change > bindparam("seen"))
_STATE = select(
    ChunkState.change,
    ChunkState.forgotten,
    exists().where(ChunkRemoval.workspace_id == ChunkState.workspace_id, _UNSEEN).label("has_removals"),
).where(ChunkState.workspace_id == bindparam("workspace"))
_REMOVED = select(ChunkRemoval.chunk_id).where(ChunkRemoval.workspace_id == bindparam("workspace"), _UNSEEN)


class Rows:
    """One row a chunk, in no order; grows by half when it is full. What a row holds is the subclass's."""

    def __init__(self, model: str) -> None:
        self.model = model
        self.count = 0
        self.change = -1  # the workspace's counter as far as it is in here
        self.dimensions = 0
        self._ids: Ints = np.zeros(0, dtype=np.int64)
        self._kinds: npt.NDArray[np.uint8] = np.zeros(0, dtype=np.uint8)
        self._rows: dict[int, int] = {}
        self._kind_numbers: dict[str, int] = {}
        self._lock = threading.RLock()

    @property
    def size_bytes(self) -> int:
        return self._ids.nbytes + self._kinds.nbytes + self._held_bytes()

    def refresh(self, session: TenantSession) -> None:
        """Take in what has changed since the last time: one small question when nothing has."""
        with self._lock:
            state = next(iter(rows(session, _STATE, seen=self.change)), None)
            if state is None:
                return
            if 0 <= self.change < state.forgotten:
                self._forget_all()
            if self.change >= 0 and state.has_removals:
                self._drop_removed(session)
            if state.change != self.change:
                self._read(session)
                self.change = state.change

    def nearest(
        self, session: TenantSession, vector: Floats, k: int, types: Sequence[str] | None = None
    ) -> list[Scored]:
        """The k rows most like a vector: (chunk, cosine), best first."""
        with self._lock:
            if not self.count or k < 1 or vector.shape[0] != self.dimensions:
                return []
            return self._nearest(session, vector, k, self._allowed(types))

    def similarity(self, session: TenantSession, vector: Floats, ids: Sequence[int]) -> dict[int, float]:
        """The cosines of some chunks; those without a vector are left out."""
        with self._lock:
            known = [id_ for id_ in ids if id_ in self._rows]
            if not known or vector.shape[0] != self.dimensions:
                return {}
            return self._similarity(session, vector, known)

    def _allowed(self, types: Sequence[str] | None) -> npt.NDArray[np.bool_] | None:
        if types is None:
            return None
        allowed = np.zeros(256, dtype=bool)
        allowed[[self._kind_numbers[kind] for kind in types if kind in self._kind_numbers]] = True
        found: npt.NDArray[np.bool_] = allowed[self._kinds[: self.count]]
        return found

    def _drop_removed(self, session: TenantSession) -> None:
        for (id_,) in rows(session, _REMOVED, seen=self.change):
            self._drop(id_)

    def _read(self, session: TenantSession) -> None:
        columns = (Chunk.id, Chunk.record_type, Chunk.model, Chunk.vector)
        query = select(*columns).where(Chunk.change > self.change)
        if self.change < 0:
            query = query.where(Chunk.model == self.model)
            self._reserve(session)
        for id_, kind, model, vector in session.execute(query.execution_options(yield_per=2000)):
            if model == self.model and vector:
                self._put(id_, kind, np.frombuffer(vector, dtype="<f4"))
            else:
                self._drop(id_)

    def _reserve(self, session: TenantSession) -> None:
        """Room for what is about to be read, so that it is not copied while it grows."""
        query = select(func.count(), func.min(func.length(Chunk.vector))).where(Chunk.model == self.model)
        count, size = session.execute(query).one()
        if count and size:
            self.dimensions = size // 4
            self._grow(count + count // 20 + 1)
            self._look_ahead(session)

    def _grow(self, capacity: int) -> None:
        ids, kinds = np.zeros(capacity, dtype=np.int64), np.zeros(capacity, dtype=np.uint8)
        ids[: self.count], kinds[: self.count] = self._ids[: self.count], self._kinds[: self.count]
        self._ids, self._kinds = ids, kinds
        self._resize(capacity)

    def _put(self, id_: int, kind: str, vector: Floats) -> None:
        if not self.dimensions:
            self.dimensions = len(vector)
        if len(vector) != self.dimensions:  # of another model of that name
            return
        row = self._rows.get(id_)
        if row is None:
            if self.count == len(self._ids):
                self._grow(max(256, self.count + self.count // 2))
            row = self.count
            self.count += 1
            self._rows[id_] = row
            self._ids[row] = id_
        self._set(row, vector)
        self._kinds[row] = self._kind_numbers.setdefault(kind, len(self._kind_numbers))

    def _drop(self, id_: int) -> None:
        """The last row takes the place of the one that goes."""
        row = self._rows.pop(id_, None)
        if row is None:
            return
        self.count -= 1
        if row != self.count:
            self._move(self.count, row)
            self._ids[row], self._kinds[row] = self._ids[self.count], self._kinds[self.count]
            self._rows[int(self._ids[row])] = row

    def _forget_all(self) -> None:
        self._rows.clear()
        self.count, self.change = 0, -1

    def _held_bytes(self) -> int:
        raise NotImplementedError

    def _look_ahead(self, session: TenantSession) -> None:
        """See some vectors before all are read."""

    def _resize(self, capacity: int) -> None:
        raise NotImplementedError

    def _set(self, row: int, vector: Floats) -> None:
        raise NotImplementedError

    def _move(self, source: int, target: int) -> None:
        raise NotImplementedError

    def _nearest(self, session: TenantSession, vector: Floats, k: int, allowed: Any) -> list[Scored]:
        raise NotImplementedError

    def _similarity(self, session: TenantSession, vector: Floats, ids: Sequence[int]) -> dict[int, float]:
        raise NotImplementedError


class Matrix(Rows):
    """Whole vectors, exact."""

    def __init__(self, model: str) -> None:
        super().__init__(model)
        self._vectors: Floats = np.zeros((0, 0), dtype=np.float32)

    def _held_bytes(self) -> int:
        return self._vectors.nbytes

    def _resize(self, capacity: int) -> None:
        vectors = np.zeros((capacity, self.dimensions), dtype=np.float32)
        if self.count:
            vectors[: self.count] = self._vectors[: self.count]
        self._vectors = vectors

    def _set(self, row: int, vector: Floats) -> None:
        self._vectors[row] = vector

    def _move(self, source: int, target: int) -> None:
        self._vectors[target] = self._vectors[source]

    def _nearest(self, session: TenantSession, vector: Floats, k: int, allowed: Any) -> list[Scored]:
        one_thread()
        scores: Floats = self._vectors[: self.count] @ vector
        if allowed is not None:
            scores[~allowed] = 2 * _OUT
        return [(int(self._ids[row]), float(scores[row])) for row in top(scores, k)]

    def _similarity(self, session: TenantSession, vector: Floats, ids: Sequence[int]) -> dict[int, float]:
        scores = self._vectors[[self._rows[id_] for id_ in ids]] @ vector
        return {id_: float(score) for id_, score in zip(ids, scores, strict=True)}


class Codes(Rows):
    """One bit a number in memory, whole vectors in the database."""

    def __init__(self, model: str) -> None:
        super().__init__(model)
        self._mean: Floats = np.zeros(0, dtype=np.float32)
        self._codes: Bits = np.zeros((0, 0), dtype=np.uint64)  # [words, rows]: each word of all rows lies together

    def _held_bytes(self) -> int:
        return self._codes.nbytes

    def _look_ahead(self, session: TenantSession) -> None:
        query = select(Chunk.vector).where(Chunk.model == self.model).limit(2000)
        seen = [np.frombuffer(vector, dtype="<f4") for vector in session.scalars(query) if vector]
        self._mean = np.mean(np.stack(seen), axis=0, dtype=np.float32)

    def _resize(self, capacity: int) -> None:
        codes = np.zeros((-(-self.dimensions // 64), capacity), dtype=np.uint64)
        if self.count:
            codes[:, : self.count] = self._codes[:, : self.count]
        self._codes = codes
        if not len(self._mean):
            self._mean = np.zeros(self.dimensions, dtype=np.float32)

    def _set(self, row: int, vector: Floats) -> None:
        self._codes[:, row] = self._code(vector)

    def _move(self, source: int, target: int) -> None:
        self._codes[:, target] = self._codes[:, source]

    def _code(self, vector: Floats) -> Bits:
        packed = np.zeros(8 * len(self._codes), dtype=np.uint8)
        bits = np.packbits(vector > self._mean)
        packed[: len(bits)] = bits
        return packed.view(np.uint64)

    def _nearest(self, session: TenantSession, vector: Floats, k: int, allowed: Any) -> list[Scored]:
        rows = self._alike(vector, max(_LEAST_FULL, _FULL * k), allowed)
        scores = self._similarity(session, vector, [int(id_) for id_ in self._ids[rows]])
        return sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:k]

    def _alike(self, vector: Floats, most: int, allowed: Any) -> Any:
        """The rows whose signs differ in the fewest places, about `most`."""
        differing = np.zeros(self.count, dtype=np.uint16)
        for stored, asked in zip(self._codes, self._code(vector), strict=True):
            differing += np.bitwise_count(stored[: self.count] ^ asked)
        if allowed is not None:
            differing[~allowed] = np.iinfo(np.uint16).max
        within = np.cumsum(np.bincount(np.minimum(differing, self.dimensions + 1)))
        bound = min(int(np.searchsorted(within, most)), self.dimensions)
        return np.flatnonzero(differing <= bound)[: 4 * most]

    def _similarity(self, session: TenantSession, vector: Floats, ids: Sequence[int]) -> dict[int, float]:
        found: dict[int, float] = {}
        for start in range(0, len(ids), _IDS):
            some = Chunk.id.in_(ids[start : start + _IDS])
            read = session.execute(select(Chunk.id, Chunk.vector).where(some, Chunk.model == self.model)).all()
            if read:
                vectors = np.frombuffer(b"".join(row[1] or b"" for row in read), dtype="<f4").reshape(len(read), -1)
                found |= dict(zip((row[0] for row in read), (vectors @ vector).tolist(), strict=True))
        return found


def top(scores: Floats, k: int) -> Any:
    """Positions of the k largest that no filter has taken out, largest first; of equal ones the first.

    Much cheaper than sorting or partitioning: few numbers reach the k-th largest of the maxima of blocks.
    """
    bound = _OUT
    if len(scores) > 4 * k * _BLOCK:
        whole = len(scores) - len(scores) % _BLOCK
        maxima = scores[:whole].reshape(-1, _BLOCK).max(axis=1)
        bound = max(bound, np.partition(maxima, len(maxima) - k)[len(maxima) - k])
    candidates = np.flatnonzero(scores >= bound)
    order = np.lexsort((candidates, -scores[candidates]))[:k]
    return candidates[order]
