"""Ids as addresses and forms write them: `5`, and `company:5` where several types may stand."""

from __future__ import annotations

from collections.abc import Container

#: The largest that a column of ids, or of other whole numbers, holds; databases refuse to look for more.
LARGEST_ID = 2**31 - 1


def id_of(text: str) -> int | None:
    """The id a text says; None for what no id can be."""
    is_id = text.isascii() and text.isdecimal() and len(text) <= 16 and 0 < int(text) <= LARGEST_ID
    return int(text) if is_id else None


def target_of(text: str, types: Container[str]) -> tuple[str, int] | None:
    """The record of one of these types that `company:5` says; None for anything else."""
    type_, _colon, number = text.partition(":")
    id = id_of(number)
    return (type_, id) if id is not None and type_ in types else None
