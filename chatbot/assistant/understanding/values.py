"""Values that stand in records and in questions alike: cities, countries, industries, job titles, sources.

They are few among many records, so the workspace's distinct ones are kept in the process and read again when a company
or contact has changed since (one look at an index tells). Countries are known by their names in both languages and by
what comes from there (“Swedish”, “schwedische”), whatever spelling the records use.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import select

from chatbot.assistant.understanding.countries import (
    countries_of,
    country_of,
    english_name,
    is_nationality,
    nationalities,
)
from chatbot.assistant.understanding.descriptions import forms, has_rank, rank_at, trades
from chatbot.assistant.understanding.lexicon import closest
from chatbot.assistant.understanding.tokens import Text
from chatbot.assistant.understanding.word_files import by_phrase
from shared.models import Company, Contact, Deal, DealContact, Pipeline, Stage, StageType
from shared.search import words
from shared.tenancy import TenantSession

_COLUMNS: Mapping[tuple[str, str], Any] = {
    ("company", "city"): Company.city,
    ("company", "country"): Company.country,
    ("company", "region"): Company.region,
    ("company", "industry"): Company.industry,
    ("contact", "title"): Contact.title,
    ("contact", "source"): Contact.source,
    ("deal", "lost_reason"): Deal.lost_reason,
    ("role", "role"): DealContact.role,
}
#: Distinct values read of each field; a workspace with more has no vocabulary but free text.
_MOST_VALUES = 5_000
_MOST_WORKSPACES = 64
_LONGEST_VALUE = 6
_MODELS: Mapping[str, Any] = {"company": Company, "contact": Contact, "deal": Deal}
#: A reason of a loss is known by its words where they are enough to be no others'.
_WORDS_OF_A_REASON = 3
#: A part of a value is enough where values are descriptions: “logistics” of “Contract logistics”.
_BY_PART = ("industry", "title", "source", "city")
_TYPO = 86
#: What people say → what records hold (`words/values.txt`).
_ROLES = by_phrase("values", "role")
_CITIES = by_phrase("values", "city")
_TRANSLATED = by_phrase("values", "value")
_STAGES = by_phrase("values", "stage")


@dataclass(frozen=True, slots=True)
class Value:
    """Tokens from first to before last are a value of `entity.field`; `stored` are its spellings in records."""

    first: int
    last: int
    entity: str
    field: str
    stored: tuple[str, ...]
    is_whole: bool = True
    is_misspelt: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The distinct values of a workspace: whole ones by their folded words, and for descriptions by each word."""

    whole: Mapping[tuple[str, ...], tuple[tuple[str, str, tuple[str, ...]], ...]]
    by_word: Mapping[str, tuple[tuple[str, str, tuple[str, ...]], ...]]
    #: whether these are values of companies and contacts, which come from countries
    is_of_people: bool = False
    #: words of values that are long enough to be told from another word misspelt
    known: tuple[str, ...] = ()

    def corrected(self, word: str) -> str | None:
        """The word of a value that this one is a slip of; None where it may be several or none."""
        return closest(word, self.known) if len(word) > 4 and word.isalpha() else None

    def find(self, text: Text, free: Sequence[bool]) -> list[Value]:
        """Values the question has, longest first at each token; a part of a value only where a whole one is not."""
        found: list[Value] = []
        at = 0
        while at < len(text.tokens):
            here = self._at(text, free, at)
            found += here
            at = here[0].last if here else at + 1
        return _narrowed(found, text)

    def _at(self, text: Text, free: Sequence[bool], at: int) -> list[Value]:
        for last in range(min(at + _LONGEST_VALUE, len(text.tokens)), at, -1):
            if not any(free[at:last]) or any(t.kind == "break" for t in text.tokens[at:last]):
                continue
            for key in self._keys(text, at, last):
                hits = self.whole.get(key, ())
                if hits:
                    return [Value(at, last, entity, field, stored) for entity, field, stored in hits]
            if countries := self._countries(text, at, last):
                return [countries]
        return self._by_part(text, free, at)

    def _countries(self, text: Text, first: int, last: int) -> Value | None:
        """A country or a group of them; a nationality also where nobody is from there, a name then is another's."""
        said = " ".join(token.word for token in text.tokens[first:last])
        codes = countries_of(said) if self.is_of_people else ()
        stored = [
            spelling
            for code in codes
            for _, _, spellings in self.whole.get(("country", code), ())
            for spelling in spellings
        ]
        if not codes or not (stored or is_nationality(said)):
            return None
        return Value(first, last, "company", "country", tuple(stored or map(english_name, codes)))

    @staticmethod
    def _keys(text: Text, first: int, last: int) -> list[tuple[str, ...]]:
        key = tuple(words(" ".join(token.word for token in text.tokens[first:last])))
        if not key:
            return []
        keys = [key]
        alias = _CITIES.get(" ".join(key))
        if alias:
            keys.append(tuple(alias.split()))
        if len(key) == 1:
            keys += [(form,) for form in forms(key[0])][1:]
        if len(key[-1]) > 3 and key[-1].endswith("s"):
            keys.append((*key[:-1], key[-1][:-1]))
        if len(key) > 1 and key[0].endswith("s"):  # heads of operations
            keys.append((key[0][:-1], *key[1:]))
        if said := _TRANSLATED.get(" ".join(key)):
            keys.append(tuple(said.split()))
        return keys

    def _by_part(self, text: Text, free: Sequence[bool], at: int) -> list[Value]:
        token = text.tokens[at]
        if self.by_word and free[at] and (token.word in _ROLES or token.word.removesuffix("s") in _ROLES):
            return [self._role(token.word if token.word in _ROLES else token.word.removesuffix("s"), at)]
        if not free[at] or token.kind != "word":
            return []
        if ranked := self._ranked(text, at):
            return [ranked]
        if len(token.word) < 2:
            return []
        if traded := self._traded(token.word, at):
            return [traded]
        hits = next((self.by_word[form] for form in forms(token.word.lower()) if form in self.by_word), ())
        if any(form in _COMMON for form in forms(token.word)):  # “took home” is no home care
            hits = tuple(hit for hit in hits if hit[1] != "industry")
        return [Value(at, at + 1, entity, field, stored, is_whole=False) for entity, field, stored in hits]

    def _ranked(self, text: Text, at: int) -> Value | None:
        """“bosses”, “C-level”: the titles of that rank, which a word beside may narrow (“warehouse bosses”)."""
        found = rank_at([token.word for token in text.tokens[at : at + 2]])
        if found is None:
            return None
        rank, length = found
        stored = tuple(title for key, title in self._titles() if has_rank(key, rank))
        return Value(at, at + length, "contact", "title", stored, is_whole=False) if stored else None

    def _traded(self, word: str, at: int) -> Value | None:
        """“hauliers”: every industry that has one of the words for their trade."""
        found = [
            stored
            for said in trades(word)
            for _, field, spellings in (*self.by_word.get(said, ()), *self.whole.get((said,), ()))
            if field == "industry"
            for stored in spellings
        ]
        return Value(at, at + 1, "company", "industry", tuple(dict.fromkeys(found)), is_whole=False) if found else None

    def _titles(self) -> Iterator[tuple[tuple[str, ...], str]]:
        for key, fields in self.whole.items():
            for entity, field, spellings in fields:
                if (entity, field) == ("contact", "title"):
                    yield key, spellings[0]

    def _role(self, short: str, at: int) -> Value:
        """Job titles written short or out; where nobody has one, the short form stands for itself."""
        wanted = _ROLES[short]
        stored = [title for key, title in self._titles() if short in key or wanted in " ".join(key)]
        return Value(at, at + 1, "contact", "title", tuple(stored) or (short.upper(),), is_whole=True)

    def misspelt(self, text: Text, at: int) -> list[Value]:
        """Whole one-word values that the word at a token is a misspelling of; one field's best only."""
        word = text.tokens[at].word
        if len(word) < 5:
            return []
        scored = [
            (fuzz.ratio(word, key[0]), key)
            for key in self.whole
            if len(key) == 1 and abs(len(key[0]) - len(word)) <= 2 and key[0][0] == word[0]
        ]
        score, key = max(scored, default=(0.0, ("",)))
        if score < _TYPO:
            return []
        return [Value(at, at + 1, e, f, stored, is_misspelt=True) for e, f, stored in self.whole[key]]


