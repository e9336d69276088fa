"""Ports for the servers of tests, which stay a test's own until it listens there, and again after a restart.

A port that the system hands out may be handed to the next who asks as soon as it is let go. These lie below the range
it chooses from (32768 and up on Linux), and each process of the test run has a stretch of its own.
"""

from __future__ import annotations

import itertools
import os
import socket

_FIRST, _STRETCH = 14_000, 2_000
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
#: Begins where the last run of the same process number hardly was: its connections may still be closing.
_numbers = itertools.count(os.getpid() * 37 % _STRETCH)


def free_port() -> int:
    """One where nobody listens, and that no other test is given."""
    for number in itertools.islice(_numbers, _STRETCH):
        port = _FIRST + _worker * _STRETCH + number % _STRETCH
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise RuntimeError("no port is free")
