"""Webhooks: addresses, messages and attempts."""

import sqlalchemy as sa
from alembic import op

import shared.models.base

revision = "20261127_0430"
down_revision = "20261127_0415"
branch_labels = None
depends_on = None

_TIME = shared.models.base.UtcDateTime


def upgrade() -> None:
    _tenanted(
        "webhook",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("kinds", shared.models.base.Json, nullable=False),
        sa.Column("secret", sa.String(length=400), nullable=False),
        sa.Column("old_secret", sa.String(length=400), nullable=True),
        sa.Column("old_secret_until", _TIME(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.String(length=300), nullable=True),
        sa.Column("failing_since", _TIME(), nullable=True),
        sa.Column("paused_until", _TIME(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _TIME(), nullable=False),
        sa.Column("updated_at", _TIME(), nullable=False),
        _key("webhook", "created_by_id", "user", "SET NULL"),
    )
    _tenanted(
        "webhook_delivery",
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", _TIME(), nullable=False),
        sa.Column("due_at", _TIME(), nullable=False),
        sa.Column("lease_until", _TIME(), nullable=True),
        sa.Column("ended_at", _TIME(), nullable=True),
        _key("webhook_delivery", "webhook_id", "webhook", "CASCADE"),
        _key("webhook_delivery", "event_id", "event", "SET NULL"),
    )
    op.create_index("ix_webhook_delivery_due", "webhook_delivery", ["state", "due_at"])
    op.create_index("ix_webhook_delivery_webhook_id", "webhook_delivery", ["webhook_id", "id"])
    op.create_index("ix_webhook_delivery_event_id", "webhook_delivery", ["event_id"])
    _tenanted(
        "webhook_attempt",
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("at", _TIME(), nullable=False),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.Column("request_headers", shared.models.base.Json, nullable=False),
        sa.Column("response_headers", shared.models.base.Json, nullable=False),
        sa.Column("response_body", sa.Text(), nullable=True),
        _key("webhook_attempt", "delivery_id", "webhook_delivery", "CASCADE"),
    )
    op.create_index("ix_webhook_attempt_delivery_id", "webhook_attempt", ["delivery_id"])


def _key(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}", ondelete=ondelete)


def _tenanted(name: str, *columns: sa.Column | sa.Constraint) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        *columns,
        _key(name, "workspace_id", "workspace", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    op.create_index(f"ix_{name}_workspace_id", name, ["workspace_id"])


def downgrade() -> None:
    for name in ("webhook_attempt", "webhook_delivery", "webhook"):
        op.drop_table(name)
