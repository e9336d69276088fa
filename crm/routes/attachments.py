"""Files of records: fetched, looked at, taken away and brought back. They are added on the pages of their records."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import web
from crm.web import requires
from shared.accounts.permissions import Scope
from shared.models import Attachment
from shared.records import TYPES, attachments, uploads

bp = Blueprint("attachments", __name__, url_prefix="/attachments")

#: A file may do nothing, whatever is in it: no script, no request, no form, no frame around it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; form-action 'none'"


@bp.get("/<int:id>")
@requires(Scope.RECORDS_READ)
def download(id: int) -> ResponseReturnValue:
    """The file; shown by the browser only where it asked for that and the bytes are a picture or a PDF."""
    return content_of(attachments.get(web.session(), id), inline="inline" in request.args)


def content_of(attachment: Attachment, *, inline: bool = False) -> Response:
    """The bytes with headers that leave nothing to guess. Raises NotFound where they are gone from disk."""
    data = uploads.load(web.settings().upload_dir, web.session().workspace_id, attachment.sha256)
    may_show = inline and attachment.media_type in attachments.INLINE
    answer = Response(data, mimetype=attachment.media_type if may_show else "application/octet-stream")
    plain = attachment.name.encode("ascii", "replace").decode().replace('"', "_").replace("?", "_").replace("\\", "_")
    how = "inline" if may_show else "attachment"
    answer.headers["Content-Disposition"] = f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(attachment.name)}"
    # A PDF is drawn by the browser's own viewer, which a sandbox keeps from starting; it is apart from the page.
    sandbox = "" if may_show and attachment.media_type == "application/pdf" else "; sandbox"
    answer.headers["Content-Security-Policy"] = _POLICY + sandbox
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


@bp.post("/<int:id>/delete")
@requires(Scope.RECORDS_WRITE)
def delete(id: int) -> ResponseReturnValue:
    """Take it off its record; the message brings it back."""
    found = attachments.get(web.session(), id)
    attachments.delete(web.session(), found, by=web.actor())
    return _answer(found, _("“%(name)s” was taken away.", name=found.name), url_for("attachments.restore", id=id))


@bp.post("/<int:id>/restore")
@requires(Scope.RECORDS_WRITE)
def restore(id: int) -> ResponseReturnValue:
    """Bring it back."""
    found = attachments.get(web.session(), id, deleted=True)
    attachments.restore(web.session(), found, by=web.actor())
    return _answer(found, _("“%(name)s” is back.", name=found.name), None)


def _answer(found: Attachment, text: str, undo_url: str | None) -> ResponseReturnValue:
    if web.is_htmx():
        return web.toast("", text, undo_url=undo_url, events={"filesChanged": {}})
    web.flash_message(text, undo_url=undo_url)
    return web.go(url_for(f"{TYPES[found.record_type].plural}.show", id=found.record_id))
