"""The follow-up letter after a meeting: what was agreed, who does what by when, and nothing that is ours alone.

Made by template from what somebody said yes to: decisions, promises, the next meeting. Pains, objections, rivals and
moods are our view of a customer and never go to them; a decision or promise that names a rival or repeats such a view
is left out, and the page says how many were. Nothing is sent from here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crm.minutes.content import clean
from crm.minutes.letter_wording import LetterWording, letter_wording
from crm.minutes.people import attended
from shared.models import Contact, Insight, InsightStatus, Meeting, User, Utterance
from shared.records.keys import fold
from shared.records.wording import Sayings
from shared.schemas.insight import Kind
from shared.tenancy import TenantSession

_AGREED = (Kind.DECISION, Kind.ACTION_ITEM, Kind.NEXT_MEETING)
_VIEWS = (Kind.PAIN_POINT, Kind.OBJECTION, Kind.SENTIMENT)
#: A promise that has this share of its words in common with a pain is that pain.
_REPEATS = 0.6
_INFORMAL = re.compile(r"\b(?:du|dir|dich|dein(?:e[nmrs]?)?|euch|euer|eure[nmrs]?)\b", re.IGNORECASE)
#: Only inside a sentence does the capital tell "Sie" from "sie".
_FORMAL = re.compile(r"(?<=[\w,] )(?:Sie|Ihnen|Ihr|Ihre[nmrs]?)\b")
_OURSELVES = frozenset({"we", "us", "wir", "uns"})
#: What a name must not bring into the line of addresses.
_NOT_IN_A_NAME = re.compile(r'[<>@,;:"()\[\]\\]+')


@dataclass(frozen=True, slots=True)
class Letter:
    """A draft. `to` are addresses with names; `waiting` points are not in it yet, `left_out` ones are ours alone."""

    language: str
    to: tuple[str, ...]
    subject: str
    body: str
    waiting: int
    left_out: int


def draft(session: TenantSession, meeting: Meeting, *, by: User, zone: ZoneInfo) -> Letter:
    """The letter that `by` may send to the customers who were there, in the meeting's language."""
    query = select(Insight).where(Insight.meeting_id == meeting.id, Insight.status != InsightStatus.REJECTED)
    insights = list(session.scalars(query.order_by(Insight.position)))
    people = _people(session, meeting, insights)
    is_informal = _is_informal(session, meeting)
    words = letter_wording(meeting.language, is_informal=is_informal, many=len(people.guests) > 1)
    found = [i for i in insights if i.kind in _AGREED]
    agreed = [i for i in found if i.status.is_applied]
    ours_alone = _OursAlone.of(insights)
    shown = [i for i in agreed if not ours_alone.speaks_in(i)]
    day = words.day(meeting.occurred_at.astimezone(zone).date())
    points = list(_points(words, shown, people))
    thanks = words.thanks.format(day=day)
    blocks = [
        _greeting(words, people.guests),
        f"{thanks} {words.follows}" if points else thanks,
        *points,
        words.closing,
        "\n".join((words.regards, clean(by.name), people.own)),
    ]
    return Letter(
        language=words.language,
        to=tuple(_address(guest) for guest in people.guests if guest.email),
        subject=words.subject.format(day=day),
        body="\n\n".join(blocks),
        waiting=sum(i.status.is_open for i in found),
        left_out=len(agreed) - len(shown),
    )


def language_of(meeting: Meeting) -> str:
    """In which language its letter is written: en or de."""
    return letter_wording(meeting.language, is_informal=False, many=False).language


def _greeting(words: LetterWording, guests: Sequence[Contact]) -> str:
    """By first names; where people address each other formally, by whole names, since no record says Ms or Mr."""
    names = [clean((words.uses_first_names and guest.first_name) or guest.name) for guest in guests]
    names = [name for name in dict.fromkeys(names) if name]
    if not names:
        return words.greeting_nobody
    joined = f" {words.and_} ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
    return words.greeting.format(names=joined)


def _address(guest: Contact) -> str:
    name = " ".join(_NOT_IN_A_NAME.sub(" ", clean(guest.name)).split())
    return f"{name} <{guest.email}>" if name else str(guest.email)


def _is_informal(session: TenantSession, meeting: Meeting) -> bool:
    """Whether they say "du" to each other; one "Sie" inside a sentence in five, and the letter is formal."""
    if not (meeting.language or "").startswith("de"):
        return False
    texts = session.scalars(select(Utterance.text).where(Utterance.meeting_id == meeting.id))
    informal = formal = 0
    for text in texts:
        informal += len(_INFORMAL.findall(text))
        formal += len(_FORMAL.findall(text))
    return informal >= 2 and formal * 5 <= informal


