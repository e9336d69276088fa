"""Settings of a workspace: its zone, its currency, its language, and which side of a meeting is ours."""

from __future__ import annotations

from typing import Any

from sqlalchemy.exc import NoResultFound

from shared import events
from shared.errors import Conflict, NotFound
from shared.events import Actor
from shared.models import Event, Workspace, workspace_of
from shared.schemas.accounts import OwnCompany, WorkspaceOut, WorkspacePatch
from shared.tenancy import TenantSession


def get(session: TenantSession) -> Workspace:
    """The session's workspace. Raises NotFound where it was deleted meanwhile."""
    try:
        return workspace_of(session)
    except NoResultFound:
        raise NotFound("This workspace does not exist any more.") from None


def present(workspace: Workspace) -> WorkspaceOut:
    """As the API and the settings page show it."""
    return WorkspaceOut(
        id=workspace.id,
        name=workspace.name,
        timezone=workspace.timezone,
        currency=workspace.currency,
        locale=workspace.locale,
        week_start=workspace.week_start,
        fiscal_year_start=workspace.fiscal_year_start,
        own_company=OwnCompany(name=workspace.own_name, domains=workspace.own_domains),
        chat_retention_days=workspace.chat_retention_days,
        bin_days=workspace.bin_days,
        accent=workspace.accent,
        second_factor_required=workspace.second_factor_required,
        stale_days=workspace.stale_days,
        lost_reasons=list(workspace.lost_reasons),
        version=workspace.version,
    )


def patch(session: TenantSession, change: WorkspacePatch, *, by: Actor, expecting: int | None = None) -> Workspace:
    """Change the fields that were sent. Raises Conflict when `expecting` (or the input's version) is stale."""
    workspace = get(session)
    expected = expecting if expecting is not None else change.version
    if expected is not None and expected != workspace.version:
        current = present(workspace).model_dump(mode="json")
        raise Conflict("Somebody else changed these settings in the meantime.", current=current)
    changes = _changes(workspace, change)
    for field, (_, after) in changes.items():
        setattr(workspace, field, after)
    if changes:
        session.flush()
        subject = ("workspace", workspace.id)
        events.record(session, "workspace.updated", by=by, subject=subject, title=workspace.name, data=changes)
    return workspace


def set_logo(session: TenantSession, digest: str | None, *, by: Actor) -> Event | None:
    """Use an uploaded PNG, named by its SHA-256, as the logo; None for ours. Returns what `take_logo_back` takes back;
    None where it was so already."""
    workspace = get(session)
    changes = {"logo": [workspace.logo, digest]}
    if workspace.logo == digest:
        return None
    workspace.logo = digest
    session.flush()
    subject = ("workspace", workspace.id)
    return events.record(session, "workspace.updated", by=by, subject=subject, title=workspace.name, data=changes)


def take_logo_back(session: TenantSession, event_id: int, user_id: int, *, by: Actor) -> None:
    """The logo from before a person changed it. Raises NotFound, or Conflict where it was changed again since."""
    before, after = events.of_person(session, event_id, "workspace.updated", user_id).data.get("logo", (None, None))
    if before == after:
        raise NotFound("There is nothing to take back.")
    if get(session).logo != after:
        raise Conflict("The logo was changed again since.")
    set_logo(session, before, by=by)


def _changes(workspace: Workspace, change: WorkspacePatch) -> dict[str, list[Any]]:
    """{column: [before, after]} for what was sent and differs."""
    sent = change.model_dump(exclude_unset=True, exclude={"version", "own_company"})
    wanted = {field: value for field, value in sent.items() if value is not None}
    if "chat_retention_days" in sent:
        wanted["chat_retention_days"] = sent["chat_retention_days"] or None  # also null says something here: for ever
    if "bin_days" in sent:
        wanted["bin_days"] = sent["bin_days"] or None
    if "accent" in sent:
        wanted["accent"] = sent["accent"]
    if "own_company" in change.model_fields_set:
        own = change.own_company or OwnCompany()
        wanted |= {"own_name": own.name, "own_domains": list(dict.fromkeys(own.domains))}
    return {
        field: [getattr(workspace, field), value]
        for field, value in wanted.items()
        if getattr(workspace, field) != value
    }
