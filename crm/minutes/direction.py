"""Which way a text is written, and whether its letters must be shaped: what paper needs to know and a browser does."""

from __future__ import annotations

import unicodedata

_RTL = ("R", "AL")


def is_rtl(text: str) -> bool:
    """Whether the first letter that has a direction is written from right to left."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind == "L":
            return False
        if kind in _RTL:
            return True
    return False


def needs_shaping(text: str) -> bool:
    """Whether drawing letter after letter would be wrong: any right-to-left letter, or one of the Indic scripts."""
    return not text.isascii() and any(
        unicodedata.bidirectional(character) in _RTL or "\u0900" <= character <= "\u0dff" for character in text
    )
