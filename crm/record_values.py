"""A field's REST value in words: ids as names, codes as what they stand for, days and amounts as people write them.

Timelines say so what was changed, a lost race what either side says, a merge what each record has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from crm import localization, record_names, repeat_words, transcript_page
from crm.record_fields import FormField, Kind
from crm.record_labels import DIRECTIONS, LIFECYCLES, PRIORITIES, TASK_STATUSES
from crm.record_names import Reference
from shared.events import Target
from shared.tenancy import TenantSession

_REFERENCES = {"company_id": "company", "contact_id": "contact", "deal_id": "deal", "meeting_id": "meeting"}
_USERS = frozenset({"owner_id", "assignee_id", "author_id", "created_by_id"})
_WORDS = {"lifecycle": LIFECYCLES, "priority": PRIORITIES, "status": TASK_STATUSES, "direction": DIRECTIONS}
_SHOWN_CHARS = 160


@dataclass(frozen=True, slots=True)
class Names:
    """What ids and custom fields are called."""

    people: Mapping[int, str] = field(default_factory=dict)
    records: Mapping[Target, Reference] = field(default_factory=dict)
    #: Custom fields by record type and name.
    fields: Mapping[tuple[str, str], FormField] = field(default_factory=dict)


def mentioned(name: str, value: Any) -> Iterator[Target]:
    """The records that a value names."""
    if name in _REFERENCES and isinstance(value, int):
        yield _REFERENCES[name], value
    elif name == "links":
        yield from ((link["type"], link["id"]) for link in value or ())
    elif name == "contacts":
        yield from (("contact", entry["contact_id"]) for entry in value or ())
    elif name == "contact_ids":
        yield from (("contact", id) for id in value or ())


def names_for(session: TenantSession, *sides: Mapping[str, Any]) -> Names:
    """What the values of fields name."""
    found = [target for side in sides for name, value in side.items() for target in mentioned(name, value)]
    return Names(record_names.people(session), record_names.references(session, found))


def shown_value(name: str, value: Any, names: Names, asked: FormField | None = None) -> str:
    """A field's REST value as text for people; `asked` where it is a custom one."""
    if value is None or value == [] or value == "":
        return ""
    if asked is not None and asked.choices and name not in _WORDS:
        labels = {key: str(label) for key, label in asked.choices}
        return ", ".join(labels.get(one, str(one)) for one in (value if isinstance(value, list) else [value]))
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if isinstance(value, date):
        return localization.moment(value) if isinstance(value, datetime) else localization.day(value)
    if asked is not None and asked.is_custom and asked.kind is Kind.DATE:
        return localization.day(date.fromisoformat(value))
    if isinstance(value, dict) and "amount" in value:
        return f"{value['amount']} {value['currency']}"
    if name in _USERS or (asked is not None and asked.kind is Kind.USER):
        return str(names.people.get(value, _("somebody who left")))
    if name == "user_ids":
        return ", ".join(names.people.get(id, str(_("somebody who left"))) for id in value)
    if name == "contact_ids":
        return ", ".join(known.name for id in value if (known := names.records.get(("contact", id))))
    if name in _REFERENCES:
        known = names.records.get((_REFERENCES[name], value))
        return str(known.name if known else _("a record that is gone"))
    if name in _WORDS:
        return str(_WORDS[name].get(value, value))
    if isinstance(value, dict) and "minor" in value:
        return localization.money(value["minor"], value["currency"])
    if isinstance(value, list):
        return ", ".join(filter(None, (_entry(entry, names) for entry in value)))
    if name == "repeat":
        return repeat_words.describe(value)
    if name == "probability":
        return f"{value} %"
    if name == "meeting_s":
        return transcript_page.timecode(value)
    if isinstance(value, str) and name in ("due_date", "expected_close"):
        return localization.day(date.fromisoformat(value))
    if isinstance(value, str) and name.endswith("_at"):
        at = datetime.fromisoformat(value)
        return f"{localization.day(at)}, {localization.clock_time(at)}"
    text = str(value)
    return text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS].rstrip() + " …"


def _entry(entry: Any, names: Names) -> str:
    if not isinstance(entry, dict):
        return str(entry)
    if "type" in entry:
        known = names.records.get((entry["type"], entry["id"]))
        return known.name if known else ""
    if "contact_id" in entry:
        known = names.records.get(("contact", entry["contact_id"]))
        name = known.name if known else ""
        return f"{name} ({entry['role']})" if entry.get("role") and name else name
    return str(entry.get("email") or entry.get("phone") or "")
