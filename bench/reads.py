"""What the faces ask for, in this process: pages, counts, figures, a ticket, a search."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

from bench.words import COMMON, RARE
from bench.world import LONG
from domain.flows import Status
from domain.people import Actor
from loop import queue, reading
from loop.desk import Desk
from loop.views import View

TIMES = 7
LONG_S = 0.5
"""What takes longer is asked fewer times."""


def timed(ask: Callable[[], Any], times: int = TIMES) -> float:
    """Milliseconds, the median after one go that warms the caches."""
    began = time.perf_counter()
    ask()
    if time.perf_counter() - began > LONG_S:
        times = 3
    took = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began) * 1000)
    return median(took)


def reads(desk: Desk, owner: Actor) -> dict[str, float]:
    """Milliseconds by question, as the owner (every flow), as members of three flows and of all flows by name."""
    found: dict[str, float] = {}
    few, all_by_name = desk.actor("u3"), desk.actor("u1")
    every = View()
    total = queue.counts(desk, every, actor=owner).all
    middle = queue.at(desk, every, total // 2, actor=owner, total=total, limit=1).rows[0]
    key = (middle.rank, middle.number)
    for who, actor in (("owner", owner), ("3 flows", few), ("all flows by name", all_by_name)):
        ask: dict[str, Callable[[], Any]] = {
            "first page": lambda a=actor: queue.page(desk, every, actor=a),
            "page from the middle": lambda a=actor: queue.page(desk, every, actor=a, after=key, limit=250),
            "page before the middle": lambda a=actor: queue.page(desk, every, actor=a, before=key, limit=250),
            "first page, in progress": lambda a=actor: queue.page(desk, View(tab=Status.PROGRESS), actor=a),
            "first page, assigned to me": lambda a=actor: queue.page(desk, View(query="assignee:me"), actor=a),
            "counts": lambda a=actor: queue.counts(desk, every, actor=a),
            "metrics": lambda a=actor: queue.metrics(desk, every, actor=a),
        }
        found |= {f"{name} ({who})": timed(call) for name, call in ask.items()}
    more: dict[str, Callable[[], Any]] = {
        "position of the middle": lambda: queue.position(desk, every, middle.number, actor=owner),
        "page by offset, the middle": lambda: queue.at(desk, every, total // 2, actor=owner, total=total, limit=250),
        "ticket": lambda: reading.ticket(desk, middle.number, actor=owner),
        "ticket with 1,000 events": lambda: reading.ticket(desk, LONG, actor=owner),
        "search, a common word": lambda: queue.page(desk, View(query=COMMON), actor=owner),
        "search, a rare word": lambda: queue.page(desk, View(query=RARE), actor=owner),
        "search, nothing found": lambda: queue.page(desk, View(query="xyzzyx"), actor=owner),
        "search by customer": lambda: queue.page(desk, View(query="customer:zuleica"), actor=owner),
        "counts of a common word": lambda: queue.counts(desk, View(query=COMMON), actor=owner),
    }
    return found | {name: timed(call) for name, call in more.items()}
