"""The address of a list read: what it asks for, the saved view it belongs to, its columns and groups.

The address says everything: filters as in REST, `columns=`, `by=` (a field to group by), `groups=` (how many of them
are shown), `opened=` (those that stand open, if not the first alone), `saved=` (the view it was opened from; `0` is
none). An address that names a view and nothing else leads to the one that says it all: a copied link shows the same to
whoever may not see the view.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import redirect, request
from flask_babel import gettext as _
from werkzeug import Response

from crm import list_columns, listing, localization, web
from crm.list_columns import Columns
from shared.accounts.permissions import Scope
from shared.errors import NotFound
from shared.models import SavedView
from shared.query import catalog, groups, lists
from shared.query.fields import Entity
from shared.query.linking import PATHS
from shared.query.lists import ListQuery
from shared.query.naming import Naming
from shared.query.plan import Cmp, Group, joined, parts_of
from shared.records import view_states, views
from shared.records.view_states import State
from shared.records.views import Person
from shared.schemas.ids import id_of

Narrow = Callable[[ListQuery], ListQuery]
#: Rows of an open group.
GROUP_ROWS = 25
#: Those that say how a list looks.
LOOKS = frozenset({"saved", "columns", "by", "part", "row", "groups", "after", "opened"})
#: All parameters that no view keeps.
IGNORED = LOOKS | {"view", "cursor", "deleted", "limit", "total", "group"}


@dataclass(frozen=True, slots=True)
class Asked:
    """An address read: `query` is the list, `plain` what the address itself says of it, `part` the group of which rows
    are wanted, `row` the one row; `columns` are there where the list is a table."""

    query: ListQuery
    plain: ListQuery
    state: State
    view: SavedView | None = None
    gone: Sequence[str] = ()
    group: Group | None = None
    part: str = ""
    row: str = ""
    columns: Columns | None = None

    @property
    def is_piece(self) -> bool:
        """Whether rows alone are wanted, for a table that is there."""
        return bool(self.part or self.row)

    @property
    def is_filtered(self) -> bool:
        return bool(self.plain.q or self.plain.filters or self.plain.where)


def person() -> Person:
    """The signed-in user, as views ask who it is."""
    return Person(web.current_user.id, web.can(Scope.RECORDS_WRITE), web.can(Scope.RECORDS_MANAGE))


def read(type_name: str, *, ignore: Collection[str] = (), narrow: Narrow = lambda query: query) -> Asked | Response:
    """What is asked for, or where to go instead: to what a view stands for. `narrow` is what a type adds of itself."""
    session, user = web.session(), person()
    given = request.args.to_dict(flat=False)
    if not given and (view := views.default(session, user, type_name)) is not None:
        return redirect(href_of(view), 302)
    saved = next(iter(given.pop("saved", [])), "0")
    view = _named(type_name, saved)
    if saved != "0" and not given:
        if view is None:
            raise NotFound(_("There is no such view, or it is somebody’s own."))
        return redirect(href_of(view), 302)
    return _asked(type_name, given, view, ignore, narrow)


def _named(type_name: str, saved: str) -> SavedView | None:
    id = id_of(saved)
    if id is None:
        return None
    return next((v for v in views.visible(web.session(), person(), type_name) if v.id == id), None)


def _asked(
    type_name: str, given: dict[str, list[str]], view: SavedView | None, ignore: Collection[str], narrow: Narrow
) -> Asked:
    session = web.session()
    entity = catalog(session)[type_name]
    args, gone = view_states.forgive(entity, given)
    if view is not None:
        gone = list(dict.fromkeys([*gone, *view_states.load(session, view)[1]]))
    plain = lists.parse(type_name, args, catalog(session), ignore={*ignore, *LOOKS})
    columns = [name for value in args.get("columns", []) for name in value.split(",") if name]
    by = _one(args, "by")
    view_states.check_looks(entity, columns, by, extra=view_states.COUNTED.get(type_name, ()))
    state = usual(type_name, view_states.state_of(plain, columns=columns, group=by))
    group = groups.group_of(entity, by) if by else None
    query = narrow(plain)
    shown = _columns(entity, state) if _is_table(type_name, state) else None
    asked = Asked(query, plain, state, view, view_states.called(session, gone), group, columns=shown)
    if group is not None and (part := _one(args, "part")):
        node = groups.part_of(entity, group, part, listing.viewpoint())
        limit = GROUP_ROWS if "limit" not in args else query.limit
        return replace(asked, part=part, query=narrowed(query, node, limit=limit))
    if (row := _one(args, "row")).isascii() and row.isdecimal():
        return replace(asked, row=row, query=narrowed(query, Cmp(field="id", values=(row[:9],))))
    return asked


def _is_table(type_name: str, state: State) -> bool:
    """Whether the list is drawn as a table; notes never are, tasks where columns or groups are asked for."""
    if type_name == "task":
        return bool(state.columns or state.group)
    return type_name in list_columns.DEFAULTS


def _columns(entity: Entity, state: State) -> Columns:
    said = naming()
    return Columns(entity, list_columns.chosen(entity, state.columns, said), said)


def _one(args: dict[str, list[str]], name: str) -> str:
    return next(iter(args.get(name, [])), "")


def usual(type_name: str, state: State) -> State:
    """A state in its shortest form: what a list has of itself is the same as nothing said. (Tasks have a table only
    where columns are named.)"""
    is_own = state.columns == list_columns.DEFAULTS.get(type_name) and type_name != "task"
    is_default = state.sort == catalog(web.session())[type_name].default_sort
    return replace(state, columns=() if is_own else state.columns, sort="" if is_default else state.sort)


def narrowed(query: ListQuery, node: Any, *, limit: int | None = None) -> ListQuery:
    """The same list with one more condition."""
    where = joined([*parts_of(query.where), node])
    return replace(query, where=where, limit=limit or query.limit)


def href_of(view: SavedView) -> str:
    """The address that says all of what a view stands for. `sort` always stands there: it marks an address as whole."""
    state, _gone = view_states.load(web.session(), view)
    entity = catalog(web.session())[view.record_type]
    args = {"saved": str(view.id), "sort": entity.default_sort, **state.args(entity)}
    return f"{PATHS[view.record_type]}?{urlencode(args)}"


def naming() -> Naming:
    locale = localization.locale()
    return Naming(web.session(), listing.viewpoint(), locale.language, str(locale))
