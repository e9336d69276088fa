"""The service put together: questions over a websocket or HTTP, answered as frames.

Models are never loaded on the way to an answer of `/healthz` or to the first question.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import WebSocketRoute

from chatbot.assistant import chat_handler
from chatbot.assistant.live import http, leaving, origins
from chatbot.assistant.live.hub import Hub
from chatbot.assistant.live.models import Models
from chatbot.assistant.live.store import Store
from chatbot.assistant.live.websocket import Live
from chatbot.assistant.types import Assistant
from chatbot.llm.presence import Presence
from chatbot.models_desk import http as models_http
from chatbot.retrieval import http as retrieval_http
from chatbot.retrieval import rag_engine
from shared import clock, database, health, telemetry
from shared.config import Settings
from shared.database import Database, is_away, is_busy
from shared.errors import AppError, Unavailable

log = telemetry.get_logger(__name__)


def create_app(settings: Settings | None = None, *, assistant: Assistant | None = None) -> FastAPI:
    """The chatbot service. Without settings they are read from the environment; `assistant` is who answers."""
    settings = settings or Settings()
    telemetry.configure(settings.log_level, settings.log_format)
    clock.configure(settings.clock)
    connected = database.connect(settings)
    engine = assistant or chat_handler.create(settings, connected)
    live = _live(settings, connected, engine)
    app = FastAPI(title="Afterword chatbot", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan)
    app.state.live, app.state.engine = live, engine
    app.add_middleware(
        CORSMiddleware,
        allow_origins=sorted(live.origins),
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
        max_age=600,
    )
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=_hosts(settings))
    app.add_exception_handler(AppError, _problem)
    app.add_exception_handler(DBAPIError, _from_database)
    app.include_router(http.router(live))
    app.include_router(models_http.create(settings, connected))
    app.include_router(retrieval_http.router(settings, connected))
    app.router.routes.append(WebSocketRoute("/ws/chat", live))
    _add_health(app, settings, connected)
    return app


def _live(settings: Settings, connected: Database, assistant: Assistant) -> Live:
    hub = Hub(Store(settings, connected), assistant)
    presence = assistant.answerer.models.presence if isinstance(assistant, chat_handler.ChatHandler) else Presence()
    return Live(hub, Models(settings, connected, presence), origins.allowed(settings), settings.effective_secret_key)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Unfinished turns of an earlier process are marked before the first question; ours, when we go."""
    live: Live = app.state.live
    try:
        await live.hub.start()
    except (Unavailable, DBAPIError) as error:  # no database yet: `/readyz` says so, and a missing mark can wait
        log.error("hub.started_without_database", reason=type(error).__name__)
    pulse = asyncio.create_task(live.pulse())
    try:
        with leaving.at_stop(live.hub.interrupt):
            yield
    finally:
        pulse.cancel()
        await live.hub.close()
        live.hub.store.close()
        if isinstance(app.state.engine, chat_handler.ChatHandler):
            await app.state.engine.close()


def _add_health(app: FastAPI, settings: Settings, connected: Database) -> None:
    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        """The process is alive."""
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz() -> JSONResponse:
        """What works and what does not; 503 only when the service cannot serve."""
        embeddings = rag_engine.for_process(settings).embeddings
        found = health.check(settings, connected, without_model=embeddings.reason)
        return JSONResponse(found.to_json(), status_code=503 if found.status == "down" else 200)


def _hosts(settings: Settings) -> list[str]:
    """Names this service answers to: another one in the Host header is a rebinding attack or a mistake."""
    public = settings.chatbot_public_url.split("://")[-1].split("/")[0].rsplit(":", 1)[0]
    internal = settings.chatbot_internal_url.split("://")[-1].split("/")[0].rsplit(":", 1)[0]
    return sorted({"localhost", "127.0.0.1", settings.chatbot_host, public, internal} - {"", "0.0.0.0"})  # noqa: S104


async def _problem(request: Request, error: Exception) -> JSONResponse:
    """An error that means something to a person, as RFC 9457 problem document."""
    assert isinstance(error, AppError)
    body = {
        "type": "about:blank", "title": error.title, "status": error.status, "detail": error.detail,
        "errors": [{"path": e.path, "message": e.message} for e in error.errors],
    }  # fmt: skip
    headers = {"Retry-After": str(error.retry_after_s)} if isinstance(error, Unavailable) else None
    return JSONResponse(body, status_code=error.status, headers=headers, media_type="application/problem+json")


async def _from_database(request: Request, error: Exception) -> JSONResponse:
    """A database that is busy or away is no fault of the request."""
    if not (is_busy(error) or is_away(error)):
        raise error
    log.error("database.away", reason=type(error).__name__)
    return await _problem(request, Unavailable("The database does not answer. Try again in a moment."))
