"""Records that were merged because they are one person."""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant, Json

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and the way from a record that went to the one that stayed."""
    with op.batch_alter_table("expert") as expert:
        expert.add_column(sa.Column("merged_into", sa.Uuid(), nullable=True))
        expert.create_foreign_key(op.f("fk_expert_merged_into_expert"), "expert", ["merged_into"], ["id"])
    op.create_index(op.f("ix_expert_merged_into"), "expert", ["merged_into"], unique=False)
    op.create_table(
        "record_merger",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("gone_id", sa.Uuid(), nullable=False),
        sa.Column("changes", Json, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by_account_id", sa.Uuid(), nullable=False),
        sa.Column("undone_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["by_account_id"], ["account.id"], name=op.f("fk_record_merger_by_account_id_account")),
        sa.ForeignKeyConstraint(["gone_id"], ["expert.id"], name=op.f("fk_record_merger_gone_id_expert")),
        sa.ForeignKeyConstraint(["kept_id"], ["expert.id"], name=op.f("fk_record_merger_kept_id_expert")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_merger")),
    )
    op.create_index(op.f("ix_record_merger_gone_id"), "record_merger", ["gone_id"], unique=False)
    op.create_index(op.f("ix_record_merger_kept_id"), "record_merger", ["kept_id"], unique=False)
