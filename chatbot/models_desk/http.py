"""The models page's other half, over HTTP, for the CRM on behalf of an admin.

    GET    /internal/models               everything the page shows
    POST   /internal/models/pull          {name, follow?}: begin a download; its progress as lines of JSON. It belongs
                                          to the service: a reader who leaves stops nothing. `follow` false: 202 at once
    POST   /internal/models/pull/cancel   stop it; what has arrived is kept for the next time
    POST   /internal/models/test          {role, wait_s?}: one small question, timed; the state after at most `wait_s`
    POST   /internal/models/warm          {role, wait_s?}: have its model loaded
    POST   /internal/models/delete        {name}

Each request carries the CRM's signed statement of who asks; role and state of that user are read from the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Header, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from chatbot.llm.roles import RoleName
from chatbot.models_desk.desk import Desk
from chatbot.models_desk.trials import Kind
from chatbot.retrieval import rag_engine
from chatbot.retrieval.embedding_service import EmbeddingService
from shared.accounts.permissions import Scope, allows
from shared.chat import internal
from shared.chat.internal import Caller
from shared.config import Settings
from shared.database import Database
from shared.errors import Forbidden, Unauthorized
from shared.models import User


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PullIn(_Wish):
    name: str = Field(max_length=300)
    follow: bool = True


class NameIn(_Wish):
    name: str = Field(max_length=300)


class TrialIn(_Wish):
    role: RoleName
    wait_s: float = Field(default=0.0, ge=0, le=900)


def create(settings: Settings, database: Database, embeddings: EmbeddingService | None = None) -> APIRouter:
    """The routes, on a desk of their own that opens and closes with the application."""
    desk = Desk(settings, database, embeddings or rag_engine.for_process(settings).embeddings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        desk.warm_at_start()
        yield
        await desk.close()

    def admin(request: Request, authorization: Annotated[str | None, Header()] = None) -> None:
        """Raises Unauthorized, Forbidden."""
        request.state.by = check_admin(settings, database, authorization)

    routes = APIRouter(prefix="/internal/models", dependencies=[Depends(admin)], lifespan=lifespan)

    @routes.get("")
    async def overview() -> JSONResponse:
        """Everything the page shows."""
        return JSONResponse((await desk.overview()).model_dump(mode="json"), headers={"Cache-Control": "no-store"})

    @routes.post("/pull")
    async def pull(wish: PullIn) -> Response:
        """Begin a download, or join the one of the same name."""
        state = desk.pulls.start(wish.name)
        if not wish.follow:
            return JSONResponse(state.model_dump(mode="json"), 202)
        return StreamingResponse(_lines(desk), media_type="application/x-ndjson")

    @routes.post("/pull/cancel")
    async def cancel() -> JSONResponse:
        """Stop the download, if there is one."""
        state = await desk.pulls.cancel()
        return JSONResponse(state and state.model_dump(mode="json"))

    @routes.post("/test")
    async def test(wish: TrialIn, request: Request) -> JSONResponse:
        """One small question to a role's model, booked in the workspace of who asks."""
        return await _try(desk, "test", wish, request.state.by)

    @routes.post("/warm")
    async def warm(wish: TrialIn, request: Request) -> JSONResponse:
        """Have a role's model loaded."""
        return await _try(desk, "warm", wish, request.state.by)

    @routes.post("/delete")
    async def delete(wish: NameIn) -> JSONResponse:
        """Remove an installed model that nothing uses."""
        return JSONResponse({"deleted": await desk.delete(wish.name)})

    return routes


def check_admin(settings: Settings, database: Database, authorization: str | None) -> Caller:
    """Who asks, if it is an admin now. Raises Unauthorized for a statement that is not ours, else Forbidden."""
    said = internal.read(settings.effective_secret_key, authorization)
    if said is None:
        raise Unauthorized("This statement is not valid.")
    with database.scope(said.workspace_id, read_only=True) as session:
        user = session.get(User, said.user_id)
        if user is None or not user.is_active or not allows(user.role, Scope.WORKSPACE_MANAGE):
            raise Forbidden("Only an admin may do this.")
    return said


async def _try(desk: Desk, kind: Kind, wish: TrialIn, by: Caller) -> JSONResponse:
    role = await desk.role(wish.role)
    trial = desk.trials.start(kind, role, on_call=lambda call: desk.book.add(by.workspace_id, call))
    await asyncio.wait({trial}, timeout=wish.wait_s)
    state = desk.trials.state(wish.role)
    assert state is not None
    return JSONResponse(state.model_dump(mode="json"), 202 if state.state == "running" else 200)


async def _lines(desk: Desk) -> AsyncIterator[str]:
    async for state in desk.pulls.follow():
        yield state.model_dump_json() + "\n"
