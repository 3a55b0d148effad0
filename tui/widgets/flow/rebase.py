"""Somebody else saved first: what I changed, put on top of what they saved (P8).

Field by field and phase by phase: what only I touched is mine, what only they touched is theirs, and what both touched
is theirs, unless `mine_wins`.
"""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from domain.planning import in_order
from domain.plans import FlowPlan, IntakePlan, ItemPlan, MemberPlan, PhasePlan


def rebase(base: FlowPlan, mine: FlowPlan, theirs: FlowPlan, *, mine_wins: bool = False) -> FlowPlan:
    """My changes of `base` on top of `theirs`, whose id and version it has."""

    def pick(was: Any, my: Any, their: Any) -> Any:
        if my == was:
            return their
        return my if their == was or mine_wins else their

    own = {"id", "version", "phases", "members", "intake"}
    merged: dict[str, Any] = {
        f.name: pick(getattr(base, f.name), getattr(mine, f.name), getattr(theirs, f.name))
        for f in fields(FlowPlan)
        if f.name not in own
    }
    merged["intake"] = IntakePlan(
        **{
            f.name: pick(getattr(base.intake, f.name), getattr(mine.intake, f.name), getattr(theirs.intake, f.name))
            for f in fields(IntakePlan)
        }
    )
    merged["members"] = _members(base.members, mine.members, theirs.members, pick)
    return in_order(replace(theirs, **merged, phases=_phases(base, mine, theirs, pick, mine_wins)))


def _members(
    base: Sequence[MemberPlan], mine: Sequence[MemberPlan], theirs: Sequence[MemberPlan], pick: Any
) -> tuple[MemberPlan, ...]:
    was, my, their = ({(m.name, m.team): m for m in some} for some in (base, mine, theirs))
    merged = (pick(was.get(k), my.get(k), their.get(k)) for k in dict.fromkeys([*their, *my, *was]))
    return tuple(m for m in merged if m is not None)


def _phases(base: FlowPlan, mine: FlowPlan, theirs: FlowPlan, pick: Any, mine_wins: bool) -> tuple[PhasePlan, ...]:
    was, my, their = ({p.key: p for p in plan.phases} for plan in (base, mine, theirs))
    merged: dict[int, PhasePlan] = {}
    for key in dict.fromkeys([*their, *my]):
        a, b, c = was.get(key), my.get(key), their.get(key)
        if a is None or (b is not None and c is not None):
            merged[key] = _phase(a, b, c, pick, mine_wins) if a and b and c else (c or b)  # type: ignore[assignment]
        elif b is None and c is not None and c != a and not mine_wins:
            merged[key] = c  # I removed what they went on shaping: it stays
    common = [k for k in was if k in my and k in their and k in merged]
    my_order = [k for k in my if k in common]
    moved_by_me = my_order != common
    moved_by_them = [k for k in their if k in common] != common
    lead, follow = (my, their) if moved_by_me and (mine_wins or not moved_by_them) else (their, my)
    order = _woven([k for k in lead if k in merged], [k for k in follow if k in merged])
    return tuple(
        replace(p, onward=None if p.onward is None else tuple(k for k in p.onward if k in merged))
        for p in (merged[k] for k in order)
    )


def _phase(was: PhasePlan, my: PhasePlan, their: PhasePlan, pick: Any, mine_wins: bool) -> PhasePlan:
    items = pick(was.items, my.items, their.items)
    if my.items != was.items and their.items != was.items:
        items = _items(was.items, my.items, their.items, mine_wins)
    return replace(
        their,
        name=pick(was.name, my.name, their.name),
        status=pick(was.status, my.status, their.status),
        binding=pick(was.binding, my.binding, their.binding),
        onward=pick(was.onward, my.onward, their.onward),
        items=items,
    )


def _items(
    base: Sequence[ItemPlan], mine: Sequence[ItemPlan], theirs: Sequence[ItemPlan], mine_wins: bool
) -> tuple[ItemPlan, ...]:
    """Both changed one checklist: lines by their id, those that are not saved yet by their text."""

    def by_key(items: Sequence[ItemPlan]) -> dict[int | str, ItemPlan]:
        return {i.id if i.id is not None else i.text: i for i in items}

    was, my, their = by_key(base), by_key(mine), by_key(theirs)
    merged: dict[int | str, ItemPlan] = {}
    for key in dict.fromkeys([*their, *my]):
        a, b, c = was.get(key), my.get(key), their.get(key)
        if b is not None and c is not None:
            merged[key] = b if a is not None and b != a and (c == a or mine_wins) else c
        elif a is None:
            merged[key] = c or b  # type: ignore[assignment]
        elif b is None and c is not None and c != a and not mine_wins:
            merged[key] = c
    return tuple(merged[k] for k in _woven([k for k in their if k in merged], [k for k in my if k in merged]))


def _woven(lead: list[Any], follow: list[Any]) -> list[Any]:
    """All of `lead` in its order; what only `follow` has stands behind what it stands behind there."""
    order = list(lead)
    for place, key in enumerate(follow):
        if key not in order:
            before = next((k for k in reversed(follow[:place]) if k in order), None)
            order.insert(0 if before is None else order.index(before) + 1, key)
    return order


def renewed(plan: FlowPlan, base: FlowPlan) -> FlowPlan:
    """The plan on the ground of `base`: phases that are not there any more are new ones, with new lines."""
    there = {p.key for p in base.phases}
    keys = {p.key: p.key for p in plan.phases}
    fresh = plan.new_key()
    for key in keys:
        if key > 0 and key not in there:
            keys[key], fresh = fresh, fresh - 1
    phases = tuple(
        replace(
            p,
            key=keys[p.key],
            items=p.items if keys[p.key] == p.key else tuple(replace(i, id=None) for i in p.items),
            onward=None if p.onward is None else tuple(keys[k] for k in p.onward if k in keys),
        )
        for p in plan.phases
    )
    return replace(plan, id=base.id, version=base.version, phases=phases)
