"""JSON of speech services and meeting tools, and our own.

The services differ in where the list is and in the names of four fields, so one table of names reads them all. What
cannot be told from names is the unit: milliseconds are decided by the service, recognised by its own keys, never by
the size of the numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from shared.errors import TooLarge
from shared.transcripts import plain
from shared.transcripts.assembling import MAX_CUES
from shared.transcripts.cleaning import PIECE, seconds
from shared.transcripts.decoding import refuse
from shared.transcripts.headers import find_date
from shared.transcripts.json_words import SENTENCE_ENDS, amazon_words, joined, turns
from shared.transcripts.model import Cue, Header, Reading

_LISTS = (
    "utterances", "segments", "sentences", "transcription", "transcriptEntries", "entries", "monologues",
    "audio_segments", "transcript", "transcripts", "paragraphs", "turns", "cues", "captions",
    "messages", "items", "phrases",
)  # fmt: skip
_WRAPPERS = (
    "data",
    "results",
    "result",
    "transcript",
    "meeting",
    "call",
    "recording",
    "response",
    "output",
    "conversation",
)
_MEETING_LISTS = ("items", "transcripts", "meetings", "recordings", "calls")
_TEXT = ("text", "transcript", "body", "raw_text", "sentence", "content", "value", "words", "elements", "sentences")
_SPEAKER = (
    "speaker", "speaker_name", "speakerName", "speaker_label", "speakerLabel", "speaker_id", "speakerId",
    "participant", "name", "display_name", "user", "author",
)  # fmt: skip
_START = (
    "start_s",
    "start",
    "start_time",
    "startTime",
    "begin",
    "from",
    "timestamp",
    "ts",
    "time",
    "startTimestamp",
    "start_timestamp",
)
_END = ("end_s", "end", "end_time", "endTime", "to", "end_ts", "endTimestamp", "end_timestamp")
_START_MS = ("start_ms", "startMs", "start_time_ms", "startTimeMs", "offset_ms", "offsetMs")
_END_MS = ("end_ms", "endMs", "end_time_ms", "endTimeMs")
#: A recording is uploaded, and thereby "created", after the meeting: that comes last.
_WHEN = (
    "occurred_at", "date", "meeting_date", "started_at", "recording_start_time", "scheduled_start_time", "created_at",
)  # fmt: skip
_PEOPLE = ("participants", "attendees", "calendar_invitees", "meeting_attendees")
#: Segments of fewer words than this, on the average, are fragments of sentences.
FRAGMENT_WORDS = 3
#: After this silence what follows is another sentence.
PAUSE_S = 3.0
_NO_TRANSCRIPT = (
    "The JSON file has no transcript in it that Afterword knows: no list of utterances, segments or sentences with "
    "a text. Export the transcript as vtt, srt or txt instead."
)


def read(text: str) -> Reading:
    """Raises Invalid (syntax, with line and column; no transcript inside) or TooLarge (too many segments)."""
    document = _only_meeting(load(text))
    entries = _deepgram(document) or _find(document, depth=0) or _timed_words(document)
    if not entries:
        return _whole_text(document)
    if len(entries) > MAX_CUES:
        raise TooLarge(f"The file has {len(entries):,} segments; at most {MAX_CUES:,} are read. Split it.")
    scale = 0.001 if _is_milliseconds(document, entries) else 1.0
    cues: list[Cue] = []
    found = 0
    origin = _origin(entries)
    for entry in entries:
        cue = _cue(entry, scale, origin)
        if cue is None:
            found += 1
        elif cue.text.strip():
            found += 1
            cues.append(cue)
    if not cues:
        raise refuse(_NO_TRANSCRIPT)
    return Reading(_whole_sentences(cues), found=found, kept=len(cues), header=_header(document))


def _whole_sentences(cues: list[Cue]) -> list[Cue]:
    """Podcast transcripts often have a segment for every word or two: those are put together to sentences."""
    if sum(len(cue.text.split()) for cue in cues) >= len(cues) * FRAGMENT_WORDS:
        return cues
    kept: list[Cue] = []
    for cue in cues:
        before = kept[-1] if kept else None
        if before is None or len(before.text) > PIECE or not _goes_on(before, cue):
            kept.append(cue)
        else:
            kept[-1] = replace(before, text=f"{before.text} {cue.text}", end_s=cue.end_s)
    return kept


def _goes_on(before: Cue, cue: Cue) -> bool:
    if before.speaker != cue.speaker or before.text.rstrip().endswith(SENTENCE_ENDS):
        return False
    last = before.end_s if before.end_s is not None else before.start_s
    return last is not None and cue.start_s is not None and cue.start_s - last <= PAUSE_S


def load(text: str) -> Any:
    """The document; JSON Lines become a list."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and (rows := _json_lines(text)) is not None:
            return rows
        raise refuse(
            f"The JSON is broken at line {error.lineno}, column {error.colno}: {error.msg}. "
            "Export the file again; it may have been cut off."
        ) from error
    except RecursionError as error:
        raise refuse("The JSON is nested too deeply to be a transcript.") from error
    except ValueError as error:  # a number with thousands of digits
        raise refuse("The JSON has a number in it that is too long to be read.") from error


