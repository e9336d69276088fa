"""Vectors in PostgreSQL, where its `vector` extension is: the same verbs as the matrix in memory.

The table is made by a migration where the extension can be used, and read only when a workspace has outgrown memory.
Vectors are unit length, so the inner product is the cosine.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine, inspect, text

from shared.tenancy import TenantSession

Vector = npt.NDArray[np.float32]


def is_available(session: TenantSession) -> bool:
    """Whether this database holds vectors itself."""
    bind = session.get_bind()
    return bind.dialect.name == "postgresql" and _has_table(bind.engine)


@lru_cache(maxsize=16)
def _has_table(engine: Engine) -> bool:
    return inspect(engine).has_table("search_index_vector")


def put(session: TenantSession, vectors: Sequence[tuple[int, Vector]]) -> None:
    """Keep the vectors of chunks of the session's workspace; a chunk that is gone meanwhile is passed over."""
    statement = text(
        "INSERT INTO search_index_vector (chunk_id, workspace_id, v)"
        " SELECT id, workspace_id, CAST(:v AS vector) FROM chunk WHERE id = :id AND workspace_id = :workspace"
        " ON CONFLICT (chunk_id) DO UPDATE SET v = excluded.v"
    )
    rows = [{"id": id_, "v": _written(vector), "workspace": session.workspace_id} for id_, vector in vectors]
    if rows:
        session.execute(statement, rows)


def nearest(
    session: TenantSession, vector: Vector, *, model: str, k: int, types: Sequence[str] | None = None
) -> list[tuple[int, float]]:
    """The k chunks of the session's workspace most like a vector: (chunk, cosine), best first."""
    statement = text(
        "SELECT s.chunk_id, -(s.v <#> CAST(:v AS vector)) AS score FROM search_index_vector s"
        " JOIN chunk c ON c.id = s.chunk_id"
        " WHERE s.workspace_id = :workspace AND c.workspace_id = :workspace AND c.model = :model"
        " AND (CAST(:types AS text[]) IS NULL OR c.record_type = ANY(CAST(:types AS text[])))"
        " ORDER BY s.v <#> CAST(:v AS vector), s.chunk_id LIMIT :k"
    )
    named = None if types is None else list(types)
    asked = {"v": _written(vector), "workspace": session.workspace_id, "model": model, "k": k, "types": named}
    return [(row.chunk_id, float(row.score)) for row in session.execute(statement, asked)]


def similarity(session: TenantSession, vector: Vector, ids: Sequence[int], *, model: str) -> dict[int, float]:
    """The cosines of some chunks of the session's workspace; those without a vector are left out."""
    statement = text(
        "SELECT s.chunk_id, -(s.v <#> CAST(:v AS vector)) AS score FROM search_index_vector s"
        " JOIN chunk c ON c.id = s.chunk_id"
        " WHERE s.workspace_id = :workspace AND c.workspace_id = :workspace AND c.model = :model"
        " AND s.chunk_id = ANY(:ids)"
    )
    asked = {"v": _written(vector), "workspace": session.workspace_id, "model": model, "ids": list(ids)}
    return {row.chunk_id: float(row.score) for row in session.execute(statement, asked)}


def _written(vector: Vector) -> str:
    return "[" + ",".join(f"{x:.8g}" for x in vector.tolist()) + "]"
