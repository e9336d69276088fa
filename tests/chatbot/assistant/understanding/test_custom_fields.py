"""What a workspace defined itself is asked for by its own words: fields, their options, and tags."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import pytest

from chatbot.assistant import planner
from chatbot.assistant.tables import grouped
from chatbot.assistant.understanding.custom_words import custom_words
from shared import records
from shared.database import Database
from shared.events import Actor
from shared.query import ask, catalog, lists, sentence
from shared.records import custom
from shared.tenancy import TenantSession
from tests.chatbot.assistant.understanding.conftest import World, expect
from tests.chatbot.assistant.understanding.plan_text import line_of
from tests.conftest import Cast
from tests.factories import make_field
from tests.keeping import Keeper

FIELDS = (
    ("company", "Tier", "select", ("Gold", "Silver", "No tier yet")),
    ("company", "Renewal date", "date", ()),
    ("company", "Seats", "number", ()),
    ("company", "ARR", "money", ()),
    ("company", "Newsletter", "checkbox", ()),
    ("company", "Account code", "text", ()),
    ("company", "Success manager", "person", ()),
    ("company", "Modules", "multi_select", ("Planner", "Driver app")),
    ("deal", "Channel", "select", ("Partner", "Direct", "Trade show")),
    ("deal", "Vertragsende", "date", ()),
)
QUARTER = "custom.renewal_date=this_quarter"


class OwnWorld(World):
    """The same CRM, with fields of its own and two tags."""

    def __init__(self, session: TenantSession, cast: Cast) -> None:
        super().__init__(session, cast)
        for type_, label, kind, options in FIELDS:
            data: dict[str, Any] = {"record_type": type_, "label": label, "type": kind}
            custom.define(session, data | ({"options": list(options)} if options else {}), by=self.by)
        make_field(session, key="owner", label="Owner", position=99)  # of before such names were refused
        held = {"tier": "Gold", "renewal_date": "2026-12-01", "seats": 40, "newsletter": True}
        company = records.get(session, "company", self.borealis)
        records.update(session, company, {"custom": held, "tags": ["VIP"]}, by=self.by)
        jane = records.get(session, "contact", self.jane)
        records.update(session, jane, {"tags": ["VIP", "Trade press"]}, by=self.by)
        session.commit()


@pytest.fixture
def own(kept: Keeper, database: Database, session: TenantSession, cast: Cast) -> OwnWorld:
    return kept.world(OwnWorld, database, session, cast)


PLANS = {
    "account code of Borealis": "company[id=Borealis] -> custom.account_code",
    # in the plural, in compounds, told by what is done with them
    "which companies use the driver app": "company[custom.modules=driver_app]",
    "companies that don't use the planner": "company[custom.modules!=planner]",
    "goldfirmen ohne offene Deals": "company[custom.tier=gold, no deals[stage_type=open]]",
    "trade show deals still open": "deal[custom.channel=trade_show, stage_type=open]",
    "Firmen in Norwegen, die nicht VIP sind": "company[country=Norway, tags!=VIP]",
    "Firmen ohne Tag": "company[tags unset]",
    "seats by tier": "company sum(custom.seats) by custom.tier order -sum_custom.seats",
    # options
    "companies with Tier Gold": "company[custom.tier=gold]",
    "which companies have tier gold or silver?": "company[custom.tier in gold|silver]",
    "companies whose Tier is not Gold": "company[custom.tier!=gold]",
    "deals where Channel is Partner": "deal[custom.channel=partner]",
    "open deals where the channel is direct over 10k": "deal[amount>10000, custom.channel=direct, stage_type=open]",
    "companies with tier other than gold": "company[custom.tier!=gold]",
    "Gold tier companies in Berlin": "company[city=Berlin, custom.tier=gold]",
    "how many Gold companies do we have": "company[custom.tier=gold] count",
    "deals of companies with Tier Gold": "deal[company[custom.tier=gold]]",
    "open deals with gold tier": "deal[company[custom.tier=gold], stage_type=open]",
    "companies with Modules Planner and Driver app": "company[custom.modules in driver_app, custom.modules in planner]",
    # dates
    "companies with Renewal date this quarter": f"company[{QUARTER}]",
    "companies with a renewal date before 1 March 2027": "company[custom.renewal_date<2027-03-01]",
    "companies whose renewal date is in the next 30 days": "company[custom.renewal_date=next_30_days]",
    "companies with overdue renewal date": "company[custom.renewal_date<today]",
    "German companies without a renewal date": "company[country=Germany, custom.renewal_date unset]",
    # numbers, money, ticks, texts, people
    "companies with more than 50 seats": "company[custom.seats>50]",
    "companies where seats is at least 10": "company[custom.seats>=10]",
    "companies with ARR over 10k": "company[custom.arr>10000]",
    "companies with newsletter": "company[custom.newsletter=true]",
    "companies without newsletter": "company[custom.newsletter=false]",
    'companies whose account code contains "A-17"': "company[custom.account_code contains A-17]",
    "companies whose account code begins with A": "company[custom.account_code begins A]",
    "companies where Success manager is Bob": "company[custom.success_manager=USER]",
    # tags
    "contacts tagged VIP": "contact[tags=VIP]",
    "contacts tagged VIP in Berlin": "contact[company[city=Berlin], tags=VIP]",
    "VIP contacts at Borealis": "contact[company_id=Borealis, tags=VIP]",
    "contacts with a VIP tag": "contact[tags=VIP]",
    "contacts with the tag Trade press": "contact[tags=Trade press]",
    "contacts tagged VIP and trade press": "contact[tags in Trade press, tags in VIP]",
    "how many contacts are not tagged VIP": "contact[tags!=VIP] count",
    "companies without tags": "company[tags unset]",
    "companies with Tier Gold or tagged VIP": "company[(custom.tier=gold or tags=VIP)]",
    "companies in Berlin or tagged VIP": "company[(city=Berlin or tags=VIP)]",
    "how many contacts tagged VIP or in Norway": "contact[(company[country=Norway] or tags=VIP)] count",
    "Firmen in Hamburg oder mit Tier Gold": "company[(city=Hamburg or custom.tier=gold)]",
    "companies in Berlin with open deals or in Bergen": "company[([city=Berlin, deals[stage_type=open]] "
    "or city=Bergen)]",
    "companies with Tier Gold and open deals": "company[custom.tier=gold, deals[stage_type=open]]",
    # a box that is ticked, an option before its label, a label in the singular
    "companies that get the newsletter": "company[custom.newsletter=true]",
    "companies with Tier Gold and Newsletter": "company[custom.newsletter=true, custom.tier=gold]",
    "deals that came in through the partner channel": "deal[custom.channel=partner]",
    "companies with module Planner": "company[custom.modules=planner]",
    "companies with modules Planner but not Driver app": "company[custom.modules!=driver_app, custom.modules=planner]",
    "gold or silver companies in Berlin": "company[(custom.tier=gold or custom.tier=silver), city=Berlin]",
    # groups, orders, sums, and what is shown
    "how many companies by Tier": "company count by custom.tier order -count",
    "companies per tier": "company count by custom.tier order -count",
    "contacts by tag": "contact count by tags order -count",
    "open deals by channel": "deal[stage_type=open] count by custom.channel order -count",
    "total ARR of companies by tier": "company sum(custom.arr) by custom.tier order -sum_custom.arr",
    "average seats of gold companies": "company[custom.tier=gold] avg(custom.seats)",
    "how much ARR do our companies have": "company sum(custom.arr)",
    "which tier has the most companies": "company[custom.tier set] count by custom.tier order -count top 1",
    "top 3 companies by seats": "company order -custom.seats top 3",
    "companies by renewal date": "company order custom.renewal_date",
    "what is the tier of Borealis": "company[id=Borealis] -> custom.tier",
    # German
    "Firmen mit Tier Gold": "company[custom.tier=gold]",
    "Deals, bei denen Channel Partner ist": "deal[custom.channel=partner]",
    "Deals mit Vertragsende dieses Quartal": "deal[custom.vertragsende=this_quarter]",
    "Kontakte mit Tag VIP in Berlin": "contact[company[city=Berlin], tags=VIP]",
    "Kontakte, die mit VIP getaggt sind": "contact[tags=VIP]",
    "wie viele Firmen nach Tier": "company count by custom.tier order -count",
    "Firmen ohne Renewal date": "company[custom.renewal_date unset]",
    "Firmen mit Tier Gold oder mehr als 500 Mitarbeitern": "company[(custom.tier=gold or employees>500)]",
    "Gold-Firmen nach Name sortiert": "company[custom.tier=gold] order name",
    # a built-in field of the same name is meant, unless it is quoted
    "companies by owner": "company count by owner_id order -count",
    'companies where "Owner" is Tanaka': "company[custom.owner contains Tanaka]",
    # in a hurry
    "companies with renewal date betwen 1 dec and 31 jan": "company[custom.renewal_date<=2027-01-31, "
    "custom.renewal_date>=2026-12-01]",
    "companies with renewal date older than 30 days": "company[custom.renewal_date<last_30_days]",
    "companies with renewal date more than 2 months ago": "company[custom.renewal_date<2026-09-20]",
    "account code AC-105": "company[custom.account_code contains AC-105]",
    "account code starts with AC-1": "company[custom.account_code begins AC-1]",
    "companies whose account code ends with 5": "company[custom.account_code ends 5]",
    "companies with arr between 0.01 and 0.02 mio": "company[custom.arr<=20000, custom.arr>=10000]",
    "seats 50-100": "company[custom.seats<=100, custom.seats>=50]",
    "companies with seats 12 or 24": "company[custom.seats in 12|24]",
    "tier not gold, more than 100 employees": "company[custom.tier!=gold, employees>100] -> custom.tier",
    "companies by tier and country": "company count by custom.tier, country order -count",
    "tier with most companies": "company[custom.tier set] count by custom.tier order -count top 1",
    "tier gold, germany, more than 50 employees": "company[country=Germany, custom.tier=gold, employees>50]",
    # a label that the CRM knows as another word for a field of its own; a box ticked, a date missing
    "highest ARR": "company order -custom.arr top 1",
    "arr of Borealis": "company[id=Borealis] -> custom.arr",
    "arr above 10,5k": "company[custom.arr>10500]",
    "open deals with arr above 10k": "deal[amount>10000, stage_type=open]",
    "newsletter companies in Berlin": "company[city=Berlin, custom.newsletter=true]",
    "newsletter firmen in Berlin": "company[city=Berlin, custom.newsletter=true]",
    "renewal date empty and tier gold": "company[custom.renewal_date unset, custom.tier=gold]",
}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_what_a_workspace_defined_is_asked_for_by_its_words(own: OwnWorld) -> None:
    plans = {text: own.line(text) for text in PLANS}
    bob = f"custom.success_manager={own.cast.bob}"
    expect(plans, {text: line.replace("custom.success_manager=USER", bob) for text, line in PLANS.items()})


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_what_only_sounds_like_a_field_or_tag_is_no_condition(own: OwnWorld) -> None:
    questions = (
        "companies in Berlin with tier silver or owned by Bob",  # nobody knows what belongs together
        "meetings about VIP",  # a topic, not a tag
        "price tag of the Borealis pilot",
        "companies tagged Nonexistent",
    )
    lines = [own.line(text) for text in questions]
    assert not any("tags" in line or "custom." in line for line in lines), lines


def test_an_answers_link_shows_the_rows_of_the_answer(own: OwnWorld) -> None:
    questions = (
        "contacts tagged VIP and trade press",
        "companies with Tier Gold or tagged VIP",
        "companies whose Tier is not Gold",
        "companies with Renewal date this quarter and more than 10 seats",
        "deals of companies with Tier Gold",
    )
    for text in questions:
        plan = own.route(text).plan
        assert plan is not None, text
        result = ask(own.session, plan, user_id=own.cast.alice)
        listed = lists.parse(plan.from_, parse_qs(result.href.partition("?")[2]), catalog(own.session))
        shown = lists.run(own.session, listed, user_id=own.cast.alice).items
        assert result.rows and {row.id for row in shown} == {row.id for row in result.rows}, text


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_words_of_another_workspace_are_no_words_here(world: World, cast: Cast, database: Database) -> None:
    with database.scope(cast.globex) as theirs:
        field = {"record_type": "company", "label": "Secret level", "type": "select", "options": ["Top"]}
        custom.define(theirs, field, by=Actor("user", cast.mallory))
        assert custom_words(theirs) is not None
    assert custom_words(world.session) is None
    assert world.route("companies with Secret level Top").plan is None


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_plan_on_such_fields_reads_as_they_are_called(own: OwnWorld) -> None:
    def said(text: str, language: str = "en") -> str:
        plan = own.route(text).plan
        assert plan is not None
        return sentence(own.session, plan, user_id=own.cast.alice, language=language)

    assert said("companies with Renewal date this quarter").startswith("Companies with Renewal date this quarter (")
    assert said("companies without newsletter tagged vip") == "Companies without Newsletter tagged VIP"
    assert said("companies whose tier is not gold by seats") == (
        "Companies with Tier other than Gold, by Seats, highest first"
    )
    assert said("Firmen mit Tier Gold mit dem Tag VIP", "de") == "Firmen mit Tier Gold mit Tag VIP"
    shown = own.route("what is the tier of Borealis").plan
    assert shown is not None
    assert ask(own.session, shown, user_id=own.cast.alice).rows[0].values["custom.tier"] == "Gold"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_conversation_goes_on_about_them(own: OwnWorld) -> None:
    assert own.talk("companies with Tier Gold", "and in Norway?", "how many are those?")[1:] == [
        "company[country=Norway, custom.tier=gold]",
        "company[country=Norway, custom.tier=gold] count",
    ]
    assert own.talk("how many companies", "by tier")[1] == "company count by custom.tier order -count"
    assert own.talk("open deals", "only with channel partner")[1] == "deal[custom.channel=partner, stage_type=open]"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_an_answer_in_groups_leads_to_the_list_in_these_groups(own: OwnWorld) -> None:
    asked = {
        "how many companies by tier": "/companies?by=custom.tier",
        "contacts by tag": "/contacts?by=tags",
        "open deals by stage": "/deals?stage_type=open&by=stage_id",
        "won deals by month": "/deals?stage_type=won&by=closed_at%3Amonth",
        "average seats of companies": "/companies",
    }
    for text, href in asked.items():
        plan = own.route(text).plan
        assert plan is not None
        result = ask(own.session, plan, user_id=own.cast.alice)
        assert grouped(own.session, plan, result.href) == href


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_models_planner_knows_the_fields_of_its_workspace(own: OwnWorld, database: Database) -> None:
    told = planner.defined_fields(own.session)
    assert "- company also: custom.tier (Tier: gold|silver|no_tier_yet), custom.renewal_date (Renewal date)" in told
    system, _user = planner.messages(own.question("gold companies of Bob's"), told)
    assert told in system["content"]
    with database.scope(own.cast.globex, read_only=True) as theirs:
        assert planner.defined_fields(theirs) == ""
    made = planner.Told(
        route="plan", entity="company", group_by=["custom.tier"], measures=["sum:custom.arr"],
        conditions=[
            planner.Condition(field="custom.tier", op="in", values=["Gold", "silver"]),
            planner.Condition(field="custom.success_manager", values=["Bob"]),
        ],
    )  # fmt: skip
    routed = planner.routed(own.session, own.question("?"), made, "en")
    assert routed is not None and line_of(routed.plan, own.names) == (
        f"company[custom.success_manager={own.cast.bob}, custom.tier in gold|silver] sum(custom.arr) by custom.tier"
    )


def test_an_option_alone_takes_the_place_of_the_one_before(own: OwnWorld) -> None:
    assert own.talk("companies with tier gold", "and silver?")[-1] == "company[custom.tier=silver]"
    assert own.talk("Firmen mit Tier Gold in Berlin", "nicht Gold")[-1] == "company[city=Berlin, custom.tier!=gold]"
