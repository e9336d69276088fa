"""What people wrote and said, by the ten thousand: notes and meetings with their chunks and vectors, and the index of
names. Half of the chunks are notes, half windows of talk.

Words come from a small world's vocabulary, the common ones often and most seldom, as words do. Vectors are random
directions: looking through them costs the same, whatever they mean.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from itertools import accumulate, islice
from random import Random
from typing import Any

import numpy as np
from sqlalchemy import Connection, insert, select

from bench import seed
from bench.ground import Ground
from bench.seed import EPOCH
from shared.models import (
    Base,
    Chunk,
    ChunkState,
    Company,
    Contact,
    Deal,
    Meeting,
    MeetingStatus,
    Note,
    SearchDocument,
    Task,
    Utterance,
)
from shared.search import folding, passages

Row = dict[str, Any]

#: What questions ask about.
SUBJECTS = (
    "forklift", "packaging", "warehouse", "invoice", "pallets", "customs", "audit", "training", "supplier", "rebate",
    "firmware", "renewal", "insurance", "downtime", "scanner", "depot", "retrofit", "freight", "sensor", "contract",
)  # fmt: skip
_PLAIN = (
    "delay", "meeting", "price", "week", "team", "plan", "order", "site", "north", "offer", "quarter", "delivery",
    "problem", "agreed", "budget", "signed", "waiting", "sooner", "moved", "asked", "promised", "checked", "late",
)  # fmt: skip
_ENDINGS = ("a", "el", "or", "en", "ik", "um", "is", "at")
_SPEAKERS = ("Ana", "Bob", "Carla", "Deshawn")
#: Words that are said more often than those: so each stands in three or four of a hundred chunks.
_COMMONER = 400
WIDTH, WINDOWS, LINES, SAID = 384, 50, 4, 22
#: Rows of one statement.
_AT_ONCE = 5000


def index_names(ground: Ground) -> None:
    """Make records found by their names, as the verbs that write them do."""
    with seed.loading(ground) as connection:
        for kind, model, name in (
            ("company", Company, Company.name), ("contact", Contact, Contact.first_name + " " + Contact.last_name),
            ("deal", Deal, Deal.name), ("task", Task, Task.title),
        ):  # fmt: skip
            rows = connection.execute(select(model.id, name)).all()
            _put(connection, SearchDocument, (_named(ground, kind, id, title) for id, title in rows))


def write(ground: Ground, chunks: int, model: str) -> None:
    """Notes and meetings of so many chunks, with vectors of this model's name; the workspace must have no chunks."""
    with seed.loading(ground) as connection:
        _Writer(connection, ground, model).write(chunks)


def _named(ground: Ground, kind: str, id: int, title: str, body: str = "") -> Row:
    return {
        "workspace_id": ground.person.workspace_id, "record_type": kind, "record_id": id, "title": title, "body": body,
        "title_key": " ".join(folding.words(title)), "folded": " ".join(folding.words(body)),
        "grams": " ".join(folding.grams(title)),
    }  # fmt: skip


def _put(connection: Connection, model: type[Base], rows: Iterator[Row]) -> None:
    while portion := list(islice(rows, _AT_ONCE)):
        connection.execute(insert(model), portion)


class _Writer:
    def __init__(self, connection: Connection, ground: Ground, model: str) -> None:
        self._connection, self._ground, self._model = connection, ground, model
        self._random = Random(2026)
        self._vectors = np.random.default_rng(2026)
        rare = [f"{word}{end}{other}" for word in _PLAIN for end in _ENDINGS for other in _ENDINGS]
        self._words = (*_PLAIN, *rare[:_COMMONER], *SUBJECTS, *rare[_COMMONER:])
        self._weights = list(accumulate(1 / (rank + 3) for rank in range(len(self._words))))

    def write(self, chunks: int) -> None:
        notes, meetings = chunks // 2, max(1, chunks // 2 // WINDOWS)
        self._put(Note, (self._record(id) | {"body": self._body(), "author_id": None} for id in range(1, notes + 1)))
        bodies = self._connection.execute(select(Note.id, Note.body)).all()
        self._put(SearchDocument, (_named(self._ground, "note", id, body[:60], body) for id, body in bodies))
        self._put(Chunk, (self._chunk("note", id, 0, "text", f"Note\n{body}") for id, body in bodies))
        self._put(Meeting, (self._record(id) | self._meeting(id) for id in range(1, meetings + 1)))
        self._put(SearchDocument, (_named(self._ground, "meeting", id, f"Talk {id}") for id in range(1, meetings + 1)))
        for id in range(1, meetings + 1):
            self._talk(id)
        state = {"workspace_id": self._ground.person.workspace_id, "change": 1, "forgotten": 0}
        self._put(ChunkState, iter([state]))

    def _put(self, model: type[Base], rows: Iterator[Row]) -> None:
        _put(self._connection, model, rows)

    def _record(self, id: int) -> Row:
        at = EPOCH + timedelta(minutes=id)
        return {
            "workspace_id": self._ground.person.workspace_id, "id": id, "version": 1, "actor": "import", "custom": {},
            "created_at": at, "updated_at": at, "created_by_id": self._ground.person.user_id,
        }  # fmt: skip

    def _meeting(self, id: int) -> Row:
        return {
            "title": f"Talk {id}", "occurred_at": EPOCH + timedelta(hours=id), "status": MeetingStatus.READY,
            "participants": [],
        }  # fmt: skip

    def _body(self) -> str:
        return " ".join(self._sentence() for _ in range(4))

    def _sentence(self) -> str:
        return " ".join(self._random.choices(self._words, cum_weights=self._weights, k=SAID)).capitalize() + "."

    def _talk(self, id: int) -> None:
        """A meeting's windows: four utterances each."""
        said = [(_SPEAKERS[n % len(_SPEAKERS)], self._sentence()) for n in range(WINDOWS * LINES)]
        tenant = {"workspace_id": self._ground.person.workspace_id, "meeting_id": id}
        self._put(Utterance, (
            {**tenant, "position": n, "speaker": who, "start_s": n * 8.0, "end_s": n * 8.0 + 7, "text": text}
            for n, (who, text) in enumerate(said)
        ))  # fmt: skip
        self._put(Chunk, (
            self._chunk(
                "meeting", id, n, "talk", "\n".join(f"{who}: {text}" for who, text in said[n * LINES : (n + 1) * LINES])
            )
            | {"first": n * LINES, "last": (n + 1) * LINES - 1, "start_s": n * LINES * 8.0}
            for n in range(WINDOWS)
        ))  # fmt: skip

    def _chunk(self, kind: str, id: int, position: int, part: str, text: str) -> Row:
        vector = self._vectors.standard_normal(WIDTH, dtype=np.float32)
        workspace = self._ground.person.workspace_id
        return {
            "workspace_id": workspace, "record_type": kind, "record_id": id, "position": position, "part": part,
            "first": None, "last": None, "start_s": None, "text": text,
            "hash": hashlib.sha256(text.encode()).hexdigest(), "scope": passages.scope(workspace, kind, id),
            "folded": passages.folded(text), "model": self._model,
            "vector": (vector / np.linalg.norm(vector)).astype("<f4").tobytes(), "change": 1,
        }  # fmt: skip
