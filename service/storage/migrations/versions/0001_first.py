"""The first schema."""

from alembic import op

import service.storage.tables  # noqa: F401 -- fills the metadata
from service.ledger.tables import ledger_triggers
from service.storage.base import Base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    Base.metadata.create_all(connection)
    for statement in ledger_triggers(connection.dialect.name):
        op.execute(statement)
