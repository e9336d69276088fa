"""The check: every row of the file read, converted, compared with what is there, and staged. No record is touched.

    file ─ spool ─▶ styles of columns ─▶ convert ─▶ names to records ─▶ duplicates ─▶ import_row, a batch at a time

Each step of a batch but the last only reads, so nobody waits while a file is checked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from shared.database import batched, insert_into, write_many
from shared.imports import duplicates, linking, sheets
from shared.imports.applying import BATCH_ROWS, HANG_BY_LINKS, decision, expected
from shared.imports.earlier import Earlier, remember
from shared.imports.fields import fields_of
from shared.imports.linking import CompanyNames
from shared.imports.reading import Layout, Row
from shared.imports.spool import Spool
from shared.imports.staged import Staged
from shared.imports.styles import Style
from shared.imports.values import Converted, Converter, Known, Problem
from shared.models import ImportJob, ImportRow, workspace_of
from shared.models.base import table_of
from shared.records.keys import company_key
from shared.records.tags import key_of
from shared.records.types import TYPES
from shared.tenancy import TenantSession

#: More rows than these are not compared with their records while somebody waits for a page.
_COMPARED_AT_ONCE = 2000
#: So many new tags are named before the import; a column of free text may hold thousands.
_MOST_NAMED = 1000
#: Opens a session: to read with, or to write with the lease proven in it.
Sessions = Callable[[bool], AbstractContextManager[TenantSession]]


def stage(
    job: ImportJob, path: Path, open_session: Sessions, tell: Callable[[TenantSession, dict[str, Any]], None]
) -> dict[str, Any]:
    """Stage all rows that are not yet. Returns the plan. `tell` writes progress, in the session of a batch."""
    with open_session(False) as session:
        fields = fields_of(session, job.type, with_history=bool(job.options.get("with_history")))
        locale = workspace_of(session).locale
        staged_to = session.scalar(select(func.max(ImportRow.number)).where(ImportRow.job_id == job.id)) or 0
    spool = Spool(path, Layout.from_json(job.layout), job.mapping, fields)
    try:
        styles = spool.styles(locale, job.options.get("date_style", "auto"))
        with open_session(False) as session:
            known = Known.of(session)
        converter = Converter(TYPES[job.type], fields, job.mapping, styles, known)
        staging = Staging(job, converter)
        with open_session(True) as session:
            tell(session, {"total": spool.total, "done": job.done if staged_to else 0, "notes": _notes(job, path)})
        done = 0
        for batch in batched(spool.rows(), BATCH_ROWS):
            done += len(batch)
            if batch[-1].number <= staged_to:
                staging.skip(batch)
                continue
            with open_session(False) as session:
                rows = staging.prepare(session, [row for row in batch if row.number > staged_to])
            with open_session(True) as session:
                write_many(session, insert_into(table_of(ImportRow)), rows)
                tell(session, {"done": done})
    finally:
        spool.close()
    with open_session(False) as session:
        decided = {"styles": {str(column): style.to_json() for column, style in styles.items()}}
        others = {"other_cards": spool.others} if spool.others else {}
        return plan_of(session, job) | decided | staging.brings | others


def _notes(job: ImportJob, path: Path) -> list[str]:
    if job.layout.get("format") != "xlsx":
        return []
    count = sheets.formulas_without_result(path)
    if count == 1:
        return [
            "One cell holds a formula whose result was never saved; it counts as empty. Open the file in a"
            " spreadsheet program, save it, and import it again."
        ]
    return [
        f"{count} cells hold a formula whose result was never saved; they count as empty. Open the file in a"
        " spreadsheet program, save it, and import it again."
    ] if count else []  # fmt: skip


class Staging:
    """What is remembered between the batches of one file."""

    def __init__(self, job: ImportJob, converter: Converter) -> None:
        self._job = job
        self._converter = converter
        self._companies = CompanyNames()
        self._earlier = Earlier()
        self._columns = {key: column for column, key in enumerate(job.mapping) if key is not None}
        self._width = len(job.mapping)
        self._new_tags: dict[str, str] = {}
        self._new_companies: set[int] = set()
        self._rounded = 0

    @property
    def brings(self) -> dict[str, Any]:
        """What the rows seen so far would make beside their records: `new_tags` by name, how many `new_companies`; and
        how many of them have an amount that was `rounded`."""
        found = {
            "new_tags": sorted(self._new_tags.values(), key=str.casefold),
            "new_companies": len(self._new_companies),
            "rounded": self._rounded,
        }
        return {name: value for name, value in found.items() if value}

    def skip(self, batch: list[Row]) -> None:
        """Rows that are staged already: later ones may be like them."""
        good = self._staged(batch, [self._convert(row) for row in batch])
        self._bring_tags(good)
        remember(self._job.type, good, self._earlier)

    def prepare(self, session: TenantSession, batch: list[Row]) -> list[dict[str, Any]]:
        """Rows of `import_row`, ready to insert."""
        converted = [self._convert(row) for row in batch]
        self.link(session, converted)
        good = self._staged(batch, converted)
        duplicates.find(session, self._job.type, good, self._earlier)
        self._bring_tags(good)
        self._new_companies |= {hash(company_key(one.refs["company"])) for one in good if "company" in one.refs}
        staged = {one.number: one for one in good}
        return [self._row(row, c, staged.get(row.number)) for row, c in zip(batch, converted, strict=True)]

    def _staged(self, batch: list[Row], converted: list[Converted]) -> list[Staged]:
        self._rounded += sum(one.is_rounded for one in converted if not one.problems)
        pairs = zip(batch, converted, strict=True)
        return [Staged(row.number, c.data, c.refs, self._converter.known.region) for row, c in pairs if not c.problems]

    def _bring_tags(self, rows: list[Staged]) -> None:
        for row in rows:
            for name in row.data.get("tags", ()):
                if (key := key_of(name)) not in self._converter.known.tags and len(self._new_tags) < _MOST_NAMED:
                    self._new_tags.setdefault(key, name)

    def link(self, session: TenantSession, converted: list[Converted]) -> None:
        """Find the records that the rows name."""
        if self._job.type in HANG_BY_LINKS:
            linking.find_several(session, [row for row in converted if not row.problems], self._columns)
        companies = [row for row in converted if "company" in row.refs and not row.problems]
        self._companies.learn(session, [row.refs["company"] for row in companies])
        for row in companies:
            if (id_ := self._companies.id_of(row.refs["company"])) is not None:
                row.refs["company_id"] = str(id_)
                del row.refs["company"]
        linking.find_records(session, [row for row in converted if not row.problems], self._columns)

    def _convert(self, row: Row) -> Converted:
        if row.error:
            return Converted(problems=[Problem(None, None, "", row.error)])
        converted = self._converter.convert(row.cells)
        beyond = [str(cell) for cell in row.cells[self._width :] if str(cell).strip()]
        if beyond:
            text = " | ".join(beyond)
            message = "This row has more cells than there are columns; is a quote or a separator missing?"
            converted.problems.append(Problem(None, None, text, message))
        return converted

    def _row(self, row: Row, converted: Converted, staged: Staged | None) -> dict[str, Any]:
        return {
            "workspace_id": self._job.workspace_id,
            "job_id": self._job.id,
            "number": row.number,
            "state": "bad" if converted.problems else "ready",
            "values": {"data": converted.data, "refs": converted.refs} if not converted.problems else {},
            "cells": list(row.cells)[: self._width + 20] if converted.problems else None,
            "problems": [problem.to_json() for problem in converted.problems] or None,
            "match": staged.match if staged else None,
            "why": staged.why if staged else None,
            "record_id": staged.record_id if staged else None,
            "leader": staged.leader if staged else None,
        }


def recheck(session: TenantSession, job: ImportJob, rows: Sequence[ImportRow]) -> None:
    """Look again at rows whose cells a person has corrected. The column's style is the one the check decided."""
    fields = fields_of(session, job.type, with_history=bool(job.options.get("with_history")))
    styles = {int(column): Style(**style) for column, style in job.plan.get("styles", {}).items()}
    staging = Staging(job, Converter(TYPES[job.type], fields, job.mapping, styles, Known.of(session)))
    prepared = staging.prepare(session, [Row(row.number, list(row.cells or [])) for row in rows])
    for row, values in zip(rows, prepared, strict=True):
        for name in ("state", "values", "problems", "match", "why", "record_id", "leader"):
            setattr(row, name, values[name])
    if new := staging.brings.get("new_tags"):
        job.plan = {**job.plan, "new_tags": sorted({*job.plan.get("new_tags", ()), *new}, key=str.casefold)}
    _find_leaders(session, job, [row for row in rows if row.state == "ready" and row.match is None])
    session.flush()


