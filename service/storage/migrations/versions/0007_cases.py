"""Cases about experts (A26, A70)."""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_RUNNING = sa.text("state IN ('open', 'rectifying')")


def upgrade() -> None:
    """Add the table of cases."""
    op.create_table(
        "expert_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("refusal", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("state_until_on", sa.Date(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("stated_on", sa.Date(), nullable=True),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("grave", sa.Boolean(), nullable=False),
        sa.Column("rectify_by", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_expert_case_expert_id_expert")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_case")),
        sa.UniqueConstraint("number", name=op.f("uq_expert_case_number")),
    )
    op.create_index("ix_expert_case_expert_id", "expert_case", ["expert_id"], unique=False)
    op.create_index("ix_expert_case_state", "expert_case", ["state"], unique=False)
    op.create_index(
        "uq_expert_case_running",
        "expert_case",
        ["expert_id"],
        unique=True,
        sqlite_where=_RUNNING,
        postgresql_where=_RUNNING,
    )
