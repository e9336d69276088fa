"""Records as pieces of text small enough to be understood as one thing: what is indexed, and what is quoted.

A piece has at most 120 words, fewer where words are long, so that the embedding model (256 word pieces) sees all of it.
A meeting's talk is cut between utterances. Everything here is computed from the record as it is now; the same record
gives the same pieces.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from shared.models import (
    Company,
    Contact,
    Deal,
    DealContact,
    Employment,
    Insight,
    Link,
    Meeting,
    Note,
    Pipeline,
    Stage,
    Task,
    User,
    Utterance,
    workspace_of,
)
from shared.records.deals import to_major
from shared.schemas.insight import Kind
from shared.tenancy import TenantSession

MOST_WORDS = 120
#: In letters of English; other letters count more, because the model cuts their words into more pieces.
MOST_LETTERS = 800
#: An utterance longer than this much of a piece is cut at the ends of its sentences.
_TOO_LONG = 1.5
#: Beyond, a text is data rather than words: some 300 pages.
_MOST_PIECES = 1500

_SENTENCE_END = re.compile(r"(?<=[.?!…。！？])[\"'”’)\]]*\s+|\n+")
_DEAR = re.compile(r"[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class Piece:
    """As `shared.models.Chunk`; `first` and `last` are positions of utterances."""

    part: str
    text: str
    first: int | None = None
    last: int | None = None
    start_s: float | None = None

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.text.encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class Line:
    """An utterance as far as chunks are concerned."""

    position: int
    speaker: str | None
    start_s: float | None
    text: str


def pieces_of(session: TenantSession, record_type: str, record_id: int) -> list[Piece]:
    """A record's pieces; none when it is not there, deleted, or says nothing."""
    builder = _BUILDERS.get(record_type)
    made = builder(session, record_id) if builder else ()
    return [piece for piece in made if piece.text.strip()][:_MOST_PIECES]


def talk(lines: Iterable[Line]) -> list[Piece]:
    """Consecutive whole utterances, as many as fit into a piece; a very long one in several pieces."""
    made: list[Piece] = []
    window: list[tuple[Line, str]] = []
    words = letters = 0.0
    for line in lines:
        for said in _said(line.text):
            more_words, more_letters = len(said.split()), _letters(said)
            if window and (words + more_words > MOST_WORDS or letters + more_letters > MOST_LETTERS):
                made.append(_window(window))
                window, words, letters = [], 0, 0
            window.append((line, said))
            words, letters = words + more_words, letters + more_letters
    return [*made, _window(window)] if window else made


def _said(text: str) -> Iterable[str]:
    if len(text.split()) <= _TOO_LONG * MOST_WORDS and _letters(text) <= _TOO_LONG * MOST_LETTERS:
        return (text,)
    return split(text)


def _window(window: Sequence[tuple[Line, str]]) -> Piece:
    first, last = window[0][0], window[-1][0]
    text = "\n".join(spoken(line.speaker, said) for line, said in window)
    return Piece("talk", text, first.position, last.position, first.start_s)


def spoken(speaker: str | None, said: str) -> str:
    """An utterance as it stands in a piece."""
    return f"{speaker}: {said}" if speaker else said


def split(text: str) -> list[str]:
    """A text in pieces of whole sentences where that is possible, of words where it is not.

    A paragraph's end closes a piece that is half full, so that what is written above does not move what is below.
    """
    made: list[str] = []
    words = letters = 0.0
    for sentence in _sentences(text):
        more_words, more_letters = len(sentence.split()), _letters(sentence)
        if made and words + more_words <= MOST_WORDS and letters + more_letters <= MOST_LETTERS:
            made[-1] = f"{made[-1]}{sentence}"
            words, letters = words + more_words, letters + more_letters
        else:
            made.append(sentence)
            words, letters = more_words, more_letters
        if "\n\n" in sentence[-4:] and words >= MOST_WORDS / 2:
            words = MOST_WORDS
    return [piece.strip() for piece in made if piece.strip()]


def _sentences(text: str) -> Iterator[str]:
    """The sentences with the white space behind them, none longer than a piece."""
    start = 0
    for end in [match.end() for match in _SENTENCE_END.finditer(text)] + [len(text)]:
        if end > start:
            yield from _cut(text[start:end])
        start = end


def _cut(sentence: str) -> Iterator[str]:
    while len(sentence.split()) > MOST_WORDS or _letters(sentence) > MOST_LETTERS:
        end = _cut_at(sentence)
        yield sentence[:end]
        sentence = sentence[end:]
    yield sentence


