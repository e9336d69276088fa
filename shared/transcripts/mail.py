"""Notes that came as an e-mail: who wrote it says it, and what is quoted was said by the one who is quoted.

A first-person line ("I will send the offer") belongs to whoever wrote it. So the sender is the speaker of the text,
and the text behind `>` or below "On …, Ravi Kumar wrote:" belongs to the earlier writer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime
from itertools import groupby

from shared.transcripts import plain
from shared.transcripts.headers import find_date
from shared.transcripts.labels import is_name
from shared.transcripts.model import Cue, Header, Reading

_FIELD = re.compile(
    r"[ \t>*]{0,8}(?P<key>from|von|de|to|an|à|cc|bcc|kopie|date|sent|datum|gesendet|subject|betreff|objet)"
    r"[ \t*]{0,4}:[ \t*]{0,4}(?P<value>.*)",
    re.I,
)
_KEYS = {
    "from": "from", "von": "from", "de": "from", "to": "to", "an": "to", "à": "to", "cc": "to", "kopie": "to",
    "bcc": "to", "date": "date", "sent": "date", "datum": "date", "gesendet": "date", "subject": "subject",
    "betreff": "subject", "objet": "subject",
}  # fmt: skip
_QUOTE = re.compile(r"[ \t]{0,3}(?P<marks>(?:>[ \t]?)+)")
#: "On Mon, 9 Nov 2026 at 16:02, Ravi Kumar <ravi@us.example> wrote:", "Am 09.11.26 um 16:02 schrieb Ravi Kumar:"
_WROTE = re.compile(
    r"(?:on\b.{4,120}?(?:\d{1,2}:\d{2}(?:[ \u202f]?[ap]m)?|\d{4})[,: ]{1,3}(?P<name>[^,<>\n]{1,80}?)"
    r"(?:[ \t]*<[^<>\s]{1,120}>)?[ \t]+wrote:"
    r"|am\b.{4,80}?schrieb[ \t]+(?P<name_de>[^<>\n]{1,80}?)(?:[ \t]*<[^<>\s]{1,120}>)?:)",
    re.I | re.S,
)
_DIVIDER = re.compile(
    r"--[ ]?|[-_ ]{3,40}(?:original message|forwarded message|ursprüngliche nachricht)?[-_ ]{3,40}", re.I
)
_ADDRESS = re.compile(r"<?(?P<address>[^\s<>@,;]{1,64}@[^\s<>@,;]{1,190})>?")
#: Lines that a head may take, and that are looked at for what follows.
MAX_HEAD = 40


def looks_like_mail(text: str) -> bool:
    """The file begins with a sender and at least one more line of an e-mail's head."""
    head = [line for line in text[:4000].split("\n") if line.strip()][:12]
    return bool(head) and _FIELD.fullmatch(head[0][:2000]) is not None and _head_length(head) > 0


def read(text: str) -> Reading:
    """Paragraphs with their writers, heads without one, in the file's order. Only quote marks and dividers go."""
    lines = text.split("\n")
    head = _head_length(lines)
    header = _header(_values(lines[:head]))
    if _is_conversation(lines[head:]):  # a transcript that somebody sent
        sent = plain.read("\n".join(lines[head:]))
        return Reading(sent.cues, sent.found, sent.kept, header)
    cues = [
        Cue(cue.text, writer)
        for writer, run in groupby(_written(lines), key=lambda pair: pair[0])
        for cue in plain.paragraphs([plain.Line(line) for _, line in run])
    ]
    return Reading(cues, found=len(cues), kept=len(cues), header=header)


def _is_conversation(body: Sequence[str]) -> bool:
    labels = plain.has_speakers([plain.Line(line) for line in body])
    return sum(1 for label in labels if label.lower() not in _KEYS) >= 2


def _written(lines: Sequence[str]) -> Iterator[tuple[str | None, str]]:
    """(writer, line without its quote marks). Quotes within quotes belong to whom the line above them names."""
    writers: dict[int, str | None] = {}  # by how many quote marks stand in front
    index = 0
    while index < len(lines):
        line = lines[index]
        mark = _QUOTE.match(line)
        depth = _depth(line)
        if (length := _head_length(lines[index : index + MAX_HEAD])) > 0:
            name = _name(_values(lines[index : index + length]).get("from", ""))
            writers = _with_writer(writers, depth, name)
            for head in lines[index : index + length]:
                yield from ((None, _unmarked(head)), (None, ""))
            index += length
        elif wrote := _wrote(lines, index):
            name, length = wrote
            yield None, " ".join(map(_unmarked, lines[index : index + length]))
            index += length
            below = next((after for after in lines[index : index + MAX_HEAD] if _unmarked(after)), "")
            # Quoted without further marks: the rest of the mail is the earlier one.
            writers = _with_writer(writers, depth + 1 if _depth(below) > depth else depth, name)
        else:
            if not _DIVIDER.fullmatch(line[:200]):
                yield writers.get(depth), line[mark.end() :] if mark else line
            index += 1


def _depth(line: str) -> int:
    match = _QUOTE.match(line)
    return match["marks"].count(">") if match else 0


def _with_writer(writers: dict[int, str | None], depth: int, name: str | None) -> dict[int, str | None]:
    """What is quoted deeper belonged to somebody above, and is named anew."""
    return {**{level: writer for level, writer in writers.items() if level < depth}, depth: name}


def _unmarked(line: str) -> str:
    match = _QUOTE.match(line)
    return line[match.end() if match else 0 :].strip()


def _head_length(lines: Sequence[str]) -> int:
    """How many lines a head takes at the start of `lines`; 0 if there is none. It names a sender and something else."""
    if not lines or not _FIELD.fullmatch(lines[0][:2000]):
        return 0
    keys: set[str] = set()
    length = 0
    for line in lines[:MAX_HEAD]:
        if match := _FIELD.fullmatch(line[:2000]):
            keys.add(_KEYS[match["key"].lower()])
        elif not (line[:1] in " \t" and line.strip()):  # a folded line goes on with the one above
            break
        length += 1
    return length if "from" in keys and len(keys) >= 2 else 0


def _values(lines: Sequence[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    key = ""
    for line in lines:
        if match := _FIELD.fullmatch(line[:2000]):
            key = _KEYS[match["key"].lower()]
            values[key] = f"{values[key]}, {match['value']}" if key in values else match["value"]
        else:
            values[key] = f"{values[key]} {line.strip()}"
    return values


def _header(values: dict[str, str]) -> Header:
    people = [_name(part) for part in re.split(r"[;,]", f"{values.get('from', '')};{values.get('to', '')}")]
    sent = values.get("date", "")
    try:
        when = parsedate_to_datetime(sent) if sent else None
    except (ValueError, IndexError):
        when = find_date(sent)
    return Header(values.get("subject", "").strip() or None, when, tuple(dict.fromkeys(p for p in people if p)))


def _name(text: str) -> str | None:
    """ "Dana Whitcombe <dana@x.example>" -> "Dana Whitcombe"; the address where there is no name."""
    text = text.strip()
    bare = _ADDRESS.sub("", text).strip(" \t\"'()[]*")
    if bare and is_name(bare):
        return bare
    match = _ADDRESS.search(text)
    return match["address"] if match else None


def _wrote(lines: Sequence[str], index: int) -> tuple[str | None, int] | None:
    """The earlier writer, and the lines that say so: one, or two where the mail program wrapped them."""
    for length in (1, 2):
        text = " ".join(map(_unmarked, lines[index : index + length]))
        if match := _WROTE.fullmatch(text[:400]):
            return _name(match["name"] or match["name_de"] or ""), length
    return None
