"""Deals: what may be sold to whom, for how much, and how far it is; as a list and as a board of stages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from crm import listing, record_names, web
from crm.list_page import LOOKS
from crm.record_fields import FormField, Kind
from crm.record_labels import FIELD_LABELS
from crm.record_views import Context, Screen, Words, blueprint
from crm.routes.companies import mine_by_default
from crm.web import requires
from shared import records
from shared.accounts.permissions import Scope
from shared.errors import Invalid
from shared.models import Deal, Pipeline, Stage, StageChange, StageType
from shared.query import catalog, lists
from shared.query.lists import ListQuery, Page

FIELDS = (
    FormField("name", FIELD_LABELS["name"], required=True, wide=True, max_length=200),
    FormField("company_id", FIELD_LABELS["company_id"], Kind.RECORD, target="company"),
    FormField("contact_id", FIELD_LABELS["contact_id"], Kind.RECORD, target="contact"),
    FormField("amount", FIELD_LABELS["amount"], Kind.MONEY),
    FormField("stage_id", FIELD_LABELS["stage"], Kind.CHOICE),
    FormField("expected_close", FIELD_LABELS["expected_close"], Kind.DATE),
    FormField("probability", FIELD_LABELS["probability"], Kind.NUMBER, hint=_l("In percent; empty: the stage’s.")),
    FormField("contacts", FIELD_LABELS["contacts"], Kind.PEOPLE, wide=True, target="contact"),
    FormField("owner_id", FIELD_LABELS["owner_id"], Kind.USER),
    FormField("lost_reason", FIELD_LABELS["lost_reason"], max_length=500),
    FormField("description", FIELD_LABELS["description"], Kind.LONG, wide=True),
)

#: Cards of a column; the list has them all.
_CARDS = 30


@dataclass(frozen=True, slots=True)
class Sum:
    """Deals of one currency; `minor` is None where no amount is known."""

    count: int
    minor: int | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Column:
    """A stage of the board, its first cards and what all its deals come to."""

    stage: Stage
    deals: Sequence[Deal]
    count: int
    sums: Sequence[Sum]


def _pipelines() -> list[Pipeline]:
    query = select(Pipeline).where(Pipeline.deleted_at.is_(None))
    return list(web.session().scalars(query.order_by(Pipeline.is_default.desc(), Pipeline.id)))


def _stage_choices(pipelines: Sequence[Pipeline]) -> list[tuple[int, str]]:
    many = len(pipelines) > 1
    return [(s.id, f"{p.name}: {s.name}" if many else s.name) for p in pipelines for s in p.stages]


def sums(query: ListQuery) -> dict[int, list[Sum]]:
    """What the deals of a list come to, by stage and currency."""
    session, viewpoint = web.session(), listing.viewpoint()
    where = lists.conditions_of(session, query, viewpoint)
    counted = select(Deal.stage_id, Deal.currency, func.count(), func.sum(Deal.amount_minor)).where(*where)
    found: dict[int, list[Sum]] = defaultdict(list)
    by_stage = counted.group_by(Deal.stage_id, Deal.currency)
    for stage_id, currency, count, minor in session.execute(by_stage, viewpoint.parameters):
        found[stage_id].append(Sum(count, None if minor is None else int(minor), currency))
    return found


def totals(sums_: Sequence[Sum]) -> list[Sum]:
    """One sum a currency, the largest number of deals first."""
    by_currency: dict[str, list[Sum]] = defaultdict(list)
    for part in sums_:
        if part.currency and part.minor is not None:
            by_currency[part.currency].append(part)
    added = [Sum(sum(p.count for p in parts), sum(p.minor or 0 for p in parts), c) for c, parts in by_currency.items()]
    return sorted(added, key=lambda part: (-part.count, part.currency or ""))


def _list_more(query: ListQuery, _page: Page) -> Context:
    pipelines = _pipelines()
    by_stage = sums(query)
    is_open = {stage.id for p in pipelines for stage in p.stages if stage.type == StageType.OPEN}
    open_sums = [part for stage_id, parts in by_stage.items() if stage_id in is_open for part in parts]
    as_board = request.args.get("view") == "board"
    return {
        "stages": _stage_choices(pipelines),
        "open_count": sum(part.count for part in open_sums),
        "open_totals": totals(open_sums),
        "as_board": as_board,
        "columns": _columns(query, pipelines, by_stage) if as_board else (),
    }


def _columns(query: ListQuery, pipelines: Sequence[Pipeline], by_stage: dict[int, list[Sum]]) -> list[Column]:
    """The stages of the default pipeline, the filters of the list applied."""
    columns = []
    for stage in pipelines[0].stages if pipelines else ():
        cards = replace(query.with_filter("stage_id", stage.id), limit=_CARDS, with_total=False, cursor=None)
        parts = by_stage.get(stage.id, [])
        deals = listing.run(cards).items if parts else []
        columns.append(Column(stage, deals, sum(part.count for part in parts), totals(parts)))
    return columns


def _show_more(deal: Deal) -> Context:
    session = web.session()
    stage = session.get_one(Stage, deal.stage_id)
    pipeline = session.get_one(Pipeline, deal.pipeline_id)
    involved = [("contact", row.contact_id) for row in deal.contacts]
    if deal.contact_id is not None:
        involved.insert(0, ("contact", deal.contact_id))
    known = record_names.references(session, [*involved, ("company", deal.company_id or 0)])
    roles = {row.contact_id: row.role for row in deal.contacts}
    moves = select(func.max(StageChange.at)).where(StageChange.deal_id == deal.id)
    return {
        "stage": stage,
        "stages": pipeline.stages,
        "probability": stage.probability if deal.probability is None else deal.probability,
        "company": known.get(("company", deal.company_id or 0)),
        "involved": [(known[key], roles.get(key[1])) for key in dict.fromkeys(involved) if key in known],
        "in_stage_since": session.scalar(moves) or deal.created_at,
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
        form_more=lambda: {"choices": {"stage_id": _stage_choices(_pipelines())}},
        prefill=mine_by_default,
    )
)


@bp.post("/<int:id>/move")
@requires(Scope.RECORDS_WRITE)
def move(id: int) -> ResponseReturnValue:
    """Put it into another stage; the message puts it back."""
    deal = web.get_or_404(Deal, id)
    before = deal.stage_id
    stage_id = request.values.get("stage_id", type=int)
    if stage_id is None:
        raise Invalid.field("stage_id", _("Choose a stage."))
    version = request.form.get("version", type=int)
    records.update(web.session(), deal, {"stage_id": stage_id}, by=web.actor(), expecting=version)
    stage = web.session().get_one(Stage, deal.stage_id)
    text = _("“%(name)s” is in %(stage)s now.", name=deal.name, stage=stage.name)
    undo_url = url_for("deals.move", id=id, stage_id=before, undo=1) if before != stage_id else None
    is_undo = "undo" in request.args
    if not web.is_htmx():
        web.flash_message(text, undo_url=None if is_undo else undo_url)
        return web.go(url_for("deals.show", id=id))
    if is_undo:  # from a message, which knows nothing of the board it stands on
        answer = make_response("", 204)
        answer.headers["HX-Refresh"] = "true"
        return answer
    return web.toast(_board(), text, undo_url=undo_url)


def _board() -> str:
    """The board as it is now, with the filters of the page it stands on."""
    args = {key: request.args.getlist(key) for key in request.args if key not in ("stage_id", "undo", "view")}
    query = lists.parse("deal", args, catalog(web.session()), ignore=LOOKS)
    pipelines = _pipelines()
    return web.render("deals/_board.html", columns=_columns(query, pipelines, sums(query)), filters=query.args())
