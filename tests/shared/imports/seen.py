"""What tests see of an import, whatever kind of file it is of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from shared.config import Settings
from shared.database import Database
from shared.events import Actor
from shared.models import ImportJob, ImportRow


@dataclass
class Run:
    """An import of somebody's; `id` is that of its job."""

    database: Database
    settings: Settings
    workspace_id: int
    by: Actor
    id: int = 0

    @property
    def job(self) -> ImportJob:
        with self.database.scope(self.workspace_id, read_only=True) as session:
            return session.get_one(ImportJob, self.id)

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """created, updated, skipped, failed"""
        job = self.job
        return job.created, job.updated, job.skipped, job.failed

    @property
    def rows(self) -> list[ImportRow]:
        with self.database.scope(self.workspace_id, read_only=True) as session:
            query = select(ImportRow).where(ImportRow.job_id == self.id).order_by(ImportRow.number)
            return list(session.scalars(query))

    def all(self, model: type[Any], *, deleted: bool = False) -> list[Any]:
        """Live records of a type, oldest first."""
        with self.database.scope(self.workspace_id, read_only=True) as session:
            query = select(model).order_by(model.id)
            return list(session.scalars(query if deleted else query.where(model.deleted_at.is_(None))))
