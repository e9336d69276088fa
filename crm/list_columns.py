"""The columns of a list: which there are, which stand there of themselves, and what is in their cells.

A cell is data (`Cell`); `crm/list_rows.py` draws one by the kind of its column.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, partial
from typing import Any, NamedTuple

from sqlalchemy import Select, String, and_, bindparam, func, select

from crm import localization, record_names, web
from crm.localization import gettext as _
from crm.localization import lazy_gettext as _l
from crm.record_labels import LIFECYCLE_TONES, choice_label
from shared.models import (
    Company,
    Contact,
    Deal,
    Insight,
    InsightStatus,
    Meeting,
    Stage,
    StageType,
    Tag,
    Tagging,
    Task,
    TaskStatus,
)
from shared.prepared import Prepared
from shared.query import neighbours
from shared.query.columns import Values
from shared.query.conditions import Viewpoint
from shared.query.naming import Naming
from shared.query.neighbours import Neighbour
from shared.query.types import Entity, Field, FieldType
from shared.records.view_states import COUNTED
from shared.schemas.insight import Kind

#: Beside the name, which always stands first.
DEFAULTS: dict[str, tuple[str, ...]] = {
    "company": ("industry", "city", "people", "open_deals", "owner", "updated_at"),
    "contact": ("company", "title", "lifecycle", "phone", "owner", "updated_at"),
    "deal": ("stage", "amount", "expected_close", "owner", "updated_at"),
    "task": ("due_date", "priority", "status", "assignee", "updated_at"),
    "meeting": ("occurred_at", "company", "status", "to_review"),
}
TITLES = {"task": "title", "meeting": "title"}
#: What stands below the name, or for it, if the list has no column of it.
SECOND = {"contact": "email"}
_COUNTED_LABELS = {"people": _l("People"), "to_review": _l("To review")}
#: Shown better by another field of the same record.
_TWICE = frozenset({
    "id", "owner_id", "assignee_id", "author_id", "company_id", "stage_id", "pipeline_id", "deal_id", "amount_minor",
    "user_id",
})  # fmt: skip
#: Asked of a record itself, not of one beside it.
_OF_NOBODY = frozenset({"external_id", "created_by_id", "actor", "engine", "file_name"})
_RECORDS = {"company": "companies", "contact": "contacts", "deal": "deals", "meeting": "meetings"}
_TONES = {
    "lifecycle": LIFECYCLE_TONES,
    "priority": {"high": "red", "low": "neutral", "normal": "neutral"},
    "status": {"done": "green", "ready": "green", "failed": "red", "analyzing": "blue"},
    "stage_type": {"won": "green", "lost": "red", "open": "blue"},
}
_OPEN = (InsightStatus.PENDING, InsightStatus.UNDONE)


@dataclass(frozen=True, slots=True)
class Column:
    """`kind` says how `crm/list_rows.py` draws it; `is_end`: figures, at the end of their cell."""

    name: str
    label: str
    kind: str
    sort: str | None = None
    is_end: bool = False


class Cell(NamedTuple):
    """What stands in a cell: a text and where it leads; `parts` are tags as (name, colour); `tone` a pill's."""

    text: str = ""
    href: str = ""
    tone: str = ""
    iso: str = ""
    title: str = ""
    parts: tuple[tuple[str, str], ...] = ()


NOTHING = Cell()


def title_field(type_name: str) -> str:
    """The field that names a record of a type."""
    return TITLES.get(type_name, "name")


def offered(entity: Entity, naming: Naming) -> list[Column]:
    """Every column a list of a type can have, the title left out."""
    names = [n for n, f in entity.fields.items() if f.selected is not None and n not in _TWICE]
    counted = COUNTED.get(entity.name, ())
    return [column(entity, name, naming) for name in (*names, *counted) if name != title_field(entity.name)]


def offered_beside(entity: Entity, naming: Naming) -> dict[str, list[Column]]:
    """Every column that stands in a related record, by what that is called."""
    found: dict[str, list[Column]] = {}
    for each in neighbours.offered(entity):
        name, is_title = each.field.name, each.field.name == title_field(each.target.name)
        is_shown = (
            is_title
            and f"{each.relation}_id" in entity.fields
            and entity.fields[f"{each.relation}_id"].selected is not None
        )
        if name not in _TWICE and name not in _OF_NOBODY and not is_shown:
            found.setdefault(naming.heading(each.target), []).append(_beside(entity, each, naming))
    return found


