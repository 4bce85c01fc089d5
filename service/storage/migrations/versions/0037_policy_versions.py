"""Versions of the local policy that go on from the shipped one."""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant, Json

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_DRAFTED = sa.text("state = 'drafted'")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "policy_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shipped", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("differences", Json, nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reason_salt", sa.LargeBinary(), nullable=False),
        sa.Column("drafted_account_id", sa.Uuid(), nullable=False),
        sa.Column("drafted_person_id", sa.Uuid(), nullable=False),
        sa.Column("drafted_at", Instant(), nullable=False),
        sa.Column("settled_account_id", sa.Uuid(), nullable=True),
        sa.Column("settled_person_id", sa.Uuid(), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("settled_reason", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'published') = (number IS NOT NULL)", name=op.f("ck_policy_version_published_is_numbered")
        ),
        sa.CheckConstraint("number IS NULL OR number > 0", name=op.f("ck_policy_version_numbers_begin_at_one")),
        sa.CheckConstraint(
            "state <> 'published' OR settled_person_id <> drafted_person_id",
            name=op.f("ck_policy_version_drafter_is_not_publisher"),
        ),
        sa.ForeignKeyConstraint(
            ["drafted_account_id"], ["account.id"], name=op.f("fk_policy_version_drafted_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["drafted_person_id"], ["person.id"], name=op.f("fk_policy_version_drafted_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["settled_account_id"], ["account.id"], name=op.f("fk_policy_version_settled_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["settled_person_id"], ["person.id"], name=op.f("fk_policy_version_settled_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_version")),
        sa.UniqueConstraint("shipped", "number", name=op.f("uq_policy_version_shipped_number")),
    )
    op.create_index(
        "uq_policy_version_drafted",
        "policy_version",
        ["shipped"],
        unique=True,
        sqlite_where=_DRAFTED,
        postgresql_where=_DRAFTED,
    )
