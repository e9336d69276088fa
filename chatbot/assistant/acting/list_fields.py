"""Which field of many records a request names: one of ours by its words, or a team's own by its label.

More than a single record's request can set: whatever the bulk bar of a list offers can be said of a list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chatbot.assistant.acting import fields
from shared.models import CustomType, FieldDefinition
from shared.query.catalog import PREFIX, definitions
from shared.records import shifting
from shared.tenancy import TenantSession

#: Beside `fields.FIELDS`: concept → record type → field.
_MORE: Mapping[str, Mapping[str, str]] = {
    "company": {"deal": "company_id", "meeting": "company_id"},
    "contact": {"deal": "contact_id"},
    "deal": {"meeting": "deal_id"},
    "stage": {"deal": "stage"},
    "street": {"company": "street"},
    "postcode": {"company": "postcode"},
    "region": {"company": "region"},
    "lost_reason": {"deal": "lost_reason"},
}
_WORDS = {
    "contact": ("contact", "main contact", "kontakt", "ansprechpartner", "ansprechpartnerin"),
    "deal": ("deal",),
    "street": ("street", "address", "straße", "strasse", "adresse"),
    "postcode": ("postcode", "post code", "zip", "zip code", "postal code", "plz", "postleitzahl"),
    "region": ("region", "state", "bundesland"),
    "lost_reason": ("lost reason", "loss reason", "reason", "grund", "verlustgrund"),
}
_CONCEPTS = {word: concept for concept, words in _WORDS.items() for word in words}
#: Many days at once: “push the due dates back”, „verschiebe die Fristen“.
_PLURALS = {
    "fristen": "frist", "fälligkeiten": "fälligkeit", "termine": "termin", "abschlüsse": "abschluss",
    "abschlussdaten": "abschlussdatum", "fälligkeitsdaten": "fälligkeitsdatum", "abschlusstermine": "abschlussdatum",
}  # fmt: skip
#: Fields that every record has.
_NEVER_EMPTY = frozenset(("stage", "status", "priority", "lifecycle", "probability"))


@dataclass(frozen=True, slots=True)
class Named:
    """The field by record type, as the verbs call it, and the teams' definitions where it is one of theirs."""

    concept: str | None
    by_type: Mapping[str, str]
    own: Mapping[str, FieldDefinition]

    @property
    def types(self) -> tuple[str, ...]:
        return tuple(self.by_type)

    @property
    def may_be_empty(self) -> bool:
        return self.concept not in _NEVER_EMPTY

    def shifted(self, type_: str) -> str | None:
        """What a change of days calls it; None where it is no day."""
        if (own := self.own.get(type_)) is not None:
            return self.by_type[type_] if own.type is CustomType.DATE else None
        return shifting.DAYS.get(type_) if self.concept in ("due", "close_date") else None


def named(session: TenantSession, words: str) -> Named | None:
    """The field that words name; of one that a team gave the name of ours, ours."""
    said = " ".join(words.split()).casefold()
    said = _PLURALS.get(said, said)
    concept = fields.concept(said) or _CONCEPTS.get(said)
    if concept is not None:
        return Named(concept, {**fields.FIELDS.get(concept, {}), **_MORE.get(concept, {})}, {})
    own = {d.record_type: d for d in definitions(session) if d.label.casefold() == said}
    if own:
        return Named(None, {type_: f"{PREFIX}{d.key}" for type_, d in own.items()}, own)
    return named(session, said[:-1]) if said.endswith("s") and len(said) > 3 else None  # “the renewal dates”
