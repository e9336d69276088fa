"""Who and what is named in a question: records of the session's workspace, found by what people call them.

Exact names first, as word groups of the question looked up by index; then records whose title has the free words
(those the lexicon cannot explain); then addresses, initials and misspellings. The question's words are looked up, the
names are never loaded, so it takes a few milliseconds among a hundred thousand contacts. Nothing is decided here: a
mention carries all who may be meant, and the grammar takes the type that fits.

    "Jane's open deals at Borealis" ─ mentions ─▶ [Mention(jane: contact ×2), Mention(borealis: company, deal ×3)]
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import Select, select

from chatbot.assistant.types import RecordRef

#: Words in a group that may be a whole name, and how many namesakes are worth offering.
from chatbot.assistant.understanding.mentions import LEGAL, MOST_LOOKUPS, MOST_NAMESAKES, Candidate, Mention, mention_of
from chatbot.assistant.understanding.tokens import Text
from shared.models import Company, Contact, ContactEmail, Deal, Meeting, User
from shared.records.keys import company_key, person_key
from shared.schemas.ids import LARGEST_ID
from shared.search import naming, words
from shared.search.naming import Named
from shared.tenancy import TenantSession

#: Words in a group that may be a whole name, and how many namesakes are worth offering.
_LONGEST_NAME = 6
#: Titles with a common word that are looked at for records of a rarer type.
_CROWD = 2_000
_FILLERS = frozenset("and und et of the 's der die das de la van von & - : ,".split())
#: Words that tie what is named to the rest: “companies in Manchester” name no “workshop in Manchester”.
_TIES = frozenset("in with at from for to on by about mit bei aus von für fur zu am im".split())
_NAMED_TYPES = ("company", "contact", "deal", "meeting")
_MODELS: dict[str, type[Any]] = {"company": Company, "contact": Contact, "deal": Deal, "meeting": Meeting, "user": User}


def mentions(session: TenantSession, text: Text, free: Sequence[bool]) -> list[Mention]:
    """What the question names, in its order, none overlapping. `free` tells the tokens that no other meaning has."""
    finder = _Finder(session, text, free)
    return finder.find()


class _Finder:
    def __init__(self, session: TenantSession, text: Text, free: Sequence[bool]) -> None:
        self.session, self.text, self.free = session, text, free
        self.words = [token.word for token in text.tokens]
        self.found: dict[tuple[int, int], dict[tuple[str, int], Candidate]] = {}

    def find(self) -> list[Mention]:
        self._references()
        self._addresses()
        self._whole_names()
        self._users()
        self._by_title_words()
        self._initials()
        return self._chosen()

    # --------------------------------------------------------------------------------------------------- ways to find

    def _references(self) -> None:
        """`[contact:12]`: what a button's question carries."""
        for i, token in enumerate(self.text.tokens):
            if token.kind != "ref":
                continue
            type_, _, number = token.word.strip("[]").partition(":")
            model = _MODELS.get(type_)
            id_ = int(number)
            row = self.session.get(model, id_) if model is not None and id_ <= LARGEST_ID else None
            if row is not None and getattr(row, "deleted_at", None) is None:
                self._add(i, i + 1, RecordRef(type_, id_, _name_of(row)), matched=99, is_whole=True)

    def _addresses(self) -> None:
        for i, token in enumerate(self.text.tokens):
            if token.kind == "email":
                owners = select(ContactEmail.contact_id).where(ContactEmail.email_key == token.word)
                self._add_contacts(i, i + 1, select(Contact).where(Contact.id.in_(owners)))
                for user in self.session.scalars(select(User).where(User.email == token.word)):
                    self._add(i, i + 1, RecordRef("user", user.id, user.name), matched=9, is_whole=True)
            elif token.kind == "domain":
                domain = token.word.removeprefix("www.")
                query = select(Company.id, Company.name).where(Company.domain == domain, Company.deleted_at.is_(None))
                for id_, name in self.session.execute(query.limit(5)):
                    self._add(i, i + 1, RecordRef("company", id_, name), matched=9, is_whole=True)

    def _add_contacts(self, first: int, last: int, query: Select[Contact]) -> None:
        rows = self.session.scalars(query.where(Contact.deleted_at.is_(None)).limit(MOST_NAMESAKES))
        for contact in rows:
            self._add(first, last, RecordRef("contact", contact.id, contact.name), matched=9, is_whole=True)

    def _whole_names(self) -> None:
        """Groups of words that are a company's or a person's whole name."""
        companies: dict[str, list[tuple[int, int]]] = {}
        people: dict[str, list[tuple[int, int]]] = {}
        for first, last in self._groups():
            for written in self._spellings(first, last):
                companies.setdefault(company_key(written), []).append((first, last))
                people.setdefault(person_key(written, ""), []).append((first, last))
        companies.pop("", None)
        people.pop("", None)
        if companies:
            query = select(Company.id, Company.name, Company.name_key).where(
                Company.name_key.in_(list(companies)), Company.deleted_at.is_(None)
            )
            self._add_keyed("company", companies, self.session.execute(query.limit(200)))
            query = select(Contact.id, Contact.first_name + " " + Contact.last_name, Contact.name_key).where(
                Contact.name_key.in_(list(people)), Contact.deleted_at.is_(None)
            )
            self._add_keyed("contact", people, self.session.execute(query.limit(200)))

    def _add_keyed(self, type_: str, spans: dict[str, list[tuple[int, int]]], rows: Iterable[Any]) -> None:
        for id_, name, key in rows:
            for first, last in spans.get(key, ()):
                self._add(first, last, RecordRef(type_, id_, name.strip()), matched=last - first, is_whole=True)

    def _groups(self) -> Iterable[tuple[int, int]]:
        """Groups of neighbouring words that hold a free one; a lexicon's word alone only with a capital."""
        count = len(self.words)
        for first in range(count):
            for last in range(first + 1, min(first + _LONGEST_NAME, count) + 1):
                if self.text.tokens[last - 1].kind == "break" or self.text.tokens[first].kind == "break":
                    break
                if any(self.free[first:last]) or self._is_a_name_by_its_case(first, last):
                    yield first, last

    def _is_a_name_by_its_case(self, first: int, last: int) -> bool:
        tokens = self.text.tokens[first:last]
        return first > 0 and not self.text.is_shouted and all(t.is_capital for t in tokens if t.kind == "word")

    def _spellings(self, first: int, last: int) -> set[str]:
        written = self.text.slice(first, last)
        spellings = {written, re.sub(r"['’]s\b|(?<=s)['’]$", "", written)}
        spellings |= {re.sub(r"\s+(?:and|und|et)\s+", " ", s, flags=re.IGNORECASE) for s in list(spellings)}
        if last - first == 1 or written[-1:] == "s":  # Annas Deals
            spellings |= {s[:-1] for s in list(spellings) if len(s) > 3 and s.endswith("s")}
        return spellings

    def _users(self) -> None:
        """Colleagues are few: all are compared, by whole name, first or last name."""
        for id_, name in naming.colleagues(self.session):
            parts = words(name)
            forms = {*parts, *(f"{part}s" for part in parts)}
            for first in range(len(self.words)):
                if self.words[first] in forms:
                    self._add_user(RecordRef("user", id_, name), parts, first)

    def _add_user(self, record: RecordRef, parts: list[str], first: int) -> None:
        if parts and self.words[first : first + len(parts)] == parts:
            self._add(first, first + len(parts), record, matched=len(parts), is_whole=True)
            return
        word = self.words[first]
        is_named = self.free[first] or self._is_a_name_by_its_case(first, first + 1)
        if is_named and any(word == part or word == part + "s" for part in (parts[:1] + parts[-1:]) if len(part) > 1):
            self._add(first, first + 1, record, matched=1, is_whole=False)

    def _by_title_words(self) -> None:
        for asked in self._lookups():
            for named in self._titled(asked):
                self._add_titled(named)

    def _titled(self, asked: tuple[str, ...]) -> list[Named]:
        """Records of every type with these words; where one type crowds out the others, a look for those too."""
        found = naming.titled(self.session, asked, _NAMED_TYPES, limit=3 * MOST_NAMESAKES)
        if len(found) == 3 * MOST_NAMESAKES:
            missing = [type_ for type_ in _NAMED_TYPES if all(named.type != type_ for named in found)]
            found += naming.titled(self.session, asked, missing, limit=MOST_NAMESAKES, among=_CROWD) if missing else []
        return found

    def _lookups(self) -> list[tuple[str, ...]]:
        """What to look up: each run of free words whole, its pairs, its words; each also without a final s."""
        asked: dict[tuple[str, ...], None] = {}
        for run in self._free_runs():
            sizes = sorted({len(run), 2, 1} & set(range(1, len(run) + 1)), reverse=True)
            for size in sizes:
                for start in range(len(run) - size + 1):
                    asked[tuple(run[start : start + size])] = None
        lookups = list(asked)[: MOST_LOOKUPS * 2]
        for word, *rest in list(lookups):
            if not rest and len(word) > 3 and word.endswith("s"):
                lookups.append((word[:-1],))
        return lookups

    def _free_runs(self) -> list[list[str]]:
        runs: list[list[str]] = [[]]
        for token, is_free in zip(self.text.tokens, self.free, strict=True):
            if is_free and token.kind == "word":
                runs[-1].extend(words(token.word))
            elif token.word not in _FILLERS and runs[-1]:
                runs.append([])
        return [run for run in runs if run]

    def _add_titled(self, named: Named) -> None:
        title = [word for word in words(named.title) if word not in LEGAL]
        if not title:
            return
        for first, last, matched in self._runs_of(frozenset(title)):
            first, matched = self._with_words_before(first, matched, title)
            said = {self._stem(w, title) for w in self.words[first:last]}
            is_first = title[0] in said
            is_strong = named.type == "contact" or is_first or matched >= 2
            record = RecordRef(named.type, named.id, named.title)
            self._add(first, last, record, matched=matched, is_whole=matched >= len(title), is_strong=is_strong)

    def _with_words_before(self, first: int, matched: int, title: Sequence[str]) -> tuple[int, int]:
        """“annual support”: a word with another meaning belongs to a name that has the two side by side."""
        pairs = set(pairwise(title))
        while first and (self.words[first - 1], self.words[first]) in pairs and self.words[first - 1] not in _TIES:
            first, matched = first - 1, matched + 1
        return first, matched

    @staticmethod
    def _stem(word: str, title: Sequence[str]) -> str:
        return word if word in title or not word.endswith("s") else word[:-1]

    def _runs_of(self, title: frozenset[str]) -> list[tuple[int, int, int]]:
        """Stretches of the question made of a title's words, free ones at both ends: (first, last, words)."""
        runs: list[tuple[int, int, int]] = []
        at, count = 0, len(self.words)
        while at < count:
            if not (self.free[at] and self._in_title(at, title)):
                at += 1
                continue
            end, last, matched, pending = at, at, 0, 0
            while end < count and (self._in_title(end, title) or self.words[end] in _FILLERS):
                pending += self._in_title(end, title)
                end += 1
                if self._in_title(end - 1, title) and (self.free[end - 1] or pending == len(title)):
                    last, matched = end, pending
            runs.append(self._begun_earlier(at, last, matched, title))
            at = max(last, at + 1)
        return runs

    def _begun_earlier(self, at: int, last: int, matched: int, title: frozenset[str]) -> tuple[int, int, int]:
        """“Pipeline review”: words with another meaning belong to the name where they make it whole."""
        first = at
        while first and matched + at - first < len(title) and self._in_title(first - 1, title):
            first -= 1
        is_whole = matched + at - first == len(title)
        return (first, last, len(title)) if is_whole else (at, last, matched)

    def _in_title(self, at: int, title: frozenset[str]) -> bool:
        word = self.words[at]
        return word in title or (len(word) > 3 and word.endswith("s") and word[:-1] in title)

    def _initials(self) -> None:
        """`FF` for Fjordline Freight: capitals that nothing else explains."""
        for i, token in enumerate(self.text.tokens):
            is_short = 2 <= len(token.text) <= 5 and token.text.isupper() and token.text.isalpha()
            if not is_short or not self.free[i] or self.text.is_shouted or self._covers(i):
                continue
            query = select(Company.id, Company.name, Company.name_key).where(
                Company.name_key.startswith(token.word[0], autoescape=True), Company.deleted_at.is_(None)
            )
            for id_, name, key in self.session.execute(query.limit(3000)):
                parts = key.split()
                if len(parts) == len(token.word) and "".join(part[0] for part in parts) == token.word:
                    self._add(i, i + 1, RecordRef("company", id_, name), matched=1, is_whole=False)

    def _covers(self, at: int) -> bool:
        return any(first <= at < last for first, last in self.found)

    # --------------------------------------------------------------------------------------------------------- choice

    def _add(
        self, first: int, last: int, record: RecordRef, *, matched: int, is_whole: bool, is_strong: bool = True
    ) -> None:
        here = self.found.setdefault((first, last), {})
        known = here.get((record.type, record.id))
        if known is None or (matched, is_whole) > (known.matched, known.is_whole):
            here[record.type, record.id] = Candidate(record, matched, is_whole, is_strong)

    def _chosen(self) -> list[Mention]:
        """The stretches that say most, none overlapping, left to right."""
        made = [mention_of(first, last, list(found.values())) for (first, last), found in self.found.items()]
        made.sort(key=lambda m: (-m.matched, not m.is_whole, not m.is_strong, m.first))
        taken: list[Mention] = []
        for mention in made:
            if all(mention.last <= other.first or mention.first >= other.last for other in taken):
                taken.append(mention)
        return sorted(taken, key=lambda m: m.first)


def _name_of(row: Any) -> str:
    return str(row.title if isinstance(row, Meeting) else row.name)
