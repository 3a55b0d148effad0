"""Reading without waiting for SQLModel: the driver itself, for the list that is on screen first.

SQLModel with these tables takes longer to import than a whole Textual app to paint, so what the
first page needs goes through `sqlite3` or `psycopg` alone. SQL is written once, with `:name`
parameters, in the dialect that both databases share.
"""

import re
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

BUSY_MS = 15_000
"""How long a writer waits for another before it gives up, in milliseconds."""


class DatabaseMissing(Exception):
    """There is no database at that address yet."""


class DatabaseUnreachable(Exception):
    """The database is there, or should be, and does not answer; the text is the driver's."""


def is_outage(error: BaseException) -> bool:
    """Whether an error says that the database cannot work now (away, locked, disk full), not that the work was wrong."""
    return isinstance(error, DatabaseUnreachable) or any(
        c.__name__ in ("OperationalError", "InterfaceError") for c in type(error).__mro__
    )


def is_collision(error: BaseException) -> bool:
    """Whether two works embraced each other and the database ended this one: nothing was written, and doing it again is right."""
    met = (error, getattr(error, "orig", None))
    return any(c.__name__ in ("DeadlockDetected", "SerializationFailure") for e in met for c in type(e).__mro__)


def dialect(url: str) -> str:
    """'sqlite' or 'postgresql'; ValueError for anything else."""
    name = url.split(":", 1)[0].split("+", 1)[0]
    if name in ("sqlite", "postgresql"):
        return name
    raise ValueError(name)


def sqlite_path(url: str) -> Path:
    """The file of an SQLite URL: sqlite:///relative or sqlite:////absolute."""
    return Path(unquote(url.split("///", 1)[1].split("?", 1)[0]))


def libpq_url(url: str) -> str:
    """The URL without SQLAlchemy's driver name."""
    return "postgresql:" + url.split(":", 1)[1]


@lru_cache(maxsize=512)
def pyformat(sql: str) -> str:
    """The same SQL with psycopg's `%(name)s` for our `:name`."""
    return re.sub(r"(?<![:\w]):([a-z_]\w*)", r"%(\1)s", sql.replace("%", "%%"))


class Reader:
    """Read-only queries, one connection a thread, each query a transaction of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.dialect = dialect(url)
        self._local = threading.local()
        self._all: list[_Own] = []
        self._lock = threading.Lock()

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        """All rows of a query as tuples."""
        if self.dialect == "sqlite":
            own = self._own()
            try:
                with own.using:
                    return own.connection.execute(sql, parameters or {}).fetchall()
            except sqlite3.OperationalError as e:
                raise DatabaseUnreachable(str(e)) from e
            except sqlite3.ProgrammingError as e:
                if own.closed:
                    raise DatabaseUnreachable(str(e)) from e
                raise
        import psycopg

        for attempt in (1, 2):
            try:
                return self._own().connection.execute(pyformat(sql), parameters or {}).fetchall()
            except psycopg.OperationalError as e:
                # A server that was restarted drops idle connections: one fresh try.
                self._local.own = None
                if attempt == 2:
                    raise DatabaseUnreachable(str(e)) from e
        raise AssertionError

    def _own(self) -> "_Own":
        own: _Own | None = getattr(self._local, "own", None)
        if own is None:
            own = self._local.own = _Own(self._connect())
            with self._lock:
                self._all.append(own)
        return own

    def _connect(self) -> Any:
        if self.dialect == "sqlite":
            path = sqlite_path(self.url)
            try:
                there = path.exists()
            except OSError as e:
                raise DatabaseUnreachable(e.strerror or str(e)) from e
            if not there:
                raise DatabaseMissing(str(path))
            try:
                connection = sqlite3.connect(
                    path, isolation_level=None, check_same_thread=False, timeout=BUSY_MS / 1000
                )
                connection.execute("PRAGMA query_only = ON")
                connection.execute("PRAGMA cache_size = -32000")
                connection.execute("PRAGMA mmap_size = 268435456")
            except sqlite3.Error as e:
                raise DatabaseUnreachable(str(e)) from e
            return connection
        import psycopg

        try:
            return psycopg.connect(
                libpq_url(self.url), autocommit=True, options="-c default_transaction_read_only=on", connect_timeout=10
            )
        except psycopg.ProgrammingError:
            # Its words repeat the whole address, password included.
            raise ValueError("the address of the database cannot be read") from None
        except psycopg.OperationalError as e:
            raise DatabaseUnreachable(str(e)) from e

    def close(self) -> None:
        """Close every connection. A query that another thread is in the middle of ends with DatabaseUnreachable."""
        with self._lock:
            leaving, self._all, self._local = self._all, [], threading.local()
        for own in leaving:
            own.close(sqlite=self.dialect == "sqlite")


class _Own:
    """A thread's connection. SQLite's library dies of a connection that is closed while it works on it."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.using = threading.Lock()
        self.closed = False

    def close(self, *, sqlite: bool) -> None:
        self.closed = True
        if not sqlite:
            self.connection.close()
            return
        # Again and again: a query that has not quite begun does not hear of it.
        for _try in range(200):
            self.connection.interrupt()
            if self.using.acquire(timeout=0.05):
                self.connection.close()
                self.using.release()
                return
