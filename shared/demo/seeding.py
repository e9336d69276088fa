"""The demonstration company, from its first user to this morning's meeting, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from shared import clock, events
from shared.accounts import users
from shared.demo import cast, conversations, market, pipeline, work
from shared.demo.story import Story
from shared.errors import Conflict
from shared.models import User, Workspace
from shared.records.pipelines import default_pipeline
from shared.schemas.accounts import UserInput
from shared.telemetry import get_logger
from shared.tenancy import TenantSession

log = get_logger(__name__)

_OPENED_DAYS_AGO = 272


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """What to type on the login page."""

    email: str
    password: str

    def __str__(self) -> str:
        return f"{self.email} / {self.password}"


def seed(session: TenantSession, *, upload_dir: Path) -> DemoLogin:
    """Fill a new workspace of its own with nine months of work, up to `clock.now()`.

    The session must belong to every workspace; it enters the new one. Flushes, never commits: all of it or nothing.
    Raises Conflict if the demonstration is there already. The same `now` gives the same data (but for the salt of the
    password's hash).
    """
    _refuse_a_second(session)
    now = clock.now()
    with clock.at(now - timedelta(days=_OPENED_DAYS_AGO)):
        story = Story(session, upload_dir, now, _open_workspace(session))
    since = market.known_since(story)
    market.plan(story, since)
    pipeline.plan(story, since)
    work.plan(story)
    conversations.plan(story)
    story.tell()
    market.date_employments(story)
    log.info("demo.seeded", workspace_id=session.workspace_id, meetings=len(story.meetings), deals=len(story.deals))
    return DemoLogin(cast.EMAIL, cast.PASSWORD)


def _refuse_a_second(session: TenantSession) -> None:
    if session.scalar(select(Workspace.id).where(Workspace.is_demo).limit(1)) is not None:
        raise Conflict("The demonstration data is there already.")
    if session.scalar(select(User.id).where(User.email == cast.EMAIL).limit(1)) is not None:
        raise Conflict(f"There is already a user {cast.EMAIL}, whose login the demonstration would use.")


def _open_workspace(session: TenantSession) -> dict[str, User]:
    """The workspace, its people by key, its pipeline. The session belongs to it afterwards."""
    workspace = users.create_workspace(session, cast.WORKSPACE, is_demo=True)
    workspace.own_name, workspace.own_domains = cast.WORKSPACE, [cast.OWN_DOMAIN]
    workspace.timezone, workspace.currency = cast.TIMEZONE, cast.CURRENCY
    session.enter(workspace.id)
    people = {}
    for colleague in cast.COLLEAGUES:
        is_login = colleague.email == cast.EMAIL
        person = UserInput(
            email=colleague.email,
            name=colleague.name,
            role=colleague.role,
            password=cast.PASSWORD if is_login else None,
        )
        people[colleague.key] = users.create_user(session, person, by=events.SYSTEM, is_demo=is_login)
    default_pipeline(session)
    return people
