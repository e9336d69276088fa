"""Downloads of models: one at a time, going on without whoever began it, resumed after a cut.

Ollama keeps what has arrived, so a download that is begun again goes on where it stopped, whatever stopped it.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import ollama

from chatbot.llm.errors import Broken, LlmError, Refused, ServerDown, error_text, from_response
from shared.errors import Conflict
from shared.schemas.model_names import check_model_name
from shared.schemas.models_page import PullState
from shared.telemetry import get_logger

log = get_logger(__name__)

#: Seconds without a line before a connection counts as dead. Ollama sends several a second; checking a large file
#: against its sum is silent.
SILENCE_S = 180.0
#: Waits before the next attempt, seconds; begun again with each attempt that brought something.
RETRY_AFTER_S = (1.0, 2.0, 5.0, 10.0, 20.0)
#: What a download must leave free on the disk.
RESERVE_BYTES = 1_000_000_000
_RATE_OVER_S = 5.0

_UNKNOWN = re.compile(r"file does not exist|manifest unknown|model .* not found|not found$", re.I)
_FULL = re.compile(r"no space left|disk full|not enough space", re.I)
_OFFLINE = re.compile(r"dial tcp|no such host|lookup |network is unreachable|i/o timeout|TLS handshake|EOF$", re.I)


@dataclass(slots=True)
class _Job:
    """A download under way. `layers` is digest → (arrived, whole), bytes."""

    state: PullState
    layers: dict[str, tuple[int, int]] = field(default_factory=dict)
    seen: deque[tuple[float, int]] = field(default_factory=deque)
    is_complete: bool = False

    def note(self, digest: str, arrived: int, whole: int) -> None:
        """A layer's progress; the rate is over the last few seconds, so that it follows the line's changes."""
        self.layers[digest] = (arrived, whole)
        completed = sum(done for done, _ in self.layers.values())
        now = time.monotonic()
        self.seen.append((now, completed))
        while now - self.seen[0][0] > _RATE_OVER_S:
            self.seen.popleft()
        since, then = self.seen[0]
        rate = (completed - then) / (now - since) if now - since > 0.5 else self.state.bytes_per_s
        total = sum(whole for _, whole in self.layers.values())
        self.become("downloading", completed=completed, total=total, bytes_per_s=rate)

    def become(self, phase: str, **changes: Any) -> None:
        self.state = self.state.model_copy(update={"phase": phase, **changes})


class Pulls:
    """The downloads of one server. `free_disk` gives the bytes free where models are kept, None if unknown."""

    def __init__(self, connections: ollama.AsyncClient, free_disk: Callable[[], int | None]) -> None:
        self._http = connections._client
        self._free_disk = free_disk
        self._job: _Job | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def state(self) -> PullState | None:
        """The download under way, or how the last one ended."""
        return self._job.state if self._job else None

    def start(self, name: str) -> PullState:
        """Begin; the same model again joins in. Raises Invalid for a bad name, Conflict while another one runs."""
        name = check_model_name(name)
        now = self.state
        if now is not None and not now.is_over:
            if now.name.casefold() == name.casefold():
                return now
            raise Conflict(f"{now.name} is being downloaded. Wait for it, or cancel it first.")
        self._job = _Job(PullState(name=name, phase="starting"))
        self._task = asyncio.create_task(self._run(self._job), name=f"pull {name}")
        log.info("model.pull_started", model=name)
        return self._job.state

    async def cancel(self) -> PullState | None:
        """Stop; what has arrived stays on the disk for the next time."""
        task, job = self._task, self._job
        if task is None or job is None or task.done():
            return self.state
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        if not job.state.is_over:  # it had not even begun, or was as good as done
            job.become("done" if job.is_complete else "cancelled", error=None, bytes_per_s=None)
        log.info("model.pull_cancelled", model=job.state.name)
        return self.state

    async def follow(self, *, every_s: float = 0.25, beat_s: float = 5.0) -> AsyncIterator[PullState]:
        """The states as they change, the last one included; the same again after `beat_s` without a change."""
        told: PullState | None = None
        at = 0.0
        while (now := self.state) is not None:
            if now != told or time.monotonic() - at > beat_s:
                told, at = now, time.monotonic()
                yield now
            if now.is_over:
                return
            await asyncio.sleep(every_s)

    async def _run(self, job: _Job) -> None:
        try:
            await self._persist(job)
        except LlmError as error:
            job.become("failed", error=error.reason, bytes_per_s=None)
            log.warning("model.pull_failed", model=job.state.name, reason=error.reason)
            return
        finally:
            if not job.state.is_over and not job.is_complete:  # cancelled, or a fault of ours that the log shows
                job.become("cancelled", error=None, bytes_per_s=None)
        job.become("done", completed=job.state.total, bytes_per_s=None)
        log.info("model.pull_done", model=job.state.name, bytes=job.state.total)

    async def _persist(self, job: _Job) -> None:
        """Try until it is there, as long as it gets on. Raises LlmError."""
        waits = iter(RETRY_AFTER_S)
        while True:
            before = job.state.completed
            try:
                return await self._attempt(job)
            except LlmError as error:
                if not error.is_transient:
                    raise
                if job.state.completed > before:
                    waits = iter(RETRY_AFTER_S)
                wait_s = next(waits, None)
                if wait_s is None:
                    raise
                job.become("waiting", error=error.reason, bytes_per_s=None)
                await asyncio.sleep(wait_s)

    async def _attempt(self, job: _Job) -> None:
        job.become("starting", error=None)
        job.seen.clear()
        body = {"model": job.state.name, "stream": True}
        timeout = httpx.Timeout(SILENCE_S, connect=5.0)
        try:
            async with self._http.stream("POST", "/api/pull", json=body, timeout=timeout) as answer:
                if answer.status_code >= 400:
                    raise _failure(
                        job.state.name, (await answer.aread()).decode("utf-8", "replace"), answer.status_code
                    )
                async for line in answer.aiter_lines():
                    if line.strip():
                        self._take(job, line)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise ServerDown("Ollama is not reachable. Start it with: ollama serve") from None
        except httpx.TransportError:
            raise Broken("The connection to Ollama broke during the download.") from None
        if not job.is_complete:
            raise Broken("Ollama ended the download before it was complete.")

    def _take(self, job: _Job, line: str) -> None:
        """One line of progress. Raises LlmError for an error line."""
        try:
            said = json.loads(line)
            error, status = said.get("error"), str(said.get("status") or "")
            digest, whole, arrived = said.get("digest"), int(said.get("total") or 0), int(said.get("completed") or 0)
        except (ValueError, AttributeError, TypeError):
            raise Broken("The connection to Ollama broke during the download.") from None
        if error:
            raise _failure(job.state.name, error, -1)
        if digest and whole:
            is_new = digest not in job.layers
            job.note(str(digest), min(arrived, whole), whole)
            if is_new:
                self._check_room(job)
        elif status.startswith(("verifying", "writing", "removing")):
            job.become("checking", bytes_per_s=None)
        job.is_complete = status == "success"

    def _check_room(self, job: _Job) -> None:
        """Raises Refused where what is still to come does not fit on the disk: a full disk stops more than us."""
        free = self._free_disk()
        left = job.state.total - job.state.completed
        if free is not None and left > free - RESERVE_BYTES:
            raise Refused(
                f"{job.state.name} needs {left / 1e9:.1f} GB more on the disk; {free / 1e9:.1f} GB are free, and "
                f"{RESERVE_BYTES / 1e9:.0f} GB should stay so."
            )


def _failure(name: str, error: object, status: int) -> LlmError:
    """What a refusal means. Ollama words most of them itself, with status 200."""
    text = error_text(error)
    if _FULL.search(text):
        return Refused(f"The disk is full ({text}).")
    if _OFFLINE.search(text):
        return Refused(f"Ollama cannot reach its library; is this machine online? ({text})")
    if status == 404 or _UNKNOWN.search(text):
        return Refused(f"There is no model named {name} in the library.")
    return from_response(status, error, name)
