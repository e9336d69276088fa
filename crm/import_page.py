"""What the import's page shows of files, rows and fields, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel.speaklater import LazyString
from sqlalchemy import select

from crm import record_names, web
from crm.localization import lazy_gettext as _l
from crm.record_labels import (
    CUSTOM_TYPE_NAMES,
    DIRECTIONS,
    FIELD_LABELS,
    LIFECYCLES,
    NOTE_KINDS,
    PRIORITIES,
    STATES,
    TASK_STATUSES,
)
from shared.accounts.permissions import Scope
from shared.imports import applying, repeated
from shared.imports.fields import TYPES, Kind, fields_of
from shared.models import ImportJob, ImportRow, Pipeline, User
from shared.records import custom
from shared.tenancy import TenantSession

CHOICES: dict[str, LazyString] = {
    "update": _l("Update"),
    "skip": _l("Skip"),
    "create": _l("Create anyway"),
}
TYPE_NAMES: dict[str, LazyString] = {
    "contact": _l("Contacts"),
    "company": _l("Companies"),
    "deal": _l("Deals"),
    "task": _l("Tasks"),
    "note": _l("Notes"),
    "email": _l("E-mail"),
    "calendar": _l("Calendar"),
}
#: The words for what a cell may hold, by `ImportField.choices`.
CHOSEN = {
    "lifecycle": LIFECYCLES, "outcome": STATES, "priority": PRIORITIES, "task_status": TASK_STATUSES,
    "note_kind": NOTE_KINDS, "direction": DIRECTIONS,
}  # fmt: skip
STATUSES: dict[str, tuple[LazyString, str, str]] = {
    "mapping": (_l("Columns to confirm"), "amber", "columns-3"),
    "checking": (_l("Being checked"), "blue", "progress-check"),
    "checked": (_l("Ready to import"), "amber", "list-check"),
    "importing": (_l("Importing"), "blue", "progress-check"),
    "done": (_l("Imported"), "green", "circle-check"),
    "cancelled": (_l("Cancelled"), "neutral", "ban"),
    "failed": (_l("Broke off"), "red", "alert-triangle"),
    "reverting": (_l("Being taken back"), "blue", "arrow-back-up"),
    "reverted": (_l("Taken back"), "neutral", "arrow-back-up"),
}
#: Of e-mails and calendars, which are taken in rather than imported.
TAKING: dict[str, tuple[LazyString, str, str]] = {
    **STATUSES,
    "checked": (_l("To be taken in"), "amber", "list-check"),
    "importing": (_l("Taking in"), "blue", "progress-check"),
    "done": (_l("Taken in"), "green", "circle-check"),
}
MATCHES: dict[str, LazyString] = {
    "exact": _l("There already"),
    "file": _l("Twice in the file"),
    "similar": _l("Similar"),
}
#: Why a row matches, as `shared.imports.duplicates` says it.
WHY: dict[str, LazyString] = {
    "the same ID": _l("the same ID"),
    "the same e-mail": _l("the same e-mail"),
    "the same phone and name": _l("the same phone and name"),
    "the same name": _l("the same name"),
    "the same name at the same company": _l("the same name at the same company"),
    "the same e-mail, another name": _l("the same e-mail, another name"),
    "a similar name at the same company": _l("a similar name at the same company"),
    "the same domain": _l("the same domain"),
    "the same name, another domain or ID": _l("the same name, another domain or ID"),
    "a similar name": _l("a similar name"),
    "the same name and company": _l("the same name and company"),
    "the same text": _l("the same text"),
    "the same row": _l("the same row"),
}
_LABELS: dict[str, LazyString] = {
    "full_name": _l("Full name"),
    "external_id": _l("ID in the other system"),
    "created_at": _l("Created"),
    "owner": _l("Owner"),
    "company": _l("Company"),
    "contact": _l("Contact"),
    "deal": _l("Deal"),
    "pipeline": _l("Pipeline"),
    "outcome": _l("Won or lost"),
    "assignee": _l("Assignee"),
    "author": _l("Author"),
    "due": _l("Due"),
}
#: What a column becomes that a new field is made of: `new:date`.
NEW = "new:"
DATE_STYLES: dict[str, LazyString] = {
    "auto": _l("as each column has it"),
    "dmy": _l("day first: 31/12/2026"),
    "mdy": _l("month first: 12/31/2026"),
}
#: What a text file may be written in, likeliest first; each of `shared.imports.encodings.CHOICES`.
ENCODINGS: dict[str, LazyString] = {
    "utf-8": _l("Unicode (UTF-8)"),
    "cp1252": _l("Western European (Windows)"),
    "cp1250": _l("Central European (Windows)"),
    "cp1254": _l("Turkish (Windows)"),
    "cp1257": _l("Baltic (Windows)"),
    "cp1251": _l("Cyrillic (Windows)"),
    "koi8_r": _l("Cyrillic (KOI8-R)"),
    "cp1253": _l("Greek (Windows)"),
    "cp1255": _l("Hebrew (Windows)"),
    "cp1256": _l("Arabic (Windows)"),
    "cp932": _l("Japanese (Shift-JIS)"),
    "euc_jp": _l("Japanese (EUC)"),
    "gb18030": _l("Chinese, simplified"),
    "big5": _l("Chinese, traditional"),
    "cp949": _l("Korean"),
    "cp874": _l("Thai (Windows)"),
    "mac_roman": _l("Western European (Mac)"),
    "cp850": _l("Western European (DOS)"),
}
#: Beside cells with problems, these many others help to tell what row it is.
_CONTEXT_COLUMNS = 4


def words() -> dict[str, Any]:
    """The lists of words that the templates use."""
    return {
        "type_names": TYPE_NAMES, "statuses": STATUSES, "taking": TAKING, "choices": CHOICES, "matches": MATCHES,
        "whys": WHY, "date_styles": DATE_STYLES,
    }  # fmt: skip


def label(key: str, otherwise: str) -> str:
    """A field as people call it."""
    return str(_LABELS.get(key) or FIELD_LABELS.get(key) or otherwise)


def may_define(job: ImportJob) -> bool:
    """Whether the person at the screen may make a new field of a column."""
    return web.can(Scope.WORKSPACE_MANAGE) and job.type in custom.CUSTOMIZED


def columns(session: TenantSession, job: ImportJob) -> dict[str, Any]:
    """The file's columns: what each is called, holds and becomes."""
    known = fields_of(session, job.type, with_history=bool(job.options.get("with_history")))
    own = [(key, field.label) for key, field in known.items() if field.own]
    return {
        "fields": [(key, label(key, field.label)) for key, field in known.items() if not field.own],
        "own_fields": own,
        "new_fields": [(f"{NEW}{type_}", name) for type_, name in CUSTOM_TYPE_NAMES.items()] if may_define(job) else [],
        "many": [key for key, field in known.items() if field.is_many],
        "headers": job.layout["headers"],
        "samples": job.layout.get("samples") or [[] for _ in job.mapping],
        "mapping": job.mapping,
        "sheets": job.layout.get("sheets") or [],
        "encodings": list(ENCODINGS.items()) if job.layout.get("asks_encoding") else [],
        "types": [(name, TYPE_NAMES[name]) for name in TYPES],
    }


