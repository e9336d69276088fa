"""What the trained heads see of a sentence: the words in it, and some thirty signals about it and its neighbours.

Both are the same when heads are trained (`training/`) and when they are used; a change here asks for a new training.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from chatbot.extraction.builtin import cues
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean
from chatbot.extraction.builtin.people import Roster
from chatbot.extraction.builtin.promises import REQUEST, promise
from chatbot.extraction.dates import find_days
from chatbot.extraction.numbers import find_numbers

Floats = npt.NDArray[np.float32]

#: Hashed groups of words; a collision now and then costs less than a vocabulary to be shipped.
BUCKETS = 1 << 15
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+|[?!]")
_I = re.compile(r"\b(?:I|ich)\b")
_WE = re.compile(r"\b(?:we|our|us|wir|uns|unser\w*)\b", re.I)
_YOU = re.compile(r"\b(?:you|your|Sie|Ihr\w*|Ihnen|dir|dich|euch)\b")

#: The names of `signals`, in order.
SIGNALS = (
    "length", "short", "question", "own side", "other side", "after a question", "before another's yes",
    "opens with yes", "place", "last quarter", "hedge", "condition", "joke", "denial", "reported", "past",
    "day", "number", "promise", "request", "decision cue", "pain cue", "objection cue", "requirement cue",
    "I", "we", "you",
)  # fmt: skip


def grams(text: str) -> npt.NDArray[np.int64]:
    """The buckets of a cleaned sentence's words, pairs and triples, and of beginnings and ends of long words."""
    words = [_plain(match.group()) for match in _WORD.finditer(text.lower().replace("’", "'"))]
    padded = ["<", *words, ">"]
    found = {_bucket(" ".join(padded[i : i + n])) for n in (1, 2, 3) for i in range(len(padded) - n + 1)}
    found |= {_bucket(f"^{word[:6]}") for word in words if len(word) >= 7}
    found |= {_bucket(f"${word[-5:]}") for word in words if len(word) >= 8}
    return np.fromiter(sorted(found), dtype=np.int64, count=len(found))


def _plain(word: str) -> str:
    return "0" if word.isdecimal() else word


def _bucket(gram: str) -> int:
    return zlib.crc32(gram.encode()) % BUCKETS


def signals(discourse: Discourse, sentences: Sequence[Sentence], roster: Roster) -> Floats:
    """n sentences → float32 [n, len(SIGNALS)], each about 0 to 2."""
    rows = [_signals(discourse, sentence, roster) for sentence in sentences]
    return np.array(rows, dtype=np.float32).reshape(len(rows), len(SIGNALS))


def _signals(discourse: Discourse, sentence: Sentence, roster: Roster) -> list[float]:
    text = clean(sentence.text)
    size = len(text.split())
    side = roster.side(sentence.speaker)
    before, after = discourse.before(sentence, 1), discourse.after(sentence, 1)
    place = sentence.index / max(len(discourse.sentences), 1)
    answered = bool(after) and after[0].speaker != sentence.speaker and cues.YES.search(after[0].text)
    return [
        min(size, 40) / 20,
        size < 4,
        sentence.question,
        side == "own",
        side == "other",
        bool(before) and before[0].question,
        bool(answered),
        bool(cues.YES.match(text)),
        place,
        place > 0.75,
        bool(cues.HEDGE.search(text)),
        bool(cues.CONDITION.search(text)),
        bool(cues.JOKE.search(sentence.text)),
        bool(cues.NEGATED.search(text)),
        bool(cues.REPORTED.search(text)),
        bool(cues.PAST_STATE.search(text)),
        bool(find_days(text, discourse.meeting.occurred_at.date())),
        bool(find_numbers(text)),
        promise(text) is not None,
        bool(REQUEST.search(text)),
        cues.weight(cues.DECISION, text),
        cues.weight(cues.PAIN, text),
        cues.weight(cues.OBJECTION, text),
        cues.weight(cues.REQUIREMENT, text),
        bool(_I.search(text)),
        bool(_WE.search(text)),
        bool(_YOU.search(text)),
    ]
