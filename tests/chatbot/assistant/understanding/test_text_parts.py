"""How a text begins or ends, and what is in it, is a condition like any other, in English and in German."""

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
#: How texts end and what is in them, without quotation marks.
PARTS = {
    "deals whose name ends with licence": "deal[name ends licence]",
    "Firmen deren Name auf AG endet": "company[name ends AG]",
    "firmen die auf gmbh enden": "company[name ends gmbh]",
    "companies not ending with foods": "company[not (name ends foods)]",
    "contacts whose e-mail ends with .example": "contact[email ends .example]",
    "e-mail ending in @borealis.example": "contact[email ends @borealis.example]",
    "kontakte mit mail endung .example": "contact[email ends .example]",
    "city ends with burg": "company[city ends burg]",
    "job title containing head": "contact[title contains head]",
    "contacts whose title contains director in Norway": "contact[company[country=Norway], title contains director]",
    "Kontakte, deren Position Director enthält": "contact[title contains Director]",
    "companies with foods in the name": "company[name contains foods]",
    "firmen mit handel im namen": "company[name contains handel]",
    # whole words are meant of titles, and a noun is no name that ends
    "contacts with IT in their title": "contact[title=Head of IT]",
    "deals that end with a win": "deal[stage_type=won]",
}


def test_how_texts_end_and_what_is_in_them(world: World) -> None:
    expect({question: world.line(question) for question in PARTS}, PARTS)


def test_what_begins_so_is_asked_for_in_english(world: World) -> None:
    expect({question: world.line(question) for question in ENGLISH}, ENGLISH)


def test_what_begins_so_is_asked_for_in_german(world: World) -> None:
    expect({question: world.line(question) for question in GERMAN}, GERMAN)
