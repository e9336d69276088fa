"""Pipelines: their stages in order, which one new deals begin in, what goes when, and why deals are lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from crm import web
from crm.localization import lazy_gettext as _l
from crm.routes.settings.base import bp
from crm.web import requires
from shared import records
from shared.accounts import workspaces
from shared.accounts.permissions import Scope
from shared.errors import AppError, Invalid
from shared.models import Pipeline, Stage, StageType
from shared.records import pipelines, stage_undo, stages
from shared.schemas.accounts import WorkspacePatch

TYPE_NAMES = {StageType.OPEN: _l("Open"), StageType.WON: _l("Won"), StageType.LOST: _l("Lost")}
_NEW_STAGES = [
    {"name": name, "type": type_, "probability": probability} for name, type_, probability in pipelines.DEFAULT_STAGES
]


def _listed(error: AppError | None = None, *, status: int = 200, **given: Any) -> ResponseReturnValue:
    every = pipelines.listed(web.session(), archived=True)
    counts = stages.count_deals(web.session(), [stage.id for p in every for stage in p.stages])
    return web.page(
        "settings/pipelines.html",
        status=status,
        pipelines=every,
        deals={p.id: sum(counts.get(stage.id, 0) for stage in p.stages) for p in every},
        workspace=workspaces.get(web.session()),
        likes=[(str(p.id), p.name) for p in every],
        problems=[error.detail] if error else [],
        given=given,
    )


@bp.get("/pipelines")
@requires(Scope.WORKSPACE_MANAGE)
def list_pipelines() -> ResponseReturnValue:
    """All pipelines, the archived ones last."""
    return _listed()


@bp.post("/pipelines")
@requires(Scope.WORKSPACE_MANAGE)
def create_pipeline() -> ResponseReturnValue:
    """A new pipeline, with the stages of the default one or the usual ones."""
    name = request.form.get("name", "")
    like = web.session().get(Pipeline, request.form.get("like", 0, web.whole))
    given = _NEW_STAGES if like is None else [_plain(stage) for stage in like.stages]
    try:
        made = records.create(web.session(), "pipeline", {"name": name, "stages": given}, by=web.actor())
    except Invalid as error:
        web.abandon()
        return _listed(error, status=422, name=name)
    web.flash_message(_("“%(name)s” is there. Fit its stages to how you sell.", name=made.name))
    return web.go(url_for("settings.edit_pipeline", id=made.id))


def _plain(stage: Stage) -> dict[str, Any]:
    names = ("name", "type", "probability", "stale_days")
    return {name: getattr(stage, name) for name in names}


@bp.get("/pipelines/<int:id>")
@requires(Scope.WORKSPACE_MANAGE)
def edit_pipeline(id: int) -> ResponseReturnValue:
    """One pipeline: its name and stages."""
    return _form(web.get_or_404(Pipeline, id))


def _nearest(stage: Stage, all_: Sequence[Stage]) -> int | str:
    """Where a stage's deals go unless somebody says otherwise: open ones are not lost, or won, by a click."""
    at = all_.index(stage)
    others = [*reversed(all_[:at]), *all_[at + 1 :]]
    return next((other.id for other in sorted(others, key=lambda other: other.type is not stage.type)), "")


def _form(
    pipeline: Pipeline, error: AppError | None = None, rows: list[dict[str, Any]] | None = None
) -> ResponseReturnValue:
    session = web.session()
    counts = stages.count_deals(session, [stage.id for stage in pipeline.stages])
    shown = [{"id": s.id, **_plain(s)} for s in pipeline.stages] if rows is None else rows
    elsewhere = [
        (stage.id, f"{p.name}: {stage.name}")
        for p in pipelines.listed(session)
        for stage in p.stages
        if p is not pipeline
    ]
    return web.page(
        "settings/pipeline.html",
        status=error.status if error else 200,
        pipeline=pipeline,
        rows=shown,
        counts=counts,
        binned=stages.count_deals(session, [stage.id for stage in pipeline.stages], binned=True),
        here=[(stage.id, stage.name) for stage in pipeline.stages],
        near={stage.id: _nearest(stage, pipeline.stages) for stage in pipeline.stages},
        elsewhere=elsewhere,
        deals=sum(counts.values()),
        types=[(type_.value, name) for type_, name in TYPE_NAMES.items()],
        usual_days=web.workspace().stale_days,
        problems=_problems(error, shown) if error else [],
    )


