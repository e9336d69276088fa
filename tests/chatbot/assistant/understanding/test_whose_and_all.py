"""Whose records are not, who moved them, what holds of all of them, and calls and letters that were logged."""

from __future__ import annotations

from tests.chatbot.assistant.understanding.conftest import World, expect

PLANS = {
    # what holds of all
    "companies only with lost deals": "company[deals[stage_type=lost], no deals[stage_type!=lost]]",
    "companies that only have lost deals": "company[deals[stage_type=lost], no deals[stage_type!=lost]]",
    "companies with lost deals only": "company[deals[stage_type=lost], no deals[stage_type!=lost]]",
    "companies having nothing but open deals": "company[deals[stage_type=open], no deals[stage_type!=open]]",
    "companies whose deals are all in proposal": "company[deals[stage=Proposal], no deals[stage!=Proposal]]",
    "only companies with lost deals": "company[deals[stage_type=lost]]",
    # whose they are not
    "companies i don't own": "company[owner_id!=me]",
    "contacts at companies Bob does not look after": "contact[company[owner_id!=Bob]]",
    "Firmen, die mir nicht gehören": "company[owner_id!=me]",
    "companies nobody owns": "company[owner_id unset]",
    "overdue tasks of other people": "task[assignee_id!=me, is_overdue=true]",
    "someone else's open deals": "deal[owner_id!=me, stage_type=open]",
    "deals that belong to somebody else": "deal[owner_id!=me]",
    "notes by other people this week": "note[author_id!=me, created_at=this_week]",
    "überfällige Aufgaben der anderen": "task[assignee_id!=me, is_overdue=true]",
    "Deals, die jemand anderem gehören": "deal[owner_id!=me]",
    "jemand anderem zugewiesene Aufgaben": "task[assignee_id!=me, status=open]",
    "Notizen von anderen": "note[author_id!=me]",
    "Deals der anderen Firmen": "deal[company]",
    # who moved them
    "deals Bob moved to proposal": "deal[moves[to_stage=Proposal, user_id=Bob]]",
    "deals moved by Bob this month": "deal[moves[moved_at=this_month, user_id=Bob]]",
    "von Bob verschobene Deals": "deal[moves[user_id=Bob]]",
    "Bob's deals that moved to proposal": "deal[moves[to_stage=Proposal], owner_id=Bob]",
    # what closes is open, also of others
    "companies with deals closing next month": "company[deals[expected_close=next_month, stage_type=open]]",
    "customers without a deal": "contact[lifecycle=customer, no deals]",
    "customers with more than 200 employees": "contact[company[employees>200], lifecycle=customer]",
    # times before the verb
    "mit welchen Kunden haben wir seit September nicht gesprochen": "contact[(last_contact_at<2026-09-01 or "
    "last_contact_at unset), lifecycle=customer]",
    "Leute, die ich diesen Monat getroffen habe": "contact[meetings[occurred_at=this_month, user_id=me]]",
    "who attended the last meeting with Borealis": "contact[meetings[id=review]]",
    "Wer war bei der letzten Besprechung mit Borealis dabei?": "contact[meetings[id=review]]",
    # when it last happened to each
    "companies whose last meeting is older than 60 days": "company[last_meeting_at<2026-09-21]",
    "companies where our last meeting was before October": "company[last_meeting_at<2026-10-01]",
    "deals whose last activity is older than 30 days": "deal[last_activity_at<2026-10-21]",
    "Firmen, deren letzte Besprechung älter als 60 Tage ist": "company[last_meeting_at<last_60_days]",
    "Firmen, bei denen das letzte Treffen länger als eine Woche her ist": "company[last_meeting_at<last_1_weeks]",
    "Kontakte mit letztem Kontakt älter als 30 Tage": "contact[last_contact_at<last_30_days]",
    # the time is the meeting's, whoever took part
    "meetings with customers last month": "meeting[contacts[lifecycle=customer], occurred_at=last_month]",
    "meetings with new customers last month": "meeting[contacts[created_at=last_month, lifecycle=customer]]",
    "tasks for customers this week": "task[contact[lifecycle=customer], due_date=this_week]",
    "Besprechungen mit Kunden letzten Monat": "meeting[contacts[lifecycle=customer], occurred_at=last_month]",
    # the most revenue is the highest
    "which industry has the most revenue": "deal[stage_type=won] won_amount by industry order -won_amount top 1",
    "which customer brings in the least revenue": "deal[stage_type=won] won_amount by company_id order won_amount "
    "top 1",
    "welche Branche bringt den meisten Umsatz": "deal[stage_type=won] won_amount by industry order -won_amount top 1",
    # to whom nobody has spoken
    "who hasn't been contacted since September": "contact[(last_contact_at<2026-09-01 or last_contact_at unset)]",
    "wer wurde seit September nicht mehr kontaktiert": "contact[(last_contact_at<2026-09-01 or last_contact_at unset)]",
    # where a deal stands is where it has not been won or lost
    "welche Deals stehen seit mehr als 40 Tagen in ihrer Phase": "deal[days_in_stage>40, stage_type=open]",
    "Deals, die länger als 30 Tage in derselben Stufe sind": "deal[days_in_stage>30, stage_type=open]",
    "verlorene Deals wegen des Zeitplans": "deal[lost_reason contains Zeitplan, stage_type=lost]",
    "Kontakte, die gestern hinzukamen": "contact[created_at=yesterday]",
    "wie viele Firmen kamen dieses Jahr pro Monat hinzu": "company[created_at=this_year] count by created_at/month "
    "order created_at",
    "die obersten drei Firmen nach Umsatz": "deal[stage_type=won] won_amount by company_id order -won_amount top 3",
    # what was logged
    "calls logged this week": "note[happened_at=this_week, kind=call]",
    "how many calls did Bob log last month": "note[author_id=Bob, happened_at=last_month, kind=call] count",
    "how many emails did we send to Borealis last month": "note[company_id=Borealis, direction=out, "
    "happened_at=last_month, kind=email] count",
    "incoming calls last week": "note[direction=in, happened_at=last_week, kind=call]",
    "phone calls longer than 30 minutes": "note[duration_s>1800, kind=call]",
    "eingehende Anrufe": "note[direction=in, kind=call]",
    "ausgehende Mails diese Woche": "note[direction=out, happened_at=this_week, kind=email]",
    "calls this week": "meeting[occurred_at=this_week]",
    "companies without phone calls": "company[no notes[kind=call]]",
    # figures
    "won vs lost this quarter": "deal[closed_at=this_quarter, stage_type in lost|won] count by stage_type order -count",
    "compare won deals in september and october": "deal[closed_at<=2026-10-31, closed_at>=2026-09-01, "
    "stage_type=won] count by closed_at/month order closed_at",
    "win rate of trade fair leads": "deal[contacts[source=Trade fair]] win_rate",
    "employees by country": "company sum(employees) by country order -sum_employees",
    "open deals with no next step": "deal[no tasks[status=open], stage_type=open]",
    "companies with revenue above 50k": "deal[stage_type=won] won_amount by company_id order -won_amount having >50000",
    "average deal age by stage": "deal avg(age_days) by stage",
    "deals worth exactly 12000": "deal[amount=12000]",
    "leads from the website": "contact[lifecycle=lead, source=Website]",
    "companies that have lost all their deals": "company[deals[stage_type=lost], no deals[stage_type!=lost]]",
    # what comes first, and how long it has been so
    "my open deals, oldest first": "deal[owner_id=me, stage_type=open] order created_at",
    "which deals are most likely to close": "deal[stage_type=open] order -probability top 10",
    "deals stuck for more than 6 weeks": "deal[stage_type=open, stale_days>42]",
    "deals whose stage changed yesterday": "deal[moves[moved_at=yesterday]]",
    "deals closing this Friday": "deal[expected_close=2026-11-20, stage_type=open]",
    "first names of our contacts at Quill": "contact[company_id=Quill] -> first_name",
    "wie viele offene Deals hat jeder": "deal[stage_type=open] count by owner_id order -count",
    # places where nobody is
    "companies in barcelona": "company[city=barcelona]",
    "Firmen in Wuppertal": "company[city=Wuppertal]",
    "Firmen aus Wuppertal ohne Webseite": "company[city=Wuppertal, website unset]",
    "Firmen ohne Telefonnummer in Wuppertal": "company[city=Wuppertal, phone unset]",
    "Firmen in der Mongolei": "company[country=Mongolei]",
    "offene Deals in der Türkei": "deal[company[country=Türkei], stage_type=open]",
    "do we have contacts in timbuktu": "contact[company[city=timbuktu]]",
    # people by their job at a company
    "phone number of the head of it at Quill": "contact[company_id=Quill, title=Head of IT] -> phone",
}

