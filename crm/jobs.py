"""The CRM's jobs, named in `shared.queue.JOBS`. Arguments are ids; each may be run twice without harm."""

from __future__ import annotations

from crm import backups
from shared import database
from shared.config import Settings
from shared.imports import running


def run_import(workspace_id: int, job_id: int, run: int) -> None:
    """Check a file, import it, or take an import back: whatever it waits for."""
    running.run(Settings(), workspace_id, job_id, run)


def make_backup(workspace_id: int, backup_id: int) -> None:
    """Write everything of a workspace into one archive."""
    backups.make(database.current(), Settings(), workspace_id, backup_id)
