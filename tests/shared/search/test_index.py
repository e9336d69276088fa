"""What is kept for searching, whatever the text."""

from __future__ import annotations

import random
import string

import pytest
from sqlalchemy import func, select

from shared import search
from shared.models import SearchDocument
from shared.tenancy import TenantSession


def ids(session: TenantSession, query: str) -> list[int]:
    return [hit.id for hit in search.find(session, query)]


def test_indexing_again_replaces(session: TenantSession) -> None:
    search.index(session, "note", 1, "Old title", "old words")
    session.commit()
    search.index(session, "note", 1, "New heading", "fresh text")
    session.commit()
    assert ids(session, "old words") == []
    assert ids(session, "fresh heading") == [1]
    assert session.scalar(select(func.count()).select_from(SearchDocument)) == 1


def test_removing_forgets_and_may_be_repeated(session: TenantSession) -> None:
    search.index(session, "note", 1, "Title", "words")
    search.remove(session, "note", 1)
    search.remove(session, "note", 1)
    assert ids(session, "words") == []


def test_the_index_belongs_to_the_transaction(session: TenantSession) -> None:
    search.index(session, "note", 1, "Kept", "kept words")
    session.commit()
    search.index(session, "note", 1, "Changed", "changed words")
    search.index(session, "note", 2, "New", "new words")
    session.rollback()
    assert ids(session, "kept") == [1]
    assert ids(session, "changed") == []
    assert ids(session, "new") == []


@pytest.mark.parametrize(
    "body", ["", " \n ", "\0", "🚀" * 300, "a\0b", "x" * 300_000, "'; DROP TABLE note; --", "\ud800 ok"]
)
def test_any_text_can_be_indexed(session: TenantSession, body: str) -> None:
    search.index(session, "note", 1, f"Findable {body}", body)
    session.commit()
    assert ids(session, "findable") == [1]


def test_an_empty_title_is_no_reason_to_fail(session: TenantSession) -> None:
    search.index(session, "note", 1, "", "only words")
    assert ids(session, "words") == [1]
    assert ids(session, "wrods") == []


def test_two_megabytes_of_speech_are_searchable_from_end_to_end(session: TenantSession) -> None:
    middle = "the customer asked about delivery and we answered in detail "
    body = "Opening remarks. " + middle * 35_000 + "Closing zephyrwords."
    assert len(body) > 2_000_000
    search.index(session, "meeting", 1, "A long day", body)
    session.commit()
    assert ids(session, "opening remarks") == [1]
    assert ids(session, "closing zephyrwords") == [1]


def test_two_megabytes_of_different_words_are_stored_and_their_beginning_found(session: TenantSession) -> None:
    pick = random.Random(7)
    words = ["".join(pick.choices(string.ascii_lowercase + "äöüß", k=8)) for _ in range(230_000)]
    search.index(session, "meeting", 1, "Noise", " ".join(words))
    session.commit()
    assert ids(session, words[100]) == [1]
    stored = session.scalar(select(func.length(SearchDocument.body)))
    assert stored == len(" ".join(words))


def test_a_word_without_end_is_found_by_its_beginning(session: TenantSession) -> None:
    search.index(session, "note", 1, "Key", "ssh " + "a1" * 5000)
    session.commit()
    assert ids(session, "a1a1a1") == [1]
