"""Puts people and companies together: sides, employers, addresses, phones."""

from __future__ import annotations

import re

from chatbot.extraction.builtin import names
from chatbot.extraction.builtin.companies import Company, Names, find_companies, find_rivals, mentions
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean
from chatbot.extraction.builtin.notes import attendees, is_notes
from chatbot.extraction.builtin.people import Person, Roster, absent, own_titles, speakers
from chatbot.extraction.meeting_analyzer import company_key, same_company
from chatbot.extraction.spelling import find_emails, find_local_parts, find_phones
from chatbot.extraction.text import fold, key
from chatbot.extraction.types import Draft
from shared.schemas.insight import Kind

_SELLING = re.compile(
    r"\b(?:can i ask|what would it take|who else are you|our (?:platform|product|customers|standard|website)|we (?:host|support|offer|integrate with|usually|normally)|"
    r"i'll send (?:you )?(?:the |a )?(?:proposal|invite|quote|order form|offer|recording)|business case|list for your tier|that's standard|can everybody see my screen|"
    r"on the roadmap|at your place|in your own words|what does .{1,20} cost you|for you guys|bei uns heißt|sagen sie doch|haben wir|richtpreis\w*|angebot mach)\b",
    re.I,
)
_BUYING = re.compile(
    r"\b(?:your (?:product|system|support|website|price|quote|tool|certification|demo)|you charge|we've got \w+ people|our (?:board|cfo|ceo|it|legal|plants?|warehouse|budget|erp|procurement)|"
    r"my budget|i've got .{1,20} (?:pencilled|budget)|we need|it has to|must|unser(?:em|er|e)? (?:erp|betriebsrat|steuerberater)|wir planen|wir bauen|ich hab für)\b",
    re.I,
)


