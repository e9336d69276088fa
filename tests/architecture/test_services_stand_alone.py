"""Either service is loaded without the other, and neither loads what only a job needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def modules_of(entry: str, folder: Path) -> set[str]:
    """The top-level packages that are loaded once `entry`'s app stands, in a process of its own."""
    code = f"import json, sys, {entry}; print(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"
    env = {**os.environ, "DATA_DIR": str(folder), "OLLAMA_HOST": "127.0.0.1:1"}
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, check=True, capture_output=True, timeout=60)
    return set(json.loads(said.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    ("entry", "own", "foreign"),
    [
        ("main", {"crm", "flask"}, {"chatbot", "fastapi", "uvicorn", "ollama", "torch", "sentence_transformers"}),
        ("chatbot_main", {"chatbot", "fastapi"}, {"crm", "flask", "torch", "sentence_transformers"}),
    ],
)
def test_a_service_loads_only_its_own(entry: str, own: set[str], foreign: set[str], tmp_path: Path) -> None:
    loaded = modules_of(entry, tmp_path)
    assert own <= loaded
    assert loaded & foreign == set()