# --- Points


def _points(words: LetterWording, shown: Sequence[Insight], people: _People) -> Iterable[str]:
    """The blocks of a letter: a heading and its points, without those that would be empty."""
    decided = [clean(i.data["description"]) for i in shown if i.kind == Kind.DECISION]
    by_side: dict[str, list[str]] = {"ours": [], "yours": [], "open": []}
    for insight in shown:
        if insight.kind == Kind.ACTION_ITEM:
            by_side[people.side_of(insight.data.get("owner"))].append(_promise(words, insight))
    headed = ((words.agreed, decided), (words.ours, by_side["ours"]), (words.yours, by_side["yours"]))
    for heading, points in (*headed, (words.open, by_side["open"])):
        if points:
            yield "\n".join((heading, *(f"- {point}" for point in points)))
    for insight in shown:
        if insight.kind == Kind.NEXT_MEETING:
            purpose = clean(insight.data.get("purpose"))
            when = words.moment(insight.data["when"]) + (f" ({purpose})" if purpose else "")
            yield words.next.format(when=when)


def _promise(words: LetterWording, insight: Insight) -> str:
    """`Send the offer (Alice Archer, by November 20, 2026)`"""
    due = insight.data.get("due_date")
    about = ", ".join(part for part in (clean(insight.data.get("owner")), words.due(due) if due else "") if part)
    return clean(insight.data["description"]) + (f" ({about})" if about else "")


@dataclass(frozen=True, slots=True)
class _OursAlone:
    """What a customer must not read: rivals' names, and our view of the customer."""

    rivals: tuple[str, ...]
    views: Sayings

    @classmethod
    def of(cls, insights: Iterable[Insight]) -> _OursAlone:
        rivals, views = [], []
        for insight in insights:
            if insight.kind == Kind.COMPETITOR:
                rivals.append(f" {_words(insight.data['name'])} ")
            elif insight.kind in _VIEWS:
                views.append(str(insight.data.get("description") or insight.data.get("about") or ""))
        return cls(tuple(rival for rival in rivals if rival.strip()), Sayings(views))

    def speaks_in(self, insight: Insight) -> bool:
        """Whether a point names a rival, or says such a view again."""
        text = str(insight.data.get("description") or insight.data.get("purpose") or "")
        spaced = f" {_words(text)} "
        if any(rival in spaced for rival in self.rivals):
            return True
        return self.views.likeness(text) >= _REPEATS


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", fold(text)))


# --- People


@dataclass(frozen=True, slots=True)
class _People:
    """`guests` are the customers who were there; names of either side are folded."""

    own: str
    guests: tuple[Contact, ...]
    ours: frozenset[str]
    theirs: frozenset[str]

    def side_of(self, owner: str | None) -> str:
        """ours, yours or open: a name that both sides have, or neither, is nobody's."""
        name = fold(owner or "")
        is_ours, is_theirs = name in self.ours or name in _OURSELVES, name in self.theirs
        if is_ours == is_theirs:
            return "open"
        return "ours" if is_ours else "yours"


def _people(session: TenantSession, meeting: Meeting, insights: Sequence[Insight]) -> _People:
    there = attended(session, meeting)
    colleagues = list(session.scalars(select(User).where(User.is_active)))
    attending = {user.id for user in there.colleagues} | {meeting.owner_id}
    ours = {user.name for user in colleagues if user.id in attending} | {there.own}
    ours |= {contact.name for contact in there.contacts if contact not in there.guests}
    theirs = {guest.name for guest in there.guests} | set(there.employers.values())
    known = {fold(user.name) for user in colleagues}
    for insight in insights:  # who is only spoken of belongs to a side, too
        name, data = str(insight.data.get("name") or ""), insight.data
        if insight.kind == Kind.CONTACT and fold(name) not in known:
            (ours if there.is_own(data.get("company"), data.get("email")) else theirs).add(name)
        elif insight.kind == Kind.COMPANY and not there.is_own(name, None):
            theirs.add(name)
    our_names, their_names = _with_first_names(ours), _with_first_names(theirs - {there.own})
    # Of colleagues who were not there the first name counts only where no guest has it.
    absent = _with_first_names(user.name for user in colleagues if user.id not in attending) - their_names
    return _People(clean(there.own), there.guests, our_names | absent | known, their_names - known)


def _with_first_names(names: Iterable[str]) -> frozenset[str]:
    folded = {fold(name) for name in names if name}
    return frozenset(folded | {name.split()[0] for name in folded if name.split()})
