"""What was asked for: what "it", "that" and a bare "I can do that" stand for.

"Would you give us a month of the photos?"  "I can do that."      give a month of the photos
"And the staffing plan."                    "You get the plan …"  the staffing plan
"""

from __future__ import annotations

import re

from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean, plain
from chatbot.extraction.builtin.promises import REQUEST, without_days
from chatbot.extraction.text import content

#: Sentences before in which the thing may have been named.
_BACK = 8
_NEED = re.compile(
    r"\b(?:(?:I|we)(?:['’]d|['’]ll| would| will)? (?:still |also |really |just )?(?:need|want|like|"
    r"love)(?: from you)?,? "
    r"(?:(?:someone|somebody|you) to )?(?:to (?:have|get|see) )?"
    r"|(?:somebody|someone|one of (?:us|you)) (?:needs|has|ought|should)(?: got)? (?:to )?|would you (?:ever |mind )?"
    r"|(?:is there|do you have|have you got|(?:can|could|may) (?:I|we) (?:have|get)) )(?P<what>[^?]{6,})",
    re.IGNORECASE,
)
_NEED_DE = re.compile(
    r"\b(?:(?:ich|wir) (?:bräuchten?|brauchen?|hätten? gerne?)|(?:bräucht|brauch|hätt)e? ich|jemand (?:müsste|"
    r"sollte|muss))"
    r"(?: (?:noch|da|dann|auch|mal|von (?:ihnen|euch|dir)))* (?P<what>[^?]{5,})",
    re.IGNORECASE,
)
_POINTED = re.compile(
    r"^(?:and|so|then|und|dann)(?: then| also| dann| noch)?,? (?P<what>(?:the|your|our|that|a|der|die|das|den|"
    r"ein\w*|ihre?n?) [^.?!,]{4,50})[.?]?$",
    re.IGNORECASE,
)
_GIVE = re.compile(
    r"^(?:please |just |bitte )*(?:give|send|show|get|have|let|bring|tell|lend|do|take)(?: (?:me|us|him|her|"
    r"them|you))?(?: have)? "
    r"(?=(?:the|a|an|your|some|that|all|our|two|three|one)\b)",
    re.IGNORECASE,
)
_THING = re.compile(
    r"^(?:the|an?|your|our|my|some|that|those|one|two|three|der|die|das|den|ein\w*|ihre?n?|eure?n?)\b", re.IGNORECASE
)
#: The thing a turn begins with: "A new price schedule, thirty buildings …"
_OPENS = re.compile(
    r"^(?:(?:[Aa]nd|[Ss]o|[Tt]hen|[Uu]nd|[Dd]ann|[Aa]lso)[,.]? )*(?P<what>"
    r"(?:[Tt]he|[Aa]n?|[Yy]our|[Oo]ur) (?:(?!I\b|you\b|we\b|is\b|are\b|was\b|has\b)[\w'’-]+ ){0,4}[\w'’-]+"
    r"|(?:[Dd](?:ie|er|as|en)|[Ee]ine?n?|[Ii]hre?n?|[Uu]nsere?n?) (?:[a-zäöüß]+e[nrs]? ){0,2}[A-ZÄÖÜ][\w-]+)"
    r"(?=[,.?!]|$)"
)
_NP = re.compile(
    r"\b(?:the|a|an|your|our|my|some|der|die|das|den|ein|eine|einen) ((?:[\w'’-]+ ){0,3}[\w'’-]{3,})", re.IGNORECASE
)
ACCEPTS = re.compile(
    r"^(?:(?:yes|yeah|sure|okay|right|well|ja|gut|klar)[,.]? )*(?:that(?:['’]s| is|['’]d be| would be|"
    r"['’]ll be) (?:me|mine|on me)|"
    r"I(?:['’]ll| will| can|['’]m)? (?:do|take|taking|handle|raise|own|arrange|sort|get|have|on) (?:that|it|"
    r"this)(?: one| on)?|"
    r"leave (?:that|it) (?:with|to) me|(?:das )?(?:mach|übernehm|erledig|klär)e? ich|das bin ich|"
    r"kümmer\w* ich mich(?: drum| darum)?)\b",
    re.IGNORECASE,
)


