"""What a list asks for and how it looks, as an address says it and as a saved view keeps it.

What is compared for "unsaved changes" are two states. A view may outlive a custom field: what named it is left out.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from shared.errors import Invalid
from shared.models import FieldDefinition, SavedView
from shared.query import catalog, conditions, linking, lists, neighbours
from shared.query.catalog import PREFIX
from shared.query.fields import Entity, FieldType
from shared.query.lists import ListQuery
from shared.query.plan import And, Cmp, Node, Not, Or, Related, Search, joined, parts_of
from shared.query.relations import RELATIONS
from shared.tenancy import TenantSession

#: Parameters of an address that say how a list looks, beside those of `lists.parse`.
LOOKS = ("columns", "by")


@dataclass(frozen=True, slots=True)
class State:
    """What a list asks for and how it looks. No columns: the list's own. `group` is a field, `field:month` for days."""

    columns: tuple[str, ...] = ()
    where: Node | None = None
    q: str = ""
    sort: str = ""
    group: str = ""

    def args(self, entity: Entity) -> dict[str, str]:
        """As the parameters of an address."""
        rest = {"q": self.q, "sort": self.sort, "columns": ",".join(self.columns), "by": self.group}
        return linking.args_of(entity, self.where) | {name: value for name, value in rest.items() if value}

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        where = None if self.where is None else json.loads(linking.dump(self.where))
        return {"columns": list(self.columns), "where": where, "q": self.q, "sort": self.sort, "group": self.group}

    def is_same(self, other: State) -> bool:
        """Whether both show the same; conditions side by side may stand in any order."""
        return _ordered(self) == _ordered(other)


def _ordered(state: State) -> tuple[Any, ...]:
    parts = sorted(linking.dump(part) for part in parts_of(state.where))
    return (state.columns, parts, state.q.strip(), state.sort, state.group)


def state_of(query: ListQuery, *, columns: Sequence[str] = (), group: str = "") -> State:
    """The state a list's address says."""
    asked = [Cmp.model_validate({"field": f.field, "op": f.op, "values": f.values}) for f in query.filters]
    return State(tuple(columns), joined([*asked, *parts_of(query.where)]), query.q, query.sort, group)


# --- Fields that are no longer there


def forgive(entity: Entity, args: Mapping[str, Sequence[str]]) -> tuple[dict[str, list[str]], list[str]]:
    """An address without what custom fields that are gone took part in, and their names.

    Everything else that is wrong stays, to be refused.
    """
    gone: dict[str, None] = {}
    kept: dict[str, list[str]] = {}
    for name, values in args.items():
        field = name.partition("[")[0]
        if name == "where" and values and (found := _forgiven(entity, values[-1], gone)) is not None:
            kept |= {"where": [found]} if found else {}
        elif name in ("sort", "by", "columns"):
            wanted = [part for value in values for part in value.split(",")]
            left = [part for part in wanted if not _is_gone(entity, part.strip("-").partition(":")[0], gone)]
            kept |= {name: [",".join(left)]} if any(left) else {}
        elif not _is_gone(entity, field, gone):
            kept[name] = list(values)
    return kept, list(gone)


def parse(
    session: TenantSession, type_name: str, given: Mapping[str, Sequence[str]], *, ignore: Collection[str]
) -> tuple[ListQuery, list[str]]:
    """What an address asks for as its page reads it, `forgive`n; with the names of what is gone."""
    known = catalog(session)
    args, gone = forgive(known[type_name], given)
    return lists.parse(type_name, args, known, ignore=ignore), called(session, gone)


def called(session: TenantSession, keys: Sequence[str]) -> list[str]:
    """What people called the custom fields of these keys; one that is gone for good is known by its key alone."""
    if not keys:
        return []
    asked = select(FieldDefinition.key, FieldDefinition.label).where(FieldDefinition.key.in_(keys))
    labels = {row.key: row.label for row in session.execute(asked.order_by(FieldDefinition.id))}
    return [labels.get(key, key) for key in keys]


def _is_gone(entity: Entity, name: str, gone: dict[str, None]) -> bool:
    _before, is_own, key = name.rpartition(PREFIX)  # "custom.tier", or "company.custom.tier" of a related record
    is_gone = bool(is_own) and name not in entity.fields and neighbours.find(entity, name) is None
    if is_gone:
        gone[key] = None
    return is_gone


def _forgiven(entity: Entity, text: str, gone: dict[str, None]) -> str | None:
    """None: it is not readable at all."""
    try:
        node = linking.read(text)
    except ValueError:
        return None
    left = pruned(entity, node, gone)
    return linking.dump(left) if left is not None else ""