def _narrowed(found: list[Value], text: Text) -> list[Value]:
    """“head of planning”, “warehouse bosses”: parts of a value that stand together are parts of the same one."""
    made: list[Value] = []
    for value in found:
        beside = next((i for i, earlier in enumerate(made) if _is_beside(earlier, value, text)), None)
        if beside is None:
            made.append(value)
            continue
        earlier = made[beside]
        shared = tuple(stored for stored in value.stored if stored in earlier.stored)
        joined = Value(earlier.first, value.last, value.entity, value.field, shared, is_whole=False)
        made = [v for v in made if v.first != earlier.first] + [joined]
    return [_with_makers(v, text) for v in made if not any(_covers(other, v) for other in made)]


def _with_makers(value: Value, text: Text) -> Value:
    """“furniture makers”: those in an industry."""
    following = text.tokens[value.last].word if value.last < len(text.tokens) else ""
    is_said = value.field == "industry" and following in _MAKERS
    return replace(value, last=value.last + 1) if is_said else value


_COMMON = frozenset(
    ("home", "public", "office", "contract", "road", "services", "service", "care", "sector", "delivery", "supply",
     "special", "general", "other")
)  # fmt: skip
_MAKERS = frozenset(("makers", "manufacturers", "producers", "suppliers", "wholesalers", "shops", "dealers", "traders"))


