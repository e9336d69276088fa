"""Action items: somebody takes on something concrete.

A commitment is a sentence in which a speaker binds himself ("I'll send …", "You'll have … from me", "schicke ich
Ihnen"), binds somebody named ("Kim will call …"), or accepts what was asked ("Can you …?" "Sure."). Hedges, conditions
and jokes bind nobody. The day is looked for in the sentence, then in the short exchange after it ("This Friday?" "The
eighteenth."), where the last word counts.
"""

from __future__ import annotations

import re
from datetime import date

from chatbot.extraction.builtin import cues
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean, plain
from chatbot.extraction.builtin.people import Roster
from chatbot.extraction.dates import Day, find_clocks, find_days
from chatbot.extraction.text import content
from chatbot.extraction.types import Draft
from shared.schemas.insight import Kind

_VERBS = (
    "send|e-?mail|mail|share|forward|draft|prepare|put together|check|double-check|confirm|find out|figure out|"
    "look into|look up|get|set up|book|schedule|arrange|organi[sz]e|call|ring|phone|talk to|speak (?:to|with)|ask|"
    "raise|clear|name|deploy|do|export|pull|rework|redo|update|work out|calculate|run|test|bring|introduce|invite|"
    "move|copy|upload|provide|deliver|have|let|tell|inform|take|give|file|fix|create|build|make|order|review|"
    "follow up|circle back|chase|submit|report|document|collect|gather|compile|translate|configure|install|migrate|"
    "clean up|publish|announce|reach out|connect|write|finali[sz]e|add|revise|escalate|investigate|verify|request|"
    "resend|return|sign|assign|remove|change|switch|roll back|restore|ship|quote|propose|outline|map|list|print|scan|"
    "record|register|enable|activate|pass on|go through|put|come back|get back|ping|drop|pick up|circulate|walk|show|"
    "cover|handle|own|push|extend|renew|cancel|stop|start|train|hand over|look after|sort out|sort|see to"
)
_AUX = r"(?:also |just |then |definitely |certainly |gladly |personally |quickly |have to |need to |try to |go and )*"
_FIRST = re.compile(
    rf"\b(?P<who>I|we)(?:'ll| will|['’]ll|(?:'m|'re| am| are) going to| can| shall) {_AUX}(?P<verb>{_VERBS})\b(?P<rest>.*)$",
    re.IGNORECASE,
)
_LET_ME = re.compile(rf"\blet me (?P<verb>{_VERBS})\b(?P<rest>.*)$", re.IGNORECASE)
_YOU_GET = re.compile(
    r"\byou(?:'ll| will)? (?:have|get|hear|receive)\b (?P<rest>.*?(?:from (?:me|us)|by|on|until|before)\b.*)$",
    re.IGNORECASE,
)
_GERMAN_FIRST = (
    "schick|schicke|sende|mail|maile|mach|mache|bring|bringe|kläre|klär|prüf|prüfe|erstell|erstelle|bereite|kümmere|"
    "kümmer|ruf|rufe|melde|meld|gebe|geb|leite|organisiere|buche|buch|lade|frag|frage|schreib|schreibe|besorge|besorg|"
    "stelle|stell|reiche|reich|liefere|liefer|lass|lasse|hole|hol|teste|baue|plane|übernehme|übernehm|informiere|"
    "bestätige|trage|trag|lege|leg|richte|setze|setz|überarbeite|aktualisiere|koordiniere|schaue|spreche"
)
_GERMAN = re.compile(
    rf"\b(?:ich|wir) (?P<verb>{_GERMAN_FIRST}|schicken|senden|machen|klären|prüfen|liefern)\b(?P<rest>.*)$", re.I
)
_GERMAN_INVERTED = re.compile(
    rf"^(?P<object>.*?)\b(?P<verb>{_GERMAN_FIRST}|schicken|senden|klären|prüfen|liefern) (?:ich|wir)\b(?P<rest>.*)$",
    re.I,
)
_GERMAN_WILL = re.compile(r"\b(?:ich|wir) (?:werde|werden|kann|können) (?P<rest>.+)$", re.IGNORECASE)
_GERMAN_GET = re.compile(
    r"\b(?:kriegen|bekommen|erhalten|haben) (?:sie|ihr)\b(?P<rest>.*\bbis\b.*)$|\bhören (?:sie|ihr) von (?:mir|uns)",
    re.I,
)
_REQUEST = re.compile(
    rf"\b(?:can|could|would|will) you (?:please |maybe |also |just )*(?P<verb>{_VERBS})\b(?P<rest>[^?]*)"
    r"|\b(?:können|könnten|würden) sie (?:bitte |mir |uns )*(?P<german>[^?]*)",
    re.IGNORECASE,
)
_IDIOM = re.compile(
    r"\b(?:i'll|i will|let me) (?:be|say|tell you|put it|give you (?:that|an example|a)|have (?:what|a|to|some)|take (?:that|it as|his|her|their|what)|"
    r"make (?:a note|it )|get (?:a coffee|coffee|there|to that|back on)|ask you|ask (?:again|something)|show you|start|go (?:first|through)|"
    r"do (?:my best|the (?:intro|talking))|put (?:it )?(?:this|that) (?:way|differently)|walk (?:out|you)|pick up on|hold|"
    r"stop|run (?:through)|add (?:that|something|to that)|get (?:used|over|going|started))\b|\bi can (?:see|hear|tell you|do without)\b"
    r"|\b(?:i|we) can (?:make|have|take|do|start|get|put|show|run|show|clean|go|add|look|print|export|scan|move)\b",
    re.IGNORECASE,
)
_STRONG = re.compile(
    r"^(?:send|e-?mail|mail|share|forward|draft|prepare|put together|confirm|find out|set up|book|schedule|write|deliver|provide|"
    r"call|rework|export|pull|work out|deploy|raise|clear|name|submit|compile|circulate|follow up|check|let|get)\b",
    re.IGNORECASE,
)
_RECIPIENT = re.compile(
    r"^(?:to |for )?(?:you both|you guys|you all|both of you|you|ihnen|euch|dir|ihr|them|him)\b\s*(?:both |all )?"
    r"|\b(?:over )?to (?:you|me)\b(?: both| all)?|\bfor you\b|\byourselves?\b|\bmyself\b|\bhere\b|\bfrom (?:me|us)\b|\bvon (?:mir|uns)\b",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(
    r"(?:,?\s*\b(?:by|on|until|till|before|no later than|latest|at|from|starting|bis(?: zum| spätestens)?|am|spätestens|and that|first thing|"
    r"the|noch|some time|sometime|later|so by|end of play|close of business|cob|eod|tomorrow|early|late)\b\s*)+$",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:,? (?:because|so that|so you|before i|before we|before she|before he|as soon as|once|but|which|when|if|then|either way|okay|right|"
    r"weil|damit|sobald|aber|dann|wenn)\b.*|, (?:the|it's|it|that|so|just|i|we|you|he|she|they|um|don't|not)\b.*)$",
    re.IGNORECASE,
)
_AFTER_DAY = re.compile(
    r"^\s*(?:morning|afternoon|evening|night|noon|lunchtime|früh|vormittag|nachmittag|abend|noch|at the latest|,? by noon)\b",
    re.I,
)
_PRONOUN = re.compile(r"^(?:it|that|this|them|one|those|these|das|es|die|the same)\b(?!\s+\w+\s+\w+)", re.IGNORECASE)
_NP = re.compile(
    r"\b(?:the|a|an|your|our|my|some|der|die|das|den|ein|eine|einen) ((?:[\w'’-]+ ){0,3}[\w'’-]{3,})", re.IGNORECASE
)
#: Sentences after a commitment in which its day may still be settled.
_SETTLING = 7


def commitments(discourse: Discourse, sentences: list[Sentence], roster: Roster) -> list[Draft]:
    """Action items whose commitment is one of `sentences`."""
    found: list[Draft] = []
    for sentence in sentences:
        draft = _own_words(discourse, sentence, roster) or _accepted(discourse, sentence, roster)
        if draft:
            found.append(draft)
    return found


def _own_words(discourse: Discourse, sentence: Sentence, roster: Roster) -> Draft | None:
    text = clean(sentence.text)
    if sentence.question or _unmeant(discourse, sentence, text):
        return None
    phrase = _phrase(text)
    if phrase is None:
        return _third_person(discourse, sentence, text, roster)
    owner = roster.name_of(sentence.speaker)
    return _draft(discourse, sentence, phrase, owner)


def _unmeant(discourse: Discourse, sentence: Sentence, text: str) -> bool:
    if cues.CONDITION.search(text.split(" I'll")[0]) or cues.HEDGE.search(text) or cues.JOKE.search(sentence.text):
        return True
    following = [s for s in discourse.after(sentence, 2) if s.turn == sentence.turn]
    return any(
        re.search(r"\b(?:promis|don't want to (?:say|commit)|not sure|schau mal|versprech)", s.text, re.I)
        for s in following
    )


def _phrase(text: str) -> str | None:
    """What is promised, from its verb on; None if the sentence promises nothing."""
    if _IDIOM.search(text) and not re.search(
        r"\bi(?:'ll| will) (?:have|get|do|put|make) (?:you |the |it |that |\w+ (?:for|to) )", text, re.I
    ):
        return None
    match = _FIRST.search(text) or _LET_ME.search(text)
    if match:
        if match.re is _LET_ME and match["verb"].lower() not in ("check", "take", "find out", "confirm", "send", "get"):
            return None
        verb, rest = match["verb"], match["rest"]
        if verb.lower() == "have" and re.search(r"\b(?:for you|ready|done)\b", rest):
            verb = "deliver"
        return f"{verb}{rest}"
    match = _YOU_GET.search(text)
    if match and not match["rest"].lower().startswith(("to ", "a problem", "that", "it ")):
        hear = re.search(r"\bhear\b", match.group(), re.I)
        return ("report back " if hear else "send ") + match["rest"]
    return _german_phrase(text)


def _german_phrase(text: str) -> str | None:
    match = _GERMAN_GET.search(text)
    if match:
        return f"{text[: match.start()].strip(' ,')} schicken {match['rest'] or ''}"
    match = _GERMAN.search(text)
    if match:
        verb = match["verb"]
        return f"{match['rest'].strip()} {_infinitive(verb)}"
    match = _GERMAN_INVERTED.search(text)
    if match:
        return f"{match['object']} {match['rest'].strip()} {_infinitive(match['verb'])}"
    return None


def _infinitive(verb: str) -> str:
    stem = verb.lower()
    if stem.endswith("en"):
        return stem
    return stem.removesuffix("e") + "en"


def _third_person(discourse: Discourse, sentence: Sentence, text: str, roster: Roster) -> Draft | None:
    match = re.search(
        rf"\b(?P<name>[A-ZÄÖÜ][\w'’-]+(?: [A-ZÄÖÜ][\w'’-]+)?)(?:'ll| will) (?P<phrase>(?:{_VERBS})\b.*)$", text
    )
    person = roster.find(match["name"]) if match else None
    if match is None or person is None:
        return None
    return _draft(discourse, sentence, match["phrase"], person.name)


def _accepted(discourse: Discourse, sentence: Sentence, roster: Roster) -> Draft | None:
    """ "Can you pull the reports?" "Sure." – unless the answer itself says what will be done."""
    text = clean(sentence.text)
    match = _REQUEST.search(text)
    if not match or not sentence.question:
        return None
    reply = [s for s in discourse.after(sentence, 6) if s.turn == sentence.turn + 1]
    if not reply or not cues.YES.search(reply[0].text) or any(cues.HEDGE.search(s.text) for s in reply):
        return None
    later = [s for s in discourse.after(sentence, 6) if s.speaker == reply[0].speaker]
    if any(_phrase(clean(s.text)) for s in later) or reply[0].question:
        return None
    phrase = f"{match['verb']}{match['rest']}" if match["verb"] else match["german"]
    draft = _draft(discourse, sentence, phrase, roster.name_of(reply[0].speaker))
    if draft is None or not draft.data.get("due_date"):
        return None
    return Draft(draft.kind, draft.data, discourse.quotes(sentence, reply[0]), draft.score - 0.1)


def _draft(discourse: Discourse, sentence: Sentence, phrase: str, owner: str | None) -> Draft | None:
    day, proof = due_date(discourse, sentence)
    description = describe(phrase, discourse, sentence)
    size = len(content(description))
    strong = bool(_STRONG.match(description)) or discourse.meeting.language == "de"
    if size < 2 or (day is None and (size < 3 or not strong)):
        return None
    data: dict[str, object] = {"description": description, "owner": owner, "due_date": day.isoformat() if day else None}
    quotes = discourse.quotes(sentence, *([proof] if proof and proof is not sentence else []))
    return Draft(Kind.ACTION_ITEM, data, quotes, 0.5 + 0.2 * (day is not None) + 0.1 * strong)


def describe(phrase: str, discourse: Discourse, sentence: Sentence) -> str:
    """The promise tersely: without its day, the person addressed and side clauses, pronouns filled in."""
    phrase = _TAIL.sub("", _without_days(phrase, discourse))
    verb, _, rest = phrase.strip().partition(" ")
    rest = _RECIPIENT.sub("", rest)
    rest = re.sub(r"\band (?:let you know|send you that|send it over|get it to (?:her|him|them|you))\b", "", rest)
    if _PRONOUN.match(rest) or not content(rest):
        rest = f"{rest} {_antecedent(discourse, sentence)}"
    text = plain(f"{verb} {rest}")
    return text[:1].upper() + text[1:200]


def _without_days(phrase: str, discourse: Discourse) -> str:
    text = phrase
    for mention in reversed([*find_days(phrase, discourse.meeting.occurred_at.date())]):
        before = _PREPOSITION.sub("", text[: mention.start].rstrip())
        after = text[mention.end :]
        follow = _AFTER_DAY.match(after)
        after = after[follow.end() :] if follow else after
        text = f"{before} {after.lstrip()}"
    for clock in reversed(find_clocks(text)):
        if clock.end - clock.start > 4:
            text = _PREPOSITION.sub("", text[: clock.start].rstrip()) + " " + text[clock.end :].lstrip()
    return re.sub(r"\s+([,.])", r"\1", re.sub(r"\b(?:this|next|early next) week\b", "", text))


def _antecedent(discourse: Discourse, sentence: Sentence) -> str:
    """The nearest thing named before, for a promise about "it"."""
    for earlier in reversed(discourse.before(sentence, 4)):
        named = _NP.findall(plain(earlier.text))
        if named:
            return str(named[-1])
    return ""


def due_date(discourse: Discourse, sentence: Sentence) -> tuple[date | None, Sentence | None]:
    """The day settled for a commitment and the sentence that settles it."""
    today = discourse.meeting.occurred_at.date()
    best: Day | None = None
    proof: Sentence | None = None
    for mention in find_days(clean(sentence.text), today):
        best, proof = mention, sentence
    for later in discourse.after(sentence, _SETTLING):
        text = clean(later.text)
        mentions = find_days(text, today)
        if (_phrase(text) and not later.question and later.speaker != sentence.speaker) or _topic_change(
            text, mentions
        ):
            break
        if not mentions or not _settles(text, later, best is None):
            continue
        mention = mentions[-1]
        repeated = best is not None and mention.rule in _NAMES and mention.date.weekday() == best.date.weekday()
        if not repeated and not cues.NO.search(text):
            best, proof = mention, later
    if best is None:
        for earlier in discourse.before(sentence, 2):
            if earlier.question and (mentions := find_days(earlier.text, today)) and len(earlier.text.split()) <= 12:
                best, proof = mentions[-1], earlier
    return (best.date if best else None), proof


_NAMES = frozenset("mon tue wed thu fri sat sun this:mon this:tue this:wed this:thu this:fri".split())


def _settles(text: str, later: Sentence, open_: bool) -> bool:
    """Short, a question, or an answer: talk about the day and not about something else."""
    size = len(text.split())
    if size <= 8 or (later.question and size <= 12):
        return True
    return bool(re.match(r"(?:so|then|make it|you'll|you get|okay|yes|yeah|also|ja|dann)\b", text, re.I)) and size <= 16


def _topic_change(text: str, mentions: tuple[Day, ...]) -> bool:
    return not mentions and (
        len(text.split()) > 16
        or re.match(
            r"(?:and |so |okay,? |good\.? )?(?:next (?:step|point|item)|anything else|what else|another)\b", text, re.I
        )
        is not None
    )
