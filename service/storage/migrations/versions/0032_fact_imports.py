"""Imports of ties: which run wrote a version of a tie, and what a run imports."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the two columns; every run so far was of a roster."""
    op.add_column("roster_run", sa.Column("subject", sa.String(), nullable=False, server_default="roster"))
    op.add_column("fact", sa.Column("import_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_fact_import_id"), "fact", ["import_id"], unique=False)
