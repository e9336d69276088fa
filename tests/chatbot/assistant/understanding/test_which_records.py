"""Which records are meant: what comes from where, who does what, what is left out, though the CRM has other words."""

from __future__ import annotations

from tests.chatbot.assistant.understanding.conftest import World, expect

PLACES = {
    "which of our contacts are Norwegians?": "contact[company[country=Norway]]",
    "list the Norwegians": "company[country=Norway]",
    "Scandinavian companies": "company[country=Norway]",
    "deals outside Scandinavia": "deal[no company[country=Norway]]",
    "British and Norwegian companies": "company[country in Norway|United Kingdom]",
    "any Austrian companies?": "company[country=Austria]",
    "our us customers": "contact[company[country=United States], lifecycle=customer]",
    "deals with US companies": "deal[company[country=United States]]",
    "show us customers": "contact[lifecycle=customer]",
    "what's open with the Brits?": "deal[company[country=United Kingdom], stage_type=open]",
}

JOBS_AND_TRADES = {
    "everyone who runs IT": "contact[title=Head of IT]",
    "IT people in Germany": "contact[company[country=Germany], title=Head of IT]",
    "contacts with IT in their job title": "contact[title=Head of IT]",
    "finance bosses": "contact[title=Finance Director]",
    "bosses at British companies": "contact[company[country=United Kingdom], title in Finance Director|Head of IT|"
    "Managing Director]",
    "which hauliers do we have?": "company[industry=Logistics]",
    "any software makers in our books?": "company[industry=Software]",
    "which logos did we win this year?": "company[deals[closed_at=this_year, stage_type=won]]",
}

LEFT_OUT = {
    "contacts who are neither leads nor customers": "contact[lifecycle!=customer, lifecycle!=lead]",
    "contacts that aren't customers or partners": "contact[lifecycle!=customer, lifecycle!=partner]",
    "companies not in Germany or Norway": "company[country!=Germany, country!=Norway]",
    "companies in all countries but Germany": "company[country!=Germany]",
    "non-German companies": "company[country!=Germany]",
    "deals in any stage but Proposal": "deal[stage!=Proposal]",
    "open deals leaving out Proposal": "deal[stage!=Proposal, stage_type=open]",
    "open deals, not counting the ones in pounds": "deal[currency!=GBP, stage_type=open]",
    "all deals except Alice's and Bob's": "deal[owner_id!=Alice, owner_id!=Bob]",
    "deals neither won nor lost": "deal[stage_type!=lost, stage_type!=won]",
    "tasks that aren't mine": "task[assignee_id!=me, status=open]",
    "which contacts have neither an e-mail address nor a phone?": "contact[email unset, phone unset]",
    "companies we've never had a deal with, not even a lost one": "company[no deals]",
}


ORIGINS_AND_REASONS = {
    "who did we first meet at a trade fair?": "contact[source=Trade fair]",
    "leads that came in through the website or a trade fair": "contact[lifecycle=lead, source in Trade fair|Website]",
    "contacts who didn't find us via the website": "contact[source!=Website]",
    "which ones did we lose because the price was too high?": "deal[lost_reason=Price too high, stage_type=lost]",
    "deals lost over price this year": "deal[closed_at=this_year, lost_reason=Price too high, stage_type=lost]",
    "how often did we lose due to a high price in Germany?": "deal[company[country=Germany], "
    "lost_reason=Price too high, stage_type=lost] count",
    "how many deals did we lose since October?": "deal[closed_at>=2026-10-01, stage_type=lost] count",
}

NAMESAKES = {
    "everybody called Jane": "contact[first_name=Jane]",
    "how many Janes do we know?": "contact[first_name=Jane] count",
    "all the Toms at Quill": "contact[company_id=Quill, first_name=Tom]",
    "contacts with the surname Okafor": "contact[last_name=Okafor] -> last_name",
    "Jane's phone number": "clarify",
}


def test_nationalities_and_groups_of_countries_are_countries(world: World) -> None:
    expect({question: world.line(question) for question in PLACES}, PLACES)


def test_jobs_and_trades_are_known_by_other_words(world: World) -> None:
    expect({question: world.line(question) for question in JOBS_AND_TRADES}, JOBS_AND_TRADES)


def test_what_is_left_out_is_all_that_was_named(world: World) -> None:
    expect({question: world.line(question) for question in LEFT_OUT}, LEFT_OUT)


def test_origins_and_reasons_are_told_in_clauses(world: World) -> None:
    expect({question: world.line(question) for question in ORIGINS_AND_REASONS}, ORIGINS_AND_REASONS)


def test_a_name_in_the_plural_is_a_condition(world: World) -> None:
    expect({question: world.line(question) for question in NAMESAKES}, NAMESAKES)


AMOUNTS = {
    "companies with 100-250 people": "company[employees<=250, employees>=100]",
    "companies that have 500+ employees": "company[employees>=500]",
    "open deals of 50k+": "deal[amount>=50000, stage_type=open]",
    "five-figure deals in Germany": "deal[amount<100000, amount>=10000, company[country=Germany]]",
    "finance directors in Norway or Germany": "contact[company[country in Germany|Norway], title=Finance Director]",
}

