"""What people are on deals, how many related records there are, and how many different values."""

from __future__ import annotations

from shared import records
from tests.chatbot.assistant.understanding.conftest import World, expect

ROLES = {
    "decision makers on open deals": "contact[roles[deal[stage_type=open], role=Decision maker]]",
    "Who is the decision maker on the Borealis pilot?": "contact[roles[deal_id=Borealis pilot, role=Decision maker]]",
    "who are the decision makers in Norway": "contact[company[country=Norway], roles[role=Decision maker]]",
    "open deals without a decision maker": "deal[no roles[role=Decision maker], stage_type=open]",
    "deals where Jane Roe is the decision maker": "deal[roles[contact_id=Jane Roe, role=Decision maker]]",
    "how many decision makers do we know at Borealis": "contact[company_id=Borealis, roles[role=Decision maker]] count",
    "Wer sind die Entscheider bei offenen Deals?": "contact[roles[deal[stage_type=open], role=Decision maker]]",
    "Deals ohne Entscheider": "deal[no roles[role=Decision maker]]",
}
NUMBERS = {
    "companies with more than 2 deals": "company[3.. deals]",
    "Which companies have at least two won deals?": "company[2.. deals[stage_type=won]]",
    "companies with several contacts": "company[2.. contacts]",
    "contacts with exactly one meeting": "contact[1..1 meetings]",
    "companies with fewer than 3 tasks": "company[..2 tasks]",
    "deals with more than one task": "deal[2.. tasks]",
    "companies with at least one deal": "company[deals]",
    "companies with several open deals": "company[open_deals>=2]",
    "Firmen mit mehreren Kontakten": "company[2.. contacts]",
    "Firmen mit mindestens drei Aufgaben": "company[3.. tasks]",
    "In how many countries do we have companies?": "company distinct(country)",
    "how many different industries do our companies work in": "company distinct(industry)",
    "In wie vielen Städten haben wir Firmen?": "company distinct(city)",
    "how many companies are there in each country": "company count by country order -count",
}


def test_people_are_asked_for_by_what_they_are_on_a_deal(world: World) -> None:
    contacts = [{"contact_id": world.jane, "role": "Decision maker"}]
    deal = records.get(world.session, "deal", world.pilot)
    records.update(world.session, deal, {"contacts": contacts}, by=world.by)
    world.session.commit()
    expect({question: world.line(question) for question in ROLES}, ROLES)


def test_related_records_and_different_values_are_counted(world: World) -> None:
    expect({question: world.line(question) for question in NUMBERS}, NUMBERS)


OF_OTHERS = {
    "How much have we won with companies in Norway?": "deal[company[country=Norway], stage_type=won] total_amount",
    "companies with a won deal and another deal that is open": "company[deals[stage_type=open], deals[stage_type=won]]",
    "open tasks by person": "task[status=open] count by assignee_id order -count",
    "how many deals by rep": "deal count by owner_id order -count",
    "open deals only, by stage": "deal[stage_type=open] count by stage",
    "won deals, biggest first": "deal[stage_type=won] order -amount",
    "number of open deals by stage": "deal[stage_type=open] count by stage",
    "Wie viele offene Aufgaben habe ich noch?": "task[assignee_id=me, status=open] count",
}


def test_money_of_deals_a_second_deal_and_people_as_groups(world: World) -> None:
    expect({question: world.line(question) for question in OF_OTHERS}, OF_OTHERS)