def grid(job: ImportJob, rows: Sequence[ImportRow], *, keep: str = "") -> dict[str, Any]:
    """Bad rows as a table: columns with problems, and a few that tell rows apart. `keep`: those shown already."""
    headers = job.layout["headers"]
    if keep:
        shown = [int(n) for n in keep.split(",") if n.isdecimal() and int(n) < len(headers)]
    else:
        wrong = {p["column"] for row in rows for p in row.problems or () if p["column"] is not None}
        mapped = [n for n, key in enumerate(job.mapping) if key is not None and n not in wrong]
        shown = sorted(wrong | set(mapped[:_CONTEXT_COLUMNS]))
    return {
        "grid_columns": [(n, headers[n]) for n in shown],
        "grid_keys": ",".join(str(n) for n in shown),
        "grid_rows": [_grid_row(row, shown) for row in rows],
    }


def _grid_row(row: ImportRow, shown: Sequence[int]) -> dict[str, Any]:
    problems = {p["column"]: p["message"] for p in row.problems or ()}
    cells = row.cells or []
    return {
        "row": row,
        "cells": [(n, str(cells[n]) if n < len(cells) else "", problems.get(n)) for n in shown],
        "whole": problems.get(None),
    }


def repeated_values(session: TenantSession, job: ImportJob) -> dict[str, Any]:
    """Values that several rows cannot be imported with, each with what may stand there instead where that is a list."""
    found = repeated.find(session, job)
    allowed = {key: _allowed(session, job, key) for key in {one.field for one in found if one.field}}
    return {"repeated": [(job.layout["headers"][one.column], one, allowed.get(one.field or "")) for one in found]}


def _allowed(session: TenantSession, job: ImportJob, key: str) -> list[str]:
    """What a cell of a field may hold; empty where that is no list."""
    field = fields_of(session, job.type, with_history=True).get(key)
    if field is None:
        return []
    if field.own is not None and field.own.labels:
        return list(field.own.labels)
    if field.kind is Kind.USER:
        users = select(User.name).where(User.is_active)
        return sorted(set(session.scalars(users)), key=str.casefold)
    if field.kind in (Kind.STAGE, Kind.PIPELINE):
        pipelines = session.scalars(select(Pipeline).where(Pipeline.deleted_at.is_(None)).order_by(Pipeline.id)).all()
        named = [[p.name] if field.kind is Kind.PIPELINE else [stage.name for stage in p.stages] for p in pipelines]
        return list(dict.fromkeys(name for names in named for name in names))
    return [str(word) for word in CHOSEN[field.choices].values()] if field.kind is Kind.CHOICE else []


def alike(session: TenantSession, job: ImportJob, rows: Sequence[ImportRow]) -> dict[str, Any]:
    """Rows that match a record or an earlier row, with what would become of each."""
    known = record_names.references(session, [(job.type, row.record_id) for row in rows if row.record_id])
    entries = [
        {
            "row": row,
            "name": _name(row),
            "record": known.get((job.type, row.record_id or 0)),
            "choice": applying.decision(job, row),
        }
        for row in rows
    ]
    return {"alike": entries, "alike_counts": {m: job.plan.get(f"match_{m}", 0) for m in MATCHES}}


def kept(session: TenantSession, job: ImportJob, *, limit: int) -> list[tuple[ImportRow, Any]]:
    """Rows that were not taken back, each with its record."""
    query = select(ImportRow).where(ImportRow.job_id == job.id, ImportRow.state == "kept")
    rows = list(session.scalars(query.order_by(ImportRow.number).limit(limit)))
    known = record_names.references(session, [(job.type, row.record_id) for row in rows if row.record_id])
    return [(row, known.get((job.type, row.record_id or 0))) for row in rows]


def _name(row: ImportRow) -> str:
    data = row.values.get("data", {})
    name = f"{data.get('first_name') or ''} {data.get('last_name') or ''}".strip()
    emails = data.get("emails") or [{}]
    return str(name or data.get("name") or data.get("title") or data.get("body") or emails[0].get("email") or "")[:120]
