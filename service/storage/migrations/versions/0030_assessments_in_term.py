"""Assessments during a term, and what became of objections to them."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let an assessment ask about the work alone, and keep how an objection was settled."""
    with op.batch_alter_table("assessment") as assessment:
        assessment.alter_column("needed", existing_type=sa.Boolean(), nullable=True)
        assessment.alter_column("eligible", existing_type=sa.Boolean(), nullable=True)
        assessment.add_column(sa.Column("settled", sa.String(), nullable=False, server_default=""))
        assessment.add_column(sa.Column("settled_reason", sa.String(), nullable=False, server_default=""))
        assessment.add_column(sa.Column("settled_by", sa.Uuid(), nullable=True))
        assessment.add_column(sa.Column("settled_on", sa.Date(), nullable=True))
