"""Worlds that were made before, kept beside the results, and copies of them that may be written to."""

import contextlib
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.terminal import ROOT
from bench.world import make

RESULTS = ROOT / "bench" / "results"
"""Ignored by git."""
EDITION = 3
"""Worlds of another edition or of older tables are made anew; count up when `bench.world` makes other rows."""
SIZES = "1k,100k,1M"


def sizes(named: str) -> list[int]:
    """Numbers of tickets: 1k,100k,1M. ValueError for what is none."""
    found = []
    for word in named.split(","):
        word = word.strip()
        unit = {"k": 1_000, "m": 1_000_000}.get(word[-1:].lower(), 1)
        found.append(int(word[:-1] if unit > 1 else word) * unit)
    return found


def size_name(tickets: int) -> str:
    """1k, 100k, 1M."""
    for unit, letter in ((1_000_000, "M"), (1_000, "k")):
        if tickets >= unit and tickets % unit == 0:
            return f"{tickets // unit}{letter}"
    return str(tickets)


def world(tickets: int) -> Path:
    """The SQLite file of a world of so many tickets; made if there is none for this schema and this user."""
    from loop.desk import system_login
    from storage.database import HEAD

    folder = RESULTS / "worlds"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{tickets}-{HEAD}-{EDITION}-{system_login()}.sqlite"
    if not path.exists():
        sys.stderr.write(f"making a world of {size_name(tickets)} tickets …\n")
        building = path.with_name("building.sqlite")
        _remove(building)
        make(f"sqlite:///{building}", tickets)
        _settle(building)
        building.rename(path)
    return path


@contextlib.contextmanager
def scratch(path: Path) -> Iterator[Path]:
    """A copy of a world that may be written to, in a folder that is gone afterwards."""
    _settle(path)
    with tempfile.TemporaryDirectory(prefix="scratch-", dir=path.parent, ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / "copy.sqlite"
        shutil.copy(path, copy)
        # Or its megabytes are still on their way to the disk while the first transactions wait for theirs.
        with copy.open("rb") as file:
            os.fsync(file.fileno())
        yield copy


def _settle(path: Path) -> None:
    """Everything into the one file."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _remove(path: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + end).unlink(missing_ok=True)
