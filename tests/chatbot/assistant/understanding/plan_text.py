"""Plans as one line, so that tables of questions can be read: `deal[stage_type=open, amount>20000] count by stage`.

Ids are shown as the records' names.
"""

from __future__ import annotations

from collections.abc import Mapping

from shared.query.plan import And, Cmp, Measure, Node, Not, Or, Plan, Related, Search

_SIGNS = {"eq": "=", "ne": "!=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "in": " in ", "not_in": " not in "}

#: (record type, id) → name
Names = Mapping[tuple[str, str], str]


def line_of(plan: Plan | None, names: Names) -> str:
    """The plan in a line; what is left at its default is left out."""
    if plan is None:
        return "nothing"
    parts = [plan.from_ + _conditions(plan.where, plan.from_, names)]
    if plan.q:
        parts.append(f"“{plan.q}”")
    parts += [_measure(measure) for measure in plan.measures]
    if plan.group:
        parts.append("by " + ", ".join(g.field + (f"/{g.granularity}" if g.granularity else "") for g in plan.group))
    if plan.fields:
        parts.append("-> " + ", ".join(plan.fields))
    if plan.order:
        parts.append("order " + ", ".join(("-" if o.descending else "") + o.by for o in plan.order))
    parts += [f"having {_SIGNS[bound.op]}{bound.value:g}{bound.currency or ''}" for bound in plan.having]
    if plan.limit != 50:
        parts.append(f"top {plan.limit}")
    if plan.skip:
        parts.append(f"after {plan.skip}")
    if plan.versus:
        parts.append(f"{plan.versus.kind} to {_conditions(plan.versus.where, plan.from_, names) or 'all'}")
    return " ".join(parts)


def _measure(measure: Measure) -> str:
    return measure.metric or f"{measure.aggregate}({measure.field or ''})"


def _conditions(node: Node | None, entity: str, names: Names) -> str:
    if node is None:
        return ""
    parts = node.of if isinstance(node, And) else (node,)
    return "[" + ", ".join(sorted(_condition(part, entity, names) for part in parts)) + "]"


def _condition(node: Node, entity: str, names: Names) -> str:
    if isinstance(node, Search):
        return f"“{node.q}”"
    if isinstance(node, Cmp):
        return _comparison(node, entity, names)
    if isinstance(node, Related):
        inner = node.relation.removesuffix("s").replace("companie", "company")
        count = f"{node.at_least or ''}..{node.at_most if node.at_most is not None else ''} " if node.is_counted else ""
        return ("no " if node.absent else count) + node.relation + _conditions(node.where, inner, names)
    if isinstance(node, Not):
        return f"not ({_condition(node.node, entity, names)})"
    if isinstance(node, Or):
        return "(" + " or ".join(_condition(part, entity, names) for part in node.of) + ")"
    return _conditions(node, entity, names)


def _comparison(node: Cmp, entity: str, names: Names) -> str:
    if node.op == "is":
        return f"{node.field} {'unset' if node.values == ('null',) else 'set'}"
    type_ = entity if node.field == "id" else node.field.removesuffix("_id")
    type_ = {"owner": "user", "assignee": "user", "author": "user", "created_by": "user"}.get(type_, type_)
    is_reference = node.field == "id" or node.field.endswith("_id")
    values = [names.get((type_, value), value) if is_reference else value for value in node.values]
    return f"{node.field}{_SIGNS.get(node.op, f' {node.op} ')}{'|'.join(sorted(values))}"
