"""Tasks that one says and another owns: asked for and accepted, given to a third, shared out one after the other.

"Could you fill that in by Friday?"  "Sure."                 the one who says yes
"Who sorts the firewall rule?"  "Ines will see to it."       Ines
"Adam sends the draft, Kerry checks the list."               Adam, and Kerry
"The contract will be sent by Anders Bergqvist."             Anders Bergqvist
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from chatbot.extraction.builtin import cues, names
from chatbot.extraction.builtin.asked import ACCEPTS, request_phrase, task, wanted
from chatbot.extraction.builtin.candidates import background
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean, plain
from chatbot.extraction.builtin.people import Person, Roster
from chatbot.extraction.builtin.promises import REQUEST, bare_verb, promise, verb_last
from chatbot.extraction.dates import find_days
from chatbot.extraction.text import content, fold

#: Sentences after a demand in which somebody may say yes to it.
_ANSWER = 6
#: How alike a misheard first name is to the right one, 0..1.
_MISHEARD = 0.72
_NAME = r"(?:(?:Herrn?|Frau|Mr|Mrs|Ms|Mister|Dr)\.? )?[A-ZÄÖÜ][\w’-]+(?: [A-ZÄÖÜ][\w’-]*)?"
#: A yes that takes on what was only said to be needed.
_TAKES = cues.any_of(
    r"^(?:(?:yes|yeah|okay|right|sure|ja|gut|klar),? )?(?:will do|i will|i'?ll (?:do|see to|take|have|get|sort)|"
    r"you'?ll (?:have|get)|understood|agreed|that works|works for|consider it done|on it|leave it|we can do that|i can|"
    r"no problem|sure|of course|noted)\b",
    r"^(?:(?:ja|gut|klar),? )?(?:kriegst|bekommst|kriegen|bekommen|habt|hast) (?:du|sie|ihr)\b|^(?:das )?(?:mach|"
    r"erledig|übernehm|schaff)e? ich|^(?:das )?(?:machen|schaffen|kriegen|bekommen) wir|^wird gemacht|^einverstanden|"
    r"^passt|^verstanden|^in ordnung|^alles klar|^geht klar|^klar\b",
)
_WRITE = r"send|give|get|drop|forward|mail|email|let|bring|share|show|write|call|check|put|tell"
_IMPERATIVE = re.compile(
    rf"^(?:(?:just|please|so|then|and|okay|also),? )*(?:{_NAME}, )?(?:just |please )*"
    rf"(?P<phrase>(?:{_WRITE}) (?:me|us|him|her|them|the|your|a|an|that)\b.*?)"
    r"(?:,? and (?:I|we)(?:['’]ll| will)\b.*)?$",
    re.IGNORECASE,
)
_IMPERATIVE_DE = re.compile(
    r"^(?:(?:dann|also|und|bitte),? )*(?P<verb>[a-zäöüß]{3,}en) sie (?:mir |uns )?(?:bitte |doch |dann |einfach |"
    r"noch )*(?P<rest>.+)$",
    re.IGNORECASE,
)
_YOU_DO_DE = re.compile(r"(?:^|[,:] )(?P<verb>[a-zäöüß]{3,})st du (?P<rest>[^?]+)", re.IGNORECASE)
_YOU_DO = re.compile(r"\byou(?:['’](?:d|ll)| will| would) (?P<phrase>(?!have|get|be|say|like|need|want)[a-z]+ [^?]+)")
_THING_BY = re.compile(
    r"\b(?:would|is|does) (?:[\w ]{3,30}?) (?:be )?(?:okay|fine|good|work|possible|realistic|alright|enough) for "
    r"(?P<what>(?:the|your|our|that|a)\b[^?]+)"
    r"|\b(?:schaffen|bekommen|kriegen|schafft|schaffst) (?:sie|wir|ihr|du) (?P<german>[^?]+)"
    r"|\b(?:kann|könnte) ich (?P<have>[^?]+?) (?:haben|bekommen|kriegen)\b"
    r"|\b(?:können|könnten) wir (?P<us>[^?]+?) (?:haben|bekommen|kriegen)\b",
    re.IGNORECASE,
)
_OUGHT = re.compile(
    r"\b(?:should|must|has to|have to|needs? to|ought to) be\b|"
    r"\b(?:muss|müssen|sollte|sollten)\b.*\b(?:werden|sein|haben)\b",
    re.IGNORECASE,
)
_WHO = re.compile(
    r"\bwho(?:['’]ll| will| can| could|['’]s going to|['’]s| is)? (?P<verb>[a-z]+) (?P<rest>[^?]+)", re.IGNORECASE
)
_WHO_DE = re.compile(r"\bwer (?P<verb>[a-zäöüß]+) (?P<rest>[^?]+)", re.IGNORECASE)
_SEES_TO = re.compile(
    rf"\b(?P<one>{_NAME})(?:['’]ll| will| can|['’]s going to)? (?:sees? to|takes? care of|looks? after|handles?|"
    rf"deals? with|does|do|sorts?|takes?) (?:it|that|this)\b"
    rf"|\b[Tt]hat(?:['’]s| is| goes| would be|['’]ll be)(?: more)?(?: something| one)?(?: for| to| with| on)? "
    rf"(?P<two>{_NAME})"
    rf"|\b(?:[Dd]as|[Dd]arum|[Dd]ie|[Dd]en) (?:macht|übernimmt|erledigt|kümmert sich|klärt|geht an|liegt bei|ist bei) "
    rf"(?:de[rmn] |die |unser\w* )?(?P<three>{_NAME})"
    rf"|\b(?P<four>{_NAME}) (?:macht|übernimmt|erledigt|klärt) das\b|\b(?P<five>{_NAME}) kümmert sich (?:drum|darum)\b"
)
_THEN_DOES = re.compile(r"\b(?:he|she|they)(?:['’]ll| will) (?P<phrase>[a-z]+ .*)$")
_THEN_DOES_DE = re.compile(r", (?:der|die|er|sie) (?P<verb>[a-zäöüß]+t) (?P<rest>.+)$")
_HAS_TO = re.compile(
    rf"\b(?P<name>{_NAME}),? (?:has|needs|is going|is supposed|is meant|will have) to (?P<phrase>(?!be\b)[a-z]+ .*)$"
)
_HAS_TO_DE = re.compile(rf"\b(?P<name>{_NAME}),? (?:muss|soll|wird) (?P<phrase>[^?]*\b[a-zäöüß]+en)\b")
_PASSIVE = re.compile(
    r"\b(?:will|has to|have to|must|needs? to|should|is going to|can) (?:then |also )?be\b|"
    r"\b(?:wird|werden|muss|müssen)\b"
)
_AGENT = re.compile(
    rf"\b(?:by|von) (?:(?:our|my|the|unsere[rmn]?|meine[rmn]?|de[rm]) )?(?:[a-zäöü]\w* ){{0,3}}?"
    rf"(?P<name>{_NAME})(?:, (?P<again>{_NAME}))?"
)
_BY_YOU = re.compile(r"\b(?:by you|von (?:ihnen|dir|euch))\b", re.IGNORECASE)
_SHARE = re.compile(
    rf"^(?:(?:and|und|so|then|[Dd]er|[Dd]ie|dass) )*(?P<name>{_NAME}) (?P<verb>[a-zäöüß]+(?:s|t)) (?P<rest>.+)$"
)
_SHARE_YOU = re.compile(rf"^(?:(?:and|und) )?(?P<name>{_NAME}),? you(?:['’]ll| will)? (?P<phrase>[a-z]+ .+)$")
_SHARE_I = re.compile(r"^(?:(?:and|und|then) )*I(?:['’]ll| will)? (?P<phrase>[a-z]+ .+)$")
_SHARE_THING = re.compile(rf"(?:^|, )(?P<name>{_NAME}): (?P<what>(?:the|an?|der|die|das|den) .+)$")
_PARTS = re.compile(
    r"[,;] (?=(?:and |und )?(?:der |die )?(?:[A-ZÄÖÜ]\w+,? |I['’ ]))|: (?=[A-ZÄÖÜ])|\s(?=(?:and|und) (?:I |I['’]))"
)
_STATES = frozenset(
    "is was has says wants thinks knows needs goes comes ist hat war will sagt meint geht kommt weiß".split()
)
_TAKEN_OVER = re.compile(
    r"\b(?:let me (?:take|do|handle) (?:that|it|this)|(?:no|nah|actually)[,.]? I(?:['’]ll| will| can) (?:do|take|"
    r"handle) (?:that|it|this)|das (?:übernehm|mach)e? (?:lieber )?ich|lass mich das)\b",
    re.IGNORECASE,
)
_NOT_NEEDED = re.compile(
    r"^(?:(?:oh|ah|no|nein),? )*(?:no need|don['’]t(?: bother| worry)?(?:[,.]|$)|not necessary|"
    r"(?:that|it)(?:['’]s| is) not (?:needed|necessary)|nicht nötig|(?:das )?brauchen? (?:sie|du|ihr|es) nicht|"
    r"müssen sie nicht|"
    r"lassen sie (?:das|mal))"
    r"|\bI(?:['’]ve| have) (?:already )?(?:got|done|sent) (?:it|them|that)(?: already)?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Handed:
    """A task and who owns it. `part`: its piece of the sentence, where the sentence hands over several."""

    phrase: str
    owner: str | None
    proofs: tuple[Sentence, ...] = ()
    part: str | None = None


def handed(discourse: Discourse, sentence: Sentence, roster: Roster) -> list[Handed]:
    """The tasks that the sentence gives to somebody other than by his own promise."""
    text = clean(sentence.text)
    shared = list(_shared_out(discourse, sentence, roster, text))
    if len({given.owner for given in shared}) > 1:
        return shared
    found = _to_third(discourse, sentence, roster, text) or _by_agent(discourse, sentence, roster, text)
    found = found or _accepted(discourse, sentence, roster)
    return [found] if found else []


def person(discourse: Discourse, sentence: Sentence, roster: Roster, said: str) -> Person | None:
    """Who is meant by a name: of several the one who is not speaking, or speaks next; a misheard name by its sound."""
    whole = roster.find(said)
    if whole is not None:
        return whole
    first, *rest = [fold(word) for word in names.HONORIFIC.sub("", said).split()] or [""]
    hits = [p for p in roster.people if first in fold(p.name).split()]
    if rest:
        hits = [p for p in hits if any(word.startswith(rest[0]) for word in fold(p.name).split()[1:])] or hits
    hits = [p for p in hits if sentence.speaker not in p.labels] or hits
    if not hits and len(first) > 3 and first not in background():
        hits = [p for p in roster.people if p.attended and _sounds_like(first, fold(p.name).split()[0])]
    if len(hits) > 1:
        following = next((s for s in discourse.after(sentence, 3) if s.speaker != sentence.speaker), None)
        hits = [p for p in hits if following and following.speaker in p.labels]
    return hits[0] if len(hits) == 1 else None


def _sounds_like(said: str, name: str) -> bool:
    return SequenceMatcher(None, said, name).ratio() >= _MISHEARD and said[-1] == name[-1]


def takes_on(text: str) -> bool:
    """Does it say yes to doing what was asked for?"""
    return any(pattern.search(text) for pattern in (ACCEPTS, _TAKES, _TAKEN_OVER))


def afterwards(discourse: Discourse, sentence: Sentence) -> tuple[bool, Sentence | None]:
    """Is the promise still wanted after the answer to it, and where does somebody take it over, if he does?"""
    answer = [s for s in discourse.after(sentence, 3) if s.turn == sentence.turn + 1][:2]
    for said in answer:
        if said.speaker == sentence.speaker:
            break
        if _NOT_NEEDED.search(clean(said.text)):
            return False, None
        if _TAKEN_OVER.search(clean(said.text)):
            return True, said
    return True, None


def _accepted(discourse: Discourse, sentence: Sentence, roster: Roster) -> Handed | None:
    """A demand that somebody says yes to, unless the answer itself says what will be done."""
    found = _demand(discourse, sentence)
    if found is None:
        return None
    phrase, firm = found
    reply = _taker(discourse, sentence, roster, firm=firm)
    if reply is None or any(cues.HEDGE.search(s.text) for s in discourse.after(reply, 1) if s.turn == reply.turn):
        return None
    later = [reply, *(s for s in discourse.after(reply, 3) if s.speaker == reply.speaker)]
    if reply.question or any(len(content(promise(plain(s.text)) or "")) >= 2 for s in later):
        return None
    return Handed(phrase, roster.name_of(reply.speaker), (reply,))


def _demand(discourse: Discourse, sentence: Sentence) -> tuple[str, bool] | None:
    """What is asked of somebody, from its verb on, and whether only a firm yes takes it on."""
    text = clean(sentence.text)
    german = discourse.meeting.language == "de"
    dated = bool(find_days(text, discourse.meeting.occurred_at.date()))
    if sentence.question:
        request = REQUEST.search(text)
        if request:
            return request_phrase(request), False
        thing = _THING_BY.search(text)
        what = next((group for group in thing.groups() if group), None) if thing else None
        what = what or (wanted(sentence) if dated else None)
        if what and dated:
            return (f"{what.strip()} schicken" if german else f"send {what.strip()}"), False
        does = _YOU_DO_DE.search(text) if german else _YOU_DO.search(text)
        if does is None:
            return None
        return (verb_last("", does["rest"], does["verb"]) if german else does["phrase"]), False
    order = _IMPERATIVE_DE.match(text) if german else _IMPERATIVE.match(text)
    if order:
        return (f"{order['rest'].strip(' .!')} {order['verb'].lower()}" if german else order["phrase"]), False
    needed = wanted(sentence) if dated else None
    if needed:
        return (f"{needed} schicken" if german else needed if " " in needed else f"send {needed}"), True
    return (plain(text), True) if dated and _OUGHT.search(text) else None


def _taker(discourse: Discourse, sentence: Sentence, roster: Roster, *, firm: bool) -> Sentence | None:
    """The sentence in which somebody else says yes; who is asked may pass it on to one who does."""
    turn, passed_to = sentence.turn + 1, None
    for later in discourse.after(sentence, _ANSWER):
        text = clean(later.text)
        if later.turn <= sentence.turn or (later.speaker == sentence.speaker and later.speaker is not None):
            if later.turn > sentence.turn:
                return None
            continue
        if later.turn != turn:
            if passed_to is None:
                return None
            turn = later.turn
        says_yes = takes_on(text) or (not firm and cues.YES.search(text))
        asked = re.match(rf"(?P<name>{_NAME}), (?:would|could|can|will) you\b", text)
        given = asked or _SEES_TO.search(text)
        if given:
            passed_to = person(discourse, later, roster, next(group for group in given.groups() if group))
        elif says_yes and (passed_to is None or later.speaker in passed_to.labels):
            return later
        else:
            return None
    return None


def _to_third(discourse: Discourse, sentence: Sentence, roster: Roster, text: str) -> Handed | None:
    """ "Ines will see to it", "that goes to Tom", "Marcus has to sign it by Friday"."""
    if sentence.question:
        return None
    sees = _SEES_TO.search(text)
    named = next((group for group in sees.groups() if group), "") if sees else ""
    who = person(discourse, sentence, roster, named) if named else None
    if who is not None and sees is not None:
        phrase = _then_does(text[sees.end() :]) or _asked_who(discourse, sentence) or task(discourse, sentence)
        return Handed(phrase, who.name) if phrase else None
    has_to = _HAS_TO.search(text) or _HAS_TO_DE.search(text)
    who = person(discourse, sentence, roster, has_to["name"]) if has_to else None
    return Handed(has_to["phrase"], who.name) if has_to and who else None


def _then_does(rest: str) -> str | None:
    english, german = _THEN_DOES.search(rest), _THEN_DOES_DE.search(rest)
    if german:
        return verb_last("", german["rest"], german["verb"].removesuffix("t"))
    return english["phrase"] if english else None


def _asked_who(discourse: Discourse, sentence: Sentence) -> str | None:
    """ "Who sorts the rule?" as an instruction."""
    for earlier in reversed(discourse.before(sentence, 3)):
        if not earlier.question:
            continue
        english, german = _WHO.search(clean(earlier.text)), _WHO_DE.search(clean(earlier.text))
        if german:
            return verb_last("", german["rest"], german["verb"].removesuffix("t"))
        if english:
            return f"{bare_verb(english['verb'])} {english['rest']}"
    return None


def _by_agent(discourse: Discourse, sentence: Sentence, roster: Roster, text: str) -> Handed | None:
    """Passive wording that says by whom."""
    if sentence.question or not _PASSIVE.search(text):
        return None
    for agent in reversed(list(_AGENT.finditer(text))):
        who = next((p for said in (agent["again"], agent["name"]) if said
                    and (p := person(discourse, sentence, roster, said))), None)  # fmt: skip
        if who:
            return Handed(plain(text[: agent.start()] + text[agent.end() :]), who.name)
    you = _BY_YOU.search(text)
    if you is None:
        return None
    following = next((s for s in discourse.after(sentence, 2) if s.turn > sentence.turn), None)
    if following is None or not (cues.YES.search(clean(following.text)) or takes_on(clean(following.text))):
        return None
    phrase = re.sub(rf",? {_NAME}[.!]?$", "", text[you.end() :])
    return Handed(plain(text[: you.start()] + phrase), roster.name_of(following.speaker), (following,))


def _shared_out(discourse: Discourse, sentence: Sentence, roster: Roster, text: str) -> Iterator[Handed]:
    """ "Adam sends the draft, Kerry checks the list, and I'll book the room." """
    pieces = _PARTS.split(text)
    last_days = find_days(pieces[-1], discourse.meeting.occurred_at.date()) if len(pieces) > 1 else ()
    for piece in pieces:
        part = piece.strip(" ,.?!")
        if re.search(r"\b(?:both|all|each|beides|alles) (?:by|until|bis)\b", text) and last_days:
            part += f" by {text[text.rindex(pieces[-1]) :][last_days[-1].start : last_days[-1].end]}"
        first = _SHARE_I.match(part)
        speaker = roster.name_of(sentence.speaker)
        if first and speaker and not cues.HEDGE.search(part):
            yield Handed(first["phrase"], speaker, part=part)
            continue
        told = _SHARE_YOU.match(part) or _SHARE.match(part) or _SHARE_THING.search(part)
        who = person(discourse, sentence, roster, told["name"]) if told else None
        if told is None or who is None:
            continue
        phrase = _instruction(told, german=discourse.meeting.language == "de")
        if phrase:
            yield Handed(phrase, who.name, part=part)


def _instruction(told: re.Match[str], *, german: bool) -> str | None:
    said = told.groupdict()
    if said.get("phrase"):
        return str(said["phrase"])
    if said.get("what"):
        return f"{said['what']} schicken" if german else f"send {said['what']}"
    verb, rest = str(said["verb"]), str(said["rest"])
    if verb in _STATES:
        return None
    return verb_last("", rest, verb.removesuffix("t")) if german else f"{bare_verb(verb)} {rest}"
