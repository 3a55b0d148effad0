"""Rules of time: not started in N hours, due in N hours, no reply in N hours (A6).

A moment counts when it came true while its set was on: what lay before is the past, which no rule touches unasked (A5). A
set meets a ticket once. Looking goes by indexes and holds nobody up; only what a set is about is written, in pieces.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from domain.rules import Moment
from domain.tickets import queue_rank
from loop.desk import Desk
from loop.flowing import hold
from loop.rule_runs import Run

HOUR_MS = 3_600_000
MOST = 100_000
"""Tickets that one set is asked about in one look; the next look goes on behind them."""
PIECE = 50
"""Tickets that are changed in one transaction."""


@dataclass(frozen=True)
class _Set:
    """A rule set of time that is on."""

    id: int
    moment: Moment
    on_since: int


class Clock:
    """Looks, now and then. Remembers which tickets a set was asked about in vain, so that it is asked again when they change."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._vain: dict[tuple[int, int], dict[int, int]] = {}
        """By set and since when it is on: versions of tickets by number."""
        self._after: dict[int, int] = {}
        """By set, where the next look begins; only while there are more than `MOST`."""

    def tick(self, limit: int = 500, stop: Callable[[], bool] | None = None) -> int:
        """Run the sets whose moment came; how many tickets were touched. `limit` are read at a time; `stop` ends it."""
        run, touched = Run("time"), 0
        sets = _sets(self._desk.db.rows)
        self._vain = {key: self._vain.get(key, {}) for key in ((s.id, s.on_since) for s in sets)}
        for one in sets:
            touched += self._run(run, one, limit, stop or (lambda: False))
        return touched

    def _run(self, run: Run, one: _Set, limit: int, stop: Callable[[], bool]) -> int:
        vain, now, touched = self._vain[one.id, one.on_since], self._desk.now(), 0
        after = self._after.pop(one.id, 0)
        found = self._desk.db.rows(*_come(one, now, after))
        if len(found) == MOST:
            self._after[one.id] = found[-1][0]
        if not after and len(found) < MOST:  # only those that wait still are remembered
            there = {number for number, __ in found}
            for number in [n for n in vain if n not in there]:
                del vain[number]
        new = [(number, version) for number, version in found if vain.get(number) != version]
        for start in range(0, len(new), limit):
            if stop():
                break
            page = new[start : start + limit]
            held = self._held(run, one, [number for number, __ in page])
            vain.update((number, version) for number, version in page if number not in held)
            for at in range(0, len(held), PIECE):
                if stop():
                    return touched
                touched += self._apply(run, one, held[at : at + PIECE])
        return touched

    def _held(self, run: Run, one: _Set, numbers: list[int]) -> list[int]:
        """Those that the set is about, as far as one sees without locking them."""
        from loop.rule_cases import by_tickets
        from loop.rule_world import setup

        of = setup(self._desk.db, run, one.id)
        found = by_tickets(self._desk.db.rows, numbers, of) if of.sets else []
        return [f.subject.number for f in found if f.subject.number and of.ruling.decide(f.subject.case)]

    def _apply(self, run: Run, one: _Set, numbers: Sequence[int]) -> int:
        """In one transaction: whether the moment still is, is looked at again with the tickets locked."""
        from loop.autopilot import apply

        def act(work: Any) -> int:
            hold(work, (id for (id,) in work.rows("SELECT id FROM flows")))
            inside = ", ".join(str(int(n)) for n in sorted(numbers))
            work.rows(f"SELECT number FROM tickets WHERE number IN ({inside}) ORDER BY number{work.lock}")
            if one not in _sets(work.rows):
                return 0
            still = work.rows(*_come(one, self._desk.now(), 0, inside))
            return apply(self._desk, work, run, [(one.id, number) for number, __ in still])

        return self._desk.db.transact(act)


def tick(desk: Desk, *, limit: int = 500) -> int:
    """One look; how many tickets were touched. Two workers that look at the same time touch each ticket once."""
    return Clock(desk).tick(limit)


def waits(rows: Any) -> bool:
    """Whether there is anything to look for: a set of time that is on."""
    return bool(_sets(rows))


def _sets(rows: Any) -> list[_Set]:
    """Those that are on, in order."""
    found = []
    for id, on_since, conditions in rows(
        "SELECT id, on_since, conditions FROM rule_sets WHERE active = true ORDER BY position, id", {}
    ):
        kept = json.loads(conditions) if isinstance(conditions, str) else conditions or {}
        if (moment := kept.get("moment")) and on_since is not None:
            found.append(_Set(id, Moment(moment["kind"], int(moment["hours"])), on_since))
    return found


def _come(one: _Set, now: int, after: int, inside: str = "") -> tuple[str, dict[str, Any]]:
    """The query for tickets whose moment came while the set was on and that it did not meet yet: number and version."""
    span = one.moment.hours * HOUR_MS
    kind, values = one.moment.kind, {"set": one.id, "on": one.on_since, "after": after, "most": MOST}
    if kind == "not started":
        source, values = _NOT_STARTED, values | {"from": one.on_since - span, "until": now - span}
    elif kind == "due in":
        source, values = _due_in(now + span), values | {"from": one.on_since + span, "until": now + span}
    else:
        source, values = _NO_REPLY, values | {"from": one.on_since - span, "until": now - span}
    # The plus keeps databases from walking through all tickets by number.
    only = f" AND t.number IN ({inside})" if inside else ""
    return (
        f"""SELECT t.number, t.version FROM {source} AND t.merged_into IS NULL AND +t.number > :after{only}
            AND NOT EXISTS (SELECT 1 FROM rule_hits h WHERE h.rule_set_id = :set AND h.about = COALESCE(t.answer_id, -t.number))
            ORDER BY +t.number LIMIT :most""",
        values,
    )


# All of the index's columns before the time are named, so that it is found by the index alone.
_NOT_STARTED = """tickets t WHERE t.archived = false AND t.flow_id IN (SELECT id FROM flows) AND t.status = 0
    AND t.unanswered IN (false, true) AND t.born_at > :from AND t.born_at <= :until AND t.started_at IS NULL"""

# The plus keeps databases from walking through all open tickets by status.
_NO_REPLY = """tickets t WHERE t.archived = false AND +t.status IN (0, 1) AND t.last_out_at > :from AND t.last_out_at <= :until
    AND (t.last_in_at IS NULL OR t.last_in_at < t.last_out_at)"""


def _due_in(until: int) -> str:
    """Open tickets that are due by a time, by their place in the queue: priority and class, then due (Q3).

    The moment came when the time did, or later with the ticket, or with a change of its due date.
    """
    pairs = [(p, c) for p in (1, 2, 3) for c in (0, 1, 2, 3)]
    ranges = " UNION ALL ".join(
        f"SELECT {queue_rank(p, c, 0)} AS low, {queue_rank(p, c, until)} AS high" for p, c in pairs
    )
    return f"""({ranges}) r CROSS JOIN tickets t WHERE t.archived = false AND t.status IN (0, 1) AND t.rank >= r.low AND t.rank <= r.high
        AND t.due_at <= :until AND (t.due_at > :from OR t.born_at > :on OR EXISTS (SELECT 1 FROM events e
            WHERE e.ticket = t.number AND e.at > :on AND e.kind IN ('due', 'reopened', 'transferred')))"""
