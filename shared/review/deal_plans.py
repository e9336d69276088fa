"""What a meeting says of a deal: which of the company's it is, and what would change on it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from shared.models import Company, Deal, Meeting, Pipeline, Stage, StageType, workspace_of
from shared.records import matching
from shared.records.deals import nearest_minor
from shared.records.keys import fold
from shared.records.matching import Match
from shared.records.pipelines import default_pipeline
from shared.records.wording import name_fits
from shared.review.plan_parts import Change, Plan, plan_record
from shared.tenancy import TenantSession

#: What was said about a deal's stage -> stage names that pipelines usually use, best first.
_STAGE_NAMES: dict[str, tuple[str, ...]] = {
    "lead": ("lead", "qualification", "qualified"),
    "qualification": ("qualification", "qualified", "lead"),
    "discovery": ("discovery", "qualification"),
    "evaluation": ("evaluation", "demo", "trial", "discovery"),
    "proposal": ("proposal", "quote", "offer"),
    "negotiation": ("negotiation", "contract"),
    "verbal": ("verbal", "negotiation", "contract"),
}


def match_deal(session: TenantSession, meeting: Meeting, data: dict[str, Any], company: Match[Company]) -> Match[Deal]:
    """The meeting's deal, or the company's open one; of several the one of that name or amount.

    A closed deal is not changed by a meeting unless a person says so: it is asked about.
    """
    linked = session.get(Deal, meeting.deal_id) if meeting.deal_id else None
    named = company.row
    is_another = linked and data.get("name") and name_fits(data["name"], linked.name) is False
    fits = linked and linked.deleted_at is None and (named is None or linked.company_id in (None, named.id))
    if linked and fits and not is_another:
        return _unless_closed(session, linked, data)
    companies = [named] if named else list(company.candidates)
    amount = _minor(session, data, None) if data.get("amount") is not None else None
    found = [matching.match_deal(session, at.id, data.get("name"), amount) for at in companies]
    if len(found) == 1:
        return found[0]
    deals = [deal for match in found for deal in ([match.row] if match.row else match.candidates)]
    return Match(candidates=tuple(deals[: matching.MOST_CANDIDATES]), why="an open deal of a company of that name")


def _unless_closed(session: TenantSession, deal: Deal, data: dict[str, Any]) -> Match[Deal]:
    stage = session.get(Stage, deal.stage_id)
    is_open = stage is None or stage.type == StageType.OPEN
    if is_open or not plan_deal(session, data, deal, Match()).changes:
        return Match(deal)
    return Match(candidates=(deal,), why="closed already")


def plan_deal(session: TenantSession, data: dict[str, Any], deal: Deal | None, company: Match[Company]) -> Plan:
    """The changes of this deal, or a new one. A company that is in doubt is left out."""
    changes = []
    if not (deal and deal.company_id) and not company.candidates:
        changes.append(Change("company", None, company.row.name if company.row else data["company"]))
    if data.get("amount") is not None:
        changes += _amount_change(session, deal, data)
    if data.get("close_date"):
        before = deal.expected_close.isoformat() if deal and deal.expected_close else None
        changes += [Change("expected_close", before, data["close_date"])] if before != data["close_date"] else []
    if data.get("stage"):
        changes += _stage_change(session, deal, data["stage"])
    return plan_record("deal", deal, {"name": data.get("name") or data["company"]}, changes)


def currency_of(session: TenantSession, data: dict[str, Any], deal: Deal | None) -> str:
    """What an amount is in: what was said, else the deal's own, else the workspace's."""
    workspace = workspace_of(session)
    return str(data.get("currency") or (deal.currency if deal else None) or workspace.currency)


def _minor(session: TenantSession, data: dict[str, Any], deal: Deal | None) -> int:
    return nearest_minor(Decimal(str(data["amount"])), currency_of(session, data, deal))


def _amount_change(session: TenantSession, deal: Deal | None, data: dict[str, Any]) -> list[Change]:
    after = {"minor": _minor(session, data, deal), "currency": currency_of(session, data, deal)}
    has_amount = deal is not None and deal.amount_minor is not None
    before = {"minor": deal.amount_minor, "currency": deal.currency} if deal is not None and has_amount else None
    return [Change("amount", before, after)] if before != after else []


def _stage_change(session: TenantSession, deal: Deal | None, said: str) -> list[Change]:
    """Forward only: a meeting that mentions an earlier stage does not pull a deal back."""
    now = session.get(Stage, deal.stage_id) if deal else None
    pipeline_stages = default_pipeline(session).stages if now is None else _stages_beside(session, now)
    target = _stage_named(pipeline_stages, said)
    if target is None or (now is not None and (target.id == now.id or now.type != StageType.OPEN)):
        return []
    if now is not None and target.type == StageType.OPEN and target.position < now.position:
        return []
    return [Change("stage", now.name if now else None, target.name)]


def _stages_beside(session: TenantSession, stage: Stage) -> list[Stage]:
    pipeline = session.get(Pipeline, stage.pipeline_id)
    return pipeline.stages if pipeline else []


def _stage_named(stages: list[Stage], said: str) -> Stage | None:
    if said in ("won", "lost"):
        return next((s for s in stages if s.type == said), None)
    for name in _STAGE_NAMES.get(said, ()):
        for stage in stages:
            if stage.type == StageType.OPEN and fold(stage.name).startswith(name):
                return stage
    return None
