"""Record types that nobody names: what is left to do are tasks, what was noted notes, who employs people companies."""

from __future__ import annotations

from tests.chatbot.assistant.understanding.conftest import World, expect

TO_DO = {
    "what's left to do for Borealis?": "task[company_id=Borealis, status=open]",
    "companies with nothing left to do": "company[no tasks[status=open]]",
    "which deals have nothing left on the task list?": "deal[no tasks[status=open]]",
}
NOTED = {
    "what has Bob noted about Borealis?": "note[author_id=Bob, company_id=Borealis]",
    "what did Alice write about Quill?": "note[author_id=Alice, company_id=Quill]",
}
PEOPLE = {
    "which companies employ the most people?": "company[employees set] order -employees top 10",
    "who employs more than 500 people?": "company[employees>500]",
    "number of people in Germany who are leads": "contact[company[country=Germany], lifecycle=lead] count",
    "the customer with the largest workforce": "company[employees set] order -employees top 1",
}
CONTRACTS = {
    "contracts won this year": "deal[closed_at=this_year, stage_type=won]",
    "which contracts are still open?": "deal[stage_type=open]",
    "which deals are running?": "deal[stage_type=open]",
    "customers that signed this year and have another deal open": "company[deals[closed_at=this_year, stage_type=won], "
    "deals[stage_type=open]]",
}
WISHES = {
    "I'd be curious how many open tasks Bob has": "task[assignee_id=Bob, status=open] count",
    "I'd really like to see the deals in proposal": "deal[stage=Proposal]",
    "I'd appreciate a list of the open deals": "deal[stage_type=open]",
}
STUCK = {
    "deals lost before they got out of qualification": "deal[moves[from_stage=Qualification, to_stage_type=lost], "
    "stage_type=lost]",
    "lost deals that never left the proposal stage": "deal[moves[from_stage=Proposal, to_stage_type=lost], "
    "stage_type=lost]",
}
OPEN_OR_NOT = {
    "what's open between 10k and 40k euros?": "deal[amount<=40000, amount>=10000, currency=EUR, stage_type=open]",
    "deals that haven't been decided either way": "deal[stage_type=open]",
    "what should have been signed by now?": "deal[expected_close=overdue]",
    "which deals have been open the longest?": "deal[stage_type=open] order created_at top 10",
    "which deal has been in proposal the longest?": "deal[stage=Proposal] order -days_in_stage top 1",
    "show the open deals, beginning with the oldest": "deal[stage_type=open] order created_at",
}
EARLIER = {
    "where was Jane Roe before she joined Borealis?": "employment[company_id!=Borealis, contact[id=Jane Roe], "
    "is_current=false] -> company, title",
    "where did Jane Roe work before joining Borealis?": "employment[company_id!=Borealis, contact[id=Jane Roe], "
    "is_current=false] -> company, title",
}
SPLIT = {
    "companies that have bought more than once": "company[2.. deals[stage_type=won]]",
    "compare the reps: how many deals has each of them won?": "deal[stage_type=won] count by owner_id order -count",
    "compare Alice and Bob in won deals": "deal[owner_id in Alice|Bob, stage_type=won] count by owner_id order -count",
    "how are open tasks spread over Alice and Bob?": "task[assignee_id in Alice|Bob, status=open] count by assignee_id "
    "order -count",
    "deals won by somebody other than the owner": "abstain",
}


def test_the_type_is_in_another_word(world: World) -> None:
    questions = {**TO_DO, **NOTED, **PEOPLE, **CONTRACTS, **WISHES, **STUCK, **OPEN_OR_NOT, **EARLIER, **SPLIT}
    expect({question: world.line(question) for question in questions}, questions)
