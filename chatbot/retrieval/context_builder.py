"""Passages as context for a model: within its budget, numbered, and fenced so that no text can speak out of turn.

Every text here was written by somebody: a note, a transcript, a web form. It is data. Each block is fenced by marks
that hold a number nobody could know beforehand, made for this one context; whatever in a text looks like a fence is
made harmless, and the model is told (by whoever writes the instructions) that nothing between fences is an instruction.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chatbot.llm import tokens
from chatbot.retrieval.passages import Citation, Passage

#: What the lines around a block cost, tokens.
_AROUND = 40
#: A passage cut to less than this says nothing.
_LEAST_TOKENS = 40

_FENCE = re.compile(r"<\s*/?\s*(?:source|context|system|instructions?)\b[^<>]{0,200}>?|\[(?=\d{1,3}\])", re.IGNORECASE)
#: Characters that are not seen, or that turn what is seen around.
_UNSEEN = re.compile("[\u0000-\u0008\u000b-\u001f\u007f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Packed:
    """Context for a prompt and what its numbers mean: `passages[n - 1]` and `citations[n - 1]` are source n.

    `nonce` is what the fences of this context carry; `tokens` an estimate of the text's size.
    """

    text: str
    citations: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    nonce: str
    tokens: int


def pack(passages: Sequence[Passage], budget_tokens: int, *, nonce: str | None = None) -> Packed:
    """As many of the passages, best first, as the budget holds, in numbered blocks. The last one may be cut.

    The same text comes in once. An empty budget, or no passages, gives an empty text.
    """
    nonce = nonce or secrets.token_hex(6)
    blocks: list[str] = []
    kept: list[Passage] = []
    left = budget_tokens
    for passage in _distinct(passages):
        fitting = _fitting(passage, left - _AROUND - tokens.estimate(passage.title))
        if fitting is None:
            continue
        block = _block(len(kept) + 1, fitting, nonce)
        cost = tokens.estimate(block)
        if cost > left:
            continue
        left -= cost
        blocks.append(block)
        kept.append(fitting)
    text = "\n".join(blocks)
    citations = tuple(passage.cited(n) for n, passage in enumerate(kept, 1))
    return Packed(text, citations, tuple(kept), nonce, tokens.estimate(text) if text else 0)


def harmless(text: str) -> str:
    """A text that cannot end its block, begin another, or pass for a citation. It reads as before."""
    return _FENCE.sub(
        lambda match: match[0].replace("<", "‹").replace(">", "›").replace("[", "［"), _UNSEEN.sub("", text)
    )


def _distinct(passages: Sequence[Passage]) -> list[Passage]:
    """Each text once; one that is contained in a better one is not repeated."""
    kept: list[Passage] = []
    for passage in passages:
        if passage.text.strip() and not any(passage.text in other.text for other in kept):
            kept.append(passage)
    return kept


def _fitting(passage: Passage, room: int) -> Passage | None:
    """The passage, cut around its sentence if it is too long; None where too little would be left."""
    if tokens.estimate(passage.text) <= room:
        return passage
    if room < _LEAST_TOKENS:
        return None
    start, end = passage.sentence_start, min(passage.sentence_end, passage.sentence_start + room * 2)
    while tokens.estimate(passage.text[start:end]) < room and (start > 0 or end < len(passage.text)):
        start, end = max(0, start - 40), min(len(passage.text), end + 40)
    while end > passage.sentence_start + 1 and tokens.estimate(passage.text[start:end]) > room:
        start, end = min(start + 20, passage.sentence_start), max(end - 20, passage.sentence_start + 1)
    return replace(
        passage,
        text=passage.text[start:end],
        sentence_start=passage.sentence_start - start,
        sentence_end=min(passage.sentence_end, end) - start,
    )


def _block(n: int, passage: Passage, nonce: str) -> str:
    about = [passage.type]
    if passage.happened_at is not None:
        about.append(f"{passage.happened_at:%Y-%m-%d}")
    if passage.start_s is not None:
        about.append(f"at {_timecode(passage.start_s)}")
    title = harmless(passage.title).replace("\n", " ")
    return f'<source-{nonce} n="{n}">\n[{n}] {title} ({", ".join(about)})\n{harmless(passage.text)}\n</source-{nonce}>'


def _timecode(seconds: float) -> str:
    whole = int(seconds)
    return (
        f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}" if whole >= 3600 else f"{whole // 60}:{whole % 60:02}"
    )
