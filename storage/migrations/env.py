"""How Alembic runs here: on the engine it is handed, in one transaction."""

from alembic import context
from sqlmodel import SQLModel

import storage.tables  # noqa: F401  the tables register themselves


def run() -> None:
    """Run the migrations asked for."""
    engine = context.config.attributes["engine"]
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