def _cut_at(sentence: str) -> int:
    """Where a sentence that is too long is cut: before a word, as late as possible."""
    words = letters = 0.0
    blank = 0
    for i, char in enumerate(sentence):
        letters += _weight(char)
        if char.isspace():
            blank = i + 1
            words += 1
        if letters > MOST_LETTERS or words >= MOST_WORDS:
            return blank or i or 1
    return len(sentence)


def _letters(text: str) -> float:
    return len(text) + 2 * len(_DEAR.findall(text)) if not text.isascii() else len(text)


def _weight(char: str) -> int:
    return 1 if char.isascii() else 3


# ------------------------------------------------------------------------------------------------------------- records


def _company(session: TenantSession, id: int) -> Iterator[Piece]:
    row = _live(session, Company, id)
    if row is None:
        return
    address = _list(row.street, f"{row.postcode or ''} {row.city or ''}".strip(), row.region, row.country)
    facts = _facts(
        industry=row.industry, address=address, domain=row.domain, website=row.website, phone=row.phone,
        employees=row.employees, owner=_name(session, User, row.owner_id),
    )  # fmt: skip
    yield from _described(f"Company: {row.name}{facts}", row.name, row.description)


def _contact(session: TenantSession, id: int) -> Iterator[Piece]:
    row = _live(session, Contact, id)
    if row is None:
        return
    employer = _name(session, Company, row.company_id)
    who = " at ".join(part for part in (row.title, employer) if part)
    former = session.scalars(
        select(Company.name)
        .join(Employment, Employment.company_id == Company.id)
        .where(Employment.contact_id == id, Employment.ended_on.is_not(None))
        .order_by(Employment.id)
    )
    facts = _facts(
        email=_list(*(e.email for e in row.emails)), phone=_list(*(p.phone for p in row.phones)),
        lifecycle=row.lifecycle.value, source=row.source, formerly_at=_list(*former),
        owner=_name(session, User, row.owner_id),
    )  # fmt: skip
    yield from _described(f"Contact: {_list(row.name, who)}{facts}", row.name, row.description)


def _deal(session: TenantSession, id: int) -> Iterator[Piece]:
    row = _live(session, Deal, id)
    if row is None:
        return
    stage = session.get(Stage, row.stage_id)
    people = session.scalars(select(DealContact.contact_id).where(DealContact.deal_id == id).order_by(DealContact.id))
    has_amount = row.amount_minor is not None and row.currency
    amount = f"{to_major(row.amount_minor or 0, row.currency or ''):,} {row.currency}" if has_amount else None
    facts = _facts(
        company=_name(session, Company, row.company_id), stage=f"{stage.name} ({stage.type.value})" if stage else None,
        pipeline=_name(session, Pipeline, row.pipeline_id), amount=amount, expected_close=row.expected_close,
        closed=_day(session, row.closed_at), lost_because=row.lost_reason,
        contacts=_list(*(_name(session, Contact, i) for i in dict.fromkeys([row.contact_id, *people]) if i)),
        owner=_name(session, User, row.owner_id),
    )  # fmt: skip
    yield from _described(f"Deal: {row.name}{facts}", row.name, row.description)


def _task(session: TenantSession, id: int) -> Iterator[Piece]:
    row = _live(session, Task, id)
    if row is None:
        return
    facts = _facts(
        status=row.status.value, due=row.due_date, done=_day(session, row.completed_at),
        priority=row.priority.value if row.priority.value != "normal" else None,
        assigned_to=_name(session, User, row.assignee_id), promised_by=row.promised_by,
        about=_linked(session, "task", id),
    )  # fmt: skip
    yield from _described(f"Task: {row.title}{facts}", row.title, row.body)


def _note(session: TenantSession, id: int) -> Iterator[Piece]:
    row = _live(session, Note, id)
    if row is None:
        return
    about = _linked(session, "note", id)
    yield from _texts(f"Note on {about}" if about else "", row.body)


def _meeting(session: TenantSession, id: int) -> Iterator[Piece]:
    row = _live(session, Meeting, id)
    if row is None:
        return
    present = [_name(session, Contact, a.contact_id) or _name(session, User, a.user_id) for a in row.attendees]
    facts = _facts(
        date=_day(session, row.occurred_at), company=_name(session, Company, row.company_id),
        deal=_name(session, Deal, row.deal_id), present=_list(*dict.fromkeys([*present, *(row.participants or [])])),
    )  # fmt: skip
    yield from _described(f"Meeting: {row.title}{facts}", row.title, row.summary)
    yield from talk(lines_of(session, id))


