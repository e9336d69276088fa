"""Oneself: name, language, time zone, keys, and the other addresses one writes from."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import BooleanField, Form, SelectField, StringField, TextAreaField

from crm import localization, web
from crm.forms import options, show_errors
from crm.localization import lazy_gettext as _l
from crm.routes.settings.base import ROLE_NAMES, bp
from crm.web import requires
from shared.accounts import users
from shared.accounts.permissions import Scope
from shared.errors import FieldError, Invalid
from shared.models import User
from shared.schemas.accounts import LOCALES, ProfilePatch, timezones


class ProfileForm(Form):
    name = StringField(_l("Name"))
    locale = SelectField(
        _l("Language"), choices=options([("", _l("Same as the workspace")), *LOCALES.items()]), validate_choice=False
    )
    timezone = SelectField(_l("Time zone"), validate_choice=False)
    mail_aliases = TextAreaField(_l("Other addresses of yours"))
    single_keys = BooleanField(
        _l("Single-key shortcuts"),
        description=_l("Off for dictating: letters then do nothing outside of fields. Ctrl K and Ctrl J keep working."),
    )


def _profile_form(**data: object) -> ProfileForm:
    form = ProfileForm(request.form or None, data=data)
    form.timezone.choices = options([("", _("Same as the workspace")), *timezones()])
    return form


@bp.get("/profile")
@requires(Scope.ACCOUNT_OWN)
def profile() -> ResponseReturnValue:
    """Name, language, time zone, keys, other addresses."""
    me = web.current_user
    form = _profile_form(
        name=me.name, locale=me.locale, timezone=me.timezone, single_keys=me.single_keys,
        mail_aliases="\n".join(me.mail_aliases),
    )  # fmt: skip
    return web.page("settings/profile.html", role_names=ROLE_NAMES, form=form)


@bp.post("/profile")
@requires(Scope.ACCOUNT_OWN)
def save_profile() -> ResponseReturnValue:
    """Change one's own."""
    form = _profile_form()
    try:
        written = (form.mail_aliases.data or "").replace(",", " ").replace(";", " ").split()
        patch = web.parse(ProfilePatch, form.data | {"mail_aliases": written})
    except Invalid as error:
        error.errors = tuple(FieldError(one.path.partition(".")[0], one.message) for one in error.errors)
        show_errors(form, error)
        return web.page("settings/profile.html", status=422, role_names=ROLE_NAMES, form=form)
    me = web.get_or_404(User, web.current_user.id)
    users.change_profile(web.session(), me, patch, by=web.actor())
    localization.answer_as(me, web.workspace())
    web.flash_message(_("Saved."))
    return web.go(url_for("settings.profile"))


@bp.post("/profile/keys")
@requires(Scope.ACCOUNT_OWN)
def save_keys() -> ResponseReturnValue:
    """Whether letters alone act, as the list of shortcuts asks it; all else of the profile stays."""
    me = web.get_or_404(User, web.current_user.id)
    patch = ProfilePatch(
        name=me.name, timezone=me.timezone, locale=me.locale, mail_aliases=me.mail_aliases,
        single_keys=request.form.get("single_keys") == "y",
    )  # fmt: skip
    users.change_profile(web.session(), me, patch, by=web.actor())
    return "", 204
