"""Uploaded files on disk: stored, and safe on it, before anything is said about them.

A file's name is its SHA-256, so the same bytes are one file. A file that no meeting names (the transaction after it
was rolled back) is harmless.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
from pathlib import Path
from typing import IO

from shared.errors import NotFound, Unavailable

_PIECE = 1024 * 1024


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
