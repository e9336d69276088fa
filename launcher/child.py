"""One process of ours: started in a session of its own, its output cut into lines, its end a future.

Its group is told to the guard as soon as it exists, and whatever of the group outlives its leader is killed: a gunicorn
master that is shot leaves workers that would hold the port.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

LONGEST_LINE = 64 * 1024


class Guard:
    """Our end of the pipe to guard.py, which stops the groups it was told when that pipe closes."""

    def __init__(self, lock: int) -> None:
        """`lock` is the data folder's, which the guard holds too: the folder is free when all processes are gone."""
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-E", "-s", str(Path(__file__).with_name("guard.py"))],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            pass_fds=(lock,),
        )  # fmt: skip

    def tell(self, sign: str, pid: int) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # somebody killed the guard; the services are none the worse
                self._process.stdin.write(f"{sign}{pid}\n".encode())
                self._process.stdin.flush()

    def close(self) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process.wait()


class Child:
    """A running process. Make it inside a running event loop whose owner calls `reap` at every SIGCHLD."""

    def __init__(
        self, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, guard: Guard, on_line: Callable[[str], None]
    ) -> None:
        """Start `argv`. Raises OSError if that is impossible."""
        self._loop = asyncio.get_running_loop()
        self._guard = guard
        self._on_line = on_line
        self._buffer = b""
        self.started = time.monotonic()
        self._ended: asyncio.Future[int] = self._loop.create_future()
        self._output, their_end = os.pipe()
        try:
            self._process = subprocess.Popen(
                argv, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=their_end, stderr=their_end,
                start_new_session=True,
            )  # fmt: skip
        except OSError:
            os.close(self._output)
            raise
        finally:
            os.close(their_end)
        self.pid = self._process.pid
        guard.tell("+", self.pid)
        os.set_blocking(self._output, False)
        self._loop.add_reader(self._output, self._read)

    @property
    def lived_s(self) -> float:
        return time.monotonic() - self.started

    async def wait(self) -> int:
        """The exit status, when it comes; giving up waiting changes nothing."""
        return await asyncio.shield(self._ended)

    @property
    def has_ended(self) -> bool:
        return self._ended.done()

    def reap(self) -> None:
        """Look whether it has ended; if so kill what it left behind, read its last words and tell who waits."""
        if self._ended.done() or self._process.poll() is None:
            return
        self.kill()
        self._read()
        self._close_output()
        self._guard.tell("-", self.pid)
        self._ended.set_result(self._process.returncode)

    def terminate(self) -> None:
        """Ask the leader to stop; stopping its own workers in good order is its business."""
        if not self._ended.done():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """End the whole group at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def _read(self) -> None:
        if self._output < 0:
            return
        try:
            while chunk := os.read(self._output, LONGEST_LINE):
                self._take(chunk)
        except BlockingIOError:
            return
        except OSError:
            pass
        self._close_output()

    def _take(self, chunk: bytes) -> None:
        *lines, self._buffer = (self._buffer + chunk).split(b"\n")
        for line in lines:
            self._on_line(line.decode(errors="replace").rstrip("\r"))
        if len(self._buffer) > LONGEST_LINE:
            self._on_line(self._buffer.decode(errors="replace"))
            self._buffer = b""

    def _close_output(self) -> None:
        if self._output >= 0:
            self._loop.remove_reader(self._output)
            os.close(self._output)
            self._output = -1
            if self._buffer:
                self._on_line(self._buffer.decode(errors="replace"))
                self._buffer = b""


def in_words(status: int) -> str:
    """`exit status 1`, `killed by SIGKILL`."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"
