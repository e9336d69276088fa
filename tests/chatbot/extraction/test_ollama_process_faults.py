"""The model's process killed and stopped for real, in the middle of its work."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from chatbot.extraction import meeting_analyzer
from chatbot.extraction.ollama_engine import choose_engine
from chatbot.extraction.types import MeetingContext
from shared.config import Settings
from shared.schemas.insight import Kind
from shared.transcripts import Utterance

ROOT = Path(__file__).parents[3]


def meeting(lines: int) -> MeetingContext:
    said = (f"I'll send you document number {n} by Friday, if that is all right." for n in range(lines))
    utterances = tuple(Utterance(n, ("Marit", "Owen")[n % 2], text) for n, text in enumerate(said))
    return MeetingContext(utterances, datetime(2026, 9, 15, 10))


pytestmark = pytest.mark.faults


@dataclass(frozen=True)
class Server:
    host: str
    pid: int

    def wait_until_writing(self) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            log = httpx.get(f"http://{self.host}/_fake/requests").json()
            if any(entry["tokens_sent"] > 3 for entry in log):
                return
            time.sleep(0.02)
        raise AssertionError("the model never wrote a word")


@contextmanager
def model_process(tmp_path: Path, port: int = 0, tokens_per_s: float = 60) -> Iterator[Server]:
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"default": {"tokens_per_s": tokens_per_s}}))
    command = [sys.executable, "-m", "tests.fakes.ollama_server", "--port", str(port), "--script", str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            yield Server(process.stdout.readline().strip(), process.pid)
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()


def analyze(server: Server, tmp_path: Path, *, idle_s: float, lines: int = 400) -> tuple[list[str], list[str]]:
    """Descriptions of the action items, and the reasons for falling back."""
    fell: list[str] = []
    settings = Settings(_env_file=None, data_dir=tmp_path, ollama_host=server.host, ollama_timeout_s=idle_s)  # type: ignore[call-arg]
    engine, reason = choose_engine(settings, on_fallback=lambda _segment, why: fell.append(why))
    assert reason is None
    items = meeting_analyzer.analyze(meeting(lines), engine)
    assert any(item.kind is Kind.SUMMARY for item in items)
    return [str(item.data["description"]) for item in items if item.kind is Kind.ACTION_ITEM], fell


def test_a_killed_model_costs_seconds_and_no_item(tmp_path: Path) -> None:
    with model_process(tmp_path) as server:
        killer = threading.Thread(target=lambda: (server.wait_until_writing(), os.kill(server.pid, signal.SIGKILL)))
        killer.start()
        began = time.monotonic()
        found, fell = analyze(server, tmp_path, idle_s=30)
        killer.join()
    assert time.monotonic() - began < 30
    assert fell and set(fell) == {"Ollama is not reachable. Start it with: ollama serve"}
    assert found


def test_a_model_restarted_in_time_goes_on(tmp_path: Path) -> None:
    with model_process(tmp_path) as server:
        port = int(server.host.rpartition(":")[2])
        results: list[tuple[list[str], list[str]]] = []
        reader = threading.Thread(target=lambda: results.append(analyze(server, tmp_path, idle_s=30, lines=20)))
        reader.start()
        server.wait_until_writing()
        os.kill(server.pid, signal.SIGKILL)
        with model_process(tmp_path, port, tokens_per_s=1000):
            reader.join(timeout=60)
    [(found, fell)] = results
    assert fell == []
    assert found


def test_a_frozen_model_is_given_up_after_the_longest_silence(tmp_path: Path) -> None:
    with model_process(tmp_path) as server:
        freezer = threading.Thread(target=lambda: (server.wait_until_writing(), os.kill(server.pid, signal.SIGSTOP)))
        freezer.start()
        began = time.monotonic()
        found, fell = analyze(server, tmp_path, idle_s=1.0)
        freezer.join()
    assert time.monotonic() - began < 30
    assert fell and all("silent for 1 seconds" in why for why in fell)
    assert found
