"""The watch folder: files put into `inbox` become meetings, each exactly once.

    inbox/call.vtt ─ settled? ─ read ─ receive (commit) ─▶ inbox/done/call.vtt
                                   └─ refused ──────────▶ inbox/refused/call.vtt, call.vtt.txt says why

With one workspace the folder itself is watched; `inbox/<id>` and `inbox/<name of the workspace>` belong to one
workspace each. A file is moved after its meeting is committed: whoever is killed in between leaves a file whose bytes
are known, which the next round moves and makes nothing of. One process watches at a time, held by a lock on the folder
that dies with it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select

from shared.config import MAX_UPLOAD_BYTES
from shared.database import Database
from shared.errors import AppError, Unavailable
from shared.events import SYSTEM
from shared.models import Workspace
from shared.records import meetings
from shared.records.keys import fold
from shared.telemetry import get_logger
from shared.tenancy import EVERY_WORKSPACE, TenantSession

log = get_logger(__name__)

DONE, REFUSED = "done", "refused"
#: A file is whole when nothing about it has changed for this long, and between two rounds.
SETTLED_S = 5.0
#: Copying tools make an empty file first; one that stays empty this long is refused.
EMPTY_S = 60.0
#: Files taken in one round: the other things the worker does must not wait for a thousand of them.
MOST = 20
#: What browsers, office programs and copying tools call a file that is not finished, or not meant for people.
_UNFINISHED = re.compile(
    r"\..*|~\$.*|.*~|.*\.(?:crdownload|part|partial|download|filepart|tmp|temp|swp|lock)|desktop\.ini|thumbs\.db", re.I
)


class _Signature(NamedTuple):
    """What tells a file's state: another one means that somebody is writing, or that it is another file."""

    size: int
    modified_ns: int
    changed_ns: int
    inode: int


@dataclass(slots=True)
class Watch:
    """Scans the folder, round by round. What it saw in the round before tells it what has settled."""

    root: Path
    upload_dir: Path
    settled_s: float = SETTLED_S
    _seen: dict[Path, _Signature] = field(default_factory=dict)
    _left: dict[Path, _Signature] = field(default_factory=dict)  # done with, but it cannot be moved or read
    _lock: int | None = None

    def scan(self, database: Database) -> int:
        """One round. Returns how many files were taken, refused or moved; 0 while another process watches."""
        if not self._is_ours():
            return 0
        seen: dict[Path, _Signature] = {}
        taken = 0
        for folder, workspace_id in _folders(database, self.root):
            for path, signature in _files(folder):
                seen[path] = signature
                is_same = self._seen.get(path) == signature != self._left.get(path)
                if taken < MOST and is_same and self._is_settled(signature):
                    taken += 1
                    self._take(database, workspace_id, path, signature)
        self._seen = seen
        self._left = {path: signature for path, signature in self._left.items() if path in seen}
        return taken

    def _is_ours(self) -> bool:
        """Whether this process watches. It keeps the lock until it ends; a killed one's is given back by the system."""
        if self._lock is None:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.root / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(lock)
                return False
            self._lock = lock
        return True

    def close(self) -> None:
        """Let another process watch."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _is_settled(self, signature: _Signature) -> bool:
        age_s = time.time() - signature.changed_ns / 1e9
        return age_s >= (self.settled_s if signature.size else max(self.settled_s, EMPTY_S))

    def _take(self, database: Database, workspace_id: int, path: Path, signature: _Signature) -> None:
        """Make a meeting of a file, or say why not. A file that breaks something is left, and the others go on."""
        name = path.name.encode("utf-8", "replace").decode()
        try:
            data = _read(path, signature)
            if data is None:
                return
            with database.scope(workspace_id) as session:
                is_new = _receive(session, data, name, self.upload_dir)
            _move(path, DONE)
            log.info("inbox.taken", file=name, workspace_id=workspace_id, is_new=is_new)
        except Unavailable as error:  # a bad moment of disk or database: the next round tries again
            log.warning("inbox.postponed", file=name, reason=error.detail)
        except AppError as error:
            self._left[path] = signature
            with contextlib.suppress(OSError):
                _refuse(path, error.detail)
            log.info("inbox.refused", file=name, workspace_id=workspace_id, reason=error.detail)
        except OSError as error:
            self._left[path] = signature
            log.warning("inbox.left", file=name, reason=str(error))
        except Exception:
            self._left[path] = signature
            log.exception("inbox.broke", file=name, workspace_id=workspace_id)


def folder_of(session: TenantSession, root: Path) -> Path:
    """Where this workspace's people put their files."""
    with_others = session.scalar(select(Workspace.id).where(Workspace.id != session.workspace_id).limit(1))
    return root / str(session.workspace_id) if with_others else root


