"""What a custom field may be called: not as another one is, nor as a field that every workspace has.

Two of one name cannot be told apart in a filter, in the columns of a file or in a question to the assistant. Names are
compared by their words, in English and German: “E-Mail”, “email” and “E mail” are one.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from shared.errors import Invalid
from shared.models import FieldDefinition
from shared.query.fields import ENTITIES
from shared.query.phrases import LANGUAGES
from shared.records.types import TYPES
from shared.search.folding import words

#: What forms call fields that lists and questions do not have, or otherwise; a test holds them against the forms.
_IN_FORMS = {
    "company": ("Description", "Beschreibung"),
    "contact": ("Description", "Beschreibung", "Job title", "E-mails", "E-Mail-Adressen", "Phones", "Telefonnummern"),
    "deal": ("Description", "Beschreibung", "Main contact", "Hauptkontakt", "People", "Personen"),
    "task": ("Description", "Beschreibung", "Repeats", "Wiederholt sich", "About", "Bezug"),
    "meeting": ("Who took part", "Wer dabei war", "Colleagues", "Kollegen"),
}


def key_of(name: str) -> str:
    """A name as it is compared with others."""
    return "".join(words(name)) or name.casefold()


def is_built_in(type_name: str, name: str) -> bool:
    """Whether a field of this type that every workspace has is called so, by people or by programs."""
    return key_of(name) in _built_in(type_name)


@cache
def _built_in(type_name: str) -> frozenset[str]:
    entity = ENTITIES[type_name]
    names = [*_IN_FORMS[type_name], *TYPES[type_name].new.model_fields, *entity.fields]
    for field in entity.fields.values():
        names.append(field.label)
        for language in LANGUAGES.values():
            labels = language.labels
            names.append(labels.get(f"{type_name}.{field.name}") or labels.get(field.name) or field.label)
    return frozenset(key_of(name) for name in names)


def refuse_taken(label: str, others: Iterable[FieldDefinition]) -> None:
    """Raises Invalid for a label that one of these fields has."""
    if any(key_of(other.label) == key_of(label) for other in others):
        raise Invalid.field("label", "There is a field with this name already.")


def refuse_built_in(type_name: str, label: str, key: str | None = None) -> None:
    """Raises Invalid for the label, or the key, of a built-in field."""
    if is_built_in(type_name, label):
        raise Invalid.field(
            "label",
            f"“{label}” is what a built-in field is called. "
            "Choose another name, so that filters, imports and the assistant can tell them apart.",
        )
    if key is not None and is_built_in(type_name, key):
        raise Invalid.field("key", f"“{key}” is what a built-in field is called. Choose another key.")
