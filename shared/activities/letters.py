"""One e-mail as people read it: who, to whom, when, about what, the text, what was attached.

The standard library takes the message apart. It believes what a message says of itself, so what it gives is bounded and
cleaned here: heads of any length, ten thousand recipients, unknown encodings, parts within parts, dates that are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.errors import CloseBoundaryNotFoundDefect, MessageError
from email.header import decode_header, make_header
from email.message import EmailMessage, MIMEPart
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256

from charset_normalizer import from_bytes

from shared import clock
from shared.transcripts import message as mails

#: Of one message. Larger ones are not read: an attachment of 20 MB takes 27 in transport.
MAX_BYTES = 40 * 1024 * 1024
MAX_HEAD_BYTES = 1024 * 1024
MAX_TEXT = 100_000  # characters
MAX_PEOPLE = 60  # of one message; the others are counted
MAX_FILES = 50
_MAX_HTML = 1_000_000
_MAX_ADDRESSES = 400_000  # characters of a list of recipients
_ODD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_ADDRESS = re.compile(r"[^\s<>@,;\"()]{1,64}@[^\s<>@,;\"()]{1,189}")
_END_OF_HEAD = re.compile(rb"\r?\n[ \t]*\r?\n")
#: What files without a name are called.
_NAMES = {"message/rfc822": "message.eml", "text/rtf": "message.rtf", "text/calendar": "invitation.ics"}
#: What the parser itself raises on damaged messages.
_DAMAGE = (LookupError, ValueError, RecursionError, AttributeError, TypeError, OverflowError, MessageError)


class Unreadable(Exception):
    """Why a message or an entry cannot be read, in a sentence."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a message or an event names. `role`: from, to, cc, organizer or attendee."""

    role: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class File:
    """Something that came with a message."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that was read. `more` recipients are not among `people`; of one that `is_cut` the end is missing."""

    key: str
    subject: str
    people: tuple[Person, ...]
    more: int
    at: datetime | None
    text: str
    files: tuple[File, ...]
    is_cut: bool


def read(data: bytes) -> Letter:
    """A message from its bytes, as stored by a mail program. Raises Unreadable."""
    if len(data) > MAX_BYTES:
        raise Unreadable(f"This message is larger than {MAX_BYTES // 2**20} MB.")
    end = _END_OF_HEAD.search(data, 0, MAX_HEAD_BYTES)
    if end is None and len(data) > MAX_HEAD_BYTES:
        raise Unreadable("The head of this message is larger than 1 MB.")
    if data.lower().count(b"multipart/") > mails.MAX_PARTS:  # each level of nesting reads every line below it again
        raise Unreadable("This message has too many parts in it.")
    try:
        message = message_from_bytes(data, policy=policy.default)
        return _letter(message)
    except _DAMAGE as error:
        raise Unreadable("This message is damaged.") from error


def _letter(message: EmailMessage) -> Letter:
    head: dict[str, str] = {}
    received = ""
    for name, raw in message.raw_items():  # reading them as structured values takes seconds for a long list
        head.setdefault(name.lower(), str(raw)[:_MAX_ADDRESSES])
        if name.lower() == "received" and not received:
            received = str(raw).rpartition(";")[2]
    if not head.keys() & {"from", "to", "subject", "date", "message-id"}:
        raise Unreadable("This is no e-mail: it has no sender, subject or date.")
    people, more = _people(head)
    text = _text(message)
    subject = words(head.get("subject", ""))[:400]
    at = _moment(head.get("date", "")) or _moment(received)
    name = "".join(head.get("message-id", "").split())
    return Letter(
        key=key_of("mail", name) if len(name) > 4 else key_of("mail", *_names(people), str(at), subject, text),
        subject=subject, people=people, more=more, at=at, text=text, files=tuple(_files(message)),
        is_cut=_is_cut(message),
    )  # fmt: skip


def _is_cut(message: EmailMessage) -> bool:
    """Whether parts were begun and never closed."""
    defects = (defect for part in message.walk() for defect in part.defects)
    return any(isinstance(defect, CloseBoundaryNotFoundDefect) for defect in defects)


def key_of(*parts: str) -> str:
    """The SHA-256 of what names a thing."""
    return sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def _names(people: tuple[Person, ...]) -> list[str]:
    return [f"{person.role}:{person.address}" for person in people]


# --- The head