TASKS = {
    "tasks that are high or normal priority": "task[priority in high|normal]",
    "open tasks marked low": "task[priority=low, status=open]",
    "Bob - his open to-dos with no due date on them": "task[assignee_id=Bob, due_date unset, status=open]",
    "what high prio stuff lands next week?": "task[due_date=next_week, priority=high, status=open]",
    "tasks where it's the customer who promised, not one of us": "task[promised_by set]",
    "tasks promised by us": "task[promised_by unset]",
    "tasks Ruth promised": "task[promised_by contains Ruth Okafor]",
    "tasks not linked to any deal": "task[no deal]",
    "low priority to-dos that should have been done by now and aren't": "task[is_overdue=true, priority=low, "
    "status=open]",
}

NUMBERS = {
    "the number of the front desk at Quill": "company[id=Quill] -> phone",
    "Ruth's number please": "contact[id=Ruth Okafor] -> phone",
    "how many people work at Quill?": "company[id=Quill] -> employees",
    "how many people do we know at Quill?": "contact[company_id=Quill] count",
    "every contact with lifecycle stage customer": "contact[lifecycle=customer]",
    "count me the customers": "contact[lifecycle=customer] count",
    "contacts with lead status and a phone number": "contact[lifecycle=lead, phone set] -> lifecycle",
}


def test_ranges_and_figures_bound_amounts(world: World) -> None:
    expect({question: world.line(question) for question in AMOUNTS}, AMOUNTS)


def test_tasks_are_told_by_priority_and_by_who_promised(world: World) -> None:
    expect({question: world.line(question) for question in TASKS}, TASKS)


def test_a_number_is_the_telephones_where_a_person_or_company_has_it(world: World) -> None:
    expect({question: world.line(question) for question in NUMBERS}, NUMBERS)


REMARKS = {
    "hi - need everyone who runs IT at a German company": "contact[company[country=Germany], title=Head of IT]",
    "I need the email of the IT boss at Quill": "contact[company_id=Quill, title=Head of IT] -> email",
    "tasks nobody finished": "task[status!=done]",
    "which companies don't have a single contact with a phone number?": "company[no contacts[phone set]]",
    "contacts at companies where we never had a deal, not open, not closed": "contact[company[no deals]]",
    "Is Zara Zebra in our contacts already?": "contact[name contains Zara Zebra]",
    "is there a contact named Marta?": "contact[name contains Marta]",
    "who is Zara Zebra?": "abstain",
}


def test_small_words_turn_a_question(world: World) -> None:
    expect({question: world.line(question) for question in REMARKS}, REMARKS)


CHOICES = {
    "companies either in Norway or with more than 400 people": "company[(country=Norway or employees>400)]",
    "tasks that are overdue or have no due date": "task[(is_overdue=true or due_date unset)]",
    "tasks overdue or due today": "task[(due_date=today or is_overdue=true), status=open]",
    "overdue or high priority tasks": "task[(priority=high or is_overdue=true)]",
    "deals below 10k or above 50k": "deal[(amount<10000 or amount>50000)]",
    "contacts that have no owner or no phone": "contact[(owner_id unset or phone unset)]",
    "contacts without email or phone": "contact[email unset, phone unset]",
    "companies in Germany or Norway": "company[country in Germany|Norway]",
    "companies with open deals or open tasks": "company[(deals[stage_type=open] or tasks[status=open])]",
    "companies (with open deals or in Norway)": "company[(deals[stage_type=open] or country=Norway)]",
    "contacts without notes or without meetings": "contact[(no notes or no meetings)]",
    "deals owned by Alice or me": "deal[owner_id in Alice|me]",
    "lost deals closed this year": "deal[closed_at=this_year, stage_type=lost]",
    "meetings between 18 Nov and 19 Nov": "meeting[occurred_at<=2026-11-19, occurred_at>=2026-11-18]",
    "your open deals (Nov 20, 2026)": "deal[owner_id=me, stage_type=open]",
}

SLIPS = {
    "wich deals did alcie loose this yaer": "deal[closed_at=this_year, owner_id=Alice, stage_type=lost]",
    "norwegan contacts": "contact[company[country=Norway]]",
    "finanse directors in germny": "contact[company[country=Germany], title=Finance Director]",
    "british compnies with mor than 200 emploees": "company[country=United Kingdom, employees>200]",
    "contacts with gmail addresses": "contact[email contains gmail]",
}


def test_or_between_fields_is_a_choice(world: World) -> None:
    got = {question: world.line(question) for question in CHOICES}
    expect({question: line.split(" ")[0] if "abstain" in line else line for question, line in got.items()}, CHOICES)


def test_slips_are_put_right_by_what_records_hold(world: World) -> None:
    expect({question: world.line(question) for question in SLIPS}, SLIPS)
