"""What a record type looks like to whoever asks: entities, their fields, and the expressions behind them.

A field is one expression on the row (`expression`), values in rows beside it (`via`: e-mail addresses, links), or both.
Two kinds are asked without computing them for every row: a `latest` moment of many ("not talked to since March" is a
set, not a maximum) and the days `elapsed` since one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from babel.core import get_global
from sqlalchemy import (
    ColumnElement,
    Date,
    Float,
    ScalarSelect,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    true,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm.interfaces import ORMOption

from shared.models.base import UtcDateTime
from shared.query.spelling import latest, unindexed, whole_days

Expression = ColumnElement[Any] | InstrumentedAttribute[Any]

#: The business's time and day where the asker is; every statement is executed with `Viewpoint.parameters`.
NOW: ColumnElement[Any] = bindparam("aw_now", type_=UtcDateTime())
TODAY: ColumnElement[Any] = bindparam("aw_today", type_=Date())
#: The first moment of that day.
MIDNIGHT: ColumnElement[Any] = bindparam("aw_midnight", type_=UtcDateTime())


class FieldType(StrEnum):
    """What kind of values a field has, and so what can be asked of it."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"  # major units; the currency is a field of its own
    DATE = "date"
    DATETIME = "datetime"
    ENUM = "enum"
    REF = "ref"
    BOOL = "bool"


@dataclass(frozen=True, slots=True, eq=False)
class Many:
    """Values in other rows: `owners` selects the `id` of the records they belong to, `value` is compared.

    `folded` is `value` in `shared.search.fold` spelling, for `contains`.
    """

    id: Expression
    owners: Select[Any]
    value: Expression
    folded: Expression | None = None

    def of(self, condition: ColumnElement[bool], *, is_walked: bool = False) -> ColumnElement[bool]:
        """The record has a value of which this holds. `is_walked`: rows are met in another order, and each is looked
        up among those that have one, where SQLite would go from these to the rows and sort them."""
        id_ = unindexed(self.id) if is_walked else self.id
        return id_.in_(self.owners.where(condition).correlate(None))

    def maximum(self, model: type[Any]) -> ScalarSelect[Any]:
        """The greatest value of the record at hand."""
        owner = self.owners.selected_columns[0]
        greatest = self.owners.with_only_columns(func.max(self.value)).where(owner == self.id)
        return greatest.correlate(model).scalar_subquery()


@dataclass(frozen=True, slots=True, eq=False)
class Latest:
    """The latest of some moments: columns of the row that are never NULL, and moments in rows beside it."""

    columns: tuple[Expression, ...]
    many: tuple[Many, ...]

    def reaches(self, moment: Any | None) -> ColumnElement[bool]:
        """The latest is at or after a moment; with None, there is one at all. True or false, never unknown."""
        if moment is None and self.columns:
            return true()
        tests = [column >= moment for column in self.columns]
        return or_(*tests, self._in_rows(moment)) if self.many else or_(*tests)

    def _in_rows(self, moment: Any | None) -> ColumnElement[bool]:
        """One set of ids, which the databases build once and look into once a row."""
        sets = [many.owners if moment is None else many.owners.where(many.value >= moment) for many in self.many]
        found = sets[0].correlate(None) if len(sets) == 1 else union_all(*(each.correlate(None) for each in sets))
        id_ = self.many[0].id
        # Most records are in the set of all: looking each of those up is the slowest way through a table.
        return (id_ + 0 if moment is None else id_).in_(found)

    def expression(self, model: type[Any]) -> ColumnElement[Any]:
        """Looked up for the row at hand."""
        return self._of(*(many.maximum(model) for many in self.many))

    def table(self) -> Subquery:
        """(owner, at): the latest of every record at once, the row's own columns left out."""
        moments = [
            many.owners.with_only_columns(many.owners.selected_columns[0].label("owner"), many.value.label("at"))
            for many in self.many
        ]
        beside = (union_all(*moments) if len(moments) > 1 else moments[0]).subquery()
        return select(beside.c.owner, func.max(beside.c.at).label("at")).group_by(beside.c.owner).subquery()

    def joined(self, table: Subquery) -> ColumnElement[Any]:
        """The same, where `table` is joined to the rows."""
        return self._of(table.c.at)

    def _of(self, *moments: Any) -> ColumnElement[Any]:
        every: list[Any] = [*self.columns, *moments]
        return every[0] if len(every) == 1 else latest(*every)


