"""What a review came to, beside the parts: the record of every expert, and what the center's board asks."""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Json

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and widen the parts; `expertpool doctor --repair` fills both from the ledger."""
    op.create_table(
        "review",
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("material", sa.Integer(), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("filed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_review_matter_id_matter")),
        sa.PrimaryKeyConstraint("matter_id", "round", name=op.f("pk_review")),
    )
    with op.batch_alter_table("review_part") as batch:
        batch.add_column(sa.Column("release_asked", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("signed_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("late", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("set_aside", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("points", Json, nullable=False, server_default="{}"))
