"""What can be asked of each record type: fields with their type, the expression behind them and their label.

Names are those of REST. A field is one expression on the row (`expression`), values in rows beside it (`via`: e-mail
addresses, links), or both; lists, and later metrics and the assistant, need to know no more than this table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from babel.core import get_global
from sqlalchemy import ColumnElement, Float, ScalarSelect, Select, String, case, cast, func, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, joinedload
from sqlalchemy.orm.interfaces import ORMOption

from shared.models import (
    Attendee,
    Company,
    Contact,
    ContactEmail,
    ContactPhone,
    Deal,
    DealContact,
    Lifecycle,
    Link,
    Meeting,
    MeetingStatus,
    Note,
    Pipeline,
    Priority,
    Role,
    Stage,
    StageType,
    Task,
    TaskStatus,
    User,
)

Expression = ColumnElement[Any] | InstrumentedAttribute[Any]


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
    """Values in other rows: `owners` selects the `id` of the records they belong to, `value` is compared."""

    id: Expression
    owners: Select[int]
    value: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One thing that can be asked of a record type.

    `sort` is what it is ordered by (None: it cannot be sorted by); `key` is how a value is folded before it is compared
    for being equal; `folded` is the same text in `shared.search.fold` spelling, for `contains`; `is_open` narrows
    `overdue` to what still has to be done.
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


@dataclass(frozen=True, slots=True, eq=False)
class Entity:
    """A record type: its fields by name, its default order, what its rows are loaded with.

    `people` are the columns that hold user ids, `words` what `q` looks through where there is no search index.
    """

    name: str
    model: type[Any]
    fields: dict[str, Field]
    default_sort: str
    load: tuple[ORMOption, ...] = ()
    people: tuple[str, ...] = ()
    words: tuple[Expression, ...] = ()


def _(label: str) -> str:
    """Marks a label for translation; the page that shows it translates."""
    return label


def _text(name: str, label: str, column: Expression, **more: Any) -> Field:
    more.setdefault("sort", func.lower(column, type_=String()))
    return Field(name, label, FieldType.TEXT, column, **more)


def _number(name: str, label: str, column: Expression, **more: Any) -> Field:
    return Field(name, label, FieldType.NUMBER, column, sort=column, **more)


def _date(name: str, label: str, column: Expression, **more: Any) -> Field:
    return Field(name, label, FieldType.DATE, column, sort=column, **more)


def _time(name: str, label: str, column: Expression, **more: Any) -> Field:
    return Field(name, label, FieldType.DATETIME, column, sort=column, **more)


def _enum(name: str, label: str, column: Expression, choices: type[StrEnum]) -> Field:
    order = case(*[(column == choice, i) for i, choice in enumerate(choices)], else_=len(choices))
    values = tuple(choice.value for choice in choices)
    return Field(name, label, FieldType.ENUM, column, sort=order, is_nullable=False, choices=values)


def _ref(name: str, label: str, column: Expression | None = None, **more: Any) -> Field:
    return Field(name, label, FieldType.REF, column, **more)


def _bool(name: str, label: str, column: Expression) -> Field:
    return Field(name, label, FieldType.BOOL, column, sort=column, is_nullable=False)


def _name_of(model: type[Any], column: Expression, shown: str = "name") -> ScalarSelect[Any]:
    """A text of the record a column refers to."""
    return select(getattr(model, shown)).where(model.id == column).correlate_except(model).scalar_subquery()


def _linked(model: type[Task | Note], target: str) -> Many:
    """Records of a type that tasks or notes hang on."""
    owners = select(Link.owner_id).where(Link.owner_type == model.__tablename__, Link.target_type == target)
    return Many(model.id, owners, Link.target_id)


def _about(model: type[Task | Note], *targets: str) -> list[Field]:
    labels = {"company": _("Company"), "contact": _("Contact"), "deal": _("Deal"), "meeting": _("Meeting")}
    return [_ref(f"{target}_id", labels[target], via=_linked(model, target)) for target in targets]


def _common(model: type[Any]) -> list[Field]:
    return [
        Field("id", _("Number"), FieldType.REF, model.id, sort=model.id, is_nullable=False),
        _text("external_id", _("External id"), model.external_id, sort=None),
        _time("created_at", _("Created"), model.created_at, is_nullable=False),
        _time("updated_at", _("Changed"), model.updated_at, is_nullable=False),
    ]


def _record(model: type[Any]) -> list[Field]:
    return [
        *_common(model),
        _ref("created_by_id", _("Created by"), model.created_by_id),
        _text("actor", _("Made through"), model.actor, sort=None),
    ]


def _major(minor: Expression, currency: Expression) -> ColumnElement[float]:
    """Money in major units: yen have no decimals, dinars three."""
    digits: dict[int, list[str]] = {}
    for code, (count, *_rest) in get_global("currency_fractions").items():
        if count != 2 and code != "DEFAULT":
            digits.setdefault(count, []).append(code)
    scale = case(*[(currency.in_(sorted(codes)), 10.0**count) for count, codes in digits.items()], else_=100.0)
    return type_coerce(cast(minor, Float) / scale, Float)


def _entity(name: str, model: type[Any], fields: Iterable[Field], default_sort: str, **more: Any) -> Entity:
    return Entity(name, model, {field.name: field for field in fields}, default_sort, **more)


def _company() -> Entity:
    m = Company
    fields = [
        *_record(m),
        _text("name", _("Name"), m.name, sort=m.name_key, is_nullable=False, folded=m.name_key),
        _text("domain", _("Domain"), m.domain, sort=m.domain, key=str.lower),
        _text("website", _("Website"), m.website),
        _text("industry", _("Industry"), m.industry),
        _number("employees", _("Employees"), m.employees),
        _text("phone", _("Phone"), m.phone, sort=None),
        _text("street", _("Street"), m.street),
        _text("city", _("City"), m.city),
        _text("region", _("Region"), m.region),
        _text("postcode", _("Postcode"), m.postcode),
        _text("country", _("Country"), m.country),
        _ref("owner_id", _("Owner"), m.owner_id),
        _text("owner", _("Owner"), _name_of(User, m.owner_id)),
    ]
    return _entity("company", m, fields, "-updated_at", people=("owner_id",))


def _contact() -> Entity:
    m = Contact
    emails = Many(m.id, select(ContactEmail.contact_id), ContactEmail.email_key)
    phones = Many(m.id, select(ContactPhone.contact_id), ContactPhone.phone_key)
    fields = [
        *_record(m),
        _text(
            "name", _("Name"), m.first_name + " " + m.last_name, sort=m.name_key, is_nullable=False, folded=m.name_key
        ),
        _text("first_name", _("First name"), m.first_name, is_nullable=False),
        _text("last_name", _("Last name"), m.last_name, sort=m.last_name, is_nullable=False),
        Field("email", _("E-mail"), FieldType.TEXT, via=emails, key=str.casefold),
        Field("phone", _("Phone"), FieldType.TEXT, via=phones),
        _text("title", _("Title"), m.title),
        _ref("company_id", _("Company"), m.company_id),
        _text("company", _("Company"), _name_of(Company, m.company_id)),
        _enum("lifecycle", _("Lifecycle"), m.lifecycle, Lifecycle),
        _text("source", _("Source"), m.source),
        _ref("owner_id", _("Owner"), m.owner_id),
        _text("owner", _("Owner"), _name_of(User, m.owner_id)),
    ]
    return _entity("contact", m, fields, "-updated_at", load=(joinedload(m.company),), people=("owner_id",))


def _deal() -> Entity:
    m = Deal
    stage_type = _name_of(Stage, m.stage_id, "type")
    is_open = m.stage_id.in_(select(Stage.id).where(Stage.type == StageType.OPEN))
    everybody = Many(m.id, select(DealContact.deal_id), DealContact.contact_id)
    amount = _major(m.amount_minor, m.currency)
    likely = func.coalesce(m.probability, _name_of(Stage, m.stage_id, "probability"))
    fields = [
        *_record(m),
        _text("name", _("Name"), m.name, is_nullable=False),
        _ref("company_id", _("Company"), m.company_id),
        _text("company", _("Company"), _name_of(Company, m.company_id)),
        _ref("contact_id", _("Contact"), m.contact_id, via=everybody),
        _ref("pipeline_id", _("Pipeline"), m.pipeline_id, is_nullable=False),
        _ref("stage_id", _("Stage"), m.stage_id, is_nullable=False),
        _text(
            "stage", _("Stage"), _name_of(Stage, m.stage_id), sort=_name_of(Stage, m.stage_id, "position"),
            is_nullable=False,
        ),
        Field("stage_type", _("State"), FieldType.ENUM, stage_type, choices=tuple(StageType), is_nullable=False),
        Field("amount", _("Amount"), FieldType.MONEY, amount, sort=amount),
        _number("amount_minor", _("Amount in minor units"), m.amount_minor),
        _text("currency", _("Currency"), m.currency, key=str.upper),
        _number("probability", _("Probability"), likely, is_nullable=False),
        _date("expected_close", _("Expected close"), m.expected_close, is_open=is_open),
        _time("closed_at", _("Closed"), m.closed_at),
        _text("lost_reason", _("Lost because"), m.lost_reason),
        _ref("owner_id", _("Owner"), m.owner_id),
        _text("owner", _("Owner"), _name_of(User, m.owner_id)),
    ]  # fmt: skip
    load = (joinedload(m.company), joinedload(m.stage))
    return _entity("deal", m, fields, "-updated_at", load=load, people=("owner_id",))


def _task() -> Entity:
    m = Task
    is_open = m.status == TaskStatus.OPEN
    fields = [
        *_record(m),
        _text("title", _("Title"), m.title, is_nullable=False),
        _date("due_date", _("Due"), m.due_date, is_open=is_open),
        _time("due_at", _("Due at"), m.due_at, is_open=is_open),
        _enum("priority", _("Priority"), m.priority, Priority),
        _enum("status", _("Status"), m.status, TaskStatus),
        _time("completed_at", _("Done"), m.completed_at),
        _ref("assignee_id", _("Assignee"), m.assignee_id),
        _text("assignee", _("Assignee"), _name_of(User, m.assignee_id)),
        _text("promised_by", _("Promised by"), m.promised_by),
        _ref("meeting_id", _("Meeting"), m.meeting_id, via=_linked(m, "meeting")),
        *_about(m, "company", "contact", "deal"),
    ]
    return _entity("task", m, fields, "due_date", people=("assignee_id",))


def _note() -> Entity:
    m = Note
    fields = [
        *_record(m),
        _text("body", _("Text"), m.body, sort=None, is_nullable=False),
        _ref("author_id", _("Author"), m.author_id),
        _text("author", _("Author"), _name_of(User, m.author_id)),
        *_about(m, "company", "contact", "deal", "meeting"),
    ]
    return _entity("note", m, fields, "-created_at", people=("author_id",))


def _meeting() -> Entity:
    m = Meeting
    contacts = Many(m.id, select(Attendee.meeting_id), Attendee.contact_id)
    users = Many(m.id, select(Attendee.meeting_id), Attendee.user_id)
    fields = [
        *_record(m),
        _text("title", _("Title"), m.title, is_nullable=False),
        _time("occurred_at", _("When"), m.occurred_at, is_nullable=False),
        _number("duration_s", _("Duration in seconds"), m.duration_s),
        _ref("company_id", _("Company"), m.company_id),
        _text("company", _("Company"), _name_of(Company, m.company_id)),
        _ref("deal_id", _("Deal"), m.deal_id),
        _ref("contact_id", _("Contact"), via=contacts),
        _ref("user_id", _("Colleague"), via=users),
        _enum("status", _("Status"), m.status, MeetingStatus),
        _text("engine", _("Engine"), m.engine),
        _text("language", _("Language"), m.language),
        _text("file_name", _("File"), m.file_name),
        _ref("owner_id", _("Owner"), m.owner_id),
    ]
    load = (joinedload(m.company), joinedload(m.deal))
    return _entity("meeting", m, fields, "-occurred_at", load=load, people=("owner_id",))


def _pipeline() -> Entity:
    m = Pipeline
    fields = [
        *_record(m),
        _text("name", _("Name"), m.name, is_nullable=False),
        _bool("is_default", _("Default"), m.is_default),
    ]
    return _entity("pipeline", m, fields, "id", words=(m.name,))


def _user() -> Entity:
    m = User
    fields = [
        *_common(m),
        _text("name", _("Name"), m.name, is_nullable=False),
        _text("email", _("E-mail"), m.email, sort=m.email, is_nullable=False, key=str.casefold),
        _enum("role", _("Role"), m.role, Role),
        _bool("is_active", _("Active"), m.is_active),
    ]
    return _entity("user", m, fields, "name", words=(m.name, m.email))


#: Every record type that has lists, by its singular name.
ENTITIES: dict[str, Entity] = {
    entity.name: entity
    for entity in (_company(), _contact(), _deal(), _task(), _note(), _meeting(), _pipeline(), _user())
}