def words(raw: str) -> str:
    """A field of the head as text: encoded words decoded, raw bytes guessed, one line."""
    text = clean(_from_bytes(raw))
    if "=?" in text:
        with suppress(*_DAMAGE):
            text = str(make_header(decode_header(text[:20_000])))
    return " ".join(clean(text).split())


def _from_bytes(raw: str) -> str:
    """Bytes that no header may have came through as half surrogates: most are UTF-8."""
    if raw.isascii():
        return raw
    try:
        return raw.encode("ascii", "surrogateescape").decode("utf-8")
    except UnicodeDecodeError:
        return raw.encode("ascii", "surrogateescape").decode("latin-1")
    except UnicodeEncodeError:
        return raw


def clean(text: str) -> str:
    """Without control characters and half characters; lines end in `\\n`."""
    return _ODD.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _people(head: dict[str, str]) -> tuple[tuple[Person, ...], int]:
    found: dict[str, Person] = {}
    for role in ("from", "to", "cc", "bcc"):
        for name, address in _addresses(head.get(role, "")):
            found.setdefault(address.casefold(), Person("cc" if role == "bcc" else role, name, address))
    if not any(person.role == "from" for person in found.values()):
        for name, address in _addresses(head.get("sender", "") or head.get("return-path", ""))[:1]:
            found = {address.casefold(): Person("from", name, address), **found}
    people = tuple(found.values())
    return people[:MAX_PEOPLE], max(0, len(people) - MAX_PEOPLE)


def _addresses(raw: str) -> list[tuple[str, str]]:
    """(name, address) of a list of recipients; what is no address is left out."""
    if not raw.strip():
        return []
    text = " ".join(clean(_from_bytes(raw)).split())
    try:
        pairs = getaddresses([text])
    except _DAMAGE:  # nested comments
        pairs = [("", address) for address in _ADDRESS.findall(text)]
    return [(words(name)[:100], address[:254]) for name, address in pairs if _ADDRESS.fullmatch(address)]


def _moment(raw: str) -> datetime | None:
    """When it was sent, UTC. A date of another age, or of tomorrow's tomorrow, is none."""
    try:
        at = parsedate_to_datetime(" ".join(_from_bytes(raw).split())[:200])
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (*_DAMAGE, IndexError):
        return None
    return at if datetime(1975, 1, 1, tzinfo=UTC) < at < clock.now() + timedelta(days=2) else None


# --- Text and files


def _text(message: EmailMessage) -> str:
    plain = message.get_body(("plain",))
    text = _content(plain) if plain is not None else ""
    if not text.strip() and (html := message.get_body(("html",))) is not None:
        text = mails.text_of(_content(html)[:_MAX_HTML])
    text = re.sub(r"[ \t\u00a0]+\n", "\n", clean(text).replace("\u200b", ""))
    text = re.sub(r"\n{4,}", "\n\n\n", text).strip()
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT].rstrip() + "\n\n[…]"


def _content(part: MIMEPart) -> str:
    """The text of a part. One whose encoding nobody knows, or that names a wrong one, is guessed."""
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    for charset in (part.get_content_charset() or "utf-8", "utf-8"):
        try:
            return data.decode(charset)
        except (LookupError, ValueError):
            continue
    best = from_bytes(data[: 64 * 1024]).best()
    return data.decode(best.encoding if best else "latin-1", "replace")


def _files(message: EmailMessage) -> Iterator[File]:
    """What is attached. Pictures that the text itself shows (logos, signatures) are not; a message that is nothing but
    a file, or text of a kind that is not read here (RTF, an invitation), is one."""
    if not message.is_multipart() and message.get_content_type() not in ("text/plain", "text/html"):
        yield File(_name(message), _bytes(message))
        return
    for count, part in enumerate(message.iter_attachments()):
        if count == MAX_FILES:
            return
        is_shown = part.get_content_maintype() == "image" and part["content-id"] is not None
        if is_shown and part.get_content_disposition() != "attachment":
            continue
        data = _bytes(part)
        if data:
            yield File(_name(part), data)


def _name(part: EmailMessage) -> str:
    try:
        name = words(part.get_filename() or "")
    except _DAMAGE:
        name = ""
    return name[:200] or _NAMES.get(part.get_content_type(), "file")


def _bytes(part: EmailMessage) -> bytes:
    if part.get_content_maintype() == "message":  # an e-mail within this one
        inner = part.get_payload(0) if part.is_multipart() else None
        return inner.as_bytes() if isinstance(inner, EmailMessage) else b""
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""
