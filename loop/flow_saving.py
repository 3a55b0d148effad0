"""Saving a flow's plan while tickets are in it (P4–P8): who may, and what stands in the way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from domain.people import Actor, ActorKind, Level, Role, effective
from domain.plan_words import changed_values, differences, role_word, status_word, with_values
from domain.planning import tidy, troubles
from domain.plans import Difference, FlowPlan, MemberPlan
from domain.refusals import Refusal, refuse
from domain.rights import may_edit_flow, may_manage, may_work, scope
from domain.text import _, fold
from loop.audit import note
from loop.desk import Desk, actors
from loop.flow_plans import decoded, read_plans
from loop.flow_writing import drop, move, write
from loop.flowing import hold
from loop.handing import hand_over
from loop.people import standing
from loop.setup_views import Conflict, Saved


class _Stop(Exception):
    """Ends the transaction with nothing written; holds what is said instead."""

    def __init__(self, why: Refusal | Conflict) -> None:
        super().__init__(str(why))
        self.why = why


@dataclass(frozen=True)
class _Written:
    saved: Saved
    lost: tuple[tuple[int, str], ...]
    """People (id, login) who could work in the flow before and cannot now."""


def save(
    desk: Desk, plan: FlowPlan, *, actor: Actor, destinations: Mapping[int, int] | None = None
) -> Saved | Conflict | Refusal:
    """Save a plan; one without an id becomes a new flow, behind the others in the order of intake.

    `destinations` names, for each removed phase that holds tickets, the phase of the plan that takes them, by keys (P8).
    It must be of the same status: starting (T2) and closing (T6) are acts of their own, which no change of a flow does
    for people. For the same reason a phase that holds tickets keeps its status. Each of those tickets gets a `moved`
    event by the actor, in the same transaction. Open tickets of who can work in the flow no longer go to its default
    assignee, else to nobody; the changes say how many.

    A Conflict, and nothing saved, when somebody saved the flow after the plan was read.
    """
    plan = tidy(plan)
    if why := may_manage(actor) if plan.id is None else may_change(actor, plan.id):
        return why
    if wrong := troubles(plan):
        return refuse("plan", troubles=" ".join(wrong))
    try:
        written = desk.db.transact(lambda work: _save(desk, work, plan, actor, dict(destinations or {})))
    except _Stop as stop:
        return stop.why
    handed = [change for user, login in written.lost if (change := _hand_over(desk, user, login, actor))]
    return replace(written.saved, changes=(*written.saved.changes, *handed))


def may_change(actor: Actor, flow_id: int) -> Refusal | None:
    """Whether the actor may change that flow: it must be in their sight, and theirs to edit (P3, P4)."""
    if not scope(actor).admits(flow_id):
        return refuse("no flow", flow=f"#{flow_id}")
    return may_edit_flow(actor, flow_id)


def _save(desk: Desk, work: Any, plan: FlowPlan, actor: Actor, destinations: dict[int, int]) -> _Written:
    """One transaction: everything, or nothing and why."""
    work.alone("set-up")
    at, who = desk.now(), standing(work, actor)
    _stop_if(may_manage(who) if plan.id is None else may_change(who, plan.id))
    current: FlowPlan | None = None
    if plan.id is None:
        plan = _with_maker(plan, who)
    else:
        hold(work, [plan.id], alone=True)
        current = read_plans(work.rows, [plan.id]).get(plan.id)
        if current is None:
            raise _Stop(refuse("no flow", flow=plan.name))
        if current.version != plan.version:
            raise _Stop(_conflict(work, current, plan.version))
    _stop_if(_name_trouble(work, plan) or _member_trouble(work, plan, current) or _key_trouble(work, plan, current))
    moves = _moves(work, plan, current, destinations)
    before = _workers(work, plan.id)
    flow, keys = write(work, plan, current, at)
    for old, new in moves.items():
        move(work, desk.db.dialect, old, keys[new], actor=actor, at=at)
    if current:
        drop(work, current, keys, {old: keys[new] for old, new in moves.items()}, at)
    after = _workers(work, flow)
    if plan.active and plan.default_assignee and plan.default_assignee not in after.values():
        raise _Stop(refuse("cannot work", login=plan.default_assignee))
    final = read_plans(work.rows, [flow])[flow]
    old_values, new_values = changed_values(current, final)
    if old_values != new_values:
        if current:
            work.run("UPDATE flows SET version = version + 1 WHERE id = :id", {"id": flow})
        what = _what(current, old_values, final)
        note(work, actor=actor, at=at, what=what, target="flow", target_id=flow, name=final.name, old=old_values,
             new=new_values)  # fmt: skip
    lost = tuple((id, login) for id, login in before.items() if id not in after)
    return _Written(Saved(flow, differences(current, final)), lost)


def _stop_if(why: Refusal | None) -> None:
    if why:
        raise _Stop(why)


def _what(current: FlowPlan | None, changed: Iterable[str], final: FlowPlan) -> str:
    if current is None:
        return "created"
    if set(changed) == {"active"}:
        return "activated" if final.active else "deactivated"
    return "changed"


def _with_maker(plan: FlowPlan, maker: Actor) -> FlowPlan:
    """Who makes a flow is an administrator in it, or it would be out of their sight at once; the owner sees all anyway (P3)."""
    if maker.is_owner or maker.kind is not ActorKind.PERSON:
        return plan
    others = tuple(m for m in plan.members if m.team or m.name != maker.login)
    return replace(plan, members=(MemberPlan(maker.login, Role.ADMINISTRATOR), *others))


def _conflict(work: Any, current: FlowPlan, since: int) -> Conflict:
    """Who changed the flow after a version of it was read, and what. Each change is one version and one line of the audit."""
    lines = work.rows(
        """SELECT a.at, u.login, a.old FROM audit a LEFT JOIN users u ON u.id = a.actor_id
           WHERE a.target = 'flow' AND a.target_id = :id ORDER BY a.id DESC LIMIT :n""",
        {"id": current.id, "n": max(0, min(current.version - since, 1_000))},
    )
    read = current
    for __, __, old in lines:
        read = with_values(read, decoded(old))
    at, by = (lines[0][0], lines[0][1] or ActorKind.PROGRAM.value) if lines else (0, ActorKind.PROGRAM.value)
    return Conflict(by, at, differences(read, current))


def _name_trouble(work: Any, plan: FlowPlan) -> Refusal | None:
    for id, name in work.rows("SELECT id, name FROM flows"):
        if id != plan.id and fold(name) == fold(plan.name):
            return refuse("name taken", name=name)
    return None


def _member_trouble(work: Any, plan: FlowPlan, current: FlowPlan | None) -> Refusal | None:
    """Who comes in, or gets another role, must be here, with a level that reaches as far (P1, P4)."""
    there = set(current.members) if current else set()
    fresh = [m for m in plan.members if m not in there]
    teams = {name for (name,) in work.rows("SELECT name FROM teams")}
    levels = {login: Level(level) for login, level in work.rows("SELECT login, level FROM users WHERE active = true")}
    for member in fresh:
        if member.team:
            if member.name not in teams:
                return refuse("no team", name=member.name)
            continue
        level = levels.get(member.name)
        if level is None:
            return refuse("no user", login=member.name)
        if level is Level.NONE:
            return refuse("no level", login=member.name)
        if effective(level, member.role) is not member.role:
            return refuse("role above level", login=member.name, level=level, role=role_word(member.role))
    if plan.default_assignee and plan.default_assignee not in levels:
        return refuse("no user", login=plan.default_assignee)
    return None


def _key_trouble(work: Any, plan: FlowPlan, current: FlowPlan | None) -> Refusal | None:
    """Phases and lines that a plan says are saved must be this flow's."""
    if current is None:
        return None
    phases = {p.key for p in current.phases}
    for phase in plan.phases:
        if phase.key > 0 and phase.key not in phases:
            return refuse("no phase", phase=phase.name, phases=tuple(p.name for p in current.phases))
    items = {
        id
        for (id,) in work.rows(
            "SELECT i.id FROM checklist_items i JOIN phases p ON p.id = i.phase_id WHERE p.flow_id = :f",
            {"f": current.id},
        )
    }
    named = [i.id for p in plan.phases for i in p.items if i.id is not None]
    return None if set(named) <= items and len(set(named)) == len(named) else refuse("no such item")