def _is_beside(earlier: Value, value: Value, text: Text) -> bool:
    is_same_field = (earlier.entity, earlier.field) == (value.entity, value.field)
    return (
        is_same_field
        and not earlier.is_whole
        and not value.is_whole
        and earlier.last <= value.first
        and all(token.word in _JOINING for token in text.tokens[earlier.last : value.first])
        and any(stored in earlier.stored for stored in value.stored)
    )


def _covers(longer: Value, value: Value) -> bool:
    """Whether a value was read as part of a longer one."""
    return longer is not value and longer.first <= value.first < longer.last and (
        longer.last - longer.first > value.last - value.first
    )  # fmt: skip


_JOINING = frozenset(("of", "for", "the", "and", "der", "des", "für", "fur", "&"))

_kept: OrderedDict[tuple[int, int], tuple[Any, Vocabulary]] = OrderedDict()
_guard = threading.Lock()


def vocabulary(session: TenantSession) -> Vocabulary:
    """The workspace's values, read again only when a company, contact or deal has changed since."""
    engine = session.get_bind()
    key = (id(getattr(engine, "engine", engine)), session.workspace_id)
    stamp = session.once("vocabulary", lambda: _stamp(session))
    with _guard:
        kept = _kept.get(key)
        if kept is not None and kept[0] == stamp:
            _kept.move_to_end(key)
            return kept[1]
    made = _read(session)
    with _guard:
        _kept[key] = (stamp, made)
        while len(_kept) > _MOST_WORKSPACES:
            _kept.popitem(last=False)
    return made


def _stamp(session: TenantSession) -> tuple[Any, ...]:
    """Changes with every write to a company, contact or deal; all looks are at the end of an index."""
    return tuple(
        session.execute(
            select(model.updated_at, model.id).order_by(model.updated_at.desc(), model.id.desc()).limit(1)
        ).first()
        for model in (Company, Contact, Deal)
    )


