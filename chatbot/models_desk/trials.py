"""Warm-ups and test calls, one at a time for each role, going on without whoever began them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import ollama

from chatbot.llm import probing
from chatbot.llm.errors import LlmError, ModelMissing
from chatbot.llm.models import Model
from chatbot.llm.ollama_client import Call
from chatbot.llm.roles import Role, RoleName
from shared.schemas.models_page import TrialState
from shared.telemetry import get_logger

log = get_logger(__name__)

Kind = Literal["warm", "test"]


@dataclass(slots=True)
class _Job:
    state: TrialState
    began: float = field(default_factory=time.monotonic)

    def become(self, state: str, **changes: Any) -> None:
        update = {"state": state, "elapsed_s": time.monotonic() - self.began, **changes}
        self.state = self.state.model_copy(update=update)


class Trials:
    """What is being tried with one server, and how it went the last time."""

    def __init__(self, host: str, connections: ollama.AsyncClient) -> None:
        self._host, self._connections = host, connections
        self._jobs: dict[RoleName, _Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def state(self, role: RoleName) -> TrialState | None:
        """The trial under way, or how the last one ended."""
        job = self._jobs.get(role)
        if job is not None and job.state.state == "running":
            job.become("running")
        return job.state if job else None

    def start(self, kind: Kind, role: Role, *, on_call: Callable[[Call], None] | None = None) -> asyncio.Task[None]:
        """Begin. What runs for this role already is left to run. `on_call` books a test's call.

        Raises ModelMissing where no model serves the role.
        """
        if role.serving is None:
            raise ModelMissing(role.note or f"{role.wanted} is not installed.")
        job = self._jobs.get(role.name)
        if job is not None and job.state.state == "running":
            return next(iter(task for task in self._tasks if task.get_name() == role.name))
        name = role.serving.name
        job = self._jobs[role.name] = _Job(TrialState(kind=kind, model=name, state="running", elapsed_s=0.0))
        model = Model(name, role.num_ctx, "thinking" in (role.serving.capabilities or ()))
        task = asyncio.create_task(self._run(job, self._work(kind, model, on_call)), name=role.name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """End what runs."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _work(
        self, kind: Kind, model: Model, on_call: Callable[[Call], None] | None
    ) -> Callable[[], Awaitable[dict[str, Any]]]:
        async def warm() -> dict[str, Any]:
            return {"load_s": await probing.warm(self._host, model, self._connections)}

        async def test() -> dict[str, Any]:
            return probing.as_dict(await probing.probe(self._host, model, self._connections, on_call=on_call))

        return warm if kind == "warm" else test

    @staticmethod
    async def _run(job: _Job, work: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        try:
            job.become("done", **await work())
        except LlmError as error:
            job.become("failed", code=error.code, error=error.reason)
        finally:
            if job.state.state == "running":  # cancelled, or a fault of ours that the log shows
                job.become("failed", code="interrupted", error="It was interrupted.")
        log.info("model.tried", kind=job.state.kind, model=job.state.model, state=job.state.state)
