"""Whether a plan asks for what there is: every name and value, before the database hears of it.

What is wrong is said with its path (`where.of.0.field`), all of it at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from shared.errors import FieldError, Invalid
from shared.query import conditions
from shared.query.comparing import NUMBERS
from shared.query.fields import ENTITIES
from shared.query.metrics import Unit, metric_of
from shared.query.plan import MAX_DEPTH, And, Cmp, Having, Node, Not, Or, Plan, Related, Search, Versus
from shared.query.relations import RELATIONS
from shared.query.types import Entity, FieldType

_Wrong = Iterator[FieldError]


def check_plan(plan: Plan, entities: Mapping[str, Entity] = ENTITIES) -> None:
    """Raises Invalid naming everything that is wrong. `entities` is the workspace's `catalog`."""
    if plan.from_ not in entities:
        names = ", ".join(entities)
        raise Invalid.field("from", f"There is no “{plan.from_}”; there are {names}.")
    _raise(list(_plan(entities[plan.from_], plan)))


def check_node(entity: Entity, node: Node, *, path: str = "where") -> None:
    """Raises Invalid naming everything that is wrong in a condition on records of a type."""
    _raise(list(_node(entity, node, path, 1)))


def _raise(wrong: list[FieldError]) -> None:
    if wrong:
        raise Invalid(" ".join(f"{error.path}: {error.message}" for error in wrong[:5]), errors=wrong)


def _plan(entity: Entity, plan: Plan) -> _Wrong:
    if plan.where is not None:
        yield from _node(entity, plan.where, "where", 1)
    yield from _text(plan.q, "q")
    for i, name in enumerate(plan.fields):
        yield from _selected(entity, name, f"fields.{i}")
    if plan.group and not plan.measures:
        yield FieldError("group", "Groups need a measure.")
    for i, group in enumerate(plan.group):
        yield from _group(entity, plan, i, group.field)
    for i, measure in enumerate(plan.measures):
        try:
            metric_of(entity, measure)
        except ValueError as error:
            yield FieldError(f"measures.{i}", str(error))
    yield from _orders(entity, plan)
    if plan.skip and plan.is_measured and not plan.group:
        yield FieldError("skip", "There is nothing to skip: this is one answer.")
    for i, having in enumerate(plan.having):
        yield from _having(entity, plan, having, f"having.{i}")
    if plan.versus is not None:
        yield from _versus(entity, plan, plan.versus)


def _text(text: str, path: str) -> _Wrong:
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        yield FieldError(path, "This is no text.")


def _having(entity: Entity, plan: Plan, having: Having, path: str) -> _Wrong:
    if not plan.group:
        yield FieldError(path, "Only groups are chosen by what was measured of them.")
        return
    unit = _unit(entity, plan, having.by)
    if unit not in NUMBERS:
        yield FieldError(f"{path}.by", f"“{having.by}” is no number measured here.")
    elif having.currency is not None and unit is not Unit.MONEY:
        yield FieldError(f"{path}.currency", f"“{having.by}” is no money.")


def _versus(entity: Entity, plan: Plan, versus: Versus) -> _Wrong:
    if len(plan.measures) != 1 or plan.group:
        yield FieldError("versus", "One figure is compared with one: it takes one measure and no groups.")
    elif _unit(entity, plan, plan.measures[0].name) not in NUMBERS:
        yield FieldError("versus", "Only numbers are compared.")
    if versus.where is not None:
        yield from _node(entity, versus.where, "versus.where", 1)


def _unit(entity: Entity, plan: Plan, name: str) -> Unit | None:
    """What a measure of the plan answers in; None for none of this name, or one that is wrong itself."""
    try:
        return next((metric_of(entity, measure).unit for measure in plan.measures if measure.name == name), None)
    except ValueError:
        return None


