"""Fields by the words people use for them: which record has them, and what a value for them means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz
from sqlalchemy import select

from chatbot.assistant.acting import details
from shared.models import Deal, Pipeline, Stage, StageType
from shared.records.deals import to_major
from shared.records.keys import fold, split_name

#: Every pipeline that is in use.
PIPELINES = select(Pipeline).where(Pipeline.deleted_at.is_(None)).order_by(Pipeline.id)

#: concept → record type, the likeliest first → the argument of its update tool.
FIELDS: Mapping[str, Mapping[str, str]] = {
    "email": {"contact": "email"},
    "phone": {"contact": "phone", "company": "phone"},
    "title": {"contact": "title", "task": "title"},
    "first_name": {"contact": "first_name"},
    "last_name": {"contact": "last_name"},
    "name": {"deal": "name", "company": "name", "task": "title", "contact": "full_name"},
    "company": {"contact": "company_id"},
    "lifecycle": {"contact": "lifecycle"},
    "source": {"contact": "source"},
    "owner": {"deal": "owner_id", "company": "owner_id", "contact": "owner_id", "task": "assignee_id"},
    "amount": {"deal": "amount"},
    "close_date": {"deal": "expected_close"},
    "due": {"task": "due", "deal": "expected_close"},
    "priority": {"task": "priority"},
    "probability": {"deal": "probability"},
    "status": {"task": "status", "contact": "lifecycle"},
    "website": {"company": "website"},
    "domain": {"company": "domain"},
    "industry": {"company": "industry"},
    "city": {"company": "city"},
    "country": {"company": "country"},
    "employees": {"company": "employees"},
}

_WORDS = {
    "email": "e-mail email mail e-mail-adresse emailadresse mailadresse e-mailadresse",
    "phone": "phone phone_number telephone telephone_number mobile mobile_phone mobile_phone_number number telefon "
             "telefonnummer handy handynummer mobilnummer nummer",
    "title": "title job_title position role titel jobtitel",
    "first_name": "first_name vorname",
    "last_name": "last_name surname nachname",
    "name": "name",
    "company": "company employer firma arbeitgeber",
    "lifecycle": "lifecycle lifecycle_stage lebensphase",
    "source": "source lead_source quelle herkunft",
    "owner": "owner account_owner deal_owner assignee verantwortlicher verantwortliche verantwortlichen besitzer "
             "inhaber zuständiger zuständige zuständigen",
    "amount": "amount value deal_value deal_size size price volume betrag wert volumen preis",
    "close_date": "close_date closing_date expected_close_date expected_closing_date expected_close abschlussdatum "
                  "erwartetes_abschlussdatum erwartete_abschlussdatum abschluss",
    "due": "due due_date deadline fälligkeit fälligkeitsdatum frist termin",
    "priority": "priority priorität",
    "probability": "probability wahrscheinlichkeit",
    "stage": "stage phase stufe",
    "status": "status",
    "website": "website web_site url webseite",
    "domain": "domain",
    "industry": "industry sector branche",
    "city": "city town location stadt ort",
    "country": "country land",
    "employees": "employees headcount number_of_employees mitarbeiter mitarbeiterzahl",
}  # fmt: skip
_CONCEPTS = {word.replace("_", " "): concept for concept, listed in _WORDS.items() for word in listed.split()}

_LIFECYCLES = {
    "lead": "lead", "qualified": "qualified", "qualifiziert": "qualified", "opportunity": "opportunity",
    "customer": "customer", "kunde": "customer", "partner": "partner", "former": "former", "ehemalig": "former",
    "ehemaliger kunde": "former", "former customer": "former", "other": "other",
}  # fmt: skip
_PRIORITIES = {
    "high": "high", "urgent": "high", "hoch": "high", "dringend": "high", "normal": "normal", "medium": "normal",
    "mittel": "normal", "low": "low", "niedrig": "low",
}  # fmt: skip
_STATUSES = {
    "done": "done", "complete": "done", "completed": "done", "finished": "done", "erledigt": "done", "fertig": "done",
    "open": "open", "offen": "open",
}  # fmt: skip
#: German words for the stages of the default pipeline, and words for what is won and lost.
_STAGES = {
    "verhandlung": "negotiation", "verhandlungen": "negotiation", "negotiations": "negotiation", "angebot": "proposal",
    "qualifizierung": "qualification", "qualifikation": "qualification", "qualified": "qualification",
    "bedarfsanalyse": "discovery", "analyse": "discovery",
}  # fmt: skip
_OUTCOMES = {
    "won": StageType.WON, "closed won": StageType.WON, "gewonnen": StageType.WON, "lost": StageType.LOST,
    "closed lost": StageType.LOST, "verloren": StageType.LOST,
}  # fmt: skip
_NEXT = re.compile(r"^(?:the\s+)?(?:next|following|n(?:ä|ae?)chste)(?:\s+(?:stage|step|phase|stufe|one))?$", re.I)
_BACK = re.compile(
    r"^(?:the\s+)?(?:previous|last|vorige|vorherige|letzte)(?:\s+(?:stage|step|phase|stufe|one))?$", re.I
)
_SIMILAR_STAGE = 82


def concept(words: str | None) -> str | None:
    """The field that words name."""
    key = re.sub(r"\s+", " ", (words or "").strip().lower())
    key = re.sub(r"^(e-?mail|mail) address$", "email", key)
    return _CONCEPTS.get(key)


def kind_of_value(value: str) -> str | None:
    """What a value says of itself: an address or a number to call."""
    return "email" if details.EMAIL.search(value) else "phone" if details.PHONE.search(value) else None


def types_with(said: str) -> tuple[str, ...]:
    """Record types that have this field."""
    return tuple(FIELDS[said])


def value_of(argument: str, text: str, zone: ZoneInfo) -> dict[str, Any]:
    """Arguments of the tool for this value; empty where it cannot be read as one."""
    if argument == "full_name":
        first, last = split_name(text)
        return {"first_name": first, "last_name": last}
    if argument in ("expected_close", "due"):
        return _date(argument, text, zone)
    if argument == "amount":
        found = details.find_amount(text)
        if found is None:
            return {}
        return {"amount": found[0]} | ({"currency": found[1]} if found[1] else {})
    if argument in ("probability", "employees"):
        number = re.search(r"\d[\d.,' ]*", text)
        return {argument: int(re.sub(r"\D", "", number[0]))} if number else {}
    if argument in ("email", "phone"):
        match = (details.EMAIL if argument == "email" else details.PHONE).search(text)
        return {argument: match[0]} if match else {}
    for choice, words in (("lifecycle", _LIFECYCLES), ("priority", _PRIORITIES), ("status", _STATUSES)):
        if argument == choice:
            known = words.get(text.strip(" .!").lower())
            return {argument: known} if known else {}
    return {argument: text} if text else {}


def _date(argument: str, text: str, zone: ZoneInfo) -> dict[str, Any]:
    when = details.find_when(text, zone)
    if when is None:
        return {}
    return when.due if argument == "due" else {argument: when.day.isoformat()}


def stepped(deal: Deal, text: str, *, is_up: bool) -> str | None:
    """A deal's amount, in major units, raised or lowered by a sum or a percentage; None where that is no amount."""
    if deal.amount_minor is None:
        return None
    amount = to_major(deal.amount_minor, deal.currency or "EUR")
    share = re.fullmatch(r"\s*(\d{1,3}(?:[.,]\d+)?)\s*(?:%|percent|prozent)\s*", text, re.IGNORECASE)
    found = details.find_amount(text)
    if share:
        step = amount * Decimal(share[1].replace(",", ".")) / 100
    elif found and found[1] in (None, deal.currency):
        step = Decimal(found[0])
    else:
        return None
    now = amount + step if is_up else amount - step
    return f"{now.normalize():f}" if now >= 0 else None


