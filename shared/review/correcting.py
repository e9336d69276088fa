"""Putting a finding right before it is decided: two become one, it belongs to another record, somebody else owns it.

A correction stays on the insight, in `correction`, so that neither comparing it with the CRM again nor another
analysis loses it, and an undo can take it back:

    record      {"type", "id"}: the record it is about; id None means a new one
    task        {"type", "id"}: the known task that it says again; id None means a new one
    owner       {"user_id", "name"}: who promised
    absorbed    {"<insight id>": {"evidence": [what it added], "data": {key: [before, after]}}}
    merged_into the insight that absorbed this one
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shared import clock
from shared.errors import Conflict, Invalid, NotFound
from shared.events import Actor
from shared.models import Insight, InsightStatus, Meeting, Proposal, User
from shared.records.verbs import get
from shared.review.locking import alone
from shared.review.plan_parts import Change, Chosen, Plan
from shared.review.plans import RECORDS, plan
from shared.review.showing import expect_open, headline, record, show
from shared.schemas.ids import LARGEST_ID
from shared.schemas.insight import DATA_BY_KIND, Kind
from shared.tenancy import TenantSession

#: What an insight of these kinds is, it can only be moved to; a new record may be made of it, too.
_OF_THEIR_OWN = (Kind.COMPANY, Kind.CONTACT, Kind.DEAL)
#: What everything else may hang on.
HOLDERS = ("company", "deal", "contact")


def targets_of(kind: Kind) -> tuple[str, ...]:
    """The types of record an insight of this kind may be moved to."""
    return (kind.value,) if kind in _OF_THEIR_OWN else HOLDERS


def may_be_new(kind: Kind) -> bool:
    """Whether an insight of this kind may become a record that is not there yet."""
    return kind in _OF_THEIR_OWN


def merge(session: TenantSession, kept: Insight, other: Insight, *, by: Actor) -> Insight:
    """Make one of two open findings: `kept` gets the other's evidence and what it did not say itself.

    The other is refused as merged, so it does not come back. Raises Invalid if they are of different meetings or
    kinds, Conflict if one was decided before.
    """
    if kept.id == other.id or kept.meeting_id != other.meeting_id or kept.kind != other.kind:
        raise Invalid.field("other", "Only two findings of one kind from one meeting can be merged.")
    alone(session, kept.meeting_id, kept)
    session.refresh(other)
    expect_open(session, kept)
    expect_open(session, other)
    added = [piece for piece in other.evidence if piece not in kept.evidence]
    changed = _joined(kept, other)
    absorbed = {**_correction(kept).get("absorbed", {}), str(other.id): {"evidence": added, "data": changed}}
    _correct(kept, absorbed=absorbed)
    _correct(other, merged_into=kept.id)
    kept.evidence = [*kept.evidence, *added]
    kept.data = {**kept.data, **{key: after for key, (_, after) in changed.items()}}
    other.status, other.reason = InsightStatus.REJECTED, f"Merged into “{headline(kept)}”"[:500]
    other.decided_by_id, other.decided_at = by.user_id, clock.now()
    renew(session, kept)
    record(session, other, "insight.merged", by=by, into=kept.id)
    return kept


def _joined(kept: Insight, other: Insight) -> dict[str, list[Any]]:
    """{key: [before, after]} of what `other` knows and `kept` does not, or says at greater length."""
    changed = {}
    for key in DATA_BY_KIND[Kind(kept.kind)].model_fields:
        mine, theirs = kept.data.get(key), other.data.get(key)
        is_longer = key == "description" and len(str(theirs or "")) > len(str(mine or ""))
        if theirs and (not mine or is_longer):
            changed[key] = [mine, theirs]
    return changed


def move(session: TenantSession, insight: Insight, *, type: str, id: int | None, by: Actor) -> Insight:
    """Say what record an open insight is about; `id` None: one that is not there yet.

    Raises Invalid if its kind cannot be about that or there is no such record, Conflict if it was decided before.
    """
    alone(session, insight.meeting_id, insight)
    expect_open(session, insight)
    kind = Kind(insight.kind)
    if type not in targets_of(kind) or (id is None and not may_be_new(kind)):
        raise Invalid.field("record", f"A {kind.value.replace('_', ' ')} cannot be moved there.")
    if id is not None:
        try:
            get(session, type, id)
        except NotFound as error:
            raise Invalid.field("record", error.detail) from None
    _correct(insight, record={"type": type, "id": id})
    renew(session, insight)
    record(session, insight, "insight.moved", by=by, to=[type, id])
    return insight


def choose(session: TenantSession, insight: Insight, id: int | None, *, as_shown: bool = True) -> None:
    """Answer which record is meant, of those that may be or another; None: a new one.

    The caller is alone with the meeting. Raises Invalid if its kind is no record or there is none of this id; Conflict
    if choosing it would change something else by now than what was shown, if it is to do `as_shown`.
    """
    record_type = RECORDS.get(Kind(insight.kind))
    if record_type is None:
        raise Invalid.field("record_id", f"There is nothing to choose for a {insight.kind.replace('_', ' ')}.")
    if id is not None:
        try:
            get(session, record_type, min(id, LARGEST_ID))
        except NotFound as error:
            raise Invalid.field("record_id", error.detail) from None
    shown = {candidate["id"]: candidate["changes"] for candidate in proposal_of(insight).candidates}
    _correct(insight, **{_choice_key(insight): {"type": record_type, "id": id}})
    renew(session, insight)
    if as_shown and id in shown and shown[id] != proposal_of(insight).changes:
        raise Conflict("This record was changed meanwhile. Look at the proposal again.", current=show(session, insight))


def _choice_key(insight: Insight) -> str:
    return "task" if insight.kind == Kind.ACTION_ITEM else "record"


def expect_answered(session: TenantSession, insight: Insight) -> None:
    """Raises Conflict, naming whom it may be, if a person has to say which record is meant."""
    candidates = proposal_of(insight).candidates
    if candidates:
        names = "; ".join(f"{c['label']} (id {c['id']})" for c in candidates)
        raise Conflict(
            f"“{headline(insight)}” may be: {names}. Choose one, or a new one.", current=show(session, insight)
        )


def assign(
    session: TenantSession, insight: Insight, *, user_id: int | None = None, name: str | None = None, by: Actor
) -> Insight:
    """Say who owns an open task: a user, or somebody else by name; neither takes the owner away.

    Raises Invalid if it is no task or there is no such user, Conflict if it was decided before.
    """
    alone(session, insight.meeting_id, insight)
    expect_open(session, insight)
    if insight.kind != Kind.ACTION_ITEM:
        raise Invalid.field("owner", "Only a task has an owner.")
    user = session.get(User, user_id) if user_id is not None else None
    if user_id is not None and (user is None or not user.is_active):
        raise Invalid.field("user_id", f"There is no user with id {user_id}.")
    name = user.name if user else (name or "").strip()[:200] or None
    _correct(insight, owner={"user_id": user.id if user else None, "name": name})
    insight.data = _with_owner(insight.data, name)
    renew(session, insight)
    record(session, insight, "insight.assigned", by=by, to=name)
    return insight


def _with_owner(data: dict[str, Any], name: str | None) -> dict[str, Any]:
    rest = {key: value for key, value in data.items() if key != "owner"}
    return {**rest, "owner": name} if name else rest


def take_back(session: TenantSession, insight: Insight, *, by: Actor) -> Insight:
    """Undo the last correction of an open insight. Raises Conflict if there is none."""
    correction = _correction(insight)
    if not correction:
        raise Conflict("There is nothing to undo here.", current=show(session, insight))
    if absorbed := correction.get("absorbed"):
        other = session.get(Insight, int(list(absorbed)[-1]))
        if other is not None:
            return part(session, other, by=by)
    insight.correction = None
    insight.data = standing(insight)
    renew(session, insight)
    record(session, insight, "insight.undone", by=by)
    return insight


def part(session: TenantSession, other: Insight, *, by: Actor) -> Insight:
    """Undo a merge: both wait again, each with what it had. Raises Conflict if the one that was kept is decided."""
    kept = session.get(Insight, _correction(other)["merged_into"])
    if kept is not None:
        _release(session, kept, other)
    other.status, other.reason, other.decided_by_id, other.decided_at = InsightStatus.PENDING, None, None, None
    _correct(other, merged_into=None)
    renew(session, other)
    record(session, other, "insight.undone", by=by)
    return kept or other


def _release(session: TenantSession, kept: Insight, other: Insight) -> None:
    if not kept.status.is_open:
        raise Conflict(f"It was merged into “{headline(kept)}”. Take that decision back first.")
    absorbed = dict(_correction(kept).get("absorbed", {}))
    gave = absorbed.pop(str(other.id), {"evidence": [], "data": {}})
    kept.evidence = [piece for piece in kept.evidence if piece not in gave["evidence"]]
    _correct(kept, absorbed=absorbed or None)
    kept.data = standing(kept)
    renew(session, kept)


def standing(insight: Insight) -> dict[str, Any]:
    """The data of an insight with its corrections and without a decision's edits."""
    data = dict(insight.found)
    correction = _correction(insight)
    for gave in correction.get("absorbed", {}).values():
        data |= {key: after for key, (before, after) in gave["data"].items() if data.get(key) == before}
    return _with_owner(data, correction["owner"]["name"]) if "owner" in correction else data


