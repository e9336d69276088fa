"""One decision at a time in a workspace."""

from __future__ import annotations

from sqlalchemy import select

from shared.errors import Conflict
from shared.models import Insight, Meeting, Workspace
from shared.tenancy import TenantSession


def alone(session: TenantSession, meeting_id: int, insight: Insight | None = None) -> Meeting:
    """Decide one after the other in a workspace: two contacts of a new company, accepted at once, make one company.

    Locks the meeting, then the workspace, until the transaction ends; inserts of others go on. (SQLite's write
    sessions are alone anyway.) Then reads the meeting and the insight as they are now. Raises Conflict if a new
    analysis has replaced the insight.
    """
    session.flush()
    meeting = session.get_one(Meeting, meeting_id, populate_existing=True, with_for_update={"key_share": True})
    session.execute(select(Workspace.id).where(Workspace.id == session.workspace_id).with_for_update(key_share=True))
    if insight is not None and session.get(Insight, insight.id, populate_existing=True) is None:
        raise Conflict("The meeting was read again meanwhile. Reload it to see what was found.")
    return meeting
