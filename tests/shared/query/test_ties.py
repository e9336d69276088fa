"""Roles, moves and employments asked like records, and related records counted, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from shared import query
from shared.errors import Invalid
from shared.models import DealContact, Employment, StageChange, User
from shared.query import Plan
from shared.tenancy import TenantSession
from tests.factories import make_company, make_contact, make_deal, save
from tests.shared.query.ground import Business, ago
from tests.shared.query.test_ask import OPEN, Ask, ask, both, business, cmp, names, not_, related

__all__ = ["ask", "business"]  # fixtures


def counted(relation: str, where: dict[str, Any] | None = None, **count: Any) -> dict[str, Any]:
    return {**related(relation, where), **count}


# --------------------------------------------------------------------------------------------------------------- ties


def test_roles_are_shown_as_the_people_who_have_them(ask: Ask, business: Business) -> None:
    found = ask("role")
    assert [(row.name, row.values["role"], row.values["deal"]) for row in found.rows] == [
        ("Karl Roe", "Champion", "Pilot"), ("Mona Roe", None, "Pilot"), ("Jane Roe", "Decision maker", "Rollout")
    ]  # fmt: skip
    assert found.rows[0].page == ("contact", business.contacts["Karl"].id)
    assert found.href.startswith("/contacts?where=")
    assert names(ask("role", q="champ")) == {"Karl Roe"}


def test_people_are_found_by_their_roles_and_deals_by_who_has_one(ask: Ask) -> None:
    deciding = cmp("role", "decision", op="contains")
    assert names(ask("contact", where=related("roles", both(deciding, related("deal", OPEN))))) == {"Jane Roe"}
    assert names(ask("contact", where=related("roles", related("deal", cmp("stage", "Qualification"))))) == {
        "Karl Roe", "Mona Roe"
    }  # fmt: skip
    assert names(ask("deal", where=both(OPEN, not_(related("roles", deciding))))) == {"Pilot", "Export", "Unpriced"}
    by_role = ask("role", measures=["count"], group=[{"field": "role"}])
    assert {group.name: group.values["count"] for group in by_role.groups} == {
        "Champion": 1, "Decision maker": 1, "none": 1
    }  # fmt: skip


def test_moves_are_from_one_stage_to_another_and_of_deals_that_are_there(ask: Ask, business: Business) -> None:
    found = ask("move")
    shown = [(row.name, row.values["from_stage"], row.values["to_stage"], row.values["user"]) for row in found.rows]
    assert shown == [
        ("Missed", "Proposal", "Lost", None), ("Rollout", "Qualification", "Proposal", "Alice Archer"),
        ("Export", "Qualification", "Proposal", "Bob Baker"), ("Export", "Proposal", "Qualification", "Alice Archer"),
        ("Export", "Qualification", "Proposal", "Bob Baker"),
    ]  # fmt: skip
    assert found.rows[0].page == ("deal", business.deals["Missed"].id)
    assert found.href == "/deals?where=%7B%22type%22%3A%22related%22%2C%22relation%22%3A%22moves%22%7D"


def test_deals_are_found_by_their_moves(ask: Ask) -> None:
    october = cmp("moved_at", "2026-10-06")
    assert ask("move", measures=["count"], where=cmp("moved_at", "last_month")).value == 2
    assert names(ask("deal", where=related("moves", both(cmp("to_stage", "Proposal"), october)))) == {"Rollout"}
    assert names(ask("deal", where=related("moves", cmp("is_back", "true")))) == {"Export"}
    assert names(ask("deal", where=related("moves", cmp("to_stage_type", "lost")))) == {"Missed"}
    assert names(ask("user", where=related("moves", cmp("is_back", "true")))) == {"Alice Archer"}
    rows = ask("move", fields=["days_before"], where=related("deal", cmp("name", "Export"))).rows
    assert [row.values["days_before"] for row in rows] == [10, 10, 10]
    assert ask("move", fields=["days_before"], where=cmp("deal", "Missed")).rows[0].values["days_before"] == 95


def test_who_used_to_work_somewhere_is_known(ask: Ask, business: Business) -> None:
    at_borealis = cmp("company_id", str(business.companies["Borealis"].id))
    former, current = (both(at_borealis, cmp("is_current", is_so)) for is_so in ("false", "true"))
    assert names(ask("contact", where=related("employments", former))) == {"Lena Roe"}
    assert names(ask("contact", where=related("employments", current))) == {"Jane Roe", "Karl Roe"}
    assert names(ask("company", where=related("employments", cmp("title", "cook", op="contains")))) == {"Cedar Foods"}
    found = ask("employment", where=cmp("contact", "Mona Roe"))
    assert [(row.name, row.values["company"]) for row in found.rows] == [("Mona Roe", "Cedar Foods")]  # Gone is gone
    assert found.rows[0].page == ("contact", business.contacts["Mona"].id)


def test_meetings_know_which_of_ours_attended(ask: Ask, session: TenantSession, business: Business, bob: User) -> None:
    assert ask("meeting", where=related("users", cmp("name", "Bob Baker")), measures=["count"]).value == 6
    assert ask("meeting", where=related("users", cmp("name", "Alice Archer"))).rows == []
    assert ask("meeting", where=cmp("user_id", str(bob.id)), measures=["count"]).value == 6


# ------------------------------------------------------------------------------------------------------------ counted


def test_related_records_are_counted(ask: Ask) -> None:
    for plan, expected in (
        (("company", counted("contacts", at_least=2)), {"Borealis"}),
        (("company", counted("contacts", at_most=1)), {"Cedar Foods", "Delta, Sons & Co", "Elm"}),
        (("company", counted("contacts", at_least=1, at_most=1)), {"Cedar Foods"}),
        (("company", counted("deals", OPEN, at_least=2)), {"Borealis"}),
        (("company", counted("deals", at_least=4)), set()),
        (("company", counted("deals", at_most=0)), {"Elm"}),
        (("contact", counted("meetings", at_least=2)), {"Jane Roe"}),
        (("deal", counted("meetings", at_least=1, at_most=1)), {"Pilot", "Rollout"}),
        (("deal", counted("contacts", at_least=2)), {"Pilot"}),
        (("deal", counted("moves", at_least=2, at_most=3)), {"Export"}),
        (("contact", counted("company", at_least=1)), {"Jane Roe", "Karl Roe", "Lena Roe"}),
        (("contact", counted("company", at_least=2)), set()),
        (("user", counted("deals", OPEN, at_least=2)), {"Alice Archer"}),
        (("company", counted("deals", at_least=0)), {"Borealis", "Cedar Foods", "Delta, Sons & Co", "Elm"}),
    ):  # fmt: skip
        assert names(ask(plan[0], where=plan[1])) == expected, plan
    everybody = names(ask("company"))
    for node in (counted("contacts", at_least=2), counted("contacts", at_most=1), counted("deals", at_least=0)):
        assert names(ask("company", where=not_(node))) == everybody - names(ask("company", where=node))


def test_a_person_on_a_deal_twice_is_one_person(ask: Ask) -> None:
    """Jane is the contact of Rollout and has a role on it."""
    assert names(ask("deal", where=counted("contacts", at_least=1, at_most=1))) == {"Rollout"}


def test_different_values_of_related_records_are_counted(ask: Ask) -> None:
    assert names(ask("company", where=counted("deals", at_least=2, distinct="owner_id"))) == set()
    assert names(ask("company", where=counted("deals", at_least=3, distinct="stage"))) == {"Borealis"}
    assert names(ask("user", where=counted("meetings", at_least=3, distinct="company_id"))) == {"Bob Baker"}
    assert names(ask("user", where=counted("deals", at_most=0, distinct="currency"))) == {"Vera Voss"}
    assert names(ask("company", where=counted("contacts", at_least=1, distinct="title"))) == {"Borealis", "Cedar Foods"}


def test_different_values_are_a_measure(ask: Ask, session: TenantSession, business: Business) -> None:
    def different(field: str) -> list[dict[str, Any]]:
        return [{"aggregate": "distinct", "field": field}]

    assert ask("company", measures=different("country")).value == 2
    assert ask("contact", measures=different("country")).value == 1
    assert ask("contact", measures=different("company_id")).value == 2  # not the deleted one
    assert ask("meeting", measures=different("contact_id")).value == 4  # each meeting has several
    found = ask("meeting", measures=different("contact_id"), where=cmp("title", "Kick-off"))
    assert (found.value, found.total) == (2, 1)
    assert ask("deal", measures=different("company_id"), where=cmp("name", "No such deal")).value == 0
    by_stage = ask("deal", measures=different("company_id"), group=[{"field": "stage_type"}])
    assert {group.name: group.values["distinct_company_id"] for group in by_stage.groups} == {
        "open": 2, "won": 2, "lost": 1
    }  # fmt: skip
    per_year = [{"field": "occurred_at", "granularity": "year"}]
    by_year = ask("meeting", measures=different("company_id"), group=per_year)
    assert [group.values["distinct_company_id"] for group in by_year.groups] == [3]  # Borealis twice, on two days


@pytest.mark.parametrize(
    ("path", "node"),
    [
        ("where.at_most", counted("contacts", at_least=3, at_most=2)),
        ("where.absent", {**counted("contacts", at_least=3), "absent": True}),
        ("where.distinct", counted("contacts", distinct="title")),
        ("where.distinct", counted("contacts", at_least=2, distinct="moon")),
        ("where.distinct", counted("contacts", at_least=2, distinct="email")),
        ("where.where.field", counted("contacts", cmp("moon", "1"), at_least=2)),
    ],
)
def test_what_cannot_be_counted_is_named(path: str, node: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        query.check_plan(Plan.model_validate({"from": "company", "where": node}))
    assert [error.path for error in refused.value.errors] == [path]


@pytest.mark.parametrize("count", [-1, 10**7, 10**400, 2.5, "3", True])
def test_what_is_no_count_is_refused(count: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        Plan.model_validate({"from": "company", "where": counted("contacts", at_least=count)})
    assert refused.value.errors()[0]["loc"][-1] == "at_least"


# ------------------------------------------------------------------------------------------------------------ Mallory


def test_ties_across_workspaces_tie_nothing(
    business: Business, session: TenantSession, mallory_session: TenantSession, mallory: User
) -> None:
    """Rows of hers that point at Alice's records, as no form could have made them."""
    stages = {name: stage.id for name, stage in business.stages.items()}
    pilot, jane = business.deals["Pilot"].id, business.contacts["Jane"].id
    borealis = business.companies["Borealis"].id
    session.commit()
    hers = make_contact(mallory_session, first_name="Stray")
    deal = make_deal(mallory_session, name="Hers")
    company = make_company(mallory_session, name="Her company")
    for row in (
        DealContact(deal_id=pilot, contact_id=hers.id, role="Spy"),
        DealContact(deal_id=deal.id, contact_id=jane, role="Spy"),
        StageChange(deal_id=pilot, from_stage_id=stages["Won"], to_stage_id=stages["Lost"], at=ago(1)),
        Employment(contact_id=hers.id, company_id=borealis, title="Spy", created_at=ago(1)),
        Employment(contact_id=jane, company_id=company.id, title="Spy", created_at=ago(1)),
    ):
        save(mallory_session, row)

    def answer(entity: str, **plan: Any) -> set[str]:
        return names(query.ask(mallory_session, Plan.model_validate({"from": entity, **plan}), user_id=mallory.id))

    for entity in ("role", "move", "employment"):
        assert answer(entity) == set()
    for entity, relation in (("contact", "roles"), ("deal", "roles"), ("deal", "moves"), ("contact", "employments"),
                             ("company", "employments")):  # fmt: skip
        assert answer(entity, where=related(relation)) == set(), (entity, relation)
        assert answer(entity, where=counted(relation, at_least=1)) == set(), (entity, relation)
    assert answer("deal", where=counted("contacts", at_least=1)) == set()
    mallory_session.commit()
    mine = query.ask(session, Plan.model_validate({"from": "role", "where": cmp("role", "Spy")}), user_id=None)
    assert mine.rows == []
