"""Sentences of `shared/`, which knows no languages, in the language of whoever reads them.

They are found in the catalogue as they are, or by the f-string they were made from: “There is no deal with id 7.” by
“There is no {name} with id {id}.”. What is in no catalogue stays English.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from crm import translations

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
#: Words for types that sentences are filled with; what people wrote stands in quotation marks and is left alone.
_TYPES = frozenset(("company", "contact", "deal", "task", "note", "meeting", "user", "pipeline", "report", "tag"))


#: Codes of choices whose word is not theirs with a capital.
_CHOICES = {"former": "Former customer", "email": "E-mail", "out": "We to them", "in": "They to us"}


#: A text with fewer letters of its own (“{done} of {total}”) would be found in sentences that it was not made for.
_FEWEST_LETTERS = 4


def N_(text: str) -> str:  # the name by which extraction knows it
    """Marks a text for the catalogues."""
    return text


#: What pydantic says, as `shared.schemas.checking` puts it, with the summary that it makes of several.
_PYDANTIC = (
    N_("Field required"),
    N_("There is no such field."),
    N_("should have at least {min_length} character"),
    N_("should have at least {min_length} characters"),
    N_("should have at most {max_length} characters"),
    N_("String should match pattern '{pattern}'"),
    N_("should have at most {max_length} items"),
    N_("should have at least {min_length} item"),
    N_("should have at least {min_length} items"),
    N_("should have at most {max_length} item"),
    N_("should be a valid string"),
    N_("should be a valid integer"),
    N_("should be a valid number"),
    N_("should be a number"),
    N_("should be a number such as 12.5"),
    N_("should be a valid boolean"),
    N_("should be a valid list"),
    N_("should be a valid dictionary"),
    N_("should be a date such as 2026-11-20"),
    N_("should be a time such as 2026-11-20T09:30:00Z"),
    N_("should have no more than {decimal_places} decimal places"),
    N_("'{tag}' is none of: {expected}"),
    N_("should be greater than {gt}"),
    N_("should be greater than or equal to {ge}"),
    N_("should be less than {lt}"),
    N_("should be less than or equal to {le}"),
    N_("should be {expected}"),
    N_("{first} (and {count} more)"),
)


def in_words(text: str, language: str) -> str:
    """A sentence of `shared/` in a language; itself where that has no catalogue or nothing for it."""
    catalogue = translations.load(language)
    if catalogue is None or not text:
        return text
    found = str(catalogue.ugettext(text))
    if found != text:
        return found
    for pattern, target in _patterns(language):
        match = pattern.fullmatch(text)
        if match:
            return _fill(target, match.groupdict(), lambda part: in_words(part, language))
    return text


def _fill(target: str, values: dict[str, str], translate: Callable[[str], str]) -> str:
    def filled(hole: re.Match[str]) -> str:
        name, value = hole[1], values[hole[1]]
        if name == "choices":
            return ", ".join(translate(_CHOICES.get(code, code.capitalize())) for code in value.split(", "))
        if name == "expected":
            return value.replace("' or '", f"' {translate('or')} '")
        if name == "what":
            return translate(value)
        if name == "first":  # a path and what is wrong there
            path, colon, said = value.rpartition(": ")
            return path + colon + translate(said)
        is_quoted = target[: hole.start()].endswith(("“", "„", "”"))
        return translate(value.capitalize()) if value in _TYPES and not is_quoted else value

    return _PLACEHOLDER.sub(filled, target)


@lru_cache
def _patterns(language: str) -> list[tuple[re.Pattern[str], str]]:
    """What sentences with something filled in look like, the most particular first."""
    found = []
    for message in translations.read(language):
        if isinstance(message.id, str) and message.string and _PLACEHOLDER.search(message.id):
            parts = _PLACEHOLDER.split(message.id)  # text, name, text, name, …
            shape = "".join(f"(?P<{part}>.+?)" if i % 2 else re.escape(part) for i, part in enumerate(parts))
            if sum(character.isalpha() for part in parts[::2] for character in part) < _FEWEST_LETTERS:
                continue
            found.append((sum(map(len, parts[::2])), re.compile(shape, re.DOTALL), str(message.string)))
    return [(pattern, target) for _, pattern, target in sorted(found, key=lambda each: -each[0])]