def _moves(work: Any, plan: FlowPlan, current: FlowPlan | None, destinations: Mapping[int, int]) -> dict[int, int]:
    """Which phase's tickets go where, for the removed ones that hold some; raises _Stop where that may not be (P8)."""
    if current is None:
        return {}
    left = {p.key: p for p in plan.phases}
    counts = dict(
        work.rows("SELECT phase_id, COUNT(*) FROM tickets WHERE flow_id = :f GROUP BY phase_id", {"f": current.id})
        if any(p.key not in left or left[p.key].status is not p.status for p in current.phases)
        else ()
    )
    moves: dict[int, int] = {}
    for phase in current.phases:
        count, status = counts.get(phase.key, 0), status_word(phase.status)
        stays = left.get(phase.key)
        if not count or (stays and stays.status is phase.status):
            continue
        if stays:
            raise _Stop(refuse("status in use", phase=phase.name, count=count, status=status))
        if phase.key not in destinations:
            raise _Stop(refuse("phase in use", phase=phase.name, count=count, status=status))
        target = left.get(destinations[phase.key])
        if target is None:
            raise _Stop(refuse("no destination", phase=phase.name))
        if target.status is not phase.status:
            raise _Stop(refuse("wrong destination", phase=phase.name, status=status, target=target.name))
        moves[phase.key] = target.key
    return moves


