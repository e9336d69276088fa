"""Puts people and companies together: sides, employers, addresses, phones."""

from __future__ import annotations

import re

from chatbot.extraction.builtin.addresses import Reach
from chatbot.extraction.builtin.candidates import is_head
from chatbot.extraction.builtin.companies import company_of
from chatbot.extraction.builtin.discourse import Discourse, clean
from chatbot.extraction.builtin.entities import Entity, Sense, find_entities
from chatbot.extraction.builtin.notes import attendees, is_notes
from chatbot.extraction.builtin.people import Person, Roster, speakers
from chatbot.extraction.builtin.sides import Named, Sides
from chatbot.extraction.builtin.titles import find_title, title_beside
from chatbot.extraction.text import fold, key
from chatbot.extraction.types import Draft
from shared.schemas.insight import Kind


class Cast:
    """People and companies of one meeting, worked out once."""

    def __init__(self, discourse: Discourse, sense: Sense | None = None) -> None:
        self.discourse = discourse
        self.own = discourse.meeting.own_company
        noted = attendees(discourse) if is_notes(discourse) else []
        present = [*speakers(discourse)]
        present += [p for p in noted if not any(fold(p.name) == fold(q.name) for q in present)]
        entities = find_entities(discourse, [p.name for p in present], guests=len(present) > 1, sense=sense)
        self.companies = [company_of(discourse, e, share=e.shares["company"]) for e in entities.companies]
        self.rivals = [company_of(discourse, e, share=e.shares["competitor"]) for e in entities.rivals]
        for person in present:
            if person.title is None and person.labels:
                find_title(discourse, person, present)
        self.absent = [self._absent(entity) for entity in entities.people]
        self.people = [*present, *self.absent]
        named = [Named(c, m.sentence, m.start, m.end) for c in self.companies for m in c.spots]
        named += [Named(None, m.sentence, m.start, m.end) for m in entities.own]
        self._domains()
        sides = Sides(discourse, self.people, self.companies, self.own, named)
        sides.decide()
        self.companies.sort(key=lambda company: company.name != sides.customer)
        Reach(discourse, self.people).assign()
        self.roster = Roster(self.people, self.own, sides.customer)

    def _absent(self, entity: Entity) -> Person:
        """Somebody spoken of, with the role said beside the name."""
        person = Person(entity.name, score=entity.shares["person"])
        german = self.discourse.meeting.language == "de"
        for mention in sorted((m for name in entity.names for m in name.mentions), key=lambda m: -len(m.text)):
            sentence = self.discourse.sentences[mention.sentence]
            following = [s for s in self.discourse.after(sentence, 1) if s.speaker == sentence.speaker]
            text = clean(sentence.text)
            after = clean(following[0].text) if following else ""
            title = title_beside(text, mention.start, mention.end, after, german=german)
            if title and not any(word in fold(title).split() for word in fold(person.name).split()):
                person.title, person.spot = title, (mention.sentence, mention.start)
                person.quotes = list(self.discourse.quotes(sentence, *following))
                return person
        mention = min((m for name in entity.names for m in name.mentions), key=lambda m: m.sentence)
        person.spot = (mention.sentence, mention.start)
        person.quotes = list(self.discourse.quotes(self.discourse.sentences[mention.sentence]))
        return person

    def _domains(self) -> None:
        domains = Reach(self.discourse, []).domains()
        for company in self.companies:
            company.domain = next((domain for domain in domains if _belongs(domain, company.name)), None)

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
            drafts.append(Draft(Kind.CONTACT, data, tuple(person.quotes[:5]), person.score))
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
            drafts.append(Draft(Kind.COMPANY, data, self.discourse.quotes(*proofs[:3]), 0.3 + 0.6 * company.score))
        for rival in self.rivals:
            drafts.append(
                Draft(
                    Kind.COMPETITOR,
                    {"name": rival.name},
                    self.discourse.quotes(*rival.proofs),
                    0.3 + 0.6 * rival.score,
                )
            )
        return drafts


def _belongs(domain: str, company: str) -> bool:
    """Is it the company's domain? A telling word of its name stands in it, or it stands in the name."""
    said = [key(word) for word in re.split(r"[\s-]", company) if len(word) > 3 and not is_head(fold(word))]
    return any(word in key(domain) for word in said) or key(domain.split(".")[0]) in key(company)
