"""Meetings on which experts sit in (A27.2)."""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the two tables."""
    op.create_table(
        "sitting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("called_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitting")),
    )
    op.create_index("ix_sitting_held_on", "sitting", ["held_on"], unique=False)
    op.create_table(
        "sitting_guest",
        sa.Column("sitting_id", sa.Uuid(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column("invited_on", sa.Date(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("came", sa.Boolean(), nullable=True),
        sa.CheckConstraint("answer IN ('', 'accepted', 'declined')", name=op.f("ck_sitting_guest_answer_known")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_sitting_guest_sitting_id_sitting")),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_sitting_guest_expert_id_expert")),
        sa.PrimaryKeyConstraint("sitting_id", "expert_id", name=op.f("pk_sitting_guest")),
    )
    op.create_index("ix_sitting_guest_expert_id", "sitting_guest", ["expert_id"], unique=False)
