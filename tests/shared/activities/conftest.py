"""Files dropped in Alice's workspace, looked at and taken in at once, as a page does it."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pytest

from shared.config import Settings
from shared.database import Database
from shared.events import Actor, Target
from shared.imports import dropped
from shared.models import ImportJob
from tests.conftest import Cast
from tests.shared.imports.seen import Run


def letter(
    *, sender: str = "Jane Roe <jane@roe.example>", to: str = "alice@acme.example", subject: str = "Offer",
    date: str = "Tue, 10 Nov 2026 09:30:00 +0100", id: str = "<m1@roe.example>", text: str = "Please send it.",
    more: str = "",
) -> bytes:  # fmt: skip
    head = f"From: {sender}\nTo: {to}\nSubject: {subject}\nDate: {date}\nMessage-ID: {id}\nMIME-Version: 1.0\n{more}"
    return f"{head}\n{text}\n".encode()


def calendar(*events: str, more: str = "") -> bytes:
    blocks = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n{more}{blocks}END:VCALENDAR\n".replace("\n", "\r\n").encode()


class Drop(Run):
    """What Alice drops, one file after the other."""

    def look(self, *files: bytes, name: str = "mail.eml", on: Target | None = None, at_once: bool = True) -> ImportJob:
        with self.database.scope(self.workspace_id) as session:
            sent = [(BytesIO(data), name) for data in files]
            self.id = dropped.receive(session, sent, self.settings, by=self.by, on=on, at_once=at_once).id
        return self.job

    def start(self, contacts: Sequence[str] = (), *, files: bool = True) -> ImportJob:
        with self.database.scope(self.workspace_id) as session:
            job = session.get_one(ImportJob, self.id)
            dropped.start(session, job, self.settings, by=self.by, contacts=contacts, files=files)
        return self.job

    def take(self, *files: bytes, contacts: Sequence[str] = (), **more: Any) -> ImportJob:
        self.look(*files, **more)
        return self.start(contacts)

    def undo(self) -> ImportJob:
        with self.database.scope(self.workspace_id) as session:
            dropped.undo(session, session.get_one(ImportJob, self.id), by=self.by)
        return self.job


@pytest.fixture
def drop(database: Database, settings: Settings, cast: Cast) -> Drop:
    """Alice's files."""
    return Drop(database, settings, cast.acme, Actor("user", cast.alice))
