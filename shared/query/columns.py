"""What the columns of a list hold, for the rows of one page: asked for by id, so that no sort computes them in vain."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from shared.models import Workspace
from shared.query.conditions import Viewpoint
from shared.query.metrics import Unit, rounded
from shared.query.results import Money
from shared.query.types import Entity, Field
from shared.tenancy import TenantSession


def values_of(
    session: TenantSession, entity: Entity, ids: Sequence[int], fields: Sequence[Field], viewpoint: Viewpoint
) -> dict[int, dict[str, Any]]:
    """`{id: {field name: value}}`; money is a `Money`, a reference the id it holds."""
    model = entity.model
    columns: list[Any] = []
    for i, field in enumerate(fields):
        columns.append(_selected(field).label(f"f{i}"))
        if field.currency is not None:
            columns.append(field.currency.label(f"c{i}"))
    if not columns or not ids:
        return {id: {} for id in ids}
    shown = select(model.id, *columns).where(model.workspace_id == session.workspace_id, model.id.in_(ids))
    main = session.get_one(Workspace, session.workspace_id).currency
    rows = session.execute(shown, viewpoint.parameters)
    return {row[0]: _row(fields, iter(row[1:]), main) for row in rows}


def _selected(field: Field) -> Any:
    if field.minor is not None:
        return field.minor
    return field.expression if field.target is not None and field.expression is not None else field.selected


def _row(fields: Sequence[Field], given: Any, main_currency: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in fields:
        value = next(given)
        if field.currency is not None:
            currency = next(given) or main_currency
            if value is not None:
                value = Money(rounded(Decimal(value) / field.per_minor, Unit.MONEY), currency)
        values[field.name] = getattr(value, "value", value) if isinstance(value, str) else value
    return values
