"""The workspace: its zone, currency, language, calendar, and which side of a meeting is ours."""

from __future__ import annotations

from babel.dates import get_day_names, get_month_names
from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, HiddenField, SelectField, StringField, TextAreaField

from crm import localization, web
from crm.forms import options, show_errors
from crm.routes.settings.base import bp
from crm.web import requires
from shared.accounts import workspaces
from shared.accounts.permissions import Scope
from shared.errors import AppError, Conflict, FieldError, Invalid
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
        changed = workspaces.patch(web.session(), patch, by=web.actor())
    except (Invalid, Conflict) as error:
        show_errors(form, _about_own_company(error))
        return web.page("settings/workspace.html", status=error.status, form=form)
    localization.answer_as(web.current_user, changed)
    web.flash_message(_("Saved."))
    return web.go(url_for("settings.workspace"))


def _about_own_company(error: AppError) -> AppError:
    """`own_company.domains.1` is the form's field `own_domains`."""
    renamed = []
    for problem in error.errors:
        part = problem.path.split(".")
        renamed.append(FieldError(f"own_{part[1]}" if part[0] == "own_company" else part[0], problem.message))
    error.errors = tuple(renamed)
    return error
