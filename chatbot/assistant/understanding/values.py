"""Values that stand in records and in questions alike: cities, countries, industries, job titles, sources.

They are few among many records, so the workspace's distinct ones are kept in the process and read again when a company
or contact has changed since (one look at an index tells). Countries are known by their names in both languages and by
what comes from there (“Swedish”, “schwedische”), whatever spelling the records use.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from babel import Locale
from rapidfuzz import fuzz
from sqlalchemy import select

from chatbot.assistant.understanding.tokens import Text
from chatbot.assistant.understanding.word_files import by_phrase
from shared.models import Company, Contact, Pipeline, Stage, StageType
from shared.search import words
from shared.tenancy import TenantSession

_COLUMNS: Mapping[tuple[str, str], Any] = {
    ("company", "city"): Company.city,
    ("company", "country"): Company.country,
    ("company", "region"): Company.region,
    ("company", "industry"): Company.industry,
    ("contact", "title"): Contact.title,
    ("contact", "source"): Contact.source,
}
#: Distinct values read of each field; a workspace with more has no vocabulary but free text.
_MOST_VALUES = 5_000
_MOST_WORKSPACES = 64
_LONGEST_VALUE = 6
#: A part of a value is enough where values are descriptions: “logistics” of “Contract logistics”.
_BY_PART = ("industry", "title", "source", "city")
_TYPO = 86
#: What people say → what records hold (`words/values.txt`).
_ROLES = by_phrase("values", "role")
_CITIES = by_phrase("values", "city")
_TRANSLATED = by_phrase("values", "value")
_STAGES = by_phrase("values", "stage")
#: Words that are codes of countries and much else beside.
_NOT_COUNTRIES = frozenset("in it is be at no so as am do me my to by de la us an".split())


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
        return self._by_part(text, free, at)

    @staticmethod
    def _keys(text: Text, first: int, last: int) -> list[tuple[str, ...]]:
        key = tuple(words(text.slice(first, last)))
        if not key:
            return []
        keys = [key]
        alias = _CITIES.get(" ".join(key))
        if alias:
            keys.append(tuple(alias.split()))
        if len(key[-1]) > 3 and key[-1].endswith("s"):
            keys.append((*key[:-1], key[-1][:-1]))
        if len(key) > 1 and key[0].endswith("s"):  # heads of operations
            keys.append((key[0][:-1], *key[1:]))
        if said := _TRANSLATED.get(" ".join(key)):
            keys.append(tuple(said.split()))
        country = country_of(" ".join(key))
        if country:
            keys.append(("country", country))
        return keys

    def _by_part(self, text: Text, free: Sequence[bool], at: int) -> list[Value]:
        token = text.tokens[at]
        if self.by_word and free[at] and (token.word in _ROLES or token.word.removesuffix("s") in _ROLES):
            return [self._role(token.word if token.word in _ROLES else token.word.removesuffix("s"), at)]
        if not free[at] or len(token.word) < 2 or token.kind != "word":
            return []
        forms = [token.word, token.word.removesuffix("s")] if len(token.word) > 3 else [token.word]
        hits = next((self.by_word[form] for form in forms if form in self.by_word), ())
        return [Value(at, at + 1, entity, field, stored, is_whole=False) for entity, field, stored in hits]

    def _role(self, short: str, at: int) -> Value:
        """Job titles written short or out; where nobody has one, the short form stands for itself."""
        wanted = _ROLES[short]
        stored = [
            value
            for key, fields in self.whole.items()
            if short in key or wanted in " ".join(key)
            for entity, field, values in fields
            if (entity, field) == ("contact", "title")
            for value in values
        ]
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
    """“head of planning”: parts of a value that stand together are parts of the same one."""
    made: list[Value] = []
    for value in found:
        last = made[-1] if made else None
        is_beside = last is not None and not last.is_whole and not value.is_whole and (
            (last.entity, last.field) == (value.entity, value.field)
            and all(token.word in _JOINING for token in text.tokens[last.last : value.first])
        )  # fmt: skip
        shared = tuple(v for v in value.stored if last is not None and v in last.stored) if is_beside else ()
        if last is not None and shared:
            made[-1] = Value(last.first, value.last, value.entity, value.field, shared, is_whole=False)
        else:
            made.append(value)
    return made


_JOINING = frozenset(("of", "for", "the", "and", "der", "des", "für", "fur", "&"))

_kept: OrderedDict[tuple[int, int], tuple[Any, Vocabulary]] = OrderedDict()
_guard = threading.Lock()


def vocabulary(session: TenantSession) -> Vocabulary:
    """The workspace's values, read again only when a company or contact has changed since."""
    engine = session.get_bind()
    key = (id(getattr(engine, "engine", engine)), session.workspace_id)
    stamp = _stamp(session)
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
    """Changes with every write to a company or contact; both looks are at the end of an index."""
    return tuple(
        session.execute(
            select(model.updated_at, model.id).order_by(model.updated_at.desc(), model.id.desc()).limit(1)
        ).first()
        for model in (Company, Contact)
    )


def stages(session: TenantSession) -> Vocabulary:
    """Stages and pipelines by name: few, so they are read each time. Won and lost are states of their own."""
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
        model = Company if entity == "company" else Contact
        query = select(column).where(model.deleted_at.is_(None), column.is_not(None), column != "").distinct()
        values = list(session.scalars(query.limit(_MOST_VALUES + 1)))
        if len(values) > _MOST_VALUES:
            continue
        for value in values:
            _enter(whole, by_word, entity, field, str(value))
    return Vocabulary(_frozen(whole), _frozen(by_word))


def _enter(whole: Any, by_word: Any, entity: str, field: str, value: str) -> None:
    key = tuple(words(value))
    if not key:
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


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """Folded names of countries in both languages, what comes from there, and ISO codes → ISO code."""
    found: dict[str, str] = {}
    for language in ("en", "de"):
        for code, name in Locale(language).territories.items():
            if re.fullmatch(r"[A-Z]{2}", code):
                found.setdefault(" ".join(words(name)), code)
    for word, code in by_phrase("values", "country").items():
        found.setdefault(word, code)
        found[code.lower()] = code
    return found


def country_of(folded: str, *, is_stored: bool = False) -> str | None:
    """The ISO code of a country's name, adjective or code."""
    if not is_stored and folded in _NOT_COUNTRIES:
        return None
    return _countries().get(folded)


def changed() -> None:
    """Forget what was kept; tests that write past the clock need it."""
    with _guard:
        _kept.clear()
