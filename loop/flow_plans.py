"""Flows as plans, read from the database; and the plan that a new flow begins with (P5, P6)."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from domain.flows import Binding, Status
from domain.intake import read as read_intake
from domain.people import Role
from domain.plans import FlowPlan, ItemPlan, MemberPlan, PhasePlan
from loop.flowing import Rows

PhaseSpec = tuple[str, Status, Binding, Sequence[str]]
"""Name, status, whether its checklist is mandatory, the checklist's lines."""

_FREE, _HELD = Binding.OPTIONAL, Binding.MANDATORY
_FIRST: dict[str, tuple[PhaseSpec, ...]] = {
    "pt": (
        ("Novo", Status.PENDING, _FREE, ()),
        ("Contato", Status.PROGRESS, _HELD, ("Li a resposta e o histórico", "Falei com o cliente")),
        ("Solução", Status.PROGRESS, _FREE, ("Combinei o que será feito",)),
        ("Resolvido", Status.CLOSED, _FREE, ()),
        ("Sem retorno", Status.CLOSED, _FREE, ()),
    ),
    "en": (
        ("New", Status.PENDING, _FREE, ()),
        ("Contacting", Status.PROGRESS, _HELD, ("Read the answer and the history", "Talked with the customer")),
        ("Solving", Status.PROGRESS, _FREE, ("Agreed on what will be done",)),
        ("Solved", Status.CLOSED, _FREE, ()),
        ("No answer", Status.CLOSED, _FREE, ()),
    ),
}


def new_plan(language: str = "en", name: str = "") -> FlowPlan:
    """A plan to begin with, in a language of data ('pt', else English): few phases, plain, and meant to be changed."""
    return FlowPlan(None, name, phases_of(_FIRST["pt" if language.lower().startswith("pt") else "en"]))


def phases_of(specs: Iterable[PhaseSpec]) -> tuple[PhasePlan, ...]:
    """Phases of a plan that is not saved yet, from plain words."""
    return tuple(
        PhasePlan(-n, name, status, binding, tuple(ItemPlan(None, text) for text in items))
        for n, (name, status, binding, items) in enumerate(specs, start=1)
    )


def read_plans(rows: Rows, ids: Iterable[int] | None = None) -> dict[int, FlowPlan]:
    """The plans of some flows (None: of all) by id, in the admin's order; those that are not there are left out."""
    wanted = None if ids is None else sorted({int(i) for i in ids})
    if wanted == []:
        return {}
    only = "1 = 1" if wanted is None else f"f.id IN ({', '.join(map(str, wanted))})"
    phases, members = _phases(rows, only), _members(rows, only)
    surveys = dict(rows("SELECT id, name FROM surveys", {}))
    plans = {}
    for (
        id, name, active, assignee, days, hours, priority, for_all, reopening, within, phone, intake, start, end, signature, version,
    ) in rows(
        f"""SELECT f.id, f.name, f.active, u.login, f.days_until_due, f.first_contact_hours, f.default_priority, f.notes_for_all,
                   f.reopening, f.reopen_days, f.reachable_by_phone, f.intake, f.intake_from, f.intake_until, f.signature, f.version
            FROM flows f LEFT JOIN users u ON u.id = f.default_assignee_id WHERE {only} ORDER BY f.position, f.id""",
        {},
    ):  # fmt: skip
        plans[id] = FlowPlan(
            id=id,
            name=name,
            phases=tuple(phases.get(id, ())),
            members=tuple(members.get(id, ())),
            default_assignee=assignee or "",
            days_until_due=days,
            first_contact_hours=hours,
            default_priority=priority,
            notes_for_all=bool(for_all),
            reopening=reopening,
            reopen_days=within,
            reachable_by_phone=bool(phone),
            intake=read_intake(decoded(intake) or {}, surveys, start, end),
            signature=signature,
            active=bool(active),
            version=version,
        )
    return plans


def _phases(rows: Rows, only: str) -> dict[int, list[PhasePlan]]:
    items: dict[int, list[ItemPlan]] = {}
    for id, phase, text in rows(
        "SELECT i.id, i.phase_id, i.text FROM checklist_items i JOIN phases p ON p.id = i.phase_id JOIN flows f ON f.id = p.flow_id"
        f" WHERE i.retired_at IS NULL AND {only} ORDER BY i.position, i.id",
        {},
    ):
        items.setdefault(phase, []).append(ItemPlan(id, text))
    phases: dict[int, list[PhasePlan]] = {}
    for id, flow, name, status, binding, onward in rows(
        f"""SELECT p.id, p.flow_id, p.name, p.status, p.binding, p.onward FROM phases p JOIN flows f ON f.id = p.flow_id
            WHERE {only} ORDER BY p.position, p.id""",
        {},
    ):
        ways = decoded(onward)
        phases.setdefault(flow, []).append(
            PhasePlan(
                id,
                name,
                Status(status),
                Binding(binding),
                tuple(items.get(id, ())),
                None if ways is None else tuple(ways),
            )
        )
    return phases


def _members(rows: Rows, only: str) -> dict[int, list[MemberPlan]]:
    members: dict[int, list[MemberPlan]] = {}
    for flow, login, team, role in rows(
        f"""SELECT m.flow_id, u.login, t.name, m.role FROM flow_members m JOIN flows f ON f.id = m.flow_id
            LEFT JOIN users u ON u.id = m.user_id LEFT JOIN teams t ON t.id = m.team_id WHERE {only} ORDER BY m.id""",
        {},
    ):
        if name := login or team:
            members.setdefault(flow, []).append(MemberPlan(name, Role(role), team=login is None))
    return members


def decoded(value: Any) -> Any:
    """A JSON column as either driver gives it."""
    return json.loads(value) if isinstance(value, str) else value
