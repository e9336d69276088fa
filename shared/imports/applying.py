"""Staged rows to records: a few hundred in one transaction, each exactly once, because the transaction that makes a
record also marks its row done.

    prepare (reads only) ─▶ write: companies that are named ─▶ new records ─▶ changed ones ─▶ rows marked

New people and companies go the bulk way, everything else through the verbs, each row in a savepoint of its own: a row
that is refused leaves nothing behind and says why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.exc import IntegrityError

from shared import records
from shared.database import write_many
from shared.errors import AppError, Unavailable
from shared.events import Actor
from shared.imports import linking, merging
from shared.models import Company, FieldDefinition, ImportJob, ImportRow
from shared.models.base import table_of
from shared.records import bulk, custom, phones, tags
from shared.records.bulk import Prepared
from shared.records.keys import company_key
from shared.records.types import jsonable
from shared.tenancy import TenantSession

#: Rows in one transaction: about a tenth of a second in which others wait to write.
BATCH_ROWS = 500
#: Types whose records may be about several others.
HANG_BY_LINKS = ("task", "note")
_TAKEN = "Another record has this ID or another value that must be its own."


@dataclass(slots=True)
class Ready:
    """A row that waits, without the watch that a mapped one keeps over itself."""

    id: int
    number: int
    values: dict[str, Any]
    match: str | None
    choice: str | None
    record_id: int | None
    leader: int | None


_READY = tuple(getattr(ImportRow, one.name) for one in fields(Ready))


@dataclass(slots=True)
class Outcome:
    """What becomes of a row."""

    row: Ready
    result: str = "skipped"
    record_id: int | None = None
    reason: str | None = None
    before: dict[str, Any] | None = None
    made: list[Any] = field(default_factory=list)


def decision(job: ImportJob, row: ImportRow | Ready) -> str:
    """create, update or skip: the row's own choice, else what was said for all. What is only similar is created."""
    if row.match is None:
        return "create"
    if row.choice:
        return row.choice
    return "create" if row.match == "similar" else str(job.options.get("duplicates", "update"))


def data_of(type_: str, row: Ready) -> dict[str, Any]:
    """The row's values with the ids of the records it names, as far as they are known."""
    data, refs = dict(row.values["data"]), row.values["refs"]
    ids = {name: int(refs[name]) for name in ("company_id", "contact_id", "deal_id") if name in refs}
    if type_ not in HANG_BY_LINKS:
        return data | ids
    also = [one.partition(":") for one in refs.get("also", "").split()]
    links = [{"type": name.removesuffix("_id"), "id": id_} for name, id_ in ids.items()]
    links += [{"type": type_, "id": int(id_)} for type_, _, id_ in also]
    return data | ({"links": links} if links else {})


