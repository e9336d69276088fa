"""Pages speak the reader's language, and German leaves nothing out."""

from __future__ import annotations

import re
from typing import Any

import pytest
from babel.messages.catalog import Message
from flask import Flask
from markupsafe import Markup

from crm import translations
from crm.localization import by_language
from crm.translations import sources
from crm.translations.errors import in_words
from shared.models import User
from shared.tenancy import TenantSession
from tests.conftest import Cast

FILLED_IN = re.compile(r"%\(\w+\)[sd]|\{\w+\}|%%")


def test_every_text_of_the_source_has_german_words() -> None:
    """Reads all templates and modules, which takes some seconds: the only way to know of a text that was forgotten."""
    wanted = {(m.context, m.id) for m in sources.extract() if m.id}
    there = {(m.context, m.id): m for m in translations.read("de") if m.id}
    assert not wanted - there.keys(), "Run `python -m crm.translations` and fill in what is empty."
    assert not there.keys() - wanted, "Run `python -m crm.translations`: these texts are gone."
    assert [m.id for m in there.values() if m.fuzzy or not all(forms(m))] == []


def test_hebrew_texts_are_hebrew_or_not_there_yet() -> None:
    """German once stood there; a name, such as Webhooks, is the same in every language."""
    foreign = [
        message.id
        for message in translations.read("he")
        for text in ([message.string] if isinstance(message.string, str) else message.string)
        if message.id
        and text
        and text != message.id
        and re.search("[a-z]{3}", text)
        and not re.search("[\u0590-\u05ff]", text)
    ]
    assert foreign == []


@pytest.mark.parametrize("language", ["de", "he"])
def test_translations_fill_in_what_the_source_fills_in(language: str) -> None:
    wrong = []
    for message in translations.read(language):
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        wanted = {hole for text in ids for hole in FILLED_IN.findall(text)}
        given = [set(FILLED_IN.findall(form)) for form in forms(message) if form]
        # A singular may say "one" in words; nothing may fill in what is not there.
        if message.id and given and (given[-1] != wanted or any(form - wanted for form in given)):
            wrong.append(message.id)
    assert wrong == []


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("There is no deal with id 7.", "Deal: Nummer 7 gibt es nicht."),
        ("There is a tag “contact” already.", "Einen Tag „contact“ gibt es schon."),
        (
            "email: must be an e-mail address such as ann@example.com (and 2 more)",
            "email: muss eine E-Mail-Adresse wie ann@example.com sein (und 2 weitere)",
        ),
        ("This is a picture (PNG), not a transcript. Upload the transcript as txt, md, vtt, srt, json, docx or pdf.",
         "Das ist ein Bild (PNG), kein Transkript. Laden Sie das Transkript als txt, md, vtt, srt, json, docx oder pdf "
         "hoch."),
        (
            "“B” is still chosen in one record. Choose something else there first, or reword the option.",
            "„B“ ist noch in einem Datensatz gewählt. Wählen Sie dort zuerst etwas anderes, oder benennen Sie die "
            "Möglichkeit um.",
        ),
        (
            "This has to be one of: lead, former, email, out.",
            "Das muss eines davon sein: Interessent, Ehemaliger Kunde, E-Mail, Wir bei ihnen.",
        ),
        ("Nobody wrote this sentence down.", "Nobody wrote this sentence down."),
    ],
)  # fmt: skip
def test_sentences_with_something_filled_in_are_found(english: str, german: str) -> None:
    assert in_words(english, "de") == german


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_form_complains_in_the_readers_language(
    browse,
    cast: Cast,
    alice: User,
    session: TenantSession,  # type: ignore[no-untyped-def]
) -> None:
    alice.locale = "de"
    session.commit()
    answer = browse(cast.alice).post("/settings/tags", {"name": "x" * 51, "color": "gray"})
    assert "Höchstens 50 Zeichen" in answer.text
    assert 'lang="de"' in answer.text


def forms(message: Message) -> list[str]:
    """A message's translations: one, or one for each number."""
    return [message.string] if isinstance(message.string, str) else list(message.string or [""])


def test_what_is_said_once_a_language_says_anew_and_escaped_what_differs(app: Flask) -> None:
    said = '<b title="{{ who }}">{{ _("Save") }}</b>{{ "!" if is_loud }}'
    source = f"{{% macro of_a_test(is_loud, who) %}}{said}{{% endmacro %}}"
    macro: Any = app.jinja_env.from_string(source).module.of_a_test  # type: ignore[attr-defined]
    with app.test_request_context():
        assert by_language(macro, True, who='"Bo" & <i>') == '<b title="&#34;Bo&#34; &amp; &lt;i&gt;">Save</b>!'
        assert by_language(macro, True, who=Markup("<i>")) == '<b title="<i>">Save</b>!'
        assert by_language(macro, False, who="Al") == '<b title="Al">Save</b>'
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert by_language(macro, False, who="Al") == '<b title="Al">Speichern</b>'
