"""What people type in a hurry: short, in few words, without a noun, and one thing after the other."""

from __future__ import annotations

from tests.chatbot.assistant.understanding.conftest import World, expect

#: How long something has been so, bounded below and above.
LENGTHS = {
    "tasks overdue by more than 2 weeks": "task[due_date<last_2_weeks, is_overdue=true]",
    "tasks overdue for 3 days": "task[due_date<last_3_days, is_overdue=true]",
    "tasks overdue by less than a week": "task[due_date=last_1_weeks, is_overdue=true]",
    "tasks overdue since monday": "task[due_date<=2026-11-16, is_overdue=true]",
    "deals overdue by more than a month": "deal[expected_close<last_1_months, expected_close=overdue]",
    "tasks older than 2 weeks that are overdue": "task[created_at<last_2_weeks, is_overdue=true]",
    "aufgaben seit mehr als 2 wochen überfällig": "task[due_date<last_2_weeks, is_overdue=true]",
    "aufgaben seit weniger als einer woche überfällig": "task[due_date=last_1_weeks, is_overdue=true]",
    "Aufgaben seit mehr als 2 Wochen offen": "task[created_at<last_2_weeks, status=open]",
    "deals in proposal for less than 30 days": "deal[days_in_stage<30, stage=Proposal]",
    "deals idle for less than 2 weeks": "deal[stage_type=open, stale_days<14]",
    "deals seit höchstens 30 tagen in proposal": "deal[days_in_stage<=30, stage=Proposal]",
    "firmen seit 60 tagen ohne kontakt": "company[(last_contact_at<last_60_days or last_contact_at unset)]",
    "firmen seit mehr als 60 tagen ohne kontakt": "company[(last_contact_at<last_60_days or last_contact_at unset)]",
    "companies for 60 days without contact": "company[(last_contact_at<last_60_days or last_contact_at unset)]",
    "deals in proposal for at most 20 days": "deal[days_in_stage<=20, stage=Proposal]",
}
#: Two times side by side, or set against each other.
TIMES = {
    "deals closing this week or next": "deal[expected_close<=next_week, expected_close>=this_week, stage_type=open]",
    "deals closing next week or the week after": "deal[expected_close<=2026-12-06, expected_close>=2026-11-23, "
    "stage_type=open]",
    "deals die nächste oder übernächste woche schließen": "deal[expected_close<=2026-12-06, "
    "expected_close>=2026-11-23, stage_type=open]",
    "deals won in september vs october": "deal[closed_at<=2026-10-31, closed_at>=2026-09-01, "
    "stage_type=won] count by closed_at/month order closed_at",
    "gewonnene deals diesen monat verglichen mit letztem monat": "deal[closed_at<=this_month, "
    "closed_at>=last_month, stage_type=won] count by closed_at/month order closed_at",
    "how much did we win in q3 vs q2 by owner": "deal[closed_at<=2026-09-30, closed_at>=2026-04-01, "
    "stage_type=won] total_amount by owner_id, closed_at/quarter order -total_amount",
    "deals won in september vs november": "abstain",
}
#: What is said of each record that another has.
EACH = {
    "companies where all deals are lost": "company[deals[stage_type=lost], no deals[stage_type!=lost]]",
    "companies where every deal is over 20k": "company[deals[amount>20000], no deals[not (amount>20000)]]",
    "Firmen, bei denen alle Deals gewonnen sind": "company[deals[stage_type=won], no deals[stage_type!=won]]",
    "companies where all contacts are customers": "company[contacts[lifecycle=customer], "
    "no contacts[lifecycle!=customer]]",
    "companies where all tasks are done": "company[no tasks[status!=done], tasks[status=done]]",
    "companies where all open deals are in proposal": "abstain",
    "companies where not all deals are lost": "abstain",
    "companies where all deals have a task": "abstain",
    "contacts on all open deals": "contact[deals[stage_type=open]]",
    "contacts whose deals are all open": "contact[deals[stage_type=open], no deals[stage_type!=open]]",
}
SHORT = {
    "people at quill who are opportunities": "contact[company_id=Quill, lifecycle=opportunity]",
    "leads or opportunities in germany": "contact[company[country=Germany], lifecycle in lead|opportunity]",
    "kontakte die keine opportunities sind": "contact[lifecycle!=opportunity]",
    "which contacts have opportunities": "contact[deals]",
    "deals not won": "deal[stage_type!=won]",
    "deals die nicht gewonnen sind": "deal[stage_type!=won]",
    "wieviel haben wir im oktober gewonnen": "deal[closed_at<=2026-10-31, closed_at>=2026-10-01, "
    "stage_type=won] total_amount",
    "wieviel pipeline in euro": "deal[currency=EUR, stage_type=open] open_pipeline",
    "wieviel deals haben wir gewonnen": "deal[stage_type=won] count",
    "how much revenue in october": "deal[closed_at<=2026-10-31, closed_at>=2026-10-01, stage_type=won] won_amount",
    "wie viel umsatz haben wir mit harbour foods gemacht": "deal[company_id=Harbour, stage_type=won] total_amount",
    "verlorene Deals wegen Preis": "deal[lost_reason contains Preis, stage_type=lost]",
    "kontakte aus der quelle website": "contact[source=Website]",
    "deals with 75% probability or more": "deal[probability>=75] -> probability",
    "companies with 80 employees": "company[employees=80]",
    "firmen mit 80 ma": "company[employees=80]",
    "won over 50k in october": "deal[amount>50000, closed_at<=2026-10-31, closed_at>=2026-10-01, stage_type=won]",
    "industry with most companies": "company count by industry order -count top 1",
    "Branche mit den meisten Firmen": "company count by industry order -count top 1",
    "kontakte mit jobtitel leiter": "abstain",
    "meetings w/ borealis in october": "meeting[company_id=Borealis, occurred_at<=2026-10-31, occurred_at>=2026-10-01]",
    "deals expected to close b4 xmas": "deal[expected_close<2026-12-25, stage_type=open]",
    "deals mit mind. 75% wahrscheinlichkeit": "deal[probability>=75] -> probability",
    "how much did we not win in q3": (
        "deal[closed_at<=2026-09-30, closed_at>=2026-07-01, stage_type!=won] total_amount"
    ),
    "contacts who dont have a phone": "contact[phone unset]",
    "tasks i closed this week": "task[assignee_id=me, completed_at=this_week]",
    "contacts with gmail addresses": "contact[email contains gmail]",
    "kunden seit 30 tagen ohne kontakt": (
        "contact[(last_contact_at<last_30_days or last_contact_at unset), lifecycle=customer]"
    ),
    # what both numbers are counted in, “or” behind a noun, a superlative that says what is open, months as groups
    "deals between 0.02 and 0.05 mio": "deal[amount<=50000, amount>=20000]",
    "deals zwischen 0,02 und 0,05 mio": "deal[amount<=50000, amount>=20000]",
    "deals between 20 and 50k": "deal[amount<=50000, amount>=20000]",
    "kontakte in deutschland oder norwegen die kunden oder partner sind": (
        "contact[company[country in Germany|Norway], lifecycle in customer|partner]"
    ),
    "longest open deal": "deal[stage_type=open] order created_at top 1",
    "month with most won deals": "deal[stage_type=won] count by closed_at/month order -count top 1",
    "top 3 besitzer nach gewonnenem betrag": "deal[stage_type=won] won_amount by owner_id order -won_amount top 3",
    # a group before a bound, people who work there, what is past its day, how big a company is
    "companies by country over 200 employees": "company[employees>200] count by country order -count",
    "firmen in deutschland unter 100 leute": "company[country=Germany, employees<100]",
    "welche deals sind über ihr abschlussdatum": "deal[expected_close=overdue]",
    "wie groß ist harbour foods": "company[id=Harbour] -> employees",
}
#: What was asked before > what is typed then
THEN = {
    "companies in Berlin > without deals": "company[city=Berlin, no deals]",
    "companies in Berlin > and with a won deal?": "company[city=Berlin, deals[stage_type=won]]",
    "contacts at quill > who are leads": "contact[company_id=Quill, lifecycle=lead]",
    "contacts at quill > who have open deals": "contact[company_id=Quill, deals[stage_type=open]]",
    "companies in Berlin > ohne offene deals": "company[city=Berlin, no deals[stage_type=open]]",
    "contacts at quill > their phone numbers": "contact[company_id=Quill] -> phone",
}


def test_how_long_something_has_been_so_is_no_time_ahead(world: World) -> None:
    expect({question: world.line(question) for question in LENGTHS}, LENGTHS)


def test_two_times_are_one_where_they_meet(world: World) -> None:
    expect({question: world.line(question) for question in TIMES}, TIMES)


def test_all_of_them_is_not_one_of_them(world: World) -> None:
    expect({question: world.line(question) for question in EACH}, EACH)


def test_few_words_mean_what_many_do(world: World) -> None:
    expect({question: world.line(question) for question in SHORT}, SHORT)


def test_what_is_said_then_narrows_what_was_answered(world: World) -> None:
    expect({said: world.talk(*said.split(" > "))[-1] for said in THEN}, THEN)
