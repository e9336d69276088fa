"""Turns of English phrase mean what the plain words mean, and where a word only looks like a turn it stays."""

from __future__ import annotations

import pytest

from chatbot.assistant.understanding.english import plain
from chatbot.assistant.understanding.tokens import read


@pytest.mark.parametrize(
    ("said", "meant"),
    (
        ("contacts with trade fair as their source", "contacts with source trade fair"),
        ("tasks with Tom as the owner", "tasks owned by Tom"),
        ("deals not yet won or lost", "deals still open"),
        ("anything that hasn't been won or lost yet", "anything that is still open"),
        ("which of my running deals", "which of my open deals"),
        ("deals with Quill, regardless of their stage", "deals with Quill"),
        ("customers not located in Germany", "customers not in Germany"),
        ("all leads, but leave out those based in France", "all leads but not in France"),
        ("notes written on or before 1 October", "notes written until 1 October"),
        ("my wins beginning with the 1st of October", "my wins since the 1st of October"),
        ("deals won between the first and the last day of last month", "deals won in last month"),
        ("tasks due the week after this one", "tasks due next week"),
        ("tasks where the due date is left blank", "tasks without a due date"),
        ("companies where nobody entered a website", "companies without a website"),
        ("we have partners in France, which of them have no phone?", "which partners in France have no phone?"),
        ("German companies: how many contacts", "how many contacts at German companies"),
        ("owner of the company Orla Textiles", "owner of Orla Textiles"),
        ("staff at Quill that we know", "contacts of Quill"),
        ("how can I get hold of Jane Roe via email", "what is the email of Jane Roe"),
        ("add up the open deals in Norway for me", "add up the open deals in Norway"),
        ("what has its closing date next week", "which deals have a closing date next week"),
    ),
)
def test_a_turn_is_made_plain(said: str, meant: str) -> None:
    assert plain(read(said)).written == meant


@pytest.mark.parametrize(
    "said",
    (
        "who is running deals in Norway",
        "everything at Quill, whatever the outcome",
        "contacts at the company Priya owns",
        "add up the open tasks for me",
        "how many people are based there",
        "deals by the week after it was created",
        "deals neither won nor lost",
        "everyone with no owner as of today",
    ),
)
def test_what_only_looks_like_a_turn_stays(said: str) -> None:
    assert plain(read(said)).written == said
