"""What a scripted meeting is: who met when, which transcript, what was found in it and what became of that.

meetings/KEY.txt   `P = Priya Raman` names a speaker, `P: Good morning.` is what they say; the rest is dated and
                   rendered as the file a meeting tool would export
Finding            quotes that must stand in the transcript word for word, and the reviewer's verdict
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from shared.schemas.insight import Evidence, Item, Kind
from shared.transcripts import Utterance

_FOLDER = Path(__file__).parent / "meetings"
_SPEAKER = re.compile(r"(\w+) = (.+)")
_LINE = re.compile(r"(\w+): (.+)")

#: How fast people talk. A transcript leaves out what was shown, looked up and thought about: that is in the pauses.
_WORDS_PER_S = 2.4


def _pause_s(words: int) -> float:
    return 4.0 + 5.0 * (words % 6)


#: A day counted from the meeting's; "by Friday" is written down when it is known which Friday.
Day = Callable[[date], date]


def after(days: int) -> Day:
    return lambda met: met + timedelta(days=days)


def end_of_month(met: date) -> date:
    return (met.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def end_of_next_month(met: date) -> date:
    return end_of_month(end_of_month(met) + timedelta(days=1))


def end_of_quarter(met: date) -> date:
    return end_of_month(met.replace(day=1, month=(met.month - 1) // 3 * 3 + 3))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the reviewer did. `undo` accepts first and takes it back; `leave` does nothing."""

    does: Literal["accept", "edit", "reject", "undo", "leave"] = "accept"
    edits: dict[str, Any] | None = None
    reason: str | None = None


ACCEPT, LEAVE, UNDO = Verdict(), Verdict("leave"), Verdict("undo")


def edit(**edits: Any) -> Verdict:
    return Verdict("edit", edits=edits)


def reject(reason: str) -> Verdict:
    return Verdict("reject", reason=reason)


@dataclass(frozen=True, slots=True)
class Finding:
    """One insight. Values of `data` may be days counted from the meeting's."""

    kind: Kind
    quotes: tuple[str, ...]
    confidence: float
    data: dict[str, Any]
    verdict: Verdict = ACCEPT

    def item(self, met: date, utterances: tuple[Utterance, ...]) -> Item:
        """As an analysis would hand it to the gate. Raises LookupError if a quote was never said."""
        evidence = [locate(utterances, quote) for quote in self.quotes]
        return Item(kind=self.kind, data=dated(self.data, met), evidence=evidence, confidence=self.confidence)


def find(kind: str, *quotes: str, sure: float = 0.85, verdict: Verdict = ACCEPT, **data: Any) -> Finding:
    return Finding(Kind(kind), quotes, sure, data, verdict)


@dataclass(frozen=True, slots=True)
class Script:
    """`company` and `deal` are those known at the upload; `deal` may be the key of the meeting that led to it.

    `weekday` 0 is Monday, because people say "by Friday"; None is any working day. `layout` is the file's, by default
    that of its ending.
    """

    key: str
    title: str
    file_name: str
    days_ago: int
    weekday: int | None
    hour: int
    owner: str
    attendees: tuple[str, ...] = ()
    company: str | None = None
    deal: str | None = None
    layout: str | None = None
    language: str = "en"
    ends: Literal["ready", "failed", "stored", "queued"] = "ready"
    error: str | None = None
    findings: tuple[Finding, ...] = ()
    reviewer: str | None = None
    review_after_h: float = 2.0
    #: Everything at least this sure is accepted as one batch first.
    batch_above: float | None = None

    @property
    def data(self) -> bytes:
        """The transcript file as it was uploaded."""
        return render(self.key, self.layout or self.file_name.rpartition(".")[2])


def dated(data: dict[str, Any], met: date) -> dict[str, Any]:
    """With days instead of ways to count them."""
    return {name: value(met).isoformat() if callable(value) else value for name, value in data.items()}


def locate(utterances: tuple[Utterance, ...], quote: str) -> Evidence:
    """Where this was said, word for word. Raises LookupError if nowhere, or in two places."""
    found = [u for u in utterances if quote in u.text]
    if len(found) != 1:
        raise LookupError(f"“{quote}” stands in {len(found)} utterances, not in one.")
    said = found[0]
    start = said.text.index(quote)
    return Evidence(
        quote=quote,
        speaker=said.speaker,
        start_s=said.start_s,
        utterance=said.index,
        start=start,
        end=start + len(quote),
    )


def render(key: str, layout: str) -> bytes:
    """A transcript as a meeting tool would export it: vtt, srt, txt, md, or `plain`, which has no speakers."""
    return _RENDERERS[layout](_spoken(key)).encode()


@dataclass(frozen=True, slots=True)
class _Spoken:
    speaker: str
    text: str
    start_s: float
    end_s: float


def _spoken(key: str) -> list[_Spoken]:
    names: dict[str, str] = {}
    spoken: list[_Spoken] = []
    clock_s = 2.0
    for line in (_FOLDER / f"{key}.txt").read_text(encoding="utf-8").splitlines():
        if speaker := _SPEAKER.fullmatch(line):
            names[speaker[1]] = speaker[2]
        elif said := _LINE.fullmatch(line):
            words = len(said[2].split())
            end_s = clock_s + words / _WORDS_PER_S
            spoken.append(_Spoken(names[said[1]], said[2], clock_s, end_s))
            clock_s = end_s + _pause_s(words)
        elif line.strip():
            raise ValueError(f"{key}: nobody says “{line}”.")
    return spoken


def _time(seconds: float, mark: str = ".") -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}{mark}{ms % 1000:03d}"


def _vtt(lines: list[_Spoken]) -> str:
    cues = [f"{_time(s.start_s)} --> {_time(s.end_s)}\n<v {s.speaker}>{s.text}</v>" for s in lines]
    return "WEBVTT\n\n" + "\n\n".join(cues) + "\n"


def _srt(lines: list[_Spoken]) -> str:
    cues = [
        f"{i}\n{_time(s.start_s, ',')} --> {_time(s.end_s, ',')}\n{s.speaker}: {s.text}" for i, s in enumerate(lines, 1)
    ]
    return "\n\n".join(cues) + "\n"


def _txt(lines: list[_Spoken]) -> str:
    return "".join(f"[{_time(s.start_s)[:8]}] {s.speaker}: {s.text}\n" for s in lines)


def _markdown(lines: list[_Spoken]) -> str:
    return "\n\n".join(f"**{s.speaker}:** {s.text}" for s in lines) + "\n"


def _without_speakers(lines: list[_Spoken]) -> str:
    return "\n\n".join(s.text for s in lines) + "\n"


_RENDERERS: dict[str, Callable[[list[_Spoken]], str]] = {
    "vtt": _vtt,
    "srt": _srt,
    "txt": _txt,
    "md": _markdown,
    "plain": _without_speakers,
}
