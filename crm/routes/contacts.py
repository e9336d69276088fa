"""Contacts: people, how to reach them, and where they work and worked."""

from __future__ import annotations

from typing import Any

from crm import record_names, web
from crm.localization import lazy_gettext as _l
from crm.record_fields import FormField, Kind
from crm.record_labels import FIELD_LABELS, LIFECYCLE_TONES, LIFECYCLES
from crm.record_views import Context, Screen, Words, blueprint
from crm.routes.companies import mine_by_default
from shared.models import Contact
from shared.records import contacts

FIELDS = (
    FormField("first_name", FIELD_LABELS["first_name"]),
    FormField("last_name", FIELD_LABELS["last_name"]),
    FormField("company_id", FIELD_LABELS["company_id"], Kind.RECORD, target="company"),
    FormField("title", _l("Job title")),
    FormField("emails", FIELD_LABELS["emails"], Kind.EMAILS, wide=True),
    FormField("phones", FIELD_LABELS["phones"], Kind.PHONES, wide=True),
    FormField(
        "lifecycle", FIELD_LABELS["lifecycle"], Kind.CHOICE, choices=tuple(LIFECYCLES.items()), tones=LIFECYCLE_TONES
    ),
    FormField("owner_id", FIELD_LABELS["owner_id"], Kind.USER),
    FormField("source", FIELD_LABELS["source"], hint=_l("Where you know this person from.")),
    FormField("description", FIELD_LABELS["description"], Kind.LONG, wide=True),
)


def _more(contact: Contact) -> Context:
    """The employer and the history of employers."""
    history: list[dict[str, Any]] = contacts.employments(web.session(), contact)
    companies = record_names.references(
        web.session(), [("company", entry["company_id"]) for entry in history] + [("company", contact.company_id or 0)]
    )
    return {
        "company": companies.get(("company", contact.company_id or 0)),
        "employments": [
            entry | {"company": companies[("company", entry["company_id"])]}
            for entry in reversed(history)
            if ("company", entry["company_id"]) in companies
        ],
        **_looks(),
    }


def _looks() -> Context:
    return {"lifecycles": LIFECYCLES, "lifecycle_tones": LIFECYCLE_TONES}


bp = blueprint(
    Screen(
        type="contact",
        icon="users",
        fields=FIELDS,
        words=Words(
            many=_l("Contacts"),
            new=_l("New contact"),
            edit=_l("Edit contact"),
            filter=_l("Filter contacts"),
            none_title=_l("No contacts yet"),
            none_text=_l("Add one here, or drop a meeting’s transcript: Afterword proposes the people who took part."),
        ),
        related=("deal", "meeting"),
        list_more=lambda _query, _page: _looks(),
        show_more=_more,
        prefill=mine_by_default,
    )
)
