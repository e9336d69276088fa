"""Companies: who one does business with."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict

from crm import web
from crm.localization import lazy_gettext as _l
from crm.record_fields import FormField, Kind
from crm.record_labels import FIELD_LABELS
from crm.record_views import Screen, Words, blueprint

FIELDS = (
    FormField("name", FIELD_LABELS["name"], required=True, wide=True),
    FormField("domain", FIELD_LABELS["domain"], hint=_l("Mail from this domain belongs to the company.")),
    FormField("website", FIELD_LABELS["website"]),
    FormField("industry", FIELD_LABELS["industry"]),
    FormField("employees", FIELD_LABELS["employees"], Kind.NUMBER),
    FormField("phone", FIELD_LABELS["phone"], input_type="tel"),
    FormField("owner_id", FIELD_LABELS["owner_id"], Kind.USER),
    FormField("street", FIELD_LABELS["street"], wide=True),
    FormField("postcode", FIELD_LABELS["postcode"]),
    FormField("city", FIELD_LABELS["city"]),
    FormField("region", FIELD_LABELS["region"]),
    FormField("country", FIELD_LABELS["country"]),
    FormField("description", FIELD_LABELS["description"], Kind.LONG, wide=True),
)


def mine_by_default(args: MultiDict[str, str]) -> MultiDict[str, str]:
    """A new record belongs to whoever makes it, unless the address says otherwise."""
    args.setdefault("owner_id", str(web.current_user.id))
    return args


bp = blueprint(
    Screen(
        type="company",
        icon="building",
        fields=FIELDS,
        words=Words(
            many=_l("Companies"),
            new=_l("New company"),
            edit=_l("Edit company"),
            filter=_l("Filter companies"),
            none_title=_l("No companies yet"),
            none_text=_l(
                "Add one here, or drop a meeting’s transcript: Afterword proposes the companies it speaks of."
            ),
        ),
        related=("contact", "deal", "meeting"),
        prefill=mine_by_default,
    )
)