def _json_lines(text: str) -> list[Any] | None:
    rows = []
    for line in text.split("\n"):
        if not line.strip():
            continue
        try:
            rows.append(json.loads(line))
        except (ValueError, RecursionError):
            return None
    return rows


def _is_entry(value: object) -> bool:
    return isinstance(value, dict) and any(isinstance(value.get(key), str | list) for key in _TEXT)


def _is_list_of_speech(value: object) -> bool:
    return isinstance(value, list) and any(_is_entry(entry) for entry in value[:50])


def _find(value: object, *, depth: int) -> Sequence[Any] | None:
    """The first list of speech, by the known names, through the known wrappers."""
    if isinstance(value, list):
        if _is_list_of_speech(value):
            return value
        return _find(value[0], depth=depth + 1) if len(value) == 1 and depth < 4 else None
    if not isinstance(value, dict) or depth > 4:
        return None
    for name in _LISTS:
        if name != "transcripts" and _is_list_of_speech(value.get(name)):
            found: list[Any] = value[name]
            return found
    for name in _WRAPPERS:
        if name in value and (inner := _find(value[name], depth=depth + 1)) is not None:
            return inner
    return None


def _only_meeting(document: Any) -> Any:
    """The meeting in an answer that lists meetings (Fathom's `items`, Fireflies' `transcripts`).

    Raises Invalid for more than one: read as one, they would be a conversation that never was.
    """
    for holder in [document] if isinstance(document, list) else _holders(document):
        lists = [holder] if isinstance(holder, list) else [holder.get(name) for name in _MEETING_LISTS]
        for listed in lists:
            if isinstance(listed, list) and listed and all(_is_meeting(entry) for entry in listed):
                if len(listed) > 1:
                    raise refuse(
                        f"There are {len(listed)} meetings in this file. Export and upload them one at a time."
                    )
                return listed[0]
    return document


def _is_meeting(value: object) -> bool:
    """Whether it has a list of speech with names of its own, and no time of its own, as a paragraph would have."""
    if not isinstance(value, dict) or _first(value, _START) is not None or _speaker(value) is not None:
        return False
    inner = next((value[name] for name in _LISTS if _is_list_of_speech(value.get(name))), None)
    return inner is not None and any(isinstance(entry, dict) and _speaker(entry) for entry in inner[:50])


def _timed_words(document: object) -> Sequence[Any]:
    """AssemblyAI without speakers, ElevenLabs and Amazon give the text, and every word with its time."""
    timed = (turns(holder.get("words") or amazon_words(holder), _speaker) for holder in _holders(document))
    return next(filter(None, timed), [])


def _deepgram(document: object) -> Sequence[Any] | None:
    """Deepgram without `utterances` keeps speakers in paragraphs, below channels and alternatives."""
    results = document.get("results") if isinstance(document, dict) else None
    if not isinstance(results, dict) or _is_list_of_speech(results.get("utterances")):
        return None
    entries: list[Any] = []
    channels = results.get("channels")
    for channel in channels if isinstance(channels, list) else []:
        alternatives = channel.get("alternatives") if isinstance(channel, dict) else None
        best = alternatives[0] if isinstance(alternatives, list) and alternatives else None
        if not isinstance(best, dict):
            continue
        paragraphs = best.get("paragraphs")
        inner = paragraphs.get("paragraphs") if isinstance(paragraphs, dict) else None
        entries += inner if isinstance(inner, list) and inner else turns(best.get("words"), _speaker) or [best]
    return entries or None


def _is_milliseconds(document: object, entries: Sequence[Any]) -> bool:
    """AssemblyAI counts in milliseconds; it is known by keys only it has, or by whole numbers beside `words`."""
    if isinstance(document, dict) and (
        "audio_duration" in document or "acoustic_model" in document or "speech_model" in document
    ):
        return True
    timed = [e for e in entries[:50] if isinstance(e, dict) and "start" in e and "start_s" not in e]
    return bool(timed) and all(
        type(e["start"]) is int and type(e.get("end")) is int and "words" in e and isinstance(e.get("text"), str)
        for e in timed
    )


def _origin(entries: Sequence[Any]) -> datetime | None:
    """The earliest of times given as dates (Google Meet's API)."""
    stamps = [stamp for e in entries if isinstance(e, dict) and (stamp := _stamp(_first(e, _START)))]
    return min(stamps, default=None)


def _stamp(value: object) -> datetime | None:
    if not isinstance(value, str) or len(value) > 40 or "T" not in value:
        return None
    try:
        stamp = datetime.fromisoformat(value)
    except ValueError:
        return None
    return stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)


