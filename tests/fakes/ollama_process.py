"""The Ollama server for tests in a process of its own: it can be killed, and shares no interpreter's lock with us."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class OllamaProcess:
    """A running one; `host` is what OLLAMA_HOST takes."""

    host: str
    pid: int


@contextmanager
def ollama_process(script: Mapping[str, Any], port: int = 0) -> Iterator[OllamaProcess]:
    """Serve a script (`ollama_script.read_script`) until the block ends; port 0 takes a free one."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(script, file)
        file.flush()
        command = [sys.executable, "-m", "tests.fakes.ollama_server", "--port", str(port), "--script", file.name]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stdout is not None
            try:
                yield OllamaProcess(process.stdout.readline().strip(), process.pid)
            finally:
                process.send_signal(signal.SIGCONT)  # a test may have stopped it
                process.kill()