def chosen(entity: Entity, names: Iterable[str], naming: Naming) -> list[Column]:
    """The columns of a list in order; none named: those it has of itself."""
    wanted = dict.fromkeys(tuple(names) or DEFAULTS[entity.name])
    return [column(entity, name, naming) for name in wanted if name != title_field(entity.name)]


def label(entity: Entity, field: Field, naming: Naming) -> str:
    """What a column of a field is headed, in languages too that the questions to the assistant have no words for."""
    text = str(_(naming.label(entity, field)))
    return text[:1].upper() + text[1:]


def column(entity: Entity, name: str, naming: Naming) -> Column:
    """One column."""
    asked = entity.fields.get(name)
    if asked is None and (each := neighbours.find(entity, name)) is not None:
        return _beside(entity, each, naming)
    if asked is None:
        return Column(name, str(_COUNTED_LABELS[name]), "number", is_end=True)
    kind = _kind(entity, asked)
    is_end = kind in ("number", "money", "ago")
    return Column(name, label(entity, asked, naming), kind, name if asked.sort is not None else None, is_end)


def _beside(entity: Entity, each: Neighbour, naming: Naming) -> Column:
    """A column of a related record; its name leads to that record."""
    inner, heading = column(each.target, each.field.name, naming), naming.heading(each.target)
    sort = each.name if neighbours.sort_of(entity, each.name) is not None else None
    if each.field.name == title_field(each.target.name):
        return Column(each.name, heading, "record", sort)
    return replace(inner, name=each.name, label=f"{heading}: {inner.label}", sort=sort)


def _kind(entity: Entity, asked: Field) -> str:
    name = asked.name
    if name in ("updated_at", "created_at"):
        return "ago"
    if name == "tags":
        return "tags"
    if name in ("owner", "assignee", "author") or asked.target == "user":
        return "person"
    if name == "stage":
        return "stage"
    if name in ("email", "phone", "website", "domain"):
        return name
    if asked.target in _RECORDS or (name in _RECORDS and f"{name}_id" in entity.fields):
        return "record"
    if asked.type is FieldType.TEXT and name.startswith("custom."):
        return "website"  # a text that begins with https:// leads there
    return {FieldType.ENUM: "choice", FieldType.BOOL: "bool", FieldType.DATETIME: "moment"}.get(
        asked.type, asked.type.value
    )


# --- Cells


#: What a row shows of its record beside its cells, `name` being what it is called.
_OF_ROWS: dict[str, Select[*tuple[Any, ...]]] = {
    "company": select(Company.id, Company.deleted_at, Company.name, Company.domain),
    "contact": select(
        Contact.id, Contact.deleted_at,
        func.trim(Contact.first_name + " " + Contact.last_name, type_=String()).label("name"),
    ),
    "deal": select(
        Deal.id, Deal.deleted_at, Deal.name, Company.id.label("company_id"), Company.name.label("company_name"),
        Stage.name.label("stage_name"), Stage.type.label("stage_type"),
    ).join(Stage, Stage.id == Deal.stage_id).outerjoin(
        Company, and_(Company.id == Deal.company_id, Company.deleted_at.is_(None))
    ),
    "task": select(Task.id, Task.deleted_at, Task.title.label("name"), Task.status),
    "meeting": select(Meeting.id, Meeting.deleted_at, Meeting.title.label("name"), Meeting.status),
}  # fmt: skip


