"""A plan read back as one sentence, so that whoever asked sees what was understood.

    Open deals over €20,000 closing this month (Nov 1 – 30, 2026), by amount, highest first

Names are looked up for ids, within the workspace; an id that names nothing stays a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_time
from babel.numbers import format_decimal
from sqlalchemy import select

from shared.models import Stage
from shared.query.conditions import ME, Viewpoint
from shared.query.dates import is_token
from shared.query.fields import ENTITIES
from shared.query.phrases import LANGUAGES
from shared.query.plan import And, Cmp, Group, Measure, Node, Not, Or, Order, Plan
from shared.query.relations import RELATIONS
from shared.query.types import Entity, Field, FieldType
from shared.tenancy import TenantSession

_DATED = (FieldType.DATE, FieldType.DATETIME)
_LONGEST_TITLE = 120
_SHOWN_VALUES = 5


def sentence(
    session: TenantSession,
    plan: Plan,
    *,
    user_id: int | None,
    language: str = "en",
    locale: str | None = None,
    zone: ZoneInfo | None = None,
) -> str:
    """A checked plan in words."""
    viewpoint = Viewpoint.of(session, user_id=user_id, zone=zone)
    return Words(session, viewpoint, language, locale or language).sentence(plan)


class Words:
    """One language, for one who asks; names are looked up once."""

    def __init__(self, session: TenantSession, viewpoint: Viewpoint, language: str = "en", locale: str = "en") -> None:
        self.phrases = LANGUAGES.get(language, LANGUAGES["en"])
        self.is_german = self.phrases is LANGUAGES["de"]
        self.locale = _locale(locale, "de" if self.is_german else "en")
        self._session, self._viewpoint = session, viewpoint
        self._names: dict[tuple[str, int], str] = {}

    # --- Sentences

    def sentence(self, plan: Plan) -> str:
        """What a plan asks for."""
        entity = ENTITIES[plan.from_]
        found = self.noun_phrase(entity, plan.where)
        if plan.q.strip():
            found += " " + self._word("words", x=plan.q.strip())
        found = self._measured(entity, plan, found) if plan.is_measured else found
        orders = ", ".join(self._order(entity, plan, order) for order in plan.order)
        found = f"{found}, {orders}" if orders else found
        if plan.order and plan.limit < 20:
            found += ", " + self._word("first", n=plan.limit)
        return found[:1].upper() + found[1:]

    def chip(self, entity: Entity, node: Node) -> str:
        """A condition alone, as a list shows it above its rows."""
        found = self._state(entity, node) or self._phrase(entity, node)
        return found[:1].upper() + found[1:]

    def noun_phrase(self, entity: Entity, node: Node | None) -> str:
        """`your open deals of Borealis`: adjectives, the noun, and what follows it."""
        parts = list(node.of) if isinstance(node, And) else [] if node is None else [node]
        mine = [part for part in parts if self._is_mine(entity, part)][:1]
        states = [part for part in parts if part not in mine and self._state(entity, part)]
        currency = next((p.values[0] for p in parts if isinstance(p, Cmp) and _is_currency(p)), None)
        after = [part for part in parts if part not in mine and part not in states]
        if currency and any(_is_amount(part) for part in after):
            after = [part for part in after if not _is_currency(part)]
        adjectives = [self._inflected(self._state(entity, part), has_your=bool(mine)) for part in states]
        kind = next((p for p in after if isinstance(p, Cmp) and _is_kind(entity, p)), None)
        after = [part for part in after if part is not kind]
        noun = self.phrases.kinds[kind.values[0]] if kind else self.phrases.nouns[entity.name][1]
        your = [self._word("your")] if mine else []
        following = [self._phrase(entity, part, currency=currency) for part in after]
        return " ".join([*your, *adjectives, noun, *_listed(following)])

    def _inflected(self, adjective: str, *, has_your: bool) -> str:
        if not self.is_german:
            return adjective
        return adjective + ("en" if has_your else "e")

    def _measured(self, entity: Entity, plan: Plan, rows: str) -> str:
        measures = f" {self.phrases.words['and']} ".join(self.measure(entity, m) for m in plan.measures)
        is_plain = rows == self.phrases.nouns[entity.name][1] and all(
            m.metric not in (None, "count") for m in plan.measures
        )
        found = measures if is_plain else self._word("of", metric=measures, x=rows)
        periods = {"day", "week", "month", "quarter", "year"}
        for group in plan.group:
            name = self.label(entity, entity.fields[group.field])
            unit = self.phrases.words[group.granularity] if group.granularity in periods else ""
            if unit:
                name = unit if group.field == "occurred_at" else f"{unit} ({self._low(name)})"
            found += " " + self._word("per", x=name if unit else self._low(name))
        return found

    def _order(self, entity: Entity, plan: Plan, order: Order) -> str:
        measure = next((m for m in plan.measures if m.name == order.by), None)
        field = entity.fields.get(order.by)
        kind = ""
        if measure is None and field is not None:
            kind = "date" if field.type in _DATED else "text" if field.type is FieldType.TEXT else ""
        name = self.measure(entity, measure) if measure else self.label(entity, field) if field else order.by
        way = "down" if order.descending else "up"
        return f"{self._word('by', x=self._low(name))}, {self.phrases.words[f'{way}.{kind}' if kind else way]}"

    # --- Conditions

    def _is_mine(self, entity: Entity, node: Node) -> bool:
        """Whether a condition says whose the records are: "your deals"."""
        owner = {"task": "assignee_id", "note": "author_id"}.get(entity.name, "owner_id")
        return isinstance(node, Cmp) and node.field == owner and node.op == "eq" and self._is_me(node.values[0])

    def _is_me(self, value: str) -> bool:
        return value == ME or (self._viewpoint.user_id is not None and value == str(self._viewpoint.user_id))

    def _state(self, entity: Entity, node: Node) -> str:
        """The adjective a condition is, if it is one."""
        if not isinstance(node, Cmp) or len(node.values) != 1:
            return ""
        if node.op == "eq":
            value = _yes(node.values[0]) if entity.fields[node.field].type is FieldType.BOOL else node.values[0]
            return self.phrases.states.get((entity.name, node.field, value), "")
        return ""

    def _phrase(self, entity: Entity, node: Node, *, currency: str | None = None) -> str:
        if isinstance(node, Cmp):
            return self._compared(entity, node, currency)
        if isinstance(node, And | Or):
            word = self.phrases.words["and" if isinstance(node, And) else "or"]
            inner = f" {word} ".join(self._phrase(entity, part) for part in node.of)
            return inner if isinstance(node, And) else f"({inner})"
        if isinstance(node, Not):
            return self._not(entity, node.node)
        target = ENTITIES[RELATIONS[entity.name][node.relation].target]
        return self._word("without" if node.absent else "with", x=self.noun_phrase(target, node.where))

    def _not(self, entity: Entity, node: Node) -> str:
        field = entity.fields[node.field] if isinstance(node, Cmp) else None
        if (
            isinstance(node, Cmp)
            and field is not None
            and field.name in self.phrases.when_not
            and node.op in ("eq", "gte")
        ):
            return self._when(field, node, "", is_not=True)
        return self._word("not", x=self._phrase(entity, node))

    def _compared(self, entity: Entity, node: Cmp, currency: str | None) -> str:
        field = entity.fields[node.field]
        label = self._low(self.label(entity, field))
        if node.op == "is":
            return self.phrases.compared["null" if node.values[0] == "null" else "set"].format(label=label)
        if field.type in _DATED and node.op in self.phrases.dated:
            return self._when(field, node, label)
        said = {"eq": field.name, "in": field.name, "ne": field.name, "not_in": field.name}.get(node.op)
        template = self.phrases.said.get(said or f"{field.name}.{node.op}")
        value = self._values(field, node, currency)
        if node.op in ("ne", "not_in"):
            inner = template.format(x=value) if template else f"{label} {value}"
            return self._word("not", x=inner) if self.is_german else f"not {inner}"
        if template is None:
            op = "eq" if node.op == "in" else node.op
            key = f"money.{op}" if field.type is FieldType.MONEY and field.name == "amount" else op
            template = self.phrases.compared.get(key, self.phrases.compared["eq"])
        return template.format(x=value, label=label)

    def _values(self, field: Field, node: Cmp, currency: str | None) -> str:
        shown = [self._value(field, value, currency) for value in node.values[:_SHOWN_VALUES]]
        if node.op == "contains":
            shown = [f"“{value.strip('“”')}”" for value in shown]
        if len(node.values) > _SHOWN_VALUES:
            shown.append(f"… ({len(node.values)})")
        return f" {self.phrases.words['or']} ".join(shown)

    def _value(self, field: Field, value: str, currency: str | None) -> str:
        if field.type is FieldType.REF:
            name = self.phrases.words["you"] if self._is_me_for(field, value) else self.name_of(field, value)
            return f"“{name}”" if field.name == "id" else name
        if field.type is FieldType.ENUM:
            return self.phrases.names.get(value, value)
        if field.type is FieldType.BOOL:
            return self.phrases.words[{"true": "yes", "false": "no"}[_yes(value)]]
        if field.type in (FieldType.NUMBER, FieldType.MONEY):
            number = str(format_decimal(value, locale=self.locale))
            return f"{number} {currency}" if field.type is FieldType.MONEY and currency else number
        if field.type in _DATED:
            return self.span(value)
        return value if field.is_lookup or field.name in ("city", "country", "region", "name") else f"“{value}”"

    def _is_me_for(self, field: Field, value: str) -> bool:
        return field.target == "user" and self._is_me(value)

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
            return phrases.dated[node.op].format(when=when, x=phrases.dated["on"].format(x=shown) if is_day else shown)
        span = self._viewpoint.calendar.span(value)
        assert span.first is not None  # only what is overdue has no first day
        words = self._token_words(value)
        if node.op == "eq":
            return f"{when} {words} ({self._interval(span.first, span.last)})"
        is_start = node.op in ("gte", "lt")
        shown = self.day(span.first if is_start else span.last)
        if value.startswith("last_") and value[5].isdigit() and is_start:
            if node.op == "gte":
                return f"{when} {words} ({phrases.dated['gte'].format(when='', x=shown).strip()})"
            words = self._token_words(value, key="ago")
        return phrases.dated[node.op].format(when=when, x=f"{shown} ({words})")

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
        one = self.phrases.nouns[entity.name][0]
        return one[:1].upper() + one[1:]

    def measure(self, entity: Entity, measure: Measure) -> str:
        """What a measure is called."""
        if measure.metric or measure.field is None:
            return self.phrases.metrics[measure.metric or "count"]
        field = entity.fields[measure.field]
        key = "counted" if measure.aggregate == "count" else str(measure.aggregate)
        if field.type in _DATED and f"{key}.date" in self.phrases.words:
            key += ".date"
        return self._word(key, x=self._low(self.label(entity, field)))

    def title(self, entity: Entity, title: str | None) -> str:
        """How a record is called: the first line of what names it."""
        line = next((line.strip() for line in (title or "").splitlines() if line.strip()), "")
        if entity.name == "note":
            line = line.lstrip("#>*- ").strip()
        return line[:_LONGEST_TITLE] or self.phrases.words["untitled"]

    def name_of(self, field: Field, value: str) -> str:
        """The name of the record a reference names."""
        names = self._lookup(field.target or "", [int(value)])
        return names.get(int(value)) or self._word("unknown", x=value)

    def group_names(self, entity: Entity, groups: Sequence[Group], keys: Sequence[tuple[Any, ...]]) -> dict[Any, str]:
        """How each group is called."""
        for at, group in enumerate(groups):
            field = entity.fields[group.field]
            if field.type is FieldType.REF:
                self._lookup(field.target or "", [key[at] for key in keys if key[at] is not None])
        return {key: " · ".join(self._group_parts(entity, groups, key)) for key in keys}

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
                yield self.phrases.names.get(str(value), str(value))
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


def _listed(parts: Sequence[str]) -> list[str]:
    """Phrases after a noun, a comma between them from the third on."""
    return list(parts) if len(parts) < 3 else [", ".join(parts)]


def _is_kind(entity: Entity, node: Cmp) -> bool:
    return entity.name == "insight" and node.field == "kind" and node.op == "eq"


def _is_currency(node: Node) -> bool:
    return isinstance(node, Cmp) and node.field == "currency" and node.op == "eq"


def _is_amount(node: Node) -> bool:
    return isinstance(node, Cmp) and node.field in ("amount", "weighted_amount")


def _yes(value: str) -> str:
    return "true" if value.lower() in ("1", "true", "yes") else "false"


def _locale(name: str, fallback: str) -> Locale:
    try:
        return Locale.parse(name.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale.parse(fallback)
