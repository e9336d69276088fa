"""Tags: their names and colours, how many records carry each, folding one into another."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from crm import web
from crm.localization import lazy_gettext as _l
from crm.routes.settings.base import bp
from crm.web import requires
from shared import records
from shared.accounts.permissions import Scope
from shared.errors import Conflict, Invalid
from shared.models import Tag
from shared.records import tag_merging, tags

COLOR_NAMES = {
    "neutral": _l("Gray"), "red": _l("Red"), "amber": _l("Amber"), "green": _l("Green"), "teal": _l("Teal"),
    "blue": _l("Blue"), "violet": _l("Violet"), "pink": _l("Pink"),
}  # fmt: skip


def _page(
    errors: list[str] | None = None, *, name: str = "", is_new: bool = True, status: int = 200
) -> ResponseReturnValue:
    listed = web.session().scalars(select(Tag).where(Tag.deleted_at.is_(None)).order_by(Tag.name_key)).all()
    return web.page(
        "settings/tags.html", status=status, tags=listed, used=tags.counts(web.session()), colors=COLOR_NAMES,
        others={tag.id: [(other.id, other.name) for other in listed if other is not tag] for tag in listed},
        errors=errors or [], name=name, is_new=is_new,
    )  # fmt: skip


@bp.get("/tags")
@requires(Scope.RECORDS_READ)
def list_tags() -> ResponseReturnValue:
    """All tags."""
    return _page()


@bp.post("/tags")
@requires(Scope.RECORDS_WRITE)
def create_tag() -> ResponseReturnValue:
    """A new tag, before any record carries it."""
    return _saved(None)


@bp.post("/tags/<int:id>")
@requires(Scope.RECORDS_MANAGE)
def update_tag(id: int) -> ResponseReturnValue:
    """Rename it, or give it another colour."""
    return _saved(web.get_or_404(Tag, id))


def _saved(tag: Tag | None) -> ResponseReturnValue:
    name = request.form.get("name", "")
    data = {"name": name, **({"color": color} if (color := request.form.get("color")) else {})}
    try:
        if tag is None:
            records.create(web.session(), "tag", data, by=web.actor())
        else:
            records.update(web.session(), tag, data, by=web.actor())
    except (Invalid, Conflict) as error:
        web.abandon()
        said = error.errors[0].message if error.errors else error.detail
        return _page([said], name=name, is_new=tag is None, status=error.status)
    web.flash_message(_("Saved."))
    return web.go(url_for("settings.list_tags"))


@bp.post("/tags/<int:id>/merge")
@requires(Scope.RECORDS_MANAGE)
def merge_tag(id: int) -> ResponseReturnValue:
    """Let what carries it carry another instead; the message offers to take that back."""
    tag = web.get_or_404(Tag, id)
    into = web.get_or_404(Tag, request.form.get("into", 0, type=web.whole))
    if into.id == tag.id:
        raise Invalid.field("into", _("Choose another tag."))
    kept = tag_merging.merge(web.session(), tag, into, by=web.actor())
    undo = url_for("settings.take_back_tags", id=kept.id)
    web.flash_message(_("“%(one)s” is now “%(other)s”.", one=tag.name, other=into.name), undo_url=undo)
    return web.go(url_for("settings.list_tags"))


@bp.post("/tags/merged/<int:id>/undo")
@requires(Scope.RECORDS_MANAGE)
def take_back_tags(id: int) -> ResponseReturnValue:
    """Give both tags back what they had."""
    tag = tag_merging.take_back(web.session(), id, by=web.actor())
    web.flash_message(_("“%(name)s” is back.", name=tag.name))
    return web.go(url_for("settings.list_tags"))


@bp.post("/tags/<int:id>/delete")
@requires(Scope.RECORDS_MANAGE)
def delete_tag(id: int) -> ResponseReturnValue:
    """Take it off every record; the message offers to take that back."""
    tag = web.get_or_404(Tag, id)
    records.delete(web.session(), tag, by=web.actor())
    undo = url_for("settings.restore_tag", id=id)
    web.flash_message(_("“%(name)s” was deleted.", name=tag.name), undo_url=undo)
    return web.go(url_for("settings.list_tags"))


@bp.post("/tags/<int:id>/restore")
@requires(Scope.RECORDS_MANAGE)
def restore_tag(id: int) -> ResponseReturnValue:
    """Take a deletion back."""
    tag = web.get_or_404(Tag, id, deleted=True)
    tags.refuse_namesake(web.session(), tag)
    records.restore(web.session(), tag, by=web.actor())
    web.flash_message(_("“%(name)s” is back.", name=tag.name))
    return web.go(url_for("settings.list_tags"))
