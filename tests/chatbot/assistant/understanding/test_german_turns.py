"""German turns of phrase, and compounds of a value and a noun, come to the plans that plainer words have."""

from __future__ import annotations

from chatbot.assistant.understanding import german_turns
from chatbot.assistant.understanding.tokens import read
from tests.chatbot.assistant.understanding.conftest import World, expect

TURNED = {
    "Firmen nur mit verlorenen Deals": "Firmen mit nur verlorenen Deals",
    "nach Betrag sortiert": "sortiert nach Betrag",
    "offene Deals ohne nächsten Schritt": "offene Deals ohne offene Aufgaben",
    "Deals in schwedischen Kronen": "Deals in SEK",
    "nur mit offenen Deals": "nur mit offenen Deals",
    "Was muss ich heute tun?": "Was muss ich heute tun?",
}

PLANS = {
    # of all that somebody has, of so many and no more
    "firmen nur mit verlorenen deals": "company[deals[stage_type=lost], no deals[stage_type!=lost]]",
    "Firmen, deren Deals alle in Proposal sind": "company[deals[stage=Proposal], no deals[stage!=Proposal]]",
    "firmen mit mindestens 2 deals, nur mit offenen": "company[2.. deals[stage_type=open], no deals[stage_type!=open]]",
    "Firmen mit nur einem offenen Deal": "company[open_deals=1]",
    "firmen mit nur zwei deals": "company[2..2 deals]",
    # participles before their noun
    "nach Proposal verschobene Deals": "deal[moves[to_stage=Proposal]]",
    "in den letzten 30 tagen nach proposal verschobene deals": "deal[moves[moved_at=last_30_days, to_stage=Proposal]]",
    "diesen Monat von Qualification nach Proposal gerutschte Deals": "deal[moves[from_stage=Qualification, "
    "moved_at=this_month, to_stage=Proposal]]",
    "wegen Budget verlorene Deals dieses Jahr": "deal[closed_at=this_year, lost_reason contains Budget, "
    "stage_type=lost]",
    # order, periods, what is to be done
    "verlorene Deals nach Betrag sortiert": "deal[stage_type=lost] order -amount",
    "vergleiche gewonnene Deals im September und Oktober": "deal[closed_at<=2026-10-31, closed_at>=2026-09-01, "
    "stage_type=won] count by closed_at/month order closed_at",
    "gewonnen gegen verloren dieses Quartal": "deal[closed_at=this_quarter, stage_type in lost|won] count by "
    "stage_type order -count",
    "was muss ich für Quill noch erledigen": "task[assignee_id=me, company_id=Quill, status=open]",
    "die drei umsatzstärksten Kunden": "deal[stage_type=won] won_amount by company_id order -won_amount top 3",
    "zweitgrößter offener Deal": "deal[amount set, stage_type=open] order -amount top 1 after 1",
    "Firmen, bei denen wir mehr als einmal gewonnen haben": "company[2.. deals[stage_type=won]]",
    "nur einmal gewonnene Firmen": "company[1..1 deals[stage_type=won]]",
    "Firmen, die alle Aufgaben erledigt haben": "company[no tasks[status!=done], tasks[status=done]]",
    "Deals, die nur einen Kontakt haben": "deal[1..1 contacts]",
    "Deals, deren Abschlussdatum schon vorbei ist": "deal[expected_close=overdue]",
    "Pipeline ohne die Deals von Bob": "deal[owner_id!=Bob, stage_type=open] open_pipeline",
    "wie viel haben wir wegen Budget verloren": "deal[lost_reason contains Budget, stage_type=lost] total_amount",
    "zurückgestufte Deals in diesem Quartal": "deal[moves[is_back=true, moved_at=this_quarter]]",
    "diese Woche fällige Aufgaben nach Zuständigem sortiert": "task[due_date=this_week, status=open] order assignee",
    "was habe ich am Freitag": "task[assignee_id=me, due_date=2026-11-27, status=open]",
    "meine überfälligen Sachen": "task[assignee_id=me, is_overdue=true]",
    "Leads von der Website": "contact[lifecycle=lead, source=Website]",
    "Deals mit unter 30% Wahrscheinlichkeit, aber über 50k": "deal[amount>50000, probability<30] -> probability",
    "Firmen von Bob mit offenen Aufgaben": "company[owner_id=Bob, tasks[status=open]]",
    # compounds
    "softwarefirmen": "company[industry=Software]",
    "Firmen aus der Logistikbranche": "company[industry=Logistics]",
    "messekontakte": "contact[source=Trade fair]",
    "jemand in hamburg": "contact[company[city=Hamburg]]",
}


def test_turns_of_phrase_are_made_plain() -> None:
    assert {text: german_turns.plain(read(text)).written for text in TURNED} == TURNED


def test_german_turns_come_to_the_plans_of_plainer_words(world: World) -> None:
    expect({question: world.line(question) for question in PLANS}, PLANS)


def test_what_follows_narrows_and_orders_the_list_before(world: World) -> None:
    assert world.talk("offene Deals", "nur mit Aufgaben", "nach Wert sortieren") == [
        "deal[stage_type=open]", "deal[stage_type=open, tasks]", "deal[stage_type=open, tasks] order -amount",
    ]  # fmt: skip
