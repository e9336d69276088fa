"""The chatbot's jobs, named in `shared.queue.JOBS`. Arguments are ids; each may be run twice without harm."""

from __future__ import annotations

from chatbot.extraction import analysis_run
from shared.config import Settings


def analyze_meeting(workspace_id: int, meeting_id: int, run: int) -> None:
    """Read a meeting and propose what it says about the CRM."""
    analysis_run.run(Settings(), workspace_id, meeting_id, run)