def _node(entity: Entity, node: Node, path: str, depth: int) -> _Wrong:
    if depth > MAX_DEPTH:
        yield FieldError(path, f"Conditions may stand {MAX_DEPTH} deep, no deeper.")
    elif isinstance(node, Cmp):
        yield from _cmp(entity, node, path)
    elif isinstance(node, And | Or):
        for i, part in enumerate(node.of):
            yield from _node(entity, part, f"{path}.of.{i}", depth + 1)
    elif isinstance(node, Not):
        yield from _node(entity, node.node, f"{path}.node", depth + 1)
    elif isinstance(node, Search):
        yield from _text(node.q, f"{path}.q")
    else:
        yield from _related(entity, node, path, depth)


def _cmp(entity: Entity, node: Cmp, path: str) -> _Wrong:
    field = entity.fields.get(node.field)
    if field is None:
        yield _no_field(entity, node.field, f"{path}.field")
        return
    try:
        conditions.check(field, node.op, node.values)
    except ValueError as error:
        is_op = node.op not in conditions.OPERATORS[field.type]
        yield FieldError(f"{path}.{'op' if is_op else 'values'}", str(error))


def _related(entity: Entity, node: Related, path: str, depth: int) -> _Wrong:
    relations = RELATIONS.get(entity.name, {})
    relation = relations.get(node.relation)
    if relation is None:
        names = ", ".join(relations) or "none"
        yield FieldError(f"{path}.relation", f"A {entity.name} has no “{node.relation}”; it has {names}.")
        return
    target = (entity.beside or ENTITIES)[relation.target]
    if node.where is not None:
        yield from _node(target, node.where, f"{path}.where", depth + 1)
    yield from _counted(target, node, path)


def _counted(target: Entity, node: Related, path: str) -> _Wrong:
    if node.absent and node.is_counted:
        yield FieldError(f"{path}.absent", "Either none, or so many; not both.")
    if node.at_least is not None and node.at_most is not None and node.at_least > node.at_most:
        yield FieldError(f"{path}.at_most", "The most is less than the least.")
    if node.distinct is None:
        return
    if not node.is_counted:
        yield FieldError(f"{path}.distinct", "Different values are counted: say at_least or at_most.")
    field = target.fields.get(node.distinct)
    if field is None:
        yield _no_field(target, node.distinct, f"{path}.distinct")
    elif field.expression is None:
        yield FieldError(f"{path}.distinct", f"“{node.distinct}” has several values in a record and cannot be counted.")


def _selected(entity: Entity, name: str, path: str) -> _Wrong:
    field = entity.fields.get(name)
    if field is None:
        yield _no_field(entity, name, path)
    elif field.selected is None:
        yield FieldError(path, f"“{name}” has several values in a record and cannot be a column.")


def _group(entity: Entity, plan: Plan, i: int, name: str) -> _Wrong:
    field, granularity = entity.fields.get(name), plan.group[i].granularity
    path = f"group.{i}.field"
    if field is None:
        yield _no_field(entity, name, path)
        return
    if name in [group.field for group in plan.group[:i]]:
        yield FieldError(path, f"“{name}” is grouped by twice.")
    is_dated = field.type in (FieldType.DATE, FieldType.DATETIME)
    if granularity is not None and not is_dated:
        yield FieldError(f"group.{i}.granularity", f"“{name}” has no days to be taken together.")
    if field.expression is None and field.via is None:
        yield FieldError(path, f"“{name}” cannot be grouped by.")


def _orders(entity: Entity, plan: Plan) -> _Wrong:
    names = {measure.name for measure in plan.measures} | {group.field for group in plan.group}
    if len({measure.name for measure in plan.measures}) < len(plan.measures):
        yield FieldError("measures", "The same is measured twice.")
    for i, order in enumerate(plan.order):
        path = f"order.{i}.by"
        if plan.is_measured:
            if order.by not in names:
                yield FieldError(path, f"“{order.by}” is neither measured nor grouped by here.")
            continue
        field = entity.fields.get(order.by)
        if field is None:
            yield _no_field(entity, order.by, path)
        elif field.sort is None:
            yield FieldError(path, f"“{order.by}” gives no order.")


def _no_field(entity: Entity, name: str, path: str) -> FieldError:
    return FieldError(path, f"“{name}” is no field of {entity.name}; there are {', '.join(entity.fields)}.")
