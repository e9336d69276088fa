"""What `ready` says about the language model, without anybody waiting for a machine that does not answer."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any

from sqlalchemy.exc import DBAPIError

from chatbot.llm.models import Status, status
from shared import installation
from shared.config import Settings
from shared.database import Database
from shared.errors import Unavailable

ASK_EVERY_S = 10.0
#: Longest wait of a greeting for news; then the last known is said.
PATIENCE_S = 0.7


class Models:
    """The models at Ollama, asked at most every ten seconds, by one caller at a time."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings, self._database = settings, database
        self._known = Status(reachable=False)
        self._asked_at = float("-inf")
        self._asking: asyncio.Task[None] | None = None

    async def refresh(self) -> None:
        """Ask if the last answer is old. The first caller may wait a moment; later ones are told what is known."""
        if time.monotonic() - self._asked_at < ASK_EVERY_S:
            return
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        if self._asked_at == float("-inf"):
            await asyncio.wait({self._asking}, timeout=PATIENCE_S)

    def known(self) -> dict[str, Any]:
        """`models` and `ollama` of `ready`."""
        return {
            "models": {"chat": self._known.chat_model, "extract": self._known.extraction_model},
            "ollama": "up" if self._known.reachable else "down",
        }

    async def _ask(self) -> None:
        self._known = await asyncio.to_thread(self._look)
        self._asked_at = time.monotonic()

    def _look(self) -> Status:
        """What Ollama has, for the models that an admin chose."""
        settings = self._settings
        with suppress(Unavailable, DBAPIError):
            settings = installation.effective(settings, self._database)
        return status(settings)
