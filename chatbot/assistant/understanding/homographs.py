"""Words that are two: “us” who ask and the US, “it” that was spoken of and the IT department.

Capitals tell them apart where somebody wrote any. In small letters “us” is the country only where it stands before a
noun and nobody is told, given or sold anything: “our us customers”, but not “show us customers”.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
from collections.abc import Sequence
from dataclasses import replace

from chatbot.assistant.understanding.tokens import Text, Token

#: What the tokens are read as instead; a folded word has no capitals, so no other word is meant by the second.
UNITED_STATES, DEPARTMENT = "usa", "IT"

_RECORDS = frozenset(
    "customer customers company companies client clients account accounts firm firms business businesses contact "
    "contacts lead leads deal deals prospect prospects partner partners based market opportunities people".split()
)
_STAFF = frozenset("people person folks guys staff manager managers lead leads leaders director directors head heads "
                   "department departments contact contacts bosses chiefs side".split())  # fmt: skip
#: Behind these “us” is a country; behind verbs and other prepositions it is we.
_BEFORE_A_COUNTRY = frozenset(
    "our all any many open won lost the these those new active of with in from at for which what big small every "
    "each number other and or non".split()
)
_WITH_AN_ARTICLE = frozenset("in from of to across outside within throughout".split())


def told_apart(text: Text) -> Text:
    """The text with such words replaced where they are the rarer of the two."""
    if text.is_shouted:
        return text
    tokens = list(text.tokens)
    for i, token in enumerate(tokens):
        if _is_country(tokens, i):
            tokens[i] = replace(token, word=UNITED_STATES)
        elif _is_department(tokens, i):
            tokens[i] = replace(token, word=DEPARTMENT)
    return replace(text, tokens=tuple(tokens))


def _is_country(tokens: Sequence[Token], i: int) -> bool:
    token = tokens[i]
    if token.word != "us" or token.kind != "word":
        return False
    if token.text == "US":
        return True
    before = tokens[i - 1].word if i else ""
    after = tokens[i + 1].word if i + 1 < len(tokens) else ""
    if before == "the" and i > 1 and tokens[i - 2].word in _WITH_AN_ARTICLE:
        return True
    return after in _RECORDS and (not before or before in _BEFORE_A_COUNTRY or tokens[i - 1].kind == "break")


def _is_department(tokens: Sequence[Token], i: int) -> bool:
    token = tokens[i]
    if token.word != "it" or token.kind != "word":
        return False
    after = tokens[i + 1].word if i + 1 < len(tokens) else ""
    return token.text == "IT" or after in _STAFF
