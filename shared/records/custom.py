"""Custom fields: defined by an admin, read by their type, stored twice.

`read` turns what a form, a program or an import sends into what the record's `custom` JSON holds (`custom_types` knows
each type); `store` writes the same values as typed rows, which lists and plans ask (`shared.query.catalog`). Fields are
taken away, and brought back with their values, by `removed_fields`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, func, select

from shared import events
from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.events import Actor, Target
from shared.models import (
    Company,
    Contact,
    CustomType,
    CustomValue,
    Deal,
    FieldDefinition,
    Meeting,
    Task,
)
from shared.query.catalog import PREFIX, forget
from shared.query.catalog import definitions as cataloged
from shared.records import custom_names, custom_types
from shared.records.custom_types import Values
from shared.records.deals import to_major
from shared.records.tags import key_of
from shared.schemas import records as schemas
from shared.schemas.checking import check
from shared.search import fold
from shared.tenancy import TenantSession

MODELS: dict[str, type[Any]] = {"company": Company, "contact": Contact, "deal": Deal, "task": Task, "meeting": Meeting}
#: The record types that may have custom fields.
CUSTOMIZED = tuple(MODELS)
_MOST_FIELDS = 100


def definitions(session: TenantSession, type_name: str | None = None) -> Sequence[FieldDefinition]:
    """The fields of a type, or of all, in the order people see them in; deleted ones are none."""
    if session.info["read_only"]:  # the catalogue of this transaction was put together from them
        known = sorted(cataloged(session), key=lambda definition: definition.record_type)
        return [definition for definition in known if type_name in (None, definition.record_type)]
    found = select(FieldDefinition).where(FieldDefinition.deleted_at.is_(None))
    found = found.order_by(FieldDefinition.record_type, FieldDefinition.position, FieldDefinition.id)
    if type_name is not None:
        found = found.where(FieldDefinition.record_type == type_name)
    return session.scalars(found).all()


# --- Values


def read(session: TenantSession, type_name: str, given: Mapping[str, Any], before: Mapping[str, Any]) -> Values:
    """What the record holds after these values: None clears one, what is not given stays. Raises Invalid."""
    known = {definition.key: definition for definition in definitions(session, type_name)}
    wrong: list[FieldError] = []
    values = dict(before)
    for key, value in given.items():
        if key not in known:
            names = ", ".join(known) or "none"
            message = f"There is no such field of a {type_name}; there are: {names}."
            wrong.append(FieldError(f"custom.{key}"[:100], message))
            continue
        if (stands := before.get(key)) == value and type(stands) is type(value):
            continue  # it is not judged again: rules may have become stricter since
        try:
            found = None if value in (None, "", []) else custom_types.read(session, known[key], value)
        except ValueError as error:
            wrong.append(FieldError(f"custom.{key}", str(error)))
            continue
        values[key] = found
        if found is None:
            del values[key]
    if wrong:
        raise Invalid(" ".join(f"{error.path}: {error.message}" for error in wrong[:5]), errors=wrong)
    return values


def store(session: TenantSession, target: Target, values: Mapping[str, Any]) -> None:
    """Write a record's values as rows, in place of those it had."""
    type_name, id = target
    known = definitions(session, type_name)
    if not known:
        return
    ids = [definition.id for definition in known]
    session.execute(delete(CustomValue).where(CustomValue.definition_id.in_(ids), CustomValue.record_id == id))
    session.add_all(row for definition in known for row in rows_of(definition, id, values.get(definition.key)))


def store_many(session: TenantSession, type_name: str, values: Sequence[tuple[int, Values]]) -> None:
    """As `store` for new records, by their ids."""
    known = definitions(session, type_name) if values else ()
    rows = [row for one in known for id, given in values for row in rows_of(one, id, given.get(one.key))]
    session.add_all(rows)


def rows_of(definition: FieldDefinition, record_id: int, value: Any) -> list[CustomValue]:
    """A value that `read` gave, as rows."""
    several = value if isinstance(value, list) else [] if value is None else [value]
    return [
        CustomValue(definition_id=definition.id, record_id=record_id, position=i, **_columns(definition.type, one))
        for i, one in enumerate(several)
    ]


