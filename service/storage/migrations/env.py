"""Alembic's entry: runs on the connection that `service.storage.migrate` hands over."""

from alembic import context

import service.storage.tables  # noqa: F401 -- fills the metadata
from service.storage.base import Base
from service.storage.migrate import VERSION_TABLE

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
