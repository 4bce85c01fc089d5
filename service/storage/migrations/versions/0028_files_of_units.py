"""Who keeps the files of a unit that is no more."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let an organisation point at who keeps its files."""
    with op.batch_alter_table("organisation") as organisation:
        organisation.add_column(sa.Column("files_with_id", sa.Uuid(), nullable=True))
        organisation.create_foreign_key(
            op.f("fk_organisation_files_with_id_organisation"), "organisation", ["files_with_id"], ["id"]
        )
    op.create_index(op.f("ix_organisation_files_with_id"), "organisation", ["files_with_id"], unique=False)
