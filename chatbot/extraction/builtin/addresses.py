"""E-mail addresses and phone numbers of people: whose they are.

An address belongs to the one whose name it is made of; else to the one who was asked for it. A number belongs to the
one it is said of in the same breath, or whom the question was about, or to the speaker.
"""

from __future__ import annotations

# ruff: noqa: E501, SIM905 - a pattern or a list of words broken in the middle is harder to read than a long line
import re
from dataclasses import dataclass

from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean
from chatbot.extraction.builtin.people import Person
from chatbot.extraction.spelling import WRITTEN_OUT, find_emails, find_local_parts, find_phones
from chatbot.extraction.text import fold, key

#: Boxes that several people read, and words before "at" that are no address.
_SHARED = frozenset(
    """info office kontakt contact mail e-mail email sales support service invoices rechnung buchhaltung accounts hello
    admin team einkauf vertrieb dpo hr jobs me us you him her it them is are am was look works work be here there only
    mich uns ihn sie ihm arbeitet word zusammengeschrieben address adresse or and oder und""".split()
)
_MINE = re.compile(
    r"\b(?:my|mine|ring me|call me|reach me|text me|i'm on|i am on|meine?r?|rufen sie mich|ruf mich|erreichen sie mich|ich bin)\b",
    re.I,
)
_YOURS = re.compile(r"\b(?:your|yours|you|ihre?n?|sie|deine?|dich|du|eure?|euch)\b", re.I)
_REACHED = re.compile(
    r"\b(?:e-?mails?|mail\w*|address\w*|adresse|number|nummer|\w*nummer|phone|telefon\w*|mobile|cell|handy\w*|mobil|line|"
    r"durchwahl|reach|erreiche\w*|anruf\w*|rufen?|ring|call you|whatsapp|kontaktdaten|contact details)\b",
    re.I,
)
#: A number of a place or a thing: "die Nummer vom Lager".
_OF_A_THING = re.compile(
    r"\b(?:number|nummer|line)\s(?:of|for|vom|von der|von|der|des)\s(?:the\s)?(?!(?:herrn?|frau|mr|mrs|ms|dr)\b)", re.I
)
#: "His mobile?", "give me her number", "ring him".
_THEIRS = re.compile(
    r"\b(?:his|her|their|him|them|he|she|he's|she's|er|ihn|ihm|den|dem|der|seine?|deren|dessen)\b", re.I
)
_AND_YOURS = re.compile(
    r"^(?:(?:and|und|what about|dann)\s)?(?:yours?|you|ihre|deine|sie|du|selbst)\b[^.?!]{0,12}\?", re.I
)
_CORRECTED = re.compile(
    r"\b(?:sorry|old one|instead|correction|wrong|nein|falsch|alte[rn]?|stimmt nicht|no longer|not any more)\b", re.I
)
#: How many sentences back a question, a person or a correction may stand.
_BACK = 4


