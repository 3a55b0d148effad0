"""Changes of a plan's checklists and members, each a plan from a plan; phases are in `domain.planning`."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from domain.flows import Binding, Status
from domain.people import Role
from domain.planning import in_order, move_phase
from domain.plans import FlowPlan, ItemPlan, MemberPlan

Thing = TypeVar("Thing")


def _items(plan: FlowPlan, key: int, change: Callable[[list[ItemPlan]], Any]) -> FlowPlan:
    phase = plan.phase(key)
    items = list(phase.items)
    change(items)
    return plan.with_phase(replace(phase, items=tuple(items)))


def add_item(plan: FlowPlan, key: int, at: int, text: str) -> FlowPlan:
    """A line more in a phase's checklist, at a place."""
    return _items(plan, key, lambda items: items.insert(at, ItemPlan(None, text)))


def set_item(plan: FlowPlan, key: int, at: int, text: str) -> FlowPlan:
    """Another text for a line, which stays the same line to the tickets that ticked it (P8)."""
    phase = plan.phase(key)
    return _items(plan, key, lambda items: items.__setitem__(at, replace(phase.items[at], text=text)))


def remove_item(plan: FlowPlan, key: int, at: int) -> FlowPlan:
    """The checklist without a line."""
    return _items(plan, key, lambda items: items.pop(at))


def move_item(plan: FlowPlan, key: int, at: int, by: int) -> FlowPlan:
    """A line further up or down."""
    phase = plan.phase(key)
    return plan.with_phase(replace(phase, items=tuple(moved(phase.items, at, by))))


def moved(things: Sequence[Thing], at: int, by: int) -> list[Thing]:
    """The things with one of them moved, as far as there are any."""
    many = list(things)
    many.insert(max(0, min(at + by, len(many) - 1)), many.pop(at))
    return many


def toggle_binding(plan: FlowPlan, key: int) -> FlowPlan:
    """Mandatory becomes optional and the other way round (P7)."""
    phase = plan.phase(key)
    other = Binding.OPTIONAL if phase.binding is Binding.MANDATORY else Binding.MANDATORY
    return plan.with_phase(replace(phase, binding=other))


def rename_phase(plan: FlowPlan, key: int, name: str) -> FlowPlan:
    """Another name for a phase."""
    return plan.with_phase(replace(plan.phase(key), name=name))


def set_onward(plan: FlowPlan, key: int, onward: tuple[int, ...] | None) -> FlowPlan:
    """The phases that may follow; None for any."""
    return plan.with_phase(replace(plan.phase(key), onward=onward))


def to_status(plan: FlowPlan, key: int, by: int) -> FlowPlan:
    """A phase moved into the next or previous status; the plan itself where that cannot be."""
    here, was, before = plan.phase(key).status, plan, in_order(plan)
    for _step in range(len(plan.phases) + 1):
        plan = move_phase(plan, key, by)
        if plan.phase(key).status is not here:
            return plan
        if plan == before:
            break
        before = plan
    return was


def stays_in(plan: FlowPlan, status: Status) -> bool:
    """Whether a status has only one phase, which cannot leave it (P6)."""
    return sum(1 for _phase in plan.of(status)) == 1


def add_member(plan: FlowPlan, member: MemberPlan) -> FlowPlan:
    """One more person or team."""
    return replace(plan, members=(*plan.members, member))


def set_role(plan: FlowPlan, at: int, role: Role) -> FlowPlan:
    """Another role for a member."""
    members = list(plan.members)
    members[at] = replace(members[at], role=role)
    return replace(plan, members=tuple(members))


def remove_member(plan: FlowPlan, at: int) -> FlowPlan:
    """Without a member; a person who leaves is no default assignee any more."""
    gone = plan.members[at]
    left = tuple(m for i, m in enumerate(plan.members) if i != at)
    return (
        replace(plan, members=left)
        if gone.team or gone.name != plan.default_assignee
        else replace(plan, members=left, default_assignee="")
    )


def removed_into(destinations: dict[int, int], key: int, into: int | None) -> dict[int, int]:
    """Where tickets go once a phase is removed too: what went there goes on to where its own go."""
    if into is None:
        return {k: v for k, v in destinations.items() if v != key}
    return {**{k: into if v == key else v for k, v in destinations.items()}, key: into}
