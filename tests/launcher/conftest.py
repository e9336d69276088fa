"""Real runs of the launcher: real processes, a data folder and ports of their own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
START_S = 120.0


class Run:
    """One `python -m launcher run`, its output read as it comes."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.crm_port, self.chatbot_port = free_port(), free_port()
        self.env = {
            **os.environ,
            "DATA_DIR": str(folder),
            "CRM_PORT": str(self.crm_port),
            "CHATBOT_PORT": str(self.chatbot_port),
            "OLLAMA_HOST": "127.0.0.1:1",
            "SECRET_KEY": "a key for tests, long enough to sign with",
            **settings,
        }
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "launcher", "run"], cwd=ROOT, env=self.env, text=True, bufsize=1,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(line.rstrip("\n") for line in iter(self.process.stdout.readline, ""))

    def said(self, phrase: str) -> list[str]:
        """The lines with a phrase in them, so far."""
        return [line for line in self.lines if phrase in line]

    def wait_for(self, phrase: str, *, times: int = 1) -> str:
        """The line that says it; fails with all output if it never comes."""
        eventually(lambda: len(self.said(phrase)) >= times or self.process.poll() is not None)
        assert len(self.said(phrase)) >= times, "\n".join(self.lines)
        return self.said(phrase)[-1]

    def is_ready(self) -> bool:
        """Whether both services say so."""
        with contextlib.suppress(OSError):
            for port in (self.crm_port, self.chatbot_port):
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
                    if json.load(answer)["status"] not in {"ok", "degraded"}:
                        return False
            return True
        return False

    def eventually(self, condition: Callable[[], object]) -> None:
        """Wait until a condition holds; fail if it never does."""
        eventually(condition)

    def ended(self) -> int:
        """The exit status, once it and the reading of its output have ended."""
        status = self.process.wait(timeout=START_S)
        self._reader.join(timeout=5)
        return status

    def descendants(self) -> dict[int, psutil.Process]:
        """Every process below it, by id."""
        return {child.pid: child for child in psutil.Process(self.process.pid).children(recursive=True)}

    def running(self, *words: str) -> list[psutil.Process]:
        """Its processes whose command line holds all the words, the oldest first."""
        found = []
        for child in self.descendants().values():
            with contextlib.suppress(psutil.NoSuchProcess):
                if set(words) <= set(child.cmdline()):
                    found.append(child)
        return sorted(found, key=psutil.Process.create_time)

    def none_left(self, processes: dict[int, psutil.Process], *, within_s: float = 15) -> bool:
        """Whether all of these end in time; a zombie whose parent died has ended."""
        eventually(lambda: not any(map(_is_running, processes.values())), within_s=within_s)
        return True

    def close(self) -> None:
        """End it, whatever state it is in."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=25)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self._reader.join(timeout=5)
        assert self.process.stdout is not None
        self.process.stdout.close()


def _is_running(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def eventually(condition: Callable[[], object], *, within_s: float = START_S) -> None:
    """Wait until a condition holds; fail if it never does."""
    give_up = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < give_up, "it never came true"
        time.sleep(0.05)


@pytest.fixture(scope="session")
def short_folder() -> Iterator[Path]:
    """A folder with a short path: the broker's socket is made in it."""
    with tempfile.TemporaryDirectory(prefix="aw-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def afterword(short_folder: Path) -> Iterator[Run]:
    """A run that the tests of a module share. What one of them breaks, the launcher has to repair."""
    run = Run(Path(tempfile.mkdtemp(dir=short_folder)))
    try:
        run.wait_for("Afterword is ready")
        yield run
    finally:
        run.close()


@pytest.fixture(scope="session", autouse=True)
def _hangups_are_heard() -> Iterator[None]:
    """A launcher started under nohup ignores hangups, rightly, and so would ours; a handler is not inherited."""
    before = signal.getsignal(signal.SIGHUP)
    if before == signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda number, frame: None)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def launch(short_folder: Path, sqlite_template: Path) -> Iterator[Callable[..., Run]]:
    """Starts a launcher, on a migrated, empty database unless told a folder; ends it after the test."""
    runs: list[Run] = []

    def start(folder: Path | None = None, **settings: str) -> Run:
        if folder is None:
            folder = Path(tempfile.mkdtemp(dir=short_folder))
            shutil.copyfile(sqlite_template, folder / "afterword.db")
        runs.append(Run(folder, **settings))
        return runs[-1]

    yield start
    for run in runs:
        run.close()
