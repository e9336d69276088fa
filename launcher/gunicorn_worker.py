"""A worker of gunicorn that silent connections do not stop, that takes addresses as long as filters may become, that
slow lines do not cut off, and that waits in a row.

Browsers open connections ahead of need. gunicorn's sync worker takes such a connection and waits for its first byte,
serving nobody else until it is killed for slowness; as many silent connections as there are workers, and the CRM stands
still. Where the system can (Linux), `defer` has it hand out a connection only once a request lies in it. Elsewhere, and
for a connection silent for so long that the system hands it out after all, the worker closes it after `SILENCE_S`: a
browser then asks again on a new one.

gunicorn kills a worker that has said nothing for `timeout` seconds, and its sync worker says nothing until a request
is answered to its last byte: an archive of 50 MB on a line of 3 Mbit/s, or a table to import, would never come whole.
As long as bytes come or go on its connection, ours says that it lives. And it waits for no client that takes its answer
slowly: the rest of that is sent beside it (`gunicorn_sender`).

gunicorn's workers all wake up for each connection, and any of them takes it: with few people at work each has half
forgotten, in the processor's caches and its own, what a page needs. Where the system can (Linux), the first that is
idle is woken, and the others once it is busy.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
from typing import Any

from gunicorn.http import message
from gunicorn.workers.sync import SyncWorker

from launcher.gunicorn_sender import Line, Sender
from shared.config import LONGEST_ADDRESS

#: Of the first line of a request, in bytes: more than the CRM takes, so that it is the CRM that refuses, on a page.
LONGEST_LINE = 4 * LONGEST_ADDRESS
message.MAX_REQUEST_LINE = LONGEST_LINE  # otherwise gunicorn takes 8 KB at most, or any length, whatever is set
#: How long a worker waits for the first byte of a connection it was handed.
SILENCE_S = 1.0
#: How long the system keeps a silent connection to itself; browsers close theirs sooner.
_DEFERRED_S = 120
#: So long a worker waits for a client to close its end: one on this machine does sooner than a thread is woken.
_AT_ONCE_MS = 1


def defer(listener: socket.socket) -> None:
    """Have the system hand out this listener's connections with their first byte, where it can."""
    option = getattr(socket, "TCP_DEFER_ACCEPT", None)
    if option is not None:
        with contextlib.suppress(OSError):  # not a TCP socket
            listener.setsockopt(socket.IPPROTO_TCP, option, _DEFERRED_S)


class Worker(SyncWorker):  # type: ignore[misc]
    """gunicorn's sync worker, but for what the module says."""

    _waiting: select.epoll | None = None
    _sender: Sender | None = None

    def run(self) -> None:
        """Until told to end; answers that are under way then have as long as a request."""
        super().run()
        if self._sender is not None:
            self._sender.finish(self.cfg.graceful_timeout - 1)

    def wait(self, timeout: float) -> Any:
        """Until there is a connection to take, or a signal, which gunicorn tells through a pipe."""
        if len(self.sockets) > 1 or not hasattr(select, "EPOLLEXCLUSIVE"):
            return super().wait(timeout)
        self.notify()
        if self._waiting is None:
            self._waiting = select.epoll()
            self._waiting.register(self.sockets[0], select.EPOLLIN | select.EPOLLEXCLUSIVE)
            self._waiting.register(self.PIPE[0], select.EPOLLIN)
        if self.PIPE[0] in dict(self._waiting.poll(timeout)):
            os.read(self.PIPE[0], 1)
        return self.sockets

    def handle(self, listener: Any, client: socket.socket, addr: Any) -> None:
        """Serve the request of a connection, unless none comes."""
        client.settimeout(SILENCE_S)
        try:
            client.recv(1, socket.MSG_PEEK)
        except OSError:  # silent, or gone
            client.close()
            return
        client.settimeout(None)
        super().handle(listener, Line(client, self.notify), addr)

    def handle_request(self, listener: Any, req: Any, client: Line, addr: Any) -> None:
        """Answer a request. What its client has not taken by then, and its goodbye, is another's to wait for."""
        super().handle_request(listener, req, client, addr)
        if client.push():
            client.hang_up()
            if client.is_hung_up(within_ms=_AT_ONCE_MS):
                return
        if self._sender is None:
            self._sender = Sender(self.log.warning)
        self._sender.take(client.handed_over())
