"""A row for every model call that a person waits for: written in threads, so that nobody waits for the writing."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

from chatbot.llm.ollama_client import Call
from shared.database import Database
from shared.models import LlmCall
from shared.telemetry import get_logger

log = get_logger(__name__)


class CallBook:
    """One for each event loop; `close` when it ends."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writing: set[asyncio.Task[None]] = set()  # the loop itself would let go of them

    def add(self, workspace_id: int, call: Call, *, turn: str | None = None) -> None:
        """Write a call down; `turn` is that of a conversation."""
        task = asyncio.get_running_loop().create_task(asyncio.to_thread(self._write, workspace_id, call, turn))
        self._writing.add(task)
        task.add_done_callback(self._written)

    async def close(self) -> None:
        """Wait for what has still to be written."""
        await asyncio.gather(*self._writing, return_exceptions=True)

    def _write(self, workspace_id: int, call: Call, turn: str | None) -> None:
        with self._database.scope(workspace_id) as session:
            session.add(LlmCall(turn=turn, **asdict(call)))

    def _written(self, task: asyncio.Task[None]) -> None:
        self._writing.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("llm.call_not_booked", reason=type(error).__name__)
