"""Typed minutes instead of speech: attendee lists with initials, action tables, bullets that begin with initials."""

from __future__ import annotations

import re

from chatbot.extraction.builtin import names
from chatbot.extraction.builtin.discourse import Discourse, Sentence, plain
from chatbot.extraction.builtin.people import Person, Roster
from chatbot.extraction.builtin.promises import without_days
from chatbot.extraction.dates import Day, find_days
from chatbot.extraction.text import content
from chatbot.extraction.types import Draft
from shared.schemas.insight import Kind

_ATTENDEE = re.compile(rf"(?P<name>{names.FULL})\s*\((?P<inside>[^)]*)\)")
_LIST = re.compile(r"^(?:\**)(?P<company>[A-ZÀ-Þ][\w& -]{1,40}?)(?:\**):\s")
_ABSENT = re.compile(
    r"\b(?:apologies|regrets|absent|entschuldigt|abwesend|on leave|not (?:present|there)|missing|fehlt|verhindert)\b",
    re.IGNORECASE,
)

_INITIALS = re.compile(r"^[A-ZÄÖÜ]{2,3}$")
_CELL = re.compile(r"\s*(?:\||\t|\s{3,})\s*")
_STARTS_WITH_INITIALS = re.compile(r"^(?P<who>[A-ZÄÖÜ]{2,3})(?::|\s)\s*(?P<what>.+)$")
_TASKS = re.compile(
    r"^\W*(?:to[- ]?dos?|actions?|action (?:items|points|list)|tasks|next steps|who does what|aufgaben\w*|maßnahmen|"
    r"offene punkte|wer macht was|nächste schritte|vereinbarte?\w*)\b(?! (?:must|have))", re.I
)  # fmt: skip
#: What somebody does: a verb in the third person or a bare one; not what he did, might do or said.
_DOES = re.compile(r"^(?:to |will |wird )?(?P<verb>[a-zäöüß]+(?:s|t)|[a-z]+(?= (?:the|a|an|to|up)\b))\s+\S")
_DOES_NOT = re.compile(
    r"^(?:(?:is|was|has|ist|hat|might|must|isn't|wants|needs|thinks|knows|likes|hopes|asked|said|says|sagt|meint|hätte|"
    r"könnte|möchte|findet|weiß|fragt|gibt zu|fehlt|kommt|war|went|kept|felt|lost|thought|told|brought|left|"
    r"sent|got|put|"
    r"joked|warned|first|most|just|sits|runs|leads|works|arbeitet|leitet|macht sich|hofft|braucht|bleibt|"
    r"has to|nicht|not)\b)|^\w+ed\b|\b(?:evtl|vielleicht|maybe|might|haha|joke\w*|nix versprochen|no promise)\b",
    re.I,
)


def is_notes(discourse: Discourse) -> bool:
    """No utterance has a speaker."""
    return bool(discourse.sentences) and all(s.speaker is None for s in discourse.sentences)


def attendees(discourse: Discourse) -> list[Person]:
    """People listed as `Name (initials, title)`, with the company the list stands under."""
    found: list[Person] = []
    for sentence in discourse.sentences:
        head = _LIST.match(sentence.text)
        for match in _ATTENDEE.finditer(sentence.text):
            inside = [part.strip() for part in match["inside"].split(",") if part.strip()]
            initials = {part for part in inside if _INITIALS.match(part) and _is_initials(part, match["name"])}
            rest = [part for part in inside if part not in initials]
            missing = _ABSENT.search(sentence.text[: match.start()] + match["inside"]) is not None
            company = head["company"].strip() if head and not _ABSENT.search(head["company"]) else None
            title = names.title(rest[0]) if rest else None
            person = Person(match["name"], set(), title, company, attended=not missing, score=0.9)
            person.labels = initials
            person.quotes = list(discourse.quotes(sentence))
            found.append(person)
        found += _listed(discourse, sentence)
    if any(person.side == "own" for person in found):
        for person in found:
            person.side = person.side or ("other" if person.company is None else None)
    return found


def _listed(discourse: Discourse, sentence: Sentence) -> list[Person]:
    """`AB | Ann Baker | their works manager, on Teams`: a row of a table of those who were there."""
    cells = [cell.strip() for cell in sentence.text.strip(" |").split("|")]
    named = next((cell for cell in cells if re.fullmatch(names.FULL, cell)), None)
    initials = {cell for cell in cells if named and _INITIALS.match(cell) and _is_initials(cell, named)}
    if named is None or not initials or len(cells) < 2:
        return []
    role = next((cell for cell in cells if cell != named and cell not in initials), "")
    mine = re.match(r"(?:us|wir)\b", role, re.IGNORECASE)
    role = re.split(r"[,;(]", re.sub(r"^(?:us,|their|our|unser\w*|ihr\w*)\s*", "", role, flags=re.IGNORECASE))[0]
    person = Person(named, initials, names.title(role) if role else None, attended=True, score=0.9)
    person.side = "own" if mine else None
    person.quotes = list(discourse.quotes(sentence))
    return [person]


