"""Uploaded files on disk: stored, and safe on it, before anything is said about them.

A file's name is its SHA-256, so the same bytes are one file. A file that no meeting names (the transaction after it
was rolled back) is harmless. What a killed process left half-written is removed a day later (`tidy`).
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import time
from pathlib import Path
from typing import IO

from shared.errors import NotFound, Unavailable

_PIECE = 1024 * 1024
#: What has been in the making for so long, seconds, is not made any more.
_ABANDONED_S = 24 * 60 * 60
#: Begins the name of the folder beside the uploads into which a restore unpacks.
UNPACKING = ".restore-"


def save(upload_dir: Path, workspace_id: int, data: bytes) -> str:
    """Store bytes durably; returns their SHA-256, hexadecimal. Raises Unavailable if the disk is full or read-only."""
    digest = hashlib.sha256(data).hexdigest()
    path = path_of(upload_dir, workspace_id, digest)
    if path.exists():
        return digest
    draft = path.with_name(f".{digest}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):  # what cannot be written cannot be cleaned up either
            draft.unlink(missing_ok=True)
        raise _not_stored(error) from error
    return digest


def _not_stored(error: OSError) -> Unavailable:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Unavailable("The disk is full. Nothing was stored; free some space and upload again.")
    return Unavailable("The data folder cannot be written. Nothing was stored.")


def save_stream(upload_dir: Path, workspace_id: int, source: IO[bytes]) -> tuple[str, int]:
    """As `save`, for a file of any size, a piece at a time. Returns (SHA-256, bytes)."""
    digest, size = hashlib.sha256(), 0
    folder = upload_dir / str(workspace_id)
    draft = folder / f".upload.{secrets.token_hex(8)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            while piece := source.read(_PIECE):
                digest.update(piece)
                size += file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        path = path_of(upload_dir, workspace_id, digest.hexdigest())
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise _not_stored(error) from error
    return digest.hexdigest(), size


def load(upload_dir: Path, workspace_id: int, digest: str) -> bytes:
    """The bytes of a stored file. Raises NotFound if it is gone from disk."""
    try:
        return path_of(upload_dir, workspace_id, digest).read_bytes()
    except FileNotFoundError:
        raise NotFound("The uploaded file is no longer in the data folder. Upload it again.") from None


def path_of(upload_dir: Path, workspace_id: int, digest: str) -> Path:
    return upload_dir / str(workspace_id) / digest[:2] / digest


def tidy(upload_dir: Path) -> None:
    """Remove the drafts of processes that were killed, which may be as large as what was uploaded or restored."""
    drafts = (*upload_dir.glob("*/.*"), *upload_dir.glob("*/*/.*"), *upload_dir.parent.glob(f"{UNPACKING}*"))
    for draft in drafts:
        with contextlib.suppress(OSError):  # it became what it was to be, or is not ours to remove
            if time.time() - draft.stat().st_mtime < _ABANDONED_S:
                continue
            if draft.is_dir():
                shutil.rmtree(draft, ignore_errors=True)
            else:
                draft.unlink()
