"""Marks become chunks, chunks become vectors: a job that may be killed anywhere, or run twice, and loses nothing.

    mark ─(pieces of the record as it is now)─▶ chunks, searchable by words ─(model)─▶ vectors, found by meaning

Chunks are written and their mark taken away in one transaction, only if the record was not marked again meanwhile. A
piece whose text has not changed keeps its vector. Vectors are made in small batches, new changes first, so that a
record just edited does not wait for ten thousand others.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from chatbot.retrieval import chunks
from chatbot.retrieval.chunks import Piece
from chatbot.retrieval.embedding_service import Embedder, NoEmbeddings, load
from chatbot.retrieval.vector_index import put_vectors
from shared import database, migration, queue, search
from shared.config import Settings
from shared.database import Database
from shared.errors import NotFound, Unavailable
from shared.models import Chunk, ChunkMark, ChunkRemoval, ChunkState, Workspace
from shared.search import passages
from shared.telemetry import get_logger
from shared.tenancy import EVERY_WORKSPACE, TenantSession

log = get_logger(__name__)

#: Records read at once, pieces written in one transaction, texts embedded in one go: each a fraction of a second.
_RECORDS, _PIECES, _TEXTS = 25, 100, 16
#: Removals that are kept for other processes to catch up with.
_REMOVALS_KEPT = 20_000
#: Seconds before a model that could not be loaded is tried again.
_TRY_AGAIN_S = 20.0


#: A piece and its words as they are indexed, which are made before anything is locked.
Prepared = tuple[Piece, str]

#: Records whose names stand in the chunks of others.
_NAMED_ELSEWHERE = ("company", "contact", "deal")


@dataclass(frozen=True, slots=True)
class Marked:
    """A mark as it was read; it may be taken away only while `seq` is the same."""

    workspace_id: int
    record_type: str
    record_id: int
    seq: int


def catch_up(connected: Database, embedder: Embedder | None, *, within_s: float = 300.0) -> int:
    """Work until nothing is marked and nothing waits for a vector, or time is up. Returns how many chunks were done.

    Without a model chunks are made and found by words; their vectors wait.
    """
    until = time.monotonic() + within_s
    done = 0
    if embedder is not None:
        forget_other_models(connected, embedder.name)
    while time.monotonic() < until:
        chunked = chunk_marked(connected)
        embedded = embed_waiting(connected, embedder) if embedder is not None else 0
        done += chunked + embedded
        if not chunked and not embedded:
            break
    return done


_loaded: dict[str, Embedder] = {}
_tried: dict[str, float] = {}


def embed_changes() -> None:
    """The job `shared.queue.EMBED_CHANGES`."""
    settings = Settings()
    try:
        catch_up(database.current(), _model(settings))
    except NoEmbeddings as error:  # it was there before; its vectors wait, chunks are made in the next round
        log.warning("embeddings.failed", reason=error.detail)


def _model(settings: Settings) -> Embedder | None:
    """The worker's model, loaded by its first job. One that is not there is tried again now and then."""
    name = settings.embedding_model
    if name not in _loaded and time.monotonic() - _tried.get(name, float("-inf")) > _TRY_AGAIN_S:
        _tried[name] = time.monotonic()
        try:
            _loaded[name] = load(settings)
        except NoEmbeddings as error:
            log.warning("embeddings.missing", reason=error.detail)
    return _loaded.get(name)


def reindex(connected: Database, *, workspace_id: int | None = None) -> int:
    """Mark every record, of one workspace or of all, to be made anew. Returns how many marks there are."""
    with connected.scope(EVERY_WORKSPACE, read_only=True) as session:
        wanted = (
            select(Workspace.id) if workspace_id is None else select(Workspace.id).where(Workspace.id == workspace_id)
        )
        workspaces = session.scalars(wanted).all()
    count = 0
    for each in workspaces:
        with connected.scope(each) as session:
            count += search.mark_everything(session)
    return count


def reindex_now(workspace_id: int | None = None) -> tuple[int, bool]:
    """`flask reindex`: mark every record; where no worker runs, work the marks off here. Vectors of texts that have not
    changed stay. Returns how many were marked, and whether they are done. Raises NotFound, Unavailable.
    """
    settings = Settings()
    connected = database.connect(settings)
    if not migration.is_current(connected):
        raise Unavailable("The database's schema is not this version's. Run: flask --app main prepare")
    with connected.scope(EVERY_WORKSPACE, read_only=True) as session:
        if workspace_id is not None and session.get(Workspace, workspace_id) is None:
            raise NotFound(f"There is no workspace {workspace_id}.")
    marked = reindex(connected, workspace_id=workspace_id)
    if queue.worker_count(settings.effective_redis_url, "embed"):
        return marked, False
    catch_up(connected, _model(settings), within_s=float("inf"))
    return marked, True


