"""English questions of every family come to the plan that was meant, in whatever words they are asked."""

from __future__ import annotations

from tests.chatbot.assistant.understanding.conftest import World, expect

NUMBERS = {
    "How many open deals do we have?": "deal[stage_type=open] count",
    "What is the number of opportunities over 20k?": "deal[amount>20000] count",
    "Could you tell me the number of opportunities still open?": "deal[stage_type=open] count",
    "number of contacts per company": "contact count by company_id order -count",
    "How many customers do we have in Norway?": "contact[company[country=Norway], lifecycle=customer] count",
    "how many leads came in this month": "contact[created_at=this_month, lifecycle=lead] count",
    "How many finance directors are there?": "contact[title=Finance Director] count",
    "How many open tasks does each person have?": "task[status=open] count by assignee_id order -count",
    "What is our pipeline worth?": "deal[stage_type=open] open_pipeline",
    "weighted pipeline by stage": "deal[stage_type=open] weighted_pipeline by stage",
    "forecast by month": "deal[stage_type=open] weighted_pipeline by expected_close/month order expected_close",
    "How much do we expect to win this quarter?": "deal[expected_close=this_quarter, stage_type=open] "
    "weighted_pipeline",
    "What is our win rate this quarter?": "deal[closed_at=this_quarter] win_rate",
    "Which salesperson has the highest win rate?": "deal win_rate by owner_id order -win_rate top 1",
    "average sales cycle": "deal average_cycle_days",
    "average deal size of won deals": "deal[stage_type=won] average_deal",
    "How much did we win last quarter?": "deal[closed_at=last_quarter, stage_type=won] total_amount",
    "What's the total value of open deals in EUR?": "deal[currency=EUR, stage_type=open] total_amount",
    "sum of all deals in stage Proposal": "deal[stage=Proposal] total_amount",
    "total won amount in Q3 by owner": "deal[closed_at<=2026-09-30, closed_at>=2026-07-01, stage_type=won] won_amount "
    "by owner_id order -won_amount",
    "revenue by month this year": "deal[closed_at=this_year, stage_type=won] won_amount by closed_at/month "
    "order closed_at",
    "What is the pipeline of Alice and Bob?": "deal[owner_id in Alice|Bob, stage_type=open] open_pipeline",
    "How much is Quill worth?": "deal[company_id=Quill, stage_type=open] total_amount",
    "How many hours of meetings did we have last month?": "meeting[occurred_at=last_month] total_duration_s",
    "how many notes mention SSO": "note “SSO” count",
    "most mentioned competitor": "insight[kind=competitor] count by text order -count top 1",
}

