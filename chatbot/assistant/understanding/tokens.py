"""A question as words: folded for comparison, with the place and the case they were written in.

What is not a word but means something (an e-mail address, an amount with its sign, `[contact:12]`) is a token too;
all other punctuation only separates, and quotation marks are remembered because they bound names and topics.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chatbot.assistant.understanding.rewording import briefly
from shared.search import fold

#: A question of more words is a text, not a question: rules leave it to search.
MOST_TOKENS = 80
_READ = 4_000

_TOKEN = re.compile(
    r"""
      (?P<ref>\[(?:company|contact|deal|meeting|task|note|user):\d{1,10}\])
    | (?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)
    | (?P<domain>(?:[^\W_][\w-]*\.)+(?:com|net|org|io|de|ch|at|eu|uk|fr|nl|se|no|dk|it|es|us|co|ai|app|dev|example)\b)
    | (?P<date>\d{1,4}[-/.]\d{1,2}[-/.](?:\d{2,4})?(?![\w]))
    | (?P<number>\d+(?:[.,'’]\d+)*)
    | (?P<sign>[€$£¥%]|[<>]=?|=|≥|≤)
    | (?P<genitive>['’]s\b|(?<=s)['’](?=\s))
    | (?P<word>[^\W\d_]+(?:['’](?!s\b)[^\W\d_]+)*(?:\d+)?)
    | (?P<break>[,;:!?.()\n])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_QUOTED = re.compile(r'["“„«]([^"“”„«»]{1,120})["”“»]')
#: Short forms are two words, so that their negation counts.
_SHORT = re.compile(r"(?i)\b(\w+?)n['’]t\b")
_CONTRACTED = re.compile(
    r"(?i)\b(i|you|we|they|he|she|it|that|what|who|when|where|how|there|let)['’](s|re|ve|ll|d|m)\b"
)
_JOINED = re.compile(r"(?i)\b(who|what|where|when|how)s\b")
_UNTOUCHED = re.compile(r"(?i)\bun(touched|contacted|visited|met)\b")
_BE = {"re": "are", "ve": "have", "ll": "will", "d": "would", "m": "am"}
_IRREGULAR = {"ca": "can", "wo": "will", "sha": "shall", "ai": "is"}


@dataclass(frozen=True, slots=True)
class Token:
    """One word or sign; `word` is folded. `start` and `end` are characters of the text that was read."""

    kind: str
    text: str
    word: str
    start: int
    end: int

    @property
    def is_capital(self) -> bool:
        return self.text[:1].isupper()


@dataclass(frozen=True, slots=True)
class Text:
    """What was asked, readable: short forms written out; `quoted` are (first, after last) tokens between quotes."""

    written: str
    tokens: tuple[Token, ...]
    quoted: tuple[tuple[int, int], ...] = ()

    @property
    def is_too_long(self) -> bool:
        return len(self.tokens) > MOST_TOKENS

    def slice(self, first: int, last: int) -> str:
        """As written, from one token to before another."""
        return self.written[self.tokens[first].start : self.tokens[last - 1].end] if first < last else ""

    @property
    def is_shouted(self) -> bool:
        """Written with one case throughout, so that capitals say nothing."""
        letters = [c for c in self.written if c.isalpha()]
        return bool(letters) and all(c.isupper() for c in letters)


def read(written: str, *, is_phrase: bool = False) -> Text:
    """The tokens of a question; anything may be in it. `is_phrase`: of the lexicon, which is brief already."""
    text = _spell_out(" ".join(written[:_READ].replace("\0", " ").split()))
    text = text if is_phrase else briefly(text)
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        tokens.append(Token(kind, match[0], _folded(kind, match[0]), match.start(), match.end()))
        if len(tokens) > MOST_TOKENS:
            break
    return Text(text, tuple(tokens), tuple(_quotes(text, tokens)))


def _folded(kind: str, text: str) -> str:
    return "'s" if kind == "genitive" else fold(text).replace("’", "'")


def _spell_out(text: str) -> str:
    text = _UNTOUCHED.sub(r"not \1", text)
    text = _JOINED.sub(r"\1 is", text)
    text = _SHORT.sub(lambda m: _IRREGULAR.get(m[1].lower(), m[1]) + " not", text)
    return _CONTRACTED.sub(_contracted, text)


def _contracted(match: re.Match[str]) -> str:
    word, rest = match[1], match[2].lower()
    if rest == "s":
        return f"{word} us" if word.lower() == "let" else f"{word} is"
    return f"{word} {_BE[rest]}"


def _quotes(text: str, tokens: list[Token]) -> list[tuple[int, int]]:
    found = []
    for match in _QUOTED.finditer(text):
        inside = [i for i, token in enumerate(tokens) if match.start(1) <= token.start and token.end <= match.end(1)]
        if inside:
            found.append((inside[0], inside[-1] + 1))
    return found
