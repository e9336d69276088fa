"""Who spoke in a meeting: the transcript's labels, and the people behind them.

A label is what the transcript calls somebody ("Speaker 2"). An attendee row with that label says who it is. `match`
ties a label to a contact or a colleague where only one can be meant; where two can, the page asks.

The stored labels are what everything else reads, so naming somebody rewrites them: `relabel` changes the utterances and
says which, so that it can be taken back. Insights are told by `shared.review.naming`, through which people name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import bindparam, func, select, update

from shared import search
from shared.models import Attendee, Contact, Meeting, User, Utterance
from shared.prepared import Prepared
from shared.records import titles
from shared.records.keys import fold, person_key, split_name
from shared.records.titles import PRIMARY_EMAIL
from shared.schemas.ids import target_of
from shared.tenancy import TenantSession
from shared.transcripts import is_generic

#: What a column of labels holds.
MAX_NAME = 200
#: Companies and roles that tools put behind a name: "Ana Ruiz (Acme)", "Ana Ruiz | Acme".
_TAIL = re.compile(r"\s*(?:[(\[][^()\[\]]{0,100}[)\]]|\|.{0,100})$")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a label can stand for. `type` is contact or user; `about` tells namesakes apart."""

    type: str
    id: int
    name: str
    about: str = ""

    @property
    def value(self) -> str:
        """How forms send it: `contact:5`."""
        return f"{self.type}:{self.id}"


@dataclass(frozen=True, slots=True)
class Voice:
    """One label and its share of the words, 0..1. `person` is who it is; `candidates`, who it may be, if nobody is."""

    label: str | None
    words: int
    share: float
    is_generic: bool
    person: Person | None = None
    candidates: tuple[Person, ...] = field(default=())


def voices(session: TenantSession, meeting: Meeting) -> list[Voice]:
    """Who spoke, in the order of the first word; nobody for notes in which no line has a speaker."""
    spoken = _words_by_label(session, meeting)
    if not any(label for label in spoken):
        return []
    total = sum(spoken.values()) or 1
    people = {a.speaker: a for a in meeting.attendees if a.speaker and (a.contact_id or a.user_id)}
    known = _People(session, meeting)
    persons = known.behind(people)
    open_labels = [label for label in spoken if label and not is_generic(label) and not persons.get(label)]
    candidates = known.named(open_labels)
    return [
        Voice(
            label,
            words,
            words / total,
            is_generic(label),
            persons.get(label or ""),
            tuple(candidates.get(label or "", ())),
        )
        for label, words in spoken.items()
    ]


def _words_by_label(session: TenantSession, meeting: Meeting) -> dict[str | None, int]:
    return {label: int(words) for label, words in _WORDS.rows(session, meeting=meeting.id)}


#: Words are counted by their blanks, in the database: a long meeting has thousands of lines.
_WORDS = Prepared(
    select(
        Utterance.speaker,
        func.sum(func.length(Utterance.text) - func.length(func.replace(Utterance.text, " ", "")) + 1),
    )
    .where(Utterance.meeting_id == bindparam("meeting"))
    .group_by(Utterance.speaker)
    .order_by(func.min(Utterance.position))
)


def match(session: TenantSession, meeting: Meeting) -> int:
    """Tie named labels to the one contact or colleague who bears the name. Returns how many were tied."""
    tied = 0
    for voice in voices(session, meeting):
        if voice.label and not voice.is_generic and voice.person is None and len(voice.candidates) == 1:
            only = voice.candidates[0]
            if _may_be_tied(session, meeting, only):
                attend(session, meeting, only, voice.label)
                tied += 1
    session.flush()
    return tied


def _may_be_tied(session: TenantSession, meeting: Meeting, person: Person) -> bool:
    """Somebody of the meeting's company, of our own side, or who is known to have been there: a namesake is not."""
    if person.type == "user" or any(a.contact_id == person.id for a in meeting.attendees):
        return True
    contact = session.get(Contact, person.id)
    return contact is not None and meeting.company_id is not None and contact.company_id == meeting.company_id


