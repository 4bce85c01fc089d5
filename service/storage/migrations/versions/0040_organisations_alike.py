"""What people settled about organisations whose names are alike.

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "organisation_alike",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("names", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reason_salt", sa.LargeBinary(), nullable=False),
        sa.Column("by_account_id", sa.Uuid(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_organisation_alike_in_order")),
        sa.ForeignKeyConstraint(
            ["by_account_id"], ["account.id"], name=op.f("fk_organisation_alike_by_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["first_id"], ["organisation.id"], name=op.f("fk_organisation_alike_first_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["organisation.id"], name=op.f("fk_organisation_alike_second_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_alike")),
        sa.UniqueConstraint(
            "first_id", "second_id", "names", name=op.f("uq_organisation_alike_first_id_second_id_names")
        ),
    )
    op.create_index(op.f("ix_organisation_alike_second_id"), "organisation_alike", ["second_id"], unique=False)