NOT_STATED = (
    "Firmen aus LinkedIn", "companies from linkedin",
    "companies in trouble", "Firmen in Schwierigkeiten", "tasks for the deal", "Aufgaben zum Angebot",
    "contacts at the company", "who moved the most deals last month", "which deals are we likely to win",
    "what should I do because of Quill",
    "when was the last time Bob met someone from Quill", "companies in northern Germany",
    "Von Bob verspätet erledigte Aufgaben", "companies we sold to only once",
)  # fmt: skip


def test_whose_records_are_and_what_holds_of_all_of_them(world: World) -> None:
    expect({question: world.line(question) for question in PLANS}, PLANS)


def test_one_record_that_nobody_named_and_states_are_no_answer(world: World) -> None:
    assert not [question for question in NOT_STATED if world.route(question).kind == "structured"]


def test_a_word_that_ties_is_no_part_of_a_name(world: World) -> None:
    world.meeting("Harbour: workshop in Leeds, with Ruth", world.harbour, "2026-11-12")
    assert world.line("customers in Leeds") == "contact[company[city=Leeds], lifecycle=customer]"
    assert world.line("notes with Ruth") == "note[contact_id=Ruth Okafor]"


def test_a_list_is_put_in_the_order_of_its_days(world: World) -> None:
    assert world.talk("open deals", "newest first")[1] == "deal[stage_type=open] order -created_at"


def test_what_narrows_an_answer_that_there_was_not_is_no_question(world: World) -> None:
    assert world.talk("something quite unheard of", "without low priority")[1] == "semantic"


def test_a_plural_before_a_clause_tells_nobody_to_finish_a_task(world: World) -> None:
    line = world.line("aufgaben zu deals die diesen monat abschließen")
    assert line == "task[deal[expected_close=this_month, stage_type=open]]"
