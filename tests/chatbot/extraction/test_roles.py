"""Which words are a role, and whose it is."""

from __future__ import annotations

import pytest

from chatbot.extraction.builtin import roles
from chatbot.extraction.builtin.titles import title_beside


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("I'm the IT lead at Acme.", "IT Lead"),
        ("Since March I've been head of operations for the group.", "Head of Operations"),
        ("I'm one of the founders of Acme.", "Founder"),
        ("I'm in charge of customer service.", "Head of Customer Service"),
        ("I used to be the plant manager.", None),
        ("I'm happy with that.", None),
        ("I do the dishes.", None),
    ],
)
def test_what_somebody_says_he_is_now_is_his_role(text: str, title: str | None) -> None:
    assert next((role.title for role in roles.own(text, german=False)), None) == title


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Jetzt bin ich kaufmännische Leiterin bei Acker.", "Kaufmännische Leiterin"),
        ("Betriebsleiterin bin jetzt ich.", "Betriebsleiterin"),
        ("Ich selbst bin im Controlling.", "Controlling"),
        ("Ich bin im Controlling.", "Controlling"),
        ("Für die Technik bin ich zuständig.", "Technik"),
    ],
)
def test_german_roles_of_oneself(text: str, title: str | None) -> None:
    assert next((role.title for role in roles.own(text, german=True)), None) == title


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Ann Lee, procurement, Acme Shipping.", "Procurement"),
        ("That's with Ann Lee, she does the day to day, she's the office manager.", "Office Manager"),
        ("Ann Lee, she owns it.", "Owner"),
        ("Ann Lee chairs the board.", "Chair"),
        ("The director is Ann Lee.", "Director"),
        ("There's a new COO since November, Ann Lee.", "COO"),
        ("Our bookkeeper, Ann Lee, does this.", "Bookkeeper"),
        ("And Ann Lee from internal audit.", "Internal Audit"),
        ("Ann Lee left. She was our finance director.", None),
        ("Ann Lee, who likes tea.", None),
    ],
)
def test_a_role_stands_beside_a_name_in_many_places(text: str, title: str | None) -> None:
    start = text.index("Ann Lee")
    assert title_beside(text, start, start + len("Ann Lee"), "", german=False) == title


@pytest.mark.parametrize(
    ("question", "answer", "title"),
    [
        ("You're the registrar at Acme, correct?", "Correct.", "Registrar"),
        ("And your title on the quote?", "Put technical director.", "Technical Director"),
        ("So you're the plant manager?", "No, not any more.", None),
        ("Are you ready?", "Yes.", None),
    ],
)
def test_a_role_may_be_confirmed_or_given_in_an_answer(question: str, answer: str, title: str | None) -> None:
    found = roles.answered(question, answer, german=False)
    assert (found.title if found else None) == title
