"""Notes: Markdown about any records."""

from __future__ import annotations

from crm import markdown, note_text, record_names, record_pages, timeline_page, web
from crm.localization import lazy_gettext as _l
from crm.record_fields import FormField, Kind
from crm.record_labels import DIRECTIONS, FIELD_LABELS, NOTE_KINDS
from crm.record_views import Context, Screen, Words, blueprint
from shared.models import Note
from shared.query.lists import ListQuery, Page

FIELDS = (
    FormField("body", FIELD_LABELS["body"], Kind.LONG, required=True, wide=True, rows=12, hint=_l("Markdown works.")),
    FormField("kind", FIELD_LABELS["kind"], Kind.CHOICE, choices=tuple(NOTE_KINDS.items())),
    FormField("happened_at", FIELD_LABELS["happened_at"], Kind.TIME, hint=_l("Of a call, a meeting or an e-mail.")),
    FormField("duration_s", _l("Length in minutes"), Kind.MINUTES),
    FormField("direction", FIELD_LABELS["direction"], Kind.CHOICE, choices=(("", "–"), *DIRECTIONS.items())),
    FormField("links", FIELD_LABELS["links"], Kind.LINKS, target="company,contact,deal,meeting", wide=True),
)


def _list_more(_query: ListQuery, page: Page) -> Context:
    session = web.session()
    return {"links": record_pages.links_of(session, Note, page.items), "people": record_names.people(session)}


def _show_more(note: Note) -> Context:
    session = web.session()
    return {
        "links": record_pages.links_of(session, Note, [note])[note.id],
        "timeline": timeline_page.timeline(session, ("note", note.id)),
    }


bp = blueprint(
    Screen(
        type="note",
        icon="note",
        fields=FIELDS,
        words=Words(
            many=_l("Notes"),
            new=_l("New note"),
            edit=_l("Edit note"),
            filter=_l("Filter notes"),
            none_title=_l("No notes yet"),
            none_text=_l("Write one on the page of a company, a contact or a deal, or here."),
        ),
        list_more=_list_more,
        show_more=_show_more,
    )
)

bp.add_app_template_filter(markdown.render, "markdown")
bp.add_app_template_filter(note_text.render, "note_text")
bp.record_once(
    lambda setup: setup.app.jinja_env.globals.update(timeline_sorts=timeline_page.SHOWN, note_kinds=NOTE_KINDS)
)
