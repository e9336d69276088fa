"""A saved e-mail (`.eml`) as text: who, to whom, when, about what, and the body out of its transport encoding.

Attached files are not read: each would be a meeting of its own.
"""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

from shared.transcripts.decoding import refuse

_FIELD = re.compile(rb"(?P<key>[A-Za-z][A-Za-z0-9-]{1,60}):")
#: Written by programs only: nobody types these above notes.
_TRANSPORT = frozenset(
    (b"return-path", b"delivered-to", b"received", b"message-id", b"mime-version", b"content-transfer-encoding")
)
MAX_PARTS = 50
_HEAD_BYTES = 64 * 1024
_SHOWN = ("From", "To", "Cc", "Date", "Subject")
_BLOCKS = frozenset(
    ("p", "div", "br", "tr", "li", "ul", "ol", "table", "blockquote", "hr", "pre", "h1", "h2", "h3", "h4")
)
_UNSEEN = frozenset(("head", "style", "script", "title"))


def is_message(data: bytes) -> bool:
    """Whether the file begins with the head of an e-mail as programs store it."""
    keys: set[bytes] = set()
    for line in data[:_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf").splitlines():
        if not line.strip():
            break
        if match := _FIELD.match(line):
            keys.add(match["key"].lower())
        elif line[:1] not in b" \t" and not line.startswith(b"From "):  # folded lines, and mbox's first
            return False
    return b"from" in keys and bool(keys & _TRANSPORT)


def as_text(data: bytes) -> str:
    """The head's lines that people read, and the body. Raises Invalid for a message without a readable body."""
    if data.lower().count(b"multipart/") > MAX_PARTS:  # each level of nesting reads every line below it again
        raise refuse("This e-mail has too many parts in it. Copy its text into a txt file and upload that.")
    try:
        message = message_from_bytes(data, policy=policy.default)
        body = _body(message)
        head = [f"{name}: {' '.join(str(message[name]).split())}" for name in _SHOWN if message[name]]
    except (
        LookupError,
        ValueError,
        RecursionError,
        AttributeError,
        TypeError,
    ) as error:  # the parser's own on bad mails
        raise refuse("This e-mail is damaged. Copy its text into a txt file and upload that.") from error
    if not body.strip():
        raise refuse("There is no text in this e-mail. Upload what is attached to it instead.")
    return "\n".join([*head, "", body])


def _body(message: EmailMessage) -> str:
    plain = message.get_body(("plain",))
    if plain is not None and (text := str(plain.get_content())).strip():
        return text
    html = message.get_body(("html",))
    return text_of(str(html.get_content())) if html is not None else ""


def text_of(html: str) -> str:
    """What a person reads of an HTML mail, by lines; quoted parts begin with `>`. Nothing of it is HTML any more."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    """Text by lines; what stands in a `blockquote` is marked as quoted, as in plain mails."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = [""]
        self._quotes = 0
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self._break()
        self._quotes += tag == "blockquote"
        self._unseen += tag in _UNSEEN
        if tag in ("p", "blockquote"):
            self._break()
        if tag == "li":
            self._lines[-1] += "- "
        if tag in ("td", "th") and self._lines[-1][-1:].strip():  # the next cell of a row
            self._lines[-1] += " "

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._break()
        self._quotes = max(0, self._quotes - (tag == "blockquote"))
        self._unseen = max(0, self._unseen - (tag in _UNSEEN))

    def handle_data(self, data: str) -> None:
        words = re.sub(r"\s+", " ", data)
        if self._unseen or (words == " " and not self._lines[-1]):
            return
        if not self._lines[-1] and self._quotes:
            self._lines[-1] = "> " * self._quotes
        self._lines[-1] += words

    def _break(self) -> None:
        if self._lines[-1] or len(self._lines) < 2 or self._lines[-2]:
            self._lines.append("")

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._lines)