# -------------------------------------------------------------------------------------------------------------- chunks


def chunk_marked(connected: Database, *, limit: int = _RECORDS) -> int:
    """Make the chunks of the records marked last. Returns how many records are done."""
    with connected.scope(EVERY_WORKSPACE, read_only=True) as session:
        columns = (ChunkMark.workspace_id, ChunkMark.record_type, ChunkMark.record_id, ChunkMark.seq)
        query = select(*columns).order_by(ChunkMark.marked_at.desc(), ChunkMark.id.desc()).limit(limit)
        marks = [Marked(*row) for row in session.execute(query)]
    by_workspace: dict[int, list[Marked]] = defaultdict(list)
    for marked in marks:
        by_workspace[marked.workspace_id].append(marked)
    done = 0
    for workspace_id, of_workspace in by_workspace.items():
        with connected.scope(workspace_id, read_only=True) as session:
            read = {m: chunks.pieces_of(session, m.record_type, m.record_id) for m in of_workspace}
        prepared = {m: [(piece, passages.folded(piece.text)) for piece in pieces] for m, pieces in read.items()}
        for portion in _portions(prepared):
            with connected.scope(workspace_id) as session:
                done += _write(session, portion)
    return done


def _portions(prepared: dict[Marked, list[Prepared]]) -> Iterator[dict[Marked, list[Prepared]]]:
    """What is written in one go: whole records, and not many pieces, because others wait meanwhile."""
    portion: dict[Marked, list[Prepared]] = {}
    size = 0
    for marked, pieces in prepared.items():
        if portion and size + len(pieces) > _PIECES:
            yield portion
            portion, size = {}, 0
        portion[marked] = pieces
        size += len(pieces)
    if portion:
        yield portion


def _write(session: TenantSession, prepared: dict[Marked, list[Prepared]]) -> int:
    """Replace the chunks of records that were not marked again since they were read. Returns how many."""
    held = _hold(session, prepared)
    if not held:
        return 0
    change = next_change(session)
    for marked in held:
        is_renamed = replace_chunks(session, marked.record_type, marked.record_id, prepared[marked], change)
        mine = (ChunkMark.record_type == marked.record_type, ChunkMark.record_id == marked.record_id)
        session.execute(delete(ChunkMark).where(*mine).execution_options(synchronize_session=False))
        if is_renamed and marked.record_type in _NAMED_ELSEWHERE:
            search.mark_dependents(session, marked.record_type, marked.record_id)
    return len(held)


def _hold(session: TenantSession, pieces: Iterable[Marked]) -> list[Marked]:
    """Those marks that still stand as they were read, locked. Whoever changes such a record now comes after us."""
    held = []
    for marked in pieces:
        here = (ChunkMark.record_type == marked.record_type, ChunkMark.record_id == marked.record_id)
        # Waiting for a transaction that holds the mark could mean waiting for one that waits for us.
        query = select(ChunkMark.seq).where(*here).with_for_update(skip_locked=True)
        if session.scalar(query) == marked.seq:
            held.append(marked)
    return held


def next_change(session: TenantSession) -> int:
    """Count a change of the workspace's chunks, and number the removals that deletions have left."""
    session.flush()
    statement = update(ChunkState).values(change=ChunkState.change + 1).execution_options(synchronize_session=False)
    if not session.execute(statement).rowcount:  # type: ignore[attr-defined]
        session.add(ChunkState(change=1, forgotten=0))
        session.flush()
    change = session.scalars(select(ChunkState.change)).one()
    numbered = update(ChunkRemoval).where(ChunkRemoval.change.is_(None)).values(change=change)
    session.execute(numbered.execution_options(synchronize_session=False))
    _forget_old_removals(session)
    return change


def _forget_old_removals(session: TenantSession) -> None:
    """Keep the removals' table small: whoever is that far behind reads everything again."""
    newest = select(ChunkRemoval.id).order_by(ChunkRemoval.id.desc()).offset(_REMOVALS_KEPT).limit(1)
    edge = session.scalar(newest)
    if edge is None:
        return
    past = session.scalar(select(func.max(ChunkRemoval.change)).where(ChunkRemoval.id <= edge))
    session.execute(
        delete(ChunkRemoval).where(ChunkRemoval.change <= past).execution_options(synchronize_session=False)
    )
    session.execute(update(ChunkState).values(forgotten=past).execution_options(synchronize_session=False))


