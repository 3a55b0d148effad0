"""Millions of rows into a fresh database: by the driver alone, without indexes, which are made at the end.

`Work.insert` costs some ten microseconds a row, which is right for a verb and too much for ten million rows. Columns
are checked against the tables of `storage`, whose defaults fill those that are not given.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, Self

from sqlmodel import SQLModel

from storage.database import Database
from storage.light import libpq_url, sqlite_path

Rows = Iterable[tuple[Any, ...]]


def filled(table: type[SQLModel], names: Sequence[str]) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """The columns that an insert has to name beyond `names`, and the constants in them. KeyError for an unknown name."""
    columns = table.__table__.columns  # type: ignore[attr-defined]
    for name in names:
        columns[name]
    more: dict[str, Any] = {}
    for column in columns:
        if column.name in names or column.nullable or (column.primary_key and column.name in ("id", "number")):
            continue
        value = table.model_fields[column.name].get_default(call_default_factory=True)
        more[column.name] = json.dumps(value) if isinstance(value, list | dict) else value
    return tuple(more), tuple(more.values())


class Bulk(Protocol):
    """Writes many rows; a context that makes the indexes again when it ends well."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *error: Any) -> None: ...

    def insert(self, table: type[SQLModel], names: Sequence[str], rows: Rows) -> None:
        """Write tuples whose values stand in the order of `names`; JSON is given as text."""


class SqliteBulk:
    """Without journal and syncing: a build that dies is thrown away."""

    def __init__(self, database: Database) -> None:
        self._connection = sqlite3.connect(sqlite_path(database.url), isolation_level=None)
        self._statements: dict[tuple[str, tuple[str, ...]], str] = {}
        self._indexes: list[str] = []

    def __enter__(self) -> Self:
        c = self._connection
        c.execute("PRAGMA journal_mode = OFF")
        c.execute("PRAGMA synchronous = OFF")
        c.execute("PRAGMA locking_mode = EXCLUSIVE")
        c.execute("PRAGMA cache_size = -400000")
        found = c.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
        self._indexes = [sql for _, sql in found]
        c.execute("BEGIN")
        for name, _ in found:
            c.execute(f'DROP INDEX "{name}"')
        return self

    def insert(self, table: type[SQLModel], names: Sequence[str], rows: Rows) -> None:
        name = str(table.__tablename__)
        key = (name, tuple(names))
        if key not in self._statements:
            more, values = filled(table, names)
            constants = [str(int(v)) if isinstance(v, bool | int) else "'" + v.replace("'", "''") + "'" for v in values]
            columns = ", ".join(f'"{n}"' for n in (*names, *more))
            self._statements[key] = (
                f"INSERT INTO {name} ({columns}) VALUES ({', '.join([*('?' * len(names)), *constants])})"
            )
        self._connection.executemany(self._statements[key], rows)

    def __exit__(self, *error: Any) -> None:
        if error[0] is None:
            self._connection.execute("COMMIT")
            self._connection.execute("PRAGMA threads = 2")
            for sql in self._indexes:
                self._connection.execute(sql)
            self._connection.execute("PRAGMA locking_mode = NORMAL")
            self._connection.execute("PRAGMA journal_mode = WAL").fetchall()
        self._connection.close()


class PostgresBulk:
    """COPY, with foreign keys asleep where we may put them to sleep."""

    def __init__(self, database: Database) -> None:
        import psycopg

        self._connection = psycopg.connect(libpq_url(database.url))
        self._indexes: list[str] = []
        self._tables: dict[str, str] = {}

    def __enter__(self) -> Self:
        import psycopg

        c = self._connection
        try:
            with c.transaction():
                c.execute("SET session_replication_role = replica")
        except psycopg.errors.InsufficientPrivilege:
            pass
        c.execute("SET maintenance_work_mem = '512MB'")
        found = c.execute(
            """SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
               JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = current_schema() AND NOT i.indisprimary AND NOT i.indisunique"""
        ).fetchall()
        self._indexes = [sql for _, sql in found]
        for name, _ in found:
            c.execute(f"DROP INDEX {name}")
        return self

    def insert(self, table: type[SQLModel], names: Sequence[str], rows: Rows) -> None:
        name = str(table.__tablename__)
        more, values = filled(table, names)
        key = table.__table__.primary_key.columns.keys()  # type: ignore[attr-defined]
        if len(key) == 1 and key[0] in names:
            self._tables[name] = key[0]
        columns = ", ".join(f'"{n}"' for n in (*names, *more))
        with self._connection.cursor().copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row + values)

    def __exit__(self, *error: Any) -> None:
        if error[0] is None:
            c = self._connection
            for name, key in self._tables.items():
                sequence = c.execute("SELECT pg_get_serial_sequence(%s, %s)", (name, key)).fetchone()
                if sequence and sequence[0]:
                    c.execute(f"SELECT setval('{sequence[0]}', (SELECT MAX({key}) FROM {name}))")
            for sql in self._indexes:
                c.execute(sql)
            c.commit()
            c.autocommit = True
            c.execute("VACUUM ANALYZE")
        self._connection.close()


def bulk(database: Database) -> Bulk:
    """The quick way in for the database's dialect; the database is new and nobody else is connected."""
    return SqliteBulk(database) if database.dialect == "sqlite" else PostgresBulk(database)
