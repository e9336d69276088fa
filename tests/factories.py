"""Rows for tests, one plain function a model: `make_contact(session, first_name="Jane", email="jane@roe.example")`.

Each makes what the row needs and was not given, and commits: the row is there for other sessions and processes, and
on SQLite the write lock is free again. Rows made here have no events and are not in the search index; tests of those
go through the verbs in `shared.records`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import select, update

from shared import clock, models, security
from shared.records import keys
from shared.schemas.insight import Evidence
from shared.tenancy import TenantSession

Row = TypeVar("Row", bound=models.Base)

#: Differs in each call, so that names and addresses do.
_number = count(1)

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


def save(session: TenantSession, row: Row) -> Row:
    """Add and commit."""
    session.add(row)
    session.commit()
    return row


def make_workspace(session: TenantSession, **over: Any) -> models.Workspace:
    """Needs a session of every workspace."""
    return save(session, models.Workspace(**{"name": f"Workspace {next(_number)}", "own_domains": [], **over}))


def make_user(session: TenantSession, **over: Any) -> models.User:
    n = next(_number)
    return save(session, models.User(**{"name": f"User {n}", "email": f"user{n}@acme.example", **over}))


def make_company(session: TenantSession, **over: Any) -> models.Company:
    values = {"name": f"Company {next(_number)}", **over}
    return save(session, models.Company(**{"name_key": keys.company_key(values["name"]), "custom": {}, **values}))


def make_contact(
    session: TenantSession, *, email: str | None = None, phone: str | None = None, **over: Any
) -> models.Contact:
    """With a primary e-mail address and phone, if given; a `company_id` gets its open employment."""
    values = {"first_name": "Jane", "last_name": f"Roe{next(_number)}", "custom": {}, **over}
    values.setdefault("name_key", keys.person_key(values["first_name"], values["last_name"]))
    contact = models.Contact(**values)
    if email:
        contact.emails = [models.ContactEmail(email=email, email_key=keys.email_key(email), is_primary=True)]
    if phone:
        contact.phones = [models.ContactPhone(phone=phone, phone_key=keys.phone_key(phone), is_primary=True)]
    if contact.company_id:
        contact.employments = [models.Employment(company_id=contact.company_id, created_at=clock.now())]
    return save(session, contact)


def make_tag(session: TenantSession, **over: Any) -> models.Tag:
    values = {"name": f"Tag {next(_number)}", "custom": {}, **over}
    return save(session, models.Tag(**{"name_key": values["name"].lower(), **values}))


def make_field(session: TenantSession, **over: Any) -> models.FieldDefinition:
    """A text field of companies."""
    n = next(_number)
    values = {"record_type": "company", "key": f"field_{n}", "label": f"Field {n}", "type": models.CustomType.TEXT}
    return save(session, models.FieldDefinition(**{"options": [], **values, **over}))


def make_pipeline(session: TenantSession, **over: Any) -> models.Pipeline:
    """Qualification (10 %), Proposal (50 %), Won, Lost."""
    stages = [
        models.Stage(name="Qualification", probability=10, position=0),
        models.Stage(name="Proposal", probability=50, position=1),
        models.Stage(name="Won", type=models.StageType.WON, probability=100, position=2),
        models.Stage(name="Lost", type=models.StageType.LOST, probability=0, position=3),
    ]
    values = {"name": f"Pipeline {next(_number)}", "is_default": True, "stages": stages, "custom": {}, **over}
    return save(session, models.Pipeline(**values))


def make_deal(session: TenantSession, *, stage: models.Stage | None = None, **over: Any) -> models.Deal:
    """In the given stage, else in the first of the workspace's first pipeline, made if there is none."""
    if stage is None and "stage_id" not in over:
        pipeline = session.scalars(select(models.Pipeline).order_by(models.Pipeline.id)).first()
        stage = (pipeline or make_pipeline(session)).stages[0]
    values = {"name": f"Deal {next(_number)}", "custom": {}, **over}
    if stage is not None:
        values.update(stage_id=stage.id, pipeline_id=stage.pipeline_id)
    if values.get("amount_minor") is not None:
        values.setdefault("currency", "EUR")
    return save(session, models.Deal(**values))


def make_role(session: TenantSession, deal: models.Deal, contact: models.Contact, **over: Any) -> models.DealContact:
    """Somebody takes part in a deal."""
    return save(session, models.DealContact(**{"deal_id": deal.id, "contact_id": contact.id, "role": "Buyer", **over}))


