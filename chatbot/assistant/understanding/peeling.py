"""What is said around a question and asks for nothing: greetings, excuses, reasons.

“I'm preparing the board meeting, so how many …”, “quick one: which …”, “… I need it for a slide.” A part is only peeled
off where the rest stands by itself, and never when it names a record: then it may say what the question is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatbot.assistant.understanding.items import Item, Reading
from chatbot.assistant.understanding.word_files import entries

#: Question words that a question can begin with; “is” and “do” begin much else.
_ASKING = ("how_many", "how_much", "how_long", "who", "whose", "when", "where", "what", "which", "list", "exists")
_ENDS = frozenset(".!?;:")
_ONES = re.compile(r"\b(which|what|how many) (?:ones|of them|of those)\b", re.I)
#: The asker tells what they do, or what it is for, in whatever words.
_TELLING = {
    "en": re.compile(
        r"(?:i|we) (?:am|are|was|were) (?:just |now |currently |about to |going to )*"
        r"(?!looking for|missing|after)\w+ing\b"
        r"|(?:i|we) (?:will|have to|must|should|would like to|would love to|need to|want to|plan to|hope to)\b"
        r"(?! (?:know|see|have)\b)"
        r"|(?:my|our|the|a|an) (?:[\w-]+ ){1,2}(?:wants?|needs?|asks?|asked|wanted|is asking|would like)\b"
        r"|\w+ (?:asks|asked) (?:me|us|for)\b"
        r"|(?:i )?need (?:it|this|that|them|these|those) (?:for|to|by|before|in|as)\b"
        r"|[\w-]+ (?:wants|needs|would like|is keen) to (?:know|see|have|check)\b"
        r"|(?:planning|preparing|writing|drafting|organising|organizing|setting up|putting together|working on|doing)"
        r" (?:an?|the|my|our)\b"
        r"|i (?:worry|fear|suspect|think|guess|bet|hope|feel|wonder|believe|reckon)\b"
        r"|(?:for|before|ahead of|after|in preparation for) (?:my|our|the|an?|this|that|next|tomorrow|monday|today)\b"
        r"|[\w-]+ (?:question|request|check|query)$"
    ),
    "de": re.compile(
        r"(?:ich|wir) (?:bin|sind|bereite\w*|stelle\w*|schreibe\w*|plane\w*|mache\w*|muss|müssen|treffe\w*|fahre\w*|"
        r"will|wollen|möchte\w*|arbeite\w*|überlege\w*|baue\w*|sammle|sammeln|denke\w*|rufe\w*|prüfe\w*|gehe\w*)\b"
        r"|(?:für|vor|wegen|nach) (?:meine?[nrm]?|unsere?[nrm]?|den|die|das|der|dem|morgen|heute)\b"
        r"|[\w-]*(?:chef|chefin|kollege|kollegin|vorstand|buchhaltung|steuerberater) (?:will|fragt|möchte|braucht)\b"
        r"|[\w-]+frage$"
    ),
}
#: What a wrapping's one name is called in the question behind it.
_PRONOUN = {
    "en": (re.compile(r"\b(?:he|she|him)\b", re.I), re.compile(r"\b(?:his|her)\b(?= \w)", re.I)),
    "de": (re.compile(r"\b(?:er|ihm|ihn)\b", re.I), re.compile(r"\bsein(?:e|en|er|em|es)?\b(?= \w)", re.I)),
}


def rest(reading: Reading) -> str | None:
    """The question without what is said around it; None where there is nothing to peel off."""
    parts = list(_parts(reading))
    first = next((n for n, part in enumerate(parts) if _asks(reading, part)), None)
    if first is None:
        return None
    before = [item for part in parts[:first] for item in part]
    people = [item for item in before if item.kind == "name" and set(item.data[0].by_type) & {"user", "contact"}]
    is_about = len(people) == 1 and not any(item.kind == "value" for item in before)
    if not all(_is_wrapping(reading, part) or (is_about and _tells(reading, part)) for part in parts[:first]):
        return None
    last = len(parts)
    while last > first + 1 and _is_wrapping(reading, parts[last - 1]) and _ends_before(reading, parts[last - 1]):
        last -= 1
    if first == 0 and last == len(parts):
        return None
    begin, end = parts[first][0].first, parts[last - 1][-1].last
    said = _ones(reading, before, reading.text.slice(begin, end))
    return _named(reading, said, reading.words_of(people[0])) if people else said


def _ones(reading: Reading, before: list[Item], said: str) -> str:
    """“a dinner for finance directors - which ones …”: what is spoken of, in place of the “ones”."""
    spoken_of = [item for item in before if item.kind == "value" or item.has("noun")]
    if not spoken_of:
        return said
    return _ONES.sub(rf"\1 {reading.words_of(spoken_of[-1])}", said, count=1)


def _named(reading: Reading, said: str, name: str) -> str | None:
    """“I'm seeing Priya, so which of her deals …”: the name in place of the pronoun; None where there is none."""
    plain, possessive = _PRONOUN[reading.language]
    told, count = possessive.subn(f"{name}'s", said, count=1)
    if not count:
        told, count = plain.subn(name, said, count=1)
    return told if count else None