def _columns(type_: CustomType, value: Any) -> Values:
    if type_ is CustomType.NUMBER:
        return {"number": value}
    if type_ is CustomType.MONEY:
        minor, currency = value["minor"], value["currency"]
        return {"number": float(to_major(minor, currency)), "minor": minor, "currency": currency}
    if type_ is CustomType.DATE:
        return {"day": date.fromisoformat(value)}
    if type_ is CustomType.CHECKBOX:
        return {"flag": value}
    if type_ is CustomType.PERSON:
        return {"user_id": value}
    return {"text": value, "text_key": fold(value)[:500]}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """{`custom.key`: [before, after]} of the values that are others now."""
    keys = dict.fromkeys([*before, *after])
    return {f"{PREFIX}{key}": [before.get(key), after.get(key)] for key in keys if before.get(key) != after.get(key)}


def words(definitions: Iterable[FieldDefinition], values: Mapping[str, Any]) -> str:
    """What search finds a record by: its texts, and the labels of what was chosen."""
    found: list[str] = []
    for definition in definitions:
        value = values.get(definition.key)
        if value and definition.type.is_chosen:
            found += [label_of(definition, one) for one in (value if isinstance(value, list) else [value])]
        elif value and definition.type in (CustomType.TEXT, CustomType.URL):
            found.append(value)
    return "\n".join(found)


def label_of(definition: FieldDefinition, value: str) -> str:
    """How an option is shown; a value that is no option any more is shown as it is."""
    return next((str(o["label"]) for o in definition.options if o["value"] == value), value)


# --- Definitions


def get(session: TenantSession, id: int, *, deleted: bool = False) -> FieldDefinition:
    """One definition. Raises NotFound; with `deleted` a deleted one is found too."""
    found = session.get(FieldDefinition, id)
    if found is None or (found.deleted_at is not None and not deleted):
        raise NotFound(f"There is no field with id {id}.")
    return found


def define(session: TenantSession, data: dict[str, Any], *, by: Actor) -> FieldDefinition:
    """A new field from unvalidated data. Raises Invalid, or Conflict where the key is taken."""
    given = check(schemas.FieldDefinitionIn, data)
    present = definitions(session, given.record_type)
    refuse_more(given.record_type, present)
    custom_names.refuse_taken(given.label, present)
    custom_names.refuse_built_in(given.record_type, given.label, given.key)
    taken = set(session.scalars(select(FieldDefinition.key).where(FieldDefinition.record_type == given.record_type)))
    key = given.key or _free_key(given.label, taken)
    if any(definition.key == key for definition in present):
        raise Conflict(f"There is a field “{key}” of a {given.record_type} already.")
    if key in taken:
        asked = (FieldDefinition.record_type == given.record_type, FieldDefinition.key == key)
        raise Conflict(
            f"The field “{key}” of a {given.record_type} was deleted. Restore it, or delete it for good first.",
            current=show(session.scalars(select(FieldDefinition).where(*asked)).one()),
        )
    definition = FieldDefinition(
        record_type=given.record_type, key=key, label=given.label, type=given.type, hint=given.hint,
        options=_options(given.options, []), position=max((d.position for d in present), default=-1) + 1,
    )  # fmt: skip
    _check_options(definition)
    session.add(definition)
    session.flush()
    record_event(session, "field.created", definition, by=by)
    return definition


def change(
    session: TenantSession,
    definition: FieldDefinition,
    data: dict[str, Any],
    *,
    by: Actor,
    expecting: int | None = None,
) -> None:
    """Reword a field, move it, or give it other options. Raises Conflict for a stale version or a used option."""
    if expecting is not None and definition.version != expecting:
        raise Conflict("This field was changed meanwhile.", current=show(definition))
    given = check(schemas.FieldDefinitionFields, data).model_dump(exclude_unset=True)
    if "label" in given and custom_names.key_of(given["label"]) != custom_names.key_of(definition.label):
        others = [other for other in definitions(session, definition.record_type) if other.id != definition.id]
        custom_names.refuse_taken(given["label"], others)
        custom_names.refuse_built_in(definition.record_type, given["label"])
    for name in ("label", "hint", "position"):
        if name in given:
            setattr(definition, name, given[name])
    if "options" in given:
        options = _options(given["options"], definition.options)
        _refuse_if_used(session, definition, {o["value"] for o in definition.options} - {o["value"] for o in options})
        definition.options = options
        _check_options(definition)
    session.flush()
    record_event(session, "field.updated", definition, by=by)


