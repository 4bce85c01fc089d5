"""When applications that came to nothing were erased."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the days; nothing is erased yet."""
    op.add_column("application", sa.Column("erased_on", sa.Date(), nullable=True))
    op.add_column("candidate", sa.Column("erased_on", sa.Date(), nullable=True))