@dataclass(frozen=True, slots=True, eq=False)
class Elapsed:
    """Whole days since a moment, until now, for the rows of which `only` holds; never negative."""

    since: Latest
    only: ColumnElement[bool] | None = None

    def expression(self, model: type[Any]) -> ColumnElement[Any]:
        """Looked up for the row at hand."""
        return self.until_now(self.since.expression(model))

    def until_now(self, moment: ColumnElement[Any]) -> ColumnElement[Any]:
        """Days since a moment, for the rows that have such."""
        days = whole_days(NOW, moment)
        return days if self.only is None else case((self.only, days))


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """A sort value in the record that `column` refers to, the text `name` of a `model`, with an index there: a list
    then follows that index, and looks at few more rows than it shows. `is_lowered`: small letters are compared."""

    column: Expression
    model: type[Any]
    name: str
    is_lowered: bool = True

    @property
    def key(self) -> Expression:
        return self._key(self.model)

    def _key(self, columns: Any) -> Expression:
        text: Expression = getattr(columns, self.name)
        return func.lower(text, type_=String()) if self.is_lowered else text

    @property
    def is_there(self) -> ColumnElement[bool]:
        """Of a record that was joined: it was not deleted, and has a value."""
        has_value = self.key.is_not(None)
        return and_(self.model.deleted_at.is_(None), has_value) if hasattr(self.model, "deleted_at") else has_value

    def is_missing(self, workspace_id: int) -> ColumnElement[bool]:
        """There is no such record in the workspace, it was deleted, or has no value. Asked of those that are not
        there."""
        table = self.model.__table__.alias()
        others = [table.c.workspace_id != workspace_id, self._key(table.c).is_(None)]
        if "deleted_at" in table.c:
            others.append(table.c.deleted_at.is_not(None))
        return or_(self.column.is_(None), self.column.in_(select(table.c.id).where(or_(*others))))


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One thing that can be asked of a record type.

    `sort` is what it is ordered by (None: it cannot be sorted by); `key` is how a value is folded before it is compared
    for being equal; `folded` is the same text in `shared.search.fold` spelling, for `contains`; `is_open` narrows
    `overdue` to what still has to be done; `moment` is the time of a day that may have one. `is_lookup`: conditions go
    to `via` alone, `expression` only shows it. `target` is the type of record a reference names. `shown` is what is
    selected where that is not `expression`.
    Money is `minor` / `per_minor` minor units of `currency`. `labels` are a team's own words for its choices.
    `order` is how a list finds the order of `sort` without looking up every row's.
    """

    name: str
    label: str
    type: FieldType
    expression: Expression | None = None
    via: Many | None = None
    sort: Expression | None = None
    is_nullable: bool = True
    choices: tuple[str, ...] = ()
    key: Callable[[str], str] = str
    folded: Expression | None = None
    is_open: ColumnElement[bool] | None = None
    moment: Expression | None = None
    is_lookup: bool = False
    target: str | None = None
    shown: Expression | None = None
    latest: Latest | None = None
    elapsed: Elapsed | None = None
    minor: Expression | None = None
    per_minor: int = 1
    currency: Expression | None = None
    labels: Mapping[str, str] | None = None
    order: Order | None = None

    @property
    def moments(self) -> Latest | None:
        """The moments in other rows that its value is made from, if it is."""
        made_from = self.latest or (self.elapsed.since if self.elapsed else None)
        return made_from if made_from is not None and made_from.many else None

    def over(self, table: Subquery) -> ColumnElement[Any]:
        """Its value where the table of its moments is joined to the rows."""
        assert self.moments is not None
        at = self.moments.joined(table)
        return at if self.elapsed is None else self.elapsed.until_now(at)

    @property
    def selected(self) -> Expression | None:
        """What a column of this field shows; None: it has many values and cannot be a column."""
        return self.expression if self.shown is None else self.shown


@dataclass(frozen=True, slots=True, eq=False)
class Entity:
    """A record type: its fields by name, its default order, what its rows are loaded with.

    `title` names a row; `live` are the conditions under which it exists for whoever asks, `bin` those of the bin (None:
    it has none). `shown` are the columns of an answer that asked for none, `words` what `q` looks through where there
    is no search index. `page` is the record a row is shown as, by type and id, where it has no page of its own.
    `beside` are the record types of its workspace, where they differ from others'.
    """

    name: str
    model: type[Any]
    fields: dict[str, Field]
    default_sort: str
    title: Expression
    live: tuple[ColumnElement[bool], ...] = ()
    bin: ColumnElement[bool] | None = None
    shown: tuple[str, ...] = ()
    load: tuple[ORMOption, ...] = ()
    words: tuple[Expression, ...] = ()
    page: tuple[str, Expression] | None = None
    beside: Mapping[str, Entity] | None = None


# --- Making fields


def translatable(label: str) -> str:
    """Marks a label for the catalogues (import it as `_`); the page that shows it translates."""
    return label


def text(name: str, label: str, column: Expression, **more: Any) -> Field:
    more.setdefault("sort", func.lower(column, type_=String()))
    return Field(name, label, FieldType.TEXT, column, **more)


def number(name: str, label: str, column: Expression, **more: Any) -> Field:
    return Field(name, label, FieldType.NUMBER, column, sort=column, **more)


def date(name: str, label: str, column: Expression, **more: Any) -> Field:
    return Field(name, label, FieldType.DATE, column, sort=column, **more)


def time(name: str, label: str, column: Expression, **more: Any) -> Field:
    return Field(name, label, FieldType.DATETIME, column, sort=column, **more)


def enum(name: str, label: str, column: Expression, choices: type[StrEnum], **more: Any) -> Field:
    order = case(*[(column == choice, i) for i, choice in enumerate(choices)], else_=len(choices))
    values = tuple(choice.value for choice in choices)
    return Field(name, label, FieldType.ENUM, column, sort=order, is_nullable=False, choices=values, **more)


def ref(name: str, label: str, target: str | None, column: Expression | None = None, **more: Any) -> Field:
    return Field(name, label, FieldType.REF, column, target=target, **more)


def yes_no(name: str, label: str, column: Expression) -> Field:
    return Field(name, label, FieldType.BOOL, column, sort=column, is_nullable=False)


def looked_up(
    name: str, label: str, column: Expression, model: type[Any], shown: str | Expression = "name", **more: Any
) -> Field:
    """A text of the record a column refers to, unless that was deleted."""
    value = getattr(model, shown) if isinstance(shown, str) else shown
    found = select(model.id)
    if hasattr(model, "deleted_at"):
        found = found.where(model.deleted_at.is_(None))
    expression = text_of(model, column, value)
    more.setdefault("sort", func.lower(expression, type_=String()))
    folded = more.pop(
        "folded", getattr(model, "name_key", None) if isinstance(shown, str) and shown == "name" else None
    )
    via = Many(column, found, value, folded)
    return Field(name, label, more.pop("type", FieldType.TEXT), expression, via=via, is_lookup=True, **more)


def text_of(model: type[Any], column: Expression, shown: str | Expression = "name") -> ScalarSelect[Any]:
    """A column of the record that `column` refers to, unless that was deleted."""
    found = select(getattr(model, shown) if isinstance(shown, str) else shown).where(model.id == column)
    if hasattr(model, "deleted_at"):
        found = found.where(model.deleted_at.is_(None))
    return found.correlate_except(model).scalar_subquery()


def latest_of(name: str, label: str, model: type[Any], moments: Latest) -> Field:
    return time(name, label, moments.expression(model), latest=moments)


def days_since(name: str, label: str, model: type[Any], elapsed: Elapsed) -> Field:
    return number(name, label, elapsed.expression(model), elapsed=elapsed)


def money(name: str, label: str, minor: Expression, currency: Expression, per_minor: int = 1) -> Field:
    amount = _major(minor, currency, per_minor)
    return Field(
        name, label, FieldType.MONEY, amount, sort=amount, minor=minor, per_minor=per_minor, currency=currency
    )  # fmt: skip


def _major(minor: Expression, currency: Expression, per_minor: int) -> ColumnElement[float]:
    """Money in major units: yen have no decimals, dinars three."""
    digits: dict[int, list[str]] = {}
    for code, (count, *_rest) in get_global("currency_fractions").items():
        if count != 2 and code != "DEFAULT":
            digits.setdefault(count, []).append(code)
    rare = {count: [literal_column(f"'{code}'", String()) for code in sorted(codes)] for count, codes in digits.items()}
    usual = per_minor * 100.0
    is_usual = currency.not_in([code for codes in rare.values() for code in codes])  # one look for nearly every row
    scales = [(currency.in_(codes), per_minor * 10.0**count) for count, codes in rare.items()]
    return type_coerce(cast(minor, Float) / case((is_usual, usual), *scales, else_=usual), Float)


def entity(name: str, model: type[Any], fields: Iterable[Field], default_sort: str, **more: Any) -> Entity:
    if hasattr(model, "deleted_at"):
        more.setdefault("live", (model.deleted_at.is_(None),))
        more.setdefault("bin", model.deleted_at.is_not(None))
    return Entity(name, model, {field.name: field for field in fields}, default_sort, **more)
