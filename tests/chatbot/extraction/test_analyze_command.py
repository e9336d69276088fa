"""`flask analyze`: a file in, items out, no service needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from chatbot.cli import commands

ROOT = Path(__file__).parents[3]

SCRIPT = """Rachel Whitmore: I'll send you the floor plans by Tuesday.
Carlos Medrano: Perfect. I'm the director of operations at Belhaven Hotels.
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "call.txt"
    path.write_text(SCRIPT)
    return path


def analyze(*arguments: object) -> Result:
    group = click.Group(commands={command.name or "": command for command in commands})
    return CliRunner().invoke(group, ["analyze", *map(str, arguments), "--engine", "builtin"])


def test_json_is_all_that_stands_on_stdout(file: Path) -> None:
    result = analyze(file, "--occurred-at", "2026-11-12T15:00", "--own-company", "Cleanstride", "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    (task,) = [item for item in found["items"] if item["kind"] == "action_item"]
    assert task["data"] == {"description": "Send the floor plans", "owner": "Rachel Whitmore", "due_date": "2026-11-17"}
    assert task["evidence"][0]["quote"] == "I'll send you the floor plans by Tuesday."
    assert task["evidence"][0]["speaker"] == "Rachel Whitmore"
    assert 0 < task["confidence"] < 1


def test_without_json_a_person_can_read_it(file: Path) -> None:
    result = analyze(file, "--occurred-at", "2026-11-12T15:00")
    assert result.exit_code == 0
    assert "Action items" in result.stdout
    assert "Send the floor plans" in result.stdout


@pytest.mark.parametrize(
    ("content", "arguments", "said"),
    [
        (None, (), "Cannot read"),
        (b"", (), "Cannot read"),
        (SCRIPT.encode(), ("--occurred-at", "next Tuesday"), "--occurred-at"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    tmp_path: Path, content: bytes | None, arguments: tuple[str, ...], said: str
) -> None:
    path = tmp_path / "call.txt"
    if content is not None:
        path.write_bytes(content)
    result = analyze(path, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_it_writes_nothing_and_needs_no_data_folder(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "not-there" / "data"
    command = [sys.executable, "-m", "flask", "--app", "main", "analyze", str(file), "--json", "--engine", "builtin"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "DATA_DIR": str(folder)}, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["items"]
    assert not folder.parent.exists()
