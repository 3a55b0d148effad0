"""The rows of a flow: written as a plan says, with its tickets and ticks kept (P8). The rules were asked by the caller."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from domain.intake import stored
from domain.people import Actor
from domain.plan_words import changed_values
from domain.plans import FlowPlan
from loop.audit import note
from loop.flow_plans import read_plans
from storage.tables import ChecklistItem, FlowMember, FlowRow, PhaseRow

_PLAIN = (
    "name", "days_until_due", "first_contact_hours", "default_priority", "notes_for_all", "reopening", "reopen_days",
    "reachable_by_phone", "signature", "active",
)  # fmt: skip
"""What plan and row call alike."""


def write(work: Any, plan: FlowPlan, current: FlowPlan | None, at: int) -> tuple[int, dict[int, int]]:
    """Write a flow's row, phases, checklists and members; its id, and the ids of the phases by the plan's keys.

    Phases that the plan has no longer stay for `drop`, once their tickets are elsewhere.
    """
    row = work.get(FlowRow, plan.id) if current else None
    if row is None:
        place = work.rows("SELECT COALESCE(MAX(position), -1) + 1 FROM flows")[0][0]
        row = work.add(FlowRow(name=plan.name, position=place))
    for name in _PLAIN:
        setattr(row, name, getattr(plan, name))
    users = dict(work.rows("SELECT login, id FROM users"))
    row.default_assignee_id = users[plan.default_assignee] if plan.default_assignee else None
    surveys = dict(work.rows("SELECT name, id FROM surveys"))
    row.intake = stored(plan.intake, surveys)
    row.intake_from, row.intake_until = plan.intake.answered_from, plan.intake.answered_until
    there = {p.id: p for p in work.where(PhaseRow, flow_id=row.id)} if current else {}
    keys = {}
    for place, phase in enumerate(plan.phases):
        kept = there.get(phase.key)
        if kept is None:
            kept = work.add(PhaseRow(flow_id=row.id, name=phase.name, status=phase.status.value, position=place))
        kept.name, kept.status, kept.position = phase.name, phase.status.value, place
        kept.binding = phase.binding.value
        keys[phase.key] = kept.id
        there[kept.id] = kept
    for phase in plan.phases:
        onward = None if phase.onward is None else [keys[k] for k in phase.onward]
        there[keys[phase.key]].onward = onward
    _write_items(work, plan, current, keys, at)
    _write_members(work, plan, row.id, users)
    return row.id, keys


def _write_items(work: Any, plan: FlowPlan, current: FlowPlan | None, keys: Mapping[int, int], at: int) -> None:
    """Lines keep their id, and with it who ticked them and when; one that is gone is retired (P8)."""
    phases = [p.key for p in current.phases] if current else []
    there = {i.id: i for i in work.many(ChecklistItem, "phase_id", phases, lock=False)}
    kept = set()
    for phase in plan.phases:
        for place, item in enumerate(phase.items):
            row = there.get(item.id)
            if row is None:
                work.add(ChecklistItem(phase_id=keys[phase.key], text=item.text, position=place))
                continue
            kept.add(row.id)
            row.phase_id, row.text, row.position, row.retired_at = keys[phase.key], item.text, place, None
    for id, row in there.items():
        if id not in kept and row.retired_at is None:
            row.retired_at = at


def _write_members(work: Any, plan: FlowPlan, flow_id: int, users: Mapping[str, int]) -> None:
    """Memberships by name and by team (P2)."""
    teams = dict(work.rows("SELECT name, id FROM teams"))
    there = {(m.user_id, m.team_id): m for m in work.where(FlowMember, flow_id=flow_id)}
    for member in plan.members:
        who = (None, teams[member.name]) if member.team else (users[member.name], None)
        row = there.pop(who, None)
        if row is None:
            work.add(FlowMember(flow_id=flow_id, user_id=who[0], team_id=who[1], role=member.role.value))
        else:
            row.role = member.role.value
    for row in there.values():
        work.remove(row)


def move(work: Any, dialect: str, source: int, target: int, *, actor: Actor, at: int) -> int:
    """Put all tickets of a phase into another of its status, each with its event; how many.

    Two statements whatever the number: ten thousand tickets hold nobody up for long.
    """
    names = dict(work.rows("SELECT id, name FROM phases WHERE id IN (:s, :t)", {"s": source, "t": target}))
    data = json.dumps({"old": names[source], "new": names[target]}, ensure_ascii=False)
    as_json = "CAST(:data AS JSON)" if dialect == "postgresql" else ":data"
    by = "CAST(:by AS BIGINT)" if dialect == "postgresql" else ":by"
    work.run(
        f"""INSERT INTO events (ticket, at, kind, actor_id, actor_kind, data)
            SELECT number, CAST(:at AS BIGINT), 'moved', {by}, :kind, {as_json} FROM tickets WHERE phase_id = :s ORDER BY number""",
        {"at": at, "by": actor.id, "kind": actor.kind.value, "data": data, "s": source},
    )
    return int(
        work.run(
            "UPDATE tickets SET phase_id = :t, version = version + 1 WHERE phase_id = :s", {"s": source, "t": target}
        )
    )


def drop(work: Any, current: FlowPlan, keys: Mapping[int, int], moved: Mapping[int, int], at: int) -> None:
    """Take the phases away that are not among the `keys` that `write` gave; their tickets have `moved` by then.

    Their lines are kept by another phase, retired, as ticks refer to them (P8).
    """
    for phase in current.phases:
        if phase.key in keys:
            continue
        heir = moved.get(phase.key) or next(iter(keys.values()))
        work.run(
            "UPDATE checklist_items SET phase_id = :heir, retired_at = COALESCE(retired_at, :at) WHERE phase_id = :gone",
            {"heir": heir, "at": at, "gone": phase.key},
        )
        work.run("DELETE FROM phases WHERE id = :gone", {"gone": phase.key})


def write_new(work: Any, plan: FlowPlan, at: int) -> int:
    """Write a flow where there is nobody to ask yet, as the first one of a new database; its id."""
    return write(work, replace(plan, id=None), None, at)[0]


def changed_elsewhere(work: Any, before: Mapping[int, FlowPlan], *, actor: Actor, at: int) -> None:
    """What flows name was changed, such as a survey or a team: a line and a version for each flow that says something else now.

    So whoever edits it meanwhile is told. `before` are the plans as they were.
    """
    for flow, plan in read_plans(work.rows, before).items():
        was, now = changed_values(before[flow], plan)
        if was != now:
            work.run("UPDATE flows SET version = version + 1 WHERE id = :flow", {"flow": flow})
            note(
                work,
                actor=actor,
                at=at,
                what="changed",
                target="flow",
                target_id=flow,
                name=plan.name,
                old=was,
                new=now,
            )
