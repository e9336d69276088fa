"""A plan as the address of the list that shows the same rows, and conditions as text for one parameter of it.

Simple conditions become `field=value` and `field[op]=value`, so that the page's own filters show them; what those
cannot say stands in `where`, as compact JSON of the node.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from pydantic import TypeAdapter, ValidationError

from shared.errors import Invalid
from shared.query.checking import check_node
from shared.query.fields import ENTITIES
from shared.query.metrics import metric_of
from shared.query.plan import MAX_DEPTH, MAX_ROWS, And, Cmp, Node, Not, Or, Plan, Related, Search
from shared.query.relations import RELATIONS
from shared.query.types import Entity
from shared.query.values import ME

#: Where the CRM lists a type.
PATHS = {
    "company": "/companies", "contact": "/contacts", "deal": "/deals", "task": "/tasks", "note": "/notes",
    "meeting": "/meetings",
}  # fmt: skip

#: What has no list of its own, by the records that have one and their relation to it: insights by their meetings.
_BY = {
    "insight": ("meeting", "insights"), "role": ("contact", "roles"), "move": ("deal", "moves"),
    "employment": ("contact", "employments"),
}  # fmt: skip

DEFAULT_LIMIT = 50
#: Servers refuse longer request lines; a plan that needs more has no link.
_LONGEST = 3800
#: Of the JSON in `where`.
LONGEST_WHERE = 6000

_NODE: TypeAdapter[Node] = TypeAdapter(Node)


def href(plan: Plan, entities: Mapping[str, Entity] = ENTITIES, *, user_id: int | None = None) -> str:
    """Path and query of the CRM's list of what a plan is about; empty where there is no such list.

    `me` becomes the user's id if given: the link is then about them, whoever follows it.
    """
    if plan.from_ in _BY:
        return _by_their_records(plan, entities, user_id)
    if plan.from_ not in PATHS:
        return ""
    entity = entities[plan.from_]
    parts = [*_parts(plan.where), *([Search(q=plan.q.strip())] if plan.q.strip() else [])]
    words = next((part for part in parts if isinstance(part, Search)), None)  # the first stand in the list's box
    rest_of = [part for part in parts if part is not words]
    measured = [part for part in _of_metrics(entity, plan) if part not in rest_of]
    args, rest = _split(entity, [*rest_of, *measured], user_id)
    if entity.name == "task" and not any(name.startswith("status") for name in args):
        args["status[in]"] = "open,done"  # else the page shows the open ones
    if rest:
        args["where"] = dump(rest[0] if len(rest) == 1 else And(of=tuple(rest)))
    if words is not None:
        args["q"] = words.q
    if not plan.is_measured:
        args |= _ordered(plan)
    return _address(PATHS[entity.name], args)


def args_of(entity: Entity, node: Node | None) -> dict[str, str]:
    """A condition as the parameters of an address; `lists.parse` reads it again."""
    args, rest = _split(entity, list(_parts(node)), None)
    if rest:
        args["where"] = dump(rest[0] if len(rest) == 1 else And(of=tuple(rest)))
    return args


def _by_their_records(plan: Plan, entities: Mapping[str, Entity], user_id: int | None) -> str:
    """The meetings in which such insights were had, the people who have such roles, …"""
    owner, relation = _BY[plan.from_]
    where = None if plan.where is None else _without_me(entities[plan.from_], plan.where, user_id)
    if plan.q.strip() or (where is not None and _depth(where) >= MAX_DEPTH):
        return ""
    return _address(PATHS[owner], {"where": dump(Related(relation=relation, where=where))})


def _address(path: str, args: dict[str, str]) -> str:
    found = f"{path}?{urlencode(args)}" if args else path
    return found if len(found) <= _LONGEST else ""


def _parts(node: Node | None) -> Iterator[Node]:
    if isinstance(node, And):
        yield from node.of
    elif node is not None:
        yield node


def _of_metrics(entity: Entity, plan: Plan) -> Iterator[Node]:
    """The rows a measure looks at; of several measures those they have in common."""
    asked = [metric_of(entity, measure).filters for measure in plan.measures]
    for field, values in asked[0] if asked and all(filters == asked[0] for filters in asked) else ():
        several = tuple(values.split(","))
        yield Cmp(field=field, op="in" if len(several) > 1 else "eq", values=several)


def _split(entity: Entity, parts: list[Node], user_id: int | None) -> tuple[dict[str, str], list[Node]]:
    """Conditions as parameters, and those that cannot be."""
    args: dict[str, str] = {}
    rest: list[Node] = []
    for part in parts:
        part = _without_me(entity, part, user_id)
        name = _parameter(part) if isinstance(part, Cmp) else ""
        if not isinstance(part, Cmp) or name in args or not _fits(part):
            rest.append(part)
        else:
            args[name] = ",".join(part.values)
    return args, rest


def _parameter(node: Cmp) -> str:
    return node.field if node.op == "eq" else f"{node.field}[{node.op}]"


def _fits(node: Cmp) -> bool:
    """Whether the values come back from an address as they were."""
    if node.op in ("in", "not_in"):
        return all(value and value == value.strip() and "," not in value for value in node.values)
    return node.values[0] != ""


def _ordered(plan: Plan) -> dict[str, str]:
    args: dict[str, str] = {}
    if plan.order:
        args["sort"] = ("-" if plan.order[0].descending else "") + plan.order[0].by
    limit = min(plan.skip + plan.limit, MAX_ROWS)  # a list begins with the first
    if limit != DEFAULT_LIMIT:
        args["limit"] = str(limit)
    return args


def _without_me(entity: Entity, node: Node, user_id: int | None) -> Node:
    """A condition with the user in place of `me`."""
    if user_id is None:
        return node
    if isinstance(node, Cmp):
        if entity.fields[node.field].target != "user" or ME not in node.values:
            return node
        values = tuple(str(user_id) if value == ME else value for value in node.values)
        return node.model_copy(update={"values": values})
    if isinstance(node, And | Or):
        return node.model_copy(update={"of": tuple(_without_me(entity, part, user_id) for part in node.of)})
    if isinstance(node, Not):
        return Not(node=_without_me(entity, node.node, user_id))
    if isinstance(node, Search) or node.where is None:
        return node
    target = (entity.beside or ENTITIES)[RELATIONS[entity.name][node.relation].target]
    return node.model_copy(update={"where": _without_me(target, node.where, user_id)})


# --- Conditions as text


def dump(node: Node) -> str:
    """A condition as compact JSON; `load` reads it again."""
    return json.dumps(_plain(node), ensure_ascii=False, separators=(",", ":"))


def _plain(node: Node) -> dict[str, Any]:
    if isinstance(node, Cmp):
        op = {} if node.op == "eq" else {"op": node.op}
        return {"type": "cmp", "field": node.field, **op, "values": list(node.values)}
    if isinstance(node, And | Or):
        return {"type": node.type, "of": [_plain(part) for part in node.of]}
    if isinstance(node, Not):
        return {"type": "not", "node": _plain(node.node)}
    if isinstance(node, Search):
        return {"type": "search", "q": node.q}
    absent = {"absent": True} if node.absent else {}
    counts = {"at_least": node.at_least, "at_most": node.at_most, "distinct": node.distinct}
    where = {} if node.where is None else {"where": _plain(node.where)}
    given = {name: value for name, value in counts.items() if value is not None}
    return {"type": "related", "relation": node.relation, **absent, **given, **where}


def load(entity: Entity, text: str) -> Node:
    """A condition on records of a type, checked. Raises ValueError with a sentence."""
    node = read(text)
    try:
        check_node(entity, node)
    except Invalid as error:
        raise ValueError(error.detail) from None
    return node


def read(text: str) -> Node:
    """A condition as it is written, whatever it names. Raises ValueError with a sentence."""
    n, most = len(text), LONGEST_WHERE
    if n > most:
        raise ValueError(
            f"These conditions are too long: {n} characters, and {most} are the most. "
            "Name fewer values, or make two lists of them."
        )
    try:
        given = json.loads(text)
        if _levels(given) > 4 * MAX_DEPTH:
            raise ValueError("too deep")
        return _NODE.validate_python(given)
    except (ValueError, RecursionError, ValidationError):
        raise ValueError("This is not a condition of the query language (docs/query.md).") from None


def _levels(value: Any) -> int:
    """How deep JSON is nested; more than a thousand levels have failed to parse before."""
    found, layer = 0, [value]
    while layer:
        found += 1
        layer = [inner for outer in layer if isinstance(outer, dict | list) for inner in _inside(outer)]
    return found


def _inside(value: dict[str, Any] | list[Any]) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value


def _depth(node: Node) -> int:
    if isinstance(node, And | Or):
        return 1 + max(_depth(part) for part in node.of)
    if isinstance(node, Not):
        return 1 + _depth(node.node)
    if isinstance(node, Related) and node.where is not None:
        return 1 + _depth(node.where)
    return 1
