"""The stretch of a long list that is in memory: rows by their place, with what to read next."""

from collections.abc import Iterable
from dataclasses import dataclass

from loop.views import Row

AHEAD = 200
"""Rows kept read beyond what is seen, both ways."""
CHUNK = 250
"""Rows read at a time."""
KEPT = 2_000
"""Rows kept at most."""


@dataclass(frozen=True)
class After:
    """Rows that follow a key."""

    rank: int
    number: int


@dataclass(frozen=True)
class Before:
    """Rows that precede a key."""

    rank: int
    number: int


@dataclass(frozen=True)
class At:
    """Rows from a place on, for far jumps."""

    offset: int


Ask = After | Before | At
"""What a list wants to have read."""


class Window:
    """Rows `start` to `start + len(rows)` of `total`, counted from 0."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.start = 0
        self.total = 0
        self._places: dict[int, int] = {}

    @property
    def end(self) -> int:
        """The place after the last row that is here."""
        return self.start + len(self.rows)

    def get(self, place: int) -> Row | None:
        """The row at a place, if it is here."""
        i = place - self.start
        return self.rows[i] if 0 <= i < len(self.rows) else None

    def place(self, number: int) -> int | None:
        """Where a ticket is, if it is here."""
        i = self._places.get(number)
        return None if i is None else i + self.start

    def replace(self, rows: Iterable[Row], start: int, total: int) -> None:
        """Hold another stretch."""
        self.rows, self.start = list(rows), max(0, start)
        self.total = max(total, self.end)
        self._index()

    def supply(self, ask: Ask, rows: Iterable[Row], more: bool) -> None:
        """Take in what was asked for; what is too far away at the other end is let go."""
        fresh = [row for row in rows if row.number not in self._places]
        if isinstance(ask, At):
            self.replace(rows, ask.offset, self.total)
            return
        if isinstance(ask, After):
            if not self.rows or (self.rows[-1].rank, self.rows[-1].number) != (ask.rank, ask.number):
                return
            self.rows += fresh
            over = max(0, len(self.rows) - KEPT)
            del self.rows[:over]
            self.start += over
            self.total = max(self.total, self.end) if more else self.end
        else:
            if not self.rows or (self.rows[0].rank, self.rows[0].number) != (ask.rank, ask.number):
                return
            self.rows[:0] = fresh
            # Arrivals above make the places drift; at the top they are put right.
            self.start = max(0, self.start - len(fresh)) if more else 0
            self.total = max(self.total, self.end)
            del self.rows[KEPT:]
        self._index()

    def update(self, rows: Iterable[Row]) -> list[int]:
        """Put changed rows in their places; the places that changed. Rows that are not here are ignored."""
        changed = []
        for row in rows:
            i = self._places.get(row.number)
            if i is not None and self.rows[i] != row:
                self.rows[i] = row
                changed.append(i + self.start)
        return changed

    def wants(self, first: int, last: int) -> Ask | None:
        """What should be read so that places `first` to `last` and some beyond are here."""
        if self.total == 0:
            return None
        if not self.rows or last < self.start - AHEAD or first > self.end + AHEAD:
            return At(max(0, min(first - CHUNK // 2, self.total - CHUNK)))
        if self.end < self.total and last + AHEAD > self.end:
            return After(self.rows[-1].rank, self.rows[-1].number)
        if self.start > 0 and first - AHEAD < self.start:
            return Before(self.rows[0].rank, self.rows[0].number)
        return None

    def _index(self) -> None:
        self._places = {row.number: i for i, row in enumerate(self.rows)}
