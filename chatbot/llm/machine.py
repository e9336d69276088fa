"""What this machine has room for: memory for models, disk for the files they come in.

Ollama says what a model takes and never what there is. Where it runs on this machine, the machine can be asked; where
it does not, nothing here is known, and the page says so instead of guessing.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from chatbot.llm.models import base_url
from shared.config import Settings

_CGROUP = Path("/sys/fs/cgroup")
#: Where Ollama keeps models unless it is told otherwise: for oneself, as a service of the system.
_MODEL_FOLDERS = ("~/.ollama/models", "/usr/share/ollama/.ollama/models", "/var/lib/ollama/models")


@dataclass(frozen=True, slots=True)
class Memory:
    """Main memory, bytes. `available` is what programs can have without others being pushed out."""

    total: int
    available: int


def is_here(ollama_host: str) -> bool:
    """Whether Ollama runs on this machine, as far as its address tells."""
    address = base_url(ollama_host)
    name = urlsplit(address if "://" in address else f"//{address}").hostname or ""
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def memory() -> Memory:
    """Of this machine, or of the container we are in where that has less."""
    now = psutil.virtual_memory()
    limit, used = _number(_CGROUP / "memory.max"), _number(_CGROUP / "memory.current")
    if limit is None or limit >= now.total:
        return Memory(now.total, now.available)
    return Memory(limit, min(now.available, max(0, limit - (used or 0))))


def free_disk(settings: Settings) -> int | None:
    """Bytes free where Ollama keeps its models; None where that cannot be seen from here."""
    if not is_here(settings.ollama_host):
        return None
    named = [settings.ollama_models] if settings.ollama_models else list(_MODEL_FOLDERS)
    for folder in (Path(name).expanduser() for name in named):
        try:
            return shutil.disk_usage(folder).free
        except OSError:  # not there, or not for our eyes
            continue
    return None


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):  # no such limit; or `max`
        return None
