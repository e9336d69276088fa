"""Asks the services whether they are ready, over plain HTTP/1.0 so that nothing has to be imported for it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from typing import Any

TIMEOUT_S = 3.0


@dataclass(frozen=True)
class Answer:
    """What `/readyz` said. `status` is 0 while nobody answers."""

    status: int = 0
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def is_ready(self) -> bool:
        return self.status == 200

    @property
    def in_words(self) -> str:
        """What keeps it from being ready: the checks that are down."""
        if not self.status:
            return "does not answer yet"
        checks = self.body.get("checks")
        down = [name for name, value in checks.items() if _is_down(value)] if isinstance(checks, dict) else []
        return f"answers {self.status}" + (f" ({', '.join(down)} down)" if down else "")


def _is_down(check: object) -> bool:
    return (check.get("status") if isinstance(check, dict) else check) == "down"


async def get(host: str, port: int, path: str) -> Answer:
    """One GET; an empty Answer if nobody is there, or too slow, or talks nonsense."""
    with contextlib.suppress(OSError, ValueError, IndexError, asyncio.TimeoutError):
        async with asyncio.timeout(TIMEOUT_S):
            return _parse(await _exchange(host, port, path))
    return Answer()


async def _exchange(host: str, port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        name = f"[{host}]" if ":" in host else host
        writer.write(f"GET {path} HTTP/1.0\r\nHost: {name}:{port}\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        return await reader.read(-1)
    finally:
        writer.close()


def _parse(reply: bytes) -> Answer:
    head, _, body = reply.partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    try:
        found = json.loads(body)
    except ValueError:
        found = {}
    return Answer(status, found if isinstance(found, dict) else {})


def reachable(host: str) -> str:
    """The address under which this machine reaches a service bound to `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
