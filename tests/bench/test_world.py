"""The worlds that are measured: the same each time, whole, and on both databases."""

import sqlite3
from pathlib import Path

from bench.world import LONG, NOW_MS, make
from loop import queue, reading
from loop.config import Config
from loop.desk import open_desk
from loop.views import TicketView, View

TICKETS = 300


def dump(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        return [row for row in connection.iterdump() if "alembic" not in row]


def test_same_seed_same_world(tmp_path: Path) -> None:
    """Numbers of different runs can be compared: seed and --now decide every row."""
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        make(f"sqlite:///{tmp_path / name}", TICKETS, seed=seed)
    assert dump(tmp_path / "a") == dump(tmp_path / "b") != dump(tmp_path / "c")


def test_world_is_whole(db_url: str) -> None:
    """What the driver wrote past the verbs reads as what they write: references, defaults, indexes, order."""
    make(db_url, TICKETS)
    desk = open_desk(Config(db_url=db_url), clock=lambda: NOW_MS)
    try:
        owner = desk.actor()
        page = queue.page(desk, View(), actor=owner, limit=TICKETS + 1)
        assert len(page.rows) == TICKETS
        assert [(r.rank, r.number) for r in page.rows] == sorted((r.rank, r.number) for r in page.rows)
        views = [reading.ticket(desk, row.number, actor=owner) for row in page.rows]
        assert all(isinstance(view, TicketView) and view.entries and view.answer for view in views)
        assert {len(view.entries) > 1 for view in views if view.closed} == {True}  # type: ignore[union-attr]
        assert desk.db.rows("SELECT COUNT(*) FROM events WHERE ticket = :n", {"n": LONG})[0][0] == 1000
        assert 0 < queue.counts(desk, View(), actor=desk.actor("u3")).all <= TICKETS
        # The next ticket made by a verb gets a number of its own.
        with desk.db.write() as work:
            from storage.tables import TicketRow

            assert work.reserve(TicketRow, 1) == [TICKETS + 1]
        if desk.db.dialect == "sqlite":
            assert desk.db.rows("PRAGMA foreign_key_check") == []
            assert desk.db.rows("SELECT COUNT(*) FROM sqlite_master WHERE name = 'ix_tickets_queue'")[0][0] == 1
        else:
            found = desk.db.rows("SELECT COUNT(*) FROM pg_indexes WHERE indexname = 'ix_tickets_queue'")
            assert found[0][0] == 1
    finally:
        desk.close()
