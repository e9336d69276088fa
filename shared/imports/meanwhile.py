"""Records made since a file was checked: by somebody at a page, or by another import, of the same file perhaps.

A check says which rows are new, and may be an hour old when the import comes to them. Where somebody else has made
records of this type since, rows that matched nothing are looked up once more, by the keys that decide: otherwise two
people who import the same file one after the other have everybody twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, select

from shared.imports import duplicates, linking
from shared.imports.applying import Ready
from shared.imports.staged import Staged
from shared.models import ImportJob, ImportRow
from shared.records import phones
from shared.records.keys import company_key
from shared.records.types import TYPES
from shared.tenancy import TenantSession


def remember(session: TenantSession, job: ImportJob) -> dict[str, Any]:
    """The options of an import whose check begins now, with up to which id it knows the records of its type."""
    goes_on = session.scalar(select(ImportRow.id).where(ImportRow.job_id == job.id).limit(1)) is not None
    if goes_on or job.type not in TYPES:
        return job.options
    return {**job.options, "newest": session.scalar(select(func.max(TYPES[job.type].model.id))) or 0}


class Meanwhile:
    """What one run of an import knows of records that others make beside it."""

    def __init__(self, job: ImportJob) -> None:
        self._job = job
        self._seen_to = int(job.options.get("newest", 0))
        self._mine: set[int] = set()
        self._goes_on = job.created > 0
        self._has_others = False

    def made(self, ids: Iterable[int]) -> None:
        """These are the import's own, of its latest batch."""
        self._mine = set(ids)

    def settle(self, session: TenantSession, rows: Sequence[Ready]) -> None:
        """Let rows that match nothing match the record that has appeared since, if one has."""
        free = [row for row in rows if row.match is None]
        if not free or not self._has_news(session):
            return
        found = self._look_up(session, free)
        made = select(ImportRow.record_id).where(
            ImportRow.job_id == self._job.id, ImportRow.result == "created", ImportRow.record_id.in_(found.values())
        )
        mine = set(session.scalars(made))
        for row in free:
            if (id_ := found.get(row.number)) is not None and id_ not in mine:
                row.match, row.record_id = "exact", id_

    def _has_news(self, session: TenantSession) -> bool:
        model = TYPES[self._job.type].model
        if self._goes_on:
            self._goes_on = False
            self._look_back(session)
        if not self._has_others:
            ids = set(session.scalars(select(model.id).where(model.id > self._seen_to)))
            self._has_others = not ids <= self._mine
            self._seen_to = max(ids, default=self._seen_to)
        return self._has_others

    def _look_back(self, session: TenantSession) -> None:
        """What this import made before it was interrupted is no news: each row would be looked up for it again."""
        model, seen_to = TYPES[self._job.type].model, self._seen_to
        own = select(ImportRow.record_id).where(
            ImportRow.job_id == self._job.id, ImportRow.result == "created", ImportRow.record_id.is_not(None)
        )
        self._seen_to = session.scalar(select(func.max(model.id))) or 0
        others = select(model.id).where(model.id > seen_to, model.id <= self._seen_to, model.id.not_in(own))
        self._has_others = session.scalar(others.limit(1)) is not None

    def _look_up(self, session: TenantSession, rows: Sequence[Ready]) -> dict[int, int]:
        """The records that rows are exactly, by the row's number."""
        names = {company_key(name) for row in rows if (name := row.values["refs"].get("company"))}
        companies = linking.same_named(session, sorted(names))
        region = phones.region_of(session)
        staged = [
            Staged(row.number, row.values["data"], _referred(row.values["refs"], companies), region) for row in rows
        ]
        duplicates.known(session, self._job.type, staged)
        return {one.number: one.record_id for one in staged if one.match == "exact" and one.record_id}


def _referred(refs: dict[str, str], companies: dict[str, int]) -> dict[str, str]:
    """What a row names, its company by id where that is there now."""
    id_ = companies.get(company_key(refs.get("company", "")))
    if id_ is None:
        return refs
    return {name: value for name, value in refs.items() if name != "company"} | {"company_id": str(id_)}