def stages(session: TenantSession) -> Vocabulary:
    """Stages and pipelines by name: few, so they are read for each question. Won and lost are states of their own."""
    return session.once("stages", lambda: _read_stages(session))


def stages_at_the_end(session: TenantSession) -> Mapping[str, str]:
    """What the stages of deals won and lost are called, where all pipelines agree on it."""
    return session.once("stages_at_the_end", lambda: _read_stages_at_the_end(session))


def _read_stages_at_the_end(session: TenantSession) -> Mapping[str, str]:
    query = select(Stage.type, Stage.name).join(Pipeline, Pipeline.id == Stage.pipeline_id)
    query = query.where(Stage.type != StageType.OPEN, Pipeline.deleted_at.is_(None)).distinct().limit(1000)
    named: dict[str, list[str]] = {}
    for kind, name in session.execute(query):
        named.setdefault(kind, []).append(name)
    return {kind: listed[0] for kind, listed in named.items() if len(listed) == 1}


def _read_stages(session: TenantSession) -> Vocabulary:
    whole: dict[tuple[str, ...], dict[tuple[str, str], dict[str, None]]] = {}
    query = select(Stage.name, Stage.type, Pipeline.name).join(Pipeline, Pipeline.id == Stage.pipeline_id)
    for stage, kind, pipeline in session.execute(query.where(Pipeline.deleted_at.is_(None)).limit(1000)):
        for field, value in (("stage", stage), ("pipeline", pipeline)):
            key = tuple(words(value))
            if key and not (field == "stage" and kind is not StageType.OPEN and key in (("won",), ("lost",))):
                whole.setdefault(key, {}).setdefault(("deal", field), {})[value] = None
                for alias in [a for a, name in _STAGES.items() if field == "stage" and name == " ".join(key)]:
                    whole.setdefault((alias,), {}).setdefault(("deal", field), {})[value] = None
    return Vocabulary(_frozen(whole), {})


def _read(session: TenantSession) -> Vocabulary:
    whole: dict[tuple[str, ...], dict[tuple[str, str], dict[str, None]]] = {}
    by_word: dict[str, dict[tuple[str, str], dict[str, None]]] = {}
    for (entity, field), column in _COLUMNS.items():
        query = select(column).where(column.is_not(None), column != "").distinct()
        if entity != "role":
            query = query.where(_MODELS[entity].deleted_at.is_(None))
        values = list(session.scalars(query.limit(_MOST_VALUES + 1)))
        if len(values) > _MOST_VALUES:
            continue
        for value in values:
            _enter(whole, by_word, entity, field, str(value))
    said = {word for key in whole for word in key if key[0] != "country"} | set(by_word) | nationalities()
    known = tuple(sorted(word for word in said if len(word) > 4))
    return Vocabulary(_frozen(whole), _frozen(by_word), is_of_people=True, known=known)


def _enter(whole: Any, by_word: Any, entity: str, field: str, value: str) -> None:
    key = tuple(words(value))
    if not key or (field == "lost_reason" and len(key) < _WORDS_OF_A_REASON):
        return
    whole.setdefault(key, {}).setdefault((entity, field), {})[value] = None
    if field == "country" and (code := country_of(" ".join(key), is_stored=True)):
        whole.setdefault(("country", code), {}).setdefault((entity, field), {})[value] = None
    if field in _BY_PART and len(key) > 1:
        for word in key:
            if len(word) > 2 or word in ("it", "hr"):
                by_word.setdefault(word, {}).setdefault((entity, field), {})[value] = None


def _frozen(entries: Any) -> dict[Any, tuple[tuple[str, str, tuple[str, ...]], ...]]:
    return {
        key: tuple((entity, field, tuple(values)) for (entity, field), values in fields.items())
        for key, fields in entries.items()
    }


def changed() -> None:
    """Forget what was kept; tests that write past the clock need it."""
    with _guard:
        _kept.clear()
