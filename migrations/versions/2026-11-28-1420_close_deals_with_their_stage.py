"""Give deals a closing day, or take it from them, whose stage was made won, lost or open before that did.

By the rule that holds since: closed on the day they came to the stage. No other day is known, and reports that go by
the closing day showed none of them.
"""

import sqlalchemy as sa
from alembic import op

import shared.models.base

revision = "20261128_1420"
down_revision = "20261128_1030"
branch_labels = None
depends_on = None

_TIME = shared.models.base.UtcDateTime
_deals = sa.table(
    "deal", sa.column("stage_id"), sa.column("closed_at", _TIME()), sa.column("stage_since", _TIME()),
    sa.column("version"),
)  # fmt: skip
_stages = sa.table("stage", sa.column("id"), sa.column("type"))


def upgrade() -> None:
    is_open = _deals.c.stage_id.in_(sa.select(_stages.c.id).where(_stages.c.type == "open"))
    _write(~is_open, _deals.c.closed_at.is_(None), closed_at=_deals.c.stage_since)
    _write(is_open, _deals.c.closed_at.is_not(None), closed_at=None)


def _write(*which: sa.ColumnElement[bool], **values: object) -> None:
    """The version tells whoever edits such a deal just now."""
    op.execute(_deals.update().where(*which).values(version=_deals.c.version + 1, **values))


def downgrade() -> None:
    """The days stay: they are as right there."""
