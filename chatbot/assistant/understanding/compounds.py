"""German compounds of a value and a noun, taken apart: „Goldkunden“, „Webinarkontakte“, „Möbelbranche“.

„Goldkunden“ are „Gold Kunden“ where a field of the workspace's own has the option Gold; „Möbelbranche“ is „Branche
Möbel“ where an industry is called so. A compound of other words is left as it is, for what it means is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from chatbot.assistant.understanding import values
from chatbot.assistant.understanding.custom_words import custom_words
from chatbot.assistant.understanding.lexicon import lexicon
from chatbot.assistant.understanding.tokens import Text, Token, read
from shared.search import fold
from shared.tenancy import TenantSession

#: What joins the parts of a compound.
_JOINTS = ("", "s", "es", "n", "en", "e", "-")
#: Words for the trade somebody is in; it is named behind them.
_TRADES = ("branche", "branchen", "sektor", "industrie", "gewerbe", "bereich")
_LEAST_VALUE, _LEAST_NOUN = 3, 4


def apart(session: TenantSession, text: Text) -> Text:
    """The text with such compounds in two words; the same one where there are none."""
    if text.is_too_long:
        return text
    written, found = text.written, False
    for token in reversed(text.tokens):
        two = _two(session, token) if token.kind == "word" and not _is_known(token.word) else None
        if two is not None:
            written, found = written[: token.start] + two + written[token.end :], True
    return read(written) if found else text


def _two(session: TenantSession, token: Token) -> str | None:
    said = token.text
    for at in range(_LEAST_VALUE, len(said) - _LEAST_NOUN + 1):
        first, second = said[:at], said[at:]
        is_trade = second.lower() in _TRADES
        if not is_trade and not _is_noun(second.lower()):
            continue
        for value in _without_joint(first):
            if _is_value(session, value, is_trade=is_trade):
                return f"{second.title()} {value}" if is_trade else f"{value} {second}"
    return None


def _without_joint(first: str) -> Iterator[str]:
    for joint in _JOINTS:
        if first.endswith(joint) and len(first) - len(joint) >= _LEAST_VALUE:
            yield first.removesuffix(joint)


def _is_value(session: TenantSession, word: str, *, is_trade: bool) -> bool:
    key = (fold(word),)
    own = custom_words(session)
    if own is not None and not is_trade and key in own.options:
        return True
    found = values.vocabulary(session).find(read(word), [True])
    wanted = ("industry",) if is_trade else ("industry", "source", "title")
    return any(value.field in wanted for value in found)


def _is_known(word: str) -> bool:
    return any(lexicon(language).knows(word) for language in ("de", "en"))


@lru_cache(maxsize=4096)
def _is_noun(word: str) -> bool:
    match = lexicon("de").at([word], 0)
    return match is not None and any(sense.kind == "noun" for sense in match.senses)
