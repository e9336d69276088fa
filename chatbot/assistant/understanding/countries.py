"""Countries by what people call them and what comes from there, and the groups of them that go by one name.

Babel knows the names in both languages; `words/values.txt` adds nationalities (“Dutch”, “the Danes”) and groups
(“Scandinavian”, “Benelux”). All come to ISO codes, whatever spelling the records use.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import re
from dataclasses import replace
from functools import lru_cache

from babel import Locale

from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.word_files import by_phrase
from shared.search import words

#: Words that are codes of countries and much else beside.
_NOT_COUNTRIES = frozenset("in it is be at no so as am do me my to by de la us an".split())


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """Folded names of countries in both languages, what comes from there, and ISO codes → ISO code."""
    found: dict[str, str] = {}
    for language in ("en", "de"):
        for code, name in Locale(language).territories.items():
            if re.fullmatch(r"[A-Z]{2}", code):
                found.setdefault(" ".join(words(name)), code)
    for word, code in by_phrase("values", "country").items():
        found.setdefault(word, code)
        found[code.lower()] = code
    return found


def country_of(folded: str, *, is_stored: bool = False) -> str | None:
    """The ISO code of a country's name, adjective or code."""
    if not is_stored and folded in _NOT_COUNTRIES:
        return None
    return _countries().get(folded)


def countries_of(folded: str) -> tuple[str, ...]:
    """The ISO codes of what is one country or a group of them (“Nordic”); none for other words."""
    group = by_phrase("values", "countries").get(folded)
    if group is not None:
        return tuple(code.upper() for code in group.split())
    code = country_of(folded)
    return (code,) if code is not None else ()


def is_nationality(folded: str) -> bool:
    """Whether it says where somebody or something comes from, rather than naming the place."""
    return folded in by_phrase("values", "country") or folded in by_phrase("values", "countries")


def nationalities() -> set[str]:
    """The single words that say where something comes from."""
    return {word for kind in ("country", "countries") for word in by_phrase("values", kind) if " " not in word}


def english_name(code: str) -> str:
    return str(Locale("en").territories.get(code, code))


#: Currencies told apart by whose they are.
_CURRENCY_OF = {
    ("SEK", "Sweden"): "SEK", ("SEK", "Norway"): "NOK", ("SEK", "Denmark"): "DKK", ("NOK", "Norway"): "NOK",
    ("NOK", "Denmark"): "DKK", ("NOK", "Sweden"): "SEK", ("USD", "Canada"): "CAD", ("USD", "Australia"): "AUD",
}  # fmt: skip


def with_whose_currency(items: list[Item]) -> list[Item]:
    """“Swedish kronor”, “US dollars”: the country belongs to the currency."""
    made: list[Item] = []
    for item in items:
        last = made[-1] if made else None
        if item.kind == "currency" and last is not None and last.kind == "value" and last.data[0].field == "country":
            code = _CURRENCY_OF.get((item.data, last.data[0].stored[0]), item.data)
            made[-1] = replace(item, first=last.first, data=code)
        else:
            made.append(item)
    return made
