"""Plans read back in words."""

from __future__ import annotations

from typing import Any

import pytest

from shared import clock, query
from shared.models import User, Workspace
from shared.query import ENTITIES, Plan
from shared.query.conditions import Viewpoint
from shared.query.metrics import METRICS
from shared.query.phrases import DE, EN
from shared.query.wording import Words
from shared.tenancy import TenantSession
from tests.factories import make_company, make_pipeline
from tests.shared.query.ground import NOW
from tests.shared.query.test_ask import both, cmp, either, not_, related

OPEN = cmp("stage_type", "open")
COUNT = [{"metric": "count"}]


@pytest.fixture
def say(session: TenantSession, acme: Workspace, alice: User, bob: User) -> Any:
    """`say({"from": "deal"}, "de")` as Alice, on Friday, 20 November 2026."""
    clock.configure(NOW)
    make_company(session, name="Borealis")
    make_pipeline(session)

    def sentence(plan: dict[str, Any], language: str = "en", locale: str = "") -> str:
        made = Plan.model_validate(plan)
        query.check_plan(made)
        return query.sentence(session, made, user_id=alice.id, language=language, locale=locale or language)

    return sentence


SENTENCES: list[tuple[dict[str, Any], str, str]] = [
    (
        {"from": "deal", "order": [{"by": "amount", "descending": True}],
         "where": both(OPEN, cmp("amount", "20000", op="gt"), cmp("currency", "EUR"),
                       cmp("expected_close", "this_month"))},
        "Open deals over 20,000 EUR closing this month (Nov 1 – 30, 2026), by amount, highest first",
        "Offene Deals über 20.000 EUR mit Abschluss diesen Monat (1.–30. Nov. 2026), nach Betrag, größte zuerst",
    ),
    (
        {"from": "deal", "where": both(OPEN, cmp("owner_id", "me"), cmp("company_id", "1"))},
        "Your open deals of Borealis",
        "Ihre offenen Deals von Borealis",
    ),
    (
        {"from": "company", "where": related("deals", OPEN, absent=True)},
        "Companies without open deals",
        "Firmen ohne offene Deals",
    ),
    (
        {"from": "contact", "where": not_(cmp("last_contact_at", "last_60_days", op="gte"))},
        "Contacts not talked to in the last 60 days (from Sep 22, 2026 on)",
        "Kontakte ohne Kontakt in den letzten 60 Tagen (ab 22.09.2026)",
    ),
    (
        {"from": "company", "where": cmp("last_contact_at", "last_60_days", op="lt")},
        "Companies last talked to before Sep 22, 2026 (more than 60 days ago)",
        "Firmen mit letztem Kontakt vor 22.09.2026 (vor mehr als 60 Tagen)",
    ),
    (
        {"from": "deal", "measures": COUNT, "where": OPEN},
        "Number of open deals",
        "Anzahl: offene Deals",
    ),
    (
        {"from": "deal", "measures": [{"metric": "open_pipeline"}], "group": [{"field": "owner_id"}]},
        "Open pipeline by owner",
        "Offene Pipeline nach Verantwortlich",
    ),
    (
        {"from": "meeting", "measures": COUNT, "group": [{"field": "occurred_at", "granularity": "month"}]},
        "Number of meetings by month",
        "Anzahl: Besprechungen nach Monat",
    ),
    (
        {"from": "deal", "where": OPEN, "order": [{"by": "amount", "descending": True}], "limit": 5},
        "Open deals, by amount, highest first, the first 5",
        "Offene Deals, nach Betrag, größte zuerst, die ersten 5",
    ),
    (
        {"from": "task", "where": both(cmp("assignee_id", "me"), cmp("is_overdue", "true"))},
        "Your overdue tasks",
        "Ihre überfälligen Aufgaben",
    ),
    (
        {"from": "deal", "where": cmp("stale_days", "30", op="gte")},
        "Deals without activity for 30 days or more",
        "Deals seit 30 oder mehr Tagen ohne Aktivität",
    ),
    (
        {"from": "insight", "where": both(cmp("kind", "objection"), cmp("company_id", "1"))},
        "Objections of Borealis",
        "Einwände von Borealis",
    ),
    (
        {"from": "company", "where": both(cmp("name", "K", op="begins"), cmp("city", "B", op="begins"))},
        "Companies whose name begins with “K” whose city begins with “B”",
        "Firmen deren Name mit “K” beginnt deren Ort mit “B” beginnt",
    ),
    (
        {"from": "company", "where": both(cmp("name", "AG", op="ends"), cmp("city", "burg", op="ends"))},
        "Companies whose name ends with “AG” whose city ends with “burg”",
        "Firmen deren Name auf “AG” endet deren Ort auf “burg” endet",
    ),
    (
        {"from": "contact", "where": either(cmp("company_id", "1"), cmp("lifecycle", "customer", "partner", op="in"))},
        "Contacts (of Borealis or that are customers or partners)",
        "Kontakte (von Borealis oder mit Lebensphase Kunde oder Partner)",
    ),
    (
        {"from": "meeting", "where": both(cmp("occurred_at", "2026-11-03"), cmp("user_id", "2")), "q": "pilot"},
        "Meetings held on Nov 3, 2026 with Bob Baker with the words “pilot”",
        "Besprechungen am 03.11.2026 mit Bob Baker mit den Wörtern „pilot“",
    ),
    (
        {"from": "company", "where": both(cmp("city", "null", op="is"), cmp("owner_id", "2", op="ne"))},
        "Companies without city not owned by Bob Baker",
        "Firmen ohne Ort nicht (von Bob Baker betreut)",
    ),
    (
        {"from": "deal", "where": cmp("closed_at", "last_month", op="gt"),
         "measures": [{"aggregate": "avg", "field": "cycle_days"}]},
        "Average of cycle in days of deals closed after Oct 31, 2026 (last month)",
        "Durchschnitt Dauer in Tagen: Deals abgeschlossen nach 31.10.2026 (letzten Monat)",
    ),
    (
        {"from": "contact", "where": related("roles", both(
            cmp("role", "decision", op="contains"), related("deal", both(OPEN, cmp("stage", "Proposal")))))},
        "Contacts with roles as “decision” on open deals in stage Proposal",
        "Kontakte mit Rollen als “decision” bei offenen Deals in Stufe Proposal",
    ),
    (
        {"from": "move", "where": both(cmp("to_stage", "Proposal"), cmp("moved_at", "last_month")), "measures": COUNT},
        "Number of stage changes to Proposal last month (Oct 1 – 31, 2026)",
        "Anzahl: Stufenwechsel nach Proposal letzten Monat (1.–31. Okt. 2026)",
    ),
    (
        {"from": "deal", "where": related("moves", cmp("is_back", "true"))},
        "Deals with backward stage changes",
        "Deals mit rückläufigen Stufenwechseln",
    ),
    (
        {"from": "contact", "where": related("employments", both(cmp("is_current", "no"), cmp("company_id", "1")))},
        "Contacts with former employments at Borealis",
        "Kontakte mit früheren Anstellungen bei Borealis",
    ),
    (
        {"from": "company", "where": both({**related("contacts"), "at_least": 3},
                                          {**related("deals", OPEN), "at_least": 1, "at_most": 1})},
        "Companies with at least 3 contacts with exactly 1 open deal",
        "Firmen mit mindestens 3 Kontakten mit genau 1 offenem Deal",
    ),
    (
        {"from": "contact", "where": {**related("meetings"), "at_least": 2, "at_most": 4, "distinct": "company"}},
        "Contacts with 2 to 4 different companies among meetings",
        "Kontakte mit 2 bis 4 verschiedenen Werten von Firma unter Besprechungen",
    ),
    (
        {"from": "company", "where": {**related("tasks"), "at_most": 1},
         "measures": [{"aggregate": "distinct", "field": "country"}]},
        "Number of different countries of companies with at most 1 task",
        "Anzahl verschiedener Werte von Land: Firmen mit höchstens 1 Aufgabe",
    ),
    (
        {"from": "deal", "measures": COUNT, "group": [{"field": "stage"}],
         "having": [{"by": "count", "op": "gt", "value": 5}]},
        "Number of deals by stage, with number over 5",
        "Anzahl: Deals nach Stufe, mit Anzahl über 5",
    ),
    (
        {"from": "deal", "measures": [{"metric": "open_pipeline"}], "group": [{"field": "owner_id"}],
         "having": [{"by": "open_pipeline", "value": 100000, "currency": "EUR"}], "skip": 20},
        "Open pipeline by owner, with open pipeline of at least 100,000 EUR, from place 21 on",
        "Offene Pipeline nach Verantwortlich, mit Offene Pipeline ab 100.000 EUR, ab Platz 21",
    ),
    (
        {"from": "deal", "order": [{"by": "amount", "descending": True}], "limit": 1, "skip": 1},
        "Deals, by amount, highest first, place 2",
        "Deals, nach Betrag, größte zuerst, Platz 2",
    ),
    (
        {"from": "deal", "order": [{"by": "amount", "descending": True}], "limit": 3, "skip": 3},
        "Deals, by amount, highest first, places 4 to 6",
        "Deals, nach Betrag, größte zuerst, Platz 4 bis 6",
    ),
    (
        {"from": "deal", "measures": [{"metric": "open_pipeline"}], "where": cmp("stage", "Proposal"),
         "versus": {"kind": "ratio"}},
        "Open pipeline of deals in stage Proposal in percent of open pipeline",
        "Offene Pipeline: Deals in Stufe Proposal in Prozent von Offene Pipeline",
    ),
    (
        {"from": "deal", "measures": [{"metric": "won_amount"}], "where": cmp("closed_at", "this_quarter"),
         "versus": {"kind": "difference", "where": cmp("closed_at", "last_quarter")}},
        "Amount won of deals closed this quarter (Oct 1 – Dec 31, 2026) compared with amount won of deals closed last"
        " quarter (Jul 1 – Sep 30, 2026)",
        "Gewonnener Betrag: Deals abgeschlossen dieses Quartal (1. Okt. – 31. Dez. 2026) im Vergleich zu Gewonnener"
        " Betrag: Deals abgeschlossen letztes Quartal (1. Juli – 30. Sept. 2026)",
    ),
]  # fmt: skip


