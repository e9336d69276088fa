"""Which record is meant by “the Borealis deal”, “Jane”, “that task”: one, several to ask about, or none.

Names are found as questions find them (`understanding.names`); here a phrase must be explained whole, or it names
somebody else. Nothing is guessed: two that match equally well are two.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, func, or_, select

from chatbot.assistant.types import Question, RecordRef
from chatbot.assistant.understanding import misspelt_names, names
from chatbot.assistant.understanding.lexicon import lexicon
from chatbot.assistant.understanding.mentions import Mention as NameMention
from chatbot.assistant.understanding.tokens import read
from shared import records, search
from shared.models import (
    ActionState,
    ChatAction,
    ChatConversation,
    Company,
    Contact,
    Deal,
    Meeting,
    Note,
    Stage,
    StageType,
    Task,
    TaskStatus,
    User,
)
from shared.records.keys import fold
from shared.records.work import note_title
from shared.schemas.ids import LARGEST_ID
from shared.tenancy import TenantSession

#: From this similarity on (0-100) a name is one with a typing error.
SIMILAR = 84
_MOST = 60

REF = re.compile(r"\s*\[(company|contact|deal|task|note|meeting|user):(\d{1,10})\]")

_ARTICLE = re.compile(
    r"^(?:(?:the|my|our|a|an|this|that|der|die|das|den|dem|des|mein\w{0,2}|unser\w{0,2}|diese[rnms]?|ein\w{0,2})\s+)+",
    re.IGNORECASE,
)
_KINDS = {
    "deal": "deal", "opportunity": "deal", "deals": "deal", "geschäft": "deal", "verkaufschance": "deal",
    "task": "task", "todo": "task", "to-do": "task", "reminder": "task", "aufgabe": "task", "erinnerung": "task",
    "contact": "contact", "person": "contact", "kontakt": "contact", "ansprechpartner": "contact",
    "company": "company", "account": "company", "customer": "company", "client": "company", "organisation": "company",
    "organization": "company", "firma": "company", "unternehmen": "company", "kunde": "company", "kunden": "company",
    "note": "note", "notiz": "note", "meeting": "meeting", "besprechung": "meeting", "termin": "meeting",
}  # fmt: skip
_KIND = "|".join(sorted(_KINDS, key=len, reverse=True))
_KIND_BEFORE = re.compile(rf"^({_KIND})(?:\s+(?:with|of|for|at|about|called|named|mit|von|bei|für|zu)\b)?[\s:]+", re.I)
_KIND_AFTER = re.compile(rf"[\s-]+({_KIND})$", re.I)
_ONLY_KIND = re.compile(rf"^(?:one|{_KIND})$", re.I)
_PRONOUNS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("him", "her", "them", "he", "she", "his", "their", "ihn", "ihm", "ihr", "sie", "ihnen", "ihre",
                     "ihren", "seine", "seinen"), ("contact",)),
    "its": ("deal", "company", "task"),
    **dict.fromkeys(("it", "this", "that", "this one", "that one", "es", "das", "dies", "diesen", "dieses", "here",
                     "hier"), ()),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """What a phrase may mean; `is_pointing` if it names nothing (“this deal”). `wanted` are the types looked for."""

    phrase: str
    records: tuple[RecordRef, ...]
    wanted: tuple[str, ...]
    is_pointing: bool = False

    @property
    def one(self) -> RecordRef | None:
        return self.records[0] if len(self.records) == 1 else None


@dataclass(frozen=True, slots=True)
class Mention:
    """Words of a text, and the records that they may name."""

    phrase: str
    records: tuple[RecordRef, ...]


class Targets:
    """Looks names up for one question."""

    def __init__(self, session: TenantSession, question: Question) -> None:
        self.session = session
        self.question = question

    def find(self, phrase: str, types: Sequence[str], *, status: TaskStatus | None = None) -> Found:
        """Records of these types that a phrase means. `status`: the tasks that make sense here."""
        if ref := REF.search(phrase):
            return Found(phrase, tuple(self._by_ref(ref[1], int(ref[2]), types)), tuple(types))
        words = phrase.strip(" \t\n.,;:!?“”\"„'’()")
        is_this = bool(re.match(r"(?i)(?:this|that|diese[rnms]?|jene[rnms]?)\b", words))
        if (kinds := _PRONOUNS.get(words.casefold())) is not None:
            return self._pointed([t for t in types if not kinds or t in kinds], phrase, from_page=words != "it")
        words = _ARTICLE.sub("", words)
        wanted, words = _kind_said(words, types)
        if not words:
            return self._pointed(wanted, phrase, from_page=is_this)
        if len(wanted) == 1 and (number := re.fullmatch(r"(?:#|no\.?\s*|nr\.?\s*)?(\d{1,9})", words, re.IGNORECASE)):
            return Found(phrase, tuple(self._by_ref(wanted[0], int(number[1]), wanted)), tuple(wanted))
        return Found(phrase, tuple(self._named(words, wanted, status)), tuple(wanted))

    def user(self, phrase: str) -> Found:
        """A colleague."""
        words = phrase.strip(" .,;:!?“”\"„'")
        me = self.question.asker
        if ref := REF.search(phrase):
            users = [u for u in self._users() if (ref[1], str(u.id)) == ("user", ref[2])]
        elif words.casefold() in ("me", "myself", "mich", "mir", "ich", "mich selbst", "mir selbst"):
            users = [u for u in self._users() if u.id == me.user_id]
        else:
            users = _best(fold(words), self._users(), lambda u: (u.name, *u.name.split(), u.email))
        return Found(phrase, tuple(RecordRef("user", u.id, u.name) for u in users), ("user",))

    def _users(self) -> list[User]:
        return list(self.session.scalars(select(User).where(User.is_active).order_by(User.id)))

    def _by_ref(self, type_: str, id: int, types: Sequence[str]) -> Iterable[RecordRef]:
        if type_ in types and id <= LARGEST_ID:
            row = self.session.get(records.TYPES[type_].model, id)
            if row is not None and row.deleted_at is None:
                yield ref_of(row)

    # ------------------------------------------------------------------------------------------------ pointing

    def _pointed(self, types: Sequence[str], phrase: str, *, from_page: bool) -> Found:
        """What the page or the last exchange was about. “This” means the page first, “it” what was last spoken of."""
        spoken = [*self._just_done(), *(exchange.focus for exchange in reversed(self.question.history))]
        around = [self.question.page, *spoken] if from_page else [*spoken, self.question.page]
        for ref in around:
            if ref is not None and (found := self._as_one_of(ref, types)) is not None:
                return Found(phrase, (found,), tuple(types), is_pointing=True)
        return Found(phrase, (), tuple(types), is_pointing=True)

    def _just_done(self) -> list[RecordRef]:
        """What the last exchange's action made or changed, if that was said yes to."""
        last = self.question.history[-1] if self.question.history else None
        if last is None or last.route != "action" or self.question.conversation is None:
            return []
        done = (
            select(ChatAction.record_type, ChatAction.record_id)
            .join(ChatConversation, ChatConversation.id == ChatAction.conversation_id)
            .where(
                ChatConversation.public_id == self.question.conversation,
                ChatAction.user_id == self.question.asker.user_id,
                ChatAction.state == ActionState.DONE,
            )
            .order_by(ChatAction.id.desc())
        )
        rows = self.session.execute(done.limit(1))
        return [RecordRef(type_, id) for type_, id in rows if type_ and id]

    def _as_one_of(self, ref: RecordRef, types: Sequence[str]) -> RecordRef | None:
        """The record itself, or the company of a deal or contact where a company is meant."""
        if ref.type not in ("company", "contact", "deal", "task", "note", "meeting"):
            return None
        row = self.session.get(records.TYPES[ref.type].model, ref.id)
        if row is None or row.deleted_at is not None:
            return None
        if ref.type in types:
            return ref_of(row)
        company_id = getattr(row, "company_id", None) if tuple(types) == ("company",) else None
        return next(iter(self._by_ref("company", company_id, types)), None) if company_id else None

    def page(self, types: Sequence[str]) -> RecordRef | None:
        """The record whose page is open, as it is now."""
        page = self.question.page
        return self._as_one_of(page, types) if page is not None and page.type in types else None

    # -------------------------------------------------------------------------------------------------- naming

    def _named(self, words: str, types: Sequence[str], status: TaskStatus | None) -> list[RecordRef]:
        """Best first; tasks and notes are sought by their words, all others by their names."""
        found = self._by_name(words, [t for t in types if t not in ("task", "note")])
        if found or not set(types) & {"task", "note"}:
            return found
        rows = self._by_words(words, [t for t in types if t in ("task", "note")])
        if status is not None and any(isinstance(row, Task) and row.status == status for row in rows):
            rows = [row for row in rows if not isinstance(row, Task) or row.status == status]
        return [ref_of(row) for row in sorted(rows, key=_is_done)]

    def _by_name(self, words: str, types: Sequence[str]) -> list[RecordRef]:
        text = read(words)
        if not types or not text.tokens or text.is_too_long:
            return []
        mentions = names.mentions(self.session, text, [True] * len(text.tokens))
        for at, token in enumerate(text.tokens):
            is_said = token.word in _LITTLE or token.kind in ("break", "genitive")
            if not is_said and not any(m.first <= at < m.last for m in mentions):
                slip = misspelt_names.misspelt(self.session, text, at) if token.kind == "word" else None
                if slip is None:  # a word that no name explains: somebody else is meant
                    return []
                mentions.append(slip)
        return self._meant(sorted(mentions, key=lambda m: m.first), types)

    def _meant(self, mentions: list[NameMention], types: Sequence[str]) -> list[RecordRef]:
        """Of what a phrase names, the records of the first type that fits it best; a company named beside narrows."""
        companies = {ref.id for m in mentions for ref in m.records("company")}
        is_deal = "deal" in types and companies and not set(types) & {"company", "contact"}
        if is_deal and (deals := self._deals(mentions, companies)):
            return deals
        for is_whole in (True, False):
            for type_ in types:
                for mention in mentions:
                    fits = not is_whole or any(c.is_whole for c in mention.by_type.get(type_, ()))
                    found = mention.records(type_) if fits else []
                    if narrowed := self._narrowed(found, type_, mentions, mention):
                        return narrowed
        return []

    def _narrowed(
        self, found: list[RecordRef], type_: str, mentions: list[NameMention], by: NameMention
    ) -> list[RecordRef]:
        """“Jane at Borealis” is not the Jane of another company; two names that no record has both mean nobody."""
        rows: list[Any] = [self.session.get(records.TYPES[type_].model, ref.id) for ref in found]
        for other in (m for m in mentions if m is not by):
            here = {ref.id for ref in other.records("company")}
            same = {ref.id for ref in other.records(type_)}
            rows = [row for row in rows if row.id in same or getattr(row, "company_id", None) in here]
        return [ref_of(row) for row in sorted(rows, key=self._is_over)]

    def _deals(self, mentions: list[NameMention], companies: set[int]) -> list[RecordRef]:
        """The deals whose name was said, else those of the company that was; open ones if there are any."""
        whole = [ref.id for m in mentions for ref in m.records("deal") if _is_whole(m, ref)]
        named = [{ref.id for ref in m.records("deal")} for m in mentions if m.by_type.get("deal")]
        ids = whole or (set.intersection(*named) if len(named) == len(mentions) else set())
        rows = self._live(Deal, Deal.id.in_(ids)) if whole else self._live(
            Deal, or_(Deal.id.in_(ids), Deal.company_id.in_(companies))
        )  # fmt: skip
        if len(mentions) > 1 and not whole:
            rows = [row for row in rows if row.id in ids] or rows
        still_open = [row for row in rows if not self._is_over(row)]
        return [ref_of(row) for row in still_open or rows]

    def _is_over(self, row: Any) -> bool:
        stage = self.session.get(Stage, row.stage_id) if isinstance(row, Deal) else None
        return stage is not None and stage.type is not StageType.OPEN

    def _live(self, model: type[Any], criterion: ColumnElement[bool]) -> list[Any]:
        query = select(model).where(criterion, model.deleted_at.is_(None)).order_by(model.id)
        return list(self.session.scalars(query.limit(_MOST)))

    def _by_words(self, words: str, types: Sequence[str]) -> list[Any]:
        """Tasks of exactly that title; else with all the words in it; else spelled like it. Notes by their text."""
        same = self._live(Task, func.lower(Task.title) == words.lower()) if "task" in types else []
        if same:
            return same
        asked = search.words(words)
        hits = search.find(self.session, words[:200], types=list(types), limit=_MOST)
        rows = [self.session.get(records.TYPES[hit.type].model, hit.id) for hit in hits]
        live = [row for row in rows if row is not None and row.deleted_at is None]
        full = [row for row in live if asked and _has_all(asked, search.words(_text_of(row)))]
        return full or _best(fold(words), live, lambda row: (_text_of(row),), exact=False)

    # ------------------------------------------------------------------------------------------------ mentions

    def mentions(self, text: str) -> list[Mention]:
        """Who and what a text of the person's own names: contacts, companies and deals."""
        read_ = read(REF.sub(" ", text))
        known = lexicon("en"), lexicon("de")
        free = [not any(lex.knows(t.word) for lex in known) and t.word not in _NO_NAMES for t in read_.tokens]
        found = [Mention(m[0].strip(), tuple(self._by_ref(m[1], int(m[2]), _LINKED))) for m in REF.finditer(text)]
        if read_.is_too_long:
            return found
        for mention in names.mentions(self.session, read_, free):
            refs = next(
                (r for t in ("contact", "company", "deal") if mention.is_strong and (r := mention.records(t))), []
            )
            if refs and not any(ref in said.records for said in found for ref in refs):
                found.append(Mention(read_.slice(mention.first, mention.last), tuple(refs)))
        return found


