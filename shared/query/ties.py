"""What ties records together, asked like records: roles of people on deals, moves of deals between stages, employments.

A tie exists while both its ends do. It has no page: its row is called by the record it shows (`Entity.page`), and the
list behind its link is that of those records.

    role        contact ─ as "Decision maker" on ─▶ deal          shown as the contact
    move        deal ─ from stage, to stage, when, by whom        shown as the deal
    employment  contact ─ as "Buyer", from, until, at ─▶ company  shown as the contact

Entering a deal is no move: a move leaves one stage for another.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, and_, exists, false, func, select, tuple_
from sqlalchemy.orm import aliased

from shared.models import Company, Contact, Deal, DealContact, Employment, Stage, StageChange, StageType, User
from shared.query.spelling import whole_days
from shared.query.types import (
    Entity,
    Expression,
    Field,
    FieldType,
    date,
    entity,
    looked_up,
    number,
    ref,
    text,
    text_of,
    time,
    yes_no,
)
from shared.query.types import translatable as _

PERSON: ColumnElement[str] = func.trim(Contact.first_name + " " + Contact.last_name, type_=String())


def contact_of(column: Expression) -> list[Field]:
    """The contact that a column refers to, by number and by name."""
    return [
        ref("contact_id", _("Contact"), "contact", column),
        looked_up("contact", _("Contact"), column, Contact, PERSON, folded=Contact.name_key),
    ]


def _of(name: str, label: str, model: type[Any], column: Expression) -> list[Field]:
    return [
        ref(f"{name}_id", label, model.__tablename__, column, is_nullable=False),
        looked_up(name, label, column, model),
    ]


def _number_of(name: str, model: type[Any]) -> Field:
    return Field("id", _("Number"), FieldType.REF, model.id, sort=model.id, is_nullable=False, target=name)


def _ends(tie: type[Any], *columns: tuple[Expression, type[Any]]) -> tuple[ColumnElement[bool], ...]:
    """The records on both sides are there.

    Looked up a row: whoever asks for a few ties would else pay for the set of all contacts.
    """
    return tuple(
        exists().where(model.id == column, model.deleted_at.is_(None)).correlate(tie) for column, model in columns
    )


def _role() -> Entity:
    m = DealContact
    fields = [
        _number_of("role", m),
        text("role", _("Role"), m.role),
        *contact_of(m.contact_id),
        *_of("deal", _("Deal"), Deal, m.deal_id),
    ]
    title = text_of(Contact, m.contact_id, PERSON)
    return entity(
        "role", m, fields, "id", title=title, live=_ends(m, (m.deal_id, Deal), (m.contact_id, Contact)),
        shown=("role", "deal"), words=(m.role, title), page=("contact", m.contact_id),
    )  # fmt: skip


def _move() -> Entity:
    m = StageChange
    left, reached = aliased(Stage), aliased(Stage)
    ways_back = select(left.id, reached.id).join(
        reached, and_(reached.pipeline_id == left.pipeline_id, reached.position < left.position)
    )
    is_back = func.coalesce(tuple_(m.from_stage_id, m.to_stage_id).in_(ways_back.correlate(None)), false())
    before = aliased(StageChange)
    came = select(func.max(before.at)).where(before.deal_id == m.deal_id, before.at < m.at).correlate(m)
    # Never NULL: whoever is asked about has a deal that is there.
    since = func.coalesce(came.scalar_subquery(), text_of(Deal, m.deal_id, "created_at"))
    fields = [
        _number_of("move", m),
        *_of("deal", _("Deal"), Deal, m.deal_id),
        *_stage("from_stage", _("From stage")),
        *_stage("to_stage", _("To stage")),
        time("moved_at", _("Moved"), m.at, is_nullable=False),
        yes_no("is_back", _("Backwards"), is_back),
        number("days_before", _("Days in the stage before"), whole_days(m.at, since)),
        ref("user_id", _("Moved by"), "user", m.user_id),
        looked_up("user", _("Moved by"), m.user_id, User),
    ]
    title = text_of(Deal, m.deal_id)
    return entity(
        "move", m, fields, "-moved_at", title=title, live=(m.from_stage_id.is_not(None), *_ends(m, (m.deal_id, Deal))),
        shown=("from_stage", "to_stage", "moved_at", "user"), words=(title,), page=("deal", m.deal_id),
    )  # fmt: skip


def _stages() -> dict[str, Expression]:
    return {"from_stage": StageChange.from_stage_id, "to_stage": StageChange.to_stage_id}


def _stage(name: str, label: str) -> list[Field]:
    column = _stages()[name]
    return [
        ref(f"{name}_id", label, "stage", column),
        looked_up(name, label, column, Stage),
        looked_up(
            f"{name}_type", label, column, Stage, "type", type=FieldType.ENUM, sort=None, choices=tuple(StageType)
        ),
    ]


def _employment() -> Entity:
    m = Employment
    fields = [
        _number_of("employment", m),
        *contact_of(m.contact_id),
        *_of("company", _("Company"), Company, m.company_id),
        text("title", _("Title"), m.title),
        date("started_on", _("From"), m.started_on),
        date("ended_on", _("Until"), m.ended_on),
        yes_no("is_current", _("Current"), m.ended_on.is_(None)),
    ]
    title = text_of(Contact, m.contact_id, PERSON)
    return entity(
        "employment", m, fields, "-id", title=title, live=_ends(m, (m.contact_id, Contact), (m.company_id, Company)),
        shown=("title", "company", "started_on", "ended_on"), words=(m.title, title), page=("contact", m.contact_id),
    )  # fmt: skip


#: The ties by name.
TIES: tuple[Entity, ...] = (_role(), _move(), _employment())
