"""What the whole meeting decides: the sum on the table, the day the group meets again, the mood, who does what."""

from __future__ import annotations

from datetime import date

import pytest

from chatbot.extraction.dates import find_days
from chatbot.extraction.past_days import last_such_day
from shared.schemas.insight import Kind
from tests.chatbot.extraction.test_builtin_engine import items

_HELLO = """Rachel Whitmore: Hi, I'm Rachel Whitmore from Cleanstride, I do the sales here.
        Carlos Medrano: Hello, Carlos Medrano, I'm the facilities manager at Larkfield Bakeries.
        """


def amount(talk: str) -> object:
    (deal,) = items(_HELLO + talk, Kind.DEAL)
    return deal.get("amount")


@pytest.mark.parametrize(
    ("talk", "value"),
    [
        (
            """Rachel Whitmore: The list price would be ninety-six thousand pounds a year.
            Carlos Medrano: I've got seventy in the budget, I can't do ninety-six.
            Rachel Whitmore: Then let's say seventy-four thousand, training included.
            Carlos Medrano: Seventy-four. Agreed.""",
            74_000,
        ),
        (
            """Carlos Medrano: The fines cost us a hundred and twenty thousand pounds last year.
            Rachel Whitmore: And what's the budget for fixing it?
            Carlos Medrano: We've got forty-five thousand pounds approved for this.
            Rachel Whitmore: Good, that's enough.""",
            45_000,
        ),
        (
            """Rachel Whitmore: With both halls the offer is sixty-two thousand euros a year.
            Carlos Medrano: We're leaving the second hall out for now.
            Rachel Whitmore: Then it's thirty-eight thousand four hundred euros, everything in.
            Carlos Medrano: Thirty-eight four. Fine.""",
            38_400,
        ),
    ],
)
def test_the_sum_agreed_last_is_the_deals_and_no_price_turned_down_no_fine_and_no_larger_option(
    talk: str, value: float
) -> None:
    assert amount(talk) == value


def test_a_currency_said_once_holds_for_the_deal() -> None:
    (deal,) = items(
        _HELLO
        + """Rachel Whitmore: So the offer is two hundred and ten thousand Norwegian crowns a year, all in.
        Carlos Medrano: Two hundred and ten thousand, yes, that's approved.""",
        Kind.DEAL,
    )
    assert (deal["amount"], deal["currency"]) == (210_000, "NOK")


def test_no_deal_is_made_of_a_colleagues_name() -> None:
    found = items(
        """Tamsin: So, Jasper. How's it going?
        Jasper: It's forty-two thousand pounds, signed on Friday.
        Tamsin: Jasper, that's great.""",
        Kind.DEAL,
    )
    assert all(deal["company"] not in ("Jasper", "Tamsin") for deal in found)


def test_the_next_meeting_is_the_day_the_group_agrees_on_and_not_a_deadline_or_a_visit() -> None:
    (found,) = items(
        _HELLO
        + """Rachel Whitmore: I'll send you the quote by Tuesday.
        Carlos Medrano: The electrician comes on Wednesday the eighteenth at nine.
        Rachel Whitmore: And when do we talk again? Thursday the nineteenth?
        Carlos Medrano: Can't do Thursday, I'm in Leeds.
        Rachel Whitmore: Friday the twentieth at ten, by video?
        Carlos Medrano: Friday at ten works. Same link.
        Rachel Whitmore: I'll send the invite. Bye.""",
        Kind.NEXT_MEETING,
    )
    assert found["when"] == "2026-11-20T10:00"


@pytest.mark.parametrize(
    ("ending", "label"),
    [
        ("Honestly, I'm really impressed. I came in sceptical and I love it. Thank you, that was great.", "positive"),
        ("I'm disappointed and I'm angry. That's not good enough, and we're still waiting for an apology.", "negative"),
    ],
)
def test_the_mood_is_what_the_other_side_says_at_the_end(ending: str, label: str) -> None:
    (mood,) = items(
        _HELLO
        + """Rachel Whitmore: Shall we look at the open points?
        Carlos Medrano: Yes. The machine runs two shifts a day.
        Rachel Whitmore: And the third shift?
        Carlos Medrano: From January.
        """
        + f"Carlos Medrano: {ending}",
        Kind.SENTIMENT,
    )
    assert mood["label"] == label


