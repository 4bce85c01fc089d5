"""Opinions: what their authors write, and what they signed."""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant, Json

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "opinion_draft",
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_opinion_draft_matter_id_matter")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_opinion_draft_person_id_person")),
        sa.PrimaryKeyConstraint("matter_id", "person_id", "round", name=op.f("pk_opinion_draft")),
    )
    op.create_table(
        "opinion",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["signed_document.id"], name=op.f("fk_opinion_document_id_signed_document")
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_opinion")),
    )
