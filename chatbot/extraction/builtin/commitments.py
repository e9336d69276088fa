"""Action items: somebody takes on something concrete.

A commitment is a sentence in which a speaker binds himself, somebody named is bound ("Kim will call …"), or a request
is accepted ("Can you …?" "Sure."). Hedges, conditions and jokes bind nobody. The day is looked for in the sentence,
then in the short exchange after it ("This Friday?" "The eighteenth."), where the last word counts.
"""

from __future__ import annotations

import re
from dataclasses import replace

from chatbot.extraction.builtin import cues, statements
from chatbot.extraction.builtin.asked import ACCEPTS, fuller, task, thing
from chatbot.extraction.builtin.deadlines import due_date, without_pointers
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean, plain
from chatbot.extraction.builtin.features import Floats
from chatbot.extraction.builtin.heads import KINDS, weights
from chatbot.extraction.builtin.owners import afterwards, handed, person
from chatbot.extraction.builtin.people import Roster
from chatbot.extraction.builtin.promises import (
    bare_verb,
    delivering,
    describe,
    promise,
    said_of_oneself,
    without_days,
)
from chatbot.extraction.dates import find_clocks, find_days
from chatbot.extraction.text import content
from chatbot.extraction.types import Draft
from shared.schemas.insight import Kind

_ACTION = KINDS.index(Kind.ACTION_ITEM)
#: A phrase that reads like a promise is none where the head gives it less than this.
_UNLIKELY = 0.1
#: Words of a sentence that can still stand for what it promises.
_LONGEST = 40
_NAMED = re.compile(r"\b(?P<name>[A-ZÄÖÜ][\w’-]+(?: [A-ZÄÖÜ][\w’-]+)?)(?:['’]ll| will) (?P<phrase>[a-z]+\b.*)$")
_TOLD = re.compile(
    r"^(?:(?:and|so|then|okay|und|dann)[,.]? )*(?P<name>[A-ZÄÖÜ][\w’-]+(?: [A-ZÄÖÜ][\w’-]+)?), (?:then |"
    r"please |can you |could you |"
    r"would you |you(?:['’]ll| will)? )?(?P<phrase>[a-z]+ .*)$"
)
_DOES = re.compile(
    r"\b(?P<name>[A-ZÄÖÜ][\w’-]+(?: [A-ZÄÖÜ][\w’-]+)?) (?P<verb>(?!is|was|has|needs|wants|says)[a-z]+s)(?P<rest> .*)$"
)
_FIRST_PERSON = re.compile(
    r"\bI(?:['’]ll| will|['’]d| would|['’]m going to| can| could)? (?:just |also |then |quickly |like to |"
    r"happily |gladly )*"
    r"(?P<phrase>(?!not\b|never\b|see you\b|be\b|am\b|have\b|think|know|mean|did\b|was\b|need\b|want\b|"
    r"said)[a-z]{2,} .*)$"
)
_GIVEN = re.compile(
    r"\byou(?: two| both| all)?(?:['’](?:ll|d|ve)| will| would)? (?:have|get|receive)? ?(?P<what>(?:the|a|an|"
    r"your|my|our|that|it|them|those|this)\b.*)$",
    re.I,
)
#: Where somebody is, what he is not doing, and a farewell bind nobody.
_NO_TASK = re.compile(
    r"\bsee you\b|\bI(?:['’]m| am) (?!going to)|\bI(?:['’]ll| will) (?:not|never)\b|\bI won['’]t\b|\bbin ich\b|"
    r"\bich bin\b|^das heißt\b",
    re.I,
)
#: What is done on the spot, or always.
_NOT_LATER = re.compile(
    r"\bI(?:['’]ll| will) (?:just |now |quickly )*(?:share (?:my|the) screen|click|scroll|zoom|"
    r"switch (?:over|to|tabs))\b|"
    r"\b(?:always|usually|normally|immer|meistens|normalerweise)\b|\b(?:mon|diens|donners|frei)tags\b|"
    r"\bI(?:['’]ve| have) got (?:time|a (?:slot|gap))\b",
    re.IGNORECASE,
)
_UNDONE = re.compile(r"\b(?:promis|don't want to (?:say|commit)|not sure|schau mal|versprech)", re.IGNORECASE)


def commitments(discourse: Discourse, sentences: list[Sentence], roster: Roster, chances: Floats) -> list[Draft]:
    """Action items whose commitment is one of `sentences`, of which `chances` [n] tells how likely each binds somebody.

    What regular language says (a promise with its verb, a request and a yes) tells the phrase, too; where only the
    head hears a commitment, the whole sentence stands for it.
    """
    found: list[Draft] = []
    taken: set[int] = set()  # sentences that say yes to a task that stands
    for sentence, chance in zip(sentences, chances, strict=True):
        if sentence.index in taken:
            continue
        drafts = _handed(discourse, sentence, roster, taken, likely=chance >= _UNLIKELY)
        drafts = drafts or _own_words(discourse, sentence, roster)
        if not drafts and chance >= weights().least[_ACTION]:
            drafts = _heard(discourse, sentence, roster)
        elif chance < _UNLIKELY and not any(draft.data["due_date"] for draft in drafts):
            continue
        found += [replace(draft, score=round(float(chance), 3)) for draft in drafts]
    return found


