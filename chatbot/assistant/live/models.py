"""What `ready` says about the language model, without anybody waiting for a machine that does not answer."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sqlalchemy.exc import DBAPIError

from chatbot.llm.presence import Presence
from shared import installation
from shared.config import Settings
from shared.database import Database
from shared.errors import Unavailable

#: Longest wait of the first greeting for news; later ones are told what is known.
PATIENCE_S = 0.7


class Models:
    """The models at Ollama, as answers know of them too."""

    def __init__(self, settings: Settings, database: Database, presence: Presence) -> None:
        self._settings, self._database, self._presence = settings, database, presence

    async def refresh(self) -> None:
        """Ask if the last answer is old. The first caller may wait a moment."""
        await self._presence.look(self._effective, patience_s=0.0 if self._presence.was_asked else PATIENCE_S)

    def known(self) -> dict[str, Any]:
        """`models` and `ollama` of `ready`."""
        now = self._presence.known
        return {
            "models": {"chat": now and now.chat_model, "extract": now and now.extraction_model},
            "ollama": "up" if self._presence.is_up else "down",
        }

    def _effective(self) -> Settings:
        """With the models that an admin chose."""
        with suppress(Unavailable, DBAPIError):
            return installation.effective(self._settings, self._database)
        return self._settings
