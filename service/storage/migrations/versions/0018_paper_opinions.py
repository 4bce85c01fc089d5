"""Opinions on paper that wait for the second person."""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant, Json

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "paper_opinion",
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("scan", sa.LargeBinary(), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("entered_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_paper_opinion_matter_id_matter")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_paper_opinion_person_id_person")),
        sa.PrimaryKeyConstraint("matter_id", "person_id", "round", name=op.f("pk_paper_opinion")),
    )
