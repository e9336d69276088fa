"""What has to be done at the very moment the process is told to stop.

The server first waits for every open response, then ends the application. A response that follows a turn stays open for
as long as the turn runs; so the turns have to hear of the signal itself.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def at_stop(act: Callable[[], None]) -> Iterator[None]:
    """Have `act` called in the running event loop at SIGTERM or SIGINT, beside what the server does then.

    Outside the main thread, where no signals arrive, nothing is called.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    servers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def told(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)
        handler = servers[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    ours = [number for number, handler in servers.items() if callable(handler)]
    for number in ours:
        signal.signal(number, told)
    try:
        yield
    finally:
        for number in ours:
            if signal.getsignal(number) is told:
                signal.signal(number, servers[number])