def task(discourse: Discourse, sentence: Sentence) -> str | None:
    """The request that a bare acceptance answers, as a phrase from its verb on."""
    for earlier in reversed(discourse.before(sentence, _BACK)):
        if earlier.speaker == sentence.speaker:
            continue
        asked = wanted(earlier)
        if asked and len(content(asked)) >= 2:
            german = discourse.meeting.language == "de"
            return asked if not _THING.match(asked) else f"{asked} schicken" if german else f"send {asked}"
    return None


def thing(discourse: Discourse, sentence: Sentence) -> str:
    """What a pronoun in `sentence` is: what was asked for just before, else the nearest thing named; "" if neither."""
    today = discourse.meeting.occurred_at.date()
    fronted = _OPENS.match(clean(sentence.text))  # "The order form, you get it from me"
    if (
        fronted
        and clean(sentence.text)[fronted.end() : fronted.end() + 1] == ","
        and len(content(fronted["what"])) >= 2
    ):
        return fronted["what"]
    earlier = discourse.before(sentence, _BACK)
    for near in reversed(earlier[-6:]):
        asked = wanted(near) if near.speaker != sentence.speaker or near.speaker is None else None
        bare = _GIVE.sub("", without_days(asked, today)) if asked else ""
        if bare and len(content(bare)) >= 1:
            return plain(re.split(r",| because | so that | weil | damit ", bare)[0])
    for near in [s for s in earlier if s.turn == sentence.turn - 1]:
        opens = _OPENS.match(clean(near.text))
        if opens and near.speaker is not None and len(content(opens["what"])) >= 2:
            return opens["what"]
    own = [sentence] if re.search(r",? and I\b|,? und ich\b", sentence.text) else []
    for near in [*own, *reversed(earlier[-5:])]:
        named = _NP.findall(without_days(re.split(r",? and I['’]ll", near.text)[0], today))
        if named:
            return f"the {named[-1]}" if discourse.meeting.language != "de" else str(named[-1])
    return ""


def wanted(earlier: Sentence) -> str | None:
    """What somebody asks for or wishes in the sentence, as a phrase or a thing."""
    text = clean(earlier.text)
    request = REQUEST.search(text) if earlier.question else None
    if request:
        return request_phrase(request)
    found = _NEED.search(text) or _NEED_DE.search(text) or _POINTED.match(text)
    return re.sub(r"\b(?:me|us|mir|uns)\b ?", "", found["what"]).strip(" .?!") if found else None


def request_phrase(request: re.Match[str]) -> str:
    """What a match of REQUEST asks for, from its verb on, without those it is for."""
    said = f"{request['verb']}{request['rest']}" if request["verb"] else request["german"] or request["du"] or ""
    return re.sub(r"\b(?:me|us|mir|uns)\b ?", "", said)


def fuller(discourse: Discourse, sentence: Sentence, description: str) -> str:
    """ "The plan" becomes "the staffing plan" where that was said just before."""
    found = re.search(
        r"\b(?P<article>the|a|an|your|die|der|das|den) (?P<noun>[\w-]{3,})(?=$|[,.]| (?:and|up|over|out|round|back)\b)",
        description,
        re.I,
    )
    if found is None:
        return description
    longer = re.compile(
        rf"\b(?:the|an?|your|our|der|die|das|den) ((?:[\w-]+ ){{1,2}}{re.escape(found['noun'])}\b(?: (?:of|for|"
        rf"on|with) (?:the )?[\w-]+)?)",
        re.I,
    )
    for earlier in reversed(discourse.before(sentence, _BACK)):
        match = longer.search(clean(earlier.text))
        if match:
            return f"{description[: found.start('noun')]}{match[1]}{description[found.end('noun') :]}"
    return description
