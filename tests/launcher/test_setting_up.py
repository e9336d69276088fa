"""The set-up: which Python, what is shown, what an interruption leaves, who waits for whom."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from launcher import bootstrap, frontend, progress, setup, venv

ROOT = Path(__file__).resolve().parents[2]


# --- Python


@pytest.mark.parametrize(("version", "enough"), [((3, 10), False), ((2, 7), False), ((3, 11), True), ((4, 0), True)])
def test_which_python_is_new_enough(version, enough):
    assert bootstrap.is_new_enough(version) is enough


def test_the_first_file_parses_on_pythons_that_are_too_old():
    ast.parse((ROOT / "launcher" / "bootstrap.py").read_text(), feature_version=(3, 6))


def test_a_python_that_is_too_old_is_told_in_one_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setenv("PATH", "")
    assert bootstrap.main() == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "needs Python 3.11 or newer" in line
    assert "3.9.2" in line


def test_a_name_that_only_says_not_installed_is_passed_over(tmp_path, monkeypatch):
    for name, status in (("python3.11", 127), ("python3.12", 1), ("python3.13", 0)):
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {status}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert bootstrap.newer_python() == "python3.13"


def test_an_unknown_command_names_the_known_ones(capsys):
    assert setup.main(["fly"]) == 2
    assert "run, dev, test" in capsys.readouterr().err


def test_every_command_of_the_makefile_is_known():
    said = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert {line.split()[1] for line in said.splitlines()} == set(setup.COMMANDS) | {"help"}


def test_an_environment_that_is_only_linked_to_is_never_emptied(tmp_path, monkeypatch):
    shared = tmp_path / "shared"
    (shared / "bin").mkdir(parents=True)
    (shared / "bin" / "python").write_text("theirs")
    link = tmp_path / "here" / ".venv"
    link.parent.mkdir()
    link.symlink_to(shared)
    for name, path in (("VENV", link), ("PYTHON", link / "bin" / "python"), ("STAMPS", link / ".stamps")):
        monkeypatch.setattr(venv, name, path)
    with pytest.raises(progress.StepFailed, match="left alone"):
        venv.ensure_venv(0)
    assert (shared / "bin" / "python").read_text() == "theirs"


# --- steps


def test_a_failed_step_tells_what_failed_how_it_ended_and_what_to_do(capfd):
    code = "import sys; [print(f'line {n}') for n in range(100)]; sys.exit(3)"
    with pytest.raises(progress.StepFailed) as failure:
        progress.run_step("Doing it", [sys.executable, "-c", code], hint="Try again.")
    message = str(failure.value)
    assert message.startswith("Doing it: ")
    assert "status 3" in message
    assert "line 99" in message
    assert "line 10\n" not in message
    assert message.endswith("Try again.")
    assert "Doing it: failed" in capfd.readouterr().out


def test_a_program_that_is_missing_is_a_failed_step():
    with pytest.raises(progress.StepFailed, match="cannot start no-such-program"):
        progress.run_step("Doing it", ["no-such-program"])


def test_an_interrupted_step_leaves_no_process():
    code = (
        "import sys; sys.path.insert(0, '.')\n"
        "from launcher import progress, setup\n"
        "setup.COMMANDS['wait'] = lambda rest: progress.run_step('Waiting', ['sh', '-c', 'sleep 60 & echo up; wait'])\n"
        "sys.exit(setup.main(['wait']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    me = psutil.Process(process.pid)
    give_up = time.monotonic() + 20
    while len(me.children(recursive=True)) < 2 and time.monotonic() < give_up:
        time.sleep(0.05)
    children = me.children(recursive=True)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=20)
    assert len(children) == 2
    assert process.returncode == 130
    assert "Run the same command again" in errors
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)


# --- stamps


def package(folder: Path, name: str, *, missing: str = "") -> Path:
    """An installed package as pip leaves it, without the file `missing`."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / name).mkdir()
    files = {f"{name}/__init__.py": "", f"{info.name}/METADATA": "", f"{info.name}/INSTALLER": "pip\n"}
    record = "".join(f"{path},,\n" for path in [*files, f"{name}/__pycache__/__init__.pyc", f"{info.name}/RECORD"])
    for path, text in {**files, f"{info.name}/RECORD": record}.items():
        if not path.endswith(missing or "\0"):
            (folder / path).write_text(text)
    return info


