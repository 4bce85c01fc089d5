"""Files of lists: scans of approvals, printed letters."""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "batch_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_file_batch_id_batch")),
        sa.ForeignKeyConstraint(["added_by"], ["account.id"], name=op.f("fk_batch_file_added_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_file")),
    )
    op.create_index("ix_batch_file_batch_id", "batch_file", ["batch_id"], unique=False)
