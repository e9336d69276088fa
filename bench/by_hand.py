"""Pages as somebody would write them by hand for Flask, sqlite3 and Jinja: rows from plain SQL, loops in templates.

What a page says of records is written from its rows (`bench/templates`); the frame and the tools around them stand in
it as they are, without a question. The HTML is that of ours: `bench/pages.py` measures nothing that is different.
"""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

#: A question to its rows, as named tuples.
Ask = Callable[..., list[Any]]

#: How rows begin and end in a page of ours, as patterns, in order.
_TABLE = (('<tbody id="rows">', "</tbody>"),)
_CUTS: dict[str, Sequence[tuple[str, str]]] = {
    "contacts": _TABLE, "companies": _TABLE, "deals": _TABLE,
    "tasks": (('<ul class="list task-list task-page" id="rows">', r"\s*</ul>"),),
    "company": (
        (r'<ul class="list task-list">\s*', r'\s*<li class="list-more">'), ('<ul class="list">', "</ul>"),
        ('<ul class="list">', "</ul>"), ('<ul class="list">', "</ul>"), ('<ol class="timeline">', "</ol>"),
        ('<div class="card-body"><dl class="props">', r'\s*<p class="made">'),
    ),
    "board": ((r'<ul class="board-cards"[^>]*>', '(?:<li class="list-more">|</ul>)'),) * 3,
    "column": (("", '(?:<li class="list-more">|$)'),),
    "meeting": ((r"</summary>\s*(?=<article)", r"\s*</details>"),) * 9,
}  # fmt: skip
_SHARED = {"column": "board"}


class Page:
    """A page of ours, of which `template` writes the rows anew: those that `query` finds of the record `id`."""

    def __init__(self, template: str, html: str, query: str, id: int) -> None:
        self._template = _jinja.get_template(f"{_SHARED.get(template, template)}.html")
        self._found = _RECORDS.get(template) or (lambda ask, _id: {"rows": ask(query)[:50]})
        self._id = id
        # A fragment has no frame that says so: what its rows say is the same.
        token = re.search(r'name="csrf[-_]token" (?:content|value)="([^"]+)"', html)
        icons = re.search(r'"([^"]+/icons[^"#]*)[#"]', html)
        self._frame = {
            "still": list(_still(html, _CUTS[template])), "token": token and token[1], "icons": icons and icons[1]
        }  # fmt: skip

    def written(self, ask: Ask) -> str:
        return self._template.render(
            self._frame, today=datetime.now(UTC).date().isoformat(), **self._found(ask, self._id)
        )