class Cast:
    """People and companies of one meeting, worked out once."""

    def __init__(self, discourse: Discourse) -> None:
        self.discourse = discourse
        self.own = discourse.meeting.own_company
        noted = attendees(discourse) if is_notes(discourse) else []
        people = [*speakers(discourse)]
        people += [p for p in noted if not any(fold(p.name) == fold(q.name) for q in people)]
        self.absent = absent(discourse, people)
        self.known = Names(discourse, [*people, *self.absent])
        self.rivals = find_rivals(discourse, self.known)
        self.companies = find_companies(discourse, people, self.known, self.rivals)
        for person in people:
            if person.title is None and person.labels:
                own_titles(discourse, person)
        self.absent = [p for p in self.absent if not self._is_company(p.name)]
        self.people = [*people, *self.absent]
        customer = self.companies[0].name if self.companies else None
        self._sides(people)
        self._reach(self.people)
        self.roster = Roster(self.people, self.own, customer)
        self._employers(customer)

    def _is_company(self, name: str) -> bool:
        return any(same_company(name, c.name) for c in [*self.companies, *self.rivals])

    # sides

    def _sides(self, people: list[Person]) -> None:
        own_word = (self.own or "").split()[0] if self.own else ""
        for person in people:
            if person.side or not person.labels:
                continue
            said = [clean(s.text) for s in self.discourse.sentences if s.speaker in person.labels]
            opening = " ".join(said[:12])
            if (
                own_word
                and re.search(rf"\b(?:at|from|for|of|bei|von)\s{re.escape(own_word)}\b", opening, re.I)
                and re.search(r"\bI|[Ii]ch\b", opening)
            ):
                if not re.search(rf"\b(?:I'm|I am|I lead|I run)\b[^.]*\bat (?!{re.escape(own_word)})[A-Z]", opening):
                    person.side = "own"
        for sentence in self.discourse.sentences:
            self._introduced(sentence, people)
        for person in people:
            if person.side is None and person.labels:
                person.side = self._by_talk(person)

    def _introduced(self, sentence: Sentence, people: list[Person]) -> None:
        """ "Owen, our solutions engineer": whoever says `our` shares the side of the person."""
        text = clean(sentence.text)
        speaker = next((p for p in people if sentence.speaker in p.labels), None)
        if speaker is None or not re.search(r"\b(?:our|with me|unsere?r?|here is|for \w+ I've got)\b", text, re.I):
            return
        for person in people:
            if person is not speaker and re.search(rf"\b{re.escape(person.name.split()[0])}\b", text) and person.title:
                if person.side and not speaker.side:
                    speaker.side = person.side
                elif speaker.side and not person.side:
                    person.side = speaker.side

    def _by_talk(self, person: Person) -> str | None:
        for company in self.companies:
            for index in company.mentions:
                sentence = self.discourse.sentences[index]
                if (
                    sentence.speaker in person.labels
                    and re.search(r"\b(?:I'm|I am|I run|I lead|we|ich bin|at|von)\b", sentence.text)
                    and person.title
                    and index < 60
                ):
                    if re.search(
                        rf"\b(?:at|of|for|from|von|bei|so)\s(?:the\s)?{re.escape(company.name.split()[0])}",
                        sentence.text,
                        re.I,
                    ):
                        return "other"
        said = " ".join(clean(s.text) for s in self.discourse.sentences if s.speaker in person.labels)
        selling, buying = len(_SELLING.findall(said)), len(_BUYING.findall(said))
        if self.own is None and not self.companies:
            return None
        if selling > buying:
            return "own"
        return "other" if buying > selling else None

    def _employers(self, customer: str | None) -> None:
        for person in self.people:
            if person.side and person.side.startswith("with:"):
                person.side = self.roster.side(person.side.removeprefix("with:"))
            if person.company is None:
                person.company = self._own_words(person) or (
                    self.own if person.side == "own" else customer if person.side == "other" else None
                )
            if person.company and self.own and company_key(self.own).startswith(company_key(person.company)):
                person.company, person.side = self.own, "own"

    def _own_words(self, person: Person) -> str | None:
        """The company named in the sentence that introduces the person."""
        for quote in person.quotes:
            for company in self.companies:
                first = re.split(r"[\s-]", company.name)[0]
                if re.search(rf"\b(?:at|of|for|from|bei|von)\s(?:the\s)?{re.escape(first)}\b", quote.text):
                    return company.name
        if person not in self.absent or len(self.companies) < 2:
            return None
        sentence = next((s for s in self.discourse.sentences if person.name in s.text), None)
        if sentence is None:
            return None
        from chatbot.extraction.builtin.money import topic

        found = topic(self.companies, sentence.index)
        return found.name if found else None

    # addresses and phones

    def _reach(self, people: list[Person]) -> None:
        for sentence in self.discourse.sentences:
            text = sentence.text
            for mail in find_emails(text):
                person = self._owner_of(mail.value.partition("@")[0], sentence, people)
                if person and person.email is None:
                    person.email = mail.value
                    person.quotes = list(dict.fromkeys([*person.quotes, *self.discourse.quotes(sentence)]))
            for half in find_local_parts(text):
                person = self._owner_of(half.value, sentence, people)
                domain = next((p.email.partition("@")[2] for p in people if p.email), None)
                if person and domain and person.email is None:
                    person.email = f"{half.value}@{domain}"
                    person.quotes = list(dict.fromkeys([*person.quotes, *self.discourse.quotes(sentence)]))
            for phone in find_phones(text):
                self._phone(phone.value, sentence, people)
        for company in self.companies:
            domains = {p.email.partition("@")[2] for p in people if p.email}
            first = key(re.split(r"[\s]", company.name)[0])
            company.domain = next(
                (d for d in domains if first in key(d) or key(d.split(".")[0]) in key(company.name)), None
            )

    def _owner_of(self, local: str, sentence: Sentence, people: list[Person]) -> Person | None:
        pieces = [piece for piece in re.split(r"[._-]", local) if piece]
        for person in people:
            parts = [fold(word) for word in re.split(r"[\s-]", person.name)]
            if (
                pieces
                and pieces[-1] in parts
                and all(any(part.startswith(piece) for part in parts) for piece in pieces)
            ):
                return person
        return None

    def _phone(self, digits: str, sentence: Sentence, people: list[Person]) -> None:
        if any(p.phone and p.phone.endswith(digits[-6:]) for p in people):
            return
        context = " ".join(s.text for s in [*self.discourse.before(sentence, 4), sentence])
        mine = re.search(
            r"\b(?:my (?:number|mobile|phone|cell)|ring me|call me|reach me|changed it|meine nummer|rufen sie mich)\b",
            context,
            re.I,
        )
        speaker = next((p for p in people if sentence.speaker in p.labels), None)
        named = [
            p
            for p in people
            if p is not speaker
            and any(re.search(rf"\b{re.escape(w)}\b", context) for w in p.name.split() if len(w) > 2)
        ]
        owner = speaker if mine else (named[-1] if named else self._spoken_of(sentence, people))
        if owner is None or owner.phone:
            return
        owner.phone = digits
        owner.quotes = list(dict.fromkeys([*owner.quotes, *self.discourse.quotes(sentence)]))

    def _spoken_of(self, sentence: Sentence, people: list[Person]) -> Person | None:
        for earlier in reversed(self.discourse.before(sentence, 25)):
            for person in people:
                if person not in [p for p in people if p.attended] and person.name.split()[0] in earlier.text:
                    return person
        return None

    # drafts

    def contacts(self) -> list[Draft]:
        drafts = []
        for person in self.people:
            if (
                not person.quotes
                or not re.search(r"[^\W\d_]{2}", person.name)
                or re.match(r"(?i)(?:speaker|unknown|participant|user)[\s_#-]*\d*$", person.name)
            ):
                continue
            data: dict[str, object] = {
                "name": person.name, "title": person.title, "company": person.company, "email": person.email,
                "phone": person.phone, "attended": person.attended,
            }  # fmt: skip
            drafts.append(Draft(Kind.CONTACT, data, tuple(person.quotes[:3]), person.score))
        return drafts

    def organisations(self) -> list[Draft]:
        drafts = []
        for company in self.companies:
            proofs = company.proofs or [self.discourse.sentences[i] for i in company.mentions[:1]]
            data: dict[str, object] = {
                "name": company.name,
                "domain": company.domain,
                "industry": company.industry,
                "size": company.size,
            }
            drafts.append(
                Draft(Kind.COMPANY, data, self.discourse.quotes(*proofs[:3]), min(0.95, 0.3 + 0.1 * company.score))
            )
        for rival in self.rivals:
            drafts.append(
                Draft(
                    Kind.COMPETITOR,
                    {"name": rival.name},
                    self.discourse.quotes(*rival.proofs),
                    min(0.9, 0.3 + 0.12 * rival.score),
                )
            )
        return drafts


__all__ = ["Cast", "mentions", "names"]
