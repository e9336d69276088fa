"""A worker of gunicorn that silent connections do not stop, and that takes addresses as long as filters may become.

Browsers open connections ahead of need. gunicorn's sync worker takes such a connection and waits for its first byte,
serving nobody else until it is killed for slowness; as many silent connections as there are workers, and the CRM stands
still. Where the system can (Linux), `defer` has it hand out a connection only once a request lies in it. Elsewhere, and
for a connection silent for so long that the system hands it out after all, the worker closes it after `SILENCE_S`: a
browser then asks again on a new one.
"""

from __future__ import annotations

import contextlib
import socket
from typing import Any

from gunicorn.http import message
from gunicorn.workers.sync import SyncWorker

from shared.config import LONGEST_ADDRESS

#: Of the first line of a request, in bytes: more than the CRM takes, so that it is the CRM that refuses, on a page.
LONGEST_LINE = 4 * LONGEST_ADDRESS
message.MAX_REQUEST_LINE = LONGEST_LINE  # otherwise gunicorn takes 8 KB at most, or any length, whatever is set
#: How long a worker waits for the first byte of a connection it was handed.
SILENCE_S = 1.0
#: How long the system keeps a silent connection to itself; browsers close theirs sooner.
_DEFERRED_S = 120


def defer(listener: socket.socket) -> None:
    """Have the system hand out this listener's connections with their first byte, where it can."""
    option = getattr(socket, "TCP_DEFER_ACCEPT", None)
    if option is not None:
        with contextlib.suppress(OSError):  # not a TCP socket
            listener.setsockopt(socket.IPPROTO_TCP, option, _DEFERRED_S)


class Worker(SyncWorker):  # type: ignore[misc]
    """gunicorn's sync worker, but for what the module says."""

    def handle(self, listener: Any, client: socket.socket, addr: Any) -> None:
        """Serve the request of a connection, unless none comes."""
        client.settimeout(SILENCE_S)
        try:
            client.recv(1, socket.MSG_PEEK)
        except OSError:  # silent, or gone
            client.close()
            return
        client.settimeout(None)
        super().handle(listener, client, addr)
