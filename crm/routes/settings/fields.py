"""Custom fields: which there are for each type of record, and the form of one."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import web
from crm.localization import lazy_gettext as _l
from crm.record_labels import CUSTOM_TYPE_NAMES
from crm.routes.settings.base import bp
from crm.web import requires
from shared.accounts.permissions import Scope
from shared.errors import Conflict, Invalid
from shared.models import FieldDefinition
from shared.records import TYPES, custom, custom_names, removed_fields

RECORD_NAMES = {
    "company": _l("Companies"),
    "contact": _l("Contacts"),
    "deal": _l("Deals"),
    "task": _l("Tasks"),
    "meeting": _l("Meetings"),
}


def _page(
    type_name: str,
    given: Any = None,
    error: Invalid | None = None,
    *,
    namesake: FieldDefinition | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    listed, deleted = custom.definitions(web.session(), type_name), removed_fields.listed(web.session(), type_name)
    unused = dict.fromkeys([field.id for field in [*listed, *deleted]], custom.Uses())
    return web.page(
        "settings/fields.html",
        status=status,
        record_type=type_name,
        record_names=RECORD_NAMES,
        type_names=CUSTOM_TYPE_NAMES,
        fields=listed,
        deleted=deleted,
        uses={**unused, **custom.uses(web.session(), type_name)},
        doubtful={field.id for field in listed if custom_names.is_built_in(type_name, field.label)},
        namesake=namesake,
        days=web.workspace().bin_days,
        given=given or {},
        errors=_by_field(error),
    )


def _by_field(error: Invalid | None) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for problem in error.errors if error else ():
        found.setdefault(problem.path.split(".")[0], []).append(problem.message)
    if error and not found:
        found["label"] = [error.detail]
    return found


def _type() -> str:
    asked = request.values.get("record_type", "company")
    return asked if asked in RECORD_NAMES else "company"


@bp.get("/fields")
@requires(Scope.WORKSPACE_MANAGE)
def list_fields() -> ResponseReturnValue:
    """The fields of one type of record."""
    return _page(_type())


@bp.post("/fields")
@requires(Scope.WORKSPACE_MANAGE)
def create_field() -> ResponseReturnValue:
    """Define a field. Where one of its name was deleted, that one is offered first, with its values."""
    form = request.form
    namesake = removed_fields.namesake(web.session(), _type(), form.get("label", ""))
    if namesake is not None and form.get("anyway") != str(namesake.id):
        return _page(_type(), form, namesake=namesake, status=422)
    data = {
        "record_type": _type(),
        "label": form.get("label", ""),
        "type": form.get("type", ""),
        "hint": form.get("hint") or None,
        "options": _lines(form.get("options", "")) if form.get("type") in ("select", "multi_select") else [],
    }
    try:
        field = custom.define(web.session(), data, by=web.actor())
    except Invalid as error:
        web.abandon()
        return _page(_type(), form, error, status=422)
    web.flash_message(_("“%(name)s” is now a field.", name=field.label))
    return web.go(url_for("settings.list_fields", record_type=field.record_type))


@bp.get("/fields/<int:id>")
@requires(Scope.WORKSPACE_MANAGE)
def edit_field(id: int) -> ResponseReturnValue:
    """The form of one field."""
    field = web.get_or_404(FieldDefinition, id)
    return _form(field, {"label": field.label, "hint": field.hint, "options": _listed(field), "version": field.version})


def _form(
    field: FieldDefinition, given: Any, error: Invalid | Conflict | None = None, *, status: int = 200
) -> ResponseReturnValue:
    return web.page(
        "settings/field.html",
        status=status,
        field=field,
        given=given,
        type_names=CUSTOM_TYPE_NAMES,
        errors=_by_field(error) if isinstance(error, Invalid) else {},
        problems=[error.detail] if isinstance(error, Conflict) else [],
        holders=_holders(field, given["options"]) if isinstance(error, Conflict) and field.type.is_chosen else [],
    )


def _holders(field: FieldDefinition, options: str) -> list[tuple[str, str]]:
    """For each option that the lines leave out: its label, and the list of the records that may still have it."""
    kept = {option.get("value") for option in _reworded(field, _lines(options))}
    view = f"{TYPES[field.record_type].plural}.list_"
    return [
        (option["label"], url_for(view, **{f"custom.{field.key}": option["value"]}))
        for option in field.options
        if option["value"] not in kept
    ]


@bp.post("/fields/<int:id>")
@requires(Scope.WORKSPACE_MANAGE)
def update_field(id: int) -> ResponseReturnValue:
    """Reword a field or change its options: a line whose words changed in its place keeps its value."""
    field = web.get_or_404(FieldDefinition, id)
    form = request.form
    data: dict[str, Any] = {"label": form.get("label", ""), "hint": form.get("hint") or None}
    if field.type.is_chosen:
        data["options"] = _reworded(field, _lines(form.get("options", "")))
    try:
        custom.change(web.session(), field, data, by=web.actor(), expecting=form.get("version", type=web.whole))
    except (Invalid, Conflict) as error:
        web.abandon()
        return _form(web.get_or_404(FieldDefinition, id), form, error, status=error.status)
    web.flash_message(_("Saved."))
    return web.go(url_for("settings.list_fields", record_type=field.record_type))


@bp.post("/fields/<int:id>/move")
@requires(Scope.WORKSPACE_MANAGE)
def move_field(id: int) -> ResponseReturnValue:
    """One place up or down among the fields of its type."""
    field = web.get_or_404(FieldDefinition, id)
    custom.move(web.session(), field, up=request.form.get("up") == "1", by=web.actor())
    return web.go(url_for("settings.list_fields", record_type=field.record_type))


@bp.post("/fields/<int:id>/delete")
@requires(Scope.WORKSPACE_MANAGE)
def delete_field(id: int) -> ResponseReturnValue:
    """Take a field away, with every value it has; the message offers to take that back."""
    field = web.get_or_404(FieldDefinition, id)
    removed_fields.remove(web.session(), field, by=web.actor())
    undo = url_for("settings.restore_field", id=id)
    web.flash_message(_("The field “%(name)s” was deleted.", name=field.label), undo_url=undo)
    return web.go(url_for("settings.list_fields", record_type=field.record_type))


@bp.post("/fields/<int:id>/restore")
@requires(Scope.WORKSPACE_MANAGE)
def restore_field(id: int) -> ResponseReturnValue:
    """Bring a deleted field back, with every value it had."""
    field = web.get_or_404(FieldDefinition, id, deleted=True)
    label, record_type = field.label, field.record_type
    try:
        removed_fields.restore(web.session(), field, by=web.actor())
    except Invalid as error:
        web.abandon()
        why = error.errors[0].message if error.errors else error.detail
        web.flash_message(_("“%(name)s” cannot come back yet.", name=label) + " " + why, tone="error")
    else:
        web.flash_message(_("The field “%(name)s” is back, with its values.", name=label))
    return web.go(url_for("settings.list_fields", record_type=record_type))


@bp.post("/fields/<int:id>/purge")
@requires(Scope.WORKSPACE_MANAGE)
def purge_field(id: int) -> ResponseReturnValue:
    """Delete a deleted field for good."""
    field = web.get_or_404(FieldDefinition, id, deleted=True)
    label, record_type = field.label, field.record_type
    removed_fields.purge(web.session(), field, by=web.actor())
    web.flash_message(_("The field “%(name)s” and its values are gone for good.", name=label))
    return web.go(url_for("settings.list_fields", record_type=record_type))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _listed(field: FieldDefinition) -> str:
    return "\n".join(str(option["label"]) for option in field.options)


def _reworded(field: FieldDefinition, labels: list[str]) -> list[dict[str, str]]:
    """The options of the lines: known labels keep their value; if no line came or went, so does one reworded."""
    known = {str(option["label"]): str(option["value"]) for option in field.options}
    in_place = len(labels) == len(field.options)
    found: list[dict[str, str]] = []
    for i, label in enumerate(labels):
        old = str(field.options[i]["label"]) if in_place else label
        value = known.get(label) or (known.get(old) if old not in labels else None)
        found.append({"label": label, **({"value": value} if value else {})})
    return found
