"""Files of a record: stored by content, named as people named them, never believed about what they are.

    receive ─▶ name made harmless ─▶ type seen in the bytes ─▶ room left? ─▶ on disk, durable ─▶ row, event

What a browser may show by itself (`INLINE`) is decided by the bytes, so that a page of script called `photo.png` is
only ever downloaded. Deleting keeps the bytes: it can be taken back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from shared import clock, events
from shared.errors import Invalid, NotFound, TooLarge
from shared.events import Actor, Target
from shared.models import Attachment
from shared.records import uploads
from shared.records.types import TYPES, jsonable
from shared.tenancy import TenantSession

#: The record types that may have files.
ATTACHED = ("company", "contact", "deal", "task", "note", "meeting")
#: Shown in the page, in a sandbox; everything else is a download.
INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"})
_MOST = 200
_UNKNOWN = "application/octet-stream"
_SIGNS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
)
#: Of a ZIP, by its ending: office documents are ZIP files.
_OFFICE = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}


def receive(
    session: TenantSession,
    target: Target,
    name: str,
    data: bytes,
    *,
    upload_dir: Path,
    most_bytes: int,
    quota_bytes: int,
    by: Actor,
) -> Attachment:
    """Store a file with a record; the same bytes under the same name twice are one.

    Raises Invalid for an empty file, TooLarge over `most_bytes` or where the workspace has no room left, Unavailable
    where the disk has none.
    """
    if not data:
        raise Invalid.field("file", "This file is empty.")
    if len(data) > most_bytes:
        raise TooLarge(f"A file may have {most_bytes // 2**20} MB at most.")
    shown = harmless(name)
    present = of(session, target)
    if len(present) >= _MOST:
        raise Invalid.field("file", f"A record has {_MOST} files at most.")
    if used(session) + len(data) > quota_bytes:
        raise TooLarge(f"There is no room left: all files together may have {quota_bytes // 2**20} MB.")
    digest = uploads.save(upload_dir, session.workspace_id, data)
    for known in present:
        if known.sha256 == digest and known.name == shown:
            return known
    found = Attachment(
        record_type=target[0], record_id=target[1], name=shown, media_type=type_of(data, shown), size=len(data),
        sha256=digest, created_by_id=by.user_id,
    )  # fmt: skip
    session.add(found)
    session.flush()
    _record(session, "attached", found, by=by)
    return found


def of(session: TenantSession, target: Target) -> Sequence[Attachment]:
    """The files of a record, the newest first."""
    found = select(Attachment).where(
        Attachment.record_type == target[0], Attachment.record_id == target[1], Attachment.deleted_at.is_(None)
    )
    return session.scalars(found.order_by(Attachment.id.desc())).all()


def get(session: TenantSession, id: int, *, deleted: bool = False) -> Attachment:
    """One file of a record that is there. Raises NotFound."""
    found = session.get(Attachment, id)
    if found is None or (found.deleted_at is not None and not deleted):
        raise NotFound("There is no such file.")
    record = session.get(TYPES[found.record_type].model, found.record_id)
    if record is None or record.deleted_at is not None:
        raise NotFound("There is no such file.")
    return found


def delete(session: TenantSession, attachment: Attachment, *, by: Actor) -> None:
    """Take it off the record; `restore` brings it back."""
    if attachment.deleted_at is None:
        attachment.deleted_at = clock.now()
        _record(session, "detached", attachment, by=by)


def restore(session: TenantSession, attachment: Attachment, *, by: Actor) -> None:
    """Take a deletion back."""
    if attachment.deleted_at is not None:
        attachment.deleted_at = None
        _record(session, "attached", attachment, by=by)


def used(session: TenantSession) -> int:
    """Bytes of the workspace's files, deleted ones too: their bytes are still there."""
    return session.scalar(select(func.coalesce(func.sum(Attachment.size), 0))) or 0


def show(attachment: Attachment) -> dict[str, Any]:
    """A file as REST gives it."""
    names = ("id", "record_type", "record_id", "name", "media_type", "size", "sha256", "created_by_id", "created_at")
    return {name: jsonable(getattr(attachment, name)) for name in names}


def harmless(name: str) -> str:
    """A file's name without folders, control characters and marks that turn the direction of writing."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    name = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    name = re.sub(r'[<>:"|?*]', "_", name).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if len(name) > 200:
        name = f"{stem[:180]}{dot}{ending[:19]}" if dot else name[:200]
    return name or "file"


def type_of(data: bytes, name: str) -> str:
    """What the bytes are. A type is claimed only where they prove it; text is text, whatever it says."""
    for sign, found in _SIGNS:
        if data.startswith(sign):
            return _OFFICE.get(name.rpartition(".")[2].lower(), found) if found == "application/zip" else found
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    try:
        data[:4096].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(data[:4096]) - 4:
            return _UNKNOWN
    return _UNKNOWN if b"\0" in data[:4096] else "text/plain"


def _record(session: TenantSession, what: str, attachment: Attachment, *, by: Actor) -> None:
    session.flush()
    target = (attachment.record_type, attachment.record_id)
    data = {"attachment_id": attachment.id, "size": attachment.size}
    events.record(session, f"{target[0]}.{what}", by=by, subject=target, title=attachment.name, data=data)
