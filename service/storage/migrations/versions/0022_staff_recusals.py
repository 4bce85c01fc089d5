"""Which member of the staff keeps out of which matter."""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant, Json

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_OPEN = sa.text("state <> 'lifted'")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "staff_recusal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("policy_row", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("ties", Json, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reason_salt", sa.LargeBinary(), nullable=False),
        sa.Column("by_account_id", sa.Uuid(), nullable=False),
        sa.Column("by_person_id", sa.Uuid(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_person_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", Instant(), nullable=True),
        sa.Column("asked_reason", sa.String(), nullable=False),
        sa.Column("lifted_person_id", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "asked_person_id IS NULL OR asked_person_id <> person_id",
            name=op.f("ck_staff_recusal_asked_by_another"),
        ),
        sa.CheckConstraint(
            "lifted_person_id IS NULL OR (lifted_person_id <> person_id AND lifted_person_id <> asked_person_id)",
            name=op.f("ck_staff_recusal_lifted_by_a_third"),
        ),
        sa.ForeignKeyConstraint(["by_account_id"], ["account.id"], name=op.f("fk_staff_recusal_by_account_id_account")),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_staff_recusal_matter_id_matter")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_staff_recusal_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_recusal")),
    )
    op.create_index("ix_staff_recusal_person_id", "staff_recusal", ["person_id"], unique=False)
    op.create_index(
        "uq_staff_recusal_open",
        "staff_recusal",
        ["matter_id", "person_id", "policy_row", "basis"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