def refused_in(folder: Path) -> int:
    """How many files lie in the folder of refused ones."""
    with contextlib.suppress(OSError):
        names = {path.name for path in (folder / REFUSED).iterdir()}
        return sum(1 for name in names if not (name.endswith(".txt") and name.removesuffix(".txt") in names))
    return 0


def _folders(database: Database, root: Path) -> list[tuple[Path, int]]:
    """The watched folders and whose they are. A name that two workspaces share belongs to neither."""
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        names = {int(id): str(name) for id, name in session.execute(select(Workspace.id, Workspace.name))}
    slugs = [_slug(name) for name in names.values()]
    owners = {_slug(name): id for id, name in names.items() if slugs.count(_slug(name)) == 1}
    owners = {slug: id for slug, id in owners.items() if slug and not slug.isdecimal() and slug not in (DONE, REFUSED)}
    owners |= {str(id): id for id in names}
    folders = [(root / name, id) for name, id in sorted(owners.items()) if _is_folder(root / name)]
    if len(names) == 1:
        folders.insert(0, (root, next(iter(names))))
    else:
        for id in names:  # made so that they are found; with one workspace the folder itself is the place
            with contextlib.suppress(OSError):
                (root / str(id)).mkdir(exist_ok=True)
    return folders


def _slug(name: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", fold(name)))


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _files(folder: Path) -> Iterator[tuple[Path, _Signature]]:
    """Plain files that are meant to be read, oldest first. Links lead out of the folder and are not followed."""
    found = []
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if _UNFINISHED.fullmatch(entry.name):
                continue
            with contextlib.suppress(OSError):  # gone meanwhile
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(status.st_mode):
                    found.append((Path(entry.path), _signature(status)))
    yield from sorted(found, key=lambda pair: (pair[1].modified_ns, pair[0].name))


def _signature(status: os.stat_result) -> _Signature:
    return _Signature(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def _read(path: Path, signature: _Signature) -> bytes | None:
    """The bytes of the file that was looked at; None if it is another one by now. A file over the limit is not read."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if _signature(os.fstat(file.fileno())) != signature:
            return None
        # One byte more than is allowed is enough for `receive` to refuse it.
        data = file.read(MAX_UPLOAD_BYTES + 1)
        return data if _signature(os.fstat(file.fileno())) == signature else None


def _receive(session: TenantSession, data: bytes, name: str, upload_dir: Path) -> bool:
    """The door that uploads take. Returns whether there is a new meeting; known bytes give none."""
    upload = meetings.Upload(data=data, file_name=name)
    _, is_known = meetings.receive(session, upload, upload_dir=upload_dir, by=SYSTEM)
    return not is_known


def _move(path: Path, where: str) -> Path:
    target = _free(path.parent / where, path.name)
    path.rename(target)
    return target


def _refuse(path: Path, reason: str) -> None:
    """The reason first: a file without one would be a riddle, a reason without its file is written again."""
    target = _free(path.parent / REFUSED, path.name)
    target.with_name(f"{target.name}.txt").write_text(f"{reason}\n", encoding="utf-8")
    path.rename(target)


def _free(folder: Path, name: str) -> Path:
    """A name in the folder that nothing has yet: `call.vtt`, `call (2).vtt`, …"""
    folder.mkdir(exist_ok=True)
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    target, number = folder / name, 2
    while target.exists() or target.is_symlink():
        target, number = folder / f"{stem} ({number}){dot}{ending}", number + 1
    return target
