"""Duplicates: looked for, reviewed one by one, merged, told apart; and merging whatever was selected."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from crm import merge_page, record_names, web
from crm.record_fields import Kind, row_texts
from crm.record_views import SCREENS
from crm.web import requires
from shared.accounts.permissions import Scope
from shared.errors import Invalid, NotFound
from shared.models import Merge, ScanStatus
from shared.records import apart, comparing, duplicates, merging, tombstones, warning
from shared.records.duplicates import Candidates
from shared.records.pointers import MERGEABLE
from shared.records.types import TYPES
from shared.schemas.ids import LARGEST_ID

bp = Blueprint("duplicates", __name__)

_PAGE = 20


@bp.get("/duplicates")
@requires(Scope.RECORDS_MANAGE)
def list_() -> ResponseReturnValue:
    """What the last search found, surest first."""
    type_name, session = _type_asked(), web.session()
    after = request.args.get("after", type=web.whole)
    start = duplicates.group(session, after)[1] if after else None
    found = duplicates.groups(session, type_name, after=start, limit=_PAGE + 1)
    return web.page(
        "duplicates/list.html",
        type_name=type_name,
        types=[(name, str(SCREENS[name].words.many)) for name in reversed(MERGEABLE)],
        groups=found[:_PAGE],
        more=found[_PAGE - 1].id if len(found) > _PAGE else None,
        **_scan_context(type_name),
        **_looks(),
    )


@bp.get("/duplicates/progress")
@requires(Scope.RECORDS_MANAGE)
def progress() -> ResponseReturnValue:
    """How far the search is; when it is done the page is shown anew."""
    type_name = _type_asked()
    context = _scan_context(type_name)
    if context["scan"] is None or context["scan"].status is ScanStatus.DONE:
        return web.go(url_for("duplicates.list_", type=type_name))
    return web.page("duplicates/_progress.html", type_name=type_name, **context)


@bp.post("/duplicates/search")
@requires(Scope.RECORDS_MANAGE)
def search() -> ResponseReturnValue:
    """Have everything looked through."""
    type_name = _type(request.form.get("type", "contact"))
    duplicates.request(web.session(), type_name, by=web.actor())
    return web.go(url_for("duplicates.list_", type=type_name))


@bp.get("/duplicates/<int:id>")
@requires(Scope.RECORDS_MANAGE)
def show(id: int) -> ResponseReturnValue:
    """One group, ready to be merged or told apart."""
    type_name, group = duplicates.group(web.session(), id)
    return _compare(type_name, list(group.rows)[: merging.MOST], group)


@bp.post("/duplicates/<int:id>/apart")
@requires(Scope.RECORDS_MANAGE)
def tell_apart(id: int) -> ResponseReturnValue:
    """They are not the same; with `only`, this one is not the same as the others."""
    type_name, group = duplicates.group(web.session(), id)
    ids = [row.id for row in group.rows]
    only = request.form.get("only", type=web.whole)
    event = apart.tell(web.session(), type_name, ids, by=web.actor(), only=only if only in ids else None)
    text = _("They will not be shown together again.")
    web.flash_message(text, undo_url=url_for("duplicates.take_back", id=event.id) if event else None)
    return web.go(url_for("duplicates.show", id=id) if only in ids and len(ids) > 2 else _next_url(type_name, group))


@bp.post("/duplicates/told/<int:id>/undo")
@requires(Scope.RECORDS_MANAGE)
def take_back(id: int) -> ResponseReturnValue:
    """They may be the same after all; `id` is that of the event. Leads to what can be decided again."""
    type_name, ids = apart.take_back(web.session(), id, by=web.actor())
    web.flash_message(_("They may be the same again."))
    group = duplicates.group_of(web.session(), type_name, ids)
    if group is not None:
        return web.go(url_for("duplicates.show", id=group))
    return web.go(url_for("duplicates.list_", type=type_name))


# ------------------------------------------------------------------------------------------------------------- merging


@bp.get("/<any(contacts, companies):plural>/merge")
@requires(Scope.RECORDS_MANAGE)
def compare(plural: str) -> ResponseReturnValue:
    """Chosen records side by side: `?ids=1,2`. For one that was merged meanwhile stands what it was merged into; where
    that leaves one, as on the way back from a merge, it is shown."""
    type_name, session = _type(plural), web.session()
    asked = _ids(request.args.get("ids", ""))
    ids = list(dict.fromkeys(tombstones.winner_of(session, type_name, id) or id for id in asked))
    if len(ids) == 1 < len(set(asked)):
        return web.go(SCREENS[type_name].url("show", id=ids[0]))
    return _compare(type_name, merging.load(session, type_name, ids))


@bp.post("/<any(contacts, companies):plural>/merge")
@requires(Scope.RECORDS_MANAGE)
def merge(plural: str) -> ResponseReturnValue:
    """Merge them as chosen; the message offers to take it back."""
    type_name, form, session = _type(plural), request.form, web.session()
    ids, winner = _ids(form.get("ids", "")), form.get("winner", type=web.whole)
    if winner not in ids:
        raise Invalid.field("winner", _("Say which record is kept."))
    group = _group_of(type_name)
    versions = {id: version for id in ids if (version := form.get(f"version.{id}", type=web.whole)) is not None}
    others = [id for id in ids if id != winner]
    merged = merging.merge(
        session, type_name, winner, others, by=web.actor(), picks=merge_page.picks(form), versions=versions
    )
    text = ngettext("%(num)s record was merged into “%(name)s”.", "%(num)s records were merged into “%(name)s”.",
                    len(others), name=merged.title)  # fmt: skip
    web.flash_message(text, undo_url=url_for("duplicates.undo", id=merged.id))
    return web.go(_next_url(type_name, group) if group else SCREENS[type_name].url("show", id=winner))


@bp.get("/merges")
@requires(Scope.RECORDS_MANAGE)
def merges() -> ResponseReturnValue:
    """What was merged or told apart lately, to be taken back."""
    before = request.args.get("before", type=web.whole)
    query = select(Merge).order_by(Merge.id.desc()).limit(_PAGE + 1)
    found = list(web.session().scalars(query if before is None else query.where(Merge.id < before)))
    shown = found[:_PAGE]
    targets = [(merged.record_type, merged.winner_id) for merged in shown]
    return web.page(
        "duplicates/merges.html",
        merges=shown,
        before=shown[-1].id if len(found) > _PAGE else None,
        told=apart.lately(web.session()) if before is None else [],
        references=record_names.references(web.session(), targets),
        people=record_names.people(web.session()),
    )


@bp.post("/merges/<int:id>/undo")
@requires(Scope.RECORDS_MANAGE)
def undo(id: int) -> ResponseReturnValue:
    """Give everything back."""
    undone = merging.undo(web.session(), id, by=web.actor())
    text = _("The merge was undone.")
    if undone.kept:
        text += " " + ngettext("%(num)s later change was kept.", "%(num)s later changes were kept.", undone.kept)
    web.flash_message(text)
    merged = undone.merge
    return web.go(SCREENS[merged.record_type].url("show", id=merged.winner_id))


# ------------------------------------------------------------------------------------------------------ while one types


@bp.post("/duplicates/known/<any(contact, company):type_name>")
@requires(Scope.RECORDS_WRITE)
def known(type_name: str) -> ResponseReturnValue:
    """Who is known already of what stands in a form so far, as a fragment. Changes nothing."""
    web.only_read()
    form = request.form
    values: dict[str, Any] = {name: form.get(name, "")[:300] for name in ("first_name", "last_name", "name", "domain")}
    values["company_id"] = form.get("company_id", type=web.whole)
    for asked in SCREENS[type_name].fields:
        if asked.kind in (Kind.EMAILS, Kind.PHONES):
            part = asked.name.removesuffix("s")
            values[asked.name] = [row[part] for row in row_texts(asked, form) if row[part]]
    found = warning.known(web.session(), type_name, values, besides=request.args.get("besides", type=web.whole))
    references = {entry.row.id: record_names.reference(entry.row) for entry in found}
    return web.page("duplicates/_known.html", known=found, references=references, **_looks())


# ------------------------------------------------------------------------------------------------------------- together


def _compare(type_name: str, rows: list[Any], group: Candidates | None = None) -> ResponseReturnValue:
    session = web.session()
    asked = request.args.get("winner", type=web.whole)
    winner = next((row.id for row in rows if row.id == asked), None) or comparing.best(rows)
    following = duplicates.groups(session, type_name, after=group, limit=1) if group else []
    return web.page(
        "duplicates/compare.html",
        screen=SCREENS[type_name],
        type_name=type_name,
        sides=merge_page.sides(session, type_name, rows, winner),
        references={row.id: record_names.reference(row) for row in rows},
        group=group,
        following=following[0] if following else None,
        **_looks(),
    )


def _looks() -> dict[str, Any]:
    return {
        "title_of": lambda row: TYPES[row.__tablename__].title(row) or _("Without a name"),
        "reason_text": merge_page.reason_text,
        "reason_tones": merge_page.REASON_TONES,
    }


def _scan_context(type_name: str) -> dict[str, Any]:
    session = web.session()
    return {"scan": duplicates.last_scan(session, type_name), "found_groups": duplicates.count(session, type_name)}


def _next_url(type_name: str, group: Candidates) -> str:
    """The next group to review, or the list if there is none."""
    following = duplicates.groups(web.session(), type_name, after=group, limit=1)
    if following:
        return url_for("duplicates.show", id=following[0].id)
    return url_for("duplicates.list_", type=type_name)


def _group_of(type_name: str) -> Candidates | None:
    """The group from whose page a merge was sent, if it is still there."""
    id = request.form.get("group", type=web.whole)
    if id is None:
        return None
    try:
        kind, group = duplicates.group(web.session(), id)
    except NotFound:
        return None
    return group if kind == type_name else None


def _type_asked() -> str:
    return _type(request.args.get("type", "contact"))


def _type(name: str) -> str:
    found = next((kind for kind in MERGEABLE if name in (kind, TYPES[kind].plural)), None)
    if found is None:
        raise NotFound(_("There are no duplicates of this type."))
    return found


def _ids(text: str) -> list[int]:
    parts = [part.strip() for part in text[:400].split(",") if part.strip()]
    if any(not (part.isascii() and part.isdecimal() and len(part) < 11) for part in parts):
        raise Invalid.field("ids", _("Name the records to merge by their numbers: ?ids=1,2"))
    return [id for id in map(int, parts) if id <= LARGEST_ID]