def is_merged(insight: Insight) -> bool:
    """Whether it was refused because another finding has absorbed it."""
    return "merged_into" in _correction(insight)


def forget_owner(insight: Insight) -> None:
    """Somebody wrote another owner into the data: that one counts."""
    _correct(insight, owner=None)


def _correction(insight: Insight) -> dict[str, Any]:
    return insight.correction or {}


def _correct(insight: Insight, **parts: Any) -> None:
    """Set parts of the correction; None takes one away."""
    known = {**_correction(insight), **parts}
    insight.correction = {key: value for key, value in known.items() if value is not None} or None


# --- What an insight would do, now and with its corrections


def renew(session: TenantSession, insight: Insight) -> None:
    """Compare an open insight with the CRM as it is now; the reviewer must see what comes of it before a yes."""
    if not insight.status.is_open:
        return
    proposal, meeting = proposal_of(insight), session.get_one(Meeting, insight.meeting_id)
    made = _planned(session, meeting, insight)
    proposal.action, proposal.record_type, proposal.record_id = made.action, made.record_type, made.record_id
    proposal.base_version, proposal.changes = made.base_version, [change.to_json() for change in made.changes]
    proposal.candidates = [candidate.to_json() for candidate in made.candidates]
    session.flush()


def _planned(session: TenantSession, meeting: Meeting, insight: Insight) -> Plan:
    kind, chosen = Kind(insight.kind), moved_to(session, insight)
    if kind in RECORDS:
        chosen = _named(session, insight, _choice_key(insight))
        owner = _correction(insight).get("owner")
        made = plan(session, meeting, kind, insight.data, chosen=chosen)
        return _owned(made, owner) if owner else made
    if chosen is not None and chosen.row is not None and kind is not Kind.NEXT_MEETING:
        return Plan("link", chosen.type, chosen.row.id)
    return plan(session, meeting, kind, insight.data)


def _owned(made: Plan, owner: dict[str, Any]) -> Plan:
    """The plan of a task with the owner that was chosen, however many bear that name."""
    changes = [change for change in made.changes if change.field not in ("assignee_id", "promised_by")]
    if owner["user_id"]:
        changes.append(Change("assignee_id", None, owner["user_id"], owner["name"]))
    elif owner["name"]:
        changes.append(Change("promised_by", None, owner["name"]))
    return replace(made, changes=changes)


def moved_to(session: TenantSession, insight: Insight) -> Chosen | None:
    """The record a reviewer moved the insight to; None if nobody did, or that record is gone."""
    return _named(session, insight, "record")


def _named(session: TenantSession, insight: Insight, key: str) -> Chosen | None:
    target = _correction(insight).get(key)
    if target is None:
        return None
    if target["id"] is None:
        return Chosen(target["type"], None)
    try:
        return Chosen(target["type"], get(session, target["type"], target["id"]))
    except NotFound:
        return None


def proposal_of(insight: Insight) -> Proposal:
    """What the insight would change. Raises Conflict if that is nothing."""
    if insight.proposal is None:
        raise Conflict("This insight proposes nothing.")
    return insight.proposal
