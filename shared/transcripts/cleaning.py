"""Raw text of a cue -> what people read and what evidence is found in; and times in all the ways tools write them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from html import unescape

#: Control characters that are not white space, zero-width marks and lone surrogates (no database takes those).
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b\u2060\ufeff\ud800-\udfff\ufffe\uffff]")
#: Only tags that captions use: a transcript about software may well contain `<script>`, and that is speech.
_TAG = re.compile(r"</?(?:c|i|b|u|s|v|ruby|rt|lang|font|span)(?:[.\s][^<>]{0,300})?>|<\d{1,3}:[\d:.]{2,12}>", re.I)
_BREAK = re.compile(r"<br\s{0,3}/?>", re.I)
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]{0,3}\s|[。！？]")
CLOCK = r"(?:\d{1,3}:)?\d{1,3}:\d{2}(?:[.,]\d{1,3})?"

#: Longer utterances are cut at sentence ends into pieces of at most `PIECE` characters.
LONG = 2000
PIECE = 1000


def collapse(text: str) -> str:
    """White space to one blank, invisible characters out; nothing else changes."""
    return " ".join(_INVISIBLE.sub("", text).split())


def plain_text(markup: str) -> str:
    """Caption text without its tags and with entities decoded."""
    if "<" in markup:
        markup = _TAG.sub("", _BREAK.sub(" ", markup))
    return unescape(markup) if "&" in markup else markup


def seconds(value: object, *, scale: float = 1.0) -> float | None:
    """A time as any tool writes it (5, "5.2", "5.2s", "00:05:32", "00:05:32,100") -> seconds, or None."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _finite(value, scale)
    if not isinstance(value, str) or len(value) > 40:
        return None
    text = value.strip().replace(",", ".")
    try:
        if ":" not in text:
            return _finite(float(text.removesuffix("s")), scale)
        total = 0.0
        for part in text.split(":"):
            total = total * 60 + float(part)
    except ValueError:
        return None
    return _finite(total, 1.0)


def _finite(value: float, scale: float) -> float | None:
    if isinstance(value, int) and abs(value) > 10**15:
        return None
    number = round(value * scale, 3)
    return max(number, 0.0) if math.isfinite(number) else None


def pieces(text: str) -> Iterator[str]:
    """Cut collapsed text of more than `LONG` characters; pieces joined with a blank give the text again."""
    if len(text) <= LONG:
        yield text
        return
    start = 0
    while len(text) - start > PIECE:
        window = text[start : start + PIECE]
        ends = [m.end() for m in _SENTENCE_END.finditer(window)]
        cut = ends[-1] if ends and ends[-1] > PIECE // 4 else window.rfind(" ") + 1 or PIECE
        yield text[start : start + cut].strip()
        start += cut
    if rest := text[start:].strip():
        yield rest
