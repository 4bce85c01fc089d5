"""Whether experts would like another term."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "renewal_wish",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column("willing", sa.Boolean(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("said_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_renewal_wish_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_renewal_wish_expert_id_expert")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renewal_wish")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_renewal_wish_appointment_id")),
    )
    op.create_index(op.f("ix_renewal_wish_expert_id"), "renewal_wish", ["expert_id"], unique=False)
