"""Seats for requests that take long, so that they never have all of the processes that serve the pages.

A seat is a lock on a file: a process that dies leaves none taken.
"""

from __future__ import annotations

import fcntl
from contextlib import ExitStack
from pathlib import Path


def take(folder: Path, seats: int) -> ExitStack | None:
    """A seat of these, free again once it is closed; None if all are taken. There is always one, at least."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(max(1, seats)):
        with ExitStack() as held:
            file = held.enter_context((folder / str(number)).open("w"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            return held.pop_all()
    return None
