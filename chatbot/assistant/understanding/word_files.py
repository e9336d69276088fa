"""The files of words beside this package: vocabulary is data, so that a new word needs no programmer."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "words"


@lru_cache(maxsize=16)
def entries(name: str) -> dict[str, tuple[str, ...]]:
    """`kind:concept` at the margin, its phrases indented below it, with commas between; lines with # are for people,
    and ~ stands for the endings of an adjective."""
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
    said = [" ".join(phrase.split()) for phrase in listed.split(",") if phrase.strip()]
    return tuple(form for phrase in said for form in _forms(phrase))


#: What “~” at the end of a German word stands for.
_ENDINGS = ("", "e", "en", "er", "es", "em")


def _forms(phrase: str) -> tuple[str, ...]:
    """“offen~” with every ending an adjective may have; of several such words all have the same."""
    return tuple(phrase.replace("~", ending) for ending in _ENDINGS) if "~" in phrase else (phrase,)


@lru_cache(maxsize=16)
def by_phrase(name: str, kind: str) -> dict[str, str]:
    """phrase → concept, of one kind."""
    return {
        phrase: key.partition(":")[2]
        for key, phrases in entries(name).items()
        if key.startswith(f"{kind}:")
        for phrase in phrases
    }
