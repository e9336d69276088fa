"""What all processes say, in one stream, each line under its process's name.

Writing happens in a thread behind a bounded queue: a terminal that is paused, or a pipe that nobody reads, must never
stop the services. Lines that find the queue full are counted and the count is told as soon as there is room.
"""

from __future__ import annotations

import queue
import sys
import threading
from typing import TextIO

COLOURS = {"afterword": "1", "broker": "35", "crm": "36", "chatbot": "34", "worker": "32", "setup": "33"}
LINES = 5000


class Console:
    """Prefixed lines to one stream. `plain` leaves the processes' own lines bare, as log collectors of JSON want."""

    def __init__(self, stream: TextIO = sys.stdout, *, plain: bool = False, colour: bool = False) -> None:
        self._stream = stream
        self._plain = plain
        self._colour = colour
        self._queue: queue.Queue[str | None] = queue.Queue(maxsize=LINES)
        self._lost = 0
        self._writer = threading.Thread(target=self._write_all, name="console", daemon=True)
        self._writer.start()

    def say(self, text: str) -> None:
        """A line of the launcher itself."""
        self._put(text)

    def line(self, name: str, text: str) -> None:
        """A line of the process `name`."""
        self._put(text if self._plain else f"{self._prefix(name)} {text}")

    def close(self) -> None:
        """Write what is waiting, but wait no longer than two seconds for a reader that does not read."""
        try:
            self._queue.put(None, timeout=1)
        except queue.Full:
            return
        self._writer.join(timeout=1)

    def _prefix(self, name: str) -> str:
        text = f"{name:<9}|"
        if not self._colour:
            return text
        return f"\x1b[{COLOURS.get(name.split('.')[0], '37')}m{text}\x1b[0m"

    def _put(self, text: str) -> None:
        try:
            if self._lost:
                self._queue.put_nowait(f"({self._lost} lines were not shown: this output was not being read)")
                self._lost = 0
            self._queue.put_nowait(text)
        except queue.Full:
            self._lost += 1

    def _write_all(self) -> None:
        """Until `close`; a stream that is gone (a closed pipe) swallows the rest and nothing else changes."""
        is_open = True
        while (text := self._queue.get()) is not None:
            if not is_open:
                continue
            try:
                self._stream.write(text + "\n")
                self._stream.flush()
            except (OSError, ValueError):
                is_open = False
