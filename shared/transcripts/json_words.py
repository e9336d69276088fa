"""Words of a speech service -> text, and turns where the service timed words and left the sentences to its reader."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from shared.transcripts.cleaning import seconds

_NO_SPACE_BEFORE = frozenset(".,!?;:…")
SENTENCE_ENDS = (".", "!", "?", "…", "。", "？", "！")


def joined(words: Sequence[Any]) -> str:
    """Words or sentences as one text; elements that carry their own blanks (Rev, ElevenLabs) are not spaced again."""
    parts = [part for word in words if (part := _word(word)) is not None]
    if any(part.isspace() for part in parts):
        return "".join(parts)
    text = ""
    for part in parts:
        text += part if not text or part in _NO_SPACE_BEFORE else " " + part
    return text


def _word(word: object) -> str | None:
    if isinstance(word, str):
        return word
    if not isinstance(word, dict):
        return None
    return next((word[k] for k in ("punctuated_word", "text", "word", "value") if isinstance(word.get(k), str)), None)


def turns(words: object, speaker_of: Callable[[dict[str, Any]], str | None]) -> list[dict[str, Any]]:
    """Entries of `speaker`, `words`: a new one where somebody else speaks or a sentence ends. Empty without words."""
    timed = [word for word in words if isinstance(word, dict)] if isinstance(words, list) else []
    if not any(_word(word) and ("start" in word or "startTime" in word or "start_time" in word) for word in timed):
        return []
    return [{"speaker": speaker, "words": said} for speaker, said in _cut(timed, speaker_of)]


def amazon_words(holder: dict[str, Any]) -> list[dict[str, Any]]:
    """Amazon Transcribe's `items` as words; who spoke stands beside them, by time, in `speaker_labels`."""
    items, labels = holder.get("items"), holder.get("speaker_labels")
    segments = labels.get("segments") if isinstance(labels, dict) else None
    spans = sorted(
        (start, str(segment.get("speaker_label") or ""))
        for segment in (segments if isinstance(segments, list) else [])
        if isinstance(segment, dict) and (start := seconds(segment.get("start_time"))) is not None
    )
    starts = [start for start, _ in spans]
    words = []
    for item in items if isinstance(items, list) else []:
        choices = item.get("alternatives") if isinstance(item, dict) else None
        best = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(best, dict) or not isinstance(best.get("content"), str):
            continue
        word = {"text": best["content"], "speaker": item.get("speaker_label")}
        if (start := seconds(item.get("start_time"))) is not None:  # punctuation has no time
            at = bisect_right(starts, start)
            word |= {"start": start, "end": item.get("end_time")}
            word["speaker"] = word["speaker"] or (spans[at - 1][1] if at else None)
        words.append(word)
    return words


def _cut(
    words: Sequence[dict[str, Any]], speaker_of: Callable[[dict[str, Any]], str | None]
) -> Iterator[tuple[str | None, list[dict[str, Any]]]]:
    said: list[dict[str, Any]] = []
    speaker: str | None = None
    for word in words:
        text = _word(word) or ""
        by = speaker_of(word) or speaker  # blanks and punctuation have none
        if said and by != speaker:
            yield speaker, said
            said = []
        said.append(word)
        speaker = by
        if text.endswith(SENTENCE_ENDS):
            yield speaker, said
            said = []
    if said:
        yield speaker, said
