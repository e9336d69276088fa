"""Who asks, by what a browser or a script has to show: a login or a token, each looked up by its hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared import clock
from shared.models import User, Workspace, workspace_of
from shared.tenancy import TenantSession

#: How often one that is in use is written to: the lists of logins and tokens need not be truer than this.
_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Proof:
    """A login or a token that stands, and the stamp of its workspace in the same transaction."""

    id: int
    last_used_at: datetime | None
    user_id: int
    workspace_id: int
    stamp: str
    is_read_only: bool = False

    def is_use_due(self) -> bool:
        """Whether this use should be written down."""
        return self.last_used_at is None or clock.wall() - self.last_used_at >= _NOTED_EVERY


def enter(session: TenantSession, proof: Proof) -> tuple[User, Workspace] | None:
    """Narrow a session of every workspace to that of a proof; None if its user is deactivated.

    User and workspace are shared by all requests of the process, and not to be changed.
    """
    session.enter(proof.workspace_id, stamp=proof.stamp)
    user = session.cached(("user", proof.user_id), lambda: [session.get_one(User, proof.user_id)])[0]
    return (user, workspace_of(session)) if user.is_active else None
