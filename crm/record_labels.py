"""Words for what the schema calls by code, shared by forms, lists, timelines and the conflict page."""

from __future__ import annotations

from crm.localization import lazy_gettext as _l
from shared.models import CustomType

LIFECYCLES = {
    "lead": _l("Lead"),
    "qualified": _l("Qualified"),
    "opportunity": _l("Opportunity"),
    "customer": _l("Customer"),
    "partner": _l("Partner"),
    "former": _l("Former customer"),
    "other": _l("Other"),
}
LIFECYCLE_TONES = {
    "lead": "blue",
    "qualified": "violet",
    "opportunity": "amber",
    "customer": "green",
    "partner": "teal",
    "former": "neutral",
    "other": "neutral",
}
PRIORITIES = {"low": _l("Low"), "normal": _l("Normal"), "high": _l("High")}
NOTE_KINDS = {"note": _l("Note"), "call": _l("Call"), "meeting": _l("Meeting"), "email": _l("E-mail")}
DIRECTIONS = {"out": _l("We to them"), "in": _l("They to us")}
TASK_STATUSES = {"open": _l("Open"), "done": _l("Done")}
MEETING_STATUSES = {
    "stored": _l("Stored"),
    "queued": _l("Waiting"),
    "analyzing": _l("Reading"),
    "ready": _l("Ready"),
    "failed": _l("Failed"),
}
STATES = {"open": _l("Open"), "won": _l("Won"), "lost": _l("Lost")}
CUSTOM_TYPE_NAMES = {
    CustomType.TEXT: _l("Text"),
    CustomType.NUMBER: _l("Number"),
    CustomType.MONEY: _l("Money"),
    CustomType.DATE: _l("Date"),
    CustomType.SELECT: _l("Choice of one"),
    CustomType.MULTI_SELECT: _l("Choice of several"),
    CustomType.CHECKBOX: _l("Checkbox"),
    CustomType.URL: _l("Web address"),
    CustomType.PERSON: _l("Colleague"),
}
TYPE_NAMES = {
    "company": _l("Companies"),
    "contact": _l("Contacts"),
    "deal": _l("Deals"),
    "task": _l("Tasks"),
    "note": _l("Notes"),
    "meeting": _l("Meetings"),
}

#: What one of them is called, as a heading.
ONE_NAMES = {
    "company": _l("Company"),
    "contact": _l("Contact"),
    "deal": _l("Deal"),
    "task": _l("Task"),
    "note": _l("Note"),
    "meeting": _l("Meeting"),
}

#: Every field of every record type by its REST name.
FIELD_LABELS = {
    "name": _l("Name"),
    "first_name": _l("First name"),
    "last_name": _l("Last name"),
    "title": _l("Title"),
    "body": _l("Text"),
    "domain": _l("Domain"),
    "website": _l("Website"),
    "industry": _l("Industry"),
    "employees": _l("Employees"),
    "phone": _l("Phone"),
    "phones": _l("Phones"),
    "email": _l("E-mail"),
    "emails": _l("E-mails"),
    "street": _l("Street"),
    "city": _l("City"),
    "region": _l("Region"),
    "postcode": _l("Postcode"),
    "country": _l("Country"),
    "description": _l("Description"),
    "tags": _l("Tags"),
    "owner_id": _l("Owner"),
    "company_id": _l("Company"),
    "contact_id": _l("Main contact"),
    "contacts": _l("People"),
    "lifecycle": _l("Lifecycle"),
    "source": _l("Source"),
    "stage": _l("Stage"),
    "amount": _l("Amount"),
    "currency": _l("Currency"),
    "probability": _l("Probability"),
    "expected_close": _l("Expected close"),
    "closed_at": _l("Closed"),
    "lost_reason": _l("Lost because"),
    "due_date": _l("Due"),
    "due_at": _l("Due at"),
    "priority": _l("Priority"),
    "status": _l("Status"),
    "completed_at": _l("Done"),
    "assignee_id": _l("Assignee"),
    "promised_by": _l("Promised by"),
    "meeting_id": _l("Meeting"),
    "meeting_s": _l("Second of the meeting"),
    "repeat": _l("Repeats"),
    "repeat_on": _l("Day of the series"),
    "author_id": _l("Author"),
    "kind": _l("Kind"),
    "happened_at": _l("When"),
    "direction": _l("Who began"),
    "links": _l("About"),
    "occurred_at": _l("When"),
    "contact_ids": _l("Who took part"),
    "user_ids": _l("Colleagues"),
    "deal_id": _l("Deal"),
    "duration_s": _l("Duration"),
}


def choice_label(field: str, value: str) -> str | None:
    """What a value of a field with few of them is called alone; sentences have words of their own."""
    labels = {
        "lifecycle": LIFECYCLES,
        "priority": PRIORITIES,
        "status": TASK_STATUSES | MEETING_STATUSES,
        "stage_type": STATES,
    }
    found = labels.get(field, {}).get(value)
    return None if found is None else str(found)
