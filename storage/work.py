"""One transaction that writes, in the few motions that the verbs need."""

import json
import marshal
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import JSON, insert
from sqlmodel import Session, SQLModel, select

from storage.light import pyformat
from storage.tables import Blob

T = TypeVar("T", bound=SQLModel)


_EMPTY_JSON: dict[str, str | None] = {"dict": "{}", "list": "[]", "null": None}


@cache
def _plain_insert(table: type[SQLModel]) -> tuple[str, dict[str, str], dict[str, Any]]:
    """The INSERT of a table with `:name` parameters, its JSON columns with the kind of their empty value, the defaults of the others."""
    columns = [c for c in table.__table__.columns if not (c.primary_key and c.name == "id")]  # type: ignore[attr-defined]
    fields = table.model_fields
    json_columns = {
        c.name: "null" if c.nullable else "list" if fields[c.name].default_factory is list else "dict"
        for c in columns
        if isinstance(c.type, JSON)
    }
    defaults = {
        c.name: None if fields[c.name].is_required() or c.name in json_columns else fields[c.name].default
        for c in columns
    }
    names = ", ".join(c.name for c in columns)
    sql = f"INSERT INTO {table.__tablename__} ({names}) VALUES ({', '.join(f':{c.name}' for c in columns)})"
    return sql, json_columns, defaults


_encode = json.JSONEncoder(ensure_ascii=False).encode
_KEPT_TEXTS = 4_000
_texts: dict[bytes, str] = {}


def json_text(value: Any) -> str:
    """A value as a JSON column keeps it, for `Work.insert_many`."""
    return _encode(value) if value else "[]" if isinstance(value, list | tuple) else "{}"


def repeated_json(value: dict[str, Any]) -> str:
    """As `json_text`, for what many rows have alike, such as the events of one rule: a quarter of the time."""
    try:
        # The second version is of the values alone; later ones also of which of them are one object.
        key = marshal.dumps(value, 2)
    except ValueError:
        return json_text(value)
    text = _texts.get(key)
    if text is None:
        if len(_texts) >= _KEPT_TEXTS:
            _texts.clear()
        text = _texts[key] = json_text(value)
    return text


@cache
def _wide_insert(table: type[SQLModel], names: tuple[str, ...]) -> tuple[str, tuple[str, ...], tuple[Any, ...]]:
    """For rows of those columns: SQLite's INSERT, all columns that are written, and the constants in those not named."""
    __, json_columns, defaults = _plain_insert(table)
    constants = {name: _EMPTY_JSON[kind] for name, kind in json_columns.items()}
    more = {c: v for c, v in (defaults | constants).items() if c not in names and v is not None}
    columns = (*names, *more)
    marks = ", ".join((*"?" * len(names), *map(_literal, more.values())))
    return f"INSERT INTO {table.__tablename__} ({', '.join(columns)}) VALUES ({marks})", columns, tuple(more.values())


def _literal(value: Any) -> str:
    """A plain default of a column as SQLite reads it: as a parameter it would be handed over with each row anew."""
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value + 0)


def _plain_row(table: type[SQLModel], values: dict[str, Any]) -> dict[str, Any]:
    __, json_columns, defaults = _plain_insert(table)
    row = {**defaults, **values}
    for name, kind in json_columns.items():
        row[name] = _EMPTY_JSON[kind] if row[name] is None else json.dumps(row[name], ensure_ascii=False)
    return row


