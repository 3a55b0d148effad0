"""Noticing that somebody committed, without asking the tables all the time.

SQLite: `PRAGMA data_version` on a connection of its own moves when another connection commits
(4 µs a look). PostgreSQL: LISTEN, woken by the NOTIFY of each transaction that writes.
"""

import sqlite3
import threading
from typing import Any

from storage.light import Reader, libpq_url, sqlite_path

LOOK_S = 0.1
"""Seconds between two looks at SQLite's data_version."""


class Watch:
    """Waits for other connections' commits. One thread uses it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._connection: Any = None
        self._version = 0
        self._stop = threading.Event()
        self._using = threading.Lock()

    def wait(self, timeout: float) -> bool:
        """Block until a commit was noticed (True), or `timeout` seconds have passed or `close` was called (False).

        The first wait, and the first after trouble, is over at once: something may have happened before it.
        """
        if self._stop.is_set():
            return False
        if self._reader.dialect == "sqlite":
            return self._wait_sqlite(timeout)
        return self._wait_postgresql(timeout)

    def _wait_sqlite(self, timeout: float) -> bool:
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(
                    sqlite_path(self._reader.url), isolation_level=None, check_same_thread=False
                )
                self._version = self._look()
                return True
            for _ in range(max(1, round(timeout / LOOK_S))):
                version = self._look()
                if version != self._version:
                    self._version = version
                    return True
                if self._stop.wait(LOOK_S):
                    return False
        except sqlite3.Error:
            # The file cannot be read now, or we were closed: look again a little later, with a new connection.
            self._connection = None
            self._stop.wait(min(timeout, 2.0))
        return False

    def _look(self) -> int:
        with self._using:
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def _wait_postgresql(self, timeout: float) -> bool:
        import psycopg

        try:
            if self._connection is None:
                self._connection = psycopg.connect(libpq_url(self._reader.url), autocommit=True)
                self._connection.execute("LISTEN retorno")
                return True  # what happened before we listened
            left = timeout
            while left > 0 and not self._stop.is_set():
                step = min(left, 0.5)
                if any(True for _ in self._connection.notifies(timeout=step, stop_after=1)):
                    return True
                left -= step
        except psycopg.OperationalError:
            # The server went away: look again a little later, with a new connection.
            self._connection = None
            self._stop.wait(min(timeout, 2.0))
        return False

    def close(self) -> None:
        """End a wait that is under way and close the connection."""
        self._stop.set()
        connection = self._connection
        if connection is not None:
            with self._using:  # SQLite's library dies of a connection that is closed while it works on it
                connection.close()
