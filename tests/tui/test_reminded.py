"""What falls due while one looks is counted in the top line within a minute, though nothing happened to a ticket (N2)."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.people import PROGRAM
from loop import notifications, tickets
from loop.loading import load, re_rank
from tests.tui.conftest import Opened, Shop, until
from tui.screens.queue import QueueScreen

MINUTE_S = 60


def overdue(shop: Shop) -> int:
    """Let a ticket of the reader's be overdue, and another process remind of it; how many events that wrote."""
    number = int(shop.rows("SELECT MIN(number) FROM tickets")[0][0])
    tickets.start(shop.desk, [number], actor=shop.actor, take=True)
    with shop.desk.db.write() as work:
        row = load(work, [number], PROGRAM)[number].row
        row.due_at = shop.desk.now() - 1000
        re_rank(row)
    before = shop.rows("SELECT COUNT(*) FROM events")[0][0]
    assert notifications.remind(shop.desk) == 1
    return int(shop.rows("SELECT COUNT(*) FROM events")[0][0]) - before


async def test_n2_a_reminder_is_counted_within_a_minute(
    opened: Opened, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []
    given = QueueScreen.set_interval

    def sooner(self: QueueScreen, interval: float, call: Callable[[], Any] | None = None, **more: Any) -> Any:
        """A minute passes in a moment; what is longer than one does not."""
        if call == self._minute:
            asked.append(interval)
        return given(self, 0.05 if interval <= MINUTE_S else interval, call, **more)

    monkeypatch.setattr(QueueScreen, "set_interval", sooner)
    async with opened() as screen:
        assert asked == [MINUTE_S]
        await until(lambda: screen.queue._warm)
        assert screen.queue.top.state.notices == 0
        assert overdue(shop) == 0, "so that a minute's look is what finds it"
        await until(lambda: screen.queue.top.state.notices == 1)


async def test_n2_a_minutes_look_costs_one_count_by_an_index(
    opened: Opened, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened() as screen:
        await until(lambda: screen.queue._warm)
        await screen.quiet()
        asked: list[str] = []
        rows = shop.desk.db.rows

        def listened(_db: object) -> Callable[..., Any]:
            return lambda sql, *more: (asked.append(sql), rows(sql, *more))[1]

        with monkeypatch.context() as listening:
            listening.setattr(type(shop.desk.db), "rows", property(listened))
            screen.queue._minute()
            await screen.quiet()
        counts = [sql for sql in asked if "notifications" in sql]
        assert len(counts) == 1 and len(asked) <= 2, asked
        plan = rows(f"EXPLAIN QUERY PLAN {counts[0]}", {"me": shop.actor.id})
        assert "ix_notifications_unread" in plan[0][3]
        assert all("SCAN" not in step[3] for step in plan), plan
