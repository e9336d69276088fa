"""Puts people and companies together: sides, employers, addresses, phones."""

from __future__ import annotations

import re

from chatbot.extraction.builtin.companies import Names, find_companies, find_rivals
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean
from chatbot.extraction.builtin.money import topic
from chatbot.extraction.builtin.notes import attendees, is_notes
from chatbot.extraction.builtin.people import WITH, Person, Roster, absent, own_titles, speakers
from chatbot.extraction.merging import company_key, same_company
from chatbot.extraction.spelling import find_emails, find_local_parts, find_phones
from chatbot.extraction.text import fold, key
from chatbot.extraction.types import Draft
from shared.schemas.insight import Kind

#: What vendors say of themselves, and what customers say.
_SELLING = re.compile(
    r"\b(?:our (?:platform|product|customers|clients|standard|website|package|usual|solution|team can)|"
    r"we (?:host|support|offer|integrate|usually|normally|typically|can offer|would propose)|we'd propose|"
    r"i'll send (?:you )?(?:the |a |an )?(?:\w+ )?(?:proposal|invite|quote|order form|offer|recording|contract|"
    r"agreement)|"
    r"business case|that's standard|my screen|on the roadmap|in your own words|who else are you|other vendors|"
    r"have you (?:looked|got|thought)|do you have (?:a|something|any)|what would it take|for your (?:side|team)|"
    r"you'd set up|"
    r"bei uns heißt|sagen sie doch|was ist ihnen|haben sie (?:schon|da)|richtpreis\w*|angebot|vorschlag)\b",
    re.IGNORECASE,
)
_BUYING = re.compile(
    r"\b(?:your (?:product|system|support|website|price|quote|tool|certification|company|contract|standard|robots?|"
    r"offer)|you charge|"
    r"our (?:board|cfo|ceo|coo|cio|it|legal|lawyers?|plants?|warehouse|budget|erp|procurement|insurer|auditors?|"
    r"managing|stores?|staff|people|customers)|"
    r"my (?:budget|team|boss|people|guys|staff)|i've got .{1,20} (?:pencilled|budget)|we (?:need|require|can't|"
    r"have (?:a|about|around))|it (?:has|needs) to|"
    r"set aside|unser\w* (?:erp|betriebsrat|steuerberater|chef\w*|lager|kunden)|wir (?:planen|bauen|haben|brauchen|"
    r"müssen)|ich hab für|der rahmen)\b",
    re.IGNORECASE,
)


_TOGETHER = re.compile(
    r"\b(?:with me|i'm joined by|here with|our|my colleague|is here from our|i've asked|i've got \w+ with|"
    r"unsere?r?n?|neben mir|"
    r"mein\w* (?:kolleg\w+|chef\w*)|der kollege|die kollegin|ist noch dabei|dabei ist)\b",
    re.IGNORECASE,
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
                own_titles(discourse, person, people)
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
        """Stated employers first, then introductions, then who sells and who buys; the rest goes to the other side."""
        for person in people:
            if person.side is None and person.labels:
                person.side = self._by_employer(person)
        for sentence in self.discourse.sentences:
            self._introduced(sentence, people)
        undecided = [p for p in people if p.side is None and p.labels]
        for person in undecided:
            person.side = self._by_talk(person, opens=person is people[0] and len(undecided) > 1)
        for sentence in self.discourse.sentences:
            self._introduced(sentence, people)
        if self.own and any(p.side == "own" for p in people):
            for person in people:
                person.side = person.side or "other"

    def _by_employer(self, person: Person) -> str | None:
        """A speaker who says where he is from: "I'm … at X", "this is … from X", "ich … bei X"."""
        said = [clean(s.text) for s in self.discourse.sentences if s.speaker in person.labels][:15]
        own = re.escape(self.own.split()[0]) if self.own else None
        for text in said:
            if not re.search(
                rf"\b(?:I|I'm|this is|my name|[Ii]ch|hier ist)\b|{re.escape(person.name.split()[-1])}", text
            ):
                continue
            if own and re.search(rf"\b(?:at|from|of|bei|von|von der|bei der)\s(?:the\s)?{own}\b", text, re.I):
                return "own"
            for company in self.companies:
                first = re.escape(re.split(r"[\s-]", company.name)[0])
                if (
                    re.search(
                        rf"\b(?:at|from|of|bei|von|vom|der|with)\s(?:the\s|der\s)?{first}\b|\bfor {first}[.,]?$", text
                    )
                    and person.title
                ):
                    return "other"
        return None

    def _introduced(self, sentence: Sentence, people: list[Person]) -> None:
        """ "With me is Owen, our solutions engineer": who says so shares the side of the person introduced."""
        text = clean(sentence.text)
        speaker = next((p for p in people if sentence.speaker in p.labels), None)
        if speaker is None or not _TOGETHER.search(text):
            return
        for person in people:
            named = re.search(rf"\b{re.escape(person.name.split()[0])}\b", text)
            if person is speaker or not named or not person.labels:
                continue
            if person.side and not speaker.side:
                speaker.side = person.side
            elif speaker.side and not person.side:
                person.side = speaker.side

    def _by_talk(self, person: Person, *, opens: bool) -> str | None:
        if self.own is None:
            return None
        said = " ".join(clean(s.text) for s in self.discourse.sentences if s.speaker in person.labels)
        selling = len(_SELLING.findall(said)) + 1.0 * opens
        buying = float(len(_BUYING.findall(said)))
        if selling == buying:
            return None
        return "own" if selling > buying else "other"

    def _employers(self, customer: str | None) -> None:
        for person in self.people:
            if person.side and person.side.startswith(WITH):
                person.side = self.roster.side(person.side.removeprefix(WITH))
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
                if re.search(rf"\b(?:at|of|from|bei|von|der)\s(?:the\s|der\s)?{re.escape(first)}\b", quote.text):
                    return company.name
        if person not in self.absent or len(self.companies) < 2:
            return None
        sentence = next((s for s in self.discourse.sentences if person.name in s.text), None)
        if sentence is None:
            return None
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
