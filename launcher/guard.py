"""Stops the supervisor's processes should the supervisor itself be killed.

It listens at a pipe whose other end only the supervisor holds. While that is open it keeps a list of process groups
(`+pid`, `-pid`, one a line, in order of start); when it closes, it stops what is left, the last started first, so the
broker, which starts first, ends last. It runs in a session of its own: what is sent to the supervisor's group or
terminal does not reach it. Standard library only, few imports: it costs every start a Python start.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator

GRACE_S = 10.0


def main() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    stop_groups(read_groups(), grace_s=GRACE_S)


def read_groups() -> list[int]:
    """The groups that are left when the pipe ends."""
    groups: list[int] = []
    for line in sys.stdin:
        sign, pid = line[0], int(line[1:])
        if sign == "+":
            groups.append(pid)
        elif pid in groups:
            groups.remove(pid)
    return groups


def stop_groups(groups: list[int], *, grace_s: float) -> None:
    """TERM to all but the first group, KILL to what is left after `grace_s` seconds; then the first likewise."""
    first, others = groups[:1], groups[1:]
    for batch in (others, first):
        for group in batch:
            _signal(group, signal.SIGTERM)
        deadline = time.monotonic() + grace_s
        while time.monotonic() < deadline and any(map(_is_alive, batch)):
            time.sleep(0.05)
        for group in batch:
            _signal(group, signal.SIGKILL)


def _is_alive(group: int) -> bool:
    """Whether anybody in a group still runs.

    On Linux the dead are told from the living: they were ours no more, and an init that is slow to bury them would
    have us wait for nothing.
    """
    if not _signal(group, 0):
        return False
    states = [state for state, its_group in _processes() if its_group == group]
    return not states or any(state not in "ZX" for state in states)


def _processes() -> Iterator[tuple[str, int]]:
    """State and group of every process, from /proc; nothing on systems without one."""
    with contextlib.suppress(FileNotFoundError):
        for name in filter(str.isdecimal, os.listdir("/proc")):  # noqa: PTH208 - pathlib is slow to import
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123 - as above
                fields = file.read().rpartition(b")")[2].split()
                yield fields[0].decode(), int(fields[2])


def _signal(group: int, number: int) -> bool:
    """Signal a whole group; False if nobody is in it any more."""
    with contextlib.suppress(PermissionError):
        try:
            os.killpg(group, number)
        except ProcessLookupError:
            return False
    return True


if __name__ == "__main__":
    main()
