"""What is checked before anything starts, so that a wrong setting is one clear line and not a crash in a loop.

Every function returns quietly or raises Refusal with a sentence that names the cause and the setting to change.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from pydantic import ValidationError

from launcher.refusal import Refusal
from shared.config import Settings

#: How long a previous run may take to be gone, seconds: its processes get 10 to stop.
PREVIOUS_RUN_S = 15.0
#: How long an outside database or broker may take to answer; it may be starting beside us.
OUTSIDE_S = 8.0
PROBE_BYTES = 64 * 1024


class Locks(NamedTuple):
    """Descriptors: `own` lives as long as this process, `processes` is passed on to the guard, which outlives it."""

    own: int
    processes: int


def read_settings() -> Settings:
    """The settings, or a Refusal with a line per wrong one."""
    try:
        settings = Settings()
    except ValidationError as error:
        lines = (f"{'.'.join(map(str, e['loc'])).upper()} is not usable: {_plain(e['msg'])}." for e in error.errors())
        raise Refusal("\n".join(lines)) from None
    if settings.crm_port == settings.chatbot_port and settings.crm_host == settings.chatbot_host:
        raise Refusal(f"CRM_PORT and CHATBOT_PORT are both {settings.crm_port}. Give each service a port of its own.")
    return settings


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ").rstrip(".")


# --- the data folder --------------------------------------------------------------------------------------------------


def check_data_dir(folder: Path) -> None:
    """Make the data folder and write to it once."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"\0" * PROBE_BYTES)
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        reason = {
            errno.EROFS: "is on a read-only file system",
            errno.EACCES: "is not writable by this user",
            errno.EPERM: "is not writable by this user",
            errno.ENOSPC: "is on a disk that is full",
            errno.EDQUOT: "is on a disk whose quota is used up",
            errno.ENOTDIR: "cannot be made: a part of the path is a file",
            errno.EEXIST: "cannot be made: a file of that name is there",
        }.get(error.errno or 0, f"cannot be used ({error.strerror})")
        raise Refusal(f"The data folder {folder} {reason}. Set DATA_DIR to a folder Afterword can write to.") from None


def lock_data_dir(settings: Settings) -> Locks:
    """Take the data folder for this run. Raises Refusal naming the run that has it.

    Two locks, because a run that was killed a moment ago is not over: its guard is still stopping its processes. The
    first lock tells that one runs, which is refused at once; the second that one is ending, which is waited for.
    """
    path = settings.data_dir / "launcher.lock"
    own = _lock(path, wait_s=0.0)
    rest = None if own is None else _lock(settings.data_dir / "guard.lock", wait_s=PREVIOUS_RUN_S)
    if own is None or rest is None:
        owner = _owner(path)
        raise Refusal(
            f"Afterword already runs on the data folder {settings.data_dir}: process {owner.get('pid', '?')}, "
            f"{owner.get('url', 'address unknown')}. Stop it first, or set DATA_DIR to another folder."
        )
    os.ftruncate(own, 0)
    os.pwrite(own, json.dumps({"pid": os.getpid(), "url": settings.crm_url}).encode(), 0)
    return Locks(own, rest)


def _lock(path: Path, *, wait_s: float) -> int | None:
    """A descriptor that holds the lock until it is closed; None if another has it for longer than `wait_s`."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                os.close(descriptor)
                return None
            time.sleep(0.1)
        else:
            return descriptor


def _owner(path: Path) -> dict[str, object]:
    """What the run holding the lock wrote about itself; empty in the instant before it has."""
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(path.read_text())
        if isinstance(found, dict):
            return found
    return {}


# --- ports ------------------------------------------------------------------------------------------------------------


def check_ports(settings: Settings) -> None:
    """Both services can listen where they are told to."""
    check_port(settings.crm_host, settings.crm_port, "CRM")
    check_port(settings.chatbot_host, settings.chatbot_port, "CHATBOT")


def check_port(host: str, port: int, service: str) -> None:
    """Listen on host and port for an instant. `service` is the first part of the settings' names."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except socket.gaierror:
        raise Refusal(f"{service}_HOST is {host!r}, which is not a name or address of this machine.") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            owner = port_owner(port)
            by = f" (by {owner})" if owner else ""
            raise Refusal(f"Port {port} is taken{by}. Set {service}_PORT to a free one.") from None
        if error.errno == errno.EACCES:
            raise Refusal(f"Port {port} needs more rights than this user has. Set {service}_PORT above 1023.") from None
        raise Refusal(f"Cannot listen on {host} port {port}: {error.strerror}. See {service}_HOST.") from None


def port_owner(port: int) -> str:
    """`process 123, python3` for who listens on `port`, where Linux lets us see it; else empty."""
    inodes = _listening_inodes(port)
    if not inodes:
        return ""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if any(str(fd.readlink()) in inodes for fd in (process / "fd").iterdir()):
                return f"process {process.name}, {(process / 'comm').read_text().strip()}"
    return ""


def _listening_inodes(port: int) -> set[str]:
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for row in Path(table).read_text().splitlines()[1:]:
                fields = row.split()
                if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port:
                    found.add(f"socket:[{fields[9]}]")
    return found


# --- outside services -------------------------------------------------------------------------------------------------


def check_outside_services(settings: Settings) -> None:
    """A database server and a broker that were set by hand answer."""
    if not settings.effective_database_url.startswith("sqlite"):
        _check_database(settings.effective_database_url)
    if settings.redis_url:
        _check_redis(settings.redis_url)


def without_password(url: str) -> str:
    """The URL as it may be shown."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return url.replace(f":{parts.password}@", ":***@", 1)


def _check_database(url: str) -> None:
    if not url.startswith("postgresql+psycopg://"):
        raise Refusal("DATABASE_URL must begin with sqlite:/// or postgresql://.")
    import psycopg

    conninfo = "postgresql://" + url.removeprefix("postgresql+psycopg://")

    def connect() -> None:
        psycopg.connect(conninfo, connect_timeout=3).close()

    _insist(connect, psycopg.Error, f"The database does not answer at {without_password(conninfo)}", "DATABASE_URL")


def _check_redis(url: str) -> None:
    import redis

    def ping() -> None:
        with redis.Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3) as client:
            client.ping()

    errors = (redis.RedisError, ValueError, OSError)
    _insist(ping, errors, f"The broker does not answer at {without_password(url)}", "REDIS_URL")


def _insist(
    attempt: Callable[[], None], errors: type[Exception] | tuple[type[Exception], ...], what: str, setting: str
) -> None:
    """Try for OUTSIDE_S seconds; then refuse with the first line of the last error."""
    deadline = time.monotonic() + OUTSIDE_S
    while True:
        try:
            return attempt()
        except errors as error:
            if time.monotonic() > deadline or isinstance(error, ValueError):
                reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
                raise Refusal(f"{what}: {reason}. Start it, or change {setting}.") from None
        time.sleep(0.5)