def pruned(entity: Entity, node: Node, gone: dict[str, None]) -> Node | None:
    """A condition without the parts that ask custom fields that are gone, or values these no longer have."""
    if isinstance(node, Cmp):
        return None if _is_gone(entity, node.field, gone) or _has_lost(entity, node, gone) else node
    if isinstance(node, And | Or):
        left = [part for part in (pruned(entity, part, gone) for part in node.of) if part is not None]
        return node.model_copy(update={"of": tuple(left)}) if left else None
    if isinstance(node, Not):
        inner = pruned(entity, node.node, gone)
        return None if inner is None else Not(node=inner)
    if isinstance(node, Search):
        return node
    return _pruned_relation(entity, node, gone)


def _pruned_relation(entity: Entity, node: Related, gone: dict[str, None]) -> Node | None:
    relation = RELATIONS.get(entity.name, {}).get(node.relation)
    if node.where is None or relation is None or entity.beside is None:
        return node
    inner = pruned(entity.beside[relation.target], node.where, gone)
    return None if inner is None else node.model_copy(update={"where": inner})


def _has_lost(entity: Entity, node: Cmp, gone: dict[str, None]) -> bool:
    """Whether a custom field's option or type is another by now."""
    if not node.field.startswith(PREFIX):
        return False
    try:
        conditions.check(entity.fields[node.field], node.op, node.values)
    except ValueError:
        gone[node.field.removeprefix(PREFIX)] = None
        return True
    return False


def load(session: TenantSession, view: SavedView) -> tuple[State, list[str]]:
    """What a view says today, and the custom fields it names that are gone."""
    entity, stored = catalog(session)[view.record_type], view.state
    gone: dict[str, None] = {}
    where = stored.get("where")
    node = None if where is None else pruned(entity, linking.read(json.dumps(where)), gone)
    sort, group = str(stored.get("sort", "")), str(stored.get("group", ""))
    columns = [name for name in stored.get("columns", ()) if not _is_gone(entity, name, gone)]
    state = State(
        tuple(columns), node, str(stored.get("q", "")),
        "" if _is_gone(entity, sort.removeprefix("-"), gone) else sort,
        "" if _is_gone(entity, group.partition(":")[0], gone) else group,
    )  # fmt: skip
    return state, list(gone)


# --- Checking


_GRANULARITIES = ("day", "week", "month", "quarter", "year")
#: What a list is grouped by: what has few values, or days.
_GROUPED = (FieldType.ENUM, FieldType.REF, FieldType.BOOL, FieldType.DATE, FieldType.DATETIME)
_GROUPED_TEXTS = ("industry", "city", "region", "country", "source", "currency", "lost_reason", "language", "engine")


def can_group(entity: Entity, name: str) -> bool:
    """Whether a list may be grouped by a field."""
    field = entity.fields.get(name)
    if field is None or name == "id":
        return False
    if field.expression is None:  # in each of its groups, where a record has several values
        return field.via is not None and (name == "tags" or field.type is FieldType.ENUM)
    is_custom_text = name.startswith(PREFIX) and field.type is FieldType.TEXT
    return field.type in _GROUPED or name in _GROUPED_TEXTS or is_custom_text


def check_looks(entity: Entity, columns: Iterable[str], group: str, *, extra: Iterable[str] = ()) -> None:
    """Raises Invalid for columns that are none, or a group that makes none."""
    wrong = [name for name in columns if name not in extra and not _is_column(entity, name)]
    if wrong:
        raise Invalid.field("columns", f"A {entity.name} has no column “{wrong[0][:60]}”.")
    name, _colon, granularity = group.partition(":")
    if not group:
        return
    if not can_group(entity, name):
        raise Invalid.field("by", f"A list of type {entity.name} is not grouped by “{name[:60]}”.")
    is_dated = entity.fields[name].type in (FieldType.DATE, FieldType.DATETIME)
    if granularity and (not is_dated or granularity not in _GRANULARITIES):
        raise Invalid.field("by", f"“{group[:80]}” is no way to group.")


def _is_column(entity: Entity, name: str) -> bool:
    field = entity.fields.get(name)
    return neighbours.find(entity, name) is not None if field is None else field.selected is not None


#: Columns that are counted beside the record, by type; `crm.list_columns` fills them.
COUNTED = {"company": ("people",), "meeting": ("to_review",)}


def checked(session: TenantSession, type_name: str, given: Mapping[str, Any]) -> State:
    """A state from unvalidated JSON. Raises Invalid naming what is wrong."""
    entity = catalog(session)[type_name]
    state = State(
        tuple(given.get("columns") or ()), None, str(given.get("q") or ""), str(given.get("sort") or ""),
        str(given.get("group") or ""),
    )  # fmt: skip
    args: dict[str, list[str]] = {name: [value] for name, value in state.args(entity).items() if name not in LOOKS}
    if given.get("where") is not None:
        args["where"] = [json.dumps(given["where"])]
    query = lists.parse(type_name, args, catalog(session))
    check_looks(entity, state.columns, state.group, extra=COUNTED.get(type_name, ()))
    return replace(state, where=query.where)
