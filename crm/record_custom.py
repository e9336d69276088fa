"""The fields that a team added to a record type, and its tags, as fields of the screen."""

from __future__ import annotations

from collections.abc import Sequence

from crm.record_fields import FormField, Kind
from crm.record_labels import FIELD_LABELS
from shared.models import CustomType, FieldDefinition
from shared.query.catalog import PREFIX
from shared.records import custom, tags
from shared.tenancy import TenantSession

_KINDS = {
    CustomType.TEXT: Kind.TEXT,
    CustomType.NUMBER: Kind.DECIMAL,
    CustomType.MONEY: Kind.MONEY,
    CustomType.DATE: Kind.DATE,
    CustomType.SELECT: Kind.CHOICE,
    CustomType.MULTI_SELECT: Kind.MULTI,
    CustomType.CHECKBOX: Kind.CHECK,
    CustomType.URL: Kind.TEXT,
    CustomType.PERSON: Kind.USER,
}


def fields(session: TenantSession, type_name: str, own: Sequence[FormField]) -> tuple[FormField, ...]:
    """All fields of a screen in their order: its own, tags, the team's, and long texts last."""
    more = [FormField("tags", FIELD_LABELS["tags"], Kind.TAGS, wide=True)] if type_name in tags.TAGGED else []
    if type_name in custom.CUSTOMIZED:
        more += [_field(definition) for definition in _definitions(session) if definition.record_type == type_name]
    short = [asked for asked in own if asked.kind is not Kind.LONG]
    return (*short, *more, *(asked for asked in own if asked.kind is Kind.LONG))


def by_name(session: TenantSession) -> dict[tuple[str, str], FormField]:
    """The team's fields of all types, by type and name."""
    return {(d.record_type, f"{PREFIX}{d.key}"): _field(d) for d in _definitions(session)}


def _definitions(session: TenantSession) -> Sequence[FieldDefinition]:
    return session.once("custom fields", lambda: custom.definitions(session))


def _field(definition: FieldDefinition) -> FormField:
    choices = [(str(option["value"]), str(option["label"])) for option in definition.options]
    if definition.type is CustomType.SELECT:
        choices.insert(0, ("", "–"))
    return FormField(
        f"{PREFIX}{definition.key}",
        definition.label,
        _KINDS[definition.type],
        wide=definition.type is CustomType.MULTI_SELECT,
        hint=definition.hint,
        choices=tuple(choices),
        input_type="url" if definition.type is CustomType.URL else "text",
    )