def _is_whole(mention: NameMention, ref: RecordRef) -> bool:
    return any(c.is_whole and c.record == ref for c in mention.by_type.get(ref.type, ()))


def _is_done(row: Any) -> bool:
    return isinstance(row, Task) and row.status == TaskStatus.DONE


_LINKED = ("company", "contact", "deal", "meeting")

#: Words of a name's phrase that name nothing.
_LITTLE = frozenset(
    "at from of with for the a an and in on to s deal deals bei von aus mit der die das den dem des und".split()
)

#: Capitals in a request that are no names, beside the words of the lexicon.
_NO_NAMES = frozenset(
    "call send ask tell write prepare check review book order get make follow meet visit talk agree find set "
    "bring fix plan discuss share confirm schedule remind please anrufen angebot senden demo vertrag termin preis "
    "preise sso erp again back about offer proposal contract pricing price draft slides quote invoice lunch".split()
)


def ref_of(row: Any) -> RecordRef:
    """A row as the rest of a turn names it."""
    kind = records.type_of(row)
    name = note_title(row) if isinstance(row, Note) else kind.title(row)
    return RecordRef(kind.name, row.id, name, row.external_id)


def detail_of(session: TenantSession, ref: RecordRef) -> str:
    """What tells a record from another of its name: the company, the stage, the day it is due."""
    row: Any = session.get(records.TYPES[ref.type].model, ref.id) if ref.type != "user" else session.get(User, ref.id)
    if isinstance(row, Contact | Deal | Meeting):
        company = session.get(Company, row.company_id) if row.company_id else None
        stage = session.get(Stage, row.stage_id) if isinstance(row, Deal) else None
        own = row.title if isinstance(row, Contact) else stage.name if stage else None
        return ", ".join(filter(None, (company.name if company else None, own)))
    if isinstance(row, Task):
        return str(row.due_date.isoformat()) if row.due_date else ""
    return str(getattr(row, "city", None) or getattr(row, "email", None) or "")


