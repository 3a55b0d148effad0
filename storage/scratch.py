"""A place on disk for what is too much for memory and of no use afterwards: gone when it is closed."""

import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType


class Scratch:
    """Texts by key, as many as the disk holds, in a file of its own that nobody else sees."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="retorno-")
        self._db = sqlite3.connect(Path(self._folder.name) / "scratch", isolation_level=None)
        # Nothing here outlives a crash, so nothing is written for one.
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -16000", "temp_store = FILE"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")

    def __enter__(self) -> "Scratch":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def many(self, keys: Sequence[str]) -> dict[str, str]:
        """The values of those keys that are here."""
        found: dict[str, str] = {}
        for start in range(0, len(keys), 500):
            some = keys[start : start + 500]
            found |= dict(
                self._db.execute(f"SELECT key, value FROM seen WHERE key IN ({', '.join('?' * len(some))})", some)
            )
        return found

    def keep(self, values: Mapping[str, str]) -> None:
        """Keep values under keys that are not here yet; what is here stays."""
        self._db.execute("BEGIN")
        self._db.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?)", list(values.items()))
        self._db.execute("COMMIT")

    def close(self) -> None:
        """Throw all of it away."""
        self._db.close()
        self._folder.cleanup()
