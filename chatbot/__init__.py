"""FastAPI: the intelligence, live and in jobs.

The live side (assistant, websocket) grows here; today the service answers for its health. Its jobs run in workers.
"""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware

from shared import clock, database, health, telemetry
from shared.config import Settings
from shared.errors import AppError


def create_app(settings: Settings | None = None) -> FastAPI:
    """The chatbot service. Without settings they are read from the environment."""
    settings = settings or Settings()
    telemetry.configure(settings.log_level, settings.log_format)
    clock.configure(settings.clock)
    connected = database.connect(settings)
    app = FastAPI(title="Afterword chatbot", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=_hosts(settings))
    app.add_exception_handler(AppError, _problem)

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        """The process is alive."""
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz() -> JSONResponse:
        """What works and what does not; 503 only when the service cannot serve."""
        found = health.check(settings, connected)
        return JSONResponse(found.to_json(), status_code=503 if found.status == "down" else 200)

    return app


def _hosts(settings: Settings) -> list[str]:
    """Names this service answers to: another one in the Host header is a rebinding attack or a mistake."""
    public = settings.chatbot_public_url.split("://")[-1].split("/")[0].rsplit(":", 1)[0]
    internal = settings.chatbot_internal_url.split("://")[-1].split("/")[0].rsplit(":", 1)[0]
    return sorted({"localhost", "127.0.0.1", settings.chatbot_host, public, internal} - {"", "0.0.0.0"})  # noqa: S104


async def _problem(request: Request, error: Exception) -> JSONResponse:
    """An error that means something to a person, as RFC 9457 problem document."""
    assert isinstance(error, AppError)
    body = {"type": "about:blank", "title": error.title, "status": error.status, "detail": error.detail}
    return JSONResponse(body, status_code=error.status, media_type="application/problem+json")