def _kind_said(words: str, types: Sequence[str]) -> tuple[list[str], str]:
    """The types that remain where one was said, and the words without it."""
    if _ONLY_KIND.match(words):
        kind = _KINDS.get(words.casefold(), "")
        return ([kind] if kind in types else list(types)), ""
    for pattern in (_KIND_BEFORE, _KIND_AFTER):
        said = pattern.search(words)
        if said and (kind := _KINDS[said[1].casefold()]) in types:
            return [kind], _ARTICLE.sub("", pattern.sub("", words)).strip(" “”\"„'’:")
    return list(types), words


def _text_of(row: Any) -> str:
    return str(row.body[:500]) if isinstance(row, Note) else records.type_of(row).title(row)


def _has_all(asked: Sequence[str], present: Sequence[str]) -> bool:
    return all(any(word == other or (len(word) > 3 and other.startswith(word)) for other in present) for word in asked)


def _best(
    asked: str, rows: Sequence[Any], spellings: Callable[[Any], Iterable[str]], *, exact: bool = True
) -> list[Any]:
    """The rows spelled exactly so; else the most similar ones, if they are similar enough."""
    scored = [(max(fuzz.ratio(asked, fold(text)) for text in spellings(row)), row) for row in rows]
    top = max((score for score, _ in scored), default=0)
    if not asked or top < SIMILAR:
        return []
    return [row for score, row in scored if score >= (100 if exact and top == 100 else top - 3)]
