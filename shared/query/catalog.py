"""What can be asked of a workspace: the fields every workspace has, and those its admins defined.

A custom field is called `custom.KEY`. Its values are typed rows (`shared.models.custom`), so it is asked like any
other field, on both databases, by lists, plans, REST and the assistant alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from shared.models import CustomType, CustomValue, FieldDefinition, User
from shared.query.fields import ENTITIES
from shared.query.types import Entity, Field, FieldType, Many
from shared.tenancy import TenantSession, standing

PREFIX = "custom."
_KEPT = "catalog"
_DEFINITIONS = standing(
    select(FieldDefinition)
    .where(FieldDefinition.deleted_at.is_(None))
    .order_by(FieldDefinition.position, FieldDefinition.id)
)


def catalog(session: TenantSession) -> Mapping[str, Entity]:
    """The record types of the session's workspace by name; put together once in each transaction."""
    transaction = session.get_transaction()
    began, made = session.info.get(_KEPT, (None, None))
    if made is None or transaction is None or began is not transaction:
        definitions = session.cached("definitions", lambda: list(session.scalars(_DEFINITIONS)))
        made = _Catalog(definitions) if definitions else ENTITIES
        session.info[_KEPT] = (session.get_transaction(), made)
    known: Mapping[str, Entity] = made
    return known


def definitions(session: TenantSession) -> Sequence[FieldDefinition]:
    """The definitions the catalogue is put together from, in the order people see them in."""
    made = catalog(session)
    return made.definitions if isinstance(made, _Catalog) else ()


def forget(session: TenantSession) -> None:
    """To be called where the session changes a definition."""
    session.info.pop(_KEPT, None)


class _Catalog(Mapping[str, Entity]):
    """`ENTITIES` with custom fields; a type is put together when it is first asked for."""

    def __init__(self, definitions: Sequence[FieldDefinition]) -> None:
        self.definitions = definitions
        self._made: dict[str, Entity] = {}

    def __getitem__(self, name: str) -> Entity:
        if name not in self._made:
            plain = ENTITIES[name]
            own = [_field(plain.model, d) for d in self.definitions if d.record_type == name]
            fields = plain.fields | {field.name: field for field in own}
            self._made[name] = replace(plain, fields=fields, beside=self)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(ENTITIES)

    def __len__(self) -> int:
        return len(ENTITIES)


def _field(model: type[Any], definition: FieldDefinition) -> Field:
    make: Callable[[str, type[Any], FieldDefinition], Field] = _MAKERS[definition.type]
    return make(f"{PREFIX}{definition.key}", model, definition)


def _rows(definition: FieldDefinition) -> Select[Any]:
    return select(CustomValue.record_id).where(CustomValue.definition_id == definition.id)


def _value(model: type[Any], definition: FieldDefinition, column: Any) -> Any:
    """The value of the record at hand."""
    found = select(column).where(CustomValue.definition_id == definition.id, CustomValue.record_id == model.id)
    return found.order_by(CustomValue.position).limit(1).correlate(model).scalar_subquery()


def _plain(type_: FieldType, column: Any, **more: Any) -> Any:
    def make(name: str, model: type[Any], definition: FieldDefinition) -> Field:
        value = _value(model, definition, column)
        via = Many(model.id, _rows(definition), column, more.get("folded"))
        return Field(name, definition.label, type_, value, via=via, sort=value, is_lookup=True)

    return make


def _text(name: str, model: type[Any], definition: FieldDefinition) -> Field:
    value, key = (_value(model, definition, column) for column in (CustomValue.text, CustomValue.text_key))
    via = Many(model.id, _rows(definition), CustomValue.text, CustomValue.text_key)
    return Field(name, definition.label, FieldType.TEXT, value, via=via, sort=key, is_lookup=True)


def _money(name: str, model: type[Any], definition: FieldDefinition) -> Field:
    amount, minor, currency = (
        _value(model, definition, column) for column in (CustomValue.number, CustomValue.minor, CustomValue.currency)
    )
    via = Many(model.id, _rows(definition), CustomValue.number)
    return Field(
        name, definition.label, FieldType.MONEY, amount, via=via, sort=amount, is_lookup=True, minor=minor,
        currency=currency,
    )  # fmt: skip


def _checkbox(name: str, model: type[Any], definition: FieldDefinition) -> Field:
    """Never ticked is the same as not ticked."""
    ticked = func.coalesce(_value(model, definition, CustomValue.flag), False)
    return Field(name, definition.label, FieldType.BOOL, ticked, sort=ticked, is_nullable=False)


def _person(name: str, model: type[Any], definition: FieldDefinition) -> Field:
    via = Many(model.id, _rows(definition), CustomValue.user_id)
    person = _value(model, definition, CustomValue.user_id)
    called = select(User.name).where(User.id == person).correlate(model).scalar_subquery()
    return Field(
        name, definition.label, FieldType.REF, person, via=via, sort=func.lower(called), is_lookup=True, target="user",
        shown=called,
    )  # fmt: skip


def _chosen(name: str, model: type[Any], definition: FieldDefinition) -> Field:
    value, order, label = CustomValue.text, _place(definition), _label(definition)
    via = Many(model.id, _rows(definition), value)
    labels = {str(option["value"]): str(option["label"]) for option in definition.options}
    more: dict[str, Any] = {"via": via, "is_lookup": True, "choices": tuple(labels), "labels": labels}
    if definition.type is CustomType.SELECT:
        more |= {"sort": _value(model, definition, order), "shown": _value(model, definition, value)}
        return Field(name, definition.label, FieldType.ENUM, _value(model, definition, value), **more)
    return Field(name, definition.label, FieldType.ENUM, shown=_joined(model, definition, label), **more)


def _place(definition: FieldDefinition) -> ColumnElement[Any]:
    places = [(CustomValue.text == option["value"], i) for i, option in enumerate(definition.options)]
    return case(*places, else_=len(places))


def _label(definition: FieldDefinition) -> ColumnElement[Any]:
    labels = [(CustomValue.text == option["value"], str(option["label"])) for option in definition.options]
    return case(*labels, else_=CustomValue.text)


def _joined(model: type[Any], definition: FieldDefinition, shown: ColumnElement[Any]) -> Any:
    """All values of the record at hand in one text."""
    mine = CustomValue.definition_id == definition.id, CustomValue.record_id == model.id
    return select(func.aggregate_strings(shown, ", ")).where(*mine).correlate(model).scalar_subquery()


_MAKERS = {
    CustomType.TEXT: _text,
    CustomType.URL: _text,
    CustomType.NUMBER: _plain(FieldType.NUMBER, CustomValue.number),
    CustomType.MONEY: _money,
    CustomType.DATE: _plain(FieldType.DATE, CustomValue.day),
    CustomType.SELECT: _chosen,
    CustomType.MULTI_SELECT: _chosen,
    CustomType.CHECKBOX: _checkbox,
    CustomType.PERSON: _person,
}
