"""Moving tickets to another flow, naming the phase (I7)."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from domain import tickets as rules
from domain.flows import Flow, Phase, Status
from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import may_work, scope
from loop.desk import Desk, actors
from loop.flowing import hold, read_flows
from loop.loading import Loaded, logins
from loop.notifications import notify
from loop.tickets import on_each
from loop.timeline import record
from loop.views import Done
from storage.conditions import STATUS


def transfer(
    desk: Desk,
    numbers: Iterable[int],
    flow_id: int,
    phase: str | int | None,
    *,
    actor: Actor,
    resolution: str = "",
    outcome: str = "",
) -> Done:
    """Move tickets to a phase of another flow, by name or id; None is the first phase of the status that the ticket has.

    Who cannot work there loses the ticket to that flow's default assignee, or to nobody; open activities of people who
    cannot work there are nobody's. Into a closed phase it asks for the resolution; what came out is `outcome` (T6).
    """

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        if why := rules.may_change(actor, one.ticket):
            return why
        flow = _target(work, flow_id, actor)
        if isinstance(flow, Refusal):
            return flow
        target = _phase(flow, one.ticket.status, phase)
        if isinstance(target, Refusal):
            return target
        if why := rules.may_transfer(actor, one.ticket, flow, target.id, resolution):
            return why
        _enter(work, one, flow, target, actor, desk.now(), resolution, outcome)
        return None

    return on_each(desk, numbers, actor, act)


def _target(work: Any, flow_id: int, actor: Actor) -> Flow | Refusal:
    """The flow that tickets go to: an active one in the actor's sight (P3)."""
    key = ("flow", flow_id)
    if key not in work.memo:
        hold(work, [flow_id])
        active = work.rows("SELECT 1 FROM flows WHERE id = :id AND active = true", {"id": flow_id})
        work.memo[key] = read_flows(work.rows, [flow_id])[flow_id] if active else None
    flow = work.memo[key]
    return flow if flow and scope(actor).admits(flow_id) else refuse("no flow", flow=flow_id)


def _phase(flow: Flow, status: Status, phase: str | int | None) -> Phase | Refusal:
    if phase is None:
        return flow.first(status)
    if isinstance(phase, str):
        return flow.named(phase)
    found = next((p for p in flow.phases if p.id == phase), None)
    return found or refuse("no phase", phase=phase, phases=tuple(p.name for p in flow.phases))


def _enter(
    work: Any, one: Loaded, flow: Flow, target: Phase, actor: Actor, now: int, resolution: str, outcome: str
) -> None:
    """Put the ticket there, with all that follows from it, and one event."""
    row, here = one.row, one.ticket.flow.phase(one.row.phase_id)
    data: dict[str, Any] = {"old": f"{one.ticket.flow.name} · {here.name}", "new": f"{flow.name} · {target.name}"}
    data |= {"old_flow": one.ticket.flow.id, "new_flow": flow.id}
    if target.status is Status.CLOSED:
        if here.status is not Status.CLOSED:
            row.closed_at, row.resolution, row.outcome = now, resolution.strip(), outcome.strip()
    else:
        row.closed_at = None
    heir, before = _heir(work, one, flow), row.assignee_id
    if heir != before:
        known = logins(work)
        data |= {"old_assignee": known.get(before, ""), "new_assignee": known.get(heir, "")}
    if freed := _free_activities(work, row.number, flow):
        data["activities_freed"] = freed
    row.flow_id, row.phase_id, row.status, row.assignee_id = flow.id, target.id, STATUS[target.status.value], heir
    one.ticket = replace(
        one.ticket, flow=flow, phase_id=target.id, assignee_id=heir, assignee=logins(work).get(heir, "")
    )
    record(work, row.number, "transferred", actor=actor, at=now, **data)
    if heir != before:
        notify(work, [heir], "assigned", ticket=row.number, actor=actor, at=now, flow_id=flow.id)


def _heir(work: Any, one: Loaded, flow: Flow) -> int | None:
    """Who has the ticket in the new flow: whoever had it if they can work there, else the flow's default, else nobody."""
    workers = _workers(work, flow)
    if one.row.assignee_id is None or one.row.assignee_id in workers:
        return one.row.assignee_id
    default = work.rows("SELECT default_assignee_id FROM flows WHERE id = :id", {"id": flow.id})[0][0]
    return default if default in workers else None


def _free_activities(work: Any, number: int, flow: Flow) -> int:
    """Take the activities that are not done from people who cannot work in the flow; how many there were."""
    held = work.rows(
        "SELECT id, responsible_id FROM activities WHERE ticket = :n AND done_at IS NULL AND responsible_id IS NOT NULL",
        {"n": number},
    )
    freed = [id for id, who in held if who not in _workers(work, flow)]
    for id in freed:
        work.run("UPDATE activities SET responsible_id = NULL WHERE id = :id", {"id": id})
    return len(freed)


def _workers(work: Any, flow: Flow) -> frozenset[int]:
    """Who may work in a flow and sees it, read once a work."""
    key = ("workers", flow.id)
    if key not in work.memo:
        everybody = actors(work.rows, "level <> 'none'", {})
        work.memo[key] = frozenset(a.id for a in everybody if a.id and not may_work(a, flow.id))
    return work.memo[key]
