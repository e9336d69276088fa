"""The files of words beside this package: vocabulary is data, so that a new word needs no programmer."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "words"


@lru_cache(maxsize=8)
def entries(name: str) -> dict[str, tuple[str, ...]]:
    """`kind:concept` at the margin, its phrases indented below it, with commas between; lines with # are for people."""
    found: dict[str, list[str]] = {}
    key = ""
    for line in (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith(" "):
            found[key].append(line)
        else:
            key = line.strip()
            found[key] = []
    return {key: _phrases(" ".join(lines)) for key, lines in found.items()}


def _phrases(listed: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in listed.split(",") if phrase.strip())


@lru_cache(maxsize=16)
def by_phrase(name: str, kind: str) -> dict[str, str]:
    """phrase → concept, of one kind."""
    return {
        phrase: key.partition(":")[2]
        for key, phrases in entries(name).items()
        if key.startswith(f"{kind}:")
        for phrase in phrases
    }
