"""What the columns of a list hold, for the rows of one page: asked for by id, so that no sort computes them in vain."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, select

from shared.models import workspace_of
from shared.query.conditions import Viewpoint
from shared.query.metrics import Unit, rounded
from shared.query.results import Money
from shared.query.types import Entity, Field
from shared.tenancy import TenantSession


class Values:
    """The values of fields: `columns` of a statement about their record type, and what its rows say in these."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._fields = fields
        self.columns: list[ColumnElement[Any]] = []
        for i, field in enumerate(fields):
            self.columns.append(_selected(field).label(f"f{i}"))
            if field.currency is not None:
                self.columns.append(field.currency.label(f"c{i}"))

    def read(self, row: Sequence[Any], *, main_currency: str) -> dict[str, Any]:
        """`{field name: value}` of the columns of one row; money is a `Money`, a reference the id it holds."""
        values: dict[str, Any] = {}
        given = iter(row)
        for field in self._fields:
            value = next(given)
            if field.currency is not None:
                currency = next(given) or main_currency
                if value is not None:
                    value = Money(rounded(Decimal(value) / field.per_minor, Unit.MONEY), currency)
            values[field.name] = getattr(value, "value", value) if isinstance(value, str) else value
        return values


def values_of(
    session: TenantSession, entity: Entity, ids: Sequence[int], fields: Sequence[Field], viewpoint: Viewpoint
) -> dict[int, dict[str, Any]]:
    """`{id: {field name: value}}`, as `Values` reads them."""
    model, values = entity.model, Values(fields)
    if not values.columns or not ids:
        return {id: {} for id in ids}
    shown = select(model.id, *values.columns).where(model.workspace_id == session.workspace_id, model.id.in_(ids))
    main = workspace_of(session).currency
    rows = session.execute(shown, viewpoint.parameters)
    return {row[0]: values.read(row[1:], main_currency=main) for row in rows}


def _selected(field: Field) -> Any:
    if field.minor is not None:
        return field.minor
    return field.expression if field.target is not None and field.expression is not None else field.selected
