"""The workspace: its zone, currency, language, calendar, and which side of a meeting is ours."""

from __future__ import annotations

from babel.dates import get_day_names, get_month_names
from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import Form, HiddenField, SelectField, StringField, TextAreaField

from crm import localization, web
from crm.forms import options, show_errors
from crm.localization import lazy_gettext as _l
from crm.routes.settings.base import bp
from crm.web import requires
from shared.accounts import workspaces
from shared.accounts.permissions import Scope
from shared.chat import conversations
from shared.errors import AppError, Conflict, FieldError, Invalid
from shared.records import bin as records_bin
from shared.schemas.accounts import LOCALES, WorkspacePatch, current_currencies, timezones


class WorkspaceForm(Form):
    """Days and months get their names in the page's language when the form is made."""

    version = HiddenField()
    name = StringField(_l("Name"))
    timezone = SelectField(_l("Time zone"), validate_choice=False)
    locale = SelectField(_l("Language"), choices=options(LOCALES.items()), validate_choice=False)
    currency = SelectField(_l("Currency"), validate_choice=False)
    week_start = SelectField(_l("The week begins on"), validate_choice=False)
    fiscal_year_start = SelectField(_l("The fiscal year begins in"), validate_choice=False)
    own_name = StringField(_l("Name of your company"))
    own_domains = TextAreaField(_l("Domains"))
    chat_retention_days = StringField(_l("Keep conversations for so many days"))
    bin_days = StringField(_l("Empty the bin of what was deleted so many days ago"))


def _workspace_form(**data: object) -> WorkspaceForm:
    form = WorkspaceForm(request.form or None, data=data)
    offered = sorted({*current_currencies(), web.workspace().currency})  # that may be of long ago
    form.timezone.choices, form.currency.choices = options(timezones()), options(offered)
    language = localization.locale()
    form.week_start.choices = options((str(n), name) for n, name in get_day_names(locale=language).items())
    form.fiscal_year_start.choices = options((str(n), name) for n, name in get_month_names(locale=language).items())
    return form


@bp.get("/workspace")
@requires(Scope.WORKSPACE_MANAGE)
def workspace() -> ResponseReturnValue:
    """Zone, currency, language, calendar, and which side of a meeting is ours."""
    shown = workspaces.present(workspaces.get(web.session())).model_dump()
    own = shown.pop("own_company")
    form = _workspace_form(**shown, own_name=own["name"], own_domains="\n".join(own["domains"]))
    return web.page("settings/workspace.html", form=form)


@bp.post("/workspace")
@requires(Scope.WORKSPACE_MANAGE)
def save_workspace() -> ResponseReturnValue:
    """Change them; a page opened before somebody else's change is refused."""
    form = _workspace_form()
    data = {name: value for name, value in form.data.items() if name in request.form}
    own = {"name": data.pop("own_name", ""), "domains": data.pop("own_domains", "").replace(",", " ").split()}
    try:
        patch = web.parse(WorkspacePatch, data | {"own_company": own})
        if (lost := _lost(patch)) and not request.form.get("agreed"):
            return web.page("settings/workspace.html", status=422, form=form, lost=lost)
        changed = workspaces.patch(web.session(), patch, by=web.actor())
    except (Invalid, Conflict) as error:
        show_errors(form, _about_own_company(error))
        return web.page("settings/workspace.html", status=error.status, form=form)
    localization.answer_as(web.current_user, changed)
    web.flash_message(_("Saved."))
    return web.go(url_for("settings.workspace"))


def _lost(patch: WorkspacePatch) -> list[str]:
    """What would be gone for good within minutes, because it is kept for a shorter time than before."""
    session, now, found = web.session(), web.workspace(), []
    if _is_shorter(patch.bin_days, now.bin_days) and (n := records_bin.count_old(session, patch.bin_days or 0)):
        found.append(ngettext("%(n)s thing in the bin", "%(n)s things in the bin", n, n=localization.number(n)))
    days = patch.chat_retention_days
    if _is_shorter(days, now.chat_retention_days) and (n := conversations.count_older(session, days or 0)):
        found.append(
            ngettext(
                "%(n)s conversation with the assistant", "%(n)s conversations with the assistant", n,
                n=localization.number(n),
            )
        )  # fmt: skip
    return found


def _is_shorter(days: int | None, before: int | None) -> bool:
    return days is not None and days > 0 and (before is None or days < before)


def _about_own_company(error: AppError) -> AppError:
    """`own_company.domains.1` is the form's field `own_domains`."""
    renamed = []
    for problem in error.errors:
        part = problem.path.split(".")
        renamed.append(FieldError(f"own_{part[1]}" if part[0] == "own_company" else part[0], problem.message))
    error.errors = tuple(renamed)
    return error
