"""What a workspace calls its own: the labels and options of the fields its admins defined, and its tags, as phrases.

They are the vocabulary of one question in one workspace. What is made of them is kept by its content alone, so that
nothing of one workspace can be read in another's question. Words that the CRM has a meaning for keep it: a field of the
same name is only meant in quotation marks, or where the built-in one is of no record type that the question names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy import select

from chatbot.assistant.understanding.concepts import FIELDS, custom_concept
from chatbot.assistant.understanding.lexicon import lexicon
from chatbot.assistant.understanding.tokens import read
from shared.models import CustomType, FieldDefinition, Tag
from shared.query.catalog import PREFIX, definitions
from shared.query.fields import ENTITIES
from shared.query.phrases import LANGUAGES
from shared.tenancy import TenantSession

_TYPES = ("company", "contact", "deal", "task", "meeting")
_KINDS = {
    CustomType.TEXT: "text", CustomType.URL: "text", CustomType.NUMBER: "number", CustomType.MONEY: "money",
    CustomType.DATE: "date", CustomType.SELECT: "choice", CustomType.MULTI_SELECT: "choices",
    CustomType.CHECKBOX: "flag", CustomType.PERSON: "person",
}  # fmt: skip
_MOST_TAGS = 2_000
#: Parts of speech that mean nothing alone, and so keep no field from being called so.
_SLIGHT = frozenset(("stop", "link", "text", "smalltalk", "follow"))
_ENDINGS = ("", "s", "es", "e", "en", "n", "er")

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Defined:
    """One label: what kind of values it has, and the field it is of each record type. `options` are phrases with the
    value that they stand for, by record type; `built_in` are the record types that have a field so called anyway."""

    kind: str
    fields: Mapping[str, str]
    options: Mapping[Phrase, Mapping[str, str]] = field(default_factory=dict)
    built_in: frozenset[str] = frozenset()
    is_word: bool = False
    #: whether the CRM's own field is called otherwise, and only known by this word as well: “ARR”
    is_synonym: bool = False

    @property
    def concept(self) -> str:
        """The field as the grammar's tables know it."""
        return custom_concept(self.kind, self.fields)


@dataclass(frozen=True, slots=True)
class CustomWords:
    """The phrases of a workspace."""

    labels: Mapping[Phrase, tuple[Defined, ...]]
    options: Mapping[Phrase, tuple[tuple[Defined, Mapping[str, str]], ...]]
    tags: Mapping[Phrase, str]
    tagged: Defined
    longest: int

    def label_at(self, words: Sequence[str], at: int) -> tuple[int, tuple[Defined, ...]] | None:
        """The longest label that begins at a word: how many words it takes, and the fields of that label."""
        for length in range(min(self.longest, len(words) - at), 0, -1):
            if found := self.labels.get(tuple(words[at : at + length])):
                return length, found
        return None

    def option_at(self, words: Sequence[str], at: int, defined: Defined) -> tuple[int, Mapping[str, str]] | None:
        """The longest option of a field that begins at a word, with its value by record type."""
        for length in range(min(self.longest, len(words) - at), 0, -1):
            if found := defined.options.get(tuple(words[at : at + length])):
                return length, found
        return None


#: (record type, field, label, kind, ((value, label), …))
_Row = tuple[str, str, str, str, tuple[tuple[str, str], ...]]


def custom_words(session: TenantSession) -> CustomWords | None:
    """The phrases of the session's workspace; None where it has neither fields of its own nor tags."""
    return session.once("custom words", lambda: _read(session))


def _read(session: TenantSession) -> CustomWords | None:
    rows = [_row(definition) for definition in definitions(session)]
    found = select(Tag.name).where(Tag.deleted_at.is_(None)).order_by(Tag.name_key).limit(_MOST_TAGS)
    tags = tuple(session.scalars(found))
    return _made(tuple(rows), tags) if rows or tags else None


def _row(defined: FieldDefinition) -> _Row:
    options = tuple((str(option["value"]), str(option["label"])) for option in defined.options)
    return defined.record_type, f"{PREFIX}{defined.key}", defined.label, _KINDS[defined.type], options