def _parts(reading: Reading) -> Iterator[list[Item]]:
    """Stretches between commas, full stops, dashes, and before “so” or “also” where a question follows."""
    part: list[Item] = []
    for n, item in enumerate(reading.items):
        if part and (_is_gap(reading, part[-1], item) or _is_so(reading, n) or _begins_anew(reading, part, item)):
            yield part
            part = []
        if item.kind != "break":
            part.append(item)
        elif part:
            yield part
            part = []
    if part:
        yield part


def _is_gap(reading: Reading, before: Item, item: Item) -> bool:
    """A dash with room around it, of which the tokens know nothing."""
    tokens = reading.text.tokens
    between = reading.text.written[tokens[before.last - 1].end : tokens[item.first].start]
    return any(dash in between for dash in (" - ", " – ", " — ", "…"))


def _is_so(reading: Reading, n: int) -> bool:
    """“…, so how many”: the reason ends where the question word follows."""
    word = reading.words_of(reading.items[n]).lower()
    following = next((item for item in reading.items[n + 1 :] if not item.has("stop") or item.has("ask")), None)
    return word in ("so", "deshalb", "daher") and following is not None and following.has("ask", *_ASKING)


def _begins_anew(reading: Reading, part: list[Item], item: Item) -> bool:
    """“For the board I need …”: what it is for ends where the asker says what they want."""
    is_wish = item.has("ask", "list") and reading.words_of(item).lower().split()[0] in ("i", "we", "ich", "wir")
    return is_wish and _tells(reading, part)


def _asks(reading: Reading, part: list[Item]) -> bool:
    """Whether a part begins as a question, or names what is asked for without telling of the asker."""
    opening = [item for item in part if not (item.has("stop") or item.has("smalltalk")) or item.has("ask", *_ASKING)]
    if not opening:
        return False
    if opening[0].has("ask", *_ASKING) and not _tells(reading, part):
        return True
    return not _tells(reading, part) and any(
        item.has("noun") or item.has("metric") or item.has("field") or item.kind in ("name", "value") for item in part
    )


def _tells(reading: Reading, part: list[Item]) -> bool:
    """Whether it is told of the asker or why, rather than asked: “I'm off to”, “my boss wants”, “for the board”."""
    said = reading.text.slice(part[0].first, part[-1].last).lower()
    listed = entries(f"wrapping_{reading.language}")
    is_listed = any(_begins(said, opening) for opening in listed["tells:tells"])
    return is_listed or _TELLING[reading.language].match(said) is not None


def _is_wrapping(reading: Reading, part: list[Item]) -> bool:
    if any(item.kind == "name" and not (_is_a_slip(reading, item) and _tells(reading, part)) for item in part):
        return False
    if any(item.kind == "value" for item in part) and not _tells(reading, part):
        return False  # “my boss” is a rank, and yet nobody that is asked for
    if any(value.field == "stage" for item in part if item.kind == "value" for value in item.data):
        return False  # “we are negotiating some things”: that is what the question is about
    if any(item.has("deictic", "this", "them", "it", "person") for item in part) and not _tells(reading, part):
        return False
    said = reading.text.slice(part[0].first, part[-1].last).lower()
    listed = entries(f"wrapping_{reading.language}")
    return _tells(reading, part) or any(_begins(said, opening) for opening in listed["opens:opens"])


def _is_a_slip(reading: Reading, item: Item) -> bool:
    """“I want to plan a mailing”: a common word that a meeting or deal is called by as well."""
    is_one_small = item.last - item.first == 1 and not reading.text.tokens[item.first].is_capital
    return is_one_small and set(item.data[0].by_type) <= {"meeting", "deal"}


def _begins(said: str, opening: str) -> bool:
    return said == opening or said.startswith(opening + " ")


def _ends_before(reading: Reading, part: list[Item]) -> bool:
    """Behind a question only a sentence of its own, or a tail that tells a reason, is no part of it."""
    at = part[0].first - 1
    return at >= 0 and (reading.text.tokens[at].text in _ENDS or _tells(reading, part))
