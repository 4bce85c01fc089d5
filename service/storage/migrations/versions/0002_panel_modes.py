"""Who seconded a panel that was named by hand."""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_THIRD = "approved_by IS NULL OR (approved_by <> proposed_by AND COALESCE(approved_by <> determined_by, TRUE))"


def upgrade() -> None:
    """Add the two columns; the table is not copied, for others refer to it."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "ALTER TABLE panel ADD COLUMN approved_by CHAR(32)"
            " CONSTRAINT fk_panel_approved_by_person REFERENCES person (id)"
            f" CONSTRAINT ck_panel_approver_is_a_third CHECK ({_THIRD})"
        )
    else:
        op.add_column("panel", sa.Column("approved_by", sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f("fk_panel_approved_by_person"), "panel", "person", ["approved_by"], ["id"])
        op.create_check_constraint(op.f("ck_panel_approver_is_a_third"), "panel", _THIRD)
    op.add_column("panel", sa.Column("approved_at", Instant(), nullable=True))
