"""The commands behind `make`: bring the tree to the state a command needs, then become that command.

Standard library only: nothing is installed yet when this runs.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from launcher import frontend, venv
from launcher.progress import StepFailed, run_step

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

LINTERS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("importlinter", "lint"),
)


def main(args: list[str]) -> int:
    """Entry from bootstrap.py: `args` is the command and its own arguments. Returns an exit status or never."""
    command, rest = (args[0], args[1:]) if args else ("help", [])
    action = COMMANDS.get(command)
    if action is None:
        print(f"There is no command {command!r}. There are: {', '.join(COMMANDS)}.", file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _interrupt)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup asks to be left running
        signal.signal(signal.SIGHUP, _interrupt)
    try:
        return action(rest)
    except StepFailed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"The set-up cannot go on: {error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. Run the same command again to continue.", file=sys.stderr)
        return 130


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


# --- commands ---------------------------------------------------------------------------------------------------------


def _run(rest: list[str]) -> int:
    set_up("requirements.txt")
    return _become("-m", "launcher", "run", *rest)


def _dev(rest: list[str]) -> int:
    set_up("requirements/dev.txt")
    return _become("-m", "launcher", "dev", *rest)


def _test(rest: list[str]) -> int:
    set_up("requirements/dev.txt")
    _ensure_browser()
    # More than there are processors, since much of a test is waiting.
    processes = min(8, max(2, os.cpu_count() or 1) + 2)
    return _become("-m", "pytest", "-n", str(processes), "--dist", "loadfile", *rest)


def _lint(rest: list[str]) -> int:
    set_up("requirements/dev.txt", with_frontend=False)
    statuses = [_call(linter) for linter in LINTERS]
    return 1 if any(statuses) else 0


def _sure(rest: list[str]) -> int:
    set_up("requirements/dev.txt")
    for tidying in (("ruff", "format", "."), ("ruff", "check", "--fix", ".")):
        if _call(tidying):
            return 1
    return _test(rest)


def _module(name: str) -> Callable[[list[str]], int]:
    def action(rest: list[str]) -> int:
        set_up("requirements/dev.txt")
        return _become("-m", name, *rest)

    return action


def _setup_only(rest: list[str]) -> int:
    set_up("requirements/dev.txt" if "--dev" in rest else "requirements.txt")
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": _run,
    "dev": _dev,
    "test": _test,
    "lint": _lint,
    "sure": _sure,
    "bench": _module("bench"),
    "eval": _module("tests.evals.run"),
    "setup": _setup_only,
}


def _call(linter: tuple[str, ...]) -> int:
    """Run one tool of the environment in front of the person; its exit status."""
    print(f"$ {' '.join(linter)}", flush=True)
    code = "from importlinter.cli import import_linter; import_linter()"
    how = ["-c", code, *linter[1:]] if linter[0] == "importlinter" else ["-m", *linter]
    return subprocess.call([str(venv.PYTHON), *how], cwd=venv.ROOT, env=venv.environment())


def _become(*args: str) -> int:
    """Replace this process by the environment's Python: signals sent to us reach the command directly."""
    sys.stdout.flush()
    os.execve(venv.PYTHON, [str(venv.PYTHON), *args], venv.environment())


def set_up(requirements: str, *, with_frontend: bool = True) -> None:
    """Make `.venv` hold `requirements` and the front end be built. Does nothing, quickly, where that is so already."""
    if venv.packages_ready(requirements) and (not with_frontend or frontend.is_ready()):
        return
    with _only_one_at_a_time() as lock:
        venv.ensure_venv(lock)
        if not venv.packages_ready(requirements):
            venv.install(requirements, lock)
        if with_frontend and not frontend.is_ready():
            frontend.build(lock)


@contextlib.contextmanager
def _only_one_at_a_time() -> Iterator[int]:
    """Hold the tree's set-up lock (flock on this folder: no file to leave behind); yields the descriptor."""
    descriptor = os.open(Path(__file__).parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up of this folder is running; waiting for it ...", flush=True)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _ensure_browser() -> None:
    """A real Chromium for the tests in the browser, installed where we may; else say loudly that they are skipped."""
    if any(shutil.which(name) for name in BROWSERS):
        return
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        env = venv.environment() | {"DEBIAN_FRONTEND": "noninteractive"}
        with contextlib.suppress(StepFailed):
            run_step("Refreshing the list of Debian packages", [apt, "update", "-q"], env=env)
            packages = ["chromium", "fonts-liberation"]
            run_step("Installing Chromium for the browser tests", [apt, "install", "-y", "-q", *packages], env=env)
            return
    print(
        "\n*** NO CHROMIUM: the tests in a real browser will be SKIPPED. Install chromium. ***\n",
        flush=True,
    )