LISTS = {
    "List the deals in Proposal": "deal[stage=Proposal]",
    "What is the largest deal in the Proposal stage?": "deal[amount set, stage=Proposal] order -amount top 1",
    "Which deals close next month?": "deal[expected_close=next_month, stage_type=open]",
    "deals between 10k and 50k": "deal[amount<=50000, amount>=10000]",
    "deals between 20 and 50k": "deal[amount<=50000, amount>=20000]",
    "deals worth at least £20,000": "deal[amount>=20000, currency=GBP]",
    "deals of 20k or more": "deal[amount>=20000]",
    "deals with a probability above 60%": "deal[probability>60]",
    "deals expected to close between December 1 and January 15": "deal[expected_close<=2027-01-15, "
    "expected_close>=2026-12-01, stage_type=open]",
    "deals won since March": "deal[closed_at>=2026-03-01, stage_type=won]",
    "deals created more than 30 days ago": "deal[created_at<2026-10-21]",
    "deals older than 90 days": "deal[created_at<last_90_days]",
    "overdue deals": "deal[expected_close=overdue]",
    "deals without a close date": "deal[expected_close unset]",
    "deals that have been in Proposal for more than 60 days": "deal[days_in_stage>60, stage=Proposal]",
    "deals with no activity in the last 30 days": "deal[(last_activity_at<last_30_days or last_activity_at unset)]",
    "top 3 open deals": "deal[amount set, stage_type=open] order -amount top 3",
    "the smallest deal we won": "deal[amount set, stage_type=won] order amount top 1",
    "Which deal closes next?": "deal[expected_close>=today, stage_type=open] order expected_close top 1",
    "Which deals did Bob win this year?": "deal[closed_at=this_year, owner_id=Bob, stage_type=won]",
    "deals closed by Bob last month": "deal[closed_at=last_month, owner_id=Bob, stage_type in lost|won]",
    "did we close any deals in October": "deal[closed_at<=2026-10-31, closed_at>=2026-10-01, stage_type=won]",
    "deals lost because of price": "deal[lost_reason=Price too high, stage_type=lost]",
    "lost deals by reason": "deal[stage_type=lost] count by lost_reason order -count",
    "open and won deals": "deal[stage_type in open|won]",
    "Bob's deals": "deal[owner_id=Bob]",
    "deals that are not open": "deal[stage_type!=open]",
    "deals in Berlin": "deal[company[city=Berlin]]",
    "deals in Atlantis": "deal[company[city=Atlantis]]",
    "deals not in Germany": "deal[no company[country=Germany]]",
    "five newest contacts": "contact order -created_at top 5",
    "new contacts": "contact order -created_at top 10",
    "companies by employees": "company order -employees",
    "companies sorted by name": "company order name",
    "contacts with the title Head of IT": "contact[title=Head of IT]",
    "finance directors": "contact[title=Finance Director]",
    "contacts from trade fairs": "contact[source=Trade fair]",
    "emails of all contacts at Quill": "contact[company_id=Quill] -> email",
    "contacts without an e-mail address": "contact[email unset]",
    "contacts with a phone number": "contact[phone set]",
    "companies with more than 100 employees": "company[employees>100]",
    "companies in the logistics industry": "company[industry=Logistics]",
    "Norwegian companies": "company[country=Norway]",
}

WORK = {
    "my open tasks": "task[assignee_id=me, status=open]",
    "Do I have any overdue tasks?": "task[assignee_id=me, is_overdue=true]",
    "what is due this week": "task[due_date=this_week, status=open]",
    "tasks due tomorrow for Bob": "task[assignee_id=Bob, due_date=tomorrow, status=open]",
    "tasks due between Monday and Friday": "task[due_date<=2026-11-27, due_date>=2026-11-23, status=open]",
    "overdue high priority tasks": "task[is_overdue=true, priority=high]",
    "tasks completed last week": "task[completed_at=last_week, status=done]",
    "unassigned tasks": "task[assignee_id unset]",
    "tasks without an assignee": "task[assignee unset]",
    "What should I do today?": "task[assignee_id=me, due_date<=today, status=open] order due_date",
    "who has the most overdue tasks": "task[is_overdue=true] count by assignee_id order -count top 1",
    "notes by Bob last month": "note[author_id=Bob, created_at=last_month]",
    "notes mentioning SSO": "note “SSO”",
    "latest note on Quill": "note[company_id=Quill] order -created_at top 1",
    "meetings longer than half an hour": "meeting[duration_s>1800]",
    "meetings with Borealis in October": "meeting[company_id=Borealis, occurred_at<=2026-10-31, "
    "occurred_at>=2026-10-01]",
    "When was the last meeting with Borealis?": "meeting[company_id=Borealis] -> occurred_at order -occurred_at top 1",
    "When is our next meeting with Quill?": "meeting[company_id=Quill, occurred_at>=today] -> occurred_at "
    "order occurred_at top 1",
    "How long was the last meeting with Borealis?": "meeting[company_id=Borealis] -> duration_s "
    "order -occurred_at top 1",
    "objections raised by Borealis": "insight[company_id=Borealis, kind=objection]",
    "Which competitors came up last month?": "insight[kind=competitor, occurred_at=last_month]",
    "decisions of the last meeting with Borealis": "insight[kind=decision, meeting[id=review]]",
}

