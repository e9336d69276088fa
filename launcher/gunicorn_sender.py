"""Answers that a client takes slowly, sent by a thread beside the worker, which meanwhile serves others.

Where one process serves one connection at a time, as many slow downloads as there are processes would stop the CRM.
So what a worker writes goes out as far as the system takes it at once. The rest waits in a file: the one that is sent,
or one without a name where the answer is made as it goes, so that its transaction ends when it is made and not when it
has arrived. Where the disk has no room for that, the worker waits for its client.

    worker: sendall, sendfile ─▶ Line ─▶ gone? ─▶ closed
                                  └─ not yet ─▶ Sender, one thread for all of them ─▶ closed
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import selectors
import socket
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

#: So many bytes are a sign of life: on the slowest line that is served, of 4 kbit/s, they take two minutes.
HEADWAY = 64 * 1024
#: Of one answer at a time, so that a fast client does not keep the others, or a worker, waiting.
_TURN = 16 * HEADWAY
#: A client that takes nothing for so long is gone. One that reads 1 kB/s lets its system ask for more each minute.
PATIENCE_S = 600.0
#: So many are sent to at once, a process; then the one that has taken nothing for longest is given up.
MOST = 128
#: How long a client may take to close its end, so that the last bytes are not lost, and what it may still say.
_LINGER_S = 2.0
_LINGER_BYTES = 64 * 1024


@dataclass(slots=True)
class _Piece:
    """A part of an answer: these bytes of this file."""

    file: Any
    at: int
    left: int


class Line(socket.socket):
    """A client's connection whose headway is told, and that takes an answer however slowly the client does."""

    def __init__(self, taken: socket.socket, tell: Callable[[], None]) -> None:
        super().__init__(taken.family, taken.type, taken.proto, fileno=taken.detach())
        self._tell, self._moved = tell, 0
        self._waiting: deque[_Piece] = deque()
        self._spool: Any = None
        self._spooled = 0
        self.moved_at = time.monotonic()
        self.lingers_until: float | None = None
        self._unasked = 0

    # --- What gunicorn calls

    def recv(self, size: int, flags: int = 0) -> bytes:
        data = super().recv(size, flags)
        self._count(len(data))
        return data

    def sendall(self, data: Any, flags: int = 0) -> None:
        rest = memoryview(data)
        if self.push():
            rest = rest[self._send_now(rest) :]
        while rest:
            rest = rest[self._keep(rest) :]
            if rest:  # no room on the disk
                self._wait()
                if self.push():
                    rest = rest[self._send_now(rest) :]

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        whole = os.fstat(file.fileno()).st_size - offset if count is None else count
        self._waiting.append(_Piece(os.fdopen(os.dup(file.fileno()), "rb", buffering=0), offset, whole))
        return whole

    def still_working(self) -> None:
        """For an answer that is long in the making (`crm.web.still_working`): say that its worker lives.

        Raises ConnectionResetError if its client has gone.
        """
        self._tell()
        with contextlib.suppress(BlockingIOError):
            if not super().recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
                raise ConnectionResetError(errno.ECONNRESET, "The client has gone.")

    # --- What waits

    def push(self) -> bool:
        """Send of what waits as much as the system takes, or a turn's worth; whether nothing waits any more.

        Raises OSError if the client is gone.
        """
        sent = 0
        while self._waiting and sent < _TURN:
            piece = self._waiting[0]
            data = os.pread(piece.file.fileno(), min(HEADWAY, piece.left), piece.at)
            if piece.left and not data:
                raise OSError(errno.EIO, "The file has become shorter.")
            taken = self._send_now(data)
            piece.at, piece.left, sent = piece.at + taken, piece.left - taken, sent + taken
            if taken < len(data):
                return False
            if not piece.left:
                self._done(self._waiting.popleft())
        return not self._waiting

    def _done(self, piece: _Piece) -> None:
        if piece.file is not self._spool:
            piece.file.close()
        else:
            with contextlib.suppress(OSError):
                self._spool.truncate(0)
            self._spooled = 0

    def _send_now(self, data: Any) -> int:
        try:
            sent = self.send(data, socket.MSG_DONTWAIT) if data else 0
        except BlockingIOError:
            return 0
        if sent:
            self.moved_at = time.monotonic()
            self._count(sent)
        return sent

    def _keep(self, data: memoryview) -> int:
        """Put this behind what waits. Returns how much of it found room on the disk."""
        try:
            if self._spool is None:
                self._spool = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (closed with the line)
            written = os.pwrite(self._spool.fileno(), data, self._spooled)
        except OSError:
            return 0
        last = self._waiting[-1] if self._waiting else None
        if last is not None and last.file is self._spool:
            last.left += written
        else:
            self._waiting.append(_Piece(self._spool, self._spooled, written))
        self._spooled += written
        self._count(written)
        return written

    def _wait(self) -> None:
        poll = select.poll()
        poll.register(self, select.POLLOUT)
        poll.poll()

    def _count(self, moved: int) -> None:
        self._moved += moved
        if self._moved >= HEADWAY:
            self._moved = 0
            self._tell()

    # --- The end

    def handed_over(self) -> Line:
        """The same line, of which the worker has written all and is told nothing any more; this one is closed."""
        line = Line(self, lambda: None)
        line._waiting, line._spool, line._spooled = self._waiting, self._spool, self._spooled
        line.lingers_until = self.lingers_until
        self._waiting, self._spool = deque(), None
        return line

    def hang_up(self) -> None:
        """Tell the client that this was all. It closes its own end then."""
        self.shutdown(socket.SHUT_WR)
        self.lingers_until = time.monotonic() + _LINGER_S

    def is_hung_up(self, *, within_ms: int = 0) -> bool:
        """Whether the client has closed its end, or says things for which it is too late."""
        poll = select.poll()
        poll.register(self, select.POLLIN)
        while poll.poll(within_ms):
            said = super().recv(_LINGER_BYTES, socket.MSG_DONTWAIT)
            self._unasked += len(said)
            if not said or self._unasked > _LINGER_BYTES:
                return True
        return False

    def close(self) -> None:
        while self._waiting:
            self._waiting.popleft().file.close()
        if self._spool is not None:
            self._spool.close()
        super().close()


