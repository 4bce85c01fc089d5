"""The checks of a panel as they were made."""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant, Json

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "conflict_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("occasion", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("people", Json, nullable=False),
        sa.Column("findings", Json, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_conflict_check_matter_id_matter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_check")),
    )
    op.create_index("ix_conflict_check_matter_id", "conflict_check", ["matter_id", "at"], unique=False)
