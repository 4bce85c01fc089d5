"""Since when a superior unit is known, and what was known of it before."""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; a tie of an older installation counts as known since its organisation is."""
    with op.batch_alter_table("organisation_parent") as parent:
        parent.add_column(sa.Column("known_at", Instant(), nullable=True))
    op.execute(
        "UPDATE organisation_parent SET known_at = "
        "(SELECT created_at FROM organisation WHERE organisation.id = organisation_parent.organisation_id)"
    )
    with op.batch_alter_table("organisation_parent") as parent:
        parent.alter_column("known_at", existing_type=Instant(), nullable=False)
    op.create_table(
        "organisation_parent_past",
        sa.Column("tie_id", sa.Uuid(), nullable=False),
        sa.Column("known_at", Instant(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("retired_at", Instant(), nullable=False),
        sa.CheckConstraint("retired_at > known_at", name=op.f("ck_organisation_parent_past_retired_after_known")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_organisation_parent_past_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["organisation.id"], name=op.f("fk_organisation_parent_past_parent_id_organisation")
        ),
        sa.PrimaryKeyConstraint("tie_id", "known_at", name=op.f("pk_organisation_parent_past")),
    )
    op.create_index(
        op.f("ix_organisation_parent_past_organisation_id"),
        "organisation_parent_past",
        ["organisation_id"],
        unique=False,
    )
