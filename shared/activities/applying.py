"""Staged messages and events become notes and tasks: some in one transaction, each exactly once, because the row that
names it in the world is written with it and is unique.

    prepare (no lock: messages read again, files stored) ─▶ write: new people ─▶ records, links, files ─▶ rows marked
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError

from shared import clock, records
from shared.activities import letters, mailboxes, people, sources, writing
from shared.activities.letters import Letter, Unreadable
from shared.activities.people import Found, Ours
from shared.activities.sources import Version
from shared.activities.staging import BATCH_ROWS, BINNED, CANCELLED, KNOWN, NOBODY, is_held, people_of
from shared.config import Settings
from shared.errors import AppError, Invalid, NotFound, TooLarge, Unavailable
from shared.events import Actor, Target
from shared.models import ActivitySource, ImportJob, ImportRow, Task, TaskStatus
from shared.models.base import table_of
from shared.records import attachments, uploads
from shared.records.keys import email_key
from shared.records.types import jsonable
from shared.tenancy import TenantSession

_MOST_LINKS = 100


@dataclass(slots=True)
class Outcome:
    """What becomes of a row. `reason` of one that was left is a word of `staging`, of one that failed a sentence."""

    row: ImportRow
    result: str = "skipped"
    record_id: int | None = None
    reason: str | None = None
    before: dict[str, Any] | None = None
    made: list[Any] | None = None


def waiting(session: TenantSession, job_id: int) -> list[ImportRow]:
    """The next rows to take in, the oldest first."""
    query = select(ImportRow).where(ImportRow.job_id == job_id, ImportRow.state == "ready")
    return list(session.scalars(query.order_by(ImportRow.number).limit(BATCH_ROWS)))


@dataclass(slots=True)
class Batch:
    """Some rows on their way. `prepare` with a session that reads, then `write` with one that writes."""

    settings: Settings
    job: ImportJob
    rows: Sequence[ImportRow]
    by: Actor
    _letters: dict[int, Letter] = field(default_factory=dict)
    _problems: dict[int, str] = field(default_factory=dict)
    _contacts: dict[str, list[Found]] = field(default_factory=dict)
    _ours: Ours = field(default_factory=lambda: Ours(frozenset(), frozenset()))
    _on: Target | None = None
    _room: int = 0

    def prepare(self, session: TenantSession) -> None:
        """Read the messages again, and store their files: one that nobody names is harmless."""
        if self.job.type != "email" or not self.rows:
            return
        path = uploads.path_of(self.settings.upload_dir, self.job.workspace_id, self.job.file_sha256)
        if not path.exists():
            raise AppError("The file is no longer in the data folder. Drop it again.")
        with path.open("rb") as file:
            for row in self.rows:
                if not row.values:
                    continue
                data = mailboxes.message_at(file, tuple(row.values["span"]), self.job.layout["format"])
                try:
                    letter = letters.read(data)
                except Unreadable as error:
                    self._problems[row.number] = str(error)
                    continue
                self._letters[row.number] = letter
                for one in letter.files if self._keeps_files() else ():
                    if len(one.data) <= self._most_bytes():
                        uploads.save(self.settings.upload_dir, self.job.workspace_id, one.data)

    def _keeps_files(self) -> bool:
        return bool(self.job.options.get("files", True))

    def _most_bytes(self) -> int:
        return self.settings.attachment_max_mb * 2**20

    def write(self, session: TenantSession) -> Counter[str]:
        """Take them in. Returns how many were created, updated, skipped and failed."""
        known = sources.find(session, [row.values["key"] for row in self.rows if row.values])
        self._ours, self._on = Ours.of(session), self._record(session)
        self._room = self.settings.attachment_quota_mb * 2**20 - attachments.used(session)
        addresses = {person.address for row in self.rows for person in people_of(row.values)}
        self._contacts = people.contacts_of(session, [one for one in addresses if not self._ours.has(one)])
        outcomes = [
            self._one(session, row, known.get(row.values["key"])) if row.values else Outcome(row, reason=KNOWN)
            for row in self.rows  # without values is what was there and has been deleted for good since
        ]
        _mark(session, outcomes)
        return Counter(outcome.result for outcome in outcomes)

    def _record(self, session: TenantSession) -> Target | None:
        """The record the file was dropped on, if it is still there."""
        on = self.job.options.get("on")
        try:
            return (on[0], records.get(session, on[0], on[1]).id) if on else None
        except NotFound:
            return None

    def _one(self, session: TenantSession, row: ImportRow, source: ActivitySource | None) -> Outcome:
        outcome = Outcome(row, record_id=row.record_id)
        if problem := self._problems.get(row.number):
            outcome.result, outcome.reason = "failed", problem
            return outcome
        contacts = dict(self._contacts)
        try:
            with session.begin_nested():
                if source is None or self._has_task(session, outcome, source):
                    self._create(session, outcome, source)
                else:
                    _change(session, outcome, source, by=self.by, why=self._why())
        except Unavailable:
            raise
        except IntegrityError:  # taken in from elsewhere at the same moment
            self._contacts = contacts
            return Outcome(row, reason=KNOWN)
        except AppError as error:
            self._contacts = contacts
            return Outcome(row, "failed", reason=error.detail)
        return outcome

    def _why(self) -> dict[str, Any]:
        return {"import_id": self.job.id}

    # --- New ones

    def _has_task(self, session: TenantSession, outcome: Outcome, source: ActivitySource) -> bool:
        """Whether it is a task, not deleted, whose event has been held meanwhile; the task is done then."""
        if not is_held(source, outcome.row.values):
            return False
        task = session.get(Task, source.record_id)
        if task is None or task.deleted_at is not None:
            return False
        outcome.before = {"source": sources.state(source), "task": task.id, "was_open": task.status is TaskStatus.OPEN}
        records.update(session, task, {"status": TaskStatus.DONE}, by=self.by, why=self._why())
        return True

    def _create(self, session: TenantSession, outcome: Outcome, source: ActivitySource | None) -> None:
        values = outcome.row.values
        if values.get("cancelled"):
            outcome.reason = CANCELLED
            return
        links = self._links(session, outcome)
        if not links and source is None:
            outcome.reason = NOBODY
            return
        data = {**self._data(outcome.row), "links": links}
        if values["becomes"] == "task":
            data["assignee_id"] = self.by.user_id
        elif data["happened_at"] is not None:  # it stands among the others where it happened, not where it was read
            data["created_at"] = min(data["happened_at"], clock.now())
        record = records.create(session, values["becomes"], data, by=self.by, why=self._why())
        if source is None:
            source = ActivitySource(workspace_id=session.workspace_id, key=values["key"])
            session.add(source)
        for name, value in {"record_type": values["becomes"], "record_id": record.id, **_version(values)}.items():
            setattr(source, name, value)
        session.flush()
        self._attach(session, outcome.row, record.id)
        outcome.result, outcome.record_id = "created", record.id

    def _links(self, session: TenantSession, outcome: Outcome) -> list[dict[str, Any]]:
        """The record it was dropped on, those who take part, and where they work."""
        found: list[Found] = []
        for person in people_of(outcome.row.values):
            if not self._ours.has(person.address):
                found += self._known(session, person, outcome)
        companies = [("company", company) for _, company in found if company is not None]
        targets = [self._on, *(("contact", id) for id, _ in found), *companies]
        wanted = list(dict.fromkeys(target for target in targets if target is not None))
        return [{"type": type_, "id": id} for type_, id in wanted[:_MOST_LINKS]]

    def _known(self, session: TenantSession, person: letters.Person, outcome: Outcome) -> list[Found]:
        key = email_key(person.address)
        if key not in self._contacts and self._is_wanted(key):
            try:
                with session.begin_nested():
                    made = people.make_contact(session, person.name, person.address, by=self.by, why=self._why())
            except Invalid:  # not an address after all
                return []
            self._contacts[key] = [made]
            outcome.made = [*(outcome.made or ()), ["contact", made[0]]]
        return self._contacts.get(key, [])

    def _is_wanted(self, key: str) -> bool:
        """Whether somebody asked for a contact to be made of an address."""
        chosen = self.job.options.get("contacts") or ()
        return people.is_somebody(key, self._ours) if chosen == "all" else key in chosen

    def _data(self, row: ImportRow) -> dict[str, Any]:
        values = row.values
        letter = self._letters.get(row.number)
        if letter is None:
            return _of_event(values, values["becomes"])
        body = writing.compose(
            letter.subject, letter.people, letter.more, files=self._listed(letter), text=letter.text
        )  # fmt: skip
        return {
            "kind": "email", "body": body, "happened_at": letter.at, "direction": values.get("direction"),
        }  # fmt: skip

    # --- Files

    def _listed(self, letter: Letter) -> str:
        """Names and sizes, and which of them are not kept."""
        room, shown = self._room, []
        for one in letter.files:
            is_kept = self._keeps_files() and len(one.data) <= min(room, self._most_bytes())
            room -= len(one.data) if is_kept else 0
            name = attachments.harmless(one.name).replace(",", " ")
            shown.append(f"{name} ({_size(len(one.data))}{')' if is_kept else writing.NOT_KEPT}")
        return ", ".join(shown)

    def _attach(self, session: TenantSession, row: ImportRow, note_id: int) -> None:
        letter = self._letters.get(row.number)
        for one in letter.files if letter and self._keeps_files() else ():
            if len(one.data) > min(self._room, self._most_bytes()):
                continue
            try:
                attachments.receive(
                    session, ("note", note_id), one.name, one.data, upload_dir=self.settings.upload_dir,
                    most_bytes=self._most_bytes(), quota_bytes=self.settings.attachment_quota_mb * 2**20, by=self.by,
                )  # fmt: skip
            except TooLarge:
                continue
            self._room -= len(one.data)


def _version(values: dict[str, Any]) -> dict[str, Any]:
    version = Version.of(values)
    return {"sequence": version.sequence, "stamp": version.stamp, "digest": version.digest}


def _size(count: int) -> str:
    return f"{count / 2**20:.1f} MB" if count >= 2**20 else f"{max(1, round(count / 1024))} KB"


def _of_event(values: dict[str, Any], type_: str) -> dict[str, Any]:
    """What a note or a task says of an event."""
    at = datetime.fromisoformat(values["at"])
    body = writing.compose(
        values["title"], people_of(values), values["more"], place=values["place"], text=values["text"]
    )  # fmt: skip
    if type_ == "note":
        return {"kind": "meeting", "body": body, "happened_at": at, "duration_s": values["duration_s"]}
    title, _, rest = body.partition("\n\n")
    when = {"due_at": None, "due_date": values["day"]} if values["day"] else {"due_at": at}
    return {"title": title, "body": rest or None, **when}


# --- Ones that are there


def _change(
    session: TenantSession, outcome: Outcome, source: ActivitySource, *, by: Actor, why: dict[str, Any]
) -> None:
    """What a later version of an event says. What somebody has deleted stays deleted."""
    values, outcome.record_id = outcome.row.values, source.record_id
    if not Version.of(values).is_after(source):
        outcome.reason = KNOWN
        return
    record = session.get(records.TYPES[source.record_type].model, source.record_id)
    if record is None or record.deleted_at is not None:
        outcome.reason = BINNED
        return
    outcome.before = {"source": sources.state(source)}
    if values.get("cancelled"):
        records.delete(session, record, by=by)
        outcome.before["deleted"] = True
    else:
        data = _of_event(values, source.record_type)
        changes = records.update(session, record, data, by=by, why=why)
        outcome.before["changes"] = {name: jsonable(sides) for name, sides in changes.items()}
    for name, value in _version(values).items():
        setattr(source, name, value)
    session.flush()
    outcome.result = "updated"


def _mark(session: TenantSession, outcomes: Sequence[Outcome]) -> None:
    """Write down what became of the rows."""
    table = table_of(ImportRow)
    written = ("result", "record_id", "reason", "before", "made")
    values = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in written}
    statement = update(table).where(table.c.id == bindparam("row")).values(state="done", **values)
    session.connection().execute(
        statement, [{"row": o.row.id} | {f"new_{name}": getattr(o, name) for name in written} for o in outcomes]
    )
