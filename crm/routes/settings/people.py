"""The people of the workspace: invited, promoted, deactivated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, func, select
from wtforms import Form, HiddenField, PasswordField, SelectField, StringField

from crm import auth, shown_once, web
from crm.forms import options, show_errors
from crm.localization import lazy_gettext as _l
from crm.routes.settings.base import ROLE_NAMES, bp
from crm.web import requires
from shared import clock
from shared.accounts import directory, links, logins, second_factor, tokens, users, workspaces
from shared.accounts.permissions import Scope
from shared.errors import Conflict, Invalid
from shared.models import Deal, Role, StageType, Task, TaskStatus, User
from shared.query.fields import is_stage
from shared.schemas.accounts import UserInput, WorkspacePatch
from shared.schemas.api import UserPatch


class PersonForm(Form):
    name = StringField(_l("Name"))
    email = StringField(_l("E-mail"))
    role = SelectField(_l("Role"), choices=options(ROLE_NAMES.items()), default=Role.MEMBER, validate_choice=False)
    password = PasswordField(_l("Initial password"))


class NameForm(Form):
    version = HiddenField()
    name = StringField(_l("Name"))
    email = StringField(_l("E-mail"))


def _people_page(form: PersonForm | None = None, *, status: int = 200) -> ResponseReturnValue:
    query = select(User).order_by(User.is_active.desc(), User.name, User.id)
    everybody, of = list(web.session().scalars(query)), request.args.get("of", type=web.whole)
    return web.page(
        "settings/people.html",
        status=status,
        people=everybody,
        role_names=ROLE_NAMES,
        form=form or PersonForm(),
        links=links.of_all(web.session()),
        tokens=tokens.of_all(web.session()),
        held=_held({user.id for user in everybody if not user.is_active}),
        wall=clock.wall(),
        link=shown_once.secret(),
        invited=next((user for user in everybody if user.id == of), None),
    )


def _held(left: set[int]) -> dict[int, list[tuple[str, str]]]:
    """What those who have left still have to do, in words, each with the list from which it can be handed over."""
    if not left:
        return {}
    found: dict[int, list[tuple[str, str]]] = {}
    for id, count in _counted(Task.assignee_id, left, Task.deleted_at.is_(None), Task.status == TaskStatus.OPEN):
        text = ngettext("%(num)s open task", "%(num)s open tasks", count)
        found.setdefault(id, []).append((text, url_for("tasks.list_", status="open", assignee_id=id)))
    for id, count in _counted(Deal.owner_id, left, Deal.deleted_at.is_(None), is_stage(StageType.OPEN)):
        text = ngettext("%(num)s open deal", "%(num)s open deals", count)
        found.setdefault(id, []).append((text, url_for("deals.list_", stage_type="open", owner_id=id)))
    return found


def _counted(whose: Any, people: set[int], *conditions: ColumnElement[bool]) -> Iterable[tuple[int, int]]:
    query = select(whose, func.count()).where(whose.in_(people), *conditions).group_by(whose)
    return [(id, count) for id, count in web.session().execute(query)]


@bp.get("/people")
@requires(Scope.USERS_MANAGE)
def people() -> ResponseReturnValue:
    """Everybody who works here, with what they may do."""
    return _people_page()


@bp.post("/people")
@requires(Scope.USERS_MANAGE)
def add_person() -> ResponseReturnValue:
    """A new colleague: with a password, or with a one-time link shown here once."""
    form = PersonForm(request.form)
    try:
        user = users.create_user(web.session(), web.parse(UserInput, form.data), by=web.actor())
    except Invalid as error:
        show_errors(form, error)
        return _people_page(form, status=422)
    if user.password_hash is None:
        return shown_once.go("settings.people", _password_url(user), of=user.id)
    web.flash_message(_("%(name)s can sign in now.", name=user.name))
    return web.go(url_for("settings.people"))


@bp.get("/people/<int:id>")
@requires(Scope.USERS_MANAGE)
def edit_person(id: int) -> ResponseReturnValue:
    """A form for name and address, for whoever was invited with a slip or is called something else now."""
    user = web.get_or_404(User, id)
    form = NameForm(data={"name": user.name, "email": user.email, "version": user.version})
    return web.page("settings/person.html", person=user, form=form)


@bp.post("/people/<int:id>")
@requires(Scope.USERS_MANAGE)
def save_person(id: int) -> ResponseReturnValue:
    """Change them. Of a link that was not used yet nothing is left: it may have gone to the wrong address."""
    user, form = web.get_or_404(User, id), NameForm(request.form)
    try:
        patch = web.parse(UserPatch, {"name": form.name.data or "", "email": form.email.data or ""})
        expecting = request.form.get("version", type=web.whole)
        values = patch.model_dump(include={"name", "email"})
        directory.update(web.session(), user, values, by=web.actor(), expecting=expecting)
    except (Invalid, Conflict) as error:
        web.abandon()
        show_errors(form, error)
        return web.page("settings/person.html", status=error.status, person=web.get_or_404(User, id), form=form)
    web.flash_message(_("Saved."))
    return web.go(url_for("settings.people"))


@bp.post("/people/<int:id>/link")
@requires(Scope.USERS_MANAGE)
def make_link(id: int) -> ResponseReturnValue:
    """A new link: an invitation again, or help for a forgotten password. The one before is dead."""
    user = web.get_or_404(User, id)
    if not user.is_active:
        raise Conflict(_("%(name)s is deactivated. Reactivate the account first.", name=user.name))
    return shown_once.go("settings.people", _password_url(user), of=user.id)


@bp.post("/people/<int:id>/link/withdraw")
@requires(Scope.USERS_MANAGE)
def withdraw_link(id: int) -> ResponseReturnValue:
    """Take an invitation back."""
    user = web.get_or_404(User, id)
    links.withdraw(web.session(), user, by=web.actor())
    web.flash_message(_("The link for %(name)s no longer works.", name=user.name))
    return web.go(url_for("settings.people"))


@bp.post("/people/<int:id>/second-factor/reset")
@requires(Scope.USERS_MANAGE)
def reset_factor(id: int) -> ResponseReturnValue:
    """Help somebody who lost phone and recovery codes; whoever they are signed in as is out, too."""
    user = web.get_or_404(User, id)
    if user.id == web.current_user.id:  # that takes the password, on one's own page
        raise Conflict(_("Turn your own second factor off under “Signing in”."))
    second_factor.remove(web.session(), user, by=web.actor())
    logins.revoke_all(web.session(), user)
    web.flash_message(_("%(name)s signs in with the password alone for now.", name=user.name))
    return web.go(url_for("settings.people"))


@bp.post("/people/<int:id>/sign-out")
@requires(Scope.USERS_MANAGE)
def sign_out_person(id: int) -> ResponseReturnValue:
    """End all logins of somebody, for a lost laptop."""
    user = web.get_or_404(User, id)
    logins.end_all(web.session(), user, by=web.actor(), but=auth.login_id())
    web.flash_message(_("%(name)s is signed out everywhere.", name=user.name))
    return web.go(url_for("settings.people"))


@bp.post("/people/<int:id>/tokens/revoke")
@requires(Scope.USERS_MANAGE)
def revoke_tokens(id: int) -> ResponseReturnValue:
    """End every API token of somebody: what they can do themselves, for whoever cannot be asked."""
    user = web.get_or_404(User, id)
    ended = tokens.of_all(web.session()).get(user.id, [])
    for token in ended:
        tokens.revoke(web.session(), token, by=web.actor())
    said = ngettext("%(num)s API token no longer works.", "%(num)s API tokens no longer work.", len(ended))
    web.flash_message(said)
    return web.go(url_for("settings.people"))


@bp.post("/people/second-factor")
@requires(Scope.USERS_MANAGE)
def demand_factor() -> ResponseReturnValue:
    """Whether everybody needs a second factor; who has none sets it up before anything else."""
    wanted = request.form.get("required") == "1"
    workspaces.patch(web.session(), WorkspacePatch(second_factor_required=wanted), by=web.actor())
    said = _("Everybody needs a second factor now.") if wanted else _("A second factor is everybody's choice.")
    web.flash_message(said)
    return web.go(url_for("settings.people"))


@bp.post("/people/<int:id>/role")
@requires(Scope.USERS_MANAGE)
def change_role(id: int) -> ResponseReturnValue:
    """Promote or demote."""
    user = web.get_or_404(User, id)
    wanted = request.form.get("role", "")
    if wanted not in set(Role):
        raise Invalid.field("role", _("There is no such role."))
    users.set_role(web.session(), user, Role(wanted), by=web.actor())
    web.flash_message(_("Changed the role of %(name)s.", name=user.name))
    return web.go(url_for("settings.people"))


@bp.post("/people/<int:id>/deactivate")
@requires(Scope.USERS_MANAGE)
def deactivate(id: int) -> ResponseReturnValue:
    """End somebody's access."""
    user = web.get_or_404(User, id)
    users.deactivate(web.session(), user, by=web.actor())
    undo_url = url_for("settings.reactivate", id=user.id)
    web.flash_message(_("%(name)s can no longer sign in.", name=user.name), undo_url=undo_url)
    return web.go(url_for("settings.people"))


@bp.post("/people/<int:id>/reactivate")
@requires(Scope.USERS_MANAGE)
def reactivate(id: int) -> ResponseReturnValue:
    """Give it back."""
    user = web.get_or_404(User, id)
    users.reactivate(web.session(), user, by=web.actor())
    web.flash_message(_("%(name)s can sign in again.", name=user.name))
    return web.go(url_for("settings.people"))


def _password_url(user: User) -> str:
    """Absolute, so that it can be handed over; on the address people use, whatever host this request named."""
    token = links.create(web.session(), user, by=web.actor())
    return web.settings().crm_url.rstrip("/") + url_for("auth.password_link", token=token)
