"""Deals: money in minor units, stages by type, every move logged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel.numbers import get_currency_precision
from sqlalchemy import func, select

from shared import clock
from shared.errors import Invalid
from shared.events import Actor, Target
from shared.models import Company, Deal, DealContact, Pipeline, Stage, StageChange, StageType, workspace_of
from shared.records.pipelines import default_pipeline, stages
from shared.tenancy import TenantSession

_PLAIN = (
    "name", "company_id", "contact_id", "probability", "expected_close", "lost_reason", "description", "owner_id",
)  # fmt: skip


def to_minor(amount: Decimal, currency: str) -> int:
    """Major to minor units: 12.5 EUR -> 1250. Raises ValueError for what the currency cannot hold, such as 12.5 JPY."""
    minor = nearest_minor(amount, currency)
    if to_major(minor, currency) != amount:
        digits = get_currency_precision(currency)
        if not digits:
            raise ValueError(f"An amount in {currency} has no decimals.")
        raise ValueError(f"An amount in {currency} has at most {digits} decimals.")
    return minor


def nearest_minor(amount: Decimal, currency: str) -> int:
    """As `to_minor`, for amounts that nobody typed: what somebody said is rounded, 12.5 JPY -> 13."""
    scaled = amount.scaleb(get_currency_precision(currency))
    return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def to_major(minor: int, currency: str) -> Decimal:
    """Minor to major units: 1250 EUR -> 12.50."""
    return Decimal(minor).scaleb(-get_currency_precision(currency))


def write(session: TenantSession, deal: Deal, values: dict[str, Any], by: Actor) -> None:
    """Set validated values; moving to another stage is logged and closes or reopens the deal."""
    for field in _PLAIN:
        if field in values:
            setattr(deal, field, values[field])
    if "amount" in values or "currency" in values:
        _write_amount(session, deal, values)
    if "contacts" in values:
        _write_contacts(deal, values["contacts"])
    _write_stage(session, deal, values, by)


def _write_amount(session: TenantSession, deal: Deal, values: dict[str, Any]) -> None:
    currency: str | None = values.get("currency") or deal.currency or _workspace_currency(session)
    amount = values.get("amount", ...)
    if amount is None:
        deal.amount_minor = None
        currency = values.get("currency", deal.currency)
    elif isinstance(amount, dict):
        deal.amount_minor, currency = amount["minor"], amount["currency"]
    elif isinstance(amount, Decimal):
        deal.amount_minor = _minor(amount, currency or "")
    elif deal.amount_minor is not None and currency != deal.currency:  # the figure stays: 1,250 EUR are 1,250 JPY then
        deal.amount_minor = _minor(to_major(deal.amount_minor, deal.currency or ""), currency or "")
    deal.currency = currency


def _minor(amount: Decimal, currency: str) -> int:
    try:
        return to_minor(amount, currency)
    except ValueError as error:
        raise Invalid.field("amount", str(error)) from None


def _workspace_currency(session: TenantSession) -> str:
    workspace = workspace_of(session)
    return workspace.currency


def _write_contacts(deal: Deal, given: list[dict[str, Any]]) -> None:
    wanted = {entry["contact_id"]: entry.get("role") for entry in given}
    deal.contacts = [row for row in deal.contacts if row.contact_id in wanted]
    present = {row.contact_id: row for row in deal.contacts}
    for contact_id, role in wanted.items():
        if contact_id in present:
            present[contact_id].role = role
        else:
            deal.contacts.append(DealContact(workspace_id=deal.workspace_id, contact_id=contact_id, role=role))


def _write_stage(session: TenantSession, deal: Deal, values: dict[str, Any], by: Actor) -> None:
    stage = _target_stage(session, deal, values)
    if values.get("closed_at") and (stage or session.get_one(Stage, deal.stage_id)).type == StageType.OPEN:
        raise Invalid.field("closed_at", "An open deal was not closed. Send a stage that is won or lost with it.")
    if stage is not None and stage.id != deal.stage_id:
        _move(session, deal, stage, values, by)
    elif "closed_at" in values:
        _write_closing(session, deal, values["closed_at"])


def _write_closing(session: TenantSession, deal: Deal, closed_at: datetime | None) -> None:
    if closed_at is None and session.get_one(Stage, deal.stage_id).type != StageType.OPEN:
        raise Invalid.field("closed_at", "A deal that is won or lost was closed at some time.")  # reports go by it
    deal.closed_at = closed_at


def _target_stage(session: TenantSession, deal: Deal, values: dict[str, Any]) -> Stage | None:
    """The stage asked for; for a new deal the first open one. None: stay."""
    if values.get("stage_id") is not None:
        stage = session.get(Stage, values["stage_id"])
        if stage is None:
            raise Invalid.field("stage_id", "This stage does not exist, or no longer.")
        if values.get("pipeline_id") not in (None, stage.pipeline_id):
            raise Invalid.field("stage_id", "This stage belongs to another pipeline.")
        if stage.pipeline_id != deal.pipeline_id and not _is_in_use(session, stage.pipeline_id):
            raise Invalid.field("stage_id", "This pipeline is archived, or was deleted.")
        return stage
    pipeline_id = values.get("pipeline_id") or deal.pipeline_id
    pipeline = session.get(Pipeline, pipeline_id) if pipeline_id else default_pipeline(session)
    if pipeline is None:
        raise Invalid.field("pipeline_id", "There is no such pipeline.")
    if wanted := values.get("stage"):
        for stage in pipeline.stages:
            if stage.name.casefold() == wanted.casefold():
                return stage
        names = ", ".join(stage.name for stage in pipeline.stages)
        raise Invalid.field("stage", f"“{pipeline.name}” has no stage “{wanted}”. It has: {names}.")
    if deal.stage_id is None or pipeline.id != deal.pipeline_id:
        return next((stage for stage in pipeline.stages if stage.type == StageType.OPEN), pipeline.stages[0])
    return None


def _is_in_use(session: TenantSession, pipeline_id: int) -> bool:
    pipeline = session.get(Pipeline, pipeline_id)
    return pipeline is not None and pipeline.deleted_at is None and pipeline.archived_at is None


def _move(session: TenantSession, deal: Deal, stage: Stage, values: dict[str, Any], by: Actor) -> None:
    before = deal.stage_id
    deal.stage_id, deal.pipeline_id = stage.id, stage.pipeline_id
    was = session.get(Stage, before) if before is not None else None
    if stage.type == StageType.OPEN:
        deal.closed_at = None
    elif values.get("closed_at") or was is None or was.type != stage.type:  # lost after all: from that day on
        deal.closed_at = values.get("closed_at") or clock.now()
    if stage.type != StageType.LOST and "lost_reason" not in values:
        deal.lost_reason = None
    deal.rank = top_rank(session, stage.id)
    deal.stage_since = (values.get("created_at") if before is None else None) or clock.now()
    if before is None:
        session.add(deal)
        session.flush()  # a new deal's log entry needs its id
    session.add(
        StageChange(
            workspace_id=deal.workspace_id,
            deal_id=deal.id,
            from_stage_id=before,
            to_stage_id=stage.id,
            at=deal.stage_since,
            user_id=by.user_id,
        )
    )


def top_rank(session: TenantSession, stage_id: int) -> float:
    """A rank above every deal of a board column."""
    lowest = session.scalar(select(func.min(Deal.rank)).where(Deal.stage_id == stage_id))
    return (lowest or 0.0) - 1.0


def show(session: TenantSession, deal: Deal) -> dict[str, Any]:
    stage = session.get(Stage, deal.stage_id) if deal.stage_id else None
    has_amount = deal.amount_minor is not None and deal.currency is not None
    return {
        **{field: getattr(deal, field) for field in _PLAIN},
        "contacts": [{"contact_id": row.contact_id, "role": row.role} for row in deal.contacts],
        "pipeline_id": deal.pipeline_id,
        "stage_id": deal.stage_id,
        "stage": stage.name if stage else None,
        "stage_type": stage.type if stage else None,
        "amount": {"minor": deal.amount_minor, "currency": deal.currency} if has_amount else None,
        "currency": deal.currency,
        "closed_at": deal.closed_at,
    }


def show_all(session: TenantSession, deals: Sequence[Deal]) -> list[dict[str, Any]]:
    known = stages(session, {deal.pipeline_id for deal in deals})
    shown = [show(session, deal) for deal in deals]
    del known  # while it lived, the session gave each deal's stage from memory
    return shown


def text(session: TenantSession, deal: Deal) -> str:
    company = session.get(Company, deal.company_id) if deal.company_id else None
    return "\n".join(part for part in (company.name if company else None, deal.description) if part)


def related(session: TenantSession, deal: Deal) -> list[Target]:
    people = {deal.contact_id, *(row.contact_id for row in deal.contacts)} - {None}
    targets: list[Target] = [("contact", id) for id in sorted(p for p in people if p is not None)]
    return [("company", deal.company_id), *targets] if deal.company_id else targets
