"""Merging duplicates and undoing it (Q7).

A merged ticket keeps its state and its timeline, leaves the lists, and hands later replies to its survivor
(`loop.matching.survivor`). What was merged into it goes along, so that a chain is never longer than one step.
"""

import json
from collections.abc import Iterable
from typing import Any

from domain import tickets as rules
from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import may_work, scope
from loop.desk import Desk
from loop.loading import Loaded, load
from loop.matching import survivor
from loop.tickets import on_each
from loop.timeline import record
from loop.views import Done


def merge(desk: Desk, numbers: Iterable[int], into: int, *, actor: Actor) -> Done:
    """Merge tickets into another; into a merged one means into its survivor. A customer who waits, waits there then."""

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        number = one.row.number
        if why := rules.may_merge(actor, one.ticket):
            return why
        if number == into:
            return refuse("merge itself")
        target = _survivor(work, into, actor)
        if isinstance(target, Refusal):
            return target
        if why := rules.may_merge(actor, one.ticket, target.ticket):
            return why
        work.run("UPDATE tickets SET merged_into = :t WHERE merged_into = :n", {"t": target.row.number, "n": number})
        record(
            work, number, "merged", actor=actor, at=desk.now(), into=target.row.number, archived=bool(one.row.archived)
        )
        one.row.merged_into, one.row.archived = target.row.number, True
        target.row.version += 1
        if one.row.unanswered and not target.row.unanswered:
            target.row.unanswered = True
            target.row.last_in_at = max(target.row.last_in_at or 0, one.row.last_in_at or 0) or None
        record(work, target.row.number, "took in", actor=actor, at=desk.now(), number=number)
        return None

    return on_each(desk, numbers, actor, act)


def unmerge(desk: Desk, numbers: Iterable[int], *, actor: Actor) -> Done:
    """Bring merged tickets back as they were; what had been merged into them before comes back to them."""

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        if why := rules.may_unmerge(actor, one.ticket):
            return why
        number, target = one.row.number, one.row.merged_into
        if why := _may_work_there(work, target, actor):
            return why
        one.row.archived = bool(_of_merging(work, number).get("archived", False))
        one.row.merged_into = None
        for (other,) in work.rows("SELECT number FROM tickets WHERE merged_into = :t", {"t": target}):
            if _of_merging(work, other).get("into") == number:
                work.run("UPDATE tickets SET merged_into = :n WHERE number = :o", {"n": number, "o": other})
        record(work, number, "unmerged", actor=actor, at=desk.now(), number=target)
        record(work, target, "unmerged", actor=actor, at=desk.now(), number=number)
        return None

    return on_each(desk, numbers, actor, act)


def _survivor(work: Any, into: int, actor: Actor) -> Loaded | Refusal:
    """The ticket that goes on, locked; out of sight is as if it were not there (P3)."""
    found = load(work, [into], actor).get(into)
    if found is None:
        return refuse("no ticket", number=into)
    number = survivor(work, into)
    if number != into:
        found = load(work, [number], actor).get(number) if number else None
    return found or refuse("no ticket", number=number or into)


def _may_work_there(work: Any, target: int, actor: Actor) -> Refusal | None:
    flow = work.rows("SELECT flow_id FROM tickets WHERE number = :n", {"n": target})[0][0]
    return may_work(actor, flow) if scope(actor).admits(flow) else refuse("no ticket", number=target)


def _of_merging(work: Any, number: int) -> dict[str, Any]:
    """What the newest event of its merging holds: into which ticket it went, and whether it had been archived."""
    found = work.rows(
        "SELECT data FROM events WHERE ticket = :n AND kind = 'merged' ORDER BY id DESC LIMIT 1", {"n": number}
    )
    data = found[0][0] if found else {}
    return json.loads(data) if isinstance(data, str) else data
