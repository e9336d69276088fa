"""Everything of this workspace as one file: made in the background, for admins and after the password."""

from __future__ import annotations

from flask import send_file, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form, PasswordField

from crm import web
from crm.backups import file_of
from crm.forms import show_errors
from crm.localization import lazy_gettext as _l
from crm.routes.settings.base import bp, confirm_password
from crm.web import requires
from shared import clock, events
from shared.accounts.permissions import Scope
from shared.errors import Conflict, Invalid, TooManyRequests
from shared.models import Backup
from shared.records import backups


class PasswordForm(Form):
    current_password = PasswordField(_l("Your password"))


class DownloadForm(Form):
    current_password = PasswordField(_l("Your password"), id="download_password")


def _page(*, making: Form | None = None, taking: Form | None = None, status: int = 200) -> ResponseReturnValue:
    row = backups.latest(web.session())
    return web.page(
        "settings/backup.html",
        block="state",
        status=status,
        form=making or PasswordForm(),
        taking=taking or DownloadForm(),
        backup=row,
        is_under_way=row is not None and backups.is_under_way(row),
        is_silent=row is not None and backups.is_silent(row),
    )


@bp.get("/backup", endpoint="backup")
@requires(Scope.WORKSPACE_MANAGE)
def show_backup() -> ResponseReturnValue:
    """The last one, and a form for the next."""
    return _page()


@bp.post("/backup")
@requires(Scope.WORKSPACE_MANAGE)
def make_backup() -> ResponseReturnValue:
    """Have one made. It holds every record and every password's hash, so the password is asked for."""
    form = PasswordForm()
    try:
        confirm_password()
        backups.request(web.session(), by=web.actor())
    except (Invalid, Conflict, TooManyRequests) as error:
        web.abandon()
        show_errors(form, error)
        return _page(making=form, status=error.status)
    return web.go(url_for("settings.backup"))


@bp.post("/backup/<int:id>/download")
@requires(Scope.WORKSPACE_MANAGE)
def download_backup(id: int) -> ResponseReturnValue:
    """The file, after the password: an admin's browser left open must not give away everybody's hashes.

    A POST, so that who took it when can be written down.
    """
    form = DownloadForm()
    try:
        confirm_password()
    except (Invalid, TooManyRequests) as error:
        web.abandon()
        web.get_or_404(Backup, id)
        show_errors(form, error)
        return _page(taking=form, status=error.status)
    row = web.get_or_404(Backup, id)
    path = file_of(web.settings(), row)
    events.record(web.session(), "backup.downloaded", by=web.actor(), subject=("backup", row.id))
    day = (row.finished_at or clock.wall()).date().isoformat()
    return send_file(path, "application/gzip", as_attachment=True, download_name=f"afterword-{day}.tar.gz")
