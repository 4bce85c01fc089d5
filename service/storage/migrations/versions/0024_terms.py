"""Reminders that a term ends; what an assessment rests on."""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Json

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the column."""
    op.create_table(
        "term_reminder",
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("said", sa.Boolean(), nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_term_reminder_appointment_id_appointment")
        ),
        sa.PrimaryKeyConstraint("appointment_id", "days", name=op.f("pk_term_reminder")),
    )
    with op.batch_alter_table("assessment") as batch:
        batch.add_column(sa.Column("record", Json, nullable=False, server_default="{}"))
    with op.batch_alter_table("assessment") as batch:
        batch.alter_column("record", server_default=None)
