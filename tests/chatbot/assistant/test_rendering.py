"""Answers of plans in words: every wording as a person reads it, English and German, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from chatbot.assistant.formatting import Format, major
from chatbot.assistant.rendering import Rendered, render, with_card
from chatbot.assistant.types import RecordRef
from shared import clock
from shared.models import Deal, DealContact, Priority, User
from shared.query import Money, Plan, ask, sentence
from shared.tenancy import TenantSession
from tests import factories

BERLIN = ZoneInfo("Europe/Berlin")
OPEN = {"type": "cmp", "field": "stage_type", "op": "eq", "values": ["open"]}


def cmp(field: str, value: object, op: str = "eq") -> dict[str, Any]:
    return {"type": "cmp", "field": field, "op": op, "values": [str(value)]}


def both(*of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "and", "of": list(of)}


@pytest.fixture(autouse=True)
def _friday() -> None:
    clock.configure(datetime(2026, 11, 20, 8, 30, tzinfo=UTC))


@pytest.fixture
def world(session: TenantSession, alice: User, bob: User) -> dict[str, int]:
    """Two companies, four deals in two currencies, people, tasks, a meeting."""
    borealis = factories.make_company(session, name="Borealis", city="Oslo", employees=1200, owner_id=alice.id)
    delta = factories.make_company(session, name="Delta", owner_id=bob.id)
    pipeline = factories.make_pipeline(session, name="Sales")
    qualification, proposal, won, lost = pipeline.stages
    rows: list[tuple[str, int, int, str, Any, int, Any]] = [
        ("Ferries", 120_000_00, alice.id, "EUR", proposal, borealis.id, date(2026, 11, 30)),
        ("Depot", 30_000_50, alice.id, "GBP", qualification, delta.id, date(2026, 12, 15)),
        ("Pilot", 5_000_00, bob.id, "EUR", won, borealis.id, None),
        ("Fleet", 8_000_00, bob.id, "EUR", lost, delta.id, None),
    ]
    for name, amount, owner, currency, stage, company, close in rows:
        closed = datetime(2026, 10, 2, 9, tzinfo=UTC) if stage in (won, lost) else None
        factories.make_deal(
            session, name=name, amount_minor=amount, currency=currency, owner_id=owner, stage=stage,
            company_id=company, expected_close=close, closed_at=closed,
        )  # fmt: skip
    jane = factories.make_contact(
        session, first_name="Jane", last_name="Roe", email="jane.roe@borealis.example", phone="+47 22 00 00 01",
        company_id=borealis.id, title="Head of Planning", owner_id=alice.id,
    )  # fmt: skip
    factories.make_task(
        session, title="Send offer", due_date=date(2026, 11, 18), assignee_id=alice.id, priority=Priority.HIGH
    )
    meeting = factories.make_meeting(
        session, title="Kick-off", occurred_at=datetime(2026, 11, 3, 9, 0, tzinfo=UTC), duration_s=4800,
        company_id=borealis.id,
    )  # fmt: skip
    factories.make_attendee(session, meeting, contact_id=jane.id)
    return {"jane": jane.id, "borealis": borealis.id, "kick-off": meeting.id}


def answer(
    session: TenantSession, user: User, plan: dict[str, Any], language: str = "en", *, is_yes_no: bool = False
) -> Rendered:
    asked = with_card(Plan.model_validate(plan))
    fmt = Format.of(language, "en-GB" if language == "en" else "de", BERLIN)
    how: dict[str, Any] = {"user_id": user.id, "zone": BERLIN, "language": language, "locale": str(fmt.locale)}
    result = ask(session, asked, **how)
    unordered = asked.model_copy(update={"order": ()})
    phrase, heading = sentence(session, asked.of_rows, **how), sentence(session, unordered, **how)
    return render(result, fmt, phrase=phrase, heading=heading, is_yes_no=is_yes_no)


def deals(where: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"from": "deal", **({"where": where} if where else {}), **more}


COUNT = {"measures": [{"metric": "count"}]}
MINE = both(OPEN, cmp("owner_id", "me"))
NOBODYS = both(OPEN, cmp("name", "nothing"))

WORDINGS: list[tuple[dict[str, Any], str, str]] = [
    (deals(OPEN, **COUNT), "There are 2 open deals.", "Offene Deals: 2."),
    (
        deals(both(OPEN, cmp("name", "Depot")), **COUNT),
        "There is 1 open deal named Depot.",
        "Offene Deals namens Depot: 1.",
    ),
    (deals(MINE, **COUNT), "You have 2 open deals.", "Ihre offenen Deals: 2."),
    (deals(NOBODYS, **COUNT), "There are no open deals named nothing.", "Offene Deals namens nothing: keine."),
    (deals(NOBODYS), "There are no open deals named nothing.", "Offene Deals namens nothing: keine."),
    (
        deals(OPEN, order=[{"by": "amount", "descending": True}]),
        "There are 2 open deals: Ferries (€120,000) and Depot (£30,000.50).",
        "Offene Deals: 2 – Ferries (120.000 €) und Depot (30.000,50 £).",
    ),
    (
        deals(OPEN, order=[{"by": "amount", "descending": True}], limit=5),
        "Open deals, by amount, highest first, the first 5:\n1. Ferries – €120,000\n2. Depot – £30,000.50\n\n"
        "Currencies are not converted; the order is that of the bare numbers.",
        "Offene Deals, nach Betrag, größte zuerst, die ersten 5:\n1. Ferries – 120.000 €\n2. Depot – 30.000,50 £\n\n"
        "Währungen sind nicht umgerechnet; geordnet ist nach den bloßen Zahlen.",
    ),
    (
        deals(order=[{"by": "amount", "descending": True}], limit=1, fields=["amount"]),
        "The amount of “Ferries” is €120,000. [1]",
        "Betrag von „Ferries“: 120.000 €. [1]",
    ),
    (
        deals(measures=[{"metric": "open_pipeline"}]),
        "Open pipeline: €120,000 and £30,000.50 (2 deals).",
        "Offene Pipeline: 120.000 € und 30.000,50 £ (2 Deals).",
    ),
    (
        deals(cmp("owner_id", "me"), measures=[{"metric": "open_pipeline"}]),
        "Open pipeline of your deals: €120,000 and £30,000.50 (2 deals).",
        "Offene Pipeline – Ihre Deals: 120.000 € und 30.000,50 £ (2 Deals).",
    ),
    (deals(measures=[{"metric": "win_rate"}]), "Win rate: 50% (2 deals).", "Gewinnquote: 50 % (2 Deals)."),
    (
        deals(NOBODYS, measures=[{"metric": "average_deal"}]),
        "Average amount of open deals named nothing: there is nothing to measure.",
        "Durchschnittlicher Betrag – offene Deals namens nothing: dazu gibt es keine Werte.",
    ),
    (
        {"from": "meeting", "measures": [{"metric": "total_duration_s"}]},
        "Total duration: 1 hour, 20 minutes (1 meeting).",
        "Gesamtdauer: 1 Stunde, 20 Minuten (1 Besprechung).",
    ),
    (
        {"from": "task", "where": cmp("is_overdue", "true")},
        "There is 1 overdue task: Send offer.",
        "Überfällige Aufgaben: 1 – Send offer.",
    ),
    (
        {"from": "company", "where": cmp("name", "Borealis"), "fields": ["employees"]},
        "There is 1 company named Borealis: Borealis (1,200).",
        "Firmen namens Borealis: 1 – Borealis (1.200).",
    ),
]  # fmt: skip


def test_every_answer_reads_as_a_person_would_say_it(
    session: TenantSession, alice: User, world: dict[str, int]
) -> None:
    shown, expected = [], []
    for plan, english, german in WORDINGS:
        for language, wording in (("en", english), ("de", german)):
            text = answer(session, alice, plan, language).text
            shown.append(text.replace("\u00a0", " ").replace("\u202f", " "))
            expected.append(wording)
    assert [pair for pair in zip(shown, expected, strict=True) if pair[0] != pair[1]] == []


def test_groups_are_a_line_each(session: TenantSession, alice: User, world: dict[str, int]) -> None:
    plan = deals(OPEN, group=[{"field": "owner_id"}], measures=[{"metric": "open_pipeline"}])
    head, line = answer(session, alice, plan).text.split("\n")
    assert head.endswith(":") and "open deals by owner" in head
    assert line == "- Alice Archer: €120,000 and £30,000.50"
    several = deals(group=[{"field": "stage"}], measures=[{"metric": "count"}, {"metric": "total_amount"}])
    assert "- Proposal: number 1, total amount €120,000" in answer(session, alice, several).text
    assert answer(session, alice, {**plan, "where": NOBODYS}).text.endswith(": none.")


def test_one_record_is_a_card_a_field_or_a_date(session: TenantSession, alice: User, world: dict[str, int]) -> None:
    jane = {"from": "contact", "where": cmp("id", world["jane"])}
    card = answer(session, alice, jane)
    assert card.text == (
        "Jane Roe, Head of Planning at Borealis [1]\n- E-mail: jane.roe@borealis.example\n- Phone: +47 22 00 00 01\n"
        "- Lifecycle: lead\n- Owner: Alice Archer\n- Last contact: 3 November 2026 (17 days ago)"
    )
    assert card.focus == RecordRef("contact", world["jane"], "Jane Roe")
    [source] = card.citations
    assert (source.n, source.type, source.id, source.href) == (
        1,
        "contact",
        world["jane"],
        f"/contacts/{world['jane']}",
    )
    assert answer(session, alice, {**jane, "fields": ["email"]}).text == (
        "Jane Roe’s e-mail address is jane.roe@borealis.example. [1]"
    )
    last = {**jane, "fields": ["last_meeting_at"]}
    assert answer(session, alice, last).text == (
        "The last meeting with Jane Roe was on 3 November 2026, 17 days ago. [1]"
    )
    assert answer(session, alice, last, "de").text == (
        "Die letzte Besprechung mit Jane Roe war am 3. November 2026, vor 17 Tagen. [1]"
    )
    assert answer(session, alice, {**jane, "fields": ["source"]}).text == "No source is recorded for Jane Roe. [1]"
    for field, english, german in (
        ("owner", "Alice Archer owns Jane Roe. [1]", "Alice Archer ist für Jane Roe zuständig. [1]"),
        ("company", "Jane Roe works at Borealis. [1]", "Jane Roe arbeitet bei Borealis. [1]"),
    ):
        assert answer(session, alice, {**jane, "fields": [field]}).text == english
        assert answer(session, alice, {**jane, "fields": [field]}, "de").text == german
    meeting = {"from": "meeting", "where": cmp("id", world["kick-off"]), "fields": ["occurred_at"]}
    assert answer(session, alice, meeting).text == ("“Kick-off” took place on 3 November 2026, 10:00, 17 days ago. [1]")


def test_yes_and_no_come_first(session: TenantSession, alice: User, world: dict[str, int]) -> None:
    assert answer(session, alice, deals(OPEN), is_yes_no=True).text.startswith("Yes. There are 2 open deals: ")
    assert answer(session, alice, deals(NOBODYS, **COUNT), "de", is_yes_no=True).text.startswith("Nein. Offene ")
    jane = cmp("id", world["jane"])
    there = {"from": "contact", "where": both(jane, cmp("company", "Borealis"))}
    assert answer(session, alice, there, is_yes_no=True).text.startswith("Yes. Jane")
    assert answer(session, alice, {"from": "contact", "where": jane}, is_yes_no=True).text.startswith("Jane Roe")


def test_programs_get_values_in_major_units(session: TenantSession, alice: User, world: dict[str, int]) -> None:
    pipeline = answer(session, alice, deals(measures=[{"metric": "open_pipeline"}]))
    assert pipeline.value == [{"amount": 120000, "currency": "EUR"}, {"amount": 30000.5, "currency": "GBP"}]
    by_owner = answer(session, alice, deals(group=[{"field": "owner_id"}], measures=[{"metric": "open_pipeline"}]))
    assert {"name": "Alice Archer", "value": 30000.5, "currency": "GBP"} in by_owner.groups
    ranked = answer(session, alice, deals(OPEN, order=[{"by": "amount", "descending": True}], limit=5))
    assert ranked.rows[0] == {
        "type": "deal", "id": ranked.rows[0]["id"], "external_id": None, "name": "Ferries",
        "value": {"amount": 120000, "currency": "EUR"},
    }  # fmt: skip
    assert answer(session, alice, deals(OPEN, **COUNT)).value == 2
    two = answer(session, alice, deals(measures=[{"metric": "count"}, {"metric": "win_rate"}]))
    assert two.value == [4, 50] and two.text.endswith("\n- Number: 4\n- Win rate: 50%")


def test_the_table_has_the_rows_their_pages_and_the_list(
    session: TenantSession, alice: User, world: dict[str, int]
) -> None:
    table = answer(session, alice, deals(OPEN, order=[{"by": "amount", "descending": True}])).table
    assert table["total"] == 2 and table["href"].startswith("/deals?") and table["entity"] == "deal"
    first = table["rows"][0]
    assert first["name"] == "Ferries" and first["href"] == f"/deals/{first['id']}"
    assert first["values"]["amount"] == {"amount": 120000.0, "currency": "EUR", "minor": 12000000}
    assert {"name": "amount", "type": "money"}.items() <= next(
        column for column in table["columns"] if column["name"] == "amount"
    ).items()
    grouped = answer(session, alice, deals(group=[{"field": "stage"}], measures=[{"metric": "count"}])).table
    assert grouped["chart"] == "bars" and len(grouped["rows"]) == 4
    assert {row["values"]["stage"] for row in grouped["rows"]} == {"Qualification", "Proposal", "Won", "Lost"}


def test_ties_lead_to_the_records_they_belong_to(session: TenantSession, alice: User, world: dict[str, int]) -> None:
    ferries = session.scalars(select(Deal).where(Deal.name == "Ferries")).one()
    role = DealContact(deal_id=ferries.id, contact_id=world["jane"], role="Decision maker")
    factories.save(session, role)
    found = answer(session, alice, {"from": "role", "where": cmp("role", "Decision maker")})
    assert found.text == "There is 1 role as “Decision maker”: Jane Roe."
    assert found.table["rows"][0]["href"] == f"/contacts/{world['jane']}"
    one = answer(session, alice, {"from": "role", "where": cmp("id", role.id)})
    assert one.focus == RecordRef("contact", world["jane"], "Jane Roe")
    assert [(c.type, c.id) for c in one.citations] == [("contact", world["jane"])]


def test_one_figure_beside_another(session: TenantSession, alice: User, world: dict[str, int]) -> None:
    won = {**cmp("stage_type", "won")}
    euro = cmp("currency", "EUR")
    share = deals(both(won, euro), measures=[{"metric": "total_amount"}], versus={"kind": "ratio", "where": euro})
    assert answer(session, alice, share).text == (
        "Total amount of won deals in EUR in percent of total amount of deals in EUR: 3.8% (€5,000 and €133,000)."
    )
    apart = deals(won, **COUNT, versus={"kind": "difference", "where": OPEN})
    assert answer(session, alice, apart).text == "Number of won deals compared with number of open deals: -1 (1 and 2)."
    mixed = answer(session, alice, deals(won, measures=[{"metric": "total_amount"}], versus={"kind": "ratio"}))
    assert mixed.value is None and "these figures cannot be compared (€5,000 and €133,000 and £30,000.50)" in mixed.text


def test_places_further_down_are_numbered_as_they_stand(
    session: TenantSession, alice: User, world: dict[str, int]
) -> None:
    by_amount = {"order": [{"by": "amount", "descending": True}]}
    assert answer(session, alice, deals(**by_amount, limit=2, skip=1)).text.splitlines()[1:3] == [
        "2. Depot – £30,000.50", "3. Fleet – €8,000"
    ]  # fmt: skip
    second = answer(session, alice, deals(**by_amount, limit=1, skip=1))
    assert second.rows[0]["name"] == "Depot"


def test_titles_that_are_sentences_stand_in_lines(session: TenantSession, alice: User) -> None:
    for body in ("Called Jane, she is on leave.", "Sent the offer."):
        factories.make_note(session, body=body, author_id=alice.id)
    shown = answer(session, alice, {"from": "note", "order": [{"by": "created_at"}], "fields": ["author_id"]})
    assert shown.text == "There are 2 notes:\n- Called Jane, she is on leave.\n- Sent the offer."


def test_long_lists_name_a_few_and_count_the_rest(session: TenantSession, alice: User) -> None:
    stage = factories.make_pipeline(session).stages[0]
    for number in range(60):
        session.add(
            Deal(name=f"Deal {number:02} " + "x" * 180, stage_id=stage.id, pipeline_id=stage.pipeline_id, custom={})
        )
    session.commit()
    shown = answer(session, alice, deals(OPEN, order=[{"by": "name"}], fields=["stage"]))
    assert shown.text.startswith("There are 60 open deals:\n- Deal 00 xxx") and shown.text.endswith(
        "x (Qualification)\n- 55 more"
    )
    assert len(shown.rows) == 50 and shown.table["total"] == 60 and len(shown.text) < 1000


@pytest.mark.parametrize(
    ("money", "english", "german"),
    [
        (Money(1_234_50, "EUR"), "€1,234.50", "1.234,50 €"),
        (Money(1_234_00, "USD"), "US$1,234", "1.234 $"),
        (Money(5_000, "JPY"), "JP¥5,000", "5.000 ¥"),
        (Money(5_000_00, "SEK"), "SEK 5,000", "5.000 SEK"),
        (Money(-5_00, "EUR"), "-€5", "-5 €"),
    ],
)
def test_money_is_written_as_its_readers_do(money: Money, english: str, german: str) -> None:
    for language, locale, expected in (("en", "en-GB", english), ("de", "de", german)):
        assert Format.of(language, locale, BERLIN).money(money).replace("\u00a0", " ") == expected
    assert major(Money(1_234_50, "EUR")) == {"amount": 1234.5, "currency": "EUR"}


def test_figures_follow_the_language_of_the_answer_not_only_of_the_asker() -> None:
    assert Format.of("de", "en", BERLIN).number(1234.5) == "1.234,5"
    assert Format.of("en", "de", BERLIN).number(1234.5) == "1,234.5"
    assert Format.of("fr", "not a locale", BERLIN).number(1234.5) == "1,234.5"
