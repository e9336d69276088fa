"""Second factor, invitations that can be withdrawn, logins that say when they were used, tokens that only read."""

import sqlalchemy as sa
from alembic import op

import shared.models.base

revision = "20261127_0400"
down_revision = "20261126_2320"
branch_labels = None
depends_on = None

_TIME = shared.models.base.UtcDateTime


def upgrade() -> None:
    op.add_column("user", sa.Column("second_factor_at", _TIME(), nullable=True))
    op.add_column("login", sa.Column("last_used_at", _TIME(), nullable=True))
    op.add_column("login", sa.Column("last_address", sa.String(length=64), nullable=True))
    op.add_column("api_token", sa.Column("is_read_only", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column(
        "workspace", sa.Column("second_factor_required", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    _tenanted(
        "second_factor",
        sa.Column("secret", sa.String(length=300), nullable=False),
        sa.Column("created_at", _TIME(), nullable=False),
        sa.Column("confirmed_at", _TIME(), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.UniqueConstraint("user_id", name=op.f("uq_second_factor_user_id")),
    )
    _tenanted(
        "recovery_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", _TIME(), nullable=True),
    )
    op.create_index(op.f("ix_recovery_code_user_id"), "recovery_code", ["user_id"])
    _tenanted(
        "password_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", _TIME(), nullable=False),
        sa.Column("expires_at", _TIME(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_password_link_created_by_id"), ondelete="SET NULL"
        ),
        sa.UniqueConstraint("user_id", name=op.f("uq_password_link_user_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_password_link_token_hash")),
    )


def _tenanted(name: str, *columns: sa.Column | sa.Constraint) -> None:
    """A table of rows that belong to a user of a workspace."""
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f(f"fk_{name}_workspace_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f(f"fk_{name}_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    op.create_index(op.f(f"ix_{name}_workspace_id"), name, ["workspace_id"])


def downgrade() -> None:
    for name in ("password_link", "recovery_code", "second_factor"):
        op.drop_table(name)
    for table, column in (
        ("workspace", "second_factor_required"),
        ("api_token", "is_read_only"),
        ("login", "last_address"),
        ("login", "last_used_at"),
        ("user", "second_factor_at"),
    ):
        op.drop_column(table, column)
