"""What experts say about the material.

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Json

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; nobody has said anything so far."""
    with op.batch_alter_table("review_part") as batch:
        batch.add_column(sa.Column("rated", Json, nullable=False, server_default="{}"))
    with op.batch_alter_table("review_part") as batch:
        batch.alter_column("rated", server_default=None)
