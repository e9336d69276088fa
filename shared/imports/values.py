"""A row's cells to what a verb takes: each cell by its field's kind, then all of them by the record's own schema.

What cannot be read becomes a `Problem` that names the cell; a person corrects it there. Names of people and stages are
looked up in what `Known` read once; companies and other records by `linking`, many rows at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from shared.errors import Invalid
from shared.imports import custom_cells, tag_cells
from shared.imports.fields import ImportField, Kind
from shared.imports.reading import Cell
from shared.imports.styles import Style, as_datetime, moment, number
from shared.models import Pipeline, StageType, Tag, User, workspace_of
from shared.records import phones
from shared.records.deals import to_minor
from shared.records.keys import fold, split_name
from shared.records.types import RecordType, jsonable
from shared.records.verbs import validated
from shared.tenancy import TenantSession


def meant(choices: str, text: str) -> str | None:
    """The value that a word of one of the lists stands for."""
    return _choices()[choices].get(re.sub(r"[\W_]+", "", fold(text)))


def values_of(choices: str) -> list[str]:
    """What may be chosen from one of the lists."""
    return list(dict.fromkeys(_choices()[choices].values()))


@cache
def _choices() -> dict[str, dict[str, str]]:
    """By list: what each word means."""
    found: dict[str, dict[str, str]] = {}
    for line in (Path(__file__).parent / "words" / "choices.txt").read_text(encoding="utf-8").splitlines():
        head, colon, words = line.partition(":")
        if colon and not line.startswith("#"):
            name, value = head.split()
            found.setdefault(name, {}).update(dict.fromkeys(words.split(), value))
    return found


_SEPARATORS = re.compile(r"[;\n|]+")
_SPREADSHEET_ERRORS = frozenset(
    ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#NV", "#WERT!", "#BEZUG!"]
)
#: What our own export writes before a text that a spreadsheet would run as a formula.
_DEFUSED = re.compile(r"^'[=+\-@\t\r]")
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_ALWAYS = "-–—"
_ENDS = (StageType.WON, StageType.LOST)
_NO_STYLE = Style()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a cell; `column` None is the row as a whole."""

    column: int | None
    field: str | None
    text: str
    message: str

    def to_json(self) -> dict[str, Any]:
        return {"column": self.column, "field": self.field, "text": self.text[:500], "message": self.message}


