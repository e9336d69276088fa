"""Records are found by words of their titles, and by words that are nearly in them, each workspace for itself."""

from __future__ import annotations

import pytest

from shared.search import index, naming
from shared.tenancy import TenantSession

TYPES = ("company", "contact")


@pytest.fixture
def titles(session: TenantSession) -> TenantSession:
    for n, title in enumerate(("Borealis Shipping Ltd", "Müller & Söhne", "Jane Roe", "Jane O'Brien"), start=1):
        index(session, "company" if n < 3 else "contact", n, title, "Zebra in the text alone")
    session.commit()
    return session


def test_a_title_must_have_all_the_words(titles: TenantSession, mallory_session: TenantSession) -> None:
    def found(*words: str, types: tuple[str, ...] = TYPES) -> list[int]:
        return sorted(named.id for named in naming.titled(titles, words, types))

    assert found("borealis") == found("Borealis", "LTD") == [1]
    assert found("müller") == found("muller", "sohne") == [2]
    assert found("jane") == [3, 4] and found("jane", "roe") == [3] and found("jane", types=("company",)) == []
    assert found("zebra") == found("bor") == found("borealis", "roe") == found() == found("'; --") == []
    assert naming.titled(titles, ["jane"], TYPES, limit=1)[0].title.startswith("Jane")
    titles.commit()
    assert naming.titled(mallory_session, ["borealis"], TYPES) == []


def test_one_slip_anywhere_in_a_word_leaves_it_to_be_found(titles: TenantSession) -> None:
    slips = ("borealis", "obrealis", "boraelis", "borealsi", "xorealis", "borealix", "borelis", "booealis", "boreaalis")
    for slip in slips:
        assert 1 in [named.id for named in naming.spelled_like(titles, slip, TYPES)], slip
    for other in ("quarterly", "abc", "", "🙂", "'"):
        assert naming.spelled_like(titles, other, TYPES) == [], other
