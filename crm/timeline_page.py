"""A record's history for people: who did what when and why, ids as names, codes as words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from flask import url_for
from flask_babel import ngettext
from flask_babel.speaklater import LazyString
from sqlalchemy import ColumnElement, and_, or_, select

from crm import record_custom, record_names, record_values, transcript_page
from crm.localization import gettext as _
from crm.localization import lazy_gettext as _l
from crm.record_labels import FIELD_LABELS
from crm.record_names import Reference
from crm.record_values import Names
from shared import events
from shared.errors import Invalid
from shared.events import Target, Told
from shared.models import Event, EventTarget, Note, NoteKind
from shared.tenancy import TenantSession

PAGE_SIZE = 20

#: Said of the record whose page it is.
_OWN: dict[str, LazyString] = {
    "created": _l("created this"),
    "updated": _l("changed this"),
    "deleted": _l("deleted this"),
    "restored": _l("restored this"),
    "attached": _l("added the file"),
    "detached": _l("took away the file"),
    "linked": _l("linked this with"),
    "unlinked": _l("took away the link with"),
    "merged": _l("merged into this:"),
    "unmerged": _l("undid a merge into this"),
    "told_apart": _l("said that these are not the same:"),
    "told_together": _l("said that these may be the same after all:"),
    "speaker_named": _l("named a speaker"),
    "speaker_unnamed": _l("took a speaker's name back"),
    "queued": _l("had this read"),
    "analyzed": _l("read this"),
    "failed": _l("could not read this"),
}
#: Said of another record; its name follows as a link.
_OTHER: dict[str, LazyString] = {
    "company.created": _l("added the company"),
    "contact.created": _l("added the contact"),
    "deal.created": _l("added the deal"),
    "task.created": _l("added the task"),
    "note.created": _l("wrote a note:"),
    "meeting.created": _l("added the meeting"),
    "meeting.queued": _l("had the meeting read again:"),
    "meeting.analyzed": _l("read the meeting:"),
    "meeting.failed": _l("could not read the meeting:"),
    "meeting.speaker_named": _l("recognised a speaker of"),
    "meeting.speaker_unnamed": _l("took a speaker's name back in"),
    "insight.accepted": _l("accepted:"),
    "insight.undone": _l("took back:"),
    "assistant.action_undone": _l("took back:"),
    "updated": _l("changed"),
    "deleted": _l("deleted"),
    "restored": _l("restored"),
    "attached": _l("added a file to"),
    "detached": _l("took a file away from"),
    "linked": _l("linked with this:"),
    "unlinked": _l("took away the link with this:"),
    "merged": _l("merged others into"),
    "unmerged": _l("undid a merge into"),
    "told_apart": _l("said that these are not the same:"),
    "told_together": _l("said that these may be the same after all:"),
}
#: Changes with a word of their own, by the one field that changed and its new value: of this record, of another.
_DEEDS: dict[tuple[str, str | None], tuple[str, LazyString, LazyString]] = {
    ("status", "done"): ("finished", _l("finished this"), _l("finished")),
    ("status", "open"): ("reopened", _l("opened this again"), _l("opened again:")),
    ("stage", None): ("moved", _l("moved this"), _l("moved")),
}
_ICONS = {
    "updated": "pencil",
    "deleted": "trash",
    "restored": "restore",
    "merged": "git-merge",
    "unmerged": "arrow-back-up",
    "told_apart": "x",
    "told_together": "arrow-back-up",
    "finished": "check",
    "reopened": "arrow-back-up",
    "moved": "arrow-right",
    "action_undone": "arrow-back-up",
    "attached": "paperclip",
    "detached": "paperclip",
    "linked": "link",
    "unlinked": "link",
    "speaker_named": "user",
    "speaker_unnamed": "arrow-back-up",
}
_TONES = {
    "created": "green",
    "deleted": "red",
    "accepted": "amber",
    "restored": "teal",
    "finished": "green",
    "moved": "blue",
}
_ACTORS: dict[str, LazyString] = {
    "api": _l("A script"),
    "import": _l("An import"),
    "meeting": _l("A meeting"),
    "assistant": _l("The assistant"),
    "system": _l("Afterword"),
}

#: Of these REST names another field says the same in words.
_HIDDEN = frozenset({"stage_id", "stage_type", "pipeline_id", "custom", "external_id", "created_at"})
#: These follow from another field: nothing to say where that one changed too.
_SAID_BY = {
    "currency": "amount", "closed_at": "stage", "completed_at": "status", "due_date": "due_at", "repeat_on": "repeat",
}  # fmt: skip
#: What is told of a note by its kind, of itself and of another.
_NOTED: dict[str, tuple[LazyString, LazyString]] = {
    "call": (_l("logged this call"), _l("logged a call:")),
    "meeting": (_l("logged this meeting"), _l("logged a meeting:")),
    "email": (_l("kept this e-mail"), _l("kept an e-mail:")),
}
#: What a timeline can be narrowed to, in the order of its tabs.
SHOWN: dict[str, LazyString] = {
    "notes": _l("Notes"),
    "tasks": _l("Tasks"),
    "calls": _l("Calls"),
    "meetings": _l("Meetings"),
    "emails": _l("E-mail"),
    "files": _l("Files"),
    "changes": _l("Changes"),
}
#: Kinds of insights that became a record, whose own event stands beside.
_WITH_A_RECORD = frozenset({"contact", "company", "deal", "action_item", "next_meeting"})


@dataclass(frozen=True, slots=True)
class Change:
    """One field, before and after, as people read it; an empty string is "nothing"."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Why:
    """The sentence that led to it, and the second of the meeting where it was said."""

    quote: str
    speaker: str | None
    at: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of a timeline. `about` is the other record it speaks of, None for the page's own.

    `accepted` are what was accepted from a meeting, one after the other: one entry, not twenty.
    """

    id: int
    icon: str
    tone: str
    who: str
    text: str
    at: datetime
    about: Reference | None = None
    title: str = ""
    meeting: Reference | None = None
    changes: tuple[Change, ...] = ()
    why: Why | None = None
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """A stretch of events, newest first. `before` asks for the next stretch, None at the beginning of time."""

    events: Sequence[Told]
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """The same in words."""

    moments: Sequence[Moment]
    before: int | None = None


def timeline(session: TenantSession, target: Target, *, before: int | None = None, shown: str = "") -> Timeline:
    """`history` as people read it."""
    return told(session, target, history(session, target, before=before, shown=shown))


def history(session: TenantSession, target: Target, *, before: int | None = None, shown: str = "") -> History:
    """History of a record from the newest event, or from the one before `before`; of one sort where `shown` says so."""
    only = _only(shown, target) if shown else None
    found = events.timeline(session, target, before=before, limit=PAGE_SIZE + 1, only=only)
    page = found[:PAGE_SIZE]
    return History(page, page[-1].id if len(found) > PAGE_SIZE else None)


def told(session: TenantSession, target: Target, history: History) -> Timeline:
    """A record's history with ids as names and codes as words."""
    known = record_names.references(session, mentioned(history.events))
    names = Names(record_names.people(session), known, record_custom.by_name(session))
    moments = [_moment(event, target, names) for event in history.events if not _is_said_twice(event)]
    return Timeline(_folded(moments), history.before)


