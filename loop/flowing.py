"""Flows as the rules see them, read from either kind of connection."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from domain.flows import Binding, Flow, Item, Phase, Status
from domain.people import Actor
from domain.rights import scope

Rows = Callable[[str, dict[str, Any]], Sequence[tuple[Any, ...]]]
"""Runs a query with `:name` parameters and gives its rows."""


def read_flows(rows: Rows, ids: Iterable[int] | None = None) -> dict[int, Flow]:
    """Flows by id, with phases and checklists, in the admin's order: the active ones, or those of some ids whatever their state."""
    wanted = None if ids is None else sorted({int(i) for i in ids})
    if wanted == []:
        return {}
    only = "f.active = true" if wanted is None else f"f.id IN ({', '.join(map(str, wanted))})"
    names = rows(f"SELECT f.id, f.name, f.reachable_by_phone FROM flows f WHERE {only} ORDER BY f.position, f.id", {})
    phases = rows(
        f"SELECT p.id, p.flow_id, p.name, p.status, p.binding, p.onward FROM phases p JOIN flows f ON f.id = p.flow_id WHERE {only} ORDER BY p.position, p.id",
        {},
    )
    items = rows(
        "SELECT i.id, i.phase_id, i.text FROM checklist_items i JOIN phases p ON p.id = i.phase_id JOIN flows f ON f.id = p.flow_id"
        f" WHERE i.retired_at IS NULL AND {only} ORDER BY i.position, i.id",
        {},
    )
    lists: dict[int, list[Item]] = {}
    for id, phase, words in items:
        lists.setdefault(phase, []).append(Item(id, words))
    of_flow: dict[int, list[Phase]] = {}
    for id, flow, name, status, binding, onward in phases:
        of_flow.setdefault(flow, []).append(
            Phase(id, name, Status(status), Binding(binding), tuple(lists.get(id, ())), _onward(onward))
        )
    return {id: Flow(id, name, tuple(of_flow.get(id, ())), bool(by_phone)) for id, name, by_phone in names}


def hold(work: Any, flow_ids: Iterable[int], *, alone: bool = False) -> None:
    """Keep flows as they are until the end of this work, so that no ticket is put into a phase that goes away meanwhile (P8).

    Who changes tickets shares the hold, who changes the flow has it `alone`. Nothing to do on SQLite, where one writes
    at a time.
    """
    ids = ", ".join(str(int(i)) for i in sorted(set(flow_ids)))
    if work.lock and ids:
        work.rows(f"SELECT id FROM flows WHERE id IN ({ids}) ORDER BY id FOR {'UPDATE' if alone else 'KEY SHARE'}")


def hold_of(work: Any, numbers: Iterable[int]) -> set[int]:
    """As `hold`, the flows of some tickets; which."""
    inside = ", ".join(str(int(n)) for n in numbers)
    if not work.lock or not inside:
        return set()
    return {
        id
        for (id,) in work.rows(
            f"SELECT id FROM flows WHERE id IN (SELECT flow_id FROM tickets WHERE number IN ({inside})) ORDER BY id FOR KEY SHARE"
        )
    }


def _onward(value: Any) -> frozenset[int] | None:
    import json

    if isinstance(value, str):
        value = json.loads(value)
    return None if value is None else frozenset(value)


def in_sight(rows: Rows, actor: Actor) -> tuple[Flow, ...]:
    """The active flows that an actor sees (P3)."""
    seen = scope(actor)
    return tuple(flow for id, flow in read_flows(rows).items() if seen.admits(id))
