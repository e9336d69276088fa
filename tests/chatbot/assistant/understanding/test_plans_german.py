"""German questions come to the same plans as English ones; mixed ones too."""

from __future__ import annotations

from tests.chatbot.assistant.understanding.conftest import World, expect

QUESTIONS = {
    "Wie viele offene Deals haben wir?": "deal[stage_type=open] count",
    "Wie vile offene Delas haben wir?": "deal[stage_type=open] count",
    "Wie viele Kunden haben wir in Deutschland?": "contact[company[country=Germany], lifecycle=customer] count",
    "Anzahl der Kontakte pro Firma": "contact count by company_id order -count",
    "Wie hoch ist unsere Pipeline?": "deal[stage_type=open] open_pipeline",
    "Gewichtete Pipeline nach Phase": "deal[stage_type=open] weighted_pipeline by stage",
    "Wie hoch ist die Gewinnquote in diesem Quartal?": "deal[closed_at=this_quarter] win_rate",
    "Umsatz pro Monat in diesem Jahr": "deal[closed_at=this_year, stage_type=won] won_amount by closed_at/month "
    "order closed_at",
    "Wie viel haben wir letztes Quartal gewonnen?": "deal[closed_at=last_quarter, stage_type=won] total_amount",
    "Welche Deals haben wir letzten Monat gewonnen?": "deal[closed_at=last_month, stage_type=won]",
    "Die 5 größten offenen Deals": "deal[amount set, stage_type=open] order -amount top 5",
    "Die 5 groessten offenen Deals": "deal[amount set, stage_type=open] order -amount top 5",
    "Deals über 50.000 Euro": "deal[amount>50000, currency=EUR]",
    "Deals zwischen 20.000 und 50.000 Euro": "deal[amount<=50000, amount>=20000, currency=EUR]",
    "Deals, die nächsten Monat schließen": "deal[expected_close=next_month, stage_type=open]",
    "Deals, die im Dezember abgeschlossen werden": "deal[expected_close<=2026-12-31, expected_close>=2026-12-01, "
    "stage_type=open]",
    "Deals ohne Aktivität seit 30 Tagen": "deal[(last_activity_at<last_30_days or last_activity_at unset)]",
    "Bobs offene Deals": "deal[owner_id=Bob, stage_type=open]",
    "Wer hat die meisten offenen Deals?": "deal[stage_type=open] count by owner_id order -count top 1",
    "Zeig mir meine offenen Aufgaben": "task[assignee_id=me, status=open]",
    "Habe ich überfällige Aufgaben?": "task[assignee_id=me, is_overdue=true]",
    "Was ist diese Woche fällig?": "task[due_date=this_week, status=open]",
    "Was muss ich heute tun?": "task[assignee_id=me, due_date<=today, status=open] order due_date",
    "Firmen in Hamburg": "company[city=Hamburg]",
    "norwegische Firmen": "company[country=Norway]",
    "Firmen mit mehr als 100 Mitarbeitern": "company[employees>100]",
    "Welche Firmen haben keinen offenen Deal?": "company[no deals[stage_type=open]]",
    "Kontakte ohne E-Mail-Adresse": "contact[email unset]",
    "neue Kontakte diese Woche": "contact[created_at=this_week]",
    "Mit wem haben wir seit 60 Tagen nicht gesprochen?": "contact[(last_contact_at<last_60_days or "
    "last_contact_at unset)]",
    "Wen haben wir letzte Woche getroffen?": "contact[meetings[occurred_at=last_week]]",
    "Wann haben wir zuletzt mit Ruth Okafor gesprochen?": "contact[id=Ruth Okafor] -> last_contact_at",
    "Wann war das letzte Meeting mit Borealis?": "meeting[company_id=Borealis] -> occurred_at order -occurred_at top 1",
    "Welche Einwände hatte Borealis?": "insight[company_id=Borealis, kind=objection]",
    "Notizen über SSO": "note “SSO”",
    "Wer ist Ruth Okafor?": "contact[id=Ruth Okafor]",
    "Telefonnummer von Ruth Okafor": "contact[id=Ruth Okafor] -> phone",
    "Wem gehört das Borealis-Pilot-Deal?": "deal[id=Borealis pilot] -> owner",
    "Wer ist für Quill zuständig?": "company[id=Quill] -> owner",
    "Wie viele Mitarbeiter hat Quill?": "company[id=Quill] -> employees",
    "Wo sitzt Borealis?": "company[id=Borealis] -> city, country",
    "Wer arbeitet bei Quill?": "contact[company_id=Quill]",
    "Ist Ruth Okafor eine Kundin?": "contact[id=Ruth Okafor] -> lifecycle",
    "Firmen außerhalb von Norwegen": "company[country!=Norway]",
    "Kontakte mit Telefonnummer, aber ohne E-Mail": "contact[email unset, phone set]",
    "Deals zwischen 10.000 und 50.000 Euro": "deal[amount<=50000, amount>=10000, currency=EUR]",
    "Deals mit Abschluss zwischen dem 1. und 15. Dezember": "deal[expected_close<=2026-12-15, "
    "expected_close>=2026-12-01, stage_type=open]",
    "offene Deals, die länger als 90 Tage in ihrer Stufe sind": "deal[days_in_stage>90, stage_type=open]",
    "Deals seit letztem Monat in Angebot": "deal[stage=Proposal, stage_since<=last_month]",
    "Deals mit Stufenwechseln nach Proposal seit gestern": "deal[moves[moved_at>=yesterday, to_stage=Proposal]]",
    "offene Aufgaben, die gestern oder heute fällig waren": "task[due_date<=2026-11-20, "
    "due_date>=2026-11-19, status=open]",
    "Besprechungen mit mir diesen Monat": "meeting[occurred_at=this_month, user_id=me]",
    "zeig mir die open deals": "deal[stage_type=open]",
}


def test_german_questions_come_to_the_same_plans(world: World) -> None:
    got = {question: world.line(question) for question in QUESTIONS}
    expect(got, QUESTIONS)


def test_the_language_is_told_by_the_words(world: World) -> None:
    languages = {
        "Wie viele offene Deals haben wir?": "de",
        "Firmen in Hamburg": "de",
        "Deals nach Phase": "de",
        "companies in Hamburg": "en",
        "Borealis": "en",
        "my deals": "en",
        "Was hat Jane Roe zum Preis gesagt?": "de",
    }
    assert {text: world.route(text).language for text in languages} == languages