def move(session: TenantSession, definition: FieldDefinition, *, up: bool, by: Actor) -> None:
    """One place up or down among the fields of its type."""
    listed = list(definitions(session, definition.record_type))
    at = listed.index(definition)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(listed):
        return
    listed[at], listed[to] = listed[to], listed[at]
    for i, found in enumerate(listed):
        found.position = i
    session.flush()
    record_event(session, "field.updated", definition, by=by)


@dataclass(frozen=True, slots=True)
class Uses:
    """How many records have a value of a field: those that people see, and those in the bin."""

    shown: int = 0
    binned: int = 0


def uses(session: TenantSession, type_name: str) -> dict[int, Uses]:
    """What is filled in, by definition; a field that no record has a value of is left out."""
    model = MODELS[type_name]
    held = (  # a field of several values has a row for each
        select(CustomValue.definition_id, CustomValue.record_id)
        .join(FieldDefinition, FieldDefinition.id == CustomValue.definition_id)
        .where(FieldDefinition.record_type == type_name)
        .distinct()
        .subquery()
    )
    shown = func.count().filter(model.deleted_at.is_(None))
    counted = select(held.c.definition_id, shown, func.count()).join(model, model.id == held.c.record_id)
    return {
        id: Uses(shown=live, binned=every - live)
        for id, live, every in session.execute(counted.group_by(held.c.definition_id))
    }


def show(definition: FieldDefinition) -> dict[str, Any]:
    """A definition as REST gives it."""
    return {
        "id": definition.id, "record_type": definition.record_type, "key": definition.key, "label": definition.label,
        "type": definition.type.value, "options": definition.options, "hint": definition.hint,
        "position": definition.position, "version": definition.version,
    }  # fmt: skip


def _check_options(definition: FieldDefinition) -> None:
    if definition.type.is_chosen and not definition.options:
        raise Invalid.field("options", "Name what can be chosen.")
    if not definition.type.is_chosen and definition.options:
        raise Invalid.field("options", f"A field of type {definition.type.value} has nothing to choose from.")


def _options(given: Sequence[Mapping[str, Any] | Any], before: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Options with their values: that of the option that had the label, or one made of it."""
    by_label = {key_of(str(option["label"])): str(option["value"]) for option in before}
    found: list[dict[str, str]] = []
    for i, option in enumerate(given):
        entry = option if isinstance(option, Mapping) else option.model_dump()
        label = str(entry["label"])
        taken = {o["value"] for o in found}
        value = entry.get("value") or by_label.get(key_of(label)) or _free_key(label, taken | set(by_label.values()))
        if value in taken or key_of(label) in {key_of(o["label"]) for o in found}:
            raise Invalid.field(f"options.{i}", f"“{label}” is there twice.")
        found.append({"value": value, "label": label})
    return found


def _refuse_if_used(session: TenantSession, definition: FieldDefinition, dropped: set[str]) -> None:
    """What lies in the bin holds no option: nobody could choose something else there."""
    model = MODELS[definition.record_type]
    used = (
        select(CustomValue.text, func.count())
        .join(model, model.id == CustomValue.record_id)
        .where(CustomValue.definition_id == definition.id, CustomValue.text.in_(dropped), model.deleted_at.is_(None))
    )
    for value, count in session.execute(used.group_by(CustomValue.text)):
        label = label_of(definition, value or "")
        if count == 1:
            raise Conflict(
                f"“{label}” is still chosen in one record. Choose something else there first, or reword the option."
            )
        raise Conflict(
            f"“{label}” is still chosen in {count} records. Choose something else there first, or reword the option."
        )


def refuse_more(record_type: str, present: Sequence[FieldDefinition]) -> None:
    """Raises Invalid where these fields of a type leave no room for another."""
    if len(present) >= _MOST_FIELDS:
        raise Invalid(f"A {record_type} has {_MOST_FIELDS} custom fields at most.")


def _free_key(label: str, taken: set[str]) -> str:
    """A name made of a label that none has yet: `Contract until` -> `contract_until`."""
    base = re.sub(r"[^a-z0-9]+", "_", fold(label)).strip("_")[:36] or "field"
    base = base if base[0].isalpha() else f"f_{base}"
    return next(name for n in range(1, 1000) if (name := base if n == 1 else f"{base}_{n}") not in taken)


def record_event(session: TenantSession, kind: str, definition: FieldDefinition, *, by: Actor) -> None:
    """In the audit log; what was put together from the definitions is put together anew."""
    forget(session)
    events.record(session, kind, by=by, title=f"{definition.record_type}: {definition.label}", data=show(definition))
