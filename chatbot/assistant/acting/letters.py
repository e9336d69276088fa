"""E-mails to be drafted: to whom, what they are to do (“thanking her for the demo”), and a first text of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chatbot.assistant.acting import wording

#: What a letter does in English, in the forms it is asked for, and how its sentence begins.
_ERRANDS_EN = {
    "thank": ("thanking", "Thank you"), "ask": ("asking", "I wanted to ask you"),
    "tell": ("telling", "I wanted to tell you"), "remind": ("reminding", "I would like to remind you"),
    "invite": ("inviting", "I would like to invite you"), "inform": ("informing", "I would like to inform you"),
    "congratulate": ("congratulating", "Congratulations"), "apologise": ("apologising", "I would like to apologise"),
    "apologize": ("apologizing", "I would like to apologize"), "confirm": ("confirming", "I would like to confirm"),
    "let": ("letting", "I wanted to let you"),
}  # fmt: skip
_DOING = {ing: verb for verb, (ing, _) in _ERRANDS_EN.items()}
_EN = re.compile(
    rf"^(?P<who>.*?)(?:^|[\s,]+)(?:(?:to|and)\s+(?P<verb>{'|'.join(_ERRANDS_EN)})|(?P<doing>{'|'.join(_DOING)}))\s+"
    r"(?:(?:him|her|them|everyone|the\s+team)\s+)?(?P<what>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_DE = re.compile(
    r"^(?P<who>.*?)(?:^|[\s,]+)(?:und|um)\s+(?:(?:mich\s+)?(?P<thank>bedank\w*|dank\w*)|(?P<ask>frag\w*)|(?P<beg>bitte?\w*)|"
    r"(?P<remind>erinner\w*)|(?P<invite>lade?)|(?P<tell>sag\w*|informier\w*))\s+"
    r"(?:dich\s+|mich\s+)?(?:(?:bei\s+)?(?:ihm|ihr|ihnen|ihn|sie|dem\s+Team)\s*,?\s+)?(?P<what>.+?)"
    r"(?:\s+zu\s+(?:be)?danken|\s+ein)?$",
    re.IGNORECASE | re.DOTALL,
)
_BEGIN_DE = {
    "thank": "vielen Dank", "ask": "ich wollte Sie fragen,", "beg": "ich möchte Sie bitten",
    "remind": "ich möchte Sie erinnern", "invite": "ich möchte Sie einladen", "tell": "ich möchte Ihnen sagen,",
}  # fmt: skip
_THEIRS = re.compile(r"\b(?:his|her|their)\b", re.IGNORECASE)
_THEIRS_DE = re.compile(r"\b(?:seine|ihre)([nrms]?)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Errand:
    """To whom as it was written, and the sentence that the letter is for; empty where none was said."""

    who: str
    sentence: str


def errand(text: str, language: str) -> Errand | None:
    """“to Colin thanking him for his time” → Colin, “Thank you for your time”; None where it is told as a topic."""
    match = (_DE if language == "de" else _EN).match(text.strip())
    if match is None:
        return None
    who, _ = wording.who_and_what(match["who"]) if match["who"].strip() else ("", "")
    what = wording.without_refs(match["what"]).strip(" .")
    if language == "de":
        begin = _BEGIN_DE[next(name for name in _BEGIN_DE if match[name])]
        return Errand(who, f"{begin} " + _THEIRS_DE.sub(r"Ihre\1", what))
    verb = (match["verb"] or _DOING[match["doing"].lower()]).lower()
    return Errand(who, f"{_ERRANDS_EN[verb][1]} {_THEIRS.sub('your', what)}")


def letter(name: str, said: Errand | str, sender: str, language: str) -> tuple[str, str]:
    """Subject and text of an e-mail that says what it is to be about, to be written on by its sender."""
    about = said.sentence if isinstance(said, Errand) else wording.without_refs(wording.unquoted(said)).rstrip(".")
    subject = wording.capital(about.removeprefix("ich möchte Sie ")).splitlines()[0][:200]
    is_sentence = isinstance(said, Errand) or len(about.split()) > 6
    if language == "de":
        text = about if is_sentence else f"ich schreibe Ihnen zum Thema: {about}"
        return subject, f"Guten Tag {name},\n\n{text}.\n\nViele Grüße\n{sender}"
    text = wording.capital(about) if is_sentence else f"I am writing about {about}"
    return subject, f"Hi {name},\n\n{text}.\n\nBest regards,\n{sender}"
