"""The ways of German sentences: verbs in two parts, verbs at the end, pronouns that look like articles."""

from __future__ import annotations

from chatbot.assistant.understanding.german import plain
from chatbot.assistant.understanding.tokens import read
from chatbot.assistant.understanding.word_files import entries
from tests.chatbot.assistant.understanding.conftest import World, expect

ORDERED = {
    "Wie viele Deals hängen in Discovery fest?": "Wie viele Deals hängen fest in Discovery ?",
    "Welche Meetings stehen nächste Woche an, und mit wem?": "Welche Meetings stehen an nächste Woche , und mit wem?",
    "Was haben die denn gefordert?": "Was haben sie denn gefordert?",
    "Wann hatten wir zuletzt Kontakt mit denen?": "Wann hatten wir zuletzt Kontakt mit ihnen?",
    "Firmen, mit denen wir gesprochen haben": "Firmen, mit denen wir gesprochen haben",
    "Bei welcher Firma haben wir die meisten Deals?": "welcher Firma hat die meisten Deals?",
    "Aufgaben, obwohl der Deal dazu verloren ist": "Aufgaben, deren Deal verloren ist",
    "Deals, die im Oktober gewonnen wurden": "Deals, die im Oktober gewonnen wurden",
}

PLANS = {
    # verbs in two parts
    "Welche Aufgaben laufen diese Woche ab?": "task[due_date=this_week]",
    "Welche Meetings stehen nächste Woche an?": "meeting[occurred_at=next_week]",
    "In wie vielen Notizen kommt SSO vor?": "note “SSO” count",
    # verbs at the end
    "Welche Deals haben wir im Oktober gewonnen, die mehr als 20.000 Euro gebracht haben?": "deal[amount>20000, "
    "closed_at<=2026-10-31, closed_at>=2026-10-01, currency=EUR, stage_type=won]",
    "Welche Aufgaben sind noch offen, obwohl der Deal dazu schon verloren ist?": "task[deal[stage_type=lost], "
    "status=open]",
    "Bei welchen meiner Firmen läuft zurzeit kein einziges offenes Geschäft?": "company[no deals[stage_type=open], "
    "owner_id=me]",
    # who is on the other side
    "Wie viele Leute arbeiten eigentlich bei Quill?": "company[id=Quill] -> employees",
    # moves and employers, whose verb stands behind what it is said of
    "Welche Deals wurden diesen Monat von Qualification nach Proposal geschoben?": "deal[moves["
    "from_stage=Qualification, moved_at=this_month, to_stage=Proposal]]",
    "Wer hat dieses Jahr den Arbeitgeber gewechselt?": "contact[employments[ended_on=this_year, is_current=false]]",
    "Kontakte, die früher bei Quill gearbeitet haben": "contact[employments[company_id=Quill, is_current=false]]",
    # who was not there, and what is no meeting
    "Termine, bei denen Bob nicht dabei war": "meeting[not (user_id=Bob)]",
    "Welche Aufgaben haben gar keinen Termin?": "task[due_date unset]",
    "Aufgaben ohne Termin, die offen sind": "task[due_date unset, status=open]",
    # times
    "Meetings von gestern und vorgestern?": "meeting[occurred_at<=2026-11-19, occurred_at>=2026-11-18]",
    "Was habe ich noch offen, das bis Sonntag fällig ist oder schon drüber?": "task[(due_date<=2026-11-22 or "
    "is_overdue=true), assignee_id=me, status=open]",
    # numbers
    "Welche Firmen mit 100 bis 250 Beschäftigten betreut Alice?": "company[employees<=250, employees>=100, "
    "owner_id=Alice]",
    # words without their umlauts
    "wie viele Deals haengen schon laenger als 25 Tage in Proposal fest?": "deal[days_in_stage>25, stage=Proposal, "
    "stage_type=open] count",
}


def test_words_are_put_into_plain_order() -> None:
    assert {text: plain(read(text)).written for text in ORDERED} == ORDERED


def test_german_sentences_come_to_their_plans(world: World) -> None:
    expect({question: world.line(question) for question in PLANS}, PLANS)


def test_a_tilde_in_a_word_list_stands_for_the_endings_of_an_adjective() -> None:
    said = entries("colloquial_de")["state:former"]
    assert {"ehemalig", "ehemalige", "ehemaligen", "ehemaliger", "ehemaliges", "ehemaligem"} <= set(said)
