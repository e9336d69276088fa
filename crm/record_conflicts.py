"""The page of a lost race: each field of a form that now says something else, and which side of it is to stand.

Nothing that was typed is lost: the page holds the inputs of the fields it shows, and sends them with the version that
it shows, so that a third person who is faster still is noticed, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import record_values, web
from crm.record_fields import Form, FormField
from shared.query.catalog import PREFIX
from shared.records.deals import to_major

if TYPE_CHECKING:
    from crm.record_views import Screen

_SIDE = "side."  # and the field's name: "now" keeps what stands, "yours" is saved


def ours(fields: Sequence[FormField], form: Form) -> list[FormField]:
    """The fields that a form is to change: all, but for those whose present value was chosen on this page."""
    return [asked for asked in fields if form.get(_SIDE + asked.name) != "now"]


def page(
    screen: Screen, id: int, current: Mapping[str, Any], yours: Mapping[str, Any], form: Form
) -> ResponseReturnValue:
    """`current` is the record as REST shows it now, `yours` what `form` was read as."""
    sent = {"custom": {}, **yours}
    sides = [
        (asked, theirs, mine)
        for asked in screen.all_fields()
        if (asked.name.removeprefix(PREFIX) in sent["custom"] if asked.is_custom else asked.name in yours)
        if not _is_same(theirs := asked.value_of(current), mine := asked.value_of(sent))
    ]
    now, wanted = ({asked.name: side[i] for asked, *side in sides} for i in (0, 1))
    names = record_values.names_for(web.session(), now, wanted)
    changes = [
        {
            "name": _SIDE + asked.name,
            "label": str(asked.label),
            "current": record_values.shown_value(asked.name, theirs, names, asked) or "–",
            "yours": record_values.shown_value(asked.name, mine, names, asked) or "–",
        }
        for asked, theirs, mine in sides
    ]
    return web.page(
        "errors/409.html",
        status=409,
        detail=_(
            "This record changed after you opened it. Nothing was overwritten: choose for each field what is to stand."
        ),
        changes=changes,
        current_url=screen.url("show", id=id),
        save_url=screen.url("update", id=id),
        version=current["version"],
        typed=_inputs([asked for asked, *_sides in sides], form),
    )


def _inputs(fields: Sequence[FormField], form: Form) -> list[tuple[str, str]]:
    """The inputs of these fields as they were sent; a field may have several (`emails.0.email`, `company_id_text`)."""
    names = {name for asked in fields for name in (asked.name, asked.currency_name)}
    starts = tuple(f"{asked.name}{mark}" for asked in fields for mark in "._")
    return [(name, value) for name in form for value in form.getlist(name) if name in names or name.startswith(starts)]


def _is_same(current: Any, value: Any) -> bool:
    """Whether a field's REST value is what the form says."""
    if isinstance(current, dict) and "minor" in current:
        amount = value.get("amount") if isinstance(value, dict) else value
        return isinstance(amount, Decimal) and bool(to_major(current["minor"], current["currency"]) == amount)
    if isinstance(current, list) and isinstance(value, list) and not any(isinstance(one, dict) for one in value):
        return sorted(current) == sorted(value)
    return str(current or "") == str(value or "")
