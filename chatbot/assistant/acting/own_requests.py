"""Requests about what a workspace added to its records: its own fields, and tags.

“Set Tier of Acme to Gold”, “tag Acme as VIP”, “remove the tag VIP from Jane Roe”. A field is known by its label, so
these patterns are made of the labels there are; a word that names a built-in field means that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chatbot.assistant.acting import details, fields, wording
from chatbot.assistant.acting.asking import THIS, Asking
from chatbot.assistant.acting.grammar import Piece, Reading, Request
from chatbot.assistant.types import RecordRef
from chatbot.assistant.understanding.quantities import parse_number
from shared.errors import Invalid
from shared.models import CustomType, FieldDefinition, workspace_of
from shared.query.catalog import definitions
from shared.records import custom
from shared.tenancy import TenantSession

_TYPES = ("company", "contact", "deal", "task")
_TAGS = {
    "en": (
        ("tag", r"tag\s+(?P<record>.+?)\s+(?:as|with|:)\s*(?P<value>.+)"),
        ("tag", r"(?:add|put|set)\s+(?:the\s+|an?\s+)?tags?\s+(?P<value>.+?)\s+(?:to|on)\s+(?P<record>.+)"),
        ("untag", r"(?:remove|take|drop|clear)\s+(?:the\s+)?tags?\s+(?P<value>.+?)\s+(?:from|off)\s+(?P<record>.+)"),
    ),
    "de": (
        ("tag", r"(?:tagge?|verschlagworte)\s+(?P<record>.+?)\s+(?:als|mit)\s+(?P<value>.+)"),
        ("tag", r"gib\s+(?P<record>.+?)\s+(?:den|die)\s+tags?\s+(?P<value>.+)"),
        ("untag", r"entferne?\s+(?:den|die)\s+tags?\s+(?P<value>.+?)\s+(?:von|bei)\s+(?P<record>.+)"),
    ),
}  # fmt: skip
_SETTING = {
    "en": (
        r"(?:set|change|update|put)\s+(?:the\s+)?(?P<field>{labels})\s+(?:of|for|on|at)\s+(?P<record>.+?)\s+"
        r"(?:to|as|=)\s*(?P<value>.+)",
        r"(?:set|change|update)\s+(?P<record>.+?)['’]s?\s+(?P<field>{labels})\s+(?:to|as|=)\s*(?P<value>.+)",
        r"(?:set|change|update)\s+(?:the\s+|its\s+|this\s+)?(?P<field>{labels})\s+(?:to|as|=)\s*(?P<value>.+)",
    ),
    "de": (
        r"(?:setze?|ändere?|stelle?)\s+(?:den\s+|die\s+|das\s+)?(?P<field>{labels})\s+(?:von|für|bei|der|des)\s+"
        r"(?P<record>.+?)\s+(?:auf|zu)\s+(?P<value>.+)",
        r"(?:setze?|ändere?|stelle?)\s+(?:den\s+|die\s+|das\s+)?(?P<field>{labels})\s+(?:auf|zu)\s+(?P<value>.+)",
    ),
}
_BEGINS = re.compile(r"(?:set|change|update|put|setze?|ändere?|stelle?)\s", re.IGNORECASE)
_FLAGS = re.IGNORECASE | re.DOTALL
_YES, _NO = frozenset("yes true on ja wahr an".split()), frozenset("no false off nein falsch aus".split())  # noqa: SIM905


def readings(session: TenantSession, request: Request) -> Iterator[Reading]:
    """The ways to read a request as one of these."""
    for language, listed in _TAGS.items():
        for intent, pattern in listed:
            yield from _matched(request, language, intent, pattern)
    if not _BEGINS.match(request.body):
        return
    known = {d.label for d in definitions(session) if fields.concept(d.label) is None}
    if not known:
        return
    labels = "|".join(re.escape(label).replace(r"\ ", r"\s+") for label in sorted(known, key=len, reverse=True))
    for language, patterns in _SETTING.items():
        for pattern in patterns:
            yield from _matched(request, language, "set_own", pattern.replace("{labels}", labels))


def _matched(request: Request, language: str, intent: str, pattern: str) -> Iterator[Reading]:
    match = re.fullmatch(pattern, request.body, _FLAGS)
    if match is not None:
        pieces = {
            name: Piece(text, request.start + match.start(name), request.start + match.end(name))
            for name, text in match.groupdict().items()
        }
        yield Reading(intent, language, pieces)


class OwnRequests(Asking):
    """What such a reading comes to."""

    def _set_own(self) -> Any:
        said = " ".join(self._text("field").split()).casefold()
        listed = [d for d in definitions(self.session) if d.label.casefold() == said and d.record_type in _TYPES]
        if not listed:
            return None
        record = self._this("record", [d.record_type for d in listed])
        defined = next(d for d in listed if d.record_type == record.type)
        value = self._own_value(defined, wording.unquoted(self._text("value")))
        return self._act(
            f"update_{record.type}", {f"{record.type}_id": record.id, "custom": {defined.key: value}}, record
        )

    def _own_value(self, defined: FieldDefinition, text: str) -> Any:
        try:
            value = self._as_typed(defined, text)
            custom.read(self.session, defined.record_type, {defined.key: value}, {})
        except (ValueError, Invalid):
            raise self._abstain("value", phrase=wording.clipped(text), field=defined.label) from None
        return value

    def _as_typed(self, defined: FieldDefinition, text: str) -> Any:
        """A value as the field takes it. Raises ValueError where the text is none."""
        words = text.strip(" .!").casefold()
        if defined.type is CustomType.CHECKBOX:
            if words not in _YES | _NO:
                raise ValueError
            return words in _YES
        if defined.type is CustomType.NUMBER:
            if not re.fullmatch(r"-?\d[\d.,'’ ]*", words):
                raise ValueError
            return float(parse_number(words.replace(" ", "")))
        if defined.type is CustomType.MONEY:
            found = details.find_amount(text)
            if found is None:
                raise ValueError
            main = workspace_of(self.session).currency
            return {"amount": found[0], "currency": found[1] or main}
        if defined.type is CustomType.DATE:
            when = details.find_when(text, self.zone)
            if when is None:
                raise ValueError
            return when.day.isoformat()
        if defined.type is CustomType.PERSON:
            return self._user("value").id
        if defined.type is CustomType.MULTI_SELECT:
            return [part.strip() for part in re.split(r",|\band\b|\bund\b", text) if part.strip()]
        return text

    def _tag(self) -> Any:
        return self._tagged("add_tags")

    def _untag(self) -> Any:
        return self._tagged("remove_tags")

    def _tagged(self, argument: str) -> Any:
        value = wording.unquoted(self._text("value"))
        names = [part.strip(' .!“”"') for part in re.split(r",|\s+and\s+|\s+und\s+", value)]
        names = [name for name in names if name]
        if not names or any(len(name) > 50 for name in names):
            return None
        record = self._carrier()
        return self._act(f"update_{record.type}", {f"{record.type}_id": record.id, argument: names}, record)

    def _carrier(self) -> RecordRef:
        """The record that is to be tagged: a company or person of the name before a deal that has it in its title."""
        piece = self.reading.piece("record")
        found = self.targets.find(piece.text if piece else THIS, _TYPES)
        first = [ref for ref in found.records if ref.type in ("company", "contact")]
        return first[0] if len(first) == 1 else self._settled(found, lambda text: self._with(piece, text))
