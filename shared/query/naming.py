"""What things are called in one language, for one who asks: labels, records, groups, days and spans.

Names are looked up for ids, within the workspace; an id that names nothing stays a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_time
from babel.numbers import format_decimal
from sqlalchemy import select

from shared.models import Pipeline, Stage, Tag
from shared.query.conditions import Viewpoint
from shared.query.dates import is_token
from shared.query.fields import ENTITIES
from shared.query.following import winners_of
from shared.query.phrases import LANGUAGES
from shared.query.plan import Cmp, Group
from shared.query.types import Entity, Field, FieldType
from shared.tenancy import TenantSession

_LONGEST_TITLE = 120
_AS_TYPED = "#,##0.######"  # without the ".0" of a whole number that is kept as one with a point


class Naming:
    """Names are looked up once."""

    def __init__(self, session: TenantSession, viewpoint: Viewpoint, language: str = "en", locale: str = "en") -> None:
        self.phrases = LANGUAGES.get(language, LANGUAGES["en"])
        self.is_german = self.phrases is LANGUAGES["de"]
        self.locale = _locale(locale, "de" if self.is_german else "en")
        self._session, self._viewpoint = session, viewpoint
        self._names: dict[tuple[str, int], str] = {}
        self._tags: dict[str, str] = {}

    # --- Dates

    def _when(self, field: Field, node: Cmp, label: str, *, is_not: bool = False) -> str:
        """`closing this month (Nov 1 – 30, 2026)`, `last met before Oct 22, 2026 (more than 30 days ago)`."""
        value, phrases = node.values[0], self.phrases
        if value == "overdue":
            return phrases.dated["overdue"]
        when = (phrases.when_not if is_not else phrases.when).get(field.name, label)
        if not is_token(value):
            shown = self.span(value)
            is_day = node.op == "eq" and len(value) <= len("2026-11-20")
            day = phrases.dated["on"].format(x=shown) if is_day else shown
            return phrases.dated[node.op].format(when=when, x=day).strip()
        span = self._viewpoint.calendar.span(value)
        assert span.first is not None  # only what is overdue has no first day
        words = self._token_words(value)
        if node.op == "eq":
            return f"{when} {words} ({self._interval(span.first, span.last)})".strip()
        is_start = node.op in ("gte", "lt")
        shown = self.day(span.first if is_start else span.last)
        if value.startswith("last_") and value[5].isdecimal() and is_start:
            if node.op == "gte":
                return f"{when} {words} ({phrases.dated['gte'].format(when='', x=shown).strip()})".strip()
            words = self._token_words(value, key="ago")
        return phrases.dated[node.op].format(when=when, x=f"{shown} ({words})").strip()

    def _token_words(self, token: str, *, key: str = "") -> str:
        tokens = self.phrases.tokens
        if token in tokens:
            return tokens[token]
        way, *rest = token.split("_")
        if len(rest) == 1:
            return tokens[way].format(unit=self.phrases.units[rest[0]][0])
        one, many = self.phrases.units[rest[1].removesuffix("s")]
        unit = one if rest[0] == "1" and not self.is_german else many
        return tokens[key or f"{way}_n"].format(n=rest[0], unit=unit)

    def span(self, value: str) -> str:
        """A day, a moment, or the days a word means, as a person writes them."""
        if is_token(value):
            return self._token_words(value)
        if len(value) > len("2026-11-20"):
            moment = datetime.fromisoformat(value.replace(" ", "+"))
            local = moment.astimezone(self._viewpoint.calendar.zone) if moment.tzinfo else moment
            return f"{self.day(local.date())}, {format_time(local.time(), format='short', locale=self.locale)}"
        return self.day(date.fromisoformat(value))

    def day(self, value: date) -> str:
        return str(format_date(value, format="medium", locale=self.locale))

    def _interval(self, first: date, last: date) -> str:
        return self.day(first) if first == last else str(format_interval(first, last, "yMMMd", locale=self.locale))

    # --- Names

    def label(self, entity: Entity, field: Field) -> str:
        """What a column of this field is headed."""
        labels = self.phrases.labels
        return labels.get(f"{entity.name}.{field.name}") or labels.get(field.name) or field.label

    def heading(self, entity: Entity) -> str:
        """What the column of the records themselves is headed."""
        one = self.phrases.nouns[entity.page[0] if entity.page else entity.name][0]
        return one[:1].upper() + one[1:]

    def title(self, entity: Entity, title: str | None) -> str:
        """How a record is called: the first line of what names it."""
        line = next((line.strip() for line in (title or "").splitlines() if line.strip()), "")
        if entity.name == "note":
            line = line.lstrip("#>*- ").strip()
        return line[:_LONGEST_TITLE] or self.phrases.words["untitled"]

    def name_of(self, field: Field, value: str) -> str:
        """The name of the record a reference names, or of the one it was merged into."""
        type_, id = field.target or "", int(value)
        names = self._lookup(type_, [id])
        if id not in names:
            id = winners_of(self._session, type_, [id]).get(id, id)
            names = self._lookup(type_, [id])
        return names.get(id) or self._word("unknown", x=value)

    def look_up(self, field: Field, ids: Sequence[int]) -> None:
        """Ask for the names of many references at once; `name_of` then knows them."""
        self._lookup(field.target or "", ids)

    def choice(self, field: Field, value: str) -> str:
        """How one of a field's choices is called."""
        return (field.labels or {}).get(value) or self.phrases.names.get(value, value)

    def group_names(self, entity: Entity, groups: Sequence[Group], keys: Sequence[tuple[Any, ...]]) -> dict[Any, str]:
        """How each group is called."""
        for at, group in enumerate(groups):
            field = entity.fields[group.field]
            if field.type is FieldType.REF:
                self._lookup(field.target or "", [key[at] for key in keys if key[at] is not None])
            elif field.name == "tags":
                self._tags = dict(self._session.execute(select(Tag.name_key, Tag.name)).all())
        return {key: " · ".join(self._group_parts(entity, groups, key)) for key in keys}

    def places(self, entity: Entity, name: str) -> dict[Any, int]:
        """The places of the groups by a field of stages, by their keys: pipeline by pipeline, as deals go through them.

        Of namesakes the first counts. Empty for a field whose groups have no order of their own.
        """
        fields = entity.fields
        named = fields.get(f"{name}_id")
        if "stage" not in (fields[name].target, named.target if named else None):
            return {}
        key = Stage.id if fields[name].target == "stage" else Stage.name
        order = (Pipeline.is_default.desc(), Pipeline.id, Stage.position)
        stages = select(key).join(Pipeline, Pipeline.id == Stage.pipeline_id).order_by(*order)
        return {key: place for place, key in reversed(list(enumerate(self._session.scalars(stages))))}

    def _group_parts(self, entity: Entity, groups: Sequence[Group], key: tuple[Any, ...]) -> Iterator[str]:
        for group, value in zip(groups, key, strict=True):
            field = entity.fields[group.field]
            if value is None or value == "":
                yield self.phrases.words["none"]
            elif field.type is FieldType.REF:
                yield self.name_of(field, str(value))
            elif isinstance(value, date):
                yield self.period(value, group.granularity or "day")
            elif isinstance(value, bool) or field.type is FieldType.BOOL:
                yield self.phrases.words["yes" if value else "no"]
            elif field.type is FieldType.ENUM:
                yield self.choice(field, str(value))
            elif field.name == "tags":
                yield self._tags.get(str(value), str(value))
            elif field.type in (FieldType.NUMBER, FieldType.MONEY):
                yield str(format_decimal(value, format=_AS_TYPED, locale=self.locale))
            else:
                yield str(value)

    def period(self, first: date, granularity: str) -> str:
        """A day, week, month, quarter or year by its first day."""
        last = self._viewpoint.calendar.period_of(first, granularity).last
        if granularity in ("day", "week"):
            return self._interval(first, last)
        if granularity == "month":
            return str(format_date(first, format="MMMM y", locale=self.locale))
        is_plain = self._viewpoint.calendar.fiscal_year_start == 1
        if granularity == "quarter":
            return f"Q{(first.month + 2) // 3} {first.year}" if is_plain else self._months(first, last)
        return str(first.year) if is_plain else f"{first.year}/{last.year % 100:02d}"

    def _months(self, first: date, last: date) -> str:
        return str(format_interval(first, last, "yMMM", locale=self.locale))

    def _lookup(self, type_: str, ids: Sequence[int]) -> dict[int, str]:
        """Names by id, asked for once."""
        missing = sorted({id for id in ids if (type_, id) not in self._names})
        for start in range(0, len(missing), 500):
            self._names |= {(type_, id): name for id, name in self._ask_names(type_, missing[start : start + 500])}
        return {id: self._names[type_, id] for id in ids if (type_, id) in self._names}

    def _ask_names(self, type_: str, ids: Sequence[int]) -> Iterator[tuple[int, str]]:
        if type_ == "stage":
            rows = self._session.execute(select(Stage.id, Stage.name).where(Stage.id.in_(ids)))
            yield from ((id, name) for id, name in rows)
            return
        entity = ENTITIES.get(type_)
        if entity is None:
            return
        model = entity.model
        where = (model.workspace_id == self._session.workspace_id, model.id.in_(ids), *entity.live)
        rows = self._session.execute(select(model.id, entity.title).where(*where), self._viewpoint.parameters)
        yield from ((id, self.title(entity, title)) for id, title in rows)

    # --- Pieces

    def _word(self, key: str, **values: object) -> str:
        return self.phrases.words[key].format(**values)

    def _low(self, label: str) -> str:
        """A label within a sentence; German nouns keep their capital."""
        return label if self.is_german or label[1:2].isupper() else label[:1].lower() + label[1:]


def _locale(name: str, fallback: str) -> Locale:
    try:
        return Locale.parse(name.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale.parse(fallback)
