"""From the command to both services ready, on data that is there already, and what each process then holds."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psutil

from bench.figures import Figure, in_turns, median
from bench.ground import MB, ROOT, Memory, NeverCame, Site, free_port, memory_of, wait_until
from bench.sizes import Size
from launcher import frontend, venv

READY_S, CRM_MB, CHATBOT_MB = 5.0, 150.0, 200.0

#: What each service stands on, without a line of ours.
_CRM_PARTS = "import flask, flask_babel, flask_wtf, jinja2, sqlalchemy.orm, pydantic, structlog, gunicorn.app.wsgiapp"
_CHATBOT_PARTS = "import fastapi, uvicorn, websockets, sqlalchemy.orm, pydantic, structlog"


@dataclass
class Launched:
    """A run of the launcher in a folder of its own; `ready_s` from the command to the line that says so."""

    process: subprocess.Popen[str]
    site: Site
    ready_s: float = 0.0
    lines: list[str] = field(default_factory=list)

    @classmethod
    @contextlib.contextmanager
    def run(cls, folder: Path, *, demo: bool) -> Iterator[Self]:
        """Start, wait until both services say they are ready, end it when the block ends."""
        crm_port = free_port()
        environment = {
            **{name: value for name, value in os.environ.items() if name not in _PERSONAL},
            "DATA_DIR": str(folder), "CRM_PORT": str(crm_port), "CHATBOT_PORT": str(free_port()),
            "OLLAMA_HOST": "127.0.0.1:1", "DEMO": str(int(demo)),
        }  # fmt: skip
        started = time.monotonic()
        process = subprocess.Popen(
            command(), cwd=ROOT, env=environment, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        launched = cls(process, Site(crm_port))
        reader = threading.Thread(target=launched._read, args=(started,), daemon=True)
        reader.start()
        try:
            wait_until(launched._is_ready, "the launcher", seconds=120)
            yield launched
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=40)
            reader.join(timeout=5)

    def _read(self, started: float) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                self.lines.append(line)
                if "Afterword is ready" in line:
                    self.ready_s = time.monotonic() - started

    def _is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise NeverCame(f"The launcher ended: {''.join(self.lines)}")
        return self.ready_s > 0

    def part(self, *words: str) -> psutil.Process:
        """Its oldest process with all these words on its command line."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        found = [child for child in children if set(words) <= set(child.cmdline())]
        return min(found, key=psutil.Process.create_time)


_PERSONAL = {"DATABASE_URL", "REDIS_URL", "CLOCK", "PYTHONDONTWRITEBYTECODE", "MAKELEVEL", "MAKEFLAGS"}


def command() -> list[str]:
    """What `make run` runs; where the tree is not set up by `make`, the part of it after the set-up."""
    if venv.packages_ready("requirements.txt") and frontend.is_ready():
        return [sys.executable, "launcher/bootstrap.py", "run"]
    return [sys.executable, "-m", "launcher", "run"]


def starting(size: Size) -> Iterator[Figure]:
    """The second and later starts in a folder, in turns with loading both services' code and nothing else."""
    with tempfile.TemporaryDirectory(prefix="aw-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with Launched.run(folder, demo=size.demo) as first:
            first_s = first.ready_s

        memory: list[Figure] = []

        def warm() -> float:
            with Launched.run(folder, demo=size.demo) as launched:
                memory[:] = _memory(launched)
                return launched.ready_s

        ready, least = in_turns(size.launches, warm, _loading_s, warm_up=0)
    yield Figure(
        name="warm start to both services ready", measured=median(ready), unit="s", target=READY_S,
        beside="importing both services", baseline=median(least),
        note=f"`{' '.join(command()[1:])}`, median of {len(ready)}: {', '.join(f'{s:.1f}' for s in ready)} s. The first"
        f" start of this folder (migrations{', demo data' if size.demo else ''}) took {first_s:.1f} s.",
    )  # fmt: skip
    yield from memory


def _loading_s() -> float:
    """How long Python needs to load both services side by side, with nothing started."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "DATA_DIR": folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        loading = [
            subprocess.Popen([sys.executable, "-c", f"import {module}"], cwd=ROOT, env=environment)
            for module in ("main", "chatbot_main")
        ]
        if any(process.wait(timeout=60) for process in loading):
            raise NeverCame("A service cannot be imported.")
    return time.monotonic() - started


def _memory(launched: Launched) -> list[Figure]:
    """Of each process, after a few answers."""
    for _ in range(8):  # both of gunicorn's processes get their share
        launched.site.ask("GET", "/api/docs")
    time.sleep(1)
    crm = memory_of(launched.part("gunicorn"))
    chatbot = memory_of(launched.part("uvicorn"))
    worker = memory_of(launched.part("shared.worker", "models"))
    everything = memory_of(psutil.Process(launched.process.pid))
    return [
        Figure(
            name="memory: largest CRM process", measured=crm.largest, unit="MB", target=CRM_MB,
            beside="its libraries alone", baseline=_libraries_mb(_CRM_PARTS),
            note=f"Resident. {_in_all(crm, 'gunicorn’s master and its workers')}",
        ),
        Figure(
            name="memory: chatbot, idle, no embeddings", measured=chatbot.largest, unit="MB", target=CHATBOT_MB,
            beside="its libraries alone", baseline=_libraries_mb(_CHATBOT_PARTS),
            note=f"Resident. {_in_all(chatbot, 'uvicorn')}",
        ),
        Figure(
            name="memory: models' worker, idle", measured=worker.largest, unit="MB",
            note="Resident; the analyzer is loaded.",
        ),
        Figure(
            name="memory: all of Afterword", measured=everything.shared_fairly, unit="MB",
            note=f"The proportional sets of all {everything.processes} processes, broker and launcher included.",
        ),
    ]  # fmt: skip


def _in_all(memory: Memory, what: str) -> str:
    return (
        f"{memory.processes} {'process' if memory.processes == 1 else 'processes'} ({what}) hold"
        f" {memory.shared_fairly:.0f} MB together, pages in common counted once."
    )


def _libraries_mb(imports: str) -> float:
    """Resident set of a Python that has imported these and done nothing."""
    code = f"{imports}\nimport psutil\nprint(psutil.Process().memory_info().rss)"
    return int(subprocess.check_output([sys.executable, "-c", code], text=True)) / MB