@dataclass(slots=True)
class Reach:
    """Gives each address and number of the meeting to one of the people, or to nobody."""

    discourse: Discourse
    people: list[Person]

    def assign(self) -> None:
        domain: str | None = None
        halves: list[tuple[Sentence, str, str]] = []
        for sentence in self.discourse.sentences:
            mails = find_emails(sentence.text)
            for mail in mails:
                local, _, ending = mail.value.partition("@")
                domain = ending if local not in _SHARED or domain is None else domain
                self._mail(mail.value, sentence)
            if domain and not mails:
                halves += [(sentence, half.value, domain) for half in find_local_parts(sentence.text)]
            for phone in find_phones(sentence.text):
                self._phone(phone.value, sentence)
        for sentence, local, ending in halves:
            owner = self._named_in(local, sentence)
            if owner and owner.email is None:
                self._set_email(owner, f"{local}@{ending}", sentence)

    def domains(self) -> list[str]:
        """What stands behind the sign in the addresses, in the order they were said."""
        return [mail.value.partition("@")[2] for s in self.discourse.sentences for mail in find_emails(s.text)]

    def _mail(self, value: str, sentence: Sentence) -> None:
        local = value.partition("@")[0]
        owner = self._named_in(local, sentence)
        if owner is None and local not in _SHARED and fold(local) not in _SHARED:
            owner = self._asked(sentence)
            owner = owner if owner and owner.email is None else None
        if owner and (owner.email is None or (owner.email != value and self._corrects(sentence))):
            self._set_email(owner, value, sentence)

    def _set_email(self, person: Person, value: str, sentence: Sentence) -> None:
        person.email = value
        person.quotes = list(dict.fromkeys([*person.quotes, *self.discourse.quotes(sentence)]))

    def _named_in(self, local: str, sentence: Sentence) -> Person | None:
        """Whose name the left half is made of; of several the speaker, else the one named here."""
        hits = [person for person in self.people if _is_made_of(local, person.name)]
        here = [p for p in hits if sentence.speaker in p.labels] or [p for p in hits if _says(sentence.text, p)] or hits
        return here[0] if here else None

    def _asked(self, sentence: Sentence) -> Person | None:
        """The speaker, where somebody else has just asked for his address."""
        speaker = self._speaker(sentence)
        asked = [s for s in self.discourse.before(sentence, _BACK) if s.speaker != sentence.speaker]
        question = asked[-1].text if asked else ""
        return speaker if _asks_for_own(question) else None

    def _corrects(self, sentence: Sentence) -> bool:
        said = [*self.discourse.before(sentence, 2), sentence]
        return any(_CORRECTED.search(s.text) for s in said if s.speaker == sentence.speaker)

    def _phone(self, digits: str, sentence: Sentence) -> None:
        if any(p.phone and p.phone.endswith(digits[-6:]) for p in self.people):
            return
        owner = self._reached_at(sentence)
        asked = " ".join(s.text for s in [*self.discourse.before(sentence, _BACK), sentence])
        if digits[0] not in "0+" and len(digits) < 10 and not _REACHED.search(asked):
            return  # an amount said figure by figure
        if owner is None or (owner.phone and not self._corrects(sentence)):
            return
        owner.phone = digits
        owner.quotes = list(dict.fromkeys([*owner.quotes, *self.discourse.quotes(sentence)]))

    def _reached_at(self, sentence: Sentence) -> Person | None:
        speaker = self._speaker(sentence)
        beside = [p for p in self.people if _is_marked(p, sentence.text)]
        if len(beside) == 1:
            return beside[0]
        others = [p for p in self.people if p is not speaker]
        if named := self._last_named(sentence.text, others):
            return named
        turn = [s for s in self.discourse.before(sentence, _BACK) if s.turn == sentence.turn]
        if _MINE.search(clean(sentence.text)) or any(_MINE.search(s.text) and _REACHED.search(s.text) for s in turn):
            return speaker
        if third := self._third(sentence):
            return third
        for earlier in reversed(self.discourse.before(sentence, _BACK)):
            if earlier.speaker == sentence.speaker and earlier.speaker is not None:
                if named := self._last_named(earlier.text, others):
                    return named
            elif _OF_A_THING.search(earlier.text) and not self._last_named(earlier.text, others):
                return None
            elif _asks_for_own(earlier.text):
                return speaker
            elif named := self._last_named(earlier.text, [p for p in others if sentence.speaker not in p.labels]):
                return named if _REACHED.search(earlier.text) or earlier.question else speaker
        return speaker or self._spoken_of(sentence)

    def _third(self, sentence: Sentence) -> Person | None:
        """Who "his mobile" or "ring him" means, here or just before: the one spoken of last who is not speaking."""
        said = [*self.discourse.before(sentence, _BACK), sentence]
        if not any(_THEIRS.search(s.text) and _REACHED.search(s.text) for s in said):
            return None
        asked = next((s for s in reversed(said[:-1]) if s.question and s.speaker != sentence.speaker), None)
        if asked and not _THEIRS.search(asked.text) and _asks_for_own(asked.text):
            return None
        talking = {s.speaker for s in said}
        others = [p for p in self.people if not talking & p.labels]
        for earlier in reversed(self.discourse.before(sentence, 25)):
            if named := self._last_named(earlier.text, others):
                return named
        return None

    def _last_named(self, text: str, people: list[Person]) -> Person | None:
        """The one of them whose name comes last in the text, but for those who are spoken to."""
        places: list[tuple[int, Person]] = []
        for person in people:
            spoken = [m for part in person.name.split() if len(part) > 2
                      for m in re.finditer(rf"\b{re.escape(part)}\b", text) if not _is_addressed(text, m)]  # fmt: skip
            if spoken:
                places.append((max(m.start() for m in spoken), person))
        return max(places, key=lambda place: place[0])[1] if places else None

    def _speaker(self, sentence: Sentence) -> Person | None:
        return next((p for p in self.people if sentence.speaker in p.labels), None)

    def _spoken_of(self, sentence: Sentence) -> Person | None:
        for earlier in reversed(self.discourse.before(sentence, 25)):
            for person in self.people:
                if not person.attended and person.name.split()[0] in earlier.text:
                    return person
        return None


def _asks_for_own(text: str) -> bool:
    """ "What's your number?", "And yours?" """
    return bool(_AND_YOURS.search(text) or (_YOURS.search(text) and _REACHED.search(text)))


def _is_addressed(text: str, match: re.Match[str]) -> bool:
    """ "Thanks, Ann." and "Ann, what's your number?" speak to her, not of her."""
    before, after = text[: match.start()], text[match.end() :]
    if re.match(r"\s*,\s*(?:what|can|could|was|wie|your|ihre?|du|you|and your)\b", after, re.I):
        return True
    greeted = re.search(r"(?:,|\b(?:thanks?|thank you|danke|hi|hello|hallo|hey|okay|ok))\s$", before, re.I)
    return greeted is not None and re.match(r"\s?[.?!,]?$", after) is not None


def _says(text: str, person: Person) -> bool:
    return any(re.search(rf"\b{re.escape(part)}\b", text) for part in person.name.split() if len(part) > 2)


def _is_made_of(local: str, name: str) -> bool:
    """Is `j.roe`, `jroe`, `roe` or `jane` made of Jane Roe? Umlauts may be written out."""
    pieces = [piece for piece in re.split(r"[._-]", local) if piece]
    for form in (name, name.lower().translate(WRITTEN_OUT)):
        parts = [fold(word) for word in re.split(r"[\s-]", form) if word]
        if not parts or not pieces:
            continue
        first, last, family = parts[0], parts[-1], key(" ".join(form.split()[1:]))
        if len(parts) > 1 and key(local) in (
            first + family,
            first[0] + family,
            first[0] + last,
            family + first[0],
            family,
        ):
            return True
        whole = [
            piece
            for piece in pieces
            if piece in parts or (len(pieces) > 1 and len(piece) > 2 and any(p.startswith(piece) for p in parts))
        ]
        if whole and all(any(part.startswith(piece) for part in parts) for piece in pieces):
            return True
    return False


def _is_marked(person: Person, text: str) -> bool:
    """Do minutes name the person in this line by address or initials?"""
    initials = any(len(label) < 4 and re.search(rf"\b{re.escape(label)}\b", text) for label in person.labels)
    return initials or bool(person.email and person.email in text)