RELATED = {
    "Which companies have no open deal?": "company[no deals[stage_type=open]]",
    "companies without any contacts": "company[no contacts]",
    "contacts not assigned to a company": "contact[no company]",
    "open deals without a next task": "deal[no tasks[due_date>=today, status=open], stage_type=open]",
    "Which companies have more than 3 open deals?": "company[open_deals>3]",
    "Which companies have at least one won deal?": "company[deals[stage_type=won]]",
    "Companies with open tasks but no open deals": "company[no deals[stage_type=open], tasks[status=open]]",
    "Which companies with open deals have no tasks": "company[deals[stage_type=open], no tasks]",
    "contacts at companies with open deals over 20k": "contact[company[deals[amount>20000, stage_type=open]]]",
    "open deals of companies in the logistics industry": "deal[company[industry=Logistics], stage_type=open]",
    "tasks for the Borealis deal": "task[deal[id=Borealis pilot]]",
    "contacts involved in the Borealis pilot": "contact[deals[id=Borealis pilot]]",
    "Which company has the most contacts?": "contact[company_id set] count by company_id order -count top 1",
    "Who has the most open deals?": "deal[stage_type=open] count by owner_id order -count top 1",
    "Which rep won the most deals this year?": "deal[closed_at=this_year, stage_type=won] count by owner_id "
    "order -count top 1",
    "Which stage has the most deals?": "deal count by stage order -count top 1",
    "Which month had the most won deals?": "deal[stage_type=won] count by closed_at/month order -count top 1",
    "top 5 customers by won revenue": "deal[stage_type=won] won_amount by company_id order -won_amount top 5",
    "contacts not contacted in the last 60 days": "contact[(last_contact_at<last_60_days or last_contact_at unset)]",
    "Who have we not talked to since September?": "contact[(last_contact_at<2026-09-01 or last_contact_at unset)]",
    "contacts never contacted": "contact[last_contact_at unset]",
    "companies we met this month": "company[last_meeting_at=this_month]",
    "who did we meet last week": "contact[meetings[occurred_at=last_week]]",
    "companies we did not meet last month": "company[no meetings[occurred_at=last_month]]",
}

RECORDS = {
    "When did we last talk to Ruth Okafor?": "contact[id=Ruth Okafor] -> last_contact_at",
    "How long ago did we last speak to Ruth Okafor?": "contact[id=Ruth Okafor] -> last_contact_at",
    "When did I last meet Borealis?": "meeting[company_id=Borealis, user_id=me] -> occurred_at "
    "order -occurred_at top 1",
    "Have we met Borealis this month?": "meeting[company_id=Borealis, occurred_at=this_month]",
    "Who is Ruth Okafor?": "contact[id=Ruth Okafor]",
    "Show me Borealis": "company[id=Borealis]",
    "What is Ruth's job title?": "contact[id=Ruth Okafor] -> title",
    "Ruth Okafor phone and email": "contact[id=Ruth Okafor] -> phone, email",
    "jane@borealis.example": "contact[id=Jane Roe]",
    "borealis.example": "company[id=Borealis]",
    "Who owns Quill?": "company[id=Quill] -> owner",
    "Which account manager looks after Quill?": "company[id=Quill] -> owner",
    "Who works at Quill?": "contact[company_id=Quill]",
    "Who is our contact at Harbour Foods?": "contact[company_id=Harbour]",
    "Who is the Managing Director of Harbour Foods?": "contact[company_id=Harbour, title=Managing Director]",
    "Who is the CTO of Harbour Foods?": "contact[company_id=Harbour, title=CTO]",
    "Where is Borealis based?": "company[id=Borealis] -> city, country",
    "Where does Ruth Okafor work?": "contact[id=Ruth Okafor] -> company, title",
    "In which stage is the Borealis pilot?": "deal[id=Borealis pilot] -> stage",
    "What stage is Borealis in?": "deal[company_id=Borealis] -> stage",
    "How much is the Harbour rollout worth?": "deal[id=Harbour rollout] -> amount",
    "When does the Borealis pilot close?": "deal[id=Borealis pilot] -> expected_close",
    "When was the Harbour rollout won?": "deal[id=Harbour rollout] -> closed_at",
    "How long has the Borealis pilot been open?": "deal[id=Borealis pilot] -> age_days",
    "how long did it take to win the Harbour rollout?": "deal[id=Harbour rollout] -> cycle_days",
    "Is Ruth Okafor a customer?": "contact[id=Ruth Okafor] -> lifecycle",
    "Is the Harbour rollout won?": "deal[id=Harbour rollout] -> stage",
    "Which industry is Nordlicht in?": "company[id=Nordlicht] -> industry",
    "How many employees does Borealis have?": "company[id=Borealis] -> employees",
}


