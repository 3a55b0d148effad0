"""Noticing what others, our own worker and we ourselves have committed: one way that a screen refreshes."""

import json
import time
from collections.abc import Sequence
from typing import Any

from domain.people import Actor
from domain.rights import scope
from loop.desk import Desk, actors
from loop.views import Change
from storage.light import DatabaseUnreachable
from storage.watch import Watch

LOOK_BACK = 2000
"""PostgreSQL may commit events out of the order of their ids: so many ids before the last are looked at again,
more than one piece of an import writes. SQLite commits in order."""
MOST = 20_000
"""Events that are read at once."""

SHAPES = frozenset({"flow", "survey", "category", "tag", "user", "team"})
"""What the set-up consists of, which screens show; a customer is told by the events of their tickets."""


class Watcher:
    """Waits for new events. Used by one thread; opened before the first page is read, so that nothing falls between."""

    def __init__(self, desk: Desk, actor: Actor) -> None:
        self._desk, self._actor, self._scope = desk, actor, scope(actor)
        self._watch = Watch(desk.db.reader)
        self._back = LOOK_BACK if desk.db.dialect == "postgresql" else 0
        self._again = False
        self._last = self._newest()
        self._seen: set[int] = {r[0] for r in self._rows()}
        self._audited = {id for id, __ in self._newest_audit()}

    def _newest(self) -> int:
        return self._desk.db.rows("SELECT COALESCE(MAX(id), 0) FROM events")[0][0]

    def _rows(self) -> Sequence[tuple[int, int, int, Any]]:
        return self._desk.db.rows(
            "SELECT e.id, e.ticket, t.flow_id, CASE WHEN e.kind = 'transferred' THEN e.data END FROM events e JOIN tickets t ON t.number = e.ticket WHERE e.id > :after ORDER BY e.id LIMIT :most",
            {"after": max(0, self._last - self._back), "most": MOST},
        )

    def _newest_audit(self) -> Sequence[tuple[int, str]]:
        """More of them than are written at one time, since PostgreSQL commits out of the order of ids."""
        return self._desk.db.rows("SELECT id, target FROM audit ORDER BY id DESC LIMIT 100", {})

    def wait(self, timeout_s: float) -> Change | None:
        """The tickets in sight that something happened to (P3); None when nothing did for `timeout_s` seconds, or after `close`.

        While the database does not answer nothing happens; what was missed is told when it does again.
        """
        end = time.monotonic() + timeout_s
        while (left := end - time.monotonic()) > 0:
            if not self._again and not self._watch.wait(left):
                return None
            try:
                found = self._rows()
                if shape := self._reshaped():
                    return shape
            except DatabaseUnreachable:
                self._again = True
                time.sleep(min(1.0, left))
                continue
            self._again = len(found) == MOST
            fresh = [row for row in found if row[0] not in self._seen]
            if not fresh:
                continue  # a draft was saved, a lease renewed
            self._last = max(self._last, fresh[-1][0])
            self._seen.update(row[0] for row in fresh)
            self._seen = {id for id in self._seen if id > self._last - self._back}
            if tickets := tuple(dict.fromkeys(ticket for __, ticket, *flows in fresh if self._is_told(*flows))):
                return Change(tickets, self._last)
        return None

    def _is_told(self, flow: int, transfer: Any) -> bool:
        """Who sees the ticket, and who saw it until it went to another flow: they must lose it (P3, I7)."""
        if self._scope.admits(flow) or not transfer:
            return self._scope.admits(flow)
        data = json.loads(transfer) if isinstance(transfer, str) else transfer
        return self._scope.admits(data.get("old_flow", -1))

    def _reshaped(self) -> Change | None:
        """People, teams or flows were changed: the reader's rights are read anew, so that what was taken is gone at once (P3)."""
        # What rights hang on is audited, so the newest lines of the audit tell (P1–P4).
        lines = self._newest_audit()
        new = [target for id, target in lines if id not in self._audited]
        if not new:
            return None
        self._again = True  # the events of the same moment come with the next wait
        self._audited = {id for id, __ in lines}
        found = actors(self._desk.db.rows, "id = :id", {"id": self._actor.id or 0})
        if not found:
            return Change((), self._last, gone=True)
        if found[0] == self._actor and SHAPES.isdisjoint(new):
            return None
        self._actor, self._scope = found[0], scope(found[0])
        return Change((), self._last, actor=found[0])

    def close(self) -> None:
        """End a wait that is under way."""
        self._watch.close()