@lru_cache(maxsize=64)
def _made(rows: tuple[_Row, ...], tags: tuple[str, ...]) -> CustomWords:
    """The phrases of definitions; the same ones give the same phrases, whose workspace it may be."""
    grouped: dict[tuple[Phrase, str], list[_Row]] = {}
    for row in rows:
        if phrase := _phrase(row[2]):
            grouped.setdefault((phrase, row[3]), []).append(row)
    labels: dict[Phrase, list[Defined]] = {}
    for (phrase, _kind), listed in grouped.items():
        defined = _defined(phrase, listed)
        for form in _forms(phrase):
            if form == phrase or not _means(form):
                labels.setdefault(form, []).append(defined)
    named = {phrase: tag for tag in reversed(tags) for phrase in _said_as(tag)}
    tagged = Defined("tags", dict.fromkeys(_TYPES, "tags"), {p: dict.fromkeys(_TYPES, t) for p, t in named.items()})
    options: dict[Phrase, list[tuple[Defined, Mapping[str, str]]]] = {}
    for defined in (*_unique(labels), tagged):
        for phrase, values in defined.options.items():
            options.setdefault(phrase, []).append((defined, values))
    every = [*labels, *options]
    return CustomWords(
        {phrase: tuple(found) for phrase, found in labels.items()},
        {phrase: tuple(found) for phrase, found in options.items()},
        named, tagged, max((len(phrase) for phrase in every), default=1),
    )  # fmt: skip


def _unique(labels: Mapping[Phrase, Sequence[Defined]]) -> list[Defined]:
    return list({id(defined): defined for listed in labels.values() for defined in listed}.values())


def _defined(phrase: Phrase, rows: Sequence[_Row]) -> Defined:
    options: dict[Phrase, dict[str, str]] = {}
    for type_, _name, _label, _kind, choices in rows:
        for value, label in choices:
            for said in _said_as(label):
                options.setdefault(said, {})[type_] = value
    senses = _senses(phrase)
    built_in = frozenset(
        type_ for kind, concept in senses for type_ in (FIELDS.get(concept, {}) if kind == "field" else _TYPES)
    )
    fields = {row[0]: row[1] for row in rows}
    is_synonym = all(kind == "field" for kind, _ in senses) and not built_in & set(fields) and phrase not in _labels()
    return Defined(rows[0][3], fields, options, built_in, bool(senses), is_synonym)


@lru_cache
def _labels() -> frozenset[Phrase]:
    """What lists call the CRM's own fields."""
    found = {field.label for entity in ENTITIES.values() for field in entity.fields.values()}
    found |= {label for phrases in LANGUAGES.values() for label in phrases.labels.values()}
    return frozenset(map(_phrase, found))


def _phrase(label: str) -> Phrase:
    """A label as a question is read: without case, accents, and what stands in brackets or between words."""
    return tuple(token.word for token in read(label, is_phrase=True).tokens if token.kind not in ("break", "sign"))


def _said_as(label: str) -> list[Phrase]:
    """An option or tag as it is called, and in the plural and the cases where those are no words of the CRM's."""
    phrase = _phrase(label)
    if not phrase:
        return []
    return [phrase, *(form for form in sorted(_forms(phrase)) if form != phrase and not _means(form))]


def _forms(phrase: Phrase) -> set[Phrase]:
    """With the endings of the plural and of German cases."""
    last = phrase[-1]
    forms = {last + ending for ending in _ENDINGS} if len(last) > 2 and last.isalpha() else {last}
    if last.endswith("s") and len(last) > 4:
        forms.add(last[:-1])  # “area Export”
    if last.endswith("y"):
        forms.add(last[:-1] + "ies")
    return {(*phrase[:-1], form) for form in forms}


def _senses(phrase: Phrase) -> list[tuple[str, str]]:
    """What the CRM's own words mean by a phrase as a whole."""
    found = []
    for language in ("en", "de"):
        match = lexicon(language).at(phrase, 0)
        if match is not None and match.length == len(phrase):
            found += [(sense.kind, sense.value) for sense in match.senses if sense.kind not in _SLIGHT]
    return found


def _means(phrase: Phrase) -> bool:
    return any(match is not None and match.length == len(phrase) for match in (
        lexicon(language).at(phrase, 0) for language in ("en", "de")
    ))  # fmt: skip