class Sender:
    """One thread that sends to all whose answers their workers have written."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._new: deque[Line] = deque()
        self._lines: set[Line] = set()  # the thread's own
        self._selector = selectors.DefaultSelector()
        self._heard, self._bell = socket.socketpair()
        for end in (self._heard, self._bell):
            end.setblocking(False)
        self._selector.register(self._heard, selectors.EVENT_READ)
        threading.Thread(target=self._send, name="sender", daemon=True).start()

    def take(self, line: Line) -> None:
        """Send what waits of this answer, and close the line."""
        self._new.append(line)
        with contextlib.suppress(BlockingIOError):  # it has been rung for long
            self._bell.send(b"1")

    def finish(self, within_s: float) -> None:
        """Wait for those that are under way."""
        until = time.monotonic() + within_s
        while (self._new or self._lines) and time.monotonic() < until:
            time.sleep(0.05)

    def _send(self) -> None:
        look_again = 0.0
        while True:
            for key, _events in self._selector.select(1.0 if self._lines else None):
                if key.fileobj is self._heard:
                    self._heard.recv(4096)
                else:
                    self._go_on(cast(Line, key.fileobj))
            self._begin()
            if time.monotonic() > look_again:
                self._give_up()
                look_again = time.monotonic() + 1

    def _begin(self) -> None:
        while self._new:
            line = self._new[0]
            self._lines.add(line)
            self._new.popleft()
            waits_for = selectors.EVENT_WRITE if line.lingers_until is None else selectors.EVENT_READ
            self._selector.register(line, waits_for)
        while len(self._lines) > MOST:
            self._warn("Too many slow downloads at once: the one that stood still for longest is cut off.")
            self._drop(min(self._lines, key=lambda line: line.moved_at))

    def _go_on(self, line: Line) -> None:
        """A client takes more, has closed its end, or is gone."""
        try:
            is_over = line.lingers_until is not None and line.is_hung_up()
            if line.lingers_until is None and line.push():
                line.hang_up()
                self._selector.modify(line, selectors.EVENT_READ)
        except OSError:
            is_over = True
        if is_over:
            self._drop(line)

    def _give_up(self) -> None:
        """Those that do nothing any more."""
        now = time.monotonic()
        for line in list(self._lines):
            if now > (line.lingers_until or line.moved_at + PATIENCE_S):
                self._drop(line)

    def _drop(self, line: Line) -> None:
        self._selector.unregister(line)
        self._lines.discard(line)
        with contextlib.suppress(OSError):
            line.close()