def named_rows(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> Any:
    """A row factory: named tuples, which templates read fastest."""
    return named(cursor.description)._make(row)


def _still(html: str, cuts: Sequence[tuple[str, str]]) -> Iterator[Markup]:
    """What stands before, between and behind the rows."""
    at = 0
    for begin, end in cuts:
        found = re.compile(f"{begin}(?P<rows>.*?)(?={end})", re.DOTALL).search(html, at)
        if found is None:
            break  # a meeting has fewer sections
        yield Markup(html[at : found.start("rows")])
        at = found.end()
    yield Markup(html[at:])


# --- The pages of records


def _company(ask: Ask, id: int) -> dict[str, Any]:
    [company] = ask(_WITH_OWNER, id)
    properties = [(name, label, getattr(company, name), kind) for name, label, kind in _PROPERTIES]
    properties[6:6] = [("owner_id", "Owner", company.owner, "person")]
    properties.append(("tags", "Tags", ", ".join(row.name for row in ask(_TAGS, id)), "tags"))
    return {
        "company": company,
        "filled": [each for each in properties if each[2] or each[0] == "tags"],
        "empty": [each for each in properties if not each[2] and each[0] != "tags"],
        "people": ask(_PEOPLE, id),
        "deals": ask(_DEALS, id),
        "meetings": ask("SELECT id, title, occurred_at FROM meeting WHERE company_id = ? AND deleted_at IS NULL"
                        " ORDER BY occurred_at DESC LIMIT 9", id),
        "tasks": ask(_TASKS, id),
        "events": ask(_EVENTS, id),
    }  # fmt: skip


#: Of a company: name of the column, what it is called, what it is.
_PROPERTIES = (
    ("name", "Name", "text"), ("domain", "Domain", "domain"), ("website", "Website", "text"),
    ("phone", "Phone", "text"), ("industry", "Industry", "text"), ("employees", "Employees", "number"),
    ("street", "Street", "text"), ("postcode", "Postcode", "text"),
    ("city", "City", "text"), ("region", "Region", "text"), ("country", "Country", "text"),
    ("description", "Description", "long"),
)  # fmt: skip
_WITH_OWNER = "SELECT c.*, u.name AS owner FROM company c LEFT JOIN user u ON u.id = c.owner_id WHERE c.id = ?"
_TAGS = "SELECT name FROM tagging JOIN tag ON tag.id = tag_id WHERE target_type = 'company' AND target_id = ?"
_PEOPLE = """SELECT c.id, c.first_name || coalesce(' ' || c.last_name, '') AS name, c.title, e.email FROM contact c
LEFT JOIN contact_email e ON e.contact_id = c.id AND e.is_primary
WHERE c.company_id = ? AND c.deleted_at IS NULL ORDER BY c.updated_at DESC, c.id DESC LIMIT 9"""
_DEALS = """SELECT d.id, d.name, d.amount_minor, d.currency, d.expected_close, d.closed_at, s.name AS stage, s.type
FROM deal d JOIN stage s ON s.id = d.stage_id WHERE d.company_id = ? AND d.deleted_at IS NULL
ORDER BY d.updated_at DESC, d.id DESC LIMIT 9"""
_TASKS = """SELECT t.id, t.title, t.due_date, u.name AS owner, NULL AS company FROM link l
JOIN task t ON t.id = l.owner_id LEFT JOIN user u ON u.id = t.assignee_id WHERE l.workspace_id = 1
AND l.owner_type = 'task' AND l.target_type = 'company' AND l.target_id = ? AND t.status = 'open'
AND t.deleted_at IS NULL ORDER BY t.due_date, t.id LIMIT 20"""
_EVENTS = """SELECT v.at, u.name AS who FROM event_target t JOIN event v ON v.id = t.event_id
LEFT JOIN user u ON u.id = v.user_id WHERE t.workspace_id = 1 AND t.target_type = 'company' AND t.target_id = ?
ORDER BY t.event_id DESC LIMIT 20"""


def _meeting(ask: Ask, id: int) -> dict[str, Any]:
    """Findings by section, as cards."""
    found = [_card(row) for row in ask(_FINDINGS, id)]
    sections = [[card for card in found if card["kind"] in kinds] for kinds in _SECTIONS]
    return {"sections": [cards for cards in sections if cards], "kinds": _KINDS}


_FINDINGS = """SELECT i.*, p.action, p.record_type, p.record_id, p.changes, p.candidates, u.name AS decided_by
FROM insight i LEFT JOIN proposal p ON p.insight_id = i.id LEFT JOIN user u ON u.id = i.decided_by_id
WHERE i.meeting_id = ? AND i.kind != 'summary' ORDER BY i.position, i.id"""
_KINDS = {
    "company": "Company", "deal": "Deal", "contact": "Contact", "action_item": "Task", "next_meeting": "Next meeting",
    "decision": "Decision", "requirement": "Requirement", "pain_point": "Pain", "objection": "Objection",
    "competitor": "Competitor", "sentiment": "Mood",
}  # fmt: skip
#: Which kinds stand under one heading.
_SECTIONS = (
    ("company",), ("deal",), ("contact",), ("action_item", "next_meeting"), ("decision",), ("requirement",),
    ("pain_point", "objection"), ("competitor",), ("sentiment",),
)  # fmt: skip
_FIELDS = {
    "company": "Company", "industry": "Industry", "title": "Title", "amount": "Amount", "due_date": "Due",
    "expected_close": "Expected close", "promised_by": "Promised by", "email": "E-mail", "phone": "Phone",
    "domain": "Domain", "stage": "Stage", "due_at": "Due",
}  # fmt: skip
_PATHS = {"company": "/companies", "contact": "/contacts", "deal": "/deals", "task": "/tasks"}


def _card(row: Any) -> dict[str, Any]:
    """What a finding's card says, its JSON taken apart."""
    data, evidence = json.loads(row.data), json.loads(row.evidence)
    changes = json.loads(row.changes) if row.changes else None
    said = data.get("description") or data.get("name") or data.get("text") or data.get("company") or ""
    proposal = (row.action, row.record_id, changes, json.loads(row.candidates)) if row.action else None
    shown = (row.status, row.decided_by_id, data, len(evidence), row.correction, proposal)
    path = _PATHS.get(row.record_type)
    return {
        "id": row.id, "status": row.status, "kind": row.kind, "confidence": row.confidence, "action": row.action,
        "decided_by": row.decided_by, "said": data["label"].capitalize() if row.kind == "sentiment" else said,
        "state": f"{zlib.crc32(repr(shown).encode()):08x}",
        "marks": " ".join(f"{at['utterance']}:{at['start']}-{at['end']}" for at in evidence if at.get("end")),
        "evidence": evidence[:3],
        "changes": list(_changes(row.kind, changes)) if changes and row.kind in _CHANGING else None,
        "url": f"{path}/{row.record_id}" if path and row.record_id else None,
    }  # fmt: skip


_CHANGING = ("contact", "company", "deal", "action_item", "next_meeting")


def _changes(kind: str, changes: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for change in changes:
        field, value = change["field"], change.get("label") or change["after"]
        if field in ("name", "first_name", "last_name") or (field == "title" and kind != "contact"):
            continue  # the heading says it
        if isinstance(value, dict):
            value = money(value["minor"], value["currency"])
        elif field in ("due_date", "expected_close"):
            value = day(value)
        yield _FIELDS[field], value


def _board(ask: Ask, _id: int) -> dict[str, Any]:
    """The first cards of each stage."""
    stages = ask("SELECT id, name, type FROM stage WHERE workspace_id = 1 ORDER BY position")
    return {"stages": stages, "columns": [(stage, ask(_FIRST, stage.id, 0.0, 0)) for stage in stages]}


def _column(ask: Ask, id: int) -> dict[str, Any]:
    """The next cards of the first, behind the deal `id`."""
    stages = ask("SELECT id, name, type FROM stage WHERE workspace_id = 1 ORDER BY position")
    return {"stages": stages, "columns": [(stages[0], ask(_FIRST, stages[0].id, float(id), id))]}


_FIRST = """SELECT d.id, d.version, d.name, d.amount_minor, d.currency, d.expected_close, d.closed_at,
o.name AS company, u.name AS owner, CAST(julianday('now') - julianday(d.stage_since) AS INTEGER) AS days FROM deal d
LEFT JOIN company o ON o.id = d.company_id LEFT JOIN user u ON u.id = d.owner_id WHERE d.workspace_id = 1
AND d.deleted_at IS NULL AND d.stage_id = ? AND (d.rank, d.id) > (?, ?) ORDER BY d.rank, d.id LIMIT 30"""

_RECORDS: dict[str, Callable[[Ask, int], dict[str, Any]]] = {
    "company": _company, "meeting": _meeting, "board": _board, "column": _column,
}  # fmt: skip


# --- What templates write

_TONES = ("blue", "teal", "violet", "amber", "green", "pink")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_UNITS = {
    "year": 31_536_000, "month": 2_592_000, "week": 604_800, "day": 86_400, "hour": 3600, "minute": 60, "second": 1,
}  # fmt: skip
_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£"}
_LIFECYCLES = {
    "lead": ("blue", "Lead"), "qualified": ("violet", "Qualified"), "opportunity": ("amber", "Opportunity"),
    "customer": ("green", "Customer"), "partner": ("teal", "Partner"), "former": ("neutral", "Former customer"),
    "other": ("neutral", "Other"),
}  # fmt: skip


def initials(name: str, square: bool = False) -> str:
    """Of companies, which are square, one letter."""
    words = name.split()
    return (words[0][:1] + (words[-1][:1] if len(words) > 1 and not square else "")).upper()


def tone(name: str) -> str:
    """The colour behind a name's initials."""
    value = len(name)
    for letter in name.lower()[:16]:
        value = (value * 31) % 9973 + _LETTERS.find(letter) + 2
    return _TONES[value % 97 % 6]


def iso(text: str) -> str:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).isoformat()


def day(text: str) -> str:
    return f"{datetime.fromisoformat(text):%b %-d, %Y}"


def due_day(text: str) -> str:
    """As near as it is: “Tomorrow”, “Mon, Nov 30”, “Dec 24”, “Jan 4, 2027”."""
    due, today = date.fromisoformat(text), datetime.now(UTC).date()
    ahead = (due - today).days
    if -2 < ahead < 2:
        return ("Yesterday", "Today", "Tomorrow")[ahead + 1]
    if due.year != today.year:
        return day(text)
    return f"{due:%a, %b %-d}" if -7 < ahead < 7 else f"{due:%b %-d}"


def moment(text: str) -> str:
    return f"{datetime.fromisoformat(text):%b %-d, %Y, %-I:%M\u202f%p}"


def ago(text: str) -> str:
    seconds = (datetime.now(UTC) - datetime.fromisoformat(text).replace(tzinfo=UTC)).total_seconds()
    unit = next((unit for unit, size in _UNITS.items() if seconds / size >= 0.85), "second")
    count = round(seconds / _UNITS[unit])
    return f"{count} {unit}{'' if count == 1 else 's'} ago"


def money(minor: int, currency: str) -> str:
    return f"{_SIGNS[currency]}{minor / 100:,.{0 if minor % 100 == 0 else 2}f}"


def timecode(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"


def by_heading(tasks: list[Any], today: str) -> Iterator[tuple[str, Iterator[Any]]]:
    """Tasks sorted by their day, under the headings of the list."""
    return groupby(tasks, lambda task: "Overdue" if task.due_date < today else "Today" if task.due_date == today
                   else "Upcoming")  # fmt: skip


def _environment() -> Environment:
    made = Environment(autoescape=True, loader=FileSystemLoader(Path(__file__).parent / "templates"), auto_reload=False)
    written = (initials, tone, iso, day, due_day, moment, ago, money, timecode, by_heading)
    made.filters |= {each.__name__: each for each in written}
    made.globals["lifecycles"] = _LIFECYCLES
    return made


_jinja = _environment()


@cache
def named(description: tuple[tuple[str, ...], ...]) -> Any:
    """The named tuple for the columns of a question; a name that stands there twice counts once."""
    return namedtuple("Row", [column[0] for column in description], rename=True)