def _only(shown: str, target: Target) -> ColumnElement[bool]:
    """The events of one sort. Raises Invalid for a sort that is none."""
    if shown == "tasks":
        return Event.record_type == "task"
    if shown == "files":
        return or_(Event.kind.endswith(".attached"), Event.kind.endswith(".detached"))
    if shown == "changes":
        return and_(Event.record_type == target[0], Event.record_id == target[1], Event.kind.endswith(".updated"))
    kinds = {"notes": NoteKind.NOTE, "calls": NoteKind.CALL, "meetings": NoteKind.MEETING, "emails": NoteKind.EMAIL}
    if shown not in kinds:
        raise Invalid.field("shown", _("There is no such part of the history."))
    told = select(Note.id).where(Note.kind == kinds[shown]).correlate(None)
    noted = and_(Event.record_type == "note", Event.record_id.in_(told))
    return or_(noted, Event.record_type == "meeting") if shown == "meetings" else noted


def _folded(moments: Sequence[Moment]) -> list[Moment]:
    """Runs of accepted insights of one meeting as one entry each."""
    folded: list[Moment] = []
    for run, grouped in groupby(moments, lambda m: (m.who, m.meeting, m.text) if m.accepted else m.id):
        entries = list(grouped)
        if isinstance(run, int) or len(entries) == 1:
            folded += entries
            continue
        titles = tuple(title for entry in entries for title in entry.accepted)
        text = str(ngettext("accepted %(num)s finding", "accepted %(num)s findings", len(titles)))
        folded.append(replace(entries[0], text=text, title="", accepted=titles, why=None))
    return folded


def why_created(session: TenantSession, target: Target) -> tuple[Why | None, Reference | None]:
    """Where a record came from: the sentence and the meeting, if a meeting it was."""
    query = (
        select(Event)
        .join(EventTarget, EventTarget.event_id == Event.id)
        .where(EventTarget.target_type == target[0], EventTarget.target_id == target[1])
        .where(Event.kind == f"{target[0]}.created", Event.record_id == target[1])
        .order_by(Event.id)
    )
    first = session.scalars(query.limit(1)).first()
    if first is None:
        return None, None
    known = record_names.references(session, mentioned([first]))
    return _why(first), known.get(("meeting", first.meeting_id)) if first.meeting_id else None


