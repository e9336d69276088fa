"""Custom fields that were deleted: gone from everything people and programs see, until somebody brings them back.

    definition   `deleted_at` is set: forms, lists, plans, files and REST know it no more; its key stays taken
    `custom`     the records' JSON loses the key, in one statement: nothing that reads it has to look twice
    rows         stay (`shared.models.CustomValue`); `restore` writes the JSON anew from them

A merge in between leaves the rows where they were: restored, a value of the merged record goes to the winner, if that
has none. A record that was deleted for good took its rows along.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, String, case, cast, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by

from shared import clock
from shared.errors import Conflict
from shared.events import Actor
from shared.models import CustomType, CustomValue, FieldDefinition, MergedRecord
from shared.records import custom, custom_names
from shared.records.types import TYPES
from shared.records.verbs import reindex
from shared.tenancy import TenantSession


def listed(session: TenantSession, type_name: str | None = None) -> Sequence[FieldDefinition]:
    """The deleted fields of a type, or of all, the last deleted first."""
    found = select(FieldDefinition).where(FieldDefinition.deleted_at.is_not(None))
    if type_name is not None:
        found = found.where(FieldDefinition.record_type == type_name)
    return session.scalars(found.order_by(FieldDefinition.deleted_at.desc(), FieldDefinition.id.desc())).all()


def namesake(session: TenantSession, type_name: str, label: str) -> FieldDefinition | None:
    """The deleted field of this name that could come back, the last deleted of several; None where it is taken."""
    key = custom_names.key_of(label)
    if any(custom_names.key_of(one.label) == key for one in custom.definitions(session, type_name)):
        return None
    return next((found for found in listed(session, type_name) if custom_names.key_of(found.label) == key), None)


def remove(session: TenantSession, definition: FieldDefinition, *, by: Actor) -> None:
    """Delete a field, with the values it has."""
    definition.deleted_at = clock.now()
    session.flush()
    _write_json(session, definition, _without(session, definition))
    custom.record_event(session, "field.deleted", definition, by=by)


def restore(session: TenantSession, definition: FieldDefinition, *, by: Actor) -> None:
    """Bring a field back, with its values; one that is there stays. Raises Invalid where another took its name."""
    deleted_at = definition.deleted_at
    if deleted_at is None:
        return
    present = custom.definitions(session, definition.record_type)
    custom.refuse_more(definition.record_type, present)
    custom_names.refuse_taken(definition.label, present)
    definition.deleted_at = None
    session.flush()
    _give_to_winners(session, definition)
    _write_json(session, definition, _with(session, definition))
    custom.record_event(session, "field.restored", definition, by=by)
    _reindex(session, definition, deleted_at)


def purge(session: TenantSession, definition: FieldDefinition, *, by: Actor) -> None:
    """Delete a deleted field for good: nobody can bring its values back. Raises Conflict for one that is in use."""
    if definition.deleted_at is None:
        raise Conflict(f"The field “{definition.label}” is in use. Delete it first.")
    session.execute(delete(CustomValue).where(CustomValue.definition_id == definition.id))
    custom.record_event(session, "field.purged", definition, by=by)
    session.delete(definition)
    session.flush()


def _holders(definition: FieldDefinition) -> Select[int]:
    return select(CustomValue.record_id).where(CustomValue.definition_id == definition.id)


def _give_to_winners(session: TenantSession, definition: FieldDefinition) -> None:
    """What merged records have and their winners lack; of several merged ones the first's."""
    merged = (
        select(MergedRecord.winner_id, CustomValue)
        .join(MergedRecord, MergedRecord.record_id == CustomValue.record_id)
        .where(MergedRecord.record_type == definition.record_type, CustomValue.definition_id == definition.id)
        .where(MergedRecord.winner_id.not_in(_holders(definition)))
        .order_by(CustomValue.record_id, CustomValue.position)
    )
    giver: dict[int, int] = {}
    columns = [c.key for c in CustomValue.__table__.columns if c.key not in ("id", "workspace_id", "record_id")]
    for winner_id, value in session.execute(merged).all():
        if giver.setdefault(winner_id, value.record_id) == value.record_id:
            session.add(CustomValue(record_id=winner_id, **{name: getattr(value, name) for name in columns}))
    session.flush()


def _reindex(session: TenantSession, definition: FieldDefinition, since: datetime) -> None:
    """Search forgot the values of the records that were written meanwhile; of the others it never did."""
    kind = TYPES[definition.record_type]
    written = select(kind.model).where(
        kind.model.id.in_(_holders(definition)), kind.model.updated_at >= since, kind.model.deleted_at.is_(None)
    )
    for row in session.scalars(written.order_by(kind.model.id)):
        reindex(session, kind, row)


# --- The records' JSON, in one statement: somebody waits


def _write_json(session: TenantSession, definition: FieldDefinition, value: Any) -> None:
    """Nobody changed these records: their version and time stay."""
    model = custom.MODELS[definition.record_type]
    session.execute(
        update(model)
        .where(model.id.in_(_holders(definition)))
        .values(custom=value, updated_at=model.updated_at)
        .execution_options(synchronize_session=False)
    )
    for row in session.identity_map.values():
        if isinstance(row, model):
            session.expire(row, ["custom"])


def _without(session: TenantSession, definition: FieldDefinition) -> Any:
    model = custom.MODELS[definition.record_type]
    if _is_sqlite(session):
        return func.json_remove(model.custom, f'$."{definition.key}"')
    return model.custom.op("-")(literal(definition.key, String))


def _with(session: TenantSession, definition: FieldDefinition) -> Any:
    model = custom.MODELS[definition.record_type]
    rows = (
        select(CustomValue)
        .where(CustomValue.definition_id == definition.id, CustomValue.record_id == model.id)
        .order_by(CustomValue.position)
        .correlate(model)
        .subquery()
    )
    if _is_sqlite(session):
        value = select(_on_sqlite(definition.type, rows.c)).scalar_subquery()
        is_json = definition.type in (CustomType.MONEY, CustomType.CHECKBOX, CustomType.MULTI_SELECT)
        return func.json_set(model.custom, f'$."{definition.key}"', func.json(value) if is_json else value)
    value = select(_on_postgresql(definition.type, rows.c)).scalar_subquery()
    return model.custom.op("||")(func.jsonb_build_object(literal(definition.key, String), value))


def _on_sqlite(type_: CustomType, rows: Any) -> Any:
    """A value as `custom.read` gave it; text that is JSON where SQLite has no type for it."""
    whole = cast(rows.number, BigInteger)
    return {
        CustomType.NUMBER: case((rows.number == whole, whole), else_=rows.number),
        CustomType.MONEY: func.json_object("minor", rows.minor, "currency", rows.currency),
        CustomType.DATE: rows.day,
        CustomType.MULTI_SELECT: func.json_group_array(rows.text),
        CustomType.CHECKBOX: case((rows.flag, "true"), else_="false"),
        CustomType.PERSON: rows.user_id,
    }.get(type_, rows.text)


def _on_postgresql(type_: CustomType, rows: Any) -> Any:
    return {
        CustomType.NUMBER: rows.number,
        CustomType.MONEY: func.jsonb_build_object(
            literal("minor", String), rows.minor, literal("currency", String), rows.currency
        ),
        CustomType.DATE: rows.day,
        CustomType.MULTI_SELECT: func.jsonb_agg(aggregate_order_by(rows.text, rows.position)),
        CustomType.CHECKBOX: rows.flag,
        CustomType.PERSON: rows.user_id,
    }.get(type_, rows.text)


def _is_sqlite(session: TenantSession) -> bool:
    return session.get_bind().dialect.name == "sqlite"
