"""Lists as files, with the filters of the list."""

from __future__ import annotations

from typing import Any

from flask import request

from crm import downloads, exporting, web
from crm.api.http import Reply
from crm.api.operations import Api
from shared import query, records
from shared.accounts.permissions import Scope

#: Read here, not by the list.
_OWN = ("columns",)
_NO_MEANING = ("cursor", "limit", "total")


def register(api: Api) -> None:
    """Two formats of each type."""
    for type_ in exporting.TYPES:
        for format_ in exporting.FORMATS:
            _register(api, records.TYPES[type_], format_)


def _register(api: Api, kind: records.RecordType, format_: str) -> None:
    mimetype = {"csv": "text/csv", "xlsx": downloads.XLSX}[format_]

    @api.operation(
        "GET", f"/exports/{kind.plural}.{format_}", id=f"export_{kind.plural}_{format_}", tag="exports",
        scope=Scope.RECORDS_READ, summary=f"All {kind.plural} as {format_.upper()}",
        description="The filters, `q`, `where` and `sort` of the list; all rows. `columns` picks and orders them. Text"
        " that a spreadsheet would run as a formula has an apostrophe before it.",
        filters=kind.name, answers={200: None}, errors=(503,), files=(mimetype,),
    )  # fmt: skip
    def export() -> Reply:
        args: dict[str, Any] = request.args.to_dict(flat=False)
        asked = query.parse(kind.name, args, query.catalog(web.session()), ignore=(*_OWN, *_NO_MEANING))
        wanted = exporting.of_list(asked, columns=request.args.get("columns", ""), for_people=False)
        return Reply(None, file=exporting.response(wanted, format_))
