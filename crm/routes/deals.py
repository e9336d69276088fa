"""Deals: what may be sold to whom, for how much, and how far it is; as a list and as a board of stages."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask import jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from crm import board_cards, deal_board, listing, record_names, web
from crm.list_address import IGNORED
from crm.localization import lazy_gettext as _l
from crm.record_fields import FormField, Kind
from crm.record_labels import FIELD_LABELS
from crm.record_views import SCREENS, Context, Screen, Words, blueprint
from crm.routes.companies import mine_by_default
from crm.routes.forecast import history
from crm.web import requires
from shared.accounts.permissions import Scope
from shared.errors import Invalid, NotFound
from shared.models import Deal, Event, Pipeline, Stage, StageType
from shared.query.lists import ListQuery, Page
from shared.records import board as board_places
from shared.records import pipelines, view_states

FIELDS = (
    FormField("name", FIELD_LABELS["name"], required=True, wide=True),
    FormField("company_id", FIELD_LABELS["company_id"], Kind.RECORD, target="company"),
    FormField("contact_id", FIELD_LABELS["contact_id"], Kind.RECORD, target="contact"),
    FormField("amount", FIELD_LABELS["amount"], Kind.MONEY),
    FormField("stage_id", FIELD_LABELS["stage"], Kind.CHOICE),
    FormField("expected_close", FIELD_LABELS["expected_close"], Kind.DATE),
    FormField("probability", FIELD_LABELS["probability"], Kind.NUMBER, hint=_l("In percent; empty: the stage’s.")),
    FormField("contacts", FIELD_LABELS["contacts"], Kind.PEOPLE, wide=True, target="contact"),
    FormField("owner_id", FIELD_LABELS["owner_id"], Kind.USER),
    FormField("lost_reason", FIELD_LABELS["lost_reason"]),
    FormField("description", FIELD_LABELS["description"], Kind.LONG, wide=True),
)

#: Parameters of the board that are no filters.
_BOARD_ARGS = IGNORED | {"pipeline", "sort", "stage", "after", "undo", "rank", "stage_id"}
#: Places beyond lose the difference between neighbours.
_FARTHEST = 1e12


def _stage_choices(pipelines: Sequence[Pipeline]) -> list[tuple[int, str]]:
    many = len(pipelines) > 1
    return [(s.id, f"{p.name}: {s.name}" if many else s.name) for p in pipelines for s in p.stages]


def _list_more(query: ListQuery, _page: Page) -> Context:
    every = pipelines.listed(web.session(), archived=True)
    is_open = {stage.id for p in every for stage in p.stages if stage.type == StageType.OPEN}
    return {"stages": _stage_choices(every), **_lead(deal_board.sums(query), is_open)}


def _lead(sums: Mapping[int, Sequence[deal_board.Sum]], is_open: Collection[int]) -> Context:
    """What the head says: the open deals, and where a filter leaves none of them, all that it does leave. `sums` and
    `is_open` by stage."""
    still_open = [part for id, parts in sums.items() if id in is_open for part in parts]
    parts = still_open or [part for of_stage in sums.values() for part in of_stage]
    return {
        "shown_open": bool(still_open),
        "shown_count": sum(part.count for part in parts),
        "shown_totals": deal_board.totals(parts),
    }


def _show_more(deal: Deal) -> Context:
    session = web.session()
    stages = pipelines.stages(session, {deal.pipeline_id})
    stage = next(stage for stage in stages if stage.id == deal.stage_id)
    involved = [("contact", row.contact_id) for row in deal.contacts]
    if deal.contact_id is not None:
        involved.insert(0, ("contact", deal.contact_id))
    known = record_names.references(session, [*involved, ("company", deal.company_id or 0)])
    roles = {row.contact_id: row.role for row in deal.contacts}
    return {
        "stage": stage,
        "stages": stages,
        "lost_reasons": web.workspace().lost_reasons,
        "stage_history": history(deal),
        "probability": stage.probability if deal.probability is None else deal.probability,
        "company": known.get(("company", deal.company_id or 0)),
        "involved": [(known[key], roles.get(key[1])) for key in dict.fromkeys(involved) if key in known],
        "in_stage_since": deal.stage_since,
    }


bp = blueprint(
    Screen(
        type="deal",
        icon="currency-dollar",
        fields=FIELDS,
        words=Words(
            many=_l("Deals"),
            new=_l("New deal"),
            edit=_l("Edit deal"),
            filter=_l("Filter deals"),
            none_title=_l("No deals yet"),
            none_text=_l("Add one here, or drop a meeting’s transcript: Afterword proposes the deals it speaks of."),
        ),
        related=("meeting",),
        list_args=("view",),
        list_more=_list_more,
        show_more=_show_more,
        form_more=lambda: {"choices": {"stage_id": _stage_choices(pipelines.listed(web.session()))}},
        prefill=mine_by_default,
    )
)


@bp.before_request
def _address_of_the_board() -> ResponseReturnValue | None:
    """The board once was a way to look at the list."""
    if request.endpoint == "deals.list_" and request.args.get("view") == "board":
        rest: dict[str, Any] = {
            name: values for name, values in request.args.to_dict(flat=False).items() if name not in ("view", "sort")
        }
        if pipeline := rest.pop("pipeline_id", None):  # the board shows one, whatever the list was narrowed to
            rest["pipeline"] = pipeline[0]
        return web.go(url_for("deals.board", **rest))
    return None


# --- The board


@bp.get("/board")
@requires(Scope.RECORDS_READ)
def board() -> ResponseReturnValue:
    """The stages of a pipeline side by side, its deals as cards."""
    session = web.session()
    query, gone = _asked()
    known = pipelines.listed(session)
    chosen = _pipeline(known)
    columns = deal_board.columns(query, chosen) if chosen else []
    return web.page(
        "deals/board.html",
        screen=SCREENS["deal"],
        query=query,
        gone=gone,
        filtered=bool(query.q or query.filters or query.where),
        chips=listing.chips(query),
        users=record_names.asked_for(session),
        pipelines=known,
        pipeline=chosen,
        filters=query.args(),
        on_board=_of_board(query, chosen, known),
        columns=columns,
        **_lead_of_board({column.stage.id: column.parts for column in columns}, chosen),
        lost_reasons=web.workspace().lost_reasons,
    )


@bp.get("/board/more")
@requires(Scope.RECORDS_READ)
def board_more() -> ResponseReturnValue:
    """Further cards of a column, for the end of it."""
    session, (query, _gone) = web.session(), _asked()
    known = {stage.id: (stage, p) for p in pipelines.listed(session, archived=True) for stage in p.stages}
    stage, pipeline = known.get(request.args.get("stage", 0, web.whole), (None, None))
    if stage is None or pipeline is None:
        raise NotFound(_("There is no such record, or it was deleted."))
    try:
        cards, after = deal_board.more(query, stage, request.args.get("after", ""))
    except ValueError:
        raise Invalid.field("after", _("This is no place in a column.")) from None
    return web.page(
        "deals/_cards.html",
        stage=stage,
        stages=pipeline.stages,
        cards=cards,
        after=after,
        filters=query.args(),
    )


def _asked() -> tuple[ListQuery, list[str]]:
    return view_states.parse(web.session(), "deal", request.args.to_dict(flat=False), ignore=_BOARD_ARGS)


def _lead_of_board(sums: Mapping[int, Sequence[deal_board.Sum]], pipeline: Pipeline | None) -> Context:
    """What the head says of the stages of a pipeline; `sums` may be of others too."""
    stages = pipeline.stages if pipeline is not None else ()
    here = {stage.id: sums[stage.id] for stage in stages if stage.id in sums}
    return _lead(here, [stage.id for stage in stages if stage.type is StageType.OPEN])


def _of_board(query: ListQuery, chosen: Pipeline | None, known: Sequence[Pipeline]) -> ListQuery:
    """The deals on the board as a list of their own; of the only pipeline they are all there are."""
    return query.with_filter("pipeline_id", chosen.id) if chosen is not None and len(known) > 1 else query


def _pipeline(known: Sequence[Pipeline]) -> Pipeline | None:
    wanted = request.args.get("pipeline", type=web.whole)
    return next((p for p in known if p.id == wanted), known[0] if known else None)


@bp.post("/<int:id>/move")
@requires(Scope.RECORDS_WRITE)
def move(id: int) -> ResponseReturnValue:
    """Put it into a stage, or elsewhere in its column; the message puts it back.

    `stage_id`; `after` and `before`, the cards it comes between; `version`, what its page was made of; `lost_reason`.
    With `undo`, a move's event, and `rank` it goes back to where it was.
    """
    deal = web.get_or_404(Deal, id)
    before_rank, before_stage = deal.rank, deal.stage_id
    undo = request.values.get("undo", type=web.whole)
    rank = request.values.get("rank", type=_finite)
    if undo is not None:
        board_places.take_back(web.session(), deal, undo, rank=rank, by=web.actor())
        event = None
    else:
        event = _place(deal, rank)
    undo_url = None
    if undo is None and (event is not None or before_rank != deal.rank):
        more: dict[str, Any] = {"undo": event.id} if event else {"stage_id": before_stage}
        undo_url = url_for("deals.move", id=id, rank=repr(before_rank), **more)
    stage = web.session().get_one(Stage, deal.stage_id)
    text = _("“%(name)s” is in %(stage)s now.", name=deal.name, stage=stage.name)
    if web.wants_json():
        return _moved(deal, {before_stage, stage.id}, text, undo_url)
    web.flash_message(text, undo_url=undo_url)
    return web.go(url_for("deals.show", id=id))


def _place(deal: Deal, rank: float | None) -> Event | None:
    stage_id = request.values.get("stage_id", type=web.whole)
    if stage_id is None:
        raise Invalid.field("stage_id", _("Choose a stage."))
    form = request.form
    return board_places.place(
        web.session(),
        deal,
        stage_id,
        by=web.actor(),
        after=form.get("after", type=web.whole),
        before=form.get("before", type=web.whole),
        rank=rank,
        expecting=form.get("version", type=web.whole),
        lost_reason=form.get("lost_reason"),
    )


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number) or abs(number) > _FARTHEST:
        raise ValueError("no place")
    return number


def _moved(deal: Deal, stage_ids: set[int], text: str, undo_url: str | None) -> ResponseReturnValue:
    """What the board needs to become true: the card, the heads of the columns it left and came to."""
    session, (query, _gone) = web.session(), _asked()
    session.flush()
    changed = list(session.scalars(select(Stage).where(Stage.id.in_(stage_ids))))
    stage = next(stage for stage in changed if stage.id == deal.stage_id)
    card = deal_board.card(deal.id, stage)
    pipeline = session.get_one(Pipeline, deal.pipeline_id)
    sums = deal_board.sums(query, [*pipeline.stages, *changed])
    return jsonify(
        text=text,
        undo_url=undo_url,
        stage_id=stage.id,
        stage_type=stage.type,
        card=board_cards.drawn([card], stage, pipeline.stages, query.args()),
        heads={
            stage.id: web.render("deals/_head_alone.html", column=deal_board.Column(stage, sums.get(stage.id, [])))
            for stage in changed
        },
        lead=web.render("deals/_lead.html", filtered=True, **_lead_of_board(sums, pipeline)),
    )
