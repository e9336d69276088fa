"""Which name belongs to which voice, where the file only numbers its speakers.

Nobody calls himself by name, but people answer when they are called: "Morning, Faisal." "Morning." A name is given to
the voice that speaks right after it is called, unless that voice says the name itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from chatbot.extraction.builtin.candidates import first_names
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean
from chatbot.extraction.text import fold

_CALLED = re.compile(
    r"(?:^|[,.?!]\s)(?P<start>[A-ZÀ-Þ][\w-]+)(?=[,?])|,\s(?P<end>[A-ZÀ-Þ][\w-]+)(?=[.?!]|$)|^(?P<alone>[A-ZÀ-Þ][\w-]+)[.?!]?$|"
    r"\b[Ii]s that (?P<asked>[A-ZÀ-Þ][\w-]+)|\b(?:[Tt]hat's|[Tt]his is|[Dd]as (?:ist|war)) (?P<shown>[A-ZÀ-Þ][\w-]+)"
)
#: Evidence that settles a name, and how far the runner-up must stay behind.
_ENOUGH, _LEAD = 2.0, 1.0


def name_voices(discourse: Discourse, unnamed: Sequence[str], taken: Sequence[str]) -> dict[str, tuple[str, Sentence]]:
    """Label → (first name, sentence that shows it), for the labels where one name is clearly called most."""
    scores: dict[tuple[str, str], float] = defaultdict(float)
    proofs: dict[tuple[str, str], Sentence] = {}
    used = {fold(word) for name in taken for word in name.split()}
    turns = _turns(discourse)
    for place, turn in enumerate(turns):
        speaker = turn[0].speaker or ""
        following = turns[place + 1][0].speaker if place + 1 < len(turns) else None
        before = turns[place - 1][0].speaker if place else None
        for sentence in turn:
            for match in _CALLED.finditer(clean(sentence.text)):
                name = next(group for group in match.groups() if group)
                if fold(name) not in first_names() or fold(name) in used:
                    continue
                scores[speaker, name] -= 2.0
                last = sentence is turn[-1]
                shown = match["shown"] is not None
                if shown and sentence is turn[0] and before in unnamed and before != speaker:
                    _note(scores, proofs, (before or "", name), 2.0, sentence)
                elif not shown and following in unnamed and following != speaker:
                    _note(scores, proofs, (following or "", name), 1.0 if last else 0.4, sentence)
    return _assign(scores, proofs, unnamed)


def _note(
    scores: dict[tuple[str, str], float],
    proofs: dict[tuple[str, str], Sentence],
    pair: tuple[str, str],
    weight: float,
    said: Sentence,
) -> None:
    scores[pair] += weight
    proofs.setdefault(pair, said)


def _assign(
    scores: dict[tuple[str, str], float], proofs: dict[tuple[str, str], Sentence], unnamed: Sequence[str]
) -> dict[str, tuple[str, Sentence]]:
    named: dict[str, tuple[str, Sentence]] = {}
    given: set[str] = set()
    for (label, name), score in sorted(scores.items(), key=lambda pair: (-pair[1], pair[0])):
        if label not in unnamed or label in named or name in given or score < _ENOUGH:
            continue
        rest = [
            s
            for (other, called), s in scores.items()
            if (other == label) != (called == name) and other not in named and called not in given
        ]
        rest = [s for s in rest if s > 0]
        if all(score - s >= _LEAD for s in rest):
            named[label] = (name, proofs[label, name])
            given.add(name)
    return named


def _turns(discourse: Discourse) -> list[list[Sentence]]:
    turns: list[list[Sentence]] = []
    for sentence in discourse.sentences:
        if turns and turns[-1][0].speaker == sentence.speaker and turns[-1][0].turn == sentence.turn:
            turns[-1].append(sentence)
        else:
            turns.append([sentence])
    return turns