def _find_leaders(session: TenantSession, job: ImportJob, rows: Sequence[ImportRow]) -> None:
    """Earlier rows of the file that are the same: by their address, which is what people mistype."""
    wanted: dict[str, list[ImportRow]] = {}
    for row in rows:
        for address in _addresses(row):
            wanted.setdefault(address, []).append(row)
    if not wanted:
        return
    last, these = max(row.number for row in rows), [row.id for row in rows]
    others = select(ImportRow).where(
        ImportRow.job_id == job.id, ImportRow.state == "ready", ImportRow.number < last, ImportRow.id.not_in(these)
    )
    for other in session.scalars(others.order_by(ImportRow.number.desc()).limit(5000)):
        for row in (row for address in _addresses(other) for row in wanted.get(address, ())):
            if row.match is None and other.number < row.number:
                row.match, row.why, row.leader = "file", "the same e-mail", other.number


def _addresses(row: ImportRow) -> set[str]:
    return {entry["email"].casefold() for entry in row.values["data"].get("emails", ())}


def count_again(job: ImportJob, row: ImportRow) -> None:
    """The plan after one bad row has become good."""
    more = [decision(job, row), *([f"match_{row.match}"] if row.match else [])]
    plan = {**job.plan, "bad": max(0, job.plan.get("bad", 1) - 1)}
    job.plan = plan | {name: plan.get(name, 0) + 1 for name in more}


