"""Hybrid search for the CRM: `POST /internal/search`, on behalf of the user whom a signed statement names."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, Header
from pydantic import BaseModel, ConfigDict, Field

from chatbot.retrieval import rag_engine
from chatbot.retrieval.passages import Passage
from chatbot.retrieval.rag_engine import Retriever
from shared.chat import internal
from shared.config import Settings
from shared.database import Database
from shared.errors import Forbidden, Unauthorized
from shared.models import User

RecordType = Literal["company", "contact", "deal", "task", "note", "meeting"]
_TYPES: tuple[RecordType, ...] = ("company", "contact", "deal", "task", "note", "meeting")
#: A record's passages tell where it was found; more of one record would only push others out.
_PASSAGES_FOR_EACH = 2


class SearchIn(BaseModel):
    """As the CRM's `GET /search`; `types` empty means all."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[str, Field(min_length=1, max_length=400)]
    types: Annotated[list[RecordType], Field(max_length=10)] = []
    limit: Annotated[int, Field(ge=1, le=100)] = 20


def router(settings: Settings, database: Database, retriever: Retriever | None = None) -> APIRouter:
    """The endpoint, and the loading of the model when the service starts."""
    found_by = retriever or rag_engine.for_process(settings)

    @asynccontextmanager
    async def started(_app: FastAPI) -> AsyncIterator[None]:
        found_by.start()
        yield

    api = APIRouter(prefix="/internal", lifespan=started)

    @api.post("/search")
    def search(body: SearchIn, authorization: Annotated[str | None, Header()] = None) -> dict[str, Any]:
        """Records by words and by meaning, best first: {"items": [{type, id, title, snippet, score}], "mode"}."""
        caller = internal.read(settings.effective_secret_key, authorization)
        if caller is None:
            raise Unauthorized("A signed statement of the CRM is needed.")
        with database.scope(caller.workspace_id, read_only=True) as session:
            user = session.get(User, caller.user_id)
            is_welcome = user is not None and user.is_active
            session.rollback()  # the model is asked with no transaction open
            if not is_welcome:
                raise Forbidden("This user may not search.")
            limit = min(200, body.limit * _PASSAGES_FOR_EACH)
            found = found_by.search(session, body.q, limit=limit, types=body.types or _TYPES)
        return {"items": _records(found.passages, body.limit), "mode": found.mode}

    return api


def _records(passages: list[Passage], limit: int) -> list[dict[str, Any]]:
    """Each record once, with the sentence it was found by; scores from 1 downwards."""
    best: dict[tuple[str, int], Passage] = {}
    for passage in passages:
        best.setdefault((passage.type, passage.id), passage)
    top = max((p.score for p in best.values()), default=0.0) or 1.0
    return [
        {
            "type": p.type,
            "id": p.id,
            "title": p.title,
            "snippet": _snippet(p),
            "score": round(max(0.001, p.score / top), 4),
        }
        for p in list(best.values())[:limit]
    ]


def _snippet(passage: Passage, most: int = 200) -> str:
    sentence = " ".join(passage.sentence.split())
    return sentence if len(sentence) <= most else sentence[: most - 2].rsplit(" ", 1)[0] + " …"
