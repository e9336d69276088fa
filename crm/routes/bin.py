"""The bin: everything that was deleted, restored one by one or many at once, or deleted for good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from crm import record_names, web
from crm.localization import lazy_gettext as _l
from crm.localization import number
from crm.record_labels import ONE_NAMES, TYPE_NAMES
from crm.web import requires
from shared import clock
from shared.accounts.permissions import Scope, allows, may_delete
from shared.errors import Forbidden, Invalid, NotFound
from shared.events import Target
from shared.models import BulkStatus
from shared.records import bin as records_bin
from shared.records import emptying
from shared.records.bin import Asked, Binned
from shared.schemas.ids import target_of

bp = Blueprint("bin", __name__, url_prefix="/bin")

WHEN = {
    "1": _l("Last 24 hours"),
    "7": _l("Last 7 days"),
    "30": _l("Last 30 days"),
    "older": _l("More than 30 days ago"),
}
NAMES = {**TYPE_NAMES, "pipeline": _l("Pipelines"), "tag": _l("Tags")}
ONE = {**NAMES, **ONE_NAMES}
ICONS = {**record_names.ICONS, "pipeline": "layout-kanban", "tag": "tag"}
_NAMED = 20
#: Progress is asked for so often without a step that its worker must have died.
_STUCK = 20


@bp.get("")
@requires(Scope.RECORDS_DELETE)
def list_() -> ResponseReturnValue:
    """What is in it, the last deleted first."""
    asked, session = _asked(), web.session()
    found = records_bin.page(session, asked, cursor=request.args.get("cursor"))
    workspace = web.workspace()
    return web.page(
        "bin/list.html",
        entries=found.items,
        next_cursor=found.next_cursor,
        total=records_bin.count(session, asked) if not request.args.get("cursor") else None,
        filtered=asked != Asked(),
        may_restore=_may_restore,
        users=record_names.people(session),
        type_names=NAMES,
        one_names=ONE,
        icons=ICONS,
        when=WHEN,
        days=workspace.bin_days,
        emptying=emptying.under_way(session) if web.can(Scope.WORKSPACE_MANAGE) else None,
    )


@bp.post("/restore")
@requires(Scope.RECORDS_DELETE)
def restore() -> ResponseReturnValue:
    """Take the deletion of one or of all that were chosen back."""
    entries = _chosen()
    if not all(_may_restore(entry) for entry in entries):
        raise Forbidden(_("Only its owner or a manager can delete or restore this."))
    records_bin.restore(web.session(), entries, by=web.actor())
    if len(entries) == 1:
        web.flash_message(_("“%(name)s” is back.", name=entries[0].name))
    else:
        web.flash_message(ngettext("%(num)s record is back.", "%(num)s records are back.", len(entries)))
    return web.go(_back())


@bp.post("/confirm")
@requires(Scope.WORKSPACE_MANAGE)
def confirm() -> ResponseReturnValue:
    """Say what would go for good. Changes nothing."""
    web.only_read()
    if _is_all():
        asked, session = _asked(), web.session()
        counts, chosen = records_bin.counts(session, asked), list[str]()
        entries: Sequence[Binned] = records_bin.page(session, asked, limit=_NAMED).items
    else:
        found = _chosen()
        counts, entries = dict(Counter(entry.type for entry in found)), found[:_NAMED]
        chosen = [f"{entry.type}:{entry.row.id}" for entry in found]
    total = sum(counts.values())
    return web.page(
        "bin/confirm.html",
        entries=entries,
        records=chosen,
        total=total,
        more=total - len(entries),
        counts=[(str(NAMES[type_name]), n) for type_name, n in counts.items()],
        until=clock.now().isoformat(),
        type_names=NAMES,
        icons=ICONS,
        back=_back(),
    )


@bp.post("/purge")
@requires(Scope.WORKSPACE_MANAGE)
def purge() -> ResponseReturnValue:
    """Delete them for good."""
    if _is_all():
        return _purge_all()
    entries = _chosen()
    records_bin.purge(web.session(), entries, by=web.actor())
    return _purged(len(entries))  # what was merged into them goes along, and nobody chose it


def _purge_all() -> ResponseReturnValue:
    """All that was in the bin when its owner was asked; of many, the job's progress is shown."""
    asked, until = _asked(), _moment(request.form.get("until", ""))
    asked = replace(asked, before=min(until, asked.before or until))
    begun = emptying.start(web.session(), asked, by=web.actor())
    if begun.status is BulkStatus.DONE:
        return _purged(begun.position)
    return web.go(url_for("bin.show_emptying", id=begun.id, **_kept()))