def planned(session: TenantSession, job: ImportJob) -> dict[str, Any]:
    """The plan after somebody chose. Where thousands of rows match, those to update are not compared again: some of
    them may turn out to be unchanged."""
    matching = (ImportRow.job_id == job.id, ImportRow.state == "ready", ImportRow.match.is_not(None))
    count = session.scalar(select(func.count()).where(*matching)) or 0
    if count <= _COMPARED_AT_ONCE:
        return {"create": 0, "update": 0, "unchanged": 0, "skip": 0} | plan_of(session, job)
    free = select(func.count()).where(ImportRow.job_id == job.id, ImportRow.state == "ready", ImportRow.match.is_(None))
    counts = Counter({"create": session.scalar(free) or 0, "update": 0, "unchanged": 0, "skip": 0})
    grouped = select(ImportRow.match, ImportRow.choice, func.count()).where(*matching)
    for match, choice, rows in session.execute(grouped.group_by(ImportRow.match, ImportRow.choice)):
        otherwise = "create" if match == "similar" else str(job.options.get("duplicates", "update"))
        counts[choice or otherwise] += rows
    return dict(counts)


def counted(session: TenantSession, job: ImportJob) -> dict[str, Any]:
    """The plan after several rows were corrected: everything counted again."""
    bad = select(func.count()).where(ImportRow.job_id == job.id, ImportRow.state == "bad")
    return job.plan | planned(session, job) | {"bad": session.scalar(bad) or 0}


def plan_of(session: TenantSession, job: ImportJob) -> dict[str, Any]:
    """What an import would do as things stand: rows to create, update, leave as they are, skip, and bad ones."""
    counts: Counter[str] = Counter()
    by_state = select(ImportRow.state, func.count()).where(ImportRow.job_id == job.id).group_by(ImportRow.state)
    states: dict[str, int] = dict(session.execute(by_state).all())
    counts["bad"], counts["left_out"] = states.get("bad", 0), states.get("left_out", 0)
    free = select(func.count()).where(ImportRow.job_id == job.id, ImportRow.state == "ready", ImportRow.match.is_(None))
    counts["create"] = session.scalar(free) or 0
    if not job.options.get("auto_start"):  # nobody will look at it, and the import compares for itself
        counts += expected(session, job)
    matches = (
        select(ImportRow.match, func.count())
        .where(ImportRow.job_id == job.id, ImportRow.state == "ready", ImportRow.match.is_not(None))
        .group_by(ImportRow.match)
    )
    counts |= Counter({f"match_{match}": count for match, count in session.execute(matches)})
    return dict(counts)
