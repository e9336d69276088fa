"""How the workspace looks: its name, its colour, its logo."""

from __future__ import annotations

import io
import warnings

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Form, StringField

from crm import web
from crm.forms import show_errors
from crm.localization import lazy_gettext as _l
from crm.routes.settings.base import bp
from crm.web import requires
from shared.accounts import workspaces
from shared.accounts.permissions import Scope
from shared.errors import AppError, Invalid, NotFound
from shared.records import uploads
from shared.schemas.accounts import WorkspacePatch

ACCENT_NAMES = {
    "": _l("Ink"),
    "teal": _l("Teal"),
    "green": _l("Green"),
    "plum": _l("Plum"),
    "rust": _l("Rust"),
    "slate": _l("Slate"),
}
LOGO_BYTES = 512 * 1024
_LOGO_PIXELS = 4000 * 4000
#: What is kept: sharp at the largest place it is shown, on screens of twice the density.
_LOGO_SIDE = 256


class BrandingForm(Form):
    name = StringField(_l("Name of the workspace"))


def _page(form: Form, *, status: int = 200, problem: str | None = None) -> ResponseReturnValue:
    return web.page("settings/branding.html", status=status, form=form, accents=ACCENT_NAMES, logo_problem=problem)


@bp.get("/branding", endpoint="branding")
@requires(Scope.WORKSPACE_MANAGE)
def show_branding() -> ResponseReturnValue:
    """Name, colour, logo."""
    return _page(BrandingForm(data={"name": web.workspace().name}))


@bp.post("/branding")
@requires(Scope.WORKSPACE_MANAGE)
def save_branding() -> ResponseReturnValue:
    """Name and colour."""
    form = BrandingForm(request.form)
    try:
        patch = web.parse(WorkspacePatch, {"name": form.name.data, "accent": request.form.get("accent", "")})
        workspaces.patch(web.session(), patch, by=web.actor())
    except AppError as error:
        web.abandon()
        show_errors(form, error)
        return _page(form, status=error.status)
    web.flash_message(_("Saved."))
    return web.go(url_for("settings.branding"))


@bp.post("/branding/logo")
@requires(Scope.WORKSPACE_MANAGE)
def save_logo() -> ResponseReturnValue:
    """A picture, drawn anew from its pixels: nothing else that stood in the file is kept."""
    file = request.files.get("logo")
    data = file.read(LOGO_BYTES + 1) if file is not None else b""
    try:
        picture = _redrawn(data)
    except Invalid as error:
        return _page(BrandingForm(data={"name": web.workspace().name}), status=422, problem=error.detail)
    digest = uploads.save(web.settings().upload_dir, web.workspace().id, picture)
    return _logo_set(digest, _("Saved."))


@bp.post("/branding/logo/remove")
@requires(Scope.WORKSPACE_MANAGE)
def remove_logo() -> ResponseReturnValue:
    """Back to ours."""
    return _logo_set(None, _("The logo was removed."))


def _logo_set(digest: str | None, text: str) -> ResponseReturnValue:
    event = workspaces.set_logo(web.session(), digest, by=web.actor())
    web.flash_message(text, undo_url=url_for("settings.take_logo_back", id=event.id) if event else None)
    return web.go(url_for("settings.branding"))


@bp.post("/branding/logo/changed/<int:id>/undo")
@requires(Scope.WORKSPACE_MANAGE)
def take_logo_back(id: int) -> ResponseReturnValue:
    """The logo from before; `id` is the event of its change."""
    workspaces.take_logo_back(web.session(), id, web.current_user.id, by=web.actor())
    web.flash_message(_("The logo is as it was."))
    return web.go(url_for("settings.branding"))


@bp.get("/branding/logo/<digest>")
@requires(Scope.ACCOUNT_OWN)
def logo(digest: str) -> ResponseReturnValue:
    """One's own workspace's logo. The address changes with the picture, so browsers may keep it."""
    if digest != web.workspace().logo:
        raise NotFound(_("There is no such picture."))
    answer = Response(uploads.load(web.settings().upload_dir, web.workspace().id, digest), mimetype="image/png")
    answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def _redrawn(data: bytes) -> bytes:
    """A PNG of at most 256 pixels a side. Raises Invalid for what is too large or no PNG, JPEG or WebP."""
    from PIL import Image  # takes 30 ms to load, which no other page should wait for

    if not data:
        raise Invalid(_("Choose a file first."))
    if len(data) > LOGO_BYTES:
        raise Invalid(_("This file is too large; the limit is 512 KB."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP"))
            if picture.width * picture.height > _LOGO_PIXELS:
                raise Invalid(_("This picture has too many pixels."))
            drawn = picture.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Invalid(_("This is no PNG, JPEG or WebP picture.")) from error
    drawn.thumbnail((_LOGO_SIDE, _LOGO_SIDE))
    out = io.BytesIO()
    drawn.save(out, "PNG", optimize=True)
    return out.getvalue()
