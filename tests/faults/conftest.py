"""Real processes to kill: a broker that keeps its data, workers, a language model's server."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import RedisError

from shared import events
from shared.config import Settings
from shared.database import Database
from shared.events import Actor
from shared.models import Insight, Meeting
from shared.records import meetings
from shared.records.meetings import Upload
from shared.tenancy import TenantSession
from tests.conftest import Cast, redis_binary
from tests.faults import ready_workers

#: Short, so that a dead worker's run is found soon; the default is checked in `test_within_half_a_minute`.
LEASE_S = 2.0

Process = subprocess.Popen[bytes] | BaseProcess


@dataclass
class Stack:
    """What `make run` starts, without the web: a broker and workers over one database."""

    database: Database
    cast: Cast
    folder: Path
    lease_s: float = LEASE_S
    ollama_host: str = "127.0.0.1:9"  # nobody listens there
    processes: list[Process] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        return Settings(data_dir=self.folder, database_url=self.database.url, redis_url=self.redis_url)

    @property
    def redis_url(self) -> str:
        return f"unix://{self.folder / 'redis.sock'}"

    def start_broker(self) -> Process:
        arguments = ["--port", "0", "--unixsocket", str(self.folder / "redis.sock"), "--dir", str(self.folder)]
        command = [redis_binary(), *arguments, "--appendonly", "yes", "--appendfsync", "always"]
        with self._next_log().open("wb") as log:
            self.processes.append(subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT))
        wait_until(self._broker_answers, "the broker answers")
        return self.processes[-1]

    def _broker_answers(self) -> bool:
        try:
            with Redis.from_url(self.redis_url) as client:
                return bool(client.ping())
        except RedisError:
            return False

    def start_worker(self, queue: str = "models") -> Process:
        return self.run_python(f"from shared import worker; worker.main([{queue!r}])")

    def run_python(self, code: str) -> Process:
        """A process of these lines, in the surroundings of a worker."""
        environment = {
            **os.environ,
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.database.url,
            "REDIS_URL": self.redis_url,
            "OLLAMA_HOST": self.ollama_host,
            "OLLAMA_TIMEOUT_S": "2",
            "EXTRACTION_NUM_CTX": "4096",
            "LEASE_S": str(self.lease_s),
            "WEBHOOKS_TO_PRIVATE_ADDRESSES": "1",  # receivers of tests stand on this machine
        }
        self.processes.append(ready_workers.start(code, environment, self._next_log()))
        return self.processes[-1]

    def _next_log(self) -> Path:
        return self.folder / f"process-{len(self.processes)}.log"

    def workers(self) -> set[bytes]:
        """The names of those that have registered with the broker, the killed ones too."""
        with Redis.from_url(self.redis_url) as client:
            return {bytes(name) for name in client.smembers("rq:workers")}

    def upload(self, text: str, *, engine: str = "auto") -> int:
        """Store a transcript, and send its job if there is a broker. Returns the meeting's id."""
        given = Upload(text.encode(), "talk.txt", engine=engine)
        return self.begin(
            lambda session, by: meetings.receive(session, given, upload_dir=self.settings.upload_dir, by=by)[0]
        )

    def begin(self, ask: Callable[[TenantSession, Actor], Any]) -> int:
        """Have long work done as the web does. Returns the id of the row that `ask` gives."""
        with self.database.session(self.cast.acme) as session:
            row = ask(session, Actor("user", self.cast.alice))
            session.commit()
            events.dispatch(session, self.database, self.redis_url)
            return int(row.id)

    def meeting(self, meeting_id: int) -> Meeting:
        with self.database.scope(self.cast.acme, read_only=True) as session:
            return session.get_one(Meeting, meeting_id)

    def insights(self, meeting_id: int) -> list[tuple[str, str]]:
        """(kind, identity) of every insight of a meeting."""
        with self.database.scope(self.cast.acme, read_only=True) as session:
            rows = session.query(Insight.kind, Insight.identity).filter(Insight.meeting_id == meeting_id)
            return [(str(kind), str(identity)) for kind, identity in rows]

    def wait_for(self, meeting_id: int, *statuses: str, seconds: float = 90) -> Meeting:
        wait_until(lambda: self.meeting(meeting_id).status.value in statuses, f"{statuses}", seconds, self.logs)
        return self.meeting(meeting_id)

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-3000:] for path in sorted(self.folder.glob("process-*.log")))


def wait_until(
    holds: Callable[[], bool], what: str, seconds: float = 90, explain: Callable[[], str] = lambda: ""
) -> None:
    """Look every 20 ms; fail after `seconds`."""
    give_up = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > give_up:
            pytest.fail(f"Waited {seconds} s in vain for: {what}\n{explain()}")
        time.sleep(0.02)


def kill(process: Process) -> None:
    """kill -9."""
    process.kill()
    if isinstance(process, BaseProcess):
        process.join(timeout=10)
    else:
        process.wait(timeout=10)


def is_running(process: Process) -> bool:
    return process.is_alive() if isinstance(process, BaseProcess) else process.poll() is None


@pytest.fixture
def stack(database: Database, cast: Cast) -> Iterator[Stack]:
    """A broker runs; workers are started by the test."""
    with tempfile.TemporaryDirectory(prefix="aw-") as folder:  # short: socket paths end at 107 bytes
        made = Stack(database, cast, Path(folder))
        made.start_broker()
        yield made
        for process in made.processes:
            if is_running(process):
                kill(process)
