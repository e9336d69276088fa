"""The same questions as others ask, in other words: what runs, examples of groups, days counted from today, staff."""

from __future__ import annotations

from tests.chatbot.assistant.understanding.conftest import World, expect

PLANS = {
    # what runs is open
    "running deals in Germany": "deal[company[country=Germany], stage_type=open]",
    "total of the running opportunities with firms in Norway": "deal[company[country=Norway], stage_type=open] "
    "total_amount",
    "deals Bob is running": "deal[owner_id=Bob, stage_type=open]",
    # two values and “and so on” are the field
    "our contacts at German companies: how many leads, how many partners and so on": "contact["
    "company[country=Germany]] count by lifecycle order -count",
    "how many of my contacts are leads, how many are customers, etc.?": "contact[owner_id=me] count by lifecycle "
    "order -count",
    "break down my open tasks into high, medium, low etc.": "task[assignee_id=me, status=open] count by priority "
    "order -count",
    # what is broken down before the breakdown
    "priority breakdown of open tasks": "task[status=open] count by priority order -count",
    "the stage split of my open deals": "deal[owner_id=me, stage_type=open] count by stage",
    # money is told by currency anyway
    "what's the total of Bob's open deals, split by currency?": "deal[owner_id=Bob, stage_type=open] total_amount",
    # days told by today, and by what began
    "tasks done the day before today": "task[completed_at=yesterday, status=done]",
    "deals won in the week before this one": "deal[closed_at=last_week, stage_type=won]",
    "deals won since the quarter began": "deal[closed_at>=2026-10-01, stage_type=won]",
    "meetings on or after 1 September": "meeting[occurred_at>=2026-09-01]",
    # those who are employed, and the order of them
    "which account employs the fewest people?": "company[employees set] order employees top 1",
    "top 3 companies by number of employees": "company order -employees top 3",
    "which of all our firms has the lowest headcount?": "company[employees set] order employees top 1",
    # a favour is asked for, nobody's records
    "count the notes by author for me": "note count by author_id order -count",
    "any tasks for me due this week?": "task[assignee_id=me, due_date=this_week, status=open]",
    # which of mine, and which come first
    "which three of my deals are due to be signed first?": "deal[expected_close set, owner_id=me, "
    "stage_type=open] order expected_close top 3",
}


def test_other_words_for_the_same_plan(world: World) -> None:
    expect({question: world.line(question) for question in PLANS}, PLANS)
