"""Reads the Procfile: which processes make up Afterword, and their commands."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from shared.config import Settings


@dataclass(frozen=True)
class Program:
    """A process to keep running. Of several alike, `name` ends in `.1`, `.2`."""

    name: str
    argv: tuple[str, ...]


def read(path: Path, settings: Settings) -> list[Program]:
    """The programs of a Procfile, `$NAMES` filled in, `worker` as often as WORKERS says.

    `python` becomes this environment's. Commands run without a shell. Raises ValueError on a line that is none.
    """
    values = {
        "CRM_HOST": settings.crm_host,
        "CRM_PORT": str(settings.crm_port),
        "CHATBOT_HOST": settings.chatbot_host,
        "CHATBOT_PORT": str(settings.chatbot_port),
    }
    programs = []
    for line in path.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, command = line.partition(":")
        if not colon:
            raise ValueError(f"{path.name}: {line!r} is not `name: command`.")
        argv = _argv(command, values)
        count = settings.workers if name == "worker" else 1
        names = [name] if count == 1 else [f"{name}.{number}" for number in range(1, count + 1)]
        programs += [Program(each, argv) for each in names]
    return programs


def _argv(command: str, values: Mapping[str, str]) -> tuple[str, ...]:
    words = shlex.split(Template(command).safe_substitute(values))
    return (sys.executable, *words[1:]) if words and words[0] == "python" else tuple(words)