def attend(session: TenantSession, meeting: Meeting, person: Person, label: str) -> list[dict[str, object]]:
    """Say that a label is a person. Returns what changed, for `unattend`: attendee ids with their label before."""
    column = f"{person.type}_id"
    changes: list[dict[str, object]] = []
    for other in [a for a in meeting.attendees if a.speaker == label and getattr(a, column) != person.id]:
        changes.append({"id": other.id, "before": other.speaker, "after": None})
        other.speaker = None
    mine = next((a for a in meeting.attendees if getattr(a, column) == person.id), None)
    if mine is None:
        mine = Attendee(workspace_id=meeting.workspace_id, speaker=label, **{column: person.id})
        meeting.attendees.append(mine)
        session.flush()
        changes.append({"id": mine.id, "created": True, "after": label})
    elif mine.speaker != label:
        changes.append({"id": mine.id, "before": mine.speaker, "after": label})
        mine.speaker = label
    session.flush()
    return changes


def follow(session: TenantSession, meeting: Meeting, before: str | None, after: str) -> list[dict[str, object]]:
    """Let attendees who bore a label bear the new one. Returns what changed, as `attend` does."""
    changes: list[dict[str, object]] = []
    for attendee in meeting.attendees:
        if before and attendee.speaker == before:
            changes.append({"id": attendee.id, "before": before, "after": after})
            attendee.speaker = after
    session.flush()
    return changes


def unattend(session: TenantSession, meeting: Meeting, changes: Sequence[dict[str, object]]) -> None:
    """Take back what `attend` and `follow` did, where nothing else happened since."""
    rows = {a.id: a for a in meeting.attendees}
    for change in reversed(changes):
        attendee = rows.get(int(str(change["id"])))
        if attendee is None or attendee.speaker != change["after"]:
            continue
        if change.get("created"):
            meeting.attendees.remove(attendee)
        else:
            before = change["before"]
            attendee.speaker = str(before) if before is not None else None
    session.flush()


def relabel(
    session: TenantSession,
    meeting: Meeting,
    before: str | None,
    after: str | None,
    positions: Sequence[int] | None = None,
) -> list[int]:
    """Give the utterances of a label another one, all or those at `positions`. Returns the positions changed."""
    here = Utterance.meeting_id == meeting.id
    same = Utterance.speaker == before if before is not None else Utterance.speaker.is_(None)
    query = select(Utterance.position).where(here, same).order_by(Utterance.position)
    found = list(session.scalars(query))
    changed = found if positions is None else sorted(set(found) & set(positions))
    for start in range(0, len(changed), 500):
        some = Utterance.position.in_(changed[start : start + 500])
        session.execute(update(Utterance).where(here, some).values(speaker=after))
    search.mark(session, "meeting", meeting.id)  # passages are found by who said them, too
    return changed


def has_label(session: TenantSession, meeting: Meeting, label: str) -> bool:
    query = select(Utterance.id).where(Utterance.meeting_id == meeting.id, Utterance.speaker == label)
    return session.scalar(query.limit(1)) is not None


def samples(session: TenantSession, meeting: Meeting, label: str | None, *, count: int = 3) -> list[Utterance]:
    """The longest things a label says, in order: what one recognises somebody by."""
    same = Utterance.speaker == label if label is not None else Utterance.speaker.is_(None)
    query = select(Utterance).where(Utterance.meeting_id == meeting.id, same)
    longest = session.scalars(query.order_by(func.length(Utterance.text).desc(), Utterance.position).limit(count))
    return sorted(longest, key=lambda utterance: utterance.position)


# --- Who it may be


def suggestions(session: TenantSession, meeting: Meeting, typed: str, *, limit: int = 8) -> list[Person]:
    """People for what was typed so far: who was there, the company's contacts, colleagues, then everybody else."""
    known = _People(session, meeting)
    wanted = fold(typed)
    near = [person for person in known.near() if not wanted or _fits(wanted, person.name)]
    if wanted and len(near) < limit:
        ids = [hit.id for hit in search.find(session, typed, types=["contact"], limit=limit)]
        near += [person for person in known.contacts(ids) if person not in near]
    return near[:limit]


def find_person(session: TenantSession, meeting: Meeting, name: str) -> Person | None:
    """The only one near this meeting who bears the name; None if there are none or several."""
    bearers = _People(session, meeting).named([name])[name]
    found = [person for person in bearers if _may_be_tied(session, meeting, person)]
    return found[0] if len(found) == 1 else None


