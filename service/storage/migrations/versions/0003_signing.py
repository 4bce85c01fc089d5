"""The center's signing authority and the certificates of experts."""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "signing_authority",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("stamp_certificate", sa.LargeBinary(), nullable=False),
        sa.Column("founded_at", Instant(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_signing_authority_one_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_authority")),
    )
    op.create_table(
        "certificate",
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("spki_sha256", sa.String(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("issued_at", Instant(), nullable=False),
        sa.Column("until_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("revoked_why", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certificate_person_id_person")),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_certificate")),
        sa.UniqueConstraint("spki_sha256", name=op.f("uq_certificate_spki_sha256")),
    )
    op.create_index("ix_certificate_person_id", "certificate", ["person_id"], unique=False)
