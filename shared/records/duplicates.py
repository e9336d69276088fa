"""Records that may be the same: looked for among those that exist.

Looking through everything is a job (`find`): exact keys first, stored at once, then similarity with its progress. What
it found is stored, so that a page of groups costs a few lookups. A merge takes its records out of their groups; what
somebody told apart (`shared.records.apart`) stays apart in every later search.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from typing import Any

from sqlalchemy import delete, func, insert, select, tuple_, update

from shared import clock, events, queue
from shared.database import Database, session_scope
from shared.errors import NotFound
from shared.events import Actor, Work
from shared.models import (
    Company,
    Contact,
    ContactEmail,
    ContactPhone,
    DuplicateGroup,
    DuplicateMember,
    DuplicateScan,
    ScanStatus,
)
from shared.records import apart, pairing, phones
from shared.records.pairing import Group, Pairs, Reason
from shared.records.pointers import MERGEABLE
from shared.records.types import TYPES
from shared.telemetry import get_logger
from shared.tenancy import EVERY_WORKSPACE, TenantSession

log = get_logger(__name__)

#: Groups that are kept, the surest; nobody reviews more before looking again.
MOST_GROUPS = 5000
_TELL_EVERY_S = 2.0
#: A search that has not told anything for so long has died with its worker.
_DEAD_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Candidates:
    """A group with its records as they are now; at least two."""

    id: int
    score: float
    reasons: tuple[Reason, ...]
    rows: tuple[Any, ...]


# ------------------------------------------------------------------------------------------------------------- reading


def groups(
    session: TenantSession, type_name: str, *, after: Candidates | None = None, limit: int = 20
) -> list[Candidates]:
    """Groups of at least two living records, surest first, after the given one."""
    # Tables, not models: a second condition on the workspace, beside the group's, would lure SQLite to the wrong index.
    member, record = DuplicateMember.__table__.alias(), _model(type_name).__table__.alias()
    living = (
        select(func.count())
        .select_from(member.join(record, record.c.id == member.c.record_id))
        .where(member.c.group_id == DuplicateGroup.id, record.c.deleted_at.is_(None))
        .correlate(DuplicateGroup)
        .scalar_subquery()
    )
    query = (
        select(DuplicateGroup)
        .where(DuplicateGroup.record_type == type_name, living > 1)
        .order_by(DuplicateGroup.score.desc(), DuplicateGroup.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(DuplicateGroup.score, DuplicateGroup.id) < (after.score, after.id))
    return _filled(session, type_name, list(session.scalars(query)))


def group(session: TenantSession, id: int) -> tuple[str, Candidates]:
    """(type, the group). Raises NotFound for one that is settled or was never found."""
    found = session.get(DuplicateGroup, id)
    filled = _filled(session, found.record_type, [found]) if found is not None else []
    if found is None or not filled:
        raise NotFound("These duplicates are settled, or were found by an earlier search.")
    return found.record_type, filled[0]


def group_of(session: TenantSession, type_name: str, ids: Sequence[int]) -> int | None:
    """A group that holds at least two of these records, alive, if there is one."""
    model = _model(type_name)
    held = (
        select(DuplicateMember.group_id)
        .join(model, model.id == DuplicateMember.record_id)
        .where(DuplicateMember.record_type == type_name, model.id.in_(ids), model.deleted_at.is_(None))
    )
    return session.scalar(held.group_by(DuplicateMember.group_id).having(func.count() > 1).limit(1))


def _filled(session: TenantSession, type_name: str, found: Sequence[DuplicateGroup]) -> list[Candidates]:
    model = _model(type_name)
    query = (
        select(DuplicateMember.group_id, model)
        .join(model, model.id == DuplicateMember.record_id)
        .where(DuplicateMember.group_id.in_([g.id for g in found]), model.deleted_at.is_(None))
        .order_by(model.id)
    )
    rows: dict[int, list[Any]] = {}
    for group_id, row in session.execute(query):
        rows.setdefault(group_id, []).append(row)
    return [
        Candidates(g.id, g.score, tuple(Reason(*reason) for reason in g.reasons), tuple(rows[g.id]))
        for g in found
        if len(rows.get(g.id, ())) > 1
    ]


def count(session: TenantSession, type_name: str) -> int:
    """How many groups the last search found, settled ones included."""
    query = select(func.count()).select_from(DuplicateGroup).where(DuplicateGroup.record_type == type_name)
    return session.scalar(query) or 0


def last_scan(session: TenantSession, type_name: str) -> DuplicateScan | None:
    return session.scalar(select(DuplicateScan).where(DuplicateScan.record_type == type_name))


def _model(type_name: str) -> Any:
    if type_name not in MERGEABLE:
        raise NotFound(f"There are no duplicates of the type “{type_name}”.")
    return TYPES[type_name].model


# ----------------------------------------------------------------------------------------------------------- searching


def request(session: TenantSession, type_name: str, *, by: Actor) -> DuplicateScan:
    """Have everything looked through; a search that is under way goes on."""
    _model(type_name)
    scan = last_scan(session, type_name)
    if scan is not None and scan.status is not ScanStatus.DONE:
        return scan
    if scan is None:
        scan = DuplicateScan(record_type=type_name, run=0, started_at=clock.wall(), touched_at=clock.wall())
        session.add(scan)
    scan.status, scan.run = ScanStatus.QUEUED, scan.run + 1
    scan.done, scan.total, scan.finished_at = 0, 0, None
    scan.started_at = scan.touched_at = clock.wall()
    session.flush()
    _send(session, scan, by)
    return scan


def _send(session: TenantSession, scan: DuplicateScan, by: Actor) -> None:
    work = Work(queue.FIND_DUPLICATES, (session.workspace_id, scan.id, scan.run), f"duplicates-{scan.id}-{scan.run}")
    events.record(session, "duplicates.requested", by=by, title=scan.record_type, work=work)


def sweep(database: Database) -> None:
    """Send again the searches whose worker died."""
    dead = (DuplicateScan.status != ScanStatus.DONE, DuplicateScan.touched_at < clock.wall() - _DEAD_AFTER)
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        found = list(session.execute(select(DuplicateScan.workspace_id, DuplicateScan.id).where(*dead)))
    for workspace_id, id in found:
        with database.scope(workspace_id) as session:
            scan = session.scalar(select(DuplicateScan).where(DuplicateScan.id == id, *dead))
            if scan is not None:
                scan.touched_at = clock.wall()
                _send(session, scan, events.SYSTEM)


class _Superseded(Exception):
    """Somebody asked for a newer search, or this one is done."""


def find(workspace_id: int, scan_id: int, run: int) -> None:
    """The job: compare all records of a type, store the groups. Running it twice stores the same once more."""
    with session_scope(workspace_id, read_only=True) as session:
        scan = session.get(DuplicateScan, scan_id)
        if scan is None or scan.run != run or scan.status is ScanStatus.DONE:
            return
        type_name = scan.record_type
        people = _people(session) if type_name == "contact" else []
        firms = _firms(session) if type_name == "company" else []
        told = apart.pairs_of(session, type_name)
    total = len(people) + len(firms)
    told_at = time.monotonic()

    def tell(done: int, *, anyway: bool = False) -> None:
        nonlocal told_at
        if anyway or time.monotonic() - told_at > _TELL_EVERY_S:
            told_at = time.monotonic()
            _tell(workspace_id, scan_id, run, done=done, total=total)

    try:
        tell(0, anyway=True)
        pairs: Pairs = pairing.exact_people(people) if people else pairing.exact_firms(firms)
        _store(workspace_id, scan_id, run, type_name, pairing.grouped(pairs, told), is_last=False)
        if people:
            pairing.similar_people(people, pairs, tell)
        else:
            pairing.similar_firms(firms, pairs, tell)
        found = pairing.grouped(pairs, told)
        _store(workspace_id, scan_id, run, type_name, found, is_last=True)
    except _Superseded:
        return
    log.info("duplicates.found", type=type_name, records=total, groups=len(found))


def _people(session: TenantSession) -> list[pairing.Person]:
    columns = select(Contact.id, Contact.first_name, Contact.last_name, Contact.name_key, Contact.company_id)
    people = {row[0]: pairing.person(*row) for row in session.execute(columns.where(Contact.deleted_at.is_(None)))}
    emails: dict[int, list[str]] = {}
    for id, key in session.execute(select(ContactEmail.contact_id, ContactEmail.email_key)):
        emails.setdefault(id, []).append(key)
    region = phones.region_of(session)
    numbers: dict[int, list[str]] = {}
    for id, key in session.execute(select(ContactPhone.contact_id, ContactPhone.phone_key)):
        if number := phones.number(key, region):
            numbers.setdefault(id, []).append(number)
    return [
        pairing.Person(
            p.id, p.name_key, p.words, p.company_id, tuple(emails.get(p.id, ())), tuple(numbers.get(p.id, ()))
        )
        for p in people.values()
    ]


def _firms(session: TenantSession) -> list[pairing.Firm]:
    columns = select(Company.id, Company.name, Company.name_key, Company.domain, Company.city, Company.phone)
    found = session.execute(columns.where(Company.deleted_at.is_(None)))
    region = phones.region_of(session)
    return [pairing.firm(*row[:5], phones.number(row[5], region) if row[5] else None) for row in found]


def _tell(workspace_id: int, scan_id: int, run: int, **values: Any) -> None:
    """Write progress. Raises _Superseded."""
    mine = (DuplicateScan.id == scan_id, DuplicateScan.run == run, DuplicateScan.status != ScanStatus.DONE)
    told = update(DuplicateScan).where(*mine).values(status=ScanStatus.RUNNING, touched_at=clock.wall(), **values)
    with session_scope(workspace_id) as session:
        if not session.execute(told).rowcount:  # type: ignore[attr-defined]  # a CursorResult, as of every update
            raise _Superseded


def _store(workspace_id: int, scan_id: int, run: int, type_name: str, found: Sequence[Group], *, is_last: bool) -> None:
    """Put these groups in place of what was found before, in one transaction."""
    with session_scope(workspace_id) as session:
        scan = session.get(DuplicateScan, scan_id, with_for_update=True)
        if scan is None or scan.run != run or scan.status is ScanStatus.DONE:
            raise _Superseded
        scan.touched_at = clock.wall()
        if is_last:
            scan.status, scan.done, scan.finished_at = ScanStatus.DONE, scan.total, clock.wall()
        told = apart.pairs_of(session, type_name)  # also what was said while the job ran
        kept = [g for g in found if not any(pair in told for pair in combinations(g.ids, 2))][:MOST_GROUPS]
        session.execute(delete(DuplicateGroup).where(DuplicateGroup.record_type == type_name))
        rows = [
            DuplicateGroup(record_type=type_name, score=g.score, reasons=[list(r) for r in g.reasons])
            for g in reversed(kept)  # of equals the first has the highest id: pages read downwards
        ]
        session.add_all(rows)
        session.flush()
        members = [
            {"workspace_id": workspace_id, "group_id": row.id, "record_type": type_name, "record_id": id}
            for row, g in zip(rows, reversed(kept), strict=True)
            for id in g.ids
        ]
        if members:
            session.execute(insert(DuplicateMember), members)