@pytest.mark.parametrize("missing", ["__init__.py", "INSTALLER", "RECORD"])
def test_a_package_that_an_interruption_cut_is_installed_again(tmp_path, monkeypatch, missing):
    monkeypatch.setattr(venv, "site_packages", lambda: tmp_path)
    whole, half = package(tmp_path, "whole"), package(tmp_path, "half", missing=missing)
    venv._forget_half_installed()
    assert whole.exists()
    assert not half.exists()


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A tree with requirements, an environment that seems to work and a front end, all of its own."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements.txt").write_text("flask\n")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "frontend").mkdir()
    (tmp_path / "frontend" / "package.json").write_text("{}")
    (tmp_path / "dist").mkdir()
    monkeypatch.setattr(venv, "ROOT", tmp_path)
    monkeypatch.setattr(venv, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(venv, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(venv, "STAMPS", tmp_path / ".venv" / ".stamps")
    monkeypatch.setattr(frontend, "FOLDER", tmp_path / "frontend")
    monkeypatch.setattr(frontend, "BUNDLE", tmp_path / "dist")
    return tmp_path


def test_packages_are_installed_again_when_a_requirement_changes(tree):
    assert not venv.packages_ready("requirements.txt")
    venv.write_stamp("requirements.txt", venv._requirements_hash())
    assert venv.packages_ready("requirements.txt")
    (tree / "requirements" / "constraints.txt").write_text("flask==3.1.3\n")
    assert not venv.packages_ready("requirements.txt")


def test_packages_are_installed_again_when_the_python_is_gone(tree):
    venv.write_stamp("requirements.txt", venv._requirements_hash())
    (tree / ".venv" / "bin" / "python").unlink()
    (tree / ".venv" / "bin" / "python").symlink_to(tree / "uninstalled")
    assert not venv.packages_ready("requirements.txt")


def test_the_front_end_is_built_again_when_a_source_changes_but_not_for_what_npm_brought(tree):
    assert not frontend.is_ready()
    venv.write_stamp("frontend", frontend._source_hash())
    assert frontend.is_ready()
    (tree / "frontend" / "node_modules").mkdir()
    (tree / "frontend" / "node_modules" / "x.js").write_text("x")
    assert frontend.is_ready()
    (tree / "frontend" / "app.js").write_text("x")
    assert not frontend.is_ready()


def test_a_failed_install_leaves_no_stamp_and_is_known_as_begun(tree, monkeypatch):
    def fail(title, *what, lock):
        raise progress.StepFailed("no network")

    monkeypatch.setattr(venv, "pip_install", fail)
    venv.write_stamp("venv", str(tree))
    with pytest.raises(progress.StepFailed):
        venv.install("requirements.txt", 0)
    assert not venv.packages_ready("requirements.txt")
    assert (venv.STAMPS / "install-begun").exists()


def test_two_set_ups_of_one_tree_take_turns():
    code = (
        "import sys, time; sys.path.insert(0, '.')\n"
        "from launcher import setup\n"
        "with setup._only_one_at_a_time():\n"
        "    print('in', time.monotonic(), flush=True); time.sleep(0.4); print('out', time.monotonic(), flush=True)\n"
    )
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    both = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    lines = [line.split() for process in both for line in process.communicate(timeout=20)[0].splitlines()]
    times = sorted((float(when), what) for what, when in (line for line in lines if line[0] in {"in", "out"}))
    assert [what for _, what in times] == ["in", "out", "in", "out"]
    assert sum("waiting for it" in " ".join(line) for line in lines) == 1