def stage_called(text: str, stages: Sequence[Stage], current: int | None) -> Stage | None:
    """The one stage that is meant: by name, by a word for it, by being the next one, or but for a slip."""
    asked = fold(text.strip(" .,;:!?“”\"„'"))
    asked = _STAGES.get(asked, asked)
    by_name = [stage for stage in stages if fold(stage.name) == asked]
    if not by_name and (outcome := _OUTCOMES.get(asked.replace("-", " "))):
        by_name = [stage for stage in stages if stage.type is outcome]
    if not by_name and (step := _step(asked)):
        by_name = _neighbour(stages, current, step)
    if not by_name and len(asked) > 2:
        by_name = [stage for stage in stages if fold(stage.name).startswith(asked)]
    if not by_name:
        by_name = [stage for stage in stages if fuzz.ratio(fold(stage.name), asked) >= _SIMILAR_STAGE]
    return by_name[0] if len(by_name) == 1 else None


def is_step(text: str) -> bool:
    """Whether a stage is named by its place: the next one, the one before."""
    return bool(_step(fold(text.strip())))


def _step(asked: str) -> int:
    return 1 if _NEXT.match(asked) else -1 if _BACK.match(asked) else 0


def _neighbour(stages: Sequence[Stage], current: int | None, step: int) -> list[Stage]:
    """The open stage beside the current one."""
    ids = [stage.id for stage in stages if stage.type is StageType.OPEN]
    at = ids.index(current) + step if current in ids else -1
    return [stage for stage in stages if 0 <= at < len(ids) and stage.id == ids[at]]