def _is_said_twice(event: Told) -> bool:
    """Whether the record's own event stands beside and says the same."""
    if event.kind == "assistant.action_done":
        return True
    return event.kind == "insight.accepted" and event.data.get("kind") in _WITH_A_RECORD


def mentioned(history: Iterable[Told | Event]) -> Iterator[Target]:
    """The records that events tell of."""
    for event in history:
        if event.record_type and event.record_id:
            yield event.record_type, event.record_id
        if event.meeting_id:
            yield "meeting", event.meeting_id
        for name, (before, after) in event.data.get("changes", {}).items():
            for value in (before, after):
                yield from record_values.mentioned(name, value)


def _moment(event: Told, target: Target, names: Names) -> Moment:
    type_, _dot, verb = event.kind.partition(".")
    text: LazyString | None
    is_own = (event.record_type, event.record_id) == target
    changes = event.data.get("changes", {})
    if deed := _deed(changes):
        verb, text = deed[0], deed[1 if is_own else 2]
    else:
        text = _OWN.get(verb) if is_own and type_ == target[0] else _OTHER.get(event.kind) or _OTHER.get(verb)
    noted = names.records.get((event.record_type or "", event.record_id or 0)) if event.kind == "note.created" else None
    if noted and noted.kind in _NOTED:
        text = _NOTED[noted.kind][0 if is_own else 1]
    about = None if is_own or not event.record_type or not event.record_id else names.records.get(
        (event.record_type, event.record_id)
    )  # fmt: skip
    is_insight, is_action = type_ == "insight", type_ == "assistant"
    title = _insight_title(event) if is_insight else event.title
    if verb == "merged" and is_own:
        title = ", ".join(str(other["name"] or _("Without a name")) for other in event.data.get("others", ()))
    tells_title = verb in ("attached", "detached") or (verb in ("linked", "unlinked", "merged") and is_own)
    return Moment(
        id=event.id,
        icon="gavel"
        if is_insight
        else noted.icon
        if noted
        else _ICONS.get(verb) or record_names.ICONS.get(type_, "circle-dot"),
        tone=_TONES.get(verb, "neutral"),
        who=str(_ACTORS["system"]) if event.actor == type_ == "meeting" else _who(event, names),
        text=str(text or event.kind),
        at=event.at,
        about=None if is_insight or is_action else about,
        title=title if is_insight or is_action or tells_title or (about is None and not is_own) else "",
        accepted=(title,) if event.kind == "insight.accepted" else (),
        meeting=names.records.get(("meeting", event.meeting_id)) if event.meeting_id and type_ != "meeting" else None,
        changes=() if verb in ("finished", "reopened") else tuple(_changes(changes, names, event.record_type or "")),
        why=_why(event),
    )


def _insight_title(event: Told) -> str:
    """`Decision: start in Bergen`; the kind alone for what has no words of its own."""
    kind = event.data.get("kind", "")
    name = str(transcript_page.KIND_NAMES.get(kind, kind))
    return name if event.title in ("", kind) else f"{name}: {event.title}"


def _deed(changes: Mapping[str, Sequence[Any]]) -> tuple[str, LazyString, LazyString] | None:
    """The word for a change of nothing but the status or the stage."""
    said = [name for name in changes if name not in _HIDDEN and _SAID_BY.get(name) not in changes]
    if said not in (["status"], ["stage"]):
        return None
    return _DEEDS.get((said[0], None if said[0] == "stage" else changes[said[0]][1]))


def _who(event: Told, names: Names) -> str:
    name = names.people.get(event.user_id or 0)
    if name is None:
        return str(_ACTORS.get(event.actor, _("Somebody")))
    if event.actor == "api":
        return str(_("%(name)s, by a script,", name=name))
    if event.actor == "assistant":
        return str(_("%(name)s, through the assistant,", name=name))
    return name


def _why(event: Told | Event) -> Why | None:
    why = event.data.get("why")
    if not isinstance(why, dict) or not why.get("quote"):
        return None
    second = why.get("start_s")
    href = None
    if event.meeting_id:
        href = url_for("meetings.show", id=event.meeting_id, t=None if second is None else int(second))
        if why.get("utterance") is not None:
            href += f"#u-{int(why['utterance'])}"
    return Why(why["quote"], why.get("speaker"), transcript_page.timecode(second), href)


def _changes(changes: Mapping[str, Sequence[Any]], names: Names, type_name: str) -> Iterable[Change]:
    for name, (before, after) in changes.items():
        if name in _HIDDEN or _SAID_BY.get(name) in changes:
            continue
        asked = names.fields.get((type_name, name))
        shown = [record_values.shown_value(name, value, names, asked) for value in (before, after)]
        yield Change(str(asked.label if asked else FIELD_LABELS.get(name, name)), shown[0], shown[1])
