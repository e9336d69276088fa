"""Records that a question names beyond doubt: by e-mail address, phone number, number or external id.

They are looked up before anything is searched: similarity has no say about an address that is right to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import select

from shared import search
from shared.models import Contact, ContactEmail
from shared.records.titles import MODELS
from shared.schemas.ids import LARGEST_ID
from shared.search import folding
from shared.tenancy import TenantSession

Target = tuple[str, int]

_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
#: A word that looks like somebody's key: letters and digits, perhaps with marks between.
_KEY = re.compile(r"(?<![\w@.])(?=[\w./-]*\d)[A-Za-z0-9][\w./-]{2,60}(?<![./-])(?![\w@])")
_NUMBERED = re.compile(
    r"\b(company|contact|deal|task|note|meeting|firma|kontakt|geschäft|aufgabe|notiz|besprechung)"
    r"\s+(?:#|no\.?|nr\.?|number|nummer|id)\s*(\d{1,9})\b|\b(deal)\s+(\d{1,9})\b",
    re.IGNORECASE,
)
_GERMAN = {
    "firma": "company", "kontakt": "contact", "geschäft": "deal", "aufgabe": "task", "notiz": "note",
    "besprechung": "meeting",
}  # fmt: skip
_MOST_KEYS = 8
#: The score of a hit of keyword search that has everything asked for.
_ALL_WORDS = 0.5


def named(session: TenantSession, question: str) -> list[Target]:
    """The live records of the session's workspace that a question names, in its order of certainty, at most 8."""
    question = question[:2000]
    found: dict[Target, None] = {}
    for lookup in (_by_email, _by_phone, _by_number, _by_external_id):
        found.update(dict.fromkeys(lookup(session, question)))
    return list(found)[:8]


def _by_email(session: TenantSession, question: str) -> Iterator[Target]:
    keys = [match[0].strip(".'-").casefold() for match in _EMAIL.finditer(question)][:_MOST_KEYS]
    if keys:
        query = select(Contact.id).join(ContactEmail, ContactEmail.contact_id == Contact.id)
        query = query.where(ContactEmail.email_key.in_(keys), Contact.deleted_at.is_(None))
        yield from (("contact", id_) for id_ in session.scalars(query.order_by(Contact.id)))


def _by_phone(session: TenantSession, question: str) -> Iterator[Target]:
    """Numbers are known by their ends: `030 1234567` is `+49 30 1234567`."""
    for start, end in folding.phones(question)[:_MOST_KEYS]:
        hits = search.find(session, question[start:end], types=("contact", "company"), limit=3)
        yield from ((hit.type, hit.id) for hit in hits if hit.score > _ALL_WORDS)


def _by_number(session: TenantSession, question: str) -> Iterator[Target]:
    for match in list(_NUMBERED.finditer(question))[:_MOST_KEYS]:
        name, id_ = (match[1] or match[3]).lower(), int(match[2] or match[4])
        kind = _GERMAN.get(name, name)
        model = MODELS[kind]
        if id_ <= LARGEST_ID and session.scalar(select(model.id).where(model.id == id_, model.deleted_at.is_(None))):
            yield kind, id_


def _by_external_id(session: TenantSession, question: str) -> Iterator[Target]:
    keys = list(dict.fromkeys(match[0] for match in _KEY.finditer(question)))[:_MOST_KEYS]
    if not keys:
        return
    for kind, model in MODELS.items():
        query = select(model.id).where(model.external_id.in_(keys), model.deleted_at.is_(None))
        yield from ((kind, id_) for id_ in session.scalars(query.order_by(model.id)))
