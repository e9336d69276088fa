"""Files of e-mails: one message (.eml) or many (.mbox), read a message at a time, whatever the size of the file.

`mailbox.mbox` takes every line that begins with "From " for a new message, also one of somebody's text. Here it must
look as mail programs write it, stand after an empty line, and be followed by a field of a head.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from email.utils import mktime_tz, parsedate_tz
from pathlib import Path
from typing import IO

from shared.activities.letters import MAX_BYTES
from shared.errors import Invalid
from shared.transcripts import message

_FROM = re.compile(rb"From \S+ {1,3}(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? .*\d", re.S)
_FIELD = re.compile(rb"[!-9;-~]+:|>From ")
_QUOTED_FROM = re.compile(rb"(?m)^>(>*From )")
_PLAIN_FROM = re.compile(rb"(?m)^(>*From )")
_DATE = re.compile(rb"(?mi)^date:[ \t]*([^\r\n]{1,100})")
_LINE = 64 * 1024
_HEAD = 16 * 1024
_SEPARATOR = b"From - Thu Jan  1 00:00:00 1970\n"
#: (first byte, byte after the last) of one message in its file.
Span = tuple[int, int]


def format_of(head: bytes, name: str = "") -> str | None:
    """eml, mbox or ics by the beginning of a file; None for anything else. Raises Invalid for Outlook's own format."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:15].upper() == b"BEGIN:VCALENDAR":
        return "ics"
    ending = name.lower().rpartition(".")[2]
    if head.startswith(b"\xd0\xcf\x11\xe0") and ending == "msg":
        raise Invalid.field("file", "This is a message in Outlook's own format (.msg). Save it as .eml and drop that.")
    if _FROM.match(start):
        return "mbox"
    is_named_so = ending == "eml" and _FIELD.match(start) is not None
    return "eml" if is_named_so or message.is_message(start) else None


def joined(files: Sequence[IO[bytes]], into: IO[bytes]) -> None:
    """Several files of e-mails as one mailbox, so that they are looked at and taken in together."""
    for file in files:
        head = file.read(_LINE)
        if _FROM.match(head):
            into.write(head)
            while piece := file.read(_LINE):
                into.write(piece)
        else:
            into.write(_SEPARATOR + _PLAIN_FROM.sub(rb">\1", head + file.read(MAX_BYTES + 1)))
        into.write(b"\n\n")


def spans(path: Path, format: str) -> list[Span]:
    """Where the messages of a file stand, the oldest first; those without a date stay beside their neighbours."""
    if format == "eml":
        return [(0, path.stat().st_size)]
    dated: list[tuple[int, Span]] = []
    with path.open("rb") as file:
        for span in _boundaries(file):
            at = _sent(file, span)
            dated.append((at if at is not None else dated[-1][0] if dated else 0, span))
    return [span for _, span in sorted(dated)]


def _boundaries(file: IO[bytes]) -> Iterator[Span]:
    """The messages of a mailbox in its order."""
    start: int | None = None  # of the message that goes on
    candidate: Span | None = None  # (end of the message before, start of the next), if the next line is a field
    is_line, was_blank, position = True, True, 0
    while line := file.readline(_LINE):
        if candidate is not None and is_line:
            if _FIELD.match(line):
                if start is not None:
                    yield start, candidate[0]
                start = candidate[1]
            candidate = None
        after = position + len(line)
        if is_line and was_blank and _FROM.match(line):
            candidate = (position, after)
        if is_line:
            was_blank = not line.strip()
        is_line = line.endswith(b"\n")
        was_blank = was_blank and is_line
        position = after
    if start is not None:
        yield start, position


def _sent(file: IO[bytes], span: Span) -> int | None:
    """Seconds since 1970, from a glance at the head. The reading of the mailbox goes on where it was."""
    here = file.tell()
    file.seek(span[0])
    head = file.read(min(_HEAD, span[1] - span[0])).partition(b"\n\n")[0]
    file.seek(here)
    found = _DATE.search(head)
    try:
        parsed = parsedate_tz(found[1].decode("ascii", "replace")) if found else None
        return int(mktime_tz(parsed)) if parsed else None
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def message_at(file: IO[bytes], span: Span, format: str) -> bytes:
    """The bytes of one message; of one that is too large, more than may be read."""
    file.seek(span[0])
    data = file.read(min(span[1] - span[0], MAX_BYTES + 1))
    return _QUOTED_FROM.sub(rb"\1", data) if format == "mbox" else data.removeprefix(b"\xef\xbb\xbf")
