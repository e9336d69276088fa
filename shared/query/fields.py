"""What can be asked of each record type: its fields by the names of REST, and those computed from its history.

A new field is one line here; lists, plans, REST and the assistant then know it (`docs/query.md`).
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, String, and_, case, func, select
from sqlalchemy.orm import joinedload

from shared.models import (
    Attendee,
    Company,
    Contact,
    ContactEmail,
    ContactPhone,
    Deal,
    DealContact,
    Direction,
    Insight,
    InsightStatus,
    Lifecycle,
    Meeting,
    MeetingStatus,
    Note,
    NoteKind,
    Pipeline,
    Priority,
    Role,
    Stage,
    StageType,
    Tag,
    Task,
    TaskStatus,
    User,
    Workspace,
)
from shared.query import activity, common_fields
from shared.query.spelling import whole_days
from shared.query.ties import TIES, contact_of
from shared.query.types import (
    MIDNIGHT,
    NOW,
    TODAY,
    Elapsed,
    Entity,
    Expression,
    Field,
    FieldType,
    Many,
    Order,
    date,
    days_since,
    entity,
    enum,
    latest_of,
    looked_up,
    money,
    number,
    ref,
    text,
    text_of,
    time,
    yes_no,
)
from shared.query.types import translatable as _
from shared.schemas.insight import Kind

__all__ = ["ENTITIES", "Entity", "Expression", "Field", "FieldType", "Many", "is_stage"]


def is_stage(*types: StageType) -> ColumnElement[bool]:
    """The deal is in a stage of these types."""
    return Deal.stage_id.in_(select(Stage.id).where(Stage.type.in_(types)).correlate(None))


def _company() -> Entity:
    m = Company
    open_deals = (
        select(func.count())
        .select_from(Deal)
        .where(Deal.company_id == m.id, Deal.deleted_at.is_(None), is_stage(StageType.OPEN))
        .correlate(m)
        .scalar_subquery()
    )
    fields = [
        *common_fields.record(m),
        text("name", _("Name"), m.name, sort=m.name_key, is_nullable=False, folded=m.name_key),
        text("domain", _("Domain"), m.domain, sort=m.domain, key=str.lower),
        text("website", _("Website"), m.website),
        text("industry", _("Industry"), m.industry),
        number("employees", _("Employees"), m.employees),
        text("phone", _("Phone"), m.phone, sort=None),
        text("street", _("Street"), m.street),
        text("city", _("City"), m.city),
        text("region", _("Region"), m.region),
        text("postcode", _("Postcode"), m.postcode),
        text("country", _("Country"), m.country),
        ref("owner_id", _("Owner"), "user", m.owner_id),
        looked_up("owner", _("Owner"), m.owner_id, User),
        number("open_deals", _("Open deals"), open_deals, is_nullable=False),
        latest_of("last_meeting_at", _("Last meeting"), m, activity.COMPANY_MET),
        latest_of("last_contact_at", _("Last contact"), m, activity.COMPANY_CONTACTED),
        common_fields.tags(m),
    ]
    shown = ("industry", "city", "owner")
    return entity("company", m, fields, "-updated_at", title=m.name, shown=shown)


def _contact() -> Entity:
    m = Contact
    emails = Many(m.id, select(ContactEmail.contact_id), ContactEmail.email_key)
    phones = Many(m.id, select(ContactPhone.contact_id), ContactPhone.phone_key)
    email = _primary(ContactEmail, ContactEmail.email)
    name = func.trim(m.first_name + " " + m.last_name, type_=String())
    fields = [
        *common_fields.record(m),
        text(
            "name", _("Name"), m.first_name + " " + m.last_name, sort=m.name_key, is_nullable=False, folded=m.name_key
        ),
        text("first_name", _("First name"), m.first_name, is_nullable=False),
        text("last_name", _("Last name"), m.last_name, sort=m.last_name, is_nullable=False),
        Field("email", _("E-mail"), FieldType.TEXT, via=emails, key=str.casefold, shown=email),
        Field("phone", _("Phone"), FieldType.TEXT, via=phones, shown=_primary(ContactPhone, ContactPhone.phone)),
        text("title", _("Title"), m.title),
        *common_fields.of_company(m.company_id),
        enum("lifecycle", _("Lifecycle"), m.lifecycle, Lifecycle),
        text("source", _("Source"), m.source),
        ref("owner_id", _("Owner"), "user", m.owner_id),
        looked_up("owner", _("Owner"), m.owner_id, User, order=Order(m.owner_id, User, "name")),
        latest_of("last_meeting_at", _("Last meeting"), m, activity.CONTACT_MET),
        latest_of("last_contact_at", _("Last contact"), m, activity.CONTACT_CONTACTED),
        common_fields.tags(m),
    ]
    return entity(
        "contact", m, fields, "-updated_at", title=case((name != "", name), else_=func.coalesce(email, "")),
        shown=("title", "company", "email"),
    )  # fmt: skip


def _primary(model: type[ContactEmail | ContactPhone], column: Expression) -> Expression:
    """The primary address or number of the contact at hand."""
    found = select(column).where(model.contact_id == Contact.id, model.is_primary.is_(True))
    return found.order_by(model.id).limit(1).correlate(Contact).scalar_subquery()


def _deal() -> Entity:
    m = Deal
    is_open, is_closed = is_stage(StageType.OPEN), is_stage(StageType.WON, StageType.LOST)
    everybody = Many(m.id, select(DealContact.deal_id), DealContact.contact_id)
    likely = func.coalesce(m.probability, text_of(Stage, m.stage_id, "probability"))
    fields = [
        *common_fields.record(m),
        text("name", _("Name"), m.name, is_nullable=False),
        *common_fields.of_company(m.company_id),
        ref("contact_id", _("Contact"), "contact", m.contact_id, via=everybody),
        ref("pipeline_id", _("Pipeline"), "pipeline", m.pipeline_id, is_nullable=False),
        looked_up("pipeline", _("Pipeline"), m.pipeline_id, Pipeline),
        ref("stage_id", _("Stage"), "stage", m.stage_id, is_nullable=False),
        looked_up(
            "stage", _("Stage"), m.stage_id, Stage, sort=text_of(Stage, m.stage_id, "position"), is_nullable=False
        ),
        looked_up(
            "stage_type", _("State"), m.stage_id, Stage, "type", type=FieldType.ENUM, sort=None,
            choices=tuple(StageType), is_nullable=False,
        ),
        money("amount", _("Amount"), m.amount_minor, m.currency),
        money("weighted_amount", _("Weighted amount"), m.amount_minor * likely, m.currency, per_minor=100),
        number("amount_minor", _("Amount in minor units"), m.amount_minor),
        text("currency", _("Currency"), m.currency, key=str.upper),
        number("probability", _("Probability"), likely, is_nullable=False),
        date("expected_close", _("Expected close"), m.expected_close, is_open=is_open),
        time("closed_at", _("Closed"), m.closed_at),
        text("lost_reason", _("Lost because"), m.lost_reason),
        ref("owner_id", _("Owner"), "user", m.owner_id),
        looked_up("owner", _("Owner"), m.owner_id, User),
        latest_of("last_meeting_at", _("Last meeting"), m, activity.DEAL_MET),
        latest_of("last_activity_at", _("Last activity"), m, activity.DEAL_ACTIVE),
        days_since("stale_days", _("Days without activity"), m, Elapsed(activity.DEAL_ACTIVE, is_open)),
        time("stage_since", _("In stage since"), m.stage_since, is_nullable=False),
        days_since("days_in_stage", _("Days in stage"), m, Elapsed(activity.DEAL_MOVED)),
        yes_no("is_stale", _("Stale"), _is_stale(m, is_open)),
        days_since("age_days", _("Age in days"), m, Elapsed(activity.DEAL_MADE)),
        number("cycle_days", _("Cycle in days"), case((is_closed, whole_days(m.closed_at, m.created_at)))),
        common_fields.tags(m),
    ]  # fmt: skip
    load = (joinedload(m.company), joinedload(m.stage))
    shown = ("company", "stage", "amount", "expected_close", "owner")
    return entity("deal", m, fields, "-updated_at", title=m.name, shown=shown, load=load)


def _is_stale(m: type[Deal], is_open: ColumnElement[bool]) -> ColumnElement[bool]:
    """Open, and longer in its stage than the stage, else the workspace, says; 0 days there: never."""
    of_workspace = select(Workspace.stale_days).where(Workspace.id == m.workspace_id).correlate(m).scalar_subquery()
    days = func.coalesce(text_of(Stage, m.stage_id, "stale_days"), of_workspace)
    return and_(is_open, days > 0, whole_days(NOW, m.stage_since) >= days)


def _task() -> Entity:
    m = Task
    is_open = m.status == TaskStatus.OPEN
    is_late = case((m.due_at.is_(None), m.due_date < TODAY), else_=m.due_at < MIDNIGHT)
    is_overdue = and_(is_open, m.due_date.is_not(None), func.coalesce(is_late, False))
    fields = [
        *common_fields.record(m),
        text("title", _("Title"), m.title, is_nullable=False),
        date("due_date", _("Due"), m.due_date, is_open=is_open, moment=m.due_at),
        time("due_at", _("Due at"), m.due_at, is_open=is_open),
        yes_no("is_overdue", _("Overdue"), is_overdue),
        enum("priority", _("Priority"), m.priority, Priority),
        enum("status", _("Status"), m.status, TaskStatus),
        time("completed_at", _("Done"), m.completed_at),
        ref("assignee_id", _("Assignee"), "user", m.assignee_id),
        looked_up("assignee", _("Assignee"), m.assignee_id, User, order=Order(m.assignee_id, User, "name")),
        text("promised_by", _("Promised by"), m.promised_by),
        ref("meeting_id", _("Meeting"), "meeting", m.meeting_id, via=common_fields.linked(m, "meeting")),
        *common_fields.about(m, "company", "contact", "deal"),
        common_fields.tags(m),
    ]
    shown = ("status", "due_date", "assignee")
    return entity("task", m, fields, "due_date", title=m.title, shown=shown)


def _note() -> Entity:
    m = Note
    fields = [
        *common_fields.record(m),
        text("body", _("Text"), m.body, sort=None, is_nullable=False),
        ref("author_id", _("Author"), "user", m.author_id),
        looked_up("author", _("Author"), m.author_id, User),
        enum("kind", _("Kind"), m.kind, NoteKind),
        time("happened_at", _("When"), func.coalesce(m.happened_at, m.created_at), is_nullable=False),
        number("duration_s", _("Duration in seconds"), m.duration_s),
        enum("direction", _("Direction"), m.direction, Direction),
        *common_fields.about(m, "company", "contact", "deal", "meeting"),
    ]
    title = func.substr(m.body, 1, 200, type_=String())
    return entity(
        "note", m, fields, "-created_at", title=title, shown=("author", "created_at")
    )  # fmt: skip


def _meeting() -> Entity:
    m = Meeting
    contacts = Many(m.id, select(Attendee.meeting_id), Attendee.contact_id)
    users = Many(m.id, select(Attendee.meeting_id), Attendee.user_id)
    fields = [
        *common_fields.record(m),
        text("title", _("Title"), m.title, is_nullable=False),
        time("occurred_at", _("When"), m.occurred_at, is_nullable=False),
        number("duration_s", _("Duration in seconds"), m.duration_s),
        *common_fields.of_company(m.company_id),
        ref("deal_id", _("Deal"), "deal", m.deal_id),
        looked_up("deal", _("Deal"), m.deal_id, Deal),
        ref("contact_id", _("Contact"), "contact", via=contacts),
        ref("user_id", _("Colleague"), "user", via=users),
        enum("status", _("Status"), m.status, MeetingStatus),
        text("engine", _("Engine"), m.engine),
        text("language", _("Language"), m.language),
        text("file_name", _("File"), m.file_name),
        ref("owner_id", _("Owner"), "user", m.owner_id),
        looked_up("owner", _("Owner"), m.owner_id, User),
        common_fields.tags(m),
    ]
    load = (joinedload(m.company), joinedload(m.deal))
    shown = ("occurred_at", "company")
    return entity("meeting", m, fields, "-occurred_at", title=m.title, shown=shown, load=load)


def _insight() -> Entity:
    """What was learnt in meetings and accepted; what waits for review is not yet known."""
    m = Insight
    accepted = m.status.in_([status for status in InsightStatus if status.is_applied])
    kept = m.meeting_id.in_(select(Meeting.id).where(Meeting.deleted_at.is_(None)).correlate(None))
    # Kinds say it under different keys; each has at least one of these.
    said = [m.data[key].as_string() for key in ("description", "text", "name", "purpose", "about", "company", "label")]
    headline = func.coalesce(*said, m.kind)
    choices = tuple(kind.value for kind in Kind)
    order = case(*[(m.kind == kind, i) for i, kind in enumerate(choices)], else_=len(choices))
    fields = [
        Field("id", _("Number"), FieldType.REF, m.id, sort=m.id, is_nullable=False, target="insight"),
        time("created_at", _("Created"), m.created_at, is_nullable=False),
        Field("kind", _("Kind"), FieldType.ENUM, m.kind, sort=order, is_nullable=False, choices=choices),
        text("text", _("Text"), headline, is_nullable=False),
        looked_up(
            "occurred_at", _("When"), m.meeting_id, Meeting, "occurred_at", type=FieldType.DATETIME,
            sort=text_of(Meeting, m.meeting_id, "occurred_at"), is_nullable=False,
        ),
        number("confidence", _("Confidence"), m.confidence, is_nullable=False),
        ref("meeting_id", _("Meeting"), "meeting", m.meeting_id, is_nullable=False),
        looked_up("meeting", _("Meeting"), m.meeting_id, Meeting, "title"),
        ref("company_id", _("Company"), "company", m.company_id),
        looked_up("company", _("Company"), m.company_id, Company),
        ref("deal_id", _("Deal"), "deal", m.deal_id),
        looked_up("deal", _("Deal"), m.deal_id, Deal),
        *contact_of(m.contact_id),
    ]  # fmt: skip
    return entity(
        "insight", m, fields, "-occurred_at", title=headline, live=(accepted, kept), words=(headline,),
        shown=("kind", "occurred_at", "company"),
    )  # fmt: skip


def _pipeline() -> Entity:
    m = Pipeline
    fields = [
        *common_fields.record(m),
        text("name", _("Name"), m.name, is_nullable=False),
        yes_no("is_default", _("Default"), m.is_default),
    ]
    return entity("pipeline", m, fields, "id", title=m.name, words=(m.name,))


def _tag() -> Entity:
    m = Tag
    fields = [
        *common_fields.record(m),
        text("name", _("Name"), m.name, sort=m.name_key, is_nullable=False, folded=m.name_key),
        text("color", _("Color"), m.color, is_nullable=False),
    ]
    return entity("tag", m, fields, "name", title=m.name, words=(m.name,))


def _user() -> Entity:
    m = User
    fields = [
        *common_fields.base(m),
        text("name", _("Name"), m.name, is_nullable=False),
        text("email", _("E-mail"), m.email, sort=m.email, is_nullable=False, key=str.casefold),
        enum("role", _("Role"), m.role, Role),
        yes_no("is_active", _("Active"), m.is_active),
    ]
    return entity("user", m, fields, "name", title=m.name, shown=("email", "role"), words=(m.name, m.email))


#: Every record type that can be asked for, by its singular name.
ENTITIES: dict[str, Entity] = {
    found.name: found
    for found in (
        _company(), _contact(), _deal(), _task(), _note(), _meeting(), _insight(), _pipeline(), _tag(), _user(), *TIES,
    )
}  # fmt: skip
