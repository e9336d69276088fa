"""Plans answered, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared import clock, query
from shared.models import InsightStatus, TaskStatus, User
from shared.query import lists
from shared.query.plan import Plan
from shared.tenancy import TenantSession
from tests.factories import (
    make_attendee,
    make_company,
    make_contact,
    make_deal,
    make_insight,
    make_link,
    make_meeting,
    make_note,
    make_pipeline,
    make_task,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_try(session: TenantSession, alice: User) -> None:
    clock.configure(NOW)
    with clock.at(NOW - timedelta(days=40)):
        stages = make_pipeline(session).stages
        firm = make_company(session, name="Borealis", city="Ulm", owner_id=alice.id)
        other = make_company(session, name="Other")
        jane = make_contact(session, company_id=firm.id, email="jane@x.example")
        make_deal(session, name="A", stage=stages[0], amount_minor=1_000_00, company_id=firm.id, owner_id=alice.id)
        deal = make_deal(session, name="B", stage=stages[1], amount_minor=5_000_00, currency="USD", company_id=firm.id)
        make_deal(session, name="W", stage=stages[2], amount_minor=7_000_00, company_id=firm.id, closed_at=NOW - timedelta(days=10))
        make_deal(session, name="L", stage=stages[3], company_id=firm.id, closed_at=NOW)
    meeting = make_meeting(session, company_id=firm.id, deal_id=deal.id, occurred_at=NOW - timedelta(days=5), duration_s=60.5)
    make_attendee(session, meeting, contact_id=jane.id)
    make_insight(session, meeting, kind="objection", data={"description": "too dear"}, status=InsightStatus.ACCEPTED, company_id=firm.id)
    note = make_note(session, author_id=alice.id, created_at=NOW - timedelta(days=2))
    make_link(session, note, firm)
    task = make_task(session, due_date=NOW.date() - timedelta(days=1), assignee_id=alice.id)
    make_link(session, task, firm)

    def ask(**plan: Any):
        r = query.ask(session, Plan.model_validate(plan), user_id=alice.id)
        print("\n", r.sentence, "|", r.href, "|", r.total, r.value if r.value is not None else [g for g in r.groups] or [(x.name, x.values) for x in r.rows])
        rd = query.sentence(session, Plan.model_validate(plan), user_id=alice.id, language="de")
        print(" ", rd)
        return r

    for entity in query.ENTITIES.values():
        ask(**{"from": entity.name, "fields": [f.name for f in entity.fields.values() if f.selected is not None][:12]})
        ask(**{"from": entity.name, "fields": [f.name for f in entity.fields.values() if f.selected is not None][12:24]})
        ask(**{"from": entity.name, "fields": [f.name for f in entity.fields.values() if f.selected is not None][24:]})
        ask(**{"from": entity.name})
        ask(**{"from": entity.name, "measures": [{"metric": "count"}]})
        for f in entity.fields.values():
            ask(**{"from": entity.name, "measures": [{"metric": "count"}], "group": [{"field": f.name}]})
            if f.sort is not None:
                ask(**{"from": entity.name, "order": [{"by": f.name, "descending": True}], "limit": 3})
    for m in ["open_pipeline", "weighted_pipeline", "won_amount", "lost_amount", "total_amount", "average_deal", "win_rate", "average_cycle_days", "average_stale_days"]:
        ask(**{"from": "deal", "measures": [{"metric": m}]})
        ask(**{"from": "deal", "measures": [{"metric": m}], "group": [{"field": "owner_id"}]})
    ask(**{"from": "meeting", "measures": [{"metric": "total_duration_s"}], "group": [{"field": "occurred_at", "granularity": "month"}]})
    ask(**{"from": "company", "where": {"type": "related", "relation": "deals", "absent": True, "where": {"type": "cmp", "field": "stage_type", "values": ["open"]}}})
    ask(**{"from": "deal", "where": {"type": "and", "of": [{"type": "cmp", "field": "stage_type", "values": ["open"]}, {"type": "cmp", "field": "amount", "op": "gt", "values": ["500"]}, {"type": "cmp", "field": "owner_id", "values": ["me"]}, {"type": "cmp", "field": "company_id", "values": [str(firm.id)]}, {"type": "cmp", "field": "created_at", "op": "lt", "values": ["this_month"]}]}, "order": [{"by": "amount", "descending": True}]})
    ask(**{"from": "contact", "where": {"type": "not", "node": {"type": "cmp", "field": "last_contact_at", "op": "gte", "values": ["last_60_days"]}}})
    ask(**{"from": "deal", "where": {"type": "cmp", "field": "stale_days", "op": "gte", "values": ["30"]}})
    ask(**{"from": "task", "where": {"type": "cmp", "field": "is_overdue", "values": ["true"]}})
