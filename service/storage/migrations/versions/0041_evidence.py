"""When the evidence of requests for a change was erased.

Revision ID: 0041
Revises: 0040
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the day; nothing is erased yet."""
    op.add_column("change_request", sa.Column("erased_on", sa.Date(), nullable=True))