def lines_of(session: TenantSession, meeting_id: int, first: int = 0, last: int | None = None) -> list[Line]:
    """What was said, in order, from one utterance to another."""
    columns = (Utterance.position, Utterance.speaker, Utterance.start_s, Utterance.text)
    query = select(*columns).where(Utterance.meeting_id == meeting_id, Utterance.position >= first)
    if last is not None:
        query = query.where(Utterance.position <= last)
    return [Line(*row) for row in session.execute(query.order_by(Utterance.position))]


#: What an insight is called before what it says.
INSIGHT_NAMES = {
    Kind.CONTACT: "Contact", Kind.COMPANY: "Company", Kind.DEAL: "Deal", Kind.ACTION_ITEM: "Action item",
    Kind.NEXT_MEETING: "Next meeting", Kind.DECISION: "Decision", Kind.PAIN_POINT: "Pain point",
    Kind.OBJECTION: "Objection", Kind.COMPETITOR: "Competitor", Kind.REQUIREMENT: "Requirement",
    Kind.SENTIMENT: "Sentiment",
}  # fmt: skip


def _insight(session: TenantSession, id: int) -> Iterator[Piece]:
    """An accepted insight with its first quote. A summary is the meeting's own."""
    row = session.get(Insight, id)
    if row is None or not row.status.is_applied or row.kind == Kind.SUMMARY:
        return
    meeting = _live(session, Meeting, row.meeting_id)
    if meeting is None:
        return
    said = ", ".join(str(value) for value in row.data.values() if value not in (None, "", True, False))
    where = _list(meeting.title, _day(session, meeting.occurred_at), _name(session, Company, row.company_id))
    evidence = row.evidence[0] if row.evidence else {}
    quote = spoken(evidence.get("speaker"), f"“{evidence['quote']}”") if evidence.get("quote") else ""
    text = "\n".join(part for part in (f"{INSIGHT_NAMES[Kind(row.kind)]}: {said}", quote, f"({where})") if part)
    for piece in split(text)[:3]:
        yield Piece("card", piece, evidence.get("utterance"), evidence.get("utterance"), evidence.get("start_s"))


_BUILDERS: dict[str, Callable[[TenantSession, int], Iterable[Piece]]] = {
    "company": _company, "contact": _contact, "deal": _deal, "task": _task, "note": _note, "meeting": _meeting,
    "insight": _insight,
}  # fmt: skip

TYPES = tuple(_BUILDERS)


def _live(session: TenantSession, model: type[Any], id: int) -> Any | None:
    row = session.get(model, id)
    return row if row is not None and row.deleted_at is None else None


def _described(card: str, name: str, text: str | None) -> Iterator[Piece]:
    """A record's own fields and what is written about it: one piece if it is small, else the text in its own."""
    whole = f"{card}\n{text}" if text else card
    if len(whole.split()) <= MOST_WORDS and _letters(whole) <= MOST_LETTERS:
        yield Piece("card", whole)
        return
    yield Piece("card", card)
    yield from _texts(name, text)


def _texts(head: str, text: str | None) -> Iterator[Piece]:
    """A long text in pieces, each under the heading it belongs to."""
    for piece in split(text or ""):
        yield Piece("text", f"{head}\n{piece}" if head else piece)


def _facts(**facts: object) -> str:
    """What is known, as a line: `. Stage: Proposal. Amount: 12,000.00 EUR`."""
    return "".join(f". {name.replace('_', ' ').capitalize()}: {value}" for name, value in facts.items() if value)


def _list(*parts: object) -> str:
    return ", ".join(str(part) for part in parts if part)


def _name(session: TenantSession, model: type[Any], id: int | None) -> str | None:
    row = session.get(model, id) if id is not None else None
    if row is None or getattr(row, "deleted_at", None) is not None:
        return None
    return str(getattr(row, "name", None) or getattr(row, "title", None) or getattr(row, "email", None) or "") or None


def _day(session: TenantSession, moment: datetime | None) -> date | None:
    if moment is None:
        return None
    workspace = workspace_of(session)
    return moment.astimezone(ZoneInfo(workspace.timezone)).date()


def _linked(session: TenantSession, owner_type: str, owner_id: int) -> str:
    query = select(Link.target_type, Link.target_id).where(Link.owner_type == owner_type, Link.owner_id == owner_id)
    models: dict[str, type[Any]] = {"company": Company, "contact": Contact, "deal": Deal, "meeting": Meeting}
    return _list(*(_name(session, models[kind], id) for kind, id in session.execute(query.order_by(Link.id))))
