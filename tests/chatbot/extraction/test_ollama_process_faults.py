"""The model's process killed and stopped for real, in the middle of its work."""

from __future__ import annotations

import os
import signal
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from chatbot.extraction import meeting_analyzer
from chatbot.extraction.ollama_engine import choose_engine
from chatbot.extraction.types import MeetingContext
from shared.config import Settings
from shared.schemas.insight import Kind
from shared.transcripts import Utterance
from tests.fakes.ollama_process import OllamaProcess, ollama_process

pytestmark = pytest.mark.faults


def meeting(lines: int) -> MeetingContext:
    said = (f"I'll send you document number {n} by Friday, if that is all right." for n in range(lines))
    utterances = tuple(Utterance(n, ("Marit", "Owen")[n % 2], text) for n, text in enumerate(said))
    return MeetingContext(utterances, datetime(2026, 9, 15, 10))


def speaking(tokens_per_s: int) -> dict[str, Any]:
    """A script of a model as fast as that."""
    return {"default": {"tokens_per_s": tokens_per_s}}


def wait_until_writing(server: OllamaProcess) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        log = httpx.get(f"http://{server.host}/_fake/requests").json()
        if any(entry["tokens_sent"] > 3 for entry in log):
            return
        time.sleep(0.02)
    raise AssertionError("the model never wrote a word")


def analyze(server: OllamaProcess, tmp_path: Path, *, idle_s: float, lines: int = 400) -> tuple[list[str], list[str]]:
    """Descriptions of the action items, and the reasons for falling back."""
    fell: list[str] = []
    settings = Settings(_env_file=None, data_dir=tmp_path, ollama_host=server.host, ollama_timeout_s=idle_s)  # type: ignore[call-arg]
    engine, reason = choose_engine(settings, on_fallback=lambda _segment, why: fell.append(why))
    assert reason is None
    items = meeting_analyzer.analyze(meeting(lines), engine)
    assert any(item.kind is Kind.SUMMARY for item in items)
    return [str(item.data["description"]) for item in items if item.kind is Kind.ACTION_ITEM], fell


def test_a_killed_model_costs_seconds_and_no_item(tmp_path: Path) -> None:
    with ollama_process(speaking(60)) as server:
        killer = threading.Thread(target=lambda: (wait_until_writing(server), os.kill(server.pid, signal.SIGKILL)))
        killer.start()
        began = time.monotonic()
        found, fell = analyze(server, tmp_path, idle_s=30)
        killer.join()
    assert time.monotonic() - began < 30
    assert fell and set(fell) == {"Ollama is not reachable. Start it with: ollama serve"}
    assert found


def test_a_model_restarted_in_time_goes_on(tmp_path: Path) -> None:
    with ollama_process(speaking(60)) as server:
        port = int(server.host.rpartition(":")[2])
        results: list[tuple[list[str], list[str]]] = []
        reader = threading.Thread(target=lambda: results.append(analyze(server, tmp_path, idle_s=30, lines=20)))
        reader.start()
        wait_until_writing(server)
        os.kill(server.pid, signal.SIGKILL)
        with ollama_process(speaking(1000), port):
            reader.join(timeout=60)
    [(found, fell)] = results
    assert fell == []
    assert found


def test_a_frozen_model_is_given_up_after_the_longest_silence(tmp_path: Path) -> None:
    with ollama_process(speaking(60)) as server:
        freezer = threading.Thread(target=lambda: (wait_until_writing(server), os.kill(server.pid, signal.SIGSTOP)))
        freezer.start()
        began = time.monotonic()
        found, fell = analyze(server, tmp_path, idle_s=1.0)
        freezer.join()
    assert time.monotonic() - began < 30
    assert fell and all("silent for 1 seconds" in why for why in fell)
    assert found