def test_plans_are_read_back_in_english_and_german(say: Any) -> None:
    said = [(say(plan), say(plan, "de")) for plan, _, _ in SENTENCES]
    assert [tuple(text.replace("\u2009", " ") for text in pair) for pair in said] == [
        (en, de) for _, en, de in SENTENCES
    ]


def test_numbers_and_days_are_written_as_the_reader_writes_them(say: Any) -> None:
    plan = {"from": "deal", "where": both(cmp("amount", "1234.5", op="gte"), cmp("created_at", "2026-11-03", op="gte"))}
    assert say(plan, "en", "en_GB") == "Deals of at least 1,234.5 entered from 3 Nov 2026 on"
    assert say(plan, "en", "de") == "Deals of at least 1.234,5 entered from 03.11.2026 on"
    assert say(plan, "he", "he") == say(plan, "en", "he")  # a language we do not speak
    assert say(plan, "en", "xx_nonsense") == say(plan)


def test_a_state_of_several_german_words_stands_behind_its_noun(say: Any) -> None:
    stale = {"type": "cmp", "field": "is_stale", "op": "eq", "values": ["true"]}
    is_open = {"type": "cmp", "field": "stage_type", "op": "eq", "values": ["open"]}
    plan = {"from": "deal", "where": {"type": "and", "of": [stale, is_open]}}
    assert say(plan, "de") == "Offene Deals, die seit langem in ihrer Phase sind"
    assert say(plan) == "Stale open deals"