@bp.get("/emptying/<int:id>")
@requires(Scope.WORKSPACE_MANAGE)
def show_emptying(id: int) -> ResponseReturnValue:
    """How far it is; asked for each second while it goes on, and then the page itself, whose heading says so too."""
    begun, args = emptying.get(web.session(), id), request.args
    if web.is_htmx() and begun.status is not BulkStatus.RUNNING:
        return web.go(url_for("bin.show_emptying", id=id, **_kept()))
    waited = args.get("waited", 0, type=web.whole) + 1 if args.get("at", type=web.whole) == begun.position else 0
    return web.page(
        "bin/_emptying.html" if web.is_htmx() else "bin/emptying.html",
        emptying=begun,
        kept=_kept(),
        asked={"at": begun.position, "waited": waited},
        stuck=waited >= _STUCK,
        back=_back(),
    )


@bp.post("/emptying/<int:id>/stop")
@requires(Scope.WORKSPACE_MANAGE)
def stop_emptying(id: int) -> ResponseReturnValue:
    """Go no further: what has not been reached stays in the bin."""
    emptying.stop(web.session(), emptying.get(web.session(), id))
    return web.go(url_for("bin.show_emptying", id=id, **_kept()))


@bp.post("/emptying/<int:id>/resume")
@requires(Scope.WORKSPACE_MANAGE)
def resume_emptying(id: int) -> ResponseReturnValue:
    """Go on, where the worker died."""
    emptying.resume(web.session(), emptying.get(web.session(), id))
    return web.go(url_for("bin.show_emptying", id=id, **_kept()))


def _purged(count: int) -> ResponseReturnValue:
    web.flash_message(
        ngettext("%(n)s record is gone for good.", "%(n)s records are gone for good.", count, n=number(count))
    )
    return web.go(_back())


def _is_all() -> bool:
    return bool(request.form.get("all")) and not request.form.get("only")


def _moment(text: str) -> datetime:
    try:
        found: datetime | None = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Invalid.field("until", _("Open the bin again and say there what goes."))
    return found


def _asked() -> Asked:
    args, now = request.args, clock.now()
    when = args.get("when", "")
    month = now - timedelta(days=30)
    return Asked(
        type=args.get("type", "") if args.get("type") in records_bin.BINNED else "",
        user_id=args.get("user_id", type=web.whole),
        since=now - timedelta(days=int(when)) if when in ("1", "7", "30") else None,
        before=month if when == "older" else None,
        q=args.get("q", "")[:200],
    )


def _chosen() -> Sequence[Binned]:
    """The records a form names: `only` that one, else each `record`."""
    form, session = request.form, web.session()
    named = [form["only"]] if form.get("only") else form.getlist("record")
    if not named:
        raise Invalid.field("record", _("Choose at least one record."))
    found = records_bin.load(session, [_target(text) for text in named[: records_bin.MOST]])
    if not found:
        raise NotFound(_("There is no such record in the bin."))
    return found


def _target(text: str) -> Target:
    target = target_of(text, records_bin.BINNED)
    if target is None:
        raise NotFound(_("There is no such record in the bin."))
    return target


def _may_restore(entry: Binned) -> bool:
    if entry.type in ("pipeline", "tag"):
        return allows(web.current_user.role, Scope.WORKSPACE_MANAGE)
    return may_delete(web.current_user, entry.row)


def _back() -> str:
    """The bin as it was filtered."""
    return url_for("bin.list_", **_kept())


def _kept() -> dict[str, Any]:
    """How it is filtered, for the address."""
    return {name: request.args[name] for name in ("type", "user_id", "when", "q") if request.args.get(name)}
