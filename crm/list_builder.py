"""What the filter builder offers: the fields of a record type with their choices, its relations, and its words.

`frontend/src/list/builder.js` makes conditions of the query language (docs/query.md) from it; what can be built is what
can be asked.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from crm import list_columns, listing, localization, record_names, web
from crm.record_labels import choice_label
from shared.errors import NotFound
from shared.models import Pipeline, Tag
from shared.query import catalog
from shared.query.naming import Naming
from shared.query.relations import RELATIONS
from shared.query.types import Entity, Field, FieldType
from shared.query.values import ME

#: Offered under another field; shown where a condition asks them all the same.
_HIDDEN = frozenset({"id", "amount_minor", "actor", "stage", "pipeline", "owner", "assignee", "author"})
_PICKED = frozenset({"company", "contact", "deal", "meeting", "task", "note"})
Choice = dict[str, str]


def offer(type_name: str) -> dict[str, Any]:
    """Everything about one record type. Raises NotFound."""
    session = web.session()
    entities = catalog(session)
    if type_name not in entities:
        raise NotFound(_("There is no such type of record."))
    entity, locale = entities[type_name], localization.locale()
    naming = Naming(session, listing.viewpoint(), locale.language, str(locale))
    fields = [_field(entity, field, naming) for field in entity.fields.values()]
    fields.sort(key=lambda field: str(field["label"]).casefold())
    return {
        "type": type_name,
        "fields": fields,
        "relations": [
            _relation(name, relation.target, naming) for name, relation in RELATIONS.get(type_name, {}).items()
        ],
        "words": _words(),
    }


def _field(entity: Entity, field: Field, naming: Naming) -> dict[str, Any]:
    label = list_columns.label(entity, field, naming)
    found: dict[str, Any] = {"name": field.name, "label": label[:1].upper() + label[1:], "type": _type(field)}
    if field.name in _HIDDEN or (field.is_lookup and f"{field.name}_id" in entity.fields):
        found["hidden"] = True
    if choices := _choices(field, naming):
        found["choices"] = choices
    if field.target in _PICKED:
        found["target"] = field.target
    return found


def _type(field: Field) -> str:
    """As the builder tells them apart: what is chosen, what is picked by typing, what is written."""
    if field.name == "tags" or field.type is FieldType.ENUM:
        return "choice"
    if field.type is FieldType.REF:
        return "record" if field.target in _PICKED else "choice"
    return "date" if field.type is FieldType.DATETIME else field.type.value


def _choices(field: Field, naming: Naming) -> list[Choice]:
    session = web.session()
    if field.name == "tags":
        names = session.scalars(select(Tag.name).where(Tag.deleted_at.is_(None)).order_by(Tag.name_key).limit(500))
        return [{"value": name, "label": name} for name in names]
    if field.target == "user":
        people = record_names.asked_for(session)
        me = {"value": ME, "label": str(_("Me"))}
        return [me, *({"value": str(id), "label": name} for id, name in people.items())]
    if field.target in ("stage", "pipeline"):
        return _stages() if field.target == "stage" else [{"value": str(p.id), "label": p.name} for p in _pipelines()]
    return [
        {"value": value, "label": choice_label(field.name, value) or naming.choice(field, value)}
        for value in field.choices
    ]


def _pipelines() -> list[Pipeline]:
    found = select(Pipeline).where(Pipeline.deleted_at.is_(None)).order_by(Pipeline.is_default.desc(), Pipeline.id)
    return list(web.session().scalars(found))


def _stages() -> list[Choice]:
    pipelines = _pipelines()
    several = len(pipelines) > 1
    return [
        {"value": str(stage.id), "label": f"{p.name}: {stage.name}" if several else stage.name}
        for p in pipelines
        for stage in p.stages
    ]


def _relation(name: str, target: str, naming: Naming) -> Choice:
    one, many = naming.phrases.nouns[target]
    label = one if name == target else many
    return {"name": name, "label": label[:1].upper() + label[1:], "target": target}


def _words() -> dict[str, Any]:
    """The builder's own texts."""
    return {
        "all": _("All of these"), "any": _("Any of these"), "none": _("None of these"),
        "match": _("Which have to hold"),
        "add": _("Add condition"), "add_group": _("Add group"), "add_related": _("Add related records"),
        "remove": _("Remove"), "field": _("Field"), "compare": _("Comparison"), "value": _("Value"),
        "and": _("and"), "yes": _("Yes"), "no": _("No"), "search": _("Type to search"), "related": _("Related records"),
        "how_many": _("How many"), "day": _("Date"), "count": _("Number"), "unit": _("Unit"),
        "several": _("separate by commas"), "empty_group": _("Every record: add a condition."),
        "choose": _("Choose at least one."), "fill": _("Fill this in."),
        "operators": {
            "eq": _("is"), "ne": _("is not"), "in": _("is one of"), "not_in": _("is none of"),
            "contains": _("contains"), "begins": _("begins with"), "ends": _("ends with"),
            "gt": _("is more than"), "gte": _("is at least"), "lt": _("is less than"), "lte": _("is at most"),
            "between": _("is between"), "null": _("is empty"), "set": _("is filled"),
            "date.eq": _("is"), "date.ne": _("is not"), "date.gt": _("is after"), "date.gte": _("is on or after"),
            "date.lt": _("is before"), "date.lte": _("is on or before"), "older": _("is older than"),
            "last": _("is in the last"), "next": _("is in the next"),
        },
        "units": {
            "day": _("days"), "week": _("weeks"), "month": _("months"), "quarter": _("quarters"), "year": _("years"),
        },
        "tokens": {
            "today": _("Today"), "yesterday": _("Yesterday"), "tomorrow": _("Tomorrow"), "this_week": _("This week"),
            "last_week": _("Last week"), "next_week": _("Next week"), "this_month": _("This month"),
            "last_month": _("Last month"), "next_month": _("Next month"), "this_quarter": _("This quarter"),
            "last_quarter": _("Last quarter"), "next_quarter": _("Next quarter"), "this_year": _("This year"),
            "last_year": _("Last year"), "next_year": _("Next year"), "overdue": _("Overdue"), "": _("A date …"),
        },
        "quantities": {
            "some": _("has"), "no": _("has no"), "at_least": _("has at least"), "at_most": _("has at most"),
            "exactly": _("has exactly"),
        },
    }  # fmt: skip
