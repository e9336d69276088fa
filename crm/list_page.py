"""A list as a page shows it: tabs of saved views, columns, rows, groups and sums, for an address that was read
(`crm.list_address`)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from flask import request
from flask_babel import gettext as _

from crm import list_address, list_columns, listing, localization, record_names, web
from crm.list_address import GROUP_ROWS, Asked
from crm.list_columns import Column
from crm.list_rows import Rows
from crm.record_labels import choice_label
from crm.record_names import Reference
from shared import search
from shared.models import SavedView
from shared.query import catalog, groups, lists
from shared.query.fields import Entity, FieldType
from shared.query.groups import Head, Heads
from shared.query.lists import ListQuery, Page
from shared.records import shifting, view_states, views

#: Groups that come at a time, the most on a page, and those drawn open at once.
_GROUPS, _MOST_GROUPS, _OPENED = 50, 1_000, 20
#: A group in `opened`: how many of its rows are shown, if more than come at a time, and the group.
_OPEN = re.compile(r"(?:(\d{1,3})~)?(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Opened:
    """A group on the page: its head, and its rows if it stands open."""

    head: Head
    sums: dict[str, str]
    page: Page | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """What the template draws."""

    columns: Sequence[Column]
    rows: Rows
    title: Column
    groups: Sequence[Opened] = ()
    skipped: int = 0  # groups before these
    groups_in_all: int = 0
    records: int | None = None  # in all groups
    sums: dict[str, str] = field(default_factory=dict)
    has_days: bool = False  # that can be put off for many

    @property
    def upto(self) -> int:
        """How many groups there are up to the last that is shown."""
        return self.skipped + len(self.groups)

    @property
    def more(self) -> dict[str, int | None]:
        """What the address of the page with more groups says: that of these and the next ones, as long as one has room
        for them."""
        is_full = len(self.groups) + _GROUPS > _MOST_GROUPS
        return {"groups": self.upto + _GROUPS, "after": self.upto if is_full else self.skipped or None}


@dataclass(frozen=True, slots=True)
class ViewTab:
    """A view as the bar above the list offers it."""

    view: SavedView
    href: str
    is_current: bool
    is_pinned: bool
    is_default: bool


#: Records that are offered where words found nothing, and the score from which one has all the words (`search.Hit`).
_MEANT, _HAS_ALL = 3, 0.5


def meant(query: ListQuery) -> Sequence[Reference]:
    """What the words of a list that found nothing may mean, a slip or two away. Nothing where a record has the words,
    and other filters keep it out."""
    hits = search.find(web.session(), query.q, types=[query.type], limit=_MEANT)
    if not hits or hits[0].score > _HAS_ALL:
        return ()
    named = record_names.references(web.session(), [(hit.type, hit.id) for hit in hits])
    return [named[hit.type, hit.id] for hit in hits if (hit.type, hit.id) in named]


def tabs(type_name: str, current: SavedView | None) -> list[ViewTab]:
    """The views of a type that this person sees."""
    session, user = web.session(), list_address.person()
    chosen = views.choices(session, user)
    return [
        ViewTab(
            view, list_address.href_of(view), view is current,
            view.id in chosen and chosen[view.id].is_pinned, view.id in chosen and chosen[view.id].is_default,
        )
        for view in views.visible(session, user, type_name)
    ]  # fmt: skip


def pinned() -> list[tuple[SavedView, str]]:
    """Views in the sidebar with their addresses; a template global."""
    if web.find_user() is None:
        return []
    return [(view, list_address.href_of(view)) for view in views.pinned(web.session(), list_address.person())]


def context(asked: Asked, query: ListQuery, found: Page, editable: Collection[str]) -> dict[str, Any]:
    """What `records/list.html` needs beside the page of rows. `editable`: columns whose cells are changed in place."""
    if asked.is_piece:
        return {"asked": asked, "table": _table(asked, query, found, editable)}
    table = _table(asked, query, found, editable)
    if table is not None and table.records is not None:
        found = replace(found, total=table.records)
    is_changed = asked.view is not None and not asked.state.is_same(view_states.load(web.session(), asked.view)[0])
    return {
        "asked": asked,
        "found": found,
        "view": asked.view,
        "view_changed": is_changed or bool(asked.view is not None and asked.gone),
        "may_change_view": asked.view is not None and views.may_change(list_address.person(), asked.view),
        "view_tabs": tabs(query.type, asked.view),
        "table": table,
        "group_choices": group_choices(query.type),
        "filtered": asked.is_filtered,
        "chips": listing.chips(asked.plain),
    }


def group_choices(type_name: str) -> tuple[tuple[str, str], ...]:
    """What a list can be grouped by, with its label."""
    key = "group choices", type_name, localization.locale().language
    return tuple(web.session().cached(key, lambda: _group_choices(type_name)))


def _group_choices(type_name: str) -> list[tuple[str, str]]:
    entity, naming = catalog(web.session())[type_name], list_address.naming()
    found: list[tuple[str, str]] = []
    for name, asked in entity.fields.items():
        if not view_states.can_group(entity, name):
            continue
        label = list_columns.label(entity, asked, naming)
        if asked.type in (FieldType.DATE, FieldType.DATETIME):
            found += [(f"{name}:month", _("%(field)s by month", field=label))]
            found += [(f"{name}:quarter", _("%(field)s by quarter", field=label))]
        else:
            found.append((name, label))
    return sorted(found, key=lambda pair: pair[1].casefold())


def run(asked: Asked, query: ListQuery) -> Page:
    """The rows of the page, of a table only what it shows of them; a grouped list has its rows in its groups."""
    if asked.group is not None and not asked.is_piece:
        counted = listing.run(replace(query, limit=1, with_total=True)).total if _is_shared(asked) else None
        return Page([], None, counted)
    return _rows(asked, replace(query, with_total=query.with_total and not asked.is_piece))


def _rows(asked: Asked, query: ListQuery) -> Page:
    return listing.run(query, shown=asked.columns.rows if asked.columns is not None else None)


def _is_shared(asked: Asked) -> bool:
    """Whether a record may stand in several groups: by its tags."""
    field = catalog(web.session())[asked.query.type].fields[asked.group.field] if asked.group is not None else None
    return field is not None and field.expression is None


def _table(asked: Asked, query: ListQuery, found: Page, editable: Collection[str]) -> Table | None:
    """The table: its columns, and groups or rows with their cells."""
    if asked.columns is None:
        return None
    session, viewpoint = web.session(), listing.viewpoint()
    entity, columns, naming = asked.columns.entity, asked.columns.shown, asked.columns.naming
    title = list_columns.column(entity, list_columns.title_field(query.type), naming)
    sums = summed(entity, columns)
    opened: list[Opened] = []
    heads = Heads([], 0, None)
    totals: dict[str, Any] = {}
    skipped, first = _window()
    if asked.group is not None and not asked.is_piece:
        heads = groups.heads(session, query, asked.group, sums, viewpoint, naming, skip=skipped, first=first)
        for head in heads.shown:
            head.name = choice_label(asked.group.field, str(head.key)) or head.name
        open_rows = _open_rows(heads.shown[: 0 if skipped else 1])
        opened = [_opened(asked, query, head, open_rows.get(head.part)) for head in heads.shown]
        if heads.records is None or len(heads.shown) < heads.number:
            totals = groups.totals(session, query, sums, viewpoint)
        for name in () if totals else sums:
            for head in heads.shown:
                totals[name] = groups.add(totals.get(name), head.sums.get(name))
    elif sums and not asked.is_piece and query.cursor is None:
        totals = groups.totals(session, query, sums, viewpoint)
    rows = [*found.items, *(row for group in opened if group.page for row in group.page.items)]
    cells = asked.columns.cells(rows, viewpoint)
    drawing = Rows(query.type, columns, cells, editable, _address_of_row)
    has_days = bool(shifting.fields(web.session(), query.type))
    said = _said(totals)
    return Table(columns, drawing, title, opened, skipped, heads.number, heads.records, said, has_days)


def _window() -> tuple[int, int]:
    """How many groups stand before those that are asked for, and how many are shown: up to the one of that number."""
    after = _number("after")
    return after, min(max(_number("groups") - after, _GROUPS), _MOST_GROUPS)


def _number(name: str) -> int:
    given = request.args.get(name, "")
    return int(given[:9]) if given.isascii() and given.isdecimal() else 0


def _open_rows(usual: Sequence[Head]) -> dict[str, int]:
    """The groups that stand open, by how many rows of them are shown."""
    if "opened" not in request.args:
        return {head.part: GROUP_ROWS for head in usual}
    named = [_OPEN.fullmatch(text) for text in request.args.getlist("opened")[:_OPENED]]
    rows = {match[2]: int(match[1] or 0) for match in named if match}
    return {part: min(max(count, GROUP_ROWS), lists.MAX_LIMIT) for part, count in rows.items()}


def _address_of_row(id: int) -> str:
    """This list, narrowed to one of its rows."""
    args = [pair for pair in request.args.items(multi=True) if pair[0] not in ("cursor", "part", "row")]
    return f"{request.path}?{urlencode([*args, ('row', str(id))])}"


def summed(entity: Entity, columns: Sequence[Column]) -> list[str]:
    """The columns that are added up."""
    asked = [entity.fields[c.name] for c in columns if c.name in entity.fields]
    money = [f.name for f in asked if f.type is FieldType.MONEY]
    numbers = [f.name for f in asked if f.type is FieldType.NUMBER and f.name.startswith("custom.")]
    return [*money, *numbers][:4]


def _opened(asked: Asked, query: ListQuery, head: Head, rows: int | None) -> Opened:
    assert asked.group is not None
    page = None
    if rows is not None:
        entity = catalog(web.session())[query.type]
        node = groups.part_of(entity, asked.group, head.part, listing.viewpoint())
        page = _rows(asked, replace(list_address.narrowed(query, node, limit=rows), with_total=False, cursor=None))
    return Opened(head, _said(head.sums), page)


def _said(sums: dict[str, Any]) -> dict[str, str]:
    return {name: _sum(value) for name, value in sums.items() if value is not None}


def _sum(value: Any) -> str:
    if isinstance(value, list):
        return " · ".join(_sum(part) for part in value)
    if hasattr(value, "currency"):
        return localization.money(value.amount_minor, value.currency)
    return localization.number(round(value, 2) if isinstance(value, float) else value)