def replace_chunks(
    session: TenantSession, record_type: str, record_id: int, prepared: Sequence[Prepared], change: int
) -> bool:
    """Write a record's pieces over its chunks; texts that were there keep their vectors.

    Returns whether the record's first piece, which names it, has changed.
    """
    mine = (Chunk.record_type == record_type, Chunk.record_id == record_id)
    columns = (Chunk.position, Chunk.id, Chunk.hash, Chunk.first, Chunk.last, Chunk.start_s, Chunk.part)
    present = {row.position: row for row in session.execute(select(*columns).where(*mine))}
    is_renamed = bool(present and prepared and present[min(present)].hash != prepared[0][0].hash)
    changed = [i for i, (piece, _) in enumerate(prepared) if i not in present or _is_other(present[i], piece)]
    vectors = _vectors_by_hash(session, mine, [prepared[i][0].hash for i in changed]) if present else {}
    _remove(session, [row.id for position, row in present.items() if position >= len(prepared)], change)
    common = {
        "workspace_id": session.workspace_id,
        "record_type": record_type,
        "record_id": record_id,
        "scope": passages.scope(session.workspace_id, record_type, record_id),
        "change": change,
    }
    rows = [{**common, "position": i, **_values(*prepared[i], vectors)} for i in changed]
    new = [row for row in rows if row["position"] not in present]
    if new:
        session.execute(insert(Chunk), new)
    for row in rows:
        if row["position"] in present:
            here = update(Chunk).where(Chunk.id == present[row["position"]].id)
            session.execute(here.values(**row).execution_options(synchronize_session=False))
    return is_renamed


def _is_other(row: Any, piece: Piece) -> bool:
    told = (row.hash, row.first, row.last, row.start_s, row.part)
    return told != (piece.hash, piece.first, piece.last, piece.start_s, piece.part)


def _vectors_by_hash(session: TenantSession, mine: Any, hashes: Sequence[str]) -> dict[str, tuple[str, bytes]]:
    query = select(Chunk.hash, Chunk.model, Chunk.vector).where(*mine, Chunk.hash.in_(hashes), Chunk.model.is_not(None))
    return {row.hash: (row.model, row.vector) for row in session.execute(query)}


def _values(piece: Piece, folded: str, vectors: dict[str, tuple[str, bytes]]) -> dict[str, Any]:
    model, vector = vectors.get(piece.hash, (None, None))
    return {
        "part": piece.part,
        "first": piece.first,
        "last": piece.last,
        "start_s": piece.start_s,
        "text": piece.text,
        "hash": piece.hash,
        "folded": folded,
        "model": model,
        "vector": vector,
    }


def _remove(session: TenantSession, ids: Sequence[int], change: int) -> None:
    if not ids:
        return
    session.execute(insert(ChunkRemoval), [{"chunk_id": id_, "change": change} for id_ in ids])
    session.execute(delete(Chunk).where(Chunk.id.in_(ids)).execution_options(synchronize_session=False))


# ------------------------------------------------------------------------------------------------------------- vectors


def forget_other_models(connected: Database, model: str) -> int:
    """Let every vector of another model be made again. Returns how many there were."""
    with connected.scope(EVERY_WORKSPACE, read_only=True) as session:
        others = session.scalars(
            select(Chunk.workspace_id).where(Chunk.model.is_not(None), Chunk.model != model).distinct()
        ).all()
    count = 0
    for workspace_id in others:
        with connected.scope(workspace_id) as session:
            stale = update(Chunk).where(Chunk.model.is_not(None), Chunk.model != model)
            values = {"model": None, "vector": None, "change": next_change(session)}
            count += session.execute(  # type: ignore[attr-defined]
                stale.values(**values).execution_options(synchronize_session=False)
            ).rowcount
    if count:
        log.info("embeddings.model_changed", model=model, chunks=count)
    return count


def embed_waiting(connected: Database, embedder: Embedder, *, limit: int = _TEXTS) -> int:
    """Make the vectors of the chunks that have waited least. Returns how many. Raises NoEmbeddings."""
    with connected.scope(EVERY_WORKSPACE, read_only=True) as session:
        columns = (Chunk.id, Chunk.workspace_id, Chunk.hash, Chunk.text)
        query = select(*columns).where(Chunk.model.is_(None)).order_by(Chunk.id.desc()).limit(limit)
        waiting = list(session.execute(query))
    if not waiting:
        return 0
    vectors = embedder.embed([text for *_, text in waiting])  # no session is open
    by_workspace: dict[int, list[tuple[int, str, Any]]] = defaultdict(list)
    for (id_, workspace_id, hash_, _), vector in zip(waiting, vectors, strict=True):
        by_workspace[workspace_id].append((id_, hash_, vector))
    for workspace_id, made in by_workspace.items():
        with connected.scope(workspace_id) as session:
            put_vectors(session, made, model=embedder.name, change=next_change(session))
    return len(waiting)


def waiting_count(session: TenantSession) -> int:
    """Chunks without a vector and records without chunks, in the session's workspace or in all."""
    marks = session.scalar(select(func.count()).select_from(ChunkMark)) or 0
    return marks + (session.scalar(select(func.count()).select_from(Chunk).where(Chunk.model.is_(None))) or 0)
