"""Saving a flow while tickets are in it (P8)."""

import time
from dataclasses import replace

from domain.flows import Status
from domain.people import Actor
from domain.planning import add_phase, remove_phase
from domain.plans import FlowPlan, ItemPlan
from loop import flows
from loop.desk import Desk
from loop.setup_views import Saved

NEAR = 10_000
"""The flow with about so many tickets is saved."""


def saves(desk: Desk, owner: Actor) -> dict[str, tuple[float, int]]:
    """Milliseconds, and the tickets in the flow, by what was changed: each is done once, on a world that may be spoilt."""
    every = flows.flows(desk, actor=owner)
    near = min(every, key=lambda flow: abs(flow.open + flow.progress + flow.closed - NEAR))
    count, found = near.open + near.progress + near.closed, {}

    def save(name: str, plan: FlowPlan, destinations: dict[int, int] | None = None) -> FlowPlan:
        began = time.perf_counter()
        saved = flows.save(desk, plan, actor=owner, destinations=destinations or {})
        found[name] = ((time.perf_counter() - began) * 1000, count)
        if not isinstance(saved, Saved):
            raise RuntimeError(str(saved))
        return _plan(desk, near.id, owner)

    plan = _plan(desk, near.id, owner)
    plan = save("its name and due days", replace(plan, name=plan.name + " B", days_until_due=5))
    first = plan.phases[1]
    plan = save(
        "a line added to a checklist", plan.with_phase(replace(first, items=(*first.items, ItemPlan(None, "X"))))
    )
    gone = next(p for p in plan.phases if p.status is Status.CLOSED)
    plan = add_phase(plan, None, Status.CLOSED, "Outra")
    taker = plan.phases[-1].key
    save("a closed phase removed, its tickets moved", remove_phase(plan, gone.key), {gone.key: taker})
    return found


def _plan(desk: Desk, flow: int, owner: Actor) -> FlowPlan:
    plan = flows.plan(desk, flow, actor=owner)
    if not isinstance(plan, FlowPlan):
        raise RuntimeError(str(plan))
    return plan
