"""How gunicorn serves the CRM.

Sync workers: over SQLite, processes beat threads (docs/development.md has the figures). The app is loaded once and
forked, which halves the time to start and shares its memory.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from pathlib import Path
from typing import Any

from launcher import gunicorn_worker
from shared.config import Settings

_settings = Settings()

_host = f"[{_settings.crm_host}]" if ":" in _settings.crm_host else _settings.crm_host

bind = f"{_host}:{_settings.crm_port}"
workers = _settings.web_processes
worker_class = "launcher.gunicorn_worker.Worker"
preload_app = True
#: Seconds one request may take: the CRM waits for the chatbot's blocking turns, nothing in it is slower.
timeout = 120
graceful_timeout = 8
limit_request_line = gunicorn_worker.LONGEST_LINE
#: Workers tell that they live through a file; on a disk busy with something else they would be shot for silence.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
loglevel = "warning"
control_socket_disable = True


def when_ready(server: Any) -> None:
    """Browsers' connections ahead of need are the system's to keep, not a worker's.

    Templates are loaded before the workers are forked, or each would keep the first visitor of each page waiting. What
    was loaded until now lives as long as the workers: left out of their search for what can be thrown away, that keeps
    a request waiting for 50 ms at the worst, not for 190, and copies no page shared with the master. They search once
    in several pages instead of thirty times in each, which took a twentieth of its time and found hardly anything.
    """
    for listener in server.LISTENERS:
        gunicorn_worker.defer(listener.sock)
    templates = server.app.wsgi().jinja_env
    for name in templates.list_templates():
        templates.get_template(name)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


def post_fork(server: Any, worker: Any) -> None:
    """Leave behind what belongs to the master: its signal handlers, its database connections.

    Until gunicorn sets the worker's own handlers, a TERM would land in the master's, in the wrong process, and be lost.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    from shared import database

    try:
        database.current().engine.dispose(close=False)
    except RuntimeError:  # the app connects at its first request
        return


def worker_exit(server: Any, worker: Any) -> None:
    """End at once. Python would take everything apart first, and copy for it the pages shared with the master: seconds
    of a processor for each worker. One that could not start goes the usual way, since its exit status tells why.
    """
    if not worker.booted:
        return
    from shared import database

    with contextlib.suppress(RuntimeError):  # nobody has asked for anything
        database.current().dispose()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)
