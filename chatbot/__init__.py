"""FastAPI: the intelligence, live and in jobs. Only the service loads all of it; a job loads what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

    from chatbot.assistant.types import Assistant
    from shared.config import Settings


def create_app(settings: Settings | None = None, *, assistant: Assistant | None = None) -> FastAPI:
    """The chatbot service. Without settings they are read from the environment; `assistant` is who answers."""
    from chatbot import web

    return web.create_app(settings, assistant=assistant)
