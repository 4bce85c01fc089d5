"""An expert's own cap on panels a year."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; nobody has a cap."""
    op.add_column("expert", sa.Column("yearly_cap", sa.Integer(), nullable=True))