def make_move(session: TenantSession, deal: models.Deal, **over: Any) -> models.StageChange:
    """A deal came to the stage it is in, from the last of its pipeline."""
    stages = select(models.Stage.id).where(models.Stage.pipeline_id == deal.pipeline_id)
    values = {
        "deal_id": deal.id,
        "from_stage_id": session.scalars(stages.order_by(models.Stage.position.desc())).first(),
        "to_stage_id": deal.stage_id,
        "at": clock.now(),
        **over,
    }
    came = update(models.Deal).where(models.Deal.id == deal.id, models.Deal.stage_since < values["at"])
    session.execute(came.values(stage_since=values["at"], updated_at=models.Deal.updated_at))
    return save(session, models.StageChange(**values))


def make_task(session: TenantSession, **over: Any) -> models.Task:
    return save(session, models.Task(**{"title": f"Task {next(_number)}", "custom": {}, **over}))


def make_import(session: TenantSession, **values: Any) -> models.ImportJob:
    about = {"type": "contact", "file_name": "people.csv", "file_sha256": "0" * 64, "file_bytes": 1}
    layout = {"format": "csv", "headers": ["Name"], "samples": [[]]}
    return save(session, models.ImportJob(**{**about, "layout": layout, "mapping": ["last_name"]} | values))


def make_note(session: TenantSession, **over: Any) -> models.Note:
    return save(session, models.Note(**{"body": f"Note {next(_number)}", "custom": {}, **over}))


def make_link(session: TenantSession, owner: models.Base, target: models.Base) -> models.Link:
    """A task or note hangs on a record."""
    return save(
        session,
        models.Link(
            owner_type=owner.__tablename__,
            owner_id=owner.id,
            target_type=target.__tablename__,
            target_id=target.id,
        ),
    )


def make_meeting(session: TenantSession, *, lines: list[tuple[str, str]] | None = None, **over: Any) -> models.Meeting:
    """`lines` are (speaker, text), ten seconds each."""
    n = next(_number)
    values = {
        "title": f"Meeting {n}",
        "occurred_at": MONDAY,
        "file_sha256": sha256(str(n).encode()).hexdigest(),
        "participants": [],
        "custom": {},
        **over,
    }
    meeting = save(session, models.Meeting(**values))
    session.add_all(
        models.Utterance(
            meeting_id=meeting.id, position=i, speaker=speaker, start_s=10.0 * i, end_s=10.0 * i + 9, text=line
        )
        for i, (speaker, line) in enumerate(lines or [])
    )
    session.commit()
    return meeting


def make_attendee(session: TenantSession, meeting: models.Meeting, **over: Any) -> models.Attendee:
    return save(session, models.Attendee(**{"meeting_id": meeting.id, "speaker": "Jane", **over}))


def make_insight(
    session: TenantSession,
    meeting: models.Meeting,
    *,
    kind: str = "action_item",
    data: dict[str, Any] | None = None,
    quote: str = "I will send the offer on Friday.",
    proposal: dict[str, Any] | None = None,
    **over: Any,
) -> models.Insight:
    """Pending, with one piece of evidence and, if given, a proposal (`action`, `record_type`, `changes`, …)."""
    n = next(_number)
    data = data if data is not None else {"description": f"Send offer {n}"}
    evidence = Evidence(quote=quote, speaker="Jane", start_s=0.0, utterance=0)
    values = {
        "meeting_id": meeting.id,
        "run": meeting.run,
        "position": n,
        "identity": sha256(f"{kind}{data}".encode()).hexdigest(),
        "kind": kind,
        "data": data,
        "found": data,
        "evidence": [evidence.model_dump(mode="json")],
        "confidence": 0.9,
        **over,
    }
    insight = models.Insight(**values)
    if proposal is not None:
        insight.proposal = models.Proposal(**{"changes": [], **proposal})
    return save(session, insight)


def make_event(session: TenantSession, kind: str = "company.created", **over: Any) -> models.Event:
    return save(session, models.Event(**{"kind": kind, "at": clock.now(), "actor": "user", "data": {}, **over}))


def make_webhook(session: TenantSession, **over: Any) -> models.Webhook:
    """One that is on. What it was sealed with nobody has, so nothing can be sent: for what is not about sending."""
    sealed = security.seal("a key nobody has", "webhook", "whsec_AAAA")
    values = {"name": "Sync", "url": "https://example.com/hook", "kinds": ["company.created"], "secret": sealed}
    return save(session, models.Webhook(**{**values, **over}))


def make_report(session: TenantSession, **over: Any) -> models.Report:
    """Somebody's own: how many deals there are in each stage."""
    plan = {"from": "deal", "measures": [{"metric": "count"}], "group": [{"field": "stage"}]}
    return save(session, models.Report(**{"name": f"Report {next(_number)}", "plan": plan, **over}))


def make_view(session: TenantSession, **over: Any) -> models.SavedView:
    """Somebody's own list of contacts."""
    state: dict[str, Any] = {"columns": [], "where": None, "q": "", "sort": "", "group": ""}
    return save(
        session, models.SavedView(**{"record_type": "contact", "name": f"View {next(_number)}", "state": state, **over})
    )
