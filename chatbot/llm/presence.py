"""Whether Ollama is there and what it has: one knowledge of it for greetings and answers alike.

Asked in the background and remembered for seconds, by one caller at a time. Only a machine that was silent the last
time is worth a short wait, since it may be back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from chatbot.llm.models import Status, status
from shared.config import Settings

#: Seconds that an answer of Ollama's is good for, and that a machine which was silent is left in peace.
FRESH_S, SILENT_S = 10.0, 0.5


class Presence:
    """What was last heard of one server. One for each event loop."""

    def __init__(self) -> None:
        self.known: Status | None = None
        self._asked_at = float("-inf")
        self._asking: asyncio.Task[None] | None = None

    @property
    def was_asked(self) -> bool:
        return self._asked_at > float("-inf")

    @property
    def is_up(self) -> bool:
        return self.known is not None and self.known.reachable

    async def look(self, settings: Callable[[], Settings], *, patience_s: float) -> None:
        """Ask where the last answer is old; wait for the new one only while none that is good is known.

        `settings` is called in a thread.
        """
        if time.monotonic() - self._asked_at > (FRESH_S if self.is_up else SILENT_S):
            if self._asking is None or self._asking.done():
                self._asking = asyncio.get_running_loop().create_task(self._ask(settings))
            if not self.is_up:
                await asyncio.wait({self._asking}, timeout=patience_s)

    def forget(self) -> None:
        """What is known has turned out wrong."""
        self.known, self._asked_at = None, float("-inf")

    def close(self) -> None:
        if self._asking is not None:
            self._asking.cancel()

    async def _ask(self, settings: Callable[[], Settings]) -> None:
        self.known = await asyncio.to_thread(lambda: status(settings()))
        self._asked_at = time.monotonic()