def test_it_is_what_was_asked_for() -> None:
    (task,) = items(
        """Carlos Medrano: Could you send me the cleaning schedule for both halls?
        Rachel Whitmore: You'll have it by Tuesday.
        Carlos Medrano: Lovely.""",
        Kind.ACTION_ITEM,
    )
    assert task["owner"] == "Rachel Whitmore"
    assert task["due_date"] == "2026-11-17"
    assert "cleaning schedule" in str(task["description"])


def test_what_lasts_until_a_day_is_not_due_on_it() -> None:
    (task,) = items(
        """Carlos Medrano: Could you send me the floor plans?
        Rachel Whitmore: I'll send you the floor plans on Friday, I've got the auditors until Monday.
        Carlos Medrano: Fine.""",
        Kind.ACTION_ITEM,
    )
    assert task["due_date"] == "2026-11-13"


def test_german_promises_end_in_their_verb_whatever_stands_around_them() -> None:
    (task,) = items(
        """Jana Brandt: Wir sehen uns ja dann, und die Einladung schicke ich Ihnen bis Dienstag, das ist kein Problem.
        Olaf Petersen: Sehr gut.""",
        Kind.ACTION_ITEM,
    )
    assert task["description"] == "Die Einladung schicken"


def test_a_row_under_to_do_belongs_to_the_initials_in_it_and_rows_elsewhere_do_not() -> None:
    found = items(
        """Kickoff Larkfield
        Attendees
        Rachel Whitmore (RW, project lead), Carlos Medrano (CM, facilities manager)
        RW | sceptical about the third shift
        To do
        Cleaning schedule for both halls | RW | Tue 17 Nov
        List of the machines in hall two | CM (RW helps) | 20 Nov""",
        Kind.ACTION_ITEM,
    )
    assert [(task["description"], task["owner"], task["due_date"]) for task in found] == [
        ("Cleaning schedule for both halls", "Rachel Whitmore", "2026-11-17"),
        ("List of the machines in hall two", "Carlos Medrano", "2026-11-20"),
    ]


def the_deal(talk: str) -> dict[str, object]:
    (deal,) = items(_HELLO + talk, Kind.DEAL)
    return deal


def test_the_close_is_the_day_of_the_signature_and_not_the_next_call_or_the_start_of_the_work() -> None:
    deal = the_deal(
        """Rachel Whitmore: So the offer stays at thirty-eight thousand pounds a year.
        Carlos Medrano: Our board meets on the tenth of December, they approve it and I sign it that day.
        Rachel Whitmore: And we start on the eleventh of January?
        Carlos Medrano: Yes. Let's have a call on Friday about the keys."""
    )
    assert deal["close_date"] == "2026-12-10"


@pytest.mark.parametrize(
    ("talk", "stage"),
    [
        (
            """Carlos Medrano: I'm afraid it's bad news. We've decided against you and gone with someone else.
            Rachel Whitmore: I'm sorry to hear that. Was it the forty thousand pounds?
            Carlos Medrano: The other lot were cheaper, sorry.""",
            "lost",
        ),
        (
            """Rachel Whitmore: The order for forty thousand pounds is in, signed yesterday. Congratulations!
            Carlos Medrano: Thank you. The purchase order came this morning, so the kick-off can go ahead.""",
            "won",
        ),
        (
            """Rachel Whitmore: Your forty thousand pounds contract runs out in March, do you want to renew it?
            Carlos Medrano: Yes, another year at the same price, we extend it as before.""",
            "renewal",
        ),
    ],
)
def test_what_has_happened_between_the_two_tells_the_stage_without_its_name(talk: str, stage: str) -> None:
    assert the_deal(talk)["stage"] == stage


def test_a_day_of_signing_that_is_past_is_the_last_such_day() -> None:
    said = date(2026, 11, 25)
    (named,) = find_days("we signed on the second of November", said)
    assert (named.date, last_such_day(named, said)) == (date(2027, 11, 2), date(2026, 11, 2))
    (weeks,) = find_days("in two weeks", said)
    assert last_such_day(weeks, said) is None
