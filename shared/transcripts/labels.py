"""Who speaks: telling `Dana Whitcombe:` from `Next steps:`.

A label is believed for its shape (capitalised words, few of them) and for its repetition in the file, never for its
shape alone: minutes are full of lines that begin with a capital and a colon.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

MAX_LABEL = 64

_PARTICLES_TEXT = """
    von van vom zu zur zum de del della der den di da dos du la le el al bin ibn ben ten ter und and & y e i / - – — |
"""
_NOT_A_NAME_TEXT = """
    note notes agenda action actions summary decision decisions decided todo to-do date time title subject participants
    participant attendees attendee present absent apologies location topic topics from to cc bcc re fwd fw transcript
    recording duration meeting ps edit warning http https ftp mailto example important budget timeline next steps risk
    risks context scope background goals goal outcome outcomes status update updates owner due deadline priority
    organizer teilnehmer datum uhrzeit thema betreff ort protokoll hinweis notiz beschluss aufgaben dauer
    zusammenfassung language kind webvtt style region index url link links email e-mail phone tel fax mobile address
    monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonntag
"""
_PARTICLES = frozenset(_PARTICLES_TEXT.split())
NOT_A_NAME = frozenset(_NOT_A_NAME_TEXT.split())
#: Speakers of an interview if they come again; once, "Host: Dana Whitcombe" is a line of a head.
_ROLES_IF_REPEATED = frozenset({"host"})
_TAIL = re.compile(r"\s*[(\[][^()\[\]]{0,60}[)\]]$")
_BAD = re.compile(r"[?!;\"“”„<>{}=*_`\\]|\.\.|https?$", re.I)
#: "anna", "kadowaki-tch", "j.doe_2": the names people give themselves in chats and calls.
_HANDLE = re.compile(r"[^\W\d_][\w.\-]*(?: [\w.\-]+)?")
_NUMBERED = re.compile(
    r"(?:speaker|spk|sprecher|person|participant|teilnehmer|caller|guest)(?:[ _-]?\d{1,6}|[ _-][a-z])", re.I
)

#: The same and a bare number or letter, and what tools write where they know nobody; also "Unknown Speaker 3".
_GENERIC = re.compile(
    r"(?:unknown|unidentified|unbekannt(?:er)?)?[ _-]?(?:speaker|spk|sprecher(?:in)?|person|participant|"
    r"teilnehmer(?:in)?|caller|anrufer(?:in)?|guest|gast|user|voice|call-in user)?[ _#-]{0,2}(?:\d{1,6}|[a-z])?",
    re.I,
)


def is_name(label: str) -> bool:
    """Whether the label has the shape of a person's, a role's or a numbered speaker's name."""
    if not 0 < len(label) <= MAX_LABEL:
        return False
    if _NUMBERED.fullmatch(label):
        return True
    core = _TAIL.sub("", label)
    words = core.replace(",", " ").split()
    if not 1 <= len(words) <= 6 or _BAD.search(core):
        return False
    if words[-1].endswith(".") and len(words[-1]) > 4:  # "Tom A." and "Jr." are names, "Hello." is a sentence
        return False
    first = words[0]
    if first.casefold() in NOT_A_NAME or not (first[0].isalnum() or first[0] in "+@"):
        return False
    if first[0].isdecimal() or first[0] == "+":
        return _is_phone(core)
    return all(_is_name_word(word) for word in words)


def is_generic(label: str | None) -> bool:
    """Whether a label says only that somebody spoke: "Speaker 2", "SPEAKER_01", "spk_0", a phone number, nothing."""
    core = _TAIL.sub("", (label or "").strip())
    return not core or _GENERIC.fullmatch(core) is not None or _is_phone(core)


def _is_phone(core: str) -> bool:
    digits = sum(ch.isdecimal() for ch in core)
    return digits >= 6 and all(ch in "+-()./ " or ch.isdecimal() for ch in core)


def _is_name_word(word: str) -> bool:
    start = word.lstrip("(['’")[:1]
    return bool(start) and (
        word in _PARTICLES or word.rstrip(".").isdecimal() or (start.isalpha() and not start.islower()) or "@" in word
    )


def choose(labels: Iterable[str], *, lines: int) -> frozenset[str]:
    """The labels to believe, out of all that precede a colon in `lines` lines. Empty if the file has no speakers."""
    counts = Counter(labels)
    named = {label for label in counts if is_name(label)}
    named -= {label for label in named if counts[label] == 1 and label.lower() in _ROLES_IF_REPEATED}
    # "anna: hi" in a chat log: small letters need more repetition than capitals.
    named |= {
        label
        for label, count in counts.items()
        if count >= 3 and len(label.split()) <= 2 and _HANDLE.fullmatch(label) and label not in NOT_A_NAME
    }
    total = sum(counts[label] for label in named)
    repeated = any(counts[label] > 1 for label in named)
    if not total or lines <= 0:
        return frozenset()
    share = total / lines
    is_short = lines <= 12 and share >= 0.5
    return frozenset(named) if is_short or (repeated and (share >= 0.2 or total >= 8)) else frozenset()


def split_label(line: str) -> tuple[str, str] | None:
    """("Ana Ruiz", "hello: you") of "Ana Ruiz: hello: you"; None where no colon ends a short first part."""
    at = line.find(":", 0, MAX_LABEL + 1)
    if at <= 0 or (at + 1 < len(line) and not line[at + 1].isspace()):
        return None
    return line[:at].strip(), line[at + 1 :].strip()
