"""The line of each guest of a meeting has a version of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Count the changes of a guest's line, so that the answers of others do not make it stale."""
    with op.batch_alter_table("sitting_guest") as guest:
        guest.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