def _problems(error: AppError, rows: list[dict[str, Any]]) -> list[str]:
    """What is wrong, each by its stage and column: nobody who sees the form knows those as `stages.3.probability`."""
    columns = {
        "name": _("Name"), "type": _("Kind"), "probability": _("Probability"), "stale_days": _("Stale after"),
    }  # fmt: skip
    found = []
    for problem in error.errors:
        part = problem.path.split(".")
        where = [rows[int(part[1])]["name"]] if part[0] == "stages" and part[1:] else []
        where += [columns[part[-1]]] if part[-1] in columns else []
        found.append(": ".join([*where, problem.message]))
    return found or [error.detail]


@bp.post("/pipelines/<int:id>")
@requires(Scope.WORKSPACE_MANAGE)
def update_pipeline(id: int) -> ResponseReturnValue:
    """Its name and stages as the form has them, top to bottom; a stage without a name is left out if it is new."""
    pipeline = web.get_or_404(Pipeline, id)
    form = request.form
    columns = [form.getlist(name) for name in ("stage_id", "stage_name", "stage_type", "probability", "stale_days")]
    rows = [
        {
            "id": int(key) if key.isdecimal() and len(key) < 20 else None,
            "name": name,
            "type": type_,
            "probability": odds,
            "stale_days": days,
        }
        for key, name, type_, odds, days in zip(*columns, strict=False)
        if key or name.strip()
    ]
    types = {stage.id: stage.type for stage in pipeline.stages}
    try:
        data = {"name": form.get("name", ""), "stages": [_read(row) for row in rows]}
        records.update(web.session(), pipeline, data, by=web.actor(), expecting=form.get("version", type=web.whole))
    except AppError as error:
        web.abandon()
        return _form(web.get_or_404(Pipeline, id), error, rows)
    web.flash_message(" ".join([_("Saved."), *_reckoned_anew(pipeline, types)]))
    return web.go(url_for("settings.edit_pipeline", id=id))


def _reckoned_anew(pipeline: Pipeline, types: dict[int, StageType]) -> list[str]:
    """For each stage that was of another of these `types`: how its deals count now, which reports show."""
    changed = [stage for stage in pipeline.stages if types.get(stage.id, stage.type) is not stage.type]
    counts = stages.count_deals(web.session(), [stage.id for stage in changed])
    words = {
        StageType.OPEN: lambda n: ngettext("%(num)s deal is open now.", "%(num)s deals are open now.", n),
        StageType.WON: lambda n: ngettext("%(num)s deal counts as won now.", "%(num)s deals count as won now.", n),
        StageType.LOST: lambda n: ngettext("%(num)s deal counts as lost now.", "%(num)s deals count as lost now.", n),
    }
    return [words[stage.type](counts[stage.id]) for stage in changed if counts.get(stage.id)]


