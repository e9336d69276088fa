"""What leaves: any list as a file. Everything as one archive is on the settings' page of backups."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import exporting, list_address, web
from crm.web import requires
from shared import records
from shared.accounts.permissions import Scope
from shared.errors import NotFound
from shared.query import catalog, lists
from shared.records import view_states

bp = Blueprint("exports", __name__)

#: Of the list's address, what says how it looks and not what is in it.
_LOOKS = list_address.IGNORED - {"deleted"}


@bp.get("/exports/<plural>.<any(csv, xlsx):format>")
@requires(Scope.RECORDS_READ)
def download(plural: str, format: str) -> ResponseReturnValue:
    """All rows of the list that this address asks for."""
    type_ = next((name for name in exporting.TYPES if records.TYPES[name].plural == plural), None)
    if type_ is None:
        raise NotFound(_("There is no such list."))
    known = catalog(web.session())
    args, _gone = view_states.forgive(known[type_], request.args.to_dict(flat=False))
    query = lists.parse(type_, args, known, ignore=_LOOKS)
    columns = next(iter(args.get("columns", [])), "")
    return exporting.response(exporting.of_list(query, columns=columns, for_people=True), format)
