"""How many tokens a text is, without the model's tokenizer.

Two bounds, because two questions are asked. `estimate` leans high and decides what is sent: Ollama cuts a prompt that
is too long without a word, instructions first. `at_least` leans low and judges what came back: a server that counted
fewer tokens than that has cut the prompt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

#: What a chat template adds around each message, tokens.
PER_MESSAGE = 8

_LATIN_WORDS = re.compile(r"[A-Za-z\u00C0-\u024F]+")
_LETTER, _OTHER_ASCII, _ACCENTED, _FOREIGN, _ASTRAL = 0.29, 0.55, 0.75, 1.1, 3.0


def estimate(text: str) -> int:
    """Tokens, rather too many: about 3.2 characters a token in English, one a character outside Latin script.

    Llama's tokenizers take about four characters of English a token, so about a fifth is left in hand; a guess that is
    still too low meets the server's own refusal, and the segment is split.
    """
    if text.isascii():
        plain = sum(map(text.count, " \n")) + sum(len(word) for word in _LATIN_WORDS.findall(text))
        return int(plain * _LETTER + (len(text) - plain) * _OTHER_ASCII) + 1
    return int(sum(map(_weight, text))) + 1


def _weight(char: str) -> float:
    code = ord(char)
    if code < 0x80:
        return _LETTER if char.isalpha() or char.isspace() else _OTHER_ASCII
    if code < 0x250:
        return _ACCENTED
    return _FOREIGN if code < 0x10000 else _ASTRAL


def at_least(text: str) -> int:
    """Tokens, rather too few: no common tokenizer spans two words, so the words are a floor."""
    return len(text.split())


def estimate_messages(messages: Iterable[Mapping[str, str]]) -> int:
    return sum(estimate(message["content"]) + PER_MESSAGE for message in messages)


def was_cut(messages: Iterable[Mapping[str, str]], prompt_eval_count: int | None) -> bool:
    """Whether the server clearly saw less than was sent. Servers that report no count are given the benefit."""
    if not prompt_eval_count:
        return False
    return prompt_eval_count < 0.8 * sum(at_least(message["content"]) for message in messages)