def _is_initials(short: str, name: str) -> bool:
    return short[0] == name[0] and all(letter in name.upper() for letter in short)


def note_actions(discourse: Discourse, sentences: list[Sentence], roster: Roster) -> list[Draft]:
    """Rows of an action table and bullets in which somebody does something by a day."""
    found = []
    tasks = _task_section(discourse)
    for sentence in sentences:
        if tasks and sentence.index not in tasks and (" | " in sentence.text or not _days(discourse, sentence.text)):
            continue
        cells = [cell for cell in _CELL.split(sentence.text.strip(" |")) if cell]
        draft = _row(discourse, sentence, cells, roster) if len(cells) >= 2 else _bullet(discourse, sentence, roster)
        if draft:
            found.append(draft)
    return found


def _task_section(discourse: Discourse) -> set[int]:
    """Sentences under a heading like "To do", up to the next heading; none where there is no such heading."""
    found: set[int] = set()
    inside = False
    for sentence in discourse.sentences:
        if _is_heading(discourse.meeting.utterances[sentence.utterance].text):
            inside = _TASKS.search(sentence.text) is not None
        elif inside:
            found.add(sentence.index)
    return found


def _is_heading(line: str) -> bool:
    bare = line.strip("#* ")
    return line.lstrip().startswith("#") or (
        len(bare.split()) <= 5 and re.fullmatch(r"[A-ZÄÖÜ][^.:|?!\d]*:?", bare) is not None
    )


def _days(discourse: Discourse, text: str) -> tuple[Day, ...]:
    return find_days(text, discourse.meeting.occurred_at.date())


def _row(discourse: Discourse, sentence: Sentence, cells: list[str], roster: Roster) -> Draft | None:
    """`3 | price list | AB (CD helps) | Friday`: the first cell that names somebody, the longest of the others."""
    owners = [(i, p) for i, cell in enumerate(cells) if len(cell.split()) <= 4 and (p := _who(cell, roster))]
    if not owners or any(cell.strip() == owners[0][1].name for cell in cells):
        return None
    at, owner = owners[0]
    what = max([*cells[:at], *cells[at + 1 :]], key=lambda cell: len(content(_undated(discourse, cell))), default="")
    return _action(discourse, sentence, _undated(discourse, what), owner, " | ".join(cells[at + 1 :]) or sentence.text)


def _who(cell: str, roster: Roster) -> Person | None:
    """The person whose initials or name a cell begins with."""
    bare = re.sub(r"\s*\([^)]*\)", "", cell).strip()
    found = roster.of(bare) or (roster.find(bare) if bare else None)
    if found is None and _INITIALS.match(bare):
        alike = [p for p in roster.people if _initials(p.name) == bare]
        found = alike[0] if len(alike) == 1 else None
    return found


def _initials(name: str) -> str:
    return "".join(word[0] for word in re.split(r"[\s-]", name) if word[:1].isupper())


def _undated(discourse: Discourse, text: str) -> str:
    return without_days(text, discourse.meeting.occurred_at.date()) if text else text


def _bullet(discourse: Discourse, sentence: Sentence, roster: Roster) -> Draft | None:
    match = _STARTS_WITH_INITIALS.match(sentence.text)
    owner = _who(match["who"], roster) if match else None
    if match is None or owner is None or _DOES_NOT.search(match["what"]) or not _DOES.match(match["what"]):
        return None
    return _action(discourse, sentence, match["what"], owner, sentence.text)


def _action(discourse: Discourse, sentence: Sentence, what: str, owner: Person, said: str) -> Draft | None:
    said = re.sub(r"~~[^~]*~~", " ", said)
    days = find_days(said, discourse.meeting.occurred_at.date())
    days = days[-1:] if len(days) > 1 and re.search(r"\b(?:not|instead|so:)", said) else days
    for day in find_days(what, discourse.meeting.occurred_at.date()):
        what = what.replace(what[day.start : day.end], "") if not re.search(r"\bwith\b", what) else what
    description = plain(re.sub(r"\b(?:by|on|until|bis)\s*$", "", what.strip()))
    if len(content(description)) < 1:
        return None
    due = days[-1].date.isoformat() if days else None
    data: dict[str, object] = {
        "description": description[:1].upper() + description[1:],
        "owner": owner.name,
        "due_date": due,
    }
    return Draft(Kind.ACTION_ITEM, data, discourse.quotes(sentence), 0.8)
