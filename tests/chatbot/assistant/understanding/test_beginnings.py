"""What begins with a letter or a word is a condition like any other, in English and in German."""

from __future__ import annotations

from tests.chatbot.assistant.understanding.conftest import World, expect

ENGLISH = {
    "companies whose name begins with Q": "company[name begins Q]",
    "Which companies begin with the letter B?": "company[name begins B]",
    "contacts starting with Ja": "contact[name begins Ja]",
    "contacts whose last name starts with O": "contact[last_name begins O]",
    "How many contacts have a first name that begins with R?": "contact[first_name begins R] count",
    "companies whose city begins with B": "company[city begins B]",
    "companies whose name begins with Q or H": "company[(name begins Q or name begins H)]",
    "deals of companies whose name begins with “Quill G”": "deal[company[name begins Quill G]]",
    "open deals whose name begins with Harbour": "deal[name begins Harbour, stage_type=open]",
    "companies whose name does not begin with Q": "company[not (name begins Q)]",
    "companies in Norway whose name starts with B": "company[country=Norway, name begins B]",
}
GERMAN = {
    "Firmen, deren Name mit Q beginnt": "company[name begins Q]",
    "Kontakte, deren Nachname mit O anfängt": "contact[last_name begins O]",
    "Welche Firmen beginnen mit B?": "company[name begins B]",
    "Firmen, die mit dem Buchstaben B beginnen": "company[name begins B]",
    "Firmen, deren Name nicht mit Q beginnt": "company[not (name begins Q)]",
    "Firmen, deren Stadt mit B beginnt": "company[city begins B]",
    "Firmen, deren Name mit Q oder H anfängt": "company[(name begins Q or name begins H)]",
}


def test_what_begins_so_is_asked_for_in_english(world: World) -> None:
    expect({question: world.line(question) for question in ENGLISH}, ENGLISH)


def test_what_begins_so_is_asked_for_in_german(world: World) -> None:
    expect({question: world.line(question) for question in GERMAN}, GERMAN)
