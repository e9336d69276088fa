"""Processes with all of a worker's modules loaded already: a test that kills six of them need not wait for six starts.

They are forked from a server of `multiprocessing` that has done nothing but import these, so each has its own memory,
connections and settings; what a start by command line adds is tried in `tests/launcher`.
"""

from __future__ import annotations

import multiprocessing
import os
from multiprocessing.process import BaseProcess
from pathlib import Path

from shared import queue, worker

for _name in queue.QUEUES:
    worker.load_jobs(_name)

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])


def start(code: str, environment: dict[str, str], log: Path) -> BaseProcess:
    """A process of these lines."""
    process = _FORKS.Process(target=_run, args=(code, environment, str(log)))
    process.start()
    return process


def _run(code: str, environment: dict[str, str], log: str) -> None:
    file = os.open(log, os.O_WRONLY | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(file, stream)
    os.environ.clear()
    os.environ.update(environment)
    exec(code, {"__name__": "__main__"})
