"""What an entry of the audit log says was changed: fields by their labels, values in words.

Records say it as their timelines do; settings have labels of their own here. The CSV file keeps names and values as
they were written down, for machines.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from babel.dates import get_day_names, get_month_names
from flask_babel import gettext as _

from crm import localization, record_custom, record_names, record_values
from crm.localization import lazy_gettext as _l
from crm.record_labels import FIELD_LABELS, TYPE_NAMES
from crm.record_values import Names
from crm.routes.settings.base import ROLE_NAMES
from crm.routes.settings.branding import ACCENT_NAMES
from shared.models import Event
from shared.query.catalog import PREFIX
from shared.records import removed_fields
from shared.schemas.accounts import LOCALES
from shared.tenancy import TenantSession

_SETTINGS = {
    **FIELD_LABELS,
    "accent": _l("Color"),
    "archived": _l("Archived"),
    "bin_days": _l("Empty the bin of what was deleted so many days ago"),
    "chat_retention_days": _l("Keep conversations for so many days"),
    "color": _l("Color"),
    "external_id": _l("Id in another system"),
    "fiscal_year_start": _l("The fiscal year begins in"),
    "is_active": _l("Turned on"),
    "is_default": _l("Default"),
    "kinds": _l("Events"),
    "locale": _l("Language"),
    "logo": _l("Logo"),
    "lost_reasons": _l("Reasons for losing a deal"),
    "mail_aliases": _l("Other addresses"),
    "own_domains": _l("Domains"),
    "own_name": _l("Name of your company"),
    "role": _l("Role"),
    "second_factor_required": _l("Second factor for everybody"),
    "single_keys": _l("Single-key shortcuts"),
    "stages": _l("Stages"),
    "stale_days": _l("Stale after so many days in one stage"),
    "timezone": _l("Time zone"),
    "url": _l("Address"),
    "week_start": _l("The week begins on"),
}
#: They go with another change that says it in words.
_SAID_BY = {"stage_id": "stage", "stage_type": "stage", "pipeline_id": "stage"}
#: Settings that are kept as codes, with what people know these by.
_CODES: dict[str, Callable[[], Mapping[Any, object]]] = {
    "accent": lambda: ACCENT_NAMES,
    "fiscal_year_start": lambda: get_month_names(locale=localization.locale()),
    "locale": lambda: LOCALES,
    "role": lambda: ROLE_NAMES,
    "week_start": lambda: get_day_names(locale=localization.locale()),
}
_SHOWN_CHARS = 120
#: (field, before, after)
Change = tuple[str, str, str]


def changes_of(session: TenantSession, events: Sequence[Event]) -> list[list[Change]]:
    """What each event changed, in their order."""
    changed = [_pairs(event) for event in events]
    sides = [(name, value) for pairs in changed for name, pair in pairs.items() for value in pair]
    named = [target for name, value in sides for target in record_values.mentioned(name, value)]
    names = Names(record_names.people(session), record_names.references(session, named), record_custom.by_name(session))
    gone = {(d.record_type, f"{PREFIX}{d.key}"): d.label for d in removed_fields.listed(session)}
    return [
        [_change(event, name, pair, names, gone) for name, pair in pairs.items() if _SAID_BY.get(name) not in pairs]
        for event, pairs in zip(events, changed, strict=True)
    ]


def _pairs(event: Event) -> dict[str, list[Any]]:
    """{name: [before, after]}; some events of settings have it as their whole data."""
    data = event.data.get("changes", event.data if event.kind.endswith((".updated", "_changed")) else {})
    return {name: pair for name, pair in data.items() if isinstance(pair, list) and len(pair) == 2}


def _change(event: Event, name: str, pair: Sequence[Any], names: Names, gone: Mapping[tuple[str, str], str]) -> Change:
    type_name = event.record_type or ""
    if type_name not in TYPE_NAMES:
        return str(_SETTINGS.get(name, name)), _setting(name, pair[0]), _setting(name, pair[1])
    asked = names.fields.get((type_name, name))
    label = asked.label if asked else gone.get((type_name, name)) or _SETTINGS.get(name, name)
    before, after = (record_values.shown_value(name, value, names, asked) or "–" for value in pair)
    if before == after:  # what differs is not in the words
        before, after = (_short(value) for value in pair)
    return str(label), before, after


def _setting(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if name in _CODES and isinstance(value, (str, int)):
        return str(_CODES[name]().get(value) or _short(value))
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return _short(", ".join(value) or None)
    return _short(value)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else "–" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_CHARS else f"{text[: _SHOWN_CHARS - 1]}…"