HARDER = {
    "Give me every contact Bob owns": "contact[owner_id=Bob]",
    "companies Bob has met": "company[meetings[user_id=Bob]]",
    "companies by country and industry": "company count by country, industry order -count",
    "tasks due by the end of the month": "task[due_date<=2026-11-30, status=open]",
    "meetings in the first half of November": "meeting[occurred_at<=2026-11-15, occurred_at>=2026-11-01]",
    "deals closing before new year": "deal[expected_close<2027-01-01, stage_type=open]",
    "which deals should have closed already": "deal[expected_close=overdue]",
    "companies with open deals we haven't contacted in 30 days": "company[(last_contact_at<last_30_days or "
    "last_contact_at unset), deals[stage_type=open]]",
    "companies in Germany without a contact in the last 30 days": "company[(last_contact_at<last_30_days or "
    "last_contact_at unset), country=Germany]",
    "who is our best seller this quarter": "deal[closed_at=this_quarter, stage_type=won] won_amount by owner_id "
    "order -won_amount top 1",
    "How big is Quill?": "company[id=Quill] -> employees",
    "did we win the Harbour rollout?": "deal[id=Harbour rollout] -> stage",
    "total amount per currency": "deal total_amount",
    "average number of employees": "company avg(employees)",
    "deals untouched for 2 weeks": "deal[(last_activity_at<last_2_weeks or last_activity_at unset)]",
    "is Borealis in Proposal": "deal[company_id=Borealis] -> stage",
    "how do I reach Ruth Okafor?": "contact[id=Ruth Okafor] -> email, phone, title, company",
}


def test_english_questions_come_to_the_plan_that_was_meant(world: World) -> None:
    expected = NUMBERS | LISTS | WORK | RELATED | RECORDS | HARDER
    got = {question: world.line(question) for question in expected}
    expect(got, expected)


def test_typing_errors_do_no_harm(world: World) -> None:
    expected = {
        "how many oportunities are open": "deal[stage_type=open] count",
        "waht is our pipline": "deal[stage_type=open] open_pipeline",
        "shwo me all custmers in Germny": "contact[company[country=Germany], lifecycle=customer]",
        "deals closing nxt month": "deal[expected_close=next_month, stage_type=open]",
        "emial of Ruth Okafr": "contact[id=Ruth Okafor] -> email",
        "averge deal size": "deal average_deal",
        "taks due tommorow": "task[due_date=tomorrow, status=open]",
        "top 5 deels by amuont": "deal order -amount top 5",
        "wich companies have no open deels": "company[no deals[stage_type=open]]",
        "copmanies in Norwy": "company[country=Norway]",
        "meetings with Boraelis": "meeting[company_id=Borealis]",
        "deals won in septmber": "deal[closed_at<=2026-09-30, closed_at>=2026-09-01, stage_type=won]",
        "win rate this quater": "deal[closed_at=this_quarter] win_rate",
        "whats overdeu": "task[is_overdue=true]",
    }
    got = {question: world.line(question) for question in expected}
    expect(got, expected)


def test_a_plan_tells_how_sure_it_is_by_how_much_was_corrected(world: World) -> None:
    right, slips = world.route("open deals in Berlin"), world.route("opne deels in Berln")
    assert right.plan == slips.plan
    assert right.confidence > slips.confidence >= 0.5