class Columns:
    """The columns of a list: what its rows have to be asked for, and what stands in their cells."""

    def __init__(self, entity: Entity, columns: Sequence[Column], naming: Naming) -> None:
        self.entity, self.shown, self.naming = entity, columns, naming
        self._drawn = [*columns]
        if entity.name in SECOND and all(c.name != SECOND[entity.name] for c in columns):
            self._drawn.append(column(entity, SECOND[entity.name], naming))
        fields = entity.fields
        asked = [fields[c.name] for c in self._drawn if c.name in fields and c.kind not in ("tags", "stage")]
        ends = [fields[f"{f.name}_id"] for f in asked if f"{f.name}_id" in fields and f.target is None]
        self._values = Values([*asked, *(end for end in ends if end.expression is not None)])

    @property
    def rows(self) -> Select[*tuple[Any, ...]]:
        """The rows of a page, to be narrowed to those; statements with it need a viewpoint's parameters."""
        return _OF_ROWS[self.entity.name].add_columns(*self._values.columns)

    def fetch(self, ids: Collection[int], viewpoint: Viewpoint) -> Sequence[Any]:
        """Rows by their ids, in no order."""
        found = self.rows.where(self.entity.model.id.in_(ids))
        return web.session().execute(found, viewpoint.parameters).all() if ids else []

    def cells(self, rows: Sequence[Any], viewpoint: Viewpoint) -> dict[int, dict[str, Cell]]:
        """`{id: {column name: cell}}` for the rows of a page, in a fixed number of questions."""
        type_name, main = self.entity.name, web.workspace().currency
        first = len(_OF_ROWS[type_name].selected_columns)
        ids = [row.id for row in rows]
        values = {row.id: self._values.read(row[first:], main_currency=main) for row in rows}
        draw = _Drawing(self.entity, self.naming, values, {row.id for row in rows if _is_open(type_name, row)})
        found: dict[int, dict[str, Cell]] = {id: {} for id in ids}
        beside = _cells_beside(self.entity, ids, self._drawn, viewpoint, self.naming)
        for each in self._drawn:
            if each.name in beside:
                drawn = beside[each.name]
            elif each.kind == "tags":
                drawn = tag_cells(type_name, ids)
            elif each.kind == "stage":
                drawn = {row.id: Cell(row.stage_name, tone=_STAGE_TONES[row.stage_type]) for row in rows}
            elif each.name in self.entity.fields:
                drawn = draw.column(each)
            else:
                drawn = _counts(each.name, ids)
            for id in ids:
                found[id][each.name] = drawn.get(id, NOTHING)
        return found


def name_of(type_name: str, row: Any, cells: Mapping[str, Cell]) -> str:
    """What a row is called, if need be by its second line."""
    return row.name or cells.get(SECOND.get(type_name, ""), NOTHING).text or _("Without a name")


def _cells_beside(
    entity: Entity, ids: Sequence[int], columns: Sequence[Column], viewpoint: Viewpoint, naming: Naming
) -> dict[str, dict[int, Cell]]:
    """`{column name: {id: cell}}` of the columns that stand in related records, drawn as in a list of those."""
    asked = {c.name: (c, each) for c in columns if (each := neighbours.find(entity, c.name)) is not None}
    found: dict[str, dict[int, Cell]] = {}
    for relation in dict.fromkeys(each.relation for _column, each in asked.values()):
        here = {name: (c, each) for name, (c, each) in asked.items() if each.relation == relation}
        target = next(each.target for _column, each in here.values())
        ends = neighbours.ends(web.session(), entity, relation, ids, viewpoint)
        inner = Columns(target, [replace(c, name=each.field.name) for c, each in here.values()], naming)
        rows = [row for row in inner.fetch(set(ends.values()), viewpoint) if row.deleted_at is None]
        drawn = inner.cells(rows, viewpoint)
        title = title_field(target.name)
        for row in rows:
            own = drawn[row.id]
            own[title] = Cell(name_of(target.name, row, own), f"/{_RECORDS[target.name]}/{row.id}")
        for name, (_column, each) in here.items():
            found[name] = {id: drawn[end][each.field.name] for id, end in ends.items() if end in drawn}
    return found