def shown(session: TenantSession, type_: str, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Records as REST shows them, by id, deleted ones too."""
    model = records.TYPES[type_].model
    rows = list(session.scalars(select(model).where(model.id.in_(sorted(set(ids))))))
    return {row.id: one for row, one in zip(rows, records.show_all(session, rows), strict=True)}


def hold(session: TenantSession, type_: str, ids: Iterable[int]) -> None:
    """Wait for whoever is changing these, and let nobody else until the transaction ends: what they say from here on
    stays so. SQLite lets nobody write beside us anyway."""
    model = records.TYPES[type_].model
    session.execute(select(model.id).where(model.id.in_(sorted(set(ids)))).order_by(model.id).with_for_update())


def waiting(session: TenantSession, job_id: int) -> list[Ready]:
    """The next rows to import, in the file's order."""
    query = select(*_READY).where(ImportRow.job_id == job_id, ImportRow.state == "ready")
    return [Ready(*row) for row in session.execute(query.order_by(ImportRow.number).limit(BATCH_ROWS))]


@dataclass(slots=True)
class Batch:
    """Some rows on their way. `prepare` with a session that reads, then `write` with one that writes."""

    job: ImportJob
    rows: Sequence[Ready]
    by: Actor
    why: dict[str, Any] = field(init=False)
    outcomes: dict[int, Outcome] = field(init=False)
    _region: str | None = None  # of numbers without a country's code
    _new: dict[int, Prepared] = field(default_factory=dict)  # by row number
    _companies: dict[str, int] = field(default_factory=dict)  # by folded name
    _settled: set[int] = field(default_factory=set)  # rows that change nothing
    _made: dict[str, list[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.why = {"import_id": self.job.id}
        self.outcomes = {row.number: Outcome(row, record_id=row.record_id) for row in self.rows}

    @property
    def created(self) -> list[int]:
        """The records that were made of its rows."""
        return [one.record_id for one in self.outcomes.values() if one.result == "created" and one.record_id]

    # --- Without a lock

    def prepare(self, session: TenantSession) -> None:
        """Which rows change nothing; rows, keys and words of the new people and companies."""
        type_ = self.job.type
        self._region = phones.region_of(session)
        self._compare(session)
        new = [row for row in self.rows if decision(self.job, row) == "create"] if bulk.can_make(type_) else []
        own = custom.definitions(session, type_)
        new = [row for row in new if _still_fits(row.values["data"].get("custom") or {}, own)]
        names = self._names(session, new)
        employers = [
            row.values["refs"].get("company") or names.get(int(row.values["refs"].get("company_id", 0))) for row in new
        ]
        data = [row.values["data"] for row in new]
        prepared = bulk.prepare(self.job.workspace_id, type_, data, employers, by=self.by, own=own)
        self._new = {row.number: one for row, one in zip(new, prepared, strict=True)}

    def _compare(self, session: TenantSession) -> None:
        """Settle rows whose record says all of it already: of a file read again nearly all."""
        times = Counter(row.record_id for row in self.rows)
        rows = [
            row
            for row in self.rows
            if row.record_id and times[row.record_id] == 1 and not row.leader and "company" not in row.values["refs"]
            if decision(self.job, row) == "update"
        ]
        present = shown(session, self.job.type, [row.record_id for row in rows if row.record_id])
        for row in rows:
            known = present.get(row.record_id or 0)
            if known and known["deleted_at"] is None and not self._changes(known, data_of(self.job.type, row)):
                self.outcomes[row.number].reason = "unchanged"
                self._settled.add(row.number)

    def _changes(self, known: dict[str, Any], data: dict[str, Any], *, fills_only: bool = False) -> dict[str, Any]:
        return merging.changes(known, data, region=self._region, fills_only=fills_only)

    def _names(self, session: TenantSession, rows: Sequence[Ready]) -> dict[int, str]:
        ids = {int(row.values["refs"]["company_id"]) for row in rows if "company_id" in row.values["refs"]}
        query = select(Company.id, Company.name).where(Company.id.in_(sorted(ids)), Company.deleted_at.is_(None))
        return {int(id_): str(name) for id_, name in session.execute(query)}

    # --- With it

    def write(self, session: TenantSession) -> Counter[str]:
        """All rows of the batch. Returns how many were created, updated, skipped, failed."""
        acting = [r for r in self.rows if r.number not in self._settled and decision(self.job, r) != "skip"]
        self._settle_tags(session, acting)
        self._settle_companies(session, acting)
        self._create(session, [row for row in acting if row.number in self._new])
        rest = [row for row in acting if row.number not in self._new]
        self._change(session, rest)
        _mark(session, list(self.outcomes.values()))
        return Counter(outcome.result for outcome in self.outcomes.values())

    def _settle_companies(self, session: TenantSession, rows: Sequence[Ready]) -> None:
        """Find or make the companies that rows name."""
        names: dict[str, str] = {}
        first: dict[str, int] = {}
        for row in rows:
            if name := row.values["refs"].get("company"):
                names.setdefault(company_key(name), name)
                first.setdefault(company_key(name), row.number)
        if not names:
            return
        self._companies = linking.same_named(session, list(names))
        new = [key for key in names if key not in self._companies]
        prepared = bulk.prepare(
            self.job.workspace_id, "company", [{"name": names[key]} for key in new], [None] * len(new), by=self.by
        )
        for key, id_ in zip(new, bulk.create_many(session, "company", prepared, by=self.by, why=self.why), strict=True):
            self._companies[key] = id_
            self.outcomes[first[key]].made.append(["company", id_])

    def _settle_tags(self, session: TenantSession, rows: Sequence[Ready]) -> None:
        """Make the tags that are new; the row that names one first made it."""
        first: dict[str, tuple[int, str]] = {}
        for row in rows:
            for name in row.values["data"].get("tags", ()):
                first.setdefault(tags.key_of(name), (row.number, name))
        for tag in tags.unknown(session, {key: name for key, (_, name) in first.items()}, by=self.by):
            self.outcomes[first[tag.name_key][0]].made.append(["tag", tag.id])

    def _refer(self, row: Ready) -> dict[str, Any]:
        """The row's data, its company found."""
        refs = row.values["refs"]
        if "company" in refs:
            refs = {**refs, "company_id": str(self._companies[company_key(refs["company"])])}
            row.values = {**row.values, "refs": refs}
        return data_of(self.job.type, row)

    def _create(self, session: TenantSession, rows: Sequence[Ready]) -> None:
        """The bulk way; where it is refused, one by one."""
        if not rows:
            return
        live = self._live_companies(session, rows)
        for row in rows:
            company_id = self._refer(row).get("company_id")
            if self.job.type == "contact" and company_id in live:
                self._new[row.number].row.company_id = company_id
        try:
            with session.begin_nested():
                new = [self._new[row.number] for row in rows]
                ids = bulk.create_many(session, self.job.type, new, by=self.by, why=self.why)
        except IntegrityError:  # an ID of the file was taken since it was checked
            for row in rows:
                self._create_one(session, row)
            return
        for row, id_ in zip(rows, ids, strict=True):
            self._is_created(row, id_)

    def _live_companies(self, session: TenantSession, rows: Sequence[Ready]) -> set[int]:
        known = {int(row.values["refs"]["company_id"]) for row in rows if "company_id" in row.values["refs"]}
        query = select(Company.id).where(Company.id.in_(sorted(known)), Company.deleted_at.is_(None))
        return {*session.scalars(query), *self._companies.values()}

    def _create_one(self, session: TenantSession, row: Ready) -> None:
        try:
            with session.begin_nested():
                record = records.create(session, self.job.type, self._refer(row), by=self.by, why=self.why)
        except (AppError, IntegrityError) as error:
            self._refuse(row, error)
        else:
            self._is_created(row, record.id)

    def _change(self, session: TenantSession, rows: Sequence[Ready]) -> None:
        """Rows of records that are there, in the file's order: later ones see what earlier ones did."""
        if not rows:
            return
        leaders = self._leaders(session, rows)
        ids = {row.number: self._target(row, leaders) for row in rows}
        hold(session, self.job.type, [id_ for id_ in ids.values() if id_])
        present = shown(session, self.job.type, [id_ for id_ in ids.values() if id_])
        for row in rows:
            id_ = ids[row.number] or leaders.get(row.leader or 0)
            if decision(self.job, row) == "create" or id_ is None:
                self._create_one(session, row)
                made = self.outcomes[row.number]
                if row.leader and made.record_id:
                    leaders.setdefault(row.leader, made.record_id)
                continue
            if id_ not in present:
                present |= shown(session, self.job.type, [id_])
            self._change_one(session, row, id_, present)

    def _target(self, row: Ready, leaders: dict[int, int]) -> int | None:
        if decision(self.job, row) == "create":
            return None
        return row.record_id or leaders.get(row.leader or 0)

    def _leaders(self, session: TenantSession, rows: Sequence[Ready]) -> dict[int, int]:
        """What became of earlier rows that these are the same as, by their number."""
        numbers = {row.leader for row in rows if row.leader}
        found = {
            n: o.record_id for n in numbers if (o := self.outcomes.get(n)) and o.result == "created" and o.record_id
        }
        asked = sorted(numbers - found.keys())
        query = select(ImportRow.number, ImportRow.leader, ImportRow.record_id).where(
            ImportRow.job_id == self.job.id,
            ImportRow.record_id.is_not(None),
            or_(ImportRow.number.in_(asked), ImportRow.leader.in_(asked)),
        )
        for number, leader, record_id in session.execute(query.order_by(ImportRow.number.desc())):
            found[number if number in asked else leader or 0] = record_id or 0
        return found

    def _change_one(self, session: TenantSession, row: Ready, id_: int, present: dict[int, dict[str, Any]]) -> None:
        known = present.get(id_)
        if known is None:
            return self._create_one(session, row)
        fields = self._changes(known, self._refer(row), fills_only=bool(row.leader))
        is_deleted = known["deleted_at"] is not None
        outcome = self.outcomes[row.number]
        outcome.record_id = id_
        if not fields and not is_deleted:
            outcome.reason = "unchanged"
            return None
        record = session.get_one(records.TYPES[self.job.type].model, id_)
        try:
            with session.begin_nested():
                if is_deleted:
                    records.restore(session, record, by=self.by)
                changed = records.update(session, record, fields, by=self.by, why=self.why) if fields else {}
        except (AppError, IntegrityError) as error:
            session.expire(record)
            return self._refuse(row, error)
        outcome.result = "updated"
        outcome.before = {"changes": _plain(changed), "restored": is_deleted}
        present[id_] = records.show(session, record)
        return None

    def _is_created(self, row: Ready, id_: int) -> None:
        outcome = self.outcomes[row.number]
        outcome.result, outcome.record_id = "created", id_

    def _refuse(self, row: Ready, error: Exception) -> None:
        if isinstance(error, Unavailable):
            raise error
        outcome = self.outcomes[row.number]
        outcome.result, outcome.record_id = "failed", None
        outcome.reason = error.detail if isinstance(error, AppError) else _TAKEN


def _still_fits(values: dict[str, Any], own: Sequence[FieldDefinition]) -> bool:
    """Whether the fields and options are still there; the verbs say what is not."""
    options = {one.key: {o["value"] for o in one.options} for one in own}
    chosen = {one.key for one in own if one.type.is_chosen}
    return all(
        key in options and (key not in chosen or options[key] >= set(value if isinstance(value, list) else [value]))
        for key, value in values.items()
    )


def _plain(changed: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {name: jsonable(pair) for name, pair in changed.items()}


def _mark(session: TenantSession, outcomes: Sequence[Outcome]) -> None:
    """Write down what became of the rows; of most there is nothing to say but the record."""
    short = [one for one in outcomes if not (one.before or one.made)]
    _mark_some(session, short, ("result", "record_id", "reason"))
    _mark_some(session, [one for one in outcomes if one.before or one.made], _WRITTEN)


_WRITTEN = ("result", "record_id", "reason", "before", "made")


def _mark_some(session: TenantSession, outcomes: Sequence[Outcome], written: Sequence[str]) -> None:
    table = table_of(ImportRow)
    values = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in written}
    write_many(
        session,
        update(table).where(table.c.id == bindparam("row")).values(state="done", **values),
        [{"row": o.row.id} | {f"new_{name}": getattr(o, name) or None for name in written} for o in outcomes],
    )


def expected(session: TenantSession, job: ImportJob) -> Counter[str]:
    """What the rows that match something would come to: create, update, unchanged, skip."""
    counts: Counter[str] = Counter()
    last, region = 0, phones.region_of(session)
    while batch := _matching_after(session, job.id, last):
        last = batch[-1].number
        decided = [(row, decision(job, row)) for row in batch]
        counts["create"] += sum(what == "create" for _, what in decided)
        counts["skip"] += sum(what == "skip" for _, what in decided)
        updating = [row for row, what in decided if what == "update"]
        present = shown(session, job.type, [row.record_id for row in updating if row.record_id])
        for row in updating:
            counts[_would(job, row, present, region)] += 1
    return counts


def _would(job: ImportJob, row: Ready, present: dict[int, dict[str, Any]], region: str | None) -> str:
    known = present.get(row.record_id or 0)
    if known is None:  # the earlier row of the file that it is the same as is still to be made
        return "update" if row.leader else "create"
    found = merging.changes(known, data_of(job.type, row), region=region, fills_only=bool(row.leader))
    return "update" if found or known["deleted_at"] or "company" in row.values["refs"] else "unchanged"


def _matching_after(session: TenantSession, job_id: int, number: int) -> list[Ready]:
    query = select(*_READY).where(
        ImportRow.job_id == job_id, ImportRow.state == "ready", ImportRow.match.is_not(None), ImportRow.number > number
    )
    return [Ready(*row) for row in session.execute(query.order_by(ImportRow.number).limit(500))]
