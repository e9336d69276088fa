"""Notes in Markdown: each heading, bullet, table row and paragraph is one utterance without a speaker.

Inline text stays as typed, bold and bars included, because evidence is quoted from it; only the marker in front goes.
A transcript that merely uses Markdown (`**Ana:** hello`) is read as the transcript it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from shared.transcripts import plain
from shared.transcripts.headers import HeaderLine, find_date, read_header
from shared.transcripts.labels import is_name
from shared.transcripts.model import Cue, Header, Reading

_HEADING = re.compile(r"[ ]{0,3}#{1,6}[ \t]+")
_ITEM = re.compile(r"(?P<indent>[ \t]{0,40})(?:[-*+•]|\d{1,4}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(?P<text>\S.*)")
_QUOTE = re.compile(r"[ \t]{0,3}(?:>[ \t]?)+")
_RULE = re.compile(r"[ \t]{0,3}(?:[-*_=][ \t]*){3,200}")
_TABLE_RULE = re.compile(r"\|?[ \t]*:?-{1,100}:?[ \t]*(?:\|[ \t]*:?-{1,100}:?[ \t]*){1,50}\|?")
_FENCE = re.compile(r"[ \t]{0,3}(?:```|~~~)")
_BOLD_LABEL = re.compile(
    r"(?:[-*+][ \t]+)?(?:\*\*|__)(?P<name>[^*_\n]{1,64}?)(?::(?:\*\*|__)|(?:\*\*|__):)[ \t]*(?P<text>.*)"
)
_BOLD = re.compile(r"\*\*|__")
_COMMENT = re.compile(r"[ \t]{0,3}<!--.{0,500}-->[ \t]*")
#: "{#h.abc}" behind a heading, and "\\'", "1\\.", "\\_": what converters write so that other programs read it right.
_ANCHOR = re.compile(r"[ \t]*\{#[^{}]{1,100}\}[ \t]*$")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_FRONT = re.compile(r"(?P<key>[A-Za-z_]{1,30}):[ \t]*(?P<value>.*)")


def looks_like_markdown(text: str) -> bool:
    """Headings together with bullets or a table; a lone `#` or dash is nothing special."""
    lines = text[:20_000].split("\n")
    headings = sum(1 for line in lines if _HEADING.match(line))
    items = sum(1 for line in lines if _ITEM.match(line[:300]) or line.lstrip().startswith("|"))
    return (headings >= 1 and items >= 2) or headings >= 3


def read(text: str) -> Reading:
    front, body = _front_matter(
        [_ESCAPED.sub(r"\1", line) for line in text.split("\n") if not _COMMENT.fullmatch(line)]
    )
    spoken = _notes_and_transcript(body) or _as_transcript(body)
    if spoken is not None:
        return Reading(spoken.cues, spoken.found, spoken.kept, _merged(front, spoken.header))
    notes = _notes(body)
    return Reading(notes.cues, notes.found, notes.kept, _merged(front, notes.header))


def _notes_and_transcript(body: list[str]) -> Reading | None:
    """Notes, then a section headed "Transcript" whose lines may be a list of turns, then what stands below it."""
    begin = plain.transcript_mark([_spoken_line(line) for line in body])
    level = _level(body[begin])
    if not begin or not level:
        return None
    end = next((i for i in range(begin + 1, len(body)) if 0 < _level(body[i]) <= level), len(body))
    said = _as_transcript([_unlisted(line) for line in body[begin:end]])
    if said is None:
        return None
    above, below = _notes(body[:begin]), _notes(body[end:])
    parts = (above, said, below)
    return Reading(
        [cue for part in parts for cue in part.cues],
        sum(part.found for part in parts),
        sum(part.kept for part in parts),
        _merged(above.header, said.header),
    )


def _level(line: str) -> int:
    """Of a heading; 0 for other lines and for headings that are a turn's or a page's time ("### 00:05:00")."""
    match = _HEADING.match(line)
    return line[: match.end()].count("#") if match and any(ch.isalpha() for ch in line) else 0


def _unlisted(line: str) -> str:
    item = _ITEM.fullmatch(line)
    return item["text"] if item else line


def _notes(body: list[str]) -> Reading:
    cues: list[Cue] = []
    lines: list[HeaderLine] = []
    for block, heading in _blocks(body):
        cues.append(Cue(block))
        if len(lines) < 12:
            lines.append(HeaderLine(block, heading or (block.startswith("**") and block.endswith("**"))))
    header, _ = read_header(lines)
    return Reading(cues, found=len(cues), kept=len(cues), header=header)


def _merged(first: Header, second: Header) -> Header:
    return Header(
        first.title or second.title, first.occurred_at or second.occurred_at, first.participants or second.participants
    )


def _front_matter(lines: list[str]) -> tuple[Header, list[str]]:
    if not lines or lines[0].strip() != "---":
        return Header(), lines
    end = next((i for i, line in enumerate(lines[1:60], start=1) if line.strip() == "---"), 0)
    values = {m["key"].lower(): m["value"].strip(" \"'") for line in lines[1:end] if (m := _FRONT.match(line))}
    if not values:
        return Header(), lines
    people = [name.strip(" \"'") for name in values.get("attendees", "").strip("[]").split(",")]
    return Header(
        values.get("title") or None, find_date(values.get("date", "")), tuple(name for name in people if is_name(name))
    ), lines[end + 1 :]


def _as_transcript(body: list[str]) -> Reading | None:
    """The body read as turns, if at least half of its lines belong to speakers who are named more than once."""
    lines = [_spoken_line(line) for line in body]
    labels = plain.has_speakers(lines)
    if not labels:
        return None
    if plain.has_turn_lines(lines):
        return plain.read_lines(lines)
    content = [line for line in lines if line.text.strip() and not line.heading]
    named = sum(1 for line in content if line.sure_label or any(label in line.text[:120] for label in labels))
    if named * 3 < len(content) or (named * 2 < len(content) and any(_ITEM.match(line) for line in body)):
        return None
    return plain.read_lines(lines)


def _spoken_line(line: str) -> plain.Line:
    if match := _BOLD_LABEL.fullmatch(line.strip()):
        return plain.Line(f"{match['name'].strip()}: {match['text']}")
    if match := _HEADING.match(line):
        text = _heading_text(line, match)
        is_turn = plain.NAME_TIME.fullmatch(text[:120]) is not None
        return plain.Line(text, heading=not is_turn)
    if line.lstrip().startswith(("**", "__")):
        return plain.Line(_BOLD.sub("", line, count=2))
    return plain.Line(line)


def _heading_text(line: str, match: re.Match[str]) -> str:
    return _ANCHOR.sub("", line[match.end() :]).strip().rstrip("#").rstrip()


def _blocks(lines: list[str]) -> Iterator[tuple[str, bool]]:
    """(text, is a heading) of each block: heading, list item with its continuation, table row, paragraph."""
    open_block: list[str] = []
    in_quote = False
    for raw in lines:
        was_in_quote, in_quote = in_quote, raw.lstrip().startswith(">")
        line = _QUOTE.sub("", raw) if in_quote else raw
        heading, item = _HEADING.match(line), _ITEM.fullmatch(line)
        is_row = line.lstrip().startswith("|")
        is_mark = bool(_FENCE.match(line) or _TABLE_RULE.fullmatch(line.strip()[:1000]) or _RULE.fullmatch(line[:300]))
        if open_block and (heading or item or is_row or is_mark or not line.strip() or (in_quote and not was_in_quote)):
            yield " ".join(open_block), False
            open_block = []
        if is_mark or not line.strip() or plain.is_boilerplate(line):
            continue
        if heading:
            if text := _heading_text(line, heading):
                yield text, True
        elif is_row:
            yield line.strip().strip("|").strip(), False
        else:
            open_block.append(item["text"].strip() if item else line.strip())
    if open_block:
        yield " ".join(open_block), False