class _Drawing:
    """Values of fields as cells."""

    def __init__(
        self, entity: Entity, naming: Naming, values: Mapping[int, Mapping[str, Any]], still_open: set[int]
    ) -> None:
        self._entity, self._naming, self._values, self._open = entity, naming, values, still_open

    def column(self, each: Column) -> dict[int, Cell]:
        """The cells of one column that hold something."""
        asked = self._entity.fields[each.name]
        if asked.target is not None:
            return self._references(asked)
        given = {id: row[each.name] for id, row in self._values.items() if row.get(each.name) not in (None, "")}
        if each.kind == "record":
            return {id: self._named(each, value, self._values[id]) for id, value in given.items()}
        draw = cache(self._drawn(each, asked))  # a column has few different values
        drawn = {id: draw(value) for id, value in given.items()}
        if asked.is_open is None or asked.type is not FieldType.DATE:
            return drawn
        late = {id for id, value in given.items() if id in self._open and value < localization.today()}
        return {id: cell._replace(tone="late") if id in late else cell for id, cell in drawn.items()}

    def _references(self, asked: Field) -> dict[int, Cell]:
        ids = {id: row[asked.name] for id, row in self._values.items() if row.get(asked.name) is not None}
        if asked.target in _RECORDS:
            known = record_names.references(web.session(), [(asked.target or "", other) for other in ids.values()])
            refs = {id: known.get((asked.target or "", other)) for id, other in ids.items()}
            return {id: Cell(ref.name, ref.url or "") for id, ref in refs.items() if ref is not None}
        self._naming.look_up(asked, list(ids.values()))
        return {id: Cell(self._naming.name_of(asked, str(other))) for id, other in ids.items()}

    def _named(self, each: Column, value: Any, row: Mapping[str, Any]) -> Cell:
        other = row.get(f"{each.name}_id")
        return Cell(str(value), f"/{_RECORDS[each.name]}/{other}" if other else "")

    def _drawn(self, each: Column, asked: Field) -> Callable[[Any], Cell]:
        if each.kind == "choice" and asked.expression is not None:
            return partial(self._choice, each.name, asked)
        return drawing_of(each)

    def _choice(self, name: str, asked: Field, value: Any) -> Cell:
        label = choice_label(name, str(value)) or self._naming.choice(asked, str(value))
        return Cell(label, tone=_TONES.get(name, {}).get(str(value), "neutral"))


def drawing_of(each: Column) -> Callable[[Any], Cell]:
    """How plain values of a column become cells; to be asked once a column, as times are written as seen now."""
    if each.kind == "money":
        return lambda value: Cell(localization.money(value.amount_minor, value.currency))
    if each.kind == "number":
        return lambda value: Cell(localization.number(value if not isinstance(value, float) else round(value, 4)))
    if each.kind == "bool":
        yes = str(_("Yes"))
        return lambda value: Cell(yes if value else "")
    in_short, in_full = localization.times(as_distance=each.kind == "ago")

    def draw(value: Any) -> Cell:
        if isinstance(value, datetime):
            return Cell(in_short(value), iso=value.isoformat(), title=in_full(value))
        return Cell(localization.day(value), iso=value.isoformat()) if isinstance(value, date) else Cell(str(value))

    return draw


def _is_open(type_name: str, row: Any) -> bool:
    """Whether a deal or a task still has to be done."""
    if type_name == "deal":
        return row.stage_type is StageType.OPEN
    return type_name == "task" and row.status is TaskStatus.OPEN


def tag_cells(type_name: str, ids: Sequence[int]) -> dict[int, Cell]:
    """The tags of records, with their colours."""
    found = (
        select(Tagging.target_id, Tag.name, Tag.color)
        .join(Tag, Tag.id == Tagging.tag_id)
        .where(Tagging.target_type == type_name, Tagging.target_id.in_(ids), Tag.deleted_at.is_(None))
    )
    parts: dict[int, list[tuple[str, str]]] = {}
    for id, name, color in web.session().execute(found.order_by(Tag.name_key)):
        parts.setdefault(id, []).append((name, color))
    return {id: Cell(", ".join(name for name, _color in tags), parts=tuple(tags)) for id, tags in parts.items()}


_STAGE_TONES = {StageType.WON: "green", StageType.LOST: "red", StageType.OPEN: "blue"}


def _count_by(owner: Any, *conditions: Any) -> Prepared:
    counted = select(owner, func.count()).where(owner.in_(bindparam("ids", expanding=True)), *conditions)
    return Prepared(counted.group_by(owner))


_COUNTED = {
    "people": _count_by(Contact.company_id, Contact.deleted_at.is_(None)),
    "to_review": _count_by(Insight.meeting_id, Insight.status.in_(_OPEN), Insight.kind != Kind.SUMMARY),
}


def _counts(name: str, ids: Sequence[int]) -> dict[int, Cell]:
    """What is counted beside the records."""
    tone = "amber" if name == "to_review" else ""
    rows = _COUNTED[name].rows(web.session(), ids=list(ids))
    return {id: Cell(localization.number(count), tone=tone) for id, count in rows}
