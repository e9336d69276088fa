"""What leaves: any list as a file, and everything as one archive that an admin can restore elsewhere."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select

from crm import backup as archive
from crm import exporting, list_page, web
from crm.web import requires
from shared import clock, records
from shared.accounts.permissions import Scope
from shared.errors import Conflict, NotFound
from shared.models import Workspace
from shared.query import catalog, lists
from shared.tenancy import EVERY_WORKSPACE

bp = Blueprint("exports", __name__)

#: Of the list's address, what says how it looks and not what is in it.
_LOOKS = list_page.IGNORED - {"deleted"}


@bp.get("/exports/<plural>.<any(csv, xlsx):format>")
@requires(Scope.RECORDS_READ)
def download(plural: str, format: str) -> ResponseReturnValue:
    """All rows of the list that this address asks for."""
    type_ = next((name for name in exporting.TYPES if records.TYPES[name].plural == plural), None)
    if type_ is None:
        raise NotFound(_("There is no such list."))
    args = request.args.to_dict(flat=False)
    query = lists.parse(type_, args, catalog(web.session()), ignore=_LOOKS)
    return exporting.response(
        exporting.of_list(query, columns=request.args.get("columns", ""), for_people=True), format
    )


@bp.get("/settings/backup")
@requires(Scope.WORKSPACE_MANAGE)
def backup() -> ResponseReturnValue:
    """What a backup is, how it is restored, and the button."""
    return web.page("settings/backup.html", alone=_is_alone())


@bp.post("/settings/backup")
@requires(Scope.WORKSPACE_MANAGE)
def download_backup() -> ResponseReturnValue:
    """Everything in one archive. Refused where others' workspaces would be in it."""
    if not _is_alone():
        raise Conflict(_("Several workspaces share this installation: its backup is made on the command line."))
    with tempfile.NamedTemporaryFile(prefix="afterword-", suffix=".tar.gz", delete=False) as file:
        path = Path(file.name)
    try:
        path.unlink()  # the archive is written beside and put there whole
        archive.save(web.database(), web.settings().upload_dir, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    name = f"afterword-{clock.today():%Y-%m-%d}.tar.gz"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(path.stat().st_size)}
    return Response(_sent(path), mimetype="application/gzip", headers=headers)


def _is_alone() -> bool:
    with web.database().scope(EVERY_WORKSPACE, read_only=True) as session:
        return session.scalar(select(func.count()).select_from(Workspace)) == 1


def _sent(path: Path) -> Iterator[bytes]:
    """The file's bytes; nothing of it stays, however the sending ends."""
    with path.open("rb") as file:
        path.unlink()
        while piece := file.read(1024 * 1024):
            yield piece
