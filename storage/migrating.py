"""Alembic, run from the program: there is no alembic.ini to find."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from storage.database import Database
from storage.light import sqlite_path


def configuration(database: Database) -> Config:
    """Alembic's configuration for this database."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["engine"] = database.engine
    return config


def upgrade(database: Database) -> None:
    """Make the database's tables, or bring them to the newest version. The file is for its owner's eyes only."""
    if database.dialect == "sqlite":
        path = sqlite_path(database.url)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    command.upgrade(configuration(database), "head")