@dataclass(slots=True)
class Converted:
    """`data` is valid for the verbs; `refs` names records that are still to be found or made. `is_rounded`: the file
    has an amount of it more exactly."""

    data: dict[str, Any] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    is_rounded: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What of the workspace every row may need, read once a stretch of work."""

    zone: ZoneInfo
    currency: str
    region: str | None  # of numbers without a country's code
    users: dict[str, int]
    stages: dict[tuple[int, str], int]  # by pipeline and name
    ends: dict[tuple[int, str], list[int]]  # by pipeline and `won` or `lost`
    stage_names: dict[int, str]  # of each pipeline, for a sentence
    pipelines: dict[str, int]
    default_pipeline: int | None
    tags: frozenset[str]  # by key

    @classmethod
    def of(cls, session: TenantSession) -> Known:
        workspace = workspace_of(session)
        users: dict[str, int] = {}
        for user in session.scalars(select(User).order_by(User.is_active, User.id.desc())):  # of namesakes the last
            users[fold(user.name)] = user.id
            users[user.email.casefold()] = user.id
        pipelines = list(session.scalars(select(Pipeline).where(Pipeline.deleted_at.is_(None)).order_by(Pipeline.id)))
        default = next((p.id for p in pipelines if p.is_default), pipelines[0].id if pipelines else None)
        return cls(
            ZoneInfo(workspace.timezone),
            workspace.currency,
            phones.region_of(session),
            users,
            {(p.id, fold(s.name)): s.id for p in pipelines for s in p.stages},
            {(p.id, end.value): [s.id for s in p.stages if s.type is end] for p in pipelines for end in _ENDS},
            {p.id: ", ".join(s.name for s in p.stages) for p in pipelines},
            {fold(p.name): p.id for p in pipelines},
            default,
            frozenset(session.scalars(select(Tag.name_key).where(Tag.deleted_at.is_(None)))),
        )

    def user(self, cell: Cell) -> int:
        """Who is meant by a name or an address. Raises ValueError."""
        text = str(cell).strip()
        address = parseaddr(text)[1] if "@" in text else ""
        found = self.users.get(address.casefold()) or self.users.get(fold(text))
        if found is None:
            raise ValueError(f"Nobody here is called “{text[:60]}”.")
        return found


@dataclass(frozen=True, slots=True)
class Converter:
    """Turns rows of one file into data of one type."""

    kind: RecordType
    fields: dict[str, ImportField]
    mapping: Sequence[str | None]
    styles: dict[int, Style]
    known: Known

    def convert(self, cells: Sequence[Cell]) -> Converted:
        """One row. It is good if it has no problems."""
        row = Converted()
        columns: dict[str, int] = {}
        for column, key in enumerate(self.mapping):
            cell = cells[column] if column < len(cells) else ""
            if isinstance(cell, str) and _DEFUSED.match(cell):
                cell = cell[1:]
            text = str(cell).strip()
            if key is None or key not in self.fields or not text or text in _ALWAYS:
                continue
            asked = self.fields[key]
            style = self.styles.get(column, _NO_STYLE)
            try:
                if text in _SPREADSHEET_ERRORS:
                    raise ValueError("The spreadsheet shows an error here.")
                if asked.own is not None:
                    own = custom_cells.read(asked.own, cell, style, self.known.currency, self.known.user)
                    row.data.setdefault("custom", {})[asked.own.key] = own
                    row.is_rounded |= custom_cells.was_rounded(cell, own)
                else:
                    _READERS[asked.kind](self, asked, cell, style, row)
            except ValueError as error:
                row.problems.append(Problem(column, key, text, str(error)))
            for path in _filled_by(asked, row):
                columns.setdefault(path, column)
        self._settle(row, cells, columns)
        self._validate(row, cells, columns)
        return row

    def _settle(self, row: Converted, cells: Sequence[Cell], columns: dict[str, int]) -> None:
        """What one cell alone cannot say: the stage's pipeline, the amount's currency."""
        self._settle_stage(row, columns)
        self._settle_amount(row, cells, columns)
        if row.data.get("status") == "open":
            row.data.pop("completed_at", None)

    def _settle_amount(self, row: Converted, cells: Sequence[Cell], columns: dict[str, int]) -> None:
        amount, column = row.data.get("amount"), columns.get("amount")
        if not isinstance(amount, Decimal) or column is None:
            return
        currency = row.data.setdefault("currency", self.known.currency)
        row.data["amount"] = custom_cells.in_currency(cells[column], amount, currency)
        row.is_rounded |= row.data["amount"] != amount
        try:
            to_minor(row.data["amount"], currency)
        except ValueError as error:
            row.problems.append(Problem(column, self.mapping[column], str(cells[column]).strip(), str(error)))

    def _settle_stage(self, row: Converted, columns: dict[str, int]) -> None:
        """The stage by its name; of a deal that is won or lost that end, unless the stage named is an end itself."""
        named, outcome = row.refs.pop("stage", None), row.data.pop("outcome", "open")
        pipeline, where = self.known.default_pipeline or 0, "The pipeline"
        if "pipeline_id" in row.data:
            pipeline, where = row.data["pipeline_id"], "This pipeline"
        found = self.known.stages.get((pipeline, fold(named or "")))
        if found is None and named and outcome == "open":  # `Closed Won`, whatever that end is called here
            outcome = meant("outcome", named) or "open"
        if outcome != "open" and all(found not in self.known.ends.get((pipeline, end.value), ()) for end in _ENDS):
            found = next(iter(self.known.ends.get((pipeline, outcome), ())), None)
            key, text = ("outcome", outcome) if "outcome" in columns else ("stage", named or "")
            column = columns["outcome" if key == "outcome" else "stage_id"]
            problem = Problem(column, key, text, f"{where} has no stage for it.")
        elif named:
            names = self.known.stage_names.get(pipeline, "")
            problem = Problem(columns["stage_id"], "stage", named, f"{where} has no such stage. It has: {names}.")
        else:
            return
        if found is None:
            row.problems.append(problem)
        else:
            row.data["stage_id"] = found
            row.data.pop("pipeline_id", None)

    def _validate(self, row: Converted, cells: Sequence[Cell], columns: dict[str, int]) -> None:
        wrong = {problem.column for problem in row.problems}
        try:
            row.data = jsonable(_exact(validated(self.kind.new, row.data)))
        except Invalid as error:
            for problem in error.errors or [None]:
                path, _, place = problem.path.partition(".") if problem else ("", "", "")
                column = columns.get(f"{path}.{place.partition('.')[0]}", columns.get(path))
                if wrong and (column is None or column in wrong):
                    continue  # it follows from what was said about the cell
                text = str(cells[column]).strip() if column is not None and column < len(cells) else ""
                key = self.mapping[column] if column is not None else None
                message = problem.message if problem else error.detail
                found = Problem(column, key, text, _sentence(path, message))
                if found not in row.problems:
                    row.problems.append(found)


def _filled_by(asked: ImportField, row: Converted) -> list[str]:
    """The paths in a record's data that a cell of this field may have filled, for what is wrong there: of several
    columns of addresses each entry belongs to its own."""
    if asked.kind is Kind.NAME:
        return [asked.field, "first_name", "last_name"]
    entries = row.data.get(asked.field)
    return [asked.field, *(f"{asked.field}.{n}" for n in range(len(entries) if isinstance(entries, list) else 0))]


def _exact(values: dict[str, Any]) -> dict[str, Any]:
    """Decimals as text, so that JSON keeps each figure."""
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}


def _sentence(path: str, message: str) -> str:
    if path == "emails":
        return "This is not an e-mail address."
    if path == "domain":
        return "This is not a domain; one looks like example.com."
    return message[:1].upper() + message[1:]


# --- A cell by its kind


def _text(_self: Converter, asked: ImportField, cell: Cell, _style: Style, row: Converted) -> None:
    row.data.setdefault(asked.field, str(cell).strip())


def _name(_self: Converter, _asked: ImportField, cell: Cell, _style: Style, row: Converted) -> None:
    text = " ".join(str(cell).split())
    last, comma, first = text.partition(",")
    given, family = (first.strip(), last.strip()) if comma and first.strip() else split_name(text)
    row.data.setdefault("first_name", given)
    row.data.setdefault("last_name", family)


def _emails(_self: Converter, _asked: ImportField, cell: Cell, _style: Style, row: Converted) -> None:
    found: list[dict[str, Any]] = row.data.setdefault("emails", [])
    for part in _SEPARATORS.split(str(cell).replace(", ", ";").replace(",", ";").replace(" ::: ", ";")):
        pieces = part.split()
        for piece in pieces if all("@" in one for one in pieces) else [part]:
            address = (parseaddr(piece)[1] if "<" in piece else piece).strip().strip("<>\"'").removeprefix("mailto:")
            if address and address.casefold() not in {entry["email"].casefold() for entry in found}:
                found.append({"email": address})


def _phones(_self: Converter, _asked: ImportField, cell: Cell, _style: Style, row: Converted) -> None:
    found: list[dict[str, Any]] = row.data.setdefault("phones", [])
    for part in _SEPARATORS.split(str(cell).replace(" ::: ", ";").replace(",", ";")):
        written = " ".join(part.split())
        if not written:
            continue
        if not 3 <= sum(c.isdecimal() for c in written) <= 20 or len(written) > 50:
            raise ValueError("This is not a phone number.")
        if written not in {entry["phone"] for entry in found}:
            found.append({"phone": written})


def _number(_self: Converter, asked: ImportField, cell: Cell, style: Style, row: Converted) -> None:
    value = Decimal(str(cell)) if isinstance(cell, (int, float)) else number(cell, style)
    if value != value.to_integral_value() and isinstance(cell, str) and _GROUPED.fullmatch(cell.strip()):
        value = Decimal(re.sub(r"\D", "", cell))  # 1.200 employees are not one and a fifth
    if value != value.to_integral_value():
        raise ValueError("This has to be a whole number.")
    row.data[asked.field] = int(value)


def _percent(_self: Converter, asked: ImportField, cell: Cell, style: Style, row: Converted) -> None:
    value = Decimal(str(cell)) if isinstance(cell, (int, float)) else number(cell, style)
    if isinstance(cell, float) and 0 < cell < 1:  # a spreadsheet's 25 % is 0.25
        value *= 100
    row.data[asked.field] = round(value)


def _money(_self: Converter, asked: ImportField, cell: Cell, style: Style, row: Converted) -> None:
    row.data[asked.field], currency = custom_cells.money(cell, style)
    if currency:
        row.data.setdefault("currency", currency)


def _currency(_self: Converter, asked: ImportField, cell: Cell, _style: Style, row: Converted) -> None:
    text = str(cell).strip().upper()
    row.data[asked.field] = custom_cells.SYMBOLS.get(text, text)


def _date(_self: Converter, asked: ImportField, cell: Cell, style: Style, row: Converted) -> None:
    row.data[asked.field] = moment(str(cell), style)[0].isoformat()


def _moment(self: Converter, asked: ImportField, cell: Cell, style: Style, row: Converted) -> None:
    day, at, zone = moment(str(cell), style)
    if asked.key in ("due", "due_at") and at is None:
        row.data["due_date"] = day.isoformat()
        return
    when = as_datetime(day, at).replace(tzinfo=self.known.zone)
    if zone:
        written = zone if zone == "Z" or ":" in zone else f"{zone[:3]}:{zone[3:]}"
        when = datetime.fromisoformat(as_datetime(day, at).isoformat() + written.replace("Z", "+00:00"))
    row.data["due_at" if asked.key == "due" else asked.field] = when.astimezone(UTC).isoformat()


def _choice(_self: Converter, asked: ImportField, cell: Cell, _style: Style, row: Converted) -> None:
    found = meant(asked.choices, str(cell))
    if found is None:
        choices = ", ".join(values_of(asked.choices))
        raise ValueError(f"This has to be one of: {choices}.")
    row.data[asked.field] = found


def _user(self: Converter, asked: ImportField, cell: Cell, _style: Style, row: Converted) -> None:
    row.data[asked.field] = self.known.user(cell)


def _tags(self: Converter, asked: ImportField, cell: Cell, _style: Style, row: Converted) -> None:
    before = tag_cells.tag_cell(row.data.get(asked.field, []))
    row.data[asked.field] = tag_cells.tag_names(f"{before};{cell}", self.known.tags)


def _stage(_self: Converter, _asked: ImportField, cell: Cell, _style: Style, row: Converted) -> None:
    row.refs["stage"] = str(cell).strip()


def _pipeline(self: Converter, asked: ImportField, cell: Cell, _style: Style, row: Converted) -> None:
    found = self.known.pipelines.get(fold(str(cell)))
    if found is None:
        raise ValueError("There is no such pipeline.")
    row.data[asked.field] = found


def _reference(_self: Converter, asked: ImportField, cell: Cell, _style: Style, row: Converted) -> None:
    text = " ".join(str(cell).split())
    if len(text) > 200:
        raise ValueError("A name has at most 200 characters.")
    row.refs[asked.key] = text


_READERS: dict[Kind, Callable[[Converter, ImportField, Cell, Style, Converted], None]] = {
    Kind.TEXT: _text,
    Kind.NAME: _name,
    Kind.EMAILS: _emails,
    Kind.PHONES: _phones,
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.CURRENCY: _currency,
    Kind.PERCENT: _percent,
    Kind.DATE: _date,
    Kind.MOMENT: _moment,
    Kind.CHOICE: _choice,
    Kind.USER: _user,
    Kind.TAGS: _tags,
    Kind.STAGE: _stage,
    Kind.PIPELINE: _pipeline,
    Kind.COMPANY: _reference,
    Kind.RECORD: _reference,
}
