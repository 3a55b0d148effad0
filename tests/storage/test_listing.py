"""Pages, counts and places against a ten-line reference, on both databases (Q3, P3)."""

import random

import pytest

from domain.query import parse
from domain.rights import Scope
from domain.tickets import queue_rank
from storage import listing
from storage.conditions import Conditions, conditions
from storage.database import Database

NOW = 1_795_000_000_000
FLOWS = (1, 2, 3, 4)


@pytest.fixture
def filled(migrated_url: str):
    """Four flows, sixty tickets with many ties."""
    from storage.tables import FlowRow, PhaseRow, TicketRow

    database = Database(migrated_url)
    dice = random.Random(7)
    tickets = []
    with database.write() as work:
        work.insert(FlowRow, [dict(id=f, name=f"F{f}", position=f, active=True, days_until_due=3, default_priority=2, notes_for_all=False,
                                   reopening="reopen", reopen_days=14, reachable_by_phone=False, intake={}, signature="", version=1) for f in FLOWS])  # fmt: skip
        work.insert(PhaseRow, [dict(id=10 * f + s, flow_id=f, name="P", status=n, position=s, binding="optional") for f in FLOWS for s, n in enumerate(("pending", "progress", "closed"))])  # fmt: skip
        for number in range(1, 61):
            flow, status, priority, klass = (
                dice.choice(FLOWS),
                dice.randrange(3),
                dice.choice((1, 2, 3)),
                dice.choice((0, 1, 2, None)),
            )
            due = dice.choice((None, NOW - 5, NOW + 5, NOW + 10))
            tickets.append(dict(number=number, subject="s", description="", flow_id=flow, phase_id=10 * flow + status, status=status, priority=priority,
                                klass=klass, created_at=NOW, born_at=NOW, due_at=due, rank=queue_rank(priority, 3 if klass is None else klass, due), resolution="",
                                outcome="", archived=dice.random() < 0.1, unanswered=dice.random() < 0.3, version=1))  # fmt: skip
        work.insert(TicketRow, tickets)
    yield database, tickets
    database.close()


def reference(tickets, *, flows, status=None):
    chosen = [
        t
        for t in tickets
        if not t["archived"] and (flows is None or t["flow_id"] in flows) and status in (None, t["status"])
    ]
    return [t["number"] for t in sorted(chosen, key=lambda t: (t["rank"], t["number"]))]


@pytest.mark.parametrize("flows", [None, (1,), (1, 3), FLOWS, ()])
@pytest.mark.parametrize("status", [None, 0, 2])
def test_q3_pages_walk_every_row_once_in_order_both_ways(filled, flows, status) -> None:
    database, tickets = filled
    want = reference(tickets, flows=flows, status=status)

    def walk(backwards: bool) -> list[int]:
        got, key = [], None
        while True:
            c = Conditions(flows=flows, status=status)
            rows = listing.page(
                database.reader, c, limit=7, backwards=backwards, **{"before" if backwards else "after": key}
            )
            got += [r[0] for r in rows]
            if len(rows) < 7:
                return got
            key = (rows[-1][-1], rows[-1][0])

    assert walk(False) == want
    assert walk(True) == want[::-1]


@pytest.mark.parametrize("flows", [None, (2, 4), ()])
def test_p3_counts_and_places_equal_the_list(filled, flows) -> None:
    database, tickets = filled
    c = Conditions(flows=flows)
    counted = listing.counts(database.reader, c)
    assert {s: n for s, (n, __) in counted.items()} == {
        s: len(reference(tickets, flows=flows, status=s)) for s in range(3) if reference(tickets, flows=flows, status=s)
    }
    want = reference(tickets, flows=flows)
    by_number = {t["number"]: t for t in tickets}
    for place, number in list(enumerate(want))[::9]:
        assert listing.place(database.reader, c, (by_number[number]["rank"], number)) == place
        assert [r[0] for r in listing.page(database.reader, c, skip=place, limit=1)] == [number]


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("is:open", lambda t: t["status"] == 0),
        ("-is:closed", lambda t: t["status"] != 2),
        ("is:overdue", lambda t: t["due_at"] is not None and t["due_at"] < NOW and t["status"] != 2),
        ("-due:<1d", lambda t: t["due_at"] is None),
        ("class:detractor", lambda t: t["klass"] == 0),
        ("-class:detractor", lambda t: t["klass"] != 0),
        ("priority:high is:unanswered", lambda t: t["priority"] == 1 and t["unanswered"]),
        ("flow:F2", lambda t: t["flow_id"] == 2),
        ("#7", lambda t: t["number"] == 7),
        ("is:nonsense", lambda t: False),
        ("due:soon", lambda t: False),
    ],
)
def test_q5_a_query_keeps_what_it_says(filled, query, holds) -> None:
    database, tickets = filled
    c = conditions(Scope(everything=True), parse(query), tab=None, flow=None, me=1, now_ms=NOW)
    got = {r[0] for r in listing.page(database.reader, c, limit=100)}
    assert got == {t["number"] for t in tickets if not t["archived"] and holds(t)}


def test_q5_nothing_typed_reaches_sql(filled) -> None:
    database, __ = filled
    for query in ("'; DROP TABLE tickets; --", 'customer:"%_\' OR 1=1"', "assignee:x'y", ":q0", "tag:%(x)s", "100%"):
        c = conditions(Scope(everything=True), parse(query), tab=None, flow=None, me=1, now_ms=NOW)
        assert list(listing.page(database.reader, c, limit=5)) == []
    assert len(listing.page(database.reader, Conditions(), limit=100)) > 40


def test_p3_a_flow_out_of_sight_is_empty_even_when_asked_for_by_id(filled) -> None:
    database, __ = filled
    c = conditions(Scope(everything=False, flows=(1,)), parse("flow:F2"), tab=None, flow=2, me=1, now_ms=NOW)
    assert list(listing.page(database.reader, c, limit=5)) == []