class Work:
    """A unit of work: everything in it happens, or nothing does."""

    def __init__(self, session: Session, dialect: str) -> None:
        self._session = session
        self._dialect = dialect
        self._driver: Any = None
        self.memo: dict[Any, Any] = {}
        """What does not change while this work goes on, kept by whoever read it."""
        self.lock = " FOR NO KEY UPDATE" if dialect == "postgresql" else ""
        """Ends a SELECT whose rows this work will change; others may still refer to them."""
        self._later: dict[type[SQLModel], list[dict[str, Any]]] = {}

    def finish(self) -> None:
        """Write what was put off; the last thing before the commit."""
        waiting, self._later = self._later, {}
        if waiting:
            self._session.flush()
        for table, rows in waiting.items():
            sql = _plain_insert(table)[0]
            cursor = self._connection().cursor()
            cursor.executemany(sql if self._dialect == "sqlite" else pyformat(sql), rows)

    def alone(self, name: str) -> None:
        """Wait until no other work is alone under that name, and hold it until the end: SQLite's writers always are alone.

        The first thing that a work does, so that two cannot embrace.
        """
        if self._dialect == "postgresql":
            self.rows("SELECT pg_advisory_xact_lock(hashtext(:name))", {"name": f"retorno {name}"})

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        """Rows of a query with `:name` parameters, what this work wrote included."""
        return self._cursor(sql, parameters or {}).fetchall()

    def run(self, sql: str, parameters: Mapping[str, Any]) -> int:
        """Run a statement; how many rows it touched."""
        return self._cursor(sql, parameters).rowcount

    def _cursor(self, sql: str, parameters: Mapping[str, Any]) -> Any:
        # Straight to the driver: a tenth of the time of going through the ORM, and mail comes in hundreds.
        if not self._session._is_clean():
            self._session.flush()
        return self._connection().execute(sql if self._dialect == "sqlite" else pyformat(sql), parameters)

    def _connection(self) -> Any:
        if self._driver is None:
            self._driver = self._session.connection().connection.driver_connection
        return self._driver

    def insert_one(self, table: type[SQLModel], **values: Any) -> None:
        """Insert one row without an object, by the driver; columns left out get the table's plain defaults."""
        self._cursor(_plain_insert(table)[0], _plain_row(table, values))

    def insert_later(self, table: type[SQLModel], **values: Any) -> None:
        """As `insert_one`, but in one batch before the commit, in the order of the calls; for rows that nothing here reads."""
        self._later.setdefault(table, []).append(_plain_row(table, values))

    def last_id(self, table: type[SQLModel]) -> int:
        """The key that the last `insert_one` of this work gave."""
        if self._dialect == "sqlite":
            return int(self.rows("SELECT last_insert_rowid()")[0][0])
        return int(self.rows(f"SELECT currval(pg_get_serial_sequence('{table.__tablename__}', 'id'))")[0][0])

    def add(self, row: T) -> T:
        """Insert a row; its key is known afterwards."""
        self._session.add(row)
        self._session.flush()
        return row

    def append(self, row: SQLModel) -> None:
        """Insert a row at some time before the commit, in the order of the calls."""
        self._session.add(row)

    def get(self, table: type[T], key: Any) -> T | None:
        """The row of that key, locked for this work where the database locks rows."""
        return self._session.get(table, key, with_for_update={"key_share": True} if self.lock else None)

    def many(self, table: type[T], column: str, keys: Iterable[Any], *, lock: bool = True) -> list[T]:
        """The rows whose column is one of the keys, locked in the order of the primary key, so that two works cannot embrace.

        Without `lock` for rows that are only read.
        """
        wanted = list(keys)
        if not wanted:
            return []
        query = select(table).where(getattr(table, column).in_(wanted)).order_by(*table.__table__.primary_key)  # type: ignore[attr-defined]
        if lock and self.lock:
            query = query.with_for_update(key_share=True)
        return list(self._session.exec(query))

    def where(self, table: type[T], **equals: Any) -> list[T]:
        """The rows that equal all the values."""
        return list(self._session.exec(select(table).filter_by(**equals)))

    def insert(self, table: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
        """Insert many rows in one batch, without objects."""
        if rows:
            self._session.flush()
            self._session.connection().execute(insert(table), list(rows))

    def insert_many(self, table: type[SQLModel], names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert thousands of rows by the driver: values in the order of `names`, JSON as text (`json_text`).

        Columns left out get the table's plain defaults. A fifth of the time of `insert`.
        """
        if not rows:
            return
        self._session.flush()
        sql, columns, constants = _wide_insert(table, tuple(names))
        cursor = self._connection().cursor()
        if self._dialect == "sqlite":
            cursor.executemany(sql, rows)
            return
        if constants:
            rows = [row + constants for row in rows]
        with cursor.copy(f"COPY {table.__tablename__} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def run_many(self, sql: str, many: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement once for each of some parameters."""
        if many:
            self._session.flush()
            self._connection().cursor().executemany(sql if self._dialect == "sqlite" else pyformat(sql), many)

    def insert_new(self, table: type[SQLModel], rows: Sequence[dict[str, Any]], *unique: str) -> None:
        """Insert those rows that do not collide on the unique columns."""
        if not rows:
            return
        if self._dialect == "sqlite":
            from sqlalchemy.dialects.sqlite import insert as dialect_insert
        else:
            from sqlalchemy.dialects.postgresql import insert as dialect_insert  # type: ignore[assignment]
        self._session.flush()
        self._session.connection().execute(
            dialect_insert(table).on_conflict_do_nothing(index_elements=unique), list(rows)
        )

    def put(self, row: SQLModel) -> None:
        """Insert a row or overwrite the one with its key, whoever else does the same now."""
        table = type(row)
        key = [c.name for c in table.__table__.primary_key]  # type: ignore[attr-defined]
        values = row.model_dump()
        changes = ", ".join(f"{name} = excluded.{name}" for name in values if name not in key)
        self._cursor(
            f"{_plain_insert(table)[0]} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}",
            _plain_row(table, values),
        )

    def remove(self, row: SQLModel) -> None:
        """Delete a row."""
        self._session.delete(row)

    def reserve(self, table: type[SQLModel], n: int) -> list[int]:
        """`n` new keys of a table with a numbered key, for batches that refer to each other."""
        if n <= 0:
            return []
        name, key = table.__tablename__, table.__table__.primary_key.columns.keys()[0]  # type: ignore[attr-defined]
        self._session.flush()
        if self._dialect == "postgresql":
            sql = f"SELECT nextval(pg_get_serial_sequence('{name}', '{key}')) FROM generate_series(1, :n)"
            return sorted(int(r[0]) for r in self.rows(sql, {"n": n}))
        # Immediate transactions: nobody else can write before this one ends.
        highest = self.rows(f"SELECT COALESCE(MAX({key}), 0) FROM {name}")[0][0]
        return list(range(highest + 1, highest + 1 + n))

    def keep(self, many: Sequence[bytes]) -> list[str]:
        """Keep bytes, each once; their hashes in order. Written in the order of the hashes, so that two works cannot embrace."""
        import hashlib

        hashes = [hashlib.sha256(data).hexdigest() for data in many]
        rows = [{"hash": h, "size": len(d), "data": d} for h, d in sorted(dict(zip(hashes, many, strict=True)).items())]
        self.insert_new(Blob, rows, "hash")
        return hashes
