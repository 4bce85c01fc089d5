"""Certificates of outside authorities.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; every certificate so far is the center's own."""
    with op.batch_alter_table("certificate") as batch:
        batch.add_column(sa.Column("issuer", sa.String(), nullable=False, server_default=""))
        batch.add_column(sa.Column("subject", sa.String(), nullable=False, server_default=""))
        batch.add_column(sa.Column("confirmed_at", Instant(), nullable=True))
        batch.add_column(sa.Column("confirmed_by", sa.Uuid(), nullable=True))
        batch.create_foreign_key(op.f("fk_certificate_confirmed_by_person"), "person", ["confirmed_by"], ["id"])
        batch.create_check_constraint(op.f("ck_certificate_confirmed_by_another"), "confirmed_by <> person_id")
    with op.batch_alter_table("certificate") as batch:
        batch.alter_column("issuer", server_default=None)
        batch.alter_column("subject", server_default=None)