def test_an_id_that_names_nothing_stays_a_number(say: Any) -> None:
    assert say({"from": "deal", "where": cmp("company_id", "4711")}) == "Deals of no. 4711"


def test_a_record_is_called_by_its_name(say: Any, bob: User) -> None:
    assert say({"from": "user", "where": cmp("id", str(bob.id))}) == "Colleagues “Bob Baker”"
    assert say({"from": "user", "where": cmp("id", "4711")}) == "Colleagues “no. 4711”"


def test_many_values_are_not_all_listed(say: Any) -> None:
    cities = [f"City {i}" for i in range(40)]
    said = say({"from": "company", "where": cmp("city", *cities, op="in")})
    assert said == "Companies in City 0 or City 1 or City 2 or City 3 or City 4 or … (40)"


def test_every_field_relation_metric_and_kind_has_words_in_both_languages(
    session: TenantSession, acme: Workspace
) -> None:
    words = Words(session, Viewpoint.of(session), "de")
    for entity in ENTITIES.values():
        for field in entity.fields.values():
            assert f"{entity.name}.{field.name}" in DE.labels or field.name in DE.labels, field.name
            assert words.label(entity, field)
    for language in (EN, DE):
        assert set(language.metrics) == set(METRICS)
        assert set(language.nouns) == set(ENTITIES)
        assert set(language.kinds) == set(ENTITIES["insight"].fields["kind"].choices)
        choices = {choice for e in ENTITIES.values() for f in e.fields.values() for choice in f.choices}
        assert choices <= set(language.names)
    assert set(EN.words) == set(DE.words)
    assert set(EN.compared) == set(DE.compared)
    assert set(EN.dated) == set(DE.dated)
    assert set(EN.said) == set(DE.said)
