"""Run by Alembic: applies the steps over the connection that `storage.migration` hands in."""

from alembic import context

from labpass_server.storage import schema

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=schema.metadata)
with context.begin_transaction():
    context.run_migrations()
