"""The library's own rules as documents.

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "library_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("filed_by", sa.Uuid(), nullable=False),
        sa.Column("filed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_library_rules"),
        sa.ForeignKeyConstraint(["filed_by"], ["account.id"], name="fk_library_rules_filed_by_account"),
        sa.UniqueConstraint("from_on", name="uq_library_rules_from_on"),
    )
