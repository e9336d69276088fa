"""Shows that something is happening while the set-up waits for other programs.

On a terminal: one line with a spinner, the seconds and what the program said last. Elsewhere (a log, a pipe): a line
when a step starts, one every ten seconds, one when it ends. Standard library only.
"""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
HEARTBEAT_S = 10.0
KEPT_LINES = 25
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f]")


class StepFailed(Exception):
    """A program of the set-up ended badly; `str()` is the message for the person, with the end of its output."""


def run_step(
    title: str,
    argv: Sequence[str],
    *,
    cwd: str | None = None,
    env: Mapping[str, str] | None = None,
    hint: str = "",
    describe: Callable[[str], str | None] = lambda line: line,
    keep_open: Sequence[int] = (),
) -> None:
    """Run one program to its end, showing progress. Raises StepFailed with its last lines and `hint`.

    `describe` turns a line of output into what is shown, or None to show nothing new. `keep_open` are descriptors
    the program inherits: the set-up's lock, so that a program outliving a killed set-up still holds it.
    """
    tail: deque[str] = deque(maxlen=KEPT_LINES)
    shown = _Shown(title)
    try:
        process = subprocess.Popen(
            argv, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True, pass_fds=tuple(keep_open),
        )  # fmt: skip
    except OSError as error:
        raise StepFailed(f"{title}: cannot start {argv[0]} ({error.strerror}). {hint}".strip()) from error
    try:
        for line in _lines(process.stdout, shown.tick):
            tail.append(line)
            shown.say(describe(line))
        status = process.wait()
    except BaseException:
        _kill_group(process)
        shown.end("interrupted")
        raise
    finally:
        if process.stdout is not None:
            process.stdout.close()
    if status != 0:
        shown.end("failed")
        output = "\n".join(f"    {line}" for line in tail)
        raise StepFailed(f"{title}: {Path(argv[0]).name} ended with status {status}.\n{output}\n{hint}".rstrip())
    shown.end("done")


class _Shown:
    """The step as it stands on the screen."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.started = time.monotonic()
        self.detail = ""
        self.frame = 0
        self.last_beat = self.started
        self.is_tty = sys.stdout.isatty()
        if not self.is_tty:
            print(f"{title} ...", flush=True)

    def say(self, detail: str | None) -> None:
        if detail:
            self.detail = detail
        self.tick()

    def tick(self) -> None:
        now = time.monotonic()
        if self.is_tty:
            self.frame += 1
            room = max(20, _columns() - len(self.title) - 14)
            text = (
                f"{SPINNER[self.frame % len(SPINNER)]} {self.title}  {now - self.started:4.0f} s  {self.detail[:room]}"
            )
            sys.stdout.write(f"\r\x1b[2K{text}")
            sys.stdout.flush()
        elif now - self.last_beat >= HEARTBEAT_S:
            self.last_beat = now
            print(f"  {now - self.started:.0f} s: {self.detail[:100] or 'still at it'}", flush=True)

    def end(self, how: str) -> None:
        lead = "\r\x1b[2K" if self.is_tty else ""
        print(f"{lead}{self.title}: {how}, {time.monotonic() - self.started:.1f} s", flush=True)


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns
    except OSError:
        return 80


def _lines(stream: IO[bytes] | None, tick: Callable[[], None]) -> list[str] | _LineReader:
    return [] if stream is None else _LineReader(stream, tick)


class _LineReader:
    """Iterates over the lines of a pipe; calls `tick` whenever a tenth of a second passes without one."""

    def __init__(self, stream: IO[bytes], tick: Callable[[], None]) -> None:
        self._descriptor = stream.fileno()
        self._tick = tick
        self._buffer = b""
        self._ready: deque[str] = deque()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._descriptor, selectors.EVENT_READ)

    def __iter__(self) -> _LineReader:
        return self

    def __next__(self) -> str:
        while not self._ready:
            if not self._selector.select(timeout=0.1):
                self._tick()
                continue
            chunk = os.read(self._descriptor, 65536)
            if not chunk:
                self._selector.close()
                raise StopIteration
            *whole, self._buffer = (self._buffer + chunk).replace(b"\r", b"\n").split(b"\n")
            texts = (CONTROL.sub("", line.decode(errors="replace")).rstrip() for line in whole)
            self._ready.extend(text for text in texts if text)
        return self._ready.popleft()


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """TERM, then KILL, to the program and whatever it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=3)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
