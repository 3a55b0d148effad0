"""The engine, and transactions that write.

SQLite: WAL, `synchronous=FULL`, `BEGIN IMMEDIATE` for whoever writes, so that two writers queue
instead of one of them failing half-way. PostgreSQL: psycopg, read committed, rows locked by the
verb that changes them.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TypeVar

from storage.light import (
    BUSY_MS,
    DatabaseMissing,
    DatabaseUnreachable,
    Reader,
    dialect,
    is_collision,
    sqlite_path,
)

T = TypeVar("T")

HEAD = "0008"
"""The newest migration; a database of another version is not opened silently."""
TRIES = 5
"""How often a work is done again that embraced another."""


class DatabaseNewer(Exception):
    """The database was made by a newer Retorno; the text is its version."""


class DatabaseOlder(Exception):
    """The database has to be brought up to `HEAD`; the text is its version."""


class NotADatabase(Exception):
    """What is at that address is not a database of Retorno."""


class Database:
    """One database, by URL. Cheap to make; SQLModel is imported at the first write."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.dialect = dialect(url)
        self.reader = Reader(url)

    @property
    def rows(self) -> Any:
        """Read-only queries without SQLModel: `rows(sql, parameters)`."""
        return self.reader.rows

    def check_version(self) -> None:
        """Raise DatabaseMissing, DatabaseOlder, DatabaseNewer or NotADatabase unless the schema is at `HEAD`.

        A database without any table is missing, as an empty file is; ValueError for an address that cannot be read.
        """
        try:
            found = self.rows("SELECT version_num FROM alembic_version")
        except DatabaseUnreachable as e:
            if "no such table" in str(e) and not self.rows("SELECT 1 FROM sqlite_master LIMIT 1"):
                raise DatabaseMissing(self.url) from e
            if "no such table" in str(e) or "not a database" in str(e) or "malformed" in str(e):
                raise NotADatabase(str(e)) from e
            raise
        except Exception as e:
            if type(e).__name__ == "UndefinedTable":
                raise DatabaseMissing(self.url) from e
            if type(e).__name__ == "DatabaseError":
                raise NotADatabase(str(e)) from e
            raise
        version = found[0][0] if found else ""
        if version == HEAD:
            return
        raise (DatabaseOlder if version < HEAD else DatabaseNewer)(version or "—")

    @cached_property
    def engine(self) -> Any:
        """The SQLAlchemy engine. What was to be written is in no error's text: it may be a customer's (R4)."""
        from sqlalchemy import create_engine, event

        if self.dialect == "postgresql":
            url = "postgresql+psycopg:" + self.url.split(":", 1)[1]
            return create_engine(url, pool_size=4, max_overflow=8, pool_pre_ping=True, hide_parameters=True)
        engine = create_engine(
            "sqlite:///" + str(sqlite_path(self.url)),
            connect_args={"timeout": BUSY_MS / 1000, "check_same_thread": False},
            hide_parameters=True,
        )

        @event.listens_for(engine, "connect")
        def set_up(connection: Any, _record: Any) -> None:
            # The driver's own BEGIN is deferred; ours, below, is immediate.
            connection.isolation_level = None
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            connection.execute("PRAGMA cache_size = -32000")
            # A piece of an import is some 2,000 pages: at every 1,000, each would be written into the file by itself,
            # and an import of 10,000 answers writes 520 MB where it now writes 190.
            connection.execute("PRAGMA wal_autocheckpoint = 8000")

        @event.listens_for(engine, "begin")
        def begin(connection: Any) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

        return engine

    @contextmanager
    def write(self) -> Iterator[Any]:
        """A `storage.work.Work`: one transaction that writes, committed at the end, rolled back on any error.

        Others are told of the commit: SQLite's watchers see `data_version`, PostgreSQL's a NOTIFY.
        """
        from sqlalchemy.exc import OperationalError
        from sqlmodel import Session

        from storage.work import Work

        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                work = Work(session, self.dialect)
                yield work
                work.finish()
                if self.dialect == "postgresql":
                    work.run("NOTIFY retorno", {})
        except OperationalError as error:
            # A disk that is full, a server that is away: people read of it on the screen, where SQL says nothing.
            error.statement = error.code = None
            raise

    def transact(self, act: Callable[[Any], T]) -> T:
        """What `act(work)` gives, in one transaction; done again from the start when PostgreSQL ended it for an embrace.

        For works that lock several rows in an order that they do not choose; `act` must not change anything outside.
        """
        for tries in range(1, TRIES + 1):
            try:
                with self.write() as work:
                    return act(work)
            except Exception as error:
                if tries == TRIES or not is_collision(error):
                    raise
                time.sleep(random.uniform(0.01, 0.1) * tries)  # noqa: S311
        raise AssertionError

    @property
    def now_sql(self) -> str:
        """The database's own clock in Unix milliseconds, as an SQL expression."""
        if self.dialect == "sqlite":
            return "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
        return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"

    def look_over(self) -> None:
        """Let SQLite learn how its indexes are filled, after much was written; without it, `assignee:me` reads every ticket.

        PostgreSQL does so by itself. Takes some tens of milliseconds whatever the size, as it looks at samples.
        """
        if self.dialect == "sqlite":
            with self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA analysis_limit = 1000")
                connection.exec_driver_sql("ANALYZE")
                connection.commit()

    def upgrade(self) -> None:
        """Make the database, or bring it to `HEAD`."""
        from storage.migrating import upgrade

        upgrade(self)

    def close(self) -> None:
        """Close all connections."""
        self.reader.close()
        if "engine" in self.__dict__:
            self.engine.dispose()
