"""Noticing what others, our own worker and we ourselves have committed: one way that a screen refreshes."""

import time

from domain.people import Actor
from loop.desk import Desk
from loop.views import Change
from storage.watch import Watch

LOOK_BACK = 200
"""PostgreSQL may commit events out of the order of their ids: so many ids before the last are looked at again."""


class Watcher:
    """Waits for new events. Used by one thread; opened before the first page is read, so that nothing falls between."""

    def __init__(self, desk: Desk, actor: Actor) -> None:
        self._desk, self._actor = desk, actor
        self._watch = Watch(desk.db.reader)
        self._last = self._newest()
        self._seen: set[int] = {r[0] for r in self._rows(max(0, self._last - LOOK_BACK))}

    def _newest(self) -> int:
        return self._desk.db.rows("SELECT COALESCE(MAX(id), 0) FROM events")[0][0]

    def _rows(self, after: int) -> list[tuple[int, int]]:
        return list(
            self._desk.db.rows(
                "SELECT id, ticket FROM events WHERE id > :after ORDER BY id LIMIT 20000", {"after": after}
            )
        )

    def wait(self, timeout_s: float) -> Change | None:
        """The tickets that something happened to; None when nothing did for `timeout_s` seconds, or after `close`."""
        end = time.monotonic() + timeout_s
        while (left := end - time.monotonic()) > 0:
            if not self._watch.wait(left):
                return None
            fresh = [(id, ticket) for id, ticket in self._rows(max(0, self._last - LOOK_BACK)) if id not in self._seen]
            if not fresh:
                continue  # a draft was saved, a lease renewed
            self._last = max(self._last, max(id for id, __ in fresh))
            self._seen.update(id for id, __ in fresh)
            self._seen = {id for id in self._seen if id > self._last - 2 * LOOK_BACK}
            return Change(tuple(dict.fromkeys(ticket for __, ticket in fresh)), self._last)
        return None

    def close(self) -> None:
        """End a wait that is under way."""
        self._watch.close()