def _handed(discourse: Discourse, sentence: Sentence, roster: Roster, taken: set[int], *, likely: bool) -> list[Draft]:
    """Tasks that the sentence gives to somebody; the sentences that take them on are added to `taken`."""
    if cues.JOKE.search(sentence.text) or (not sentence.question and _unmeant(discourse, sentence, sentence.text)):
        return []
    given = handed(discourse, sentence, roster)
    takers = [one.proofs[0].speaker if one.proofs else None for one in given]
    drafts = [
        _draft(discourse, sentence, one.phrase, one.owner, one.part, taker)
        for one, taker in zip(given, takers, strict=True)
    ]
    if not likely and not any(draft and draft.data["due_date"] for draft in drafts):
        return []
    found = []
    for one, draft in zip(given, drafts, strict=True):
        if draft is not None:
            taken |= {proof.index for proof in one.proofs}
            quotes = dict.fromkeys((*draft.quotes, *discourse.quotes(*one.proofs)))
            found.append(replace(draft, quotes=tuple(quotes)))
    return found


def _heard(discourse: Discourse, sentence: Sentence, roster: Roster) -> list[Draft]:
    """Somebody binds himself, or somebody named is bound, in words that no pattern of a promise knows."""
    said = clean(sentence.text)
    if sentence.question or len(said.split()) > _LONGEST or _unmeant(discourse, sentence, said):
        return []
    today = discourse.meeting.occurred_at.date()
    text = without_days(said, today)
    if _NO_TASK.search(text):
        return []
    wanted, successor = afterwards(discourse, sentence)
    if not wanted:
        return []
    owner, phrase = _bound(discourse, sentence, text, roster)
    owner = roster.name_of(successor.speaker) if successor else owner
    german = discourse.meeting.language == "de"
    if phrase != text:
        phrase = describe(phrase, today, thing(discourse, sentence), german=german)
    elif german and (oneself := said_of_oneself(text)):
        phrase = describe(oneself, today, thing(discourse, sentence), german=True)
    elif find_clocks(said) and find_days(said, today):
        return []  # an appointment
    else:
        phrase = statements.describe(text, Kind.ACTION_ITEM)
    phrase = fuller(discourse, sentence, plain(phrase))
    if len(content(phrase)) < 2:
        return []
    day, proof = due_date(discourse, sentence)
    data: dict[str, object] = {
        "description": phrase[:1].upper() + phrase[1:200],
        "owner": owner,
        "due_date": day.isoformat() if day else None,
    }
    quotes = discourse.quotes(sentence, *([proof] if proof and proof is not sentence else []))
    return [Draft(Kind.ACTION_ITEM, data, quotes)]


def _bound(discourse: Discourse, sentence: Sentence, text: str, roster: Roster) -> tuple[str | None, str]:
    """Who is bound by the sentence, and to what: without the subject, if it is one of the usual ones."""
    speaker = roster.name_of(sentence.speaker)
    told = _TOLD.search(text)
    who = person(discourse, sentence, roster, told["name"]) if told else None
    if told and who:
        return who.name, told["phrase"]
    does = _DOES.search(text)
    who = person(discourse, sentence, roster, does["name"]) if does else None
    if does and who:
        return who.name, f"{bare_verb(does['verb'])}{does['rest']}"
    first = _FIRST_PERSON.search(text)
    if first:
        return speaker, first["phrase"]
    given = _GIVEN.search(text)
    return speaker, f"send {given['what']}" if given else text


def _own_words(discourse: Discourse, sentence: Sentence, roster: Roster) -> list[Draft]:
    """What the speaker promises, or says that somebody will do."""
    text = clean(sentence.text)
    if sentence.question or _unmeant(discourse, sentence, text):
        return []
    wanted, successor = afterwards(discourse, sentence)
    owner, phrase = roster.name_of((successor or sentence).speaker), promise(text)
    asked = task(discourse, sentence) if ACCEPTS.match(text) else None
    if asked is not None:
        phrase = asked
    elif phrase is None:
        named = _NAMED.search(text)
        who = person(discourse, sentence, roster, named["name"]) if named else None
        if named and who:
            owner, phrase = who.name, named["phrase"]
    draft = _draft(discourse, sentence, phrase, owner) if wanted and phrase is not None else None
    if draft is None:
        return []
    return [replace(draft, quotes=draft.quotes + discourse.quotes(successor))] if successor else [draft]


def _unmeant(discourse: Discourse, sentence: Sentence, text: str) -> bool:
    if (
        cues.CONDITION.search(re.split(r"\bI['’]ll\b", text)[0])
        or cues.HEDGE.search(text)
        or _NOT_LATER.search(text)
        or cues.JOKE.search(sentence.text)
    ):
        return True
    following = [s for s in discourse.after(sentence, 2) if s.turn == sentence.turn]
    return any(_UNDONE.search(s.text) for s in following)


def _draft(
    discourse: Discourse,
    sentence: Sentence,
    phrase: str,
    owner: str | None,
    part: str | None = None,
    taker: str | None = None,
) -> Draft | None:
    """`part` and `taker` as `due_date` knows them."""
    day, proof = due_date(discourse, sentence, part, taker)
    german = discourse.meeting.language == "de" and not re.match(r"[a-z]+ (?:the|you|a)\b", phrase)
    phrase = without_pointers(phrase)
    description = describe(phrase, discourse.meeting.occurred_at.date(), thing(discourse, sentence), german=german)
    description = fuller(discourse, sentence, description)
    size = len(content(description))
    strong = german or delivering(description)
    if size < 2 + description.startswith("Let ") or (day is None and (size < 3 or not strong)):
        return None
    data: dict[str, object] = {"description": description, "owner": owner, "due_date": day.isoformat() if day else None}
    quotes = discourse.quotes(sentence, *([proof] if proof and proof is not sentence else []))
    return Draft(Kind.ACTION_ITEM, data, quotes, 0.5 + 0.2 * (day is not None) + 0.1 * strong)