def _read(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the form as `records` takes it; a number that is none is left for the check to refuse."""
    found = dict(row)
    for name in ("probability", "stale_days"):
        text = str(row[name]).strip()
        found[name] = int(text) if text.isdecimal() and len(text) < 6 else text
    if found["stale_days"] == "":
        found["stale_days"] = None
    if not str(row["name"]).strip():
        raise Invalid(_("Every stage needs a name. To take one out, delete it."))
    if found["probability"] == "":
        del found["probability"]
    if found["id"] is None:
        del found["id"]
    return found


@bp.post("/pipelines/<int:id>/order")
@requires(Scope.WORKSPACE_MANAGE)
def order_stages(id: int) -> ResponseReturnValue:
    """The stages in another order: `stage_id` once for each, top to bottom."""
    pipeline = web.get_or_404(Pipeline, id)
    wanted = request.form.getlist("stage_id", type=web.whole)
    known = {stage.id: stage for stage in pipeline.stages}
    if sorted(wanted) != sorted(known):
        raise Invalid.field("stage_id", _("The stages have changed meanwhile. Reload to see them as they are."))
    ordered = [{"id": key, **_plain(known[key])} for key in wanted]
    records.update(web.session(), pipeline, {"stages": ordered}, by=web.actor())
    if web.wants_json():
        web.session().flush()
        return jsonify(version=pipeline.version)
    return web.go(url_for("settings.edit_pipeline", id=id))


@bp.post("/pipelines/<int:id>/stages/<int:stage_id>/delete")
@requires(Scope.WORKSPACE_MANAGE)
def delete_stage(id: int, stage_id: int) -> ResponseReturnValue:
    """Take a stage away, its deals to the stage chosen."""
    pipeline = web.get_or_404(Pipeline, id)
    move_to = request.form.get("move_to", type=web.whole)
    stage, moved = stages.remove_stage(web.session(), pipeline, stage_id, move_to=move_to, by=web.actor())
    undo = url_for("settings.take_back_stages", id=moved.id)
    web.flash_message(_("“%(name)s” is gone.", name=stage.name) + _moved(moved.changed), undo_url=undo)
    return web.go(url_for("settings.edit_pipeline", id=id))


def _moved(count: int) -> str:
    return " " + ngettext("%(num)s deal moved.", "%(num)s deals moved.", count) if count else ""


@bp.post("/pipelines/<int:id>/delete")
@requires(Scope.WORKSPACE_MANAGE)
def delete_pipeline(id: int) -> ResponseReturnValue:
    """Delete a pipeline, its deals to a stage of another."""
    pipeline = web.get_or_404(Pipeline, id)
    name, move_to = pipeline.name, request.form.get("move_to", type=web.whole)
    moved = stages.remove_pipeline(web.session(), pipeline, move_to=move_to, by=web.actor())
    undo = url_for("settings.take_back_stages", id=moved.id)
    web.flash_message(_("“%(name)s” was deleted.", name=name) + _moved(moved.changed), undo_url=undo)
    return web.go(url_for("settings.list_pipelines"))


@bp.post("/pipelines/emptied/<int:id>/undo")
@requires(Scope.WORKSPACE_MANAGE)
def take_back_stages(id: int) -> ResponseReturnValue:
    """Bring back the stage or pipeline that was deleted, its deals to where they stood."""
    pipeline, kept = stage_undo.take_back(web.session(), id, by=web.actor())
    text = _("“%(name)s” is as it was.", name=pipeline.name)
    if kept:
        text += " " + ngettext(
            "%(num)s deal was moved since and stays.", "%(num)s deals were moved since and stay.", kept
        )
    web.flash_message(text)
    return web.go(url_for("settings.edit_pipeline", id=pipeline.id))


@bp.post("/pipelines/<int:id>/state")
@requires(Scope.WORKSPACE_MANAGE)
def set_pipeline_state(id: int) -> ResponseReturnValue:
    """`do`: make it the default, archive it, bring it back."""
    pipeline = web.get_or_404(Pipeline, id)
    changes = {"default": {"is_default": True}, "archive": {"archived": True}, "restore": {"archived": False}}
    change: dict[str, Any] | None = changes.get(request.form.get("do", ""))
    if change is None:
        raise Invalid.field("do", _("Choose what to do."))
    records.update(web.session(), pipeline, change, by=web.actor())
    web.flash_message(_("Saved."))
    return web.go(url_for("settings.list_pipelines"))


@bp.post("/pipelines/habits")
@requires(Scope.WORKSPACE_MANAGE)
def save_deal_habits() -> ResponseReturnValue:
    """When a deal is stale, and the reasons offered when one is lost."""
    form = request.form
    reasons = [line.strip() for line in form.get("lost_reasons", "").splitlines() if line.strip()]
    data = {"stale_days": form.get("stale_days", "").strip() or 0, "lost_reasons": reasons}
    try:
        workspaces.patch(web.session(), web.parse(WorkspacePatch, data), by=web.actor())
    except Invalid as error:
        web.abandon()
        return _listed(error, status=422)
    web.flash_message(_("Saved."))
    return web.go(url_for("settings.list_pipelines"))
