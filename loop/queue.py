"""The list and its figures, for the faces (Q1–Q3, D1–D4), always under the reader's rights (P3)."""

from collections.abc import Iterable, Sequence
from typing import Any

from domain.answers import ScoreClass
from domain.flows import Flow, Status
from domain.people import Actor
from domain.query import parse
from domain.rights import scope
from domain.tickets import Priority
from loop.desk import Desk
from loop.flowing import in_sight
from loop.views import Counts, Metrics, Page, Row, View
from storage import conditions as sql
from storage import listing

STATUSES = (Status.PENDING, Status.PROGRESS, Status.CLOSED)
CLASSES = (ScoreClass.DETRACTOR, ScoreClass.NEUTRAL, ScoreClass.PROMOTER)
_PRIORITIES = {p.value: p for p in Priority}

Key = tuple[int, int]


def _conditions(desk: Desk, view: View, actor: Actor) -> sql.Conditions:
    return sql.conditions(
        scope(actor),
        parse(view.query),
        tab=view.tab.value if view.tab else None,
        flow=view.flow,
        me=actor.id,
        now_ms=desk.now(),
    )


def row(values: Sequence[Any]) -> Row:
    """A row of the list from what storage read."""
    (
        number,
        subject,
        status,
        phase,
        flow,
        klass,
        score,
        priority,
        customer,
        email,
        survey,
        who,
        created,
        due,
        theirs,
        ours,
        waits,
        rank,
    ) = values
    return Row(
        number,
        subject,
        STATUSES[status],
        phase,
        flow,
        None if klass is None else CLASSES[klass],
        score,
        _PRIORITIES[priority],
        customer,
        email,
        survey,
        who,
        created,
        due,
        theirs,
        ours,
        bool(waits),
        rank,
    )


def page(
    desk: Desk, view: View, *, actor: Actor, after: Key | None = None, before: Key | None = None, limit: int = 100
) -> Page:
    """Rows beyond a key (exclusive), in list order; the first ones without a key."""
    c = _conditions(desk, view, actor)
    found = listing.page(desk.db.reader, c, after=after, before=before, limit=limit + 1, backwards=before is not None)
    rows = tuple(row(r) for r in found[:limit])
    return Page(rows[::-1] if before is not None else rows, more=len(found) > limit)


def at(desk: Desk, view: View, offset: int, *, actor: Actor, total: int | None = None, limit: int = 100) -> Page:
    """Rows from an offset on, for far jumps; walked from the nearer end where the total is known."""
    c = _conditions(desk, view, actor)
    if total is not None and total // 2 < offset < total:
        wanted = min(limit, total - offset)
        skip = total - offset - wanted
        found = listing.page(desk.db.reader, c, skip=skip, limit=wanted, backwards=True)
        return Page(tuple(row(r) for r in found)[::-1], more=skip > 0)
    found = listing.page(desk.db.reader, c, skip=max(0, offset), limit=limit + 1)
    return Page(tuple(row(r) for r in found[:limit]), more=len(found) > limit)


def around(desk: Desk, view: View, number: int, *, actor: Actor, limit: int = 100) -> Page:
    """Rows around a ticket, it included if it is in the view; `more` says whether rows follow."""
    here = rows(desk, [number], actor=actor, view=view)
    if not here:
        return page(desk, view, actor=actor, limit=limit)
    key = (here[0].rank, number)
    above = page(desk, view, actor=actor, before=key, limit=limit // 2)
    below = page(desk, view, actor=actor, after=key, limit=limit // 2)
    return Page((*above.rows, *here, *below.rows), below.more)


def rows(desk: Desk, numbers: Iterable[int], *, actor: Actor, view: View | None = None) -> tuple[Row, ...]:
    """The rows of some tickets: those in sight, and in the view if one is given; without one archived ones too (Q4)."""
    c = _conditions(desk, view or View(), actor)
    if view is None:
        c.archived = None
    return tuple(row(r) for r in listing.rows_of(desk.db.reader, c, list(numbers)))


def counts(desk: Desk, view: View, *, actor: Actor) -> Counts:
    """Tickets by tab under the view's flow and query; the tab itself does not count (Q1)."""
    found = listing.counts(desk.db.reader, _conditions(desk, view, actor))
    n = [found.get(i, (0, 0)) for i in range(3)]
    return Counts(sum(x[0] for x in n), n[0][0], n[1][0], n[2][0], sum(x[1] for x in n))


def position(desk: Desk, view: View, number: int, *, actor: Actor) -> int | None:
    """How many rows come before a ticket; None when it is not in the view."""
    here = rows(desk, [number], actor=actor, view=view)
    return listing.place(desk.db.reader, _conditions(desk, view, actor), (here[0].rank, number)) if here else None


def metrics(desk: Desk, view: View, *, actor: Actor) -> Metrics:
    """The four figures (D1–D4) over the view's flow and query."""
    every, closed, started, to_start, to_close, *days = listing.metrics(
        desk.db.reader, _conditions(desk, view, actor), desk.now()
    )
    closed = closed or 0
    by_day = tuple(int(d or 0) for d in days)
    return Metrics(
        completion=100 * closed / every if every else None,
        to_start=float(to_start) / started if started else None,
        to_close=float(to_close) / closed if closed else None,
        closed_a_day=sum(by_day) / 7,
        closed_by_day=by_day,
    )


def flows(desk: Desk, *, actor: Actor) -> tuple[Flow, ...]:
    """The flows in sight, in the admin's order (P3)."""
    return in_sight(desk.db.rows, actor)
