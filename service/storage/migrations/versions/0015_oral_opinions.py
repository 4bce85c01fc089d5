"""Oral opinions: until when the written one is owed."""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the instant to the parts of a review."""
    with op.batch_alter_table("review_part") as batch:
        batch.add_column(sa.Column("write_by", Instant(), nullable=True))
