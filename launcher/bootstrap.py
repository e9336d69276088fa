"""The first file that runs, so that a Python which is too old can still be told so in words.

It must parse and run on Python 3.6: no newer syntax here, and no import of ours before the version is known.
"""
# ruff: noqa: UP006, UP031, UP035, UP045
# What these rules call outdated is what 3.6 understands.

import os
import subprocess
import sys
from pathlib import Path
from typing import Optional, Tuple

OLDEST = (3, 11)
#: 3.11 first: where the system has no Redis, the one that pip can install is made for it.
OTHERS = ("python3.11", "python3.12", "python3.13", "python3.14", "python3")
FINDING = "AFTERWORD_LOOKED_FOR_PYTHON"


def is_new_enough(version: Tuple[int, int]) -> bool:
    """Whether a Python of this version (major, minor) can run Afterword."""
    return version >= OLDEST


def newer_python() -> Optional[str]:
    """The first interpreter on PATH that is new enough, or None.

    Each is asked to run, not only looked up: version managers leave names on PATH that answer "not installed".
    """
    check = "import sys, venv; sys.exit(sys.version_info < %r)" % (OLDEST,)
    for name in OTHERS:
        try:
            found = subprocess.call([name, "-c", check], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except OSError:
            continue
        if found == 0:
            return name
    return None


def main() -> int:
    here = Path(__file__).resolve()
    if not is_new_enough(sys.version_info[:2]):
        other = None if os.environ.get(FINDING) else newer_python()
        if other is None:
            found = ".".join(str(part) for part in sys.version_info[:3])
            sys.stderr.write("Afterword needs Python 3.11 or newer; %s is Python %s.\n" % (sys.executable, found))
            return 1
        os.environ[FINDING] = "1"
        os.execvp(other, [other, str(here)] + sys.argv[1:])  # noqa: RUF005 - as above
    root = str(here.parent.parent)
    sys.path[0] = root
    os.chdir(root)
    from launcher.setup import main as set_up_and_go

    return set_up_and_go(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
