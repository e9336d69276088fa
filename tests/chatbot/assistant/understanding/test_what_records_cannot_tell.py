"""Questions whose words a plan could be made of, and that no record answers: they are declined or searched for."""

from __future__ import annotations

import pytest

from tests.chatbot.assistant.understanding.conftest import World

KINDS = {
    "what would be": (
        "what if we win all open deals", "what would the pipeline be if the Borealis pilot fell through",
        "how much would we have won if Tom had closed his deals", "Was wäre, wenn wir alle offenen Deals gewinnen",
    ),
    "what will be": (
        "which deal will we win next", "which customers will leave us", "are we going to win the Quill deals",
        "Welche Deals werden wir gewinnen", "what will our revenue be in 2028", "Wie hoch ist unser Umsatz 2028",
    ),
    "pay and books": (
        "what does Ruth Okafor earn", "Was verdient Tom",
        "how much commission do I get on won deals", "what salary does Tom get",
        "which rep earns the most", "welcher Verkäufer verdient am meisten",
        "how much profit did the won deals bring in", "what margin do we make on open deals",
        "what is the turnover of Harbour Foods",
        "what is the annual revenue of Quill", "Wie hoch ist die Marge der offenen Deals",
    ),
    "people": ("how old is Ruth Okafor", "what age is Jane", "Wie alt ist Ruth Okafor"),
    "one record against another": (
        "which contacts have the same phone number",
        "which deals have the same amount", "Kontakte mit der gleichen Telefonnummer",
        "deals owned by someone other than the company's owner",
        "which companies do both Tom and Alice look after", "do more of our customers come from Germany or Norway",
    ),
    "days from an event": (
        "deals won within a week of the first meeting",
        "tasks due two days after the meeting",
        "deals created the week before the call",
        "deals lost within a month of the last note",
    ),
    "weekdays as such": (
        "how many of our meetings were held on a Monday", "deals won on Fridays", "Besprechungen an einem Montag",
    ),
    "all but": ("all deals but the latest", "deals except the three biggest", "open deals apart from the largest"),
    "others' doings": ("how many deals did our competitors win this year", "which deals did competitors lose"),
    "what of a record was changed": (
        "which deals changed owner this month", "contacts that changed their e-mail address",
    ),
    "what is kept elsewhere": (
        "which invoices are still unpaid", "has Quill paid yet",
        "which companies visited our website this week",
        "who is on holiday next week", "how much VAT is in the won amount",
        "Welche Rechnungen sind noch offen", "Wer ist nächste Woche im Urlaub", "are we on target this quarter",
        "how far is Quill from Bergen", "what does a licence cost", "how many employees did Quill have last year",
    ),
    "what people speak": ("contacts who speak German", "Kontakte, die Deutsch sprechen"),
    "moments of several kinds": ("activity by person this week", "Aktivität pro Person diese Woche"),
    "no figure at all": (
        "who is our nicest customer", "is Tom better than Alice", "which deals would close sooner with a discount",
        "should we give Quill a discount", "what is the best time to call Ruth Okafor",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_what_no_record_tells_is_not_stated(world: World, kind: str) -> None:
    stated = {text: world.line(text) for text in KINDS[kind] if world.route(text).kind in ("structured", "hybrid")}
    assert not stated


@pytest.mark.parametrize(
    "text",
    (
        "I would like to know how many open deals we have", "would be great to see the deals closing this month",
        "deals won on Friday", "how old is the Borealis pilot", "contacts in Germany or Norway",
    ),
)  # fmt: skip
def test_words_of_such_questions_may_be_innocent(world: World, text: str) -> None:
    assert world.route(text).kind == "structured"
