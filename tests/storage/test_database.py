"""Transactions, leases, versions and watching, on both databases."""

import threading
from pathlib import Path

import pytest

from storage import leases
from storage.database import HEAD, Database, DatabaseNewer, NotADatabase
from storage.light import DatabaseMissing
from storage.tables import Setting
from storage.watch import Watch


@pytest.fixture
def database(migrated_url: str):
    database = Database(migrated_url)
    yield database
    database.close()


def test_migrations_and_tables_say_the_same(database: Database) -> None:
    """A column added to the tables without a migration fails here."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlmodel import SQLModel

    import storage.tables  # noqa: F401

    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []
    assert database.rows("SELECT version_num FROM alembic_version") == [(HEAD,)]


def test_writers_queue_and_none_is_lost(database: Database) -> None:
    """Four threads, each forty read-modify-writes: a deferred BEGIN loses most of them."""
    with database.write() as work:
        work.add(Setting(name="n", value="0"))

    def add_many() -> None:
        for __ in range(40):
            with database.write() as work:
                row = work.get(Setting, "n")
                row.value = str(int(row.value) + 1)

    threads = [threading.Thread(target=add_many) for __ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.rows("SELECT value FROM settings WHERE name = 'n'") == [("160",)]


def test_a_failed_verb_leaves_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as work:
        work.add(Setting(name="half", value="x"))
        raise RuntimeError
    assert database.rows("SELECT COUNT(*) FROM settings") == [(0,)]


def test_m6_a_lease_has_one_holder_until_it_ends(database: Database) -> None:
    assert leases.take(database, "mailbox", "one", 60)
    assert not leases.take(database, "mailbox", "two", 60)
    assert leases.take(database, "mailbox", "one", 60), "the holder renews"
    leases.release(database, "mailbox", "two")
    assert not leases.take(database, "mailbox", "two", 60), "only the holder gives it back"
    leases.release(database, "mailbox", "one")
    assert leases.take(database, "mailbox", "two", -1)
    assert leases.take(database, "mailbox", "three", 60), "an ended lease is free"


def test_another_connections_commit_is_noticed(database: Database) -> None:
    watch = Watch(database.reader)
    watch.wait(0.3)  # it connects
    noticed = threading.Event()
    thread = threading.Thread(target=lambda: watch.wait(60) and noticed.set())
    thread.start()
    with database.write() as work:
        work.add(Setting(name="x", value="y"))
    thread.join(60)
    watch.close()
    assert noticed.is_set()


def test_a_newer_database_is_not_touched(database: Database) -> None:
    with database.write() as work:
        work.run("UPDATE alembic_version SET version_num = '9999' WHERE version_num <> ''", {})
    with pytest.raises(DatabaseNewer, match="9999"):
        Database(database.url).check_version()


def test_what_is_missing_or_no_database_is_said(tmp_path: Path) -> None:
    with pytest.raises(DatabaseMissing):
        Database(f"sqlite:///{tmp_path / 'none.sqlite'}").check_version()
    other = tmp_path / "letter.txt"
    other.write_text("Dear database, " * 100)
    with pytest.raises(NotADatabase):
        Database(f"sqlite:///{other}").check_version()
    assert other.read_text().startswith("Dear database")


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(Exception, match=r"read.?only"):
        database.rows("DELETE FROM settings")


def test_keys_reserved_by_two_are_not_the_same(database: Database) -> None:
    from storage.tables import Tag

    with database.write() as work:
        first = work.reserve(Tag, 3)
        work.insert(Tag, [{"id": i, "name": f"t{i}"} for i in first])
    with database.write() as work:
        second = work.reserve(Tag, 3)
        work.insert(Tag, [{"id": i, "name": f"t{i}"} for i in second])
        assert work.add(Tag(name="one more")).id not in first + second
    assert len({*first, *second}) == 6


def test_r3_a_new_database_is_for_its_owners_eyes_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "x.sqlite"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    assert path.stat().st_mode & 0o077 == 0
    database.close()
