"""The form that moves a day of many records: how many (working) days, weeks or months, which way, and which day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from crm.localization import lazy_gettext as _l
from crm.record_fields import FormField, FormState, Kind
from crm.record_labels import FIELD_LABELS
from shared.errors import Invalid
from shared.records import shifting
from shared.tenancy import TenantSession

_UNITS = {"days": _l("Days"), "working": _l("Working days"), "weeks": _l("Weeks"), "months": _l("Months")}
_WAYS = {"later": _l("Later"), "earlier": _l("Earlier")}
#: What stands in it first.
USUAL = FormState({"days": "1", "unit": "weeks", "way": "later"})


def fields(session: TenantSession, type_: str) -> tuple[FormField, ...]:
    """What is asked; which day only where there are several."""
    days = {name: label or FIELD_LABELS.get(name, name) for name, label in shifting.fields(session, type_).items()}
    which = FormField("field", _l("Day"), Kind.CHOICE, choices=tuple(days.items()))
    return (
        FormField("days", _l("How many"), Kind.NUMBER, required=True),
        FormField("unit", _l("Unit"), Kind.CHOICE, choices=tuple(_UNITS.items())),
        FormField("way", _l("Direction"), Kind.CHOICE, choices=tuple(_WAYS.items())),
        *((which,) if len(days) > 1 else ()),
    )


def has_due(session: TenantSession, type_: str) -> bool:
    """Whether one of the days is put off from today once it is past."""
    return shifting.DAYS.get(type_) in shifting.fields(session, type_)


def read(session: TenantSession, type_: str, form: Mapping[str, str]) -> dict[str, Any]:
    """How far which day moves, as `shifting.Shift` reads it. Raises Invalid for what is no whole number above zero."""
    text, unit = form.get("days", "").strip(), form.get("unit", "weeks")
    if not (text.isascii() and text.isdecimal()) or len(text) > 4 or int(text) == 0:
        raise Invalid.field("days", _("This has to be a whole number."))
    n = int(text) * (-1 if form.get("way") == "earlier" else 1)
    length: dict[str, Any] = {"months": n} if unit == "months" else {"days": n * (7 if unit == "weeks" else 1)}
    length |= {"working": True} if unit == "working" else {}
    return {"field": form.get("field") or next(iter(shifting.fields(session, type_)), None), **length}