def get_person(session: TenantSession, value: str) -> Person | None:
    """The person behind `contact:5` or `user:3`; None if there is none."""
    target = target_of(value, ("contact", "user"))
    if target is None:
        return None
    if target[0] == "contact":
        title = titles.titles(session, [target]).get(target)
        return Person(*target, title.name, title.sub) if title and not title.is_deleted else None
    user = session.get(User, target[1])
    return Person("user", user.id, user.name) if user is not None and user.is_active else None


def _fits(wanted: str, name: str) -> bool:
    """Every typed word begins a word of the name."""
    words = fold(name).split()
    return all(any(word.startswith(part) for word in words) for part in wanted.split())


#: Who may bear a name: enough to say who it is.
_BEARERS = Prepared(
    select(
        Contact.id, Contact.name_key, Contact.company_id,
        func.trim(Contact.first_name + " " + Contact.last_name).label("name"),
        func.coalesce(func.nullif(Contact.title, ""), PRIMARY_EMAIL, "").label("about"),
    )
    .where(Contact.name_key.in_(bindparam("keys", expanding=True)), Contact.deleted_at.is_(None))
    .order_by(Contact.id)
    .limit(500)
)  # fmt: skip


class _People:
    """The people near a meeting, loaded when they are asked for."""

    def __init__(self, session: TenantSession, meeting: Meeting) -> None:
        self._session, self._meeting = session, meeting
        everybody = titles.people(session)
        self._names = {id: name for id, name, _is_active in everybody}
        self._users = [Person("user", id, name) for id, name, is_active in everybody if is_active]

    def behind(self, attendees: Mapping[str, Attendee]) -> dict[str, Person | None]:
        """Who each attendee is; None for whoever is gone."""
        contacts = {person.id: person for person in self.contacts([a.contact_id for a in attendees.values()])}
        return {label: contacts.get(a.contact_id or 0) or self._of_us(a.user_id) for label, a in attendees.items()}

    def _of_us(self, id: int | None) -> Person | None:
        name = self._names.get(id or 0)
        return Person("user", id, name) if id and name is not None else None

    def contacts(self, ids: Iterable[int | None]) -> list[Person]:
        wanted = [("contact", id) for id in ids if id]
        known = titles.titles(self._session, wanted)
        return [
            Person(type_, id, title.name, title.sub)
            for type_, id in wanted
            if (title := known.get((type_, id))) and not title.is_deleted
        ]

    def near(self) -> list[Person]:
        """Attendees, the company's contacts, colleagues."""
        attending = [a.contact_id for a in self._meeting.attendees if a.contact_id]
        company = self._meeting.company_id
        query = select(Contact.id).where(Contact.company_id == company, Contact.deleted_at.is_(None))
        colleagues = list(self._session.scalars(query.order_by(Contact.name_key).limit(200))) if company else []
        return [*self.contacts(list(dict.fromkeys([*attending, *colleagues]))), *self._users]

    def named(self, labels: Sequence[str]) -> dict[str, list[Person]]:
        """{label: all who bear the name}; those of the meeting and its company alone, if any are.

        "Ana Ruiz", "Ruiz, Ana" and "Ana Ruiz (Acme)" are one name.
        """
        names = {label: plain_name(label) for label in labels}
        keys = {label: person_key(*split_name(name)) for label, name in names.items()}
        wanted = sorted({key for key in keys.values() if key})
        rows = _BEARERS.rows(self._session, keys=wanted) if wanted else []
        attending = {a.contact_id for a in self._meeting.attendees}
        company = self._meeting.company_id
        here = [row for row in rows if row.id in attending or (company and row.company_id == company)]
        found = {}
        for label, name in names.items():
            users = [user for user in self._users if fold(user.name) == fold(name)]
            near = [row for row in here if row.name_key == keys[label]]
            same = near or [row for row in rows if row.name_key == keys[label]]
            contacts = [Person("contact", row.id, row.name, row.about) for row in same]
            found[label] = [*users, *contacts]
        return found


def plain_name(label: str) -> str:
    """ "Ruiz, Ana (Acme)" -> "Ana Ruiz"."""
    name = _TAIL.sub("", label).strip()
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and first.strip() and "," not in first else name
