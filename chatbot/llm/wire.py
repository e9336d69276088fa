"""The lines of one /api/chat stream, watched: beats while waiting, an end to silence, typed errors for every break."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import ollama

from chatbot.llm.errors import Broken, LlmError, Refused, ServerDown, TimedOut, from_response

#: Seconds between two beats, whatever the model does.
BEAT_S = 1.0
_CONNECT_S = 5.0


@dataclass(frozen=True, slots=True)
class Beat:
    """A sign of life during a call: tokens so far, seconds so far."""

    tokens: int
    elapsed_s: float


@dataclass(slots=True)
class Watch:
    """The patience for one call, seconds: until the first word, between two, and altogether. `on_beat` may raise."""

    first_s: float
    idle_s: float
    total_s: float
    on_beat: Callable[[Beat], None] | None = None
    tokens: int = 0
    began: float = field(default_factory=time.monotonic)
    _heard: float = field(default_factory=time.monotonic)
    _beaten: float = field(default_factory=time.monotonic)

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self.began

    @property
    def _silence_s(self) -> float:
        return self.idle_s if self.tokens else self.first_s

    def patience_s(self) -> float:
        """Seconds until something is due: a beat, or the end."""
        now = time.monotonic()
        return max(0.0, min(self._beaten + BEAT_S, self._heard + self._silence_s, self.began + self.total_s) - now)

    def heard(self) -> None:
        self.tokens += 1
        self._heard = time.monotonic()
        self.check()

    def check(self) -> None:
        """Beat if it is time. Raises TimedOut when patience is at its end."""
        now = time.monotonic()
        if now - self._beaten >= BEAT_S:
            self._beaten = now
            if self.on_beat:
                self.on_beat(Beat(self.tokens, now - self.began))
        if now - self._heard >= self._silence_s:
            raise TimedOut(
                f"The model was silent for {self._silence_s:.0f} seconds after {self.tokens} tokens."
                if self.tokens
                else f"The model was silent for {self._silence_s:.0f} seconds before its first word."
            )
        if now - self.began >= self.total_s:
            raise TimedOut(f"The model was not done after {self.total_s:.0f} seconds.")


async def rest(seconds: float, on_beat: Callable[[Beat], None] | None) -> None:
    """Sleep between two attempts, beating: a lease must not run out while we are polite."""
    began = time.monotonic()
    while (left := began + seconds - time.monotonic()) > 0:
        await asyncio.sleep(min(left, BEAT_S))
        if on_beat:
            on_beat(Beat(0, time.monotonic() - began))


def connect(host: str) -> ollama.AsyncClient:
    """Connections to one host, to be kept and shared by calls within one event loop; close it with `close_connections`.

    Straight to the host: no proxy from the environment and no redirect, or customers' words could go elsewhere. Without
    a limit: a stream holds its connection for minutes, and the usual hundred would make the next caller wait for one.
    """
    return ollama.AsyncClient(
        host,
        timeout=httpx.Timeout(None, connect=_CONNECT_S),
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=60.0),
        trust_env=False,
        follow_redirects=False,
        verify=host.startswith("https:"),  # reading all the root certificates takes longer than a whole short call
    )


async def close_connections(connections: ollama.AsyncClient) -> None:
    await connections.close()  # type: ignore[no-untyped-call]


async def stream_chat(
    host: str, body: Mapping[str, Any], watch: Watch, connections: ollama.AsyncClient | None = None
) -> AsyncGenerator[ollama.ChatResponse, None]:
    """Post `body` to /api/chat and give the lines as they come; leaving it closes the connection and stops the model.

    `connections` saves making new ones, which takes tens of milliseconds; without them they are made for this call.
    """
    client = connections or connect(host)
    try:
        lines = await client._request(ollama.ChatResponse, "POST", "/api/chat", json=body, stream=True)
        async with aclosing(lines):  # type: ignore[type-var]  # annotated as an iterator, is a generator
            while (line := await _next(lines, str(body["model"]), watch)) is not None:
                watch.heard()
                yield line
    finally:
        if connections is None:
            await close_connections(client)


async def _next(lines: AsyncIterator[ollama.ChatResponse], model: str, watch: Watch) -> ollama.ChatResponse | None:
    """The next line, or None at the end; beats while it waits. What `on_beat` raises passes through as it is."""
    coming = asyncio.ensure_future(_pull(lines))
    try:
        while not (await asyncio.wait({coming}, timeout=watch.patience_s()))[0]:
            watch.check()
    finally:
        if not coming.done():
            coming.cancel()
            with suppress(asyncio.CancelledError):
                await coming
    try:
        return coming.result()
    except ollama.ResponseError as error:
        raise from_response(error.status_code, error.error, model) from None
    except (ConnectionError, httpx.TransportError, ValueError, TypeError, AttributeError) as error:
        raise _broken(error, watch.tokens > 0) from error


async def _pull(lines: AsyncIterator[ollama.ChatResponse]) -> ollama.ChatResponse | None:
    return await anext(lines, None)


def _broken(error: Exception, has_begun: bool) -> LlmError:
    """What a failure below Ollama's own protocol means.

    A line cut in half is a ValueError out of the JSON parser. Before the first line the same error, or a line that is
    JSON of another shape, says that something else answers at that address.
    """
    if isinstance(error, ConnectionError | httpx.ConnectError | httpx.ConnectTimeout):
        return ServerDown("Ollama is not reachable. Start it with: ollama serve")
    if has_begun or isinstance(error, httpx.TransportError):
        return Broken("The connection to Ollama broke in the middle of the answer.")
    return Refused("What answers at OLLAMA_HOST is not Ollama.")
