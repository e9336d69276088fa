"""Keep with each deal when it came to its stage, so that those that stay too long are a stretch of an index."""

import sqlalchemy as sa
from alembic import op

import shared.models.base

revision = "20261127_1400"
down_revision = "20261127_1205"
branch_labels = None
depends_on = None

_TIME = shared.models.base.UtcDateTime
_deals = sa.table("deal", sa.column("id"), sa.column("created_at", _TIME()), sa.column("stage_since", _TIME()))
_moves = sa.table("stage_change", sa.column("deal_id"), sa.column("at", _TIME()))
_INDEXES = (("ix_deal_stage_since", "stage_since"), ("ix_deal_age", "created_at"))


def upgrade() -> None:
    # SQLite adds no column that is never empty without a default; each deal gets its own time at once.
    op.add_column("deal", sa.Column("stage_since", _TIME(), nullable=False, server_default="1970-01-01 00:00:00+00"))
    moved = sa.select(sa.func.max(_moves.c.at)).where(_moves.c.deal_id == _deals.c.id, _moves.c.at > _deals.c.created_at)
    op.execute(_deals.update().values(stage_since=sa.func.coalesce(moved.scalar_subquery(), _deals.c.created_at)))
    _index(*_INDEXES)


def downgrade() -> None:
    _index(*reversed(_INDEXES))
    op.drop_column("deal", "stage_since")


def _index(new: tuple[str, str], old: tuple[str, str]) -> None:
    op.create_index(new[0], "deal", ["workspace_id", "deleted_at", "stage_id", new[1]])
    op.drop_index(old[0], table_name="deal")
