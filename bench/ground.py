"""A data folder, a broker and a database of their own, and our real processes on them, as the launcher starts them.

Ground.laid() ─ start("-m", "shared.worker", "models")
              └ serve("main:app") ─▶ Site.ask("GET", "/readyz") ─▶ Answer
"""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psutil

from launcher import broker
from shared import migration, queue
from shared.accounts import tokens, users
from shared.config import Settings
from shared.database import Database
from shared.events import SYSTEM, Actor
from shared.schemas.accounts import UserInput
from shared.tenancy import EVERY_WORKSPACE

ROOT = Path(__file__).parents[1]
EMAIL, PASSWORD, OWN_COMPANY = "bench@afterword.example", "a long sentence for a bench", "Threlwick"
MB = 1024 * 1024


class NeverCame(RuntimeError):
    """Something a benchmark waits for did not happen."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, and how long it took from connecting to the last byte."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    ms: float


@dataclass(frozen=True, slots=True)
class Site:
    """A server on this machine. A connection per request: gunicorn's sync workers close it anyway."""

    port: int
    headers: Mapping[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: bytes | None = None, *, expect: int = 200, **headers: str) -> Answer:
        """One request. Raises NeverCame, with the body, for another status than expected."""
        given = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        started = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body=body, headers=given)
            reply = connection.getresponse()
            read = reply.read()
        finally:
            connection.close()
        ms = (time.perf_counter() - started) * 1000
        if reply.status != expect:
            raise NeverCame(f"{method} {path} answered {reply.status}: {read[:500].decode(errors='replace')}")
        return Answer(reply.status, read, dict(reply.getheaders()), ms)


@dataclass
class Ground:
    """Where a benchmark stands: `start` and `serve` add processes, which end with it."""

    folder: Path
    settings: Settings
    database: Database
    person: Person
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @classmethod
    @contextlib.contextmanager
    def laid(cls, database_url: str = "") -> Iterator[Self]:
        """A migrated, empty database (SQLite unless told) with one workspace and its admin; a broker runs."""
        with tempfile.TemporaryDirectory(prefix="aw-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            settings = _settings(folder, database_url)
            database = Database(settings.effective_database_url)
            ground: Self | None = None
            try:
                migration.upgrade(database)
                ground = cls(folder, settings, database, add_person(database, EMAIL))
                ground._start_broker()
                yield ground
            finally:
                for process in reversed(ground.processes if ground else []):
                    _end(process)
                database.dispose()

    @property
    def actor(self) -> Actor:
        return Actor("user", user_id=self.person.user_id)

    @property
    def database_file(self) -> Path:
        return self.settings.data_dir / "afterword.db"

    def start(self, *arguments: str, **settings: str) -> subprocess.Popen[bytes]:
        """Run our Python with these arguments and this ground's settings."""
        return self._run([sys.executable, *arguments], settings)

    def serve(self, app: str, **settings: str) -> Site:
        """Serve a WSGI application exactly as the launcher does; returns when it answers."""
        port = free_port()
        command = ("-m", "gunicorn", "--config", "python:launcher.gunicorn_conf", app)
        process = self.start(*command, CRM_PORT=str(port), **settings)
        site = Site(port)

        def answers() -> bool:
            if process.poll() is not None:
                raise NeverCame(f"{app} ended: {self.logs()}")
            with contextlib.suppress(OSError):
                site.ask("GET", "/healthz")
                return True
            return False

        wait_until(answers, f"{app} to answer")
        return site

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-2000:] for path in sorted(self.folder.glob("*.log")))

    def _start_broker(self) -> None:
        (self.settings.data_dir / "broker").mkdir(parents=True, exist_ok=True)
        self._run(broker.command(self.settings, broker.find_server()), {})
        wait_until(lambda: queue.is_alive(self.settings.effective_redis_url), "the broker")

    def _run(self, command: list[str], settings: dict[str, str]) -> subprocess.Popen[bytes]:
        with (self.folder / f"process-{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=_environment(self.settings) | settings, stdout=log, stderr=subprocess.STDOUT
            )
        self.processes.append(process)
        return process


def _settings(folder: Path, database_url: str) -> Settings:
    """What `make run` would use, in this folder, without the person's own settings or a language model."""
    plain = {name: info.get_default() for name, info in Settings.model_fields.items()}
    chosen = {
        "data_dir": folder / "var",
        "database_url": database_url or f"sqlite:///{folder / 'var' / 'afterword.db'}",
        "redis_url": f"unix://{folder / 'var' / 'broker' / 'redis.sock'}",
        "secret_key": "a key for benchmarks, long enough to sign with",
        "ollama_host": "127.0.0.1:1",
        "demo": False,
        "log_level": "WARNING",
    }
    return Settings(_env_file=None, **plain | chosen)


def _environment(settings: Settings) -> dict[str, str]:
    """This process's environment with those settings, and compiled files allowed, as the launcher has it."""
    values = settings.model_dump(mode="json")
    ours = {name.upper(): str(int(v) if isinstance(v, bool) else v) for name, v in values.items() if v is not None}
    kept = {name: v for name, v in os.environ.items() if name not in {"PYTHONDONTWRITEBYTECODE", "CLOCK"}}
    return {**kept, **ours, "PYTHONUNBUFFERED": "1"}


@dataclass(frozen=True, slots=True)
class Person:
    """An admin, alone in a workspace."""

    workspace_id: int
    user_id: int
    token: str


def add_person(database: Database, email: str | None = None) -> Person:
    """A new workspace and its admin, who can sign in with PASSWORD if an address is given."""
    with database.scope(EVERY_WORKSPACE) as session:
        workspace = users.create_workspace(session, "Bench")
        workspace.own_name = OWN_COMPANY
        session.enter(workspace.id)
        address = email or f"admin{workspace.id}@afterword.example"
        new = UserInput(email=address, role="admin", password=PASSWORD if email else None)
        user = users.create_user(session, new, by=SYSTEM)
        _, secret = tokens.create(session, user, "bench", by=SYSTEM)
        return Person(workspace.id, user.id, secret)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=10)


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(holds: Callable[[], object], what: str, *, seconds: float = 90.0, every_s: float = 0.02) -> None:
    """Look again and again. Raises NeverCame."""
    give_up = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > give_up:
            raise NeverCame(f"Waited {seconds:g} s in vain for {what}.")
        time.sleep(every_s)


@dataclass(frozen=True, slots=True)
class Memory:
    """Of a process and those below it, MB. `largest` is the greatest resident set of one of them; `shared_fairly` is
    the sum of their proportional sets, pages in common counted once (of resident sets where the system tells no more).
    """

    largest: float
    shared_fairly: float
    processes: int


def memory_of(process: psutil.Process) -> Memory:
    """What it and its children hold now."""
    family = [process, *process.children(recursive=True)]
    resident = [member.memory_info().rss for member in family]
    fair = [getattr(member.memory_full_info(), "pss", rss) for member, rss in zip(family, resident, strict=True)]
    return Memory(max(resident) / MB, sum(fair) / MB, len(family))


def peak_resident_mb(pid: int) -> float:
    """The most memory a process ever held, MB (Linux; elsewhere what it holds now)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return psutil.Process(pid).memory_info().rss / MB
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
