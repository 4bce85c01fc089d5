"""Review meetings."""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "review_meeting",
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_review_meeting_matter_id_matter")),
        sa.PrimaryKeyConstraint("matter_id", "round", name=op.f("pk_review_meeting")),
    )
    op.create_index("ix_review_meeting_starts_at", "review_meeting", ["starts_at"], unique=False)