def _workers(work: Any, flow_id: int | None) -> dict[int, str]:
    """Who can be given tickets of a flow: logins by id."""
    if flow_id is None:
        return {}
    found = actors(work.rows, "level <> 'none'", {})
    return {a.id: a.login for a in found if a.id is not None and may_work(a, flow_id) is None}


def _hand_over(desk: Desk, user: int, login: str, actor: Actor) -> Difference | None:
    """Where the open tickets of somebody who left went; None if there were none."""
    given = hand_over(desk, user, actor=actor)
    if not given:
        return None
    whom = ", ".join(f"{to or _('nobody')} ({count})" for to, count in sorted(given.items()))
    return Difference(_("open tickets of {login}").format(login=login), f"{login} ({given.total()})", whom)


def activate(desk: Desk, flow_id: int, *, on: bool, actor: Actor) -> Saved | Conflict | Refusal:
    """Switch a flow on or off; off, it takes no answers and is not listed, and its tickets stay where they are (P5)."""
    plan = read_plans(desk.db.rows, [flow_id]).get(flow_id)
    if plan is None:
        return refuse("no flow", flow=f"#{flow_id}")
    return save(desk, replace(plan, active=on), actor=actor)


def reorder(desk: Desk, flow_ids: Iterable[int], *, actor: Actor) -> Saved | Refusal:
    """Put flows in an order, the one in which they are asked for an answer (I5); those not named come behind, as they were.

    The owner's, or an administrator's who may edit all flows: the order decides what each of them gets.
    """
    wanted = list(dict.fromkeys(flow_ids))

    def act(work: Any) -> Saved | Refusal:
        work.alone("set-up")
        who = standing(work, actor)
        were = work.rows("SELECT id, name FROM flows ORDER BY position, id")
        known = dict(were)
        for id in wanted:
            if id not in known or not scope(who).admits(id):
                return refuse("no flow", flow=f"#{id}")
        for id in known:
            if may_edit_flow(who, id):
                return refuse("not all flows")
        order = [*wanted, *(id for id, __ in were if id not in wanted)]
        old, new = [name for __, name in were], [known[id] for id in order]
        if old == new:
            return Saved(order[0] if order else 0)
        for place, id in enumerate(order):
            work.run("UPDATE flows SET position = :p WHERE id = :id", {"p": place, "id": id})
        note(work, actor=actor, at=desk.now(), what="reordered", target="flow", target_id=None, name="",
             old={"order": old}, new={"order": new})  # fmt: skip
        return Saved(order[0], (Difference(_("order of the flows"), ", ".join(old), ", ".join(new)),))

    return desk.db.transact(act)
