"""Alembic's entry: migrates the one schema that `gridgov.platform.migrate` names, on the connection it hands over."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text

schema = context.config.attributes["schema"]
connection = context.config.attributes["connection"]

connection.execute(text(f'set local search_path to "{schema}", catalogue, public'))
context.configure(connection=connection, version_table_schema=schema, transaction_per_migration=False)
with context.begin_transaction():
    context.run_migrations()