def _cue(entry: object, scale: float, origin: datetime | None) -> Cue | None:
    """None for an entry without any text field: it counts as found and lost."""
    if not isinstance(entry, dict):
        return Cue(entry) if isinstance(entry, str) else None
    text = _text(entry)
    if text is None:
        return None
    start, end = _first(entry, _START), _first(entry, _END)
    if start is None and (in_ms := _first(entry, _START_MS)) is not None:
        return Cue(text, _speaker(entry), seconds(in_ms, scale=0.001), seconds(_first(entry, _END_MS), scale=0.001))
    offsets = entry.get("offsets")
    if isinstance(offsets, dict):  # whisper.cpp: milliseconds beside readable timestamps
        return Cue(
            text, _speaker(entry), seconds(offsets.get("from"), scale=0.001), seconds(offsets.get("to"), scale=0.001)
        )
    timestamps = entry.get("timestamps")
    if isinstance(timestamps, dict):
        start, end = timestamps.get("from"), timestamps.get("to")
    start, end = start if start is not None else _edge(entry, 0), end if end is not None else _edge(entry, -1)
    return Cue(text, _speaker(entry), _moment(start, scale, origin), _moment(end, scale, origin))


def _moment(value: object, scale: float, origin: datetime | None) -> float | None:
    if origin is not None and (stamp := _stamp(value)) is not None:
        return seconds((stamp - origin).total_seconds())
    if isinstance(value, dict):
        value = value.get("relative", value.get("seconds"))
    return seconds(value, scale=scale)


def _edge(entry: dict[str, Any], index: int) -> object:
    """Start of the first or end of the last word, for services that time words only."""
    for key in ("words", "elements"):
        words = entry.get(key)
        timed = (
            [w for w in words if isinstance(w, dict) and _first(w, _START) is not None]
            if isinstance(words, list)
            else []
        )
        if timed:
            return _first(timed[index], _START if index == 0 else _END)
    return None


def _first(entry: dict[str, Any], names: Sequence[str]) -> Any:
    return next((entry[name] for name in names if entry.get(name) is not None), None)


def _text(entry: dict[str, Any]) -> str | None:
    for name in _TEXT:
        value = entry.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, list):
            return joined(value)
    return None


def _speaker(entry: dict[str, Any]) -> str | None:
    for name in _SPEAKER:
        value = entry.get(name)
        if isinstance(value, dict):
            value = _first(value, ("display_name", "displayName", "name", "label", "id"))
        if isinstance(value, bool):
            continue
        if isinstance(value, int):
            return f"Speaker {value}" if abs(value) < 10**6 else None
        if isinstance(value, str) and value.strip():
            return _written_out(value.strip())
    return None


def _written_out(label: str) -> str | None:
    """AssemblyAI's "A" and whisper.cpp's "0" as people read them; whisper.cpp's "?" says that nobody knows."""
    if len(label) > 1:
        return label
    return f"Speaker {label}" if label.isalnum() else None


def _holders(document: object) -> Iterator[dict[str, Any]]:
    for _ in range(5):
        if not isinstance(document, dict):
            return
        yield document
        document = next((document[name] for name in _WRAPPERS if isinstance(document.get(name), dict)), None)


def _header(document: object) -> Header:
    title = occurred_at = None
    people: list[str] = []
    for holder in _holders(document):
        for name in ("title", "meeting_title", "name", "topic", "subject"):
            value = holder.get(name)
            title = title or (value if isinstance(value, str) else None)
        for name in _WHEN:
            occurred_at = occurred_at or _date(holder.get(name))
        listed = next((holder[name] for name in _PEOPLE if holder.get(name)), None)
        for person in listed[:200] if isinstance(listed, list) and not people else []:
            value = _first(person, ("name", "display_name", "displayName")) if isinstance(person, dict) else person
            if isinstance(value, str):
                people.append(value)
    return Header(title, occurred_at, tuple(people))


def _date(value: object) -> datetime | None:
    if isinstance(value, str) and len(value) <= 60:
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return find_date(value)
    if (
        isinstance(value, int | float) and not isinstance(value, bool) and 10**11 < value < 10**13
    ):  # Fireflies: epoch ms
        return datetime.fromtimestamp(value / 1000, UTC)
    return None


def _whole_text(document: object) -> Reading:
    """Only a text, no segments: read it as a plain one."""
    if isinstance(document, list) and document and all(isinstance(line, str) for line in document):
        return plain.read("\n".join(document))
    for holder in _holders(document):
        for name in ("text", "transcript", "transcription", "content"):
            value = holder.get(name)
            if isinstance(value, str) and value.strip():
                reading = plain.read(value)
                return Reading(reading.cues, reading.found, reading.kept, _header(document))
        transcripts = holder.get("transcripts")
        if isinstance(transcripts, list) and (
            text := " ".join(t for e in transcripts if isinstance(e, dict) and (t := _text(e)))
        ):
            return plain.read(text)
    raise refuse(_NO_TRANSCRIPT)
