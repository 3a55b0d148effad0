"""A flow's plan in words and plain values: what differs between two, as editors and the audit tell it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from domain.flows import Binding, Status
from domain.people import Role
from domain.plans import Difference, FlowPlan, IntakePlan, ItemPlan, MemberPlan, PhasePlan
from domain.text import _, ngettext

_UNKEPT = ("id", "version")


def values(plan: FlowPlan) -> dict[str, Any]:
    """A plan as plain values for JSON, field by field, as the audit keeps them."""
    return {f.name: _plain(getattr(plan, f.name)) for f in fields(plan) if f.name not in _UNKEPT}


def _plain(value: Any) -> Any:
    if isinstance(value, IntakePlan):
        return asdict(value)
    if isinstance(value, tuple):
        return [asdict(v) for v in value]
    return value


def changed_values(old: FlowPlan | None, new: FlowPlan | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields that differ, before and after, as plain values; all of them of a flow that is new or gone."""
    before, after = values(old) if old else {}, values(new) if new else {}
    names = [n for n in {**before, **after} if n not in before or n not in after or before[n] != after[n]]
    return {n: before[n] for n in names if n in before}, {n: after[n] for n in names if n in after}


def with_values(plan: FlowPlan, kept: Mapping[str, Any]) -> FlowPlan:
    """The plan with some fields as the audit kept them; fields that are not known (any more) are left out."""
    known = {f.name for f in fields(FlowPlan)} - set(_UNKEPT)
    read = {"phases": _phases, "members": _members, "intake": _intake}
    return replace(plan, **{n: read.get(n, lambda v: v)(v) for n, v in kept.items() if n in known})


def _phases(kept: list[dict[str, Any]]) -> tuple[PhasePlan, ...]:
    return tuple(
        PhasePlan(
            p["key"],
            p["name"],
            Status(p["status"]),
            Binding(p["binding"]),
            tuple(ItemPlan(**i) for i in p["items"]),
            None if p["onward"] is None else tuple(p["onward"]),
        )
        for p in kept
    )


def _members(kept: list[dict[str, Any]]) -> tuple[MemberPlan, ...]:
    return tuple(MemberPlan(m["name"], Role(m["role"]), m["team"]) for m in kept)


def _intake(kept: dict[str, Any]) -> IntakePlan:
    lists = {n: tuple(kept[n]) for n in ("surveys", "classes", "keywords")}
    return IntakePlan(**{**kept, **lists, "attributes": tuple((k, tuple(v)) for k, v in kept["attributes"])})


def told(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Difference, ...]:
    """The differences that a line of the audit about a flow tells, in the reader's language."""
    nothing = FlowPlan(None, "", ())
    if "order" in new:
        return (
            Difference(_("order of the flows"), *(", ".join(map(str, some.get("order", ()))) for some in (old, new))),
        )
    try:
        return differences(with_values(nothing, old), with_values(nothing, new))
    except (KeyError, TypeError, ValueError):  # written by another version of Retorno
        return (Difference("", json.dumps(dict(old), ensure_ascii=False), json.dumps(dict(new), ensure_ascii=False)),)


def differences(old: FlowPlan | None, new: FlowPlan) -> tuple[Difference, ...]:
    """What differs between two plans, in words; phases are the same when their keys are. Without an old one, all of it."""
    old = old or FlowPlan(None, "", ())
    return tuple(Difference(*d) for d in _differences(old, new) if d[1] != d[2])


def _differences(old: FlowPlan, new: FlowPlan) -> Iterator[tuple[str, str, str]]:
    for label, tell in _FIELDS:
        yield label(), tell(old), tell(new)
    before, after = {p.key: p for p in old.phases}, {p.key: p for p in new.phases}
    for key in dict.fromkeys([*before, *after]):
        yield from _phase_differences(before.get(key), after.get(key), old, new)
    stayed = [k for k in after if k in before]
    if stayed != [k for k in before if k in after]:
        yield _("order of the phases"), _names(old, [*before]), _names(new, [*after])
    were, are = ({(m.name, m.team): m.role for m in p.members} for p in (old, new))
    for name, team in dict.fromkeys([*were, *are]):
        label = (_("team {name}") if team else _("member {name}")).format(name=name)
        yield label, *(role_word(roles.get((name, team))) for roles in (were, are))


def _phase_differences(
    was: PhasePlan | None, now: PhasePlan | None, old: FlowPlan, new: FlowPlan
) -> Iterator[tuple[str, str, str]]:
    either = now or was
    assert either
    label = _("phase {phase}").format(phase=either.name)
    if not was or not now:
        yield label, _whole(was), _whole(now)
        return
    yield label + " · " + _("name"), was.name, now.name
    yield label + " · " + _("status"), status_word(was.status), status_word(now.status)
    if was.items or now.items:
        yield label + " · " + _("checklist is"), binding_word(was.binding), binding_word(now.binding)
    yield label + " · " + _("leads to"), _onward(was, old), _onward(now, new)
    # A line is the same by its id; one that is not saved yet, by its text.
    lines = [{i.id if i.id is not None else i.text: i.text for i in p.items} for p in (was, now)]
    for key in dict.fromkeys([*lines[0], *lines[1]]):
        yield label + " · " + _("checklist"), lines[0].get(key, ""), lines[1].get(key, "")
    stayed = [[k for k in some if k in other] for some, other in (lines, lines[::-1])]
    if stayed[0] != stayed[1]:
        yield label + " · " + _("order of the checklist"), *("; ".join(some.values()) for some in lines)


def _whole(phase: PhasePlan | None) -> str:
    """A phase in a word: its status and its checklist."""
    if phase is None:
        return ""
    items = "; ".join(i.text for i in phase.items)
    return status_word(phase.status) + (f" · {binding_word(phase.binding)}: {items}" if items else "")


def _names(plan: FlowPlan, keys: Sequence[int]) -> str:
    known = {p.key: p.name for p in plan.phases}
    return ", ".join(known[k] for k in keys if k in known)


def _onward(phase: PhasePlan, plan: FlowPlan) -> str:
    if phase.onward is None:
        return _("any phase")
    return _names(plan, [p.key for p in plan.phases if p.key in phase.onward]) or _("none")


def status_word(status: Status) -> str:
    """A status in the reader's language."""
    return {Status.PENDING: _("pending"), Status.PROGRESS: _("in progress"), Status.CLOSED: _("closed")}[status]


def role_word(role: Role | None) -> str:
    """A role in the reader's language; '' for none."""
    words = {Role.ANALYST: _("analyst"), Role.AGENT: _("agent"), Role.ADMINISTRATOR: _("administrator")}
    return words[role] if role else ""


def binding_word(binding: Binding) -> str:
    """Whether a checklist holds a ticket, in the reader's language."""
    return _("mandatory") if binding is Binding.MANDATORY else _("optional")


def class_word(klass: str) -> str:
    """A class of scores in the reader's language."""
    words = {"detractor": _("detractor"), "neutral": _("neutral"), "promoter": _("promoter")}
    return words.get(klass, klass)


def priority_word(number: int) -> str:
    """A priority in the reader's language."""
    return {1: _("high"), 2: _("medium"), 3: _("low")}.get(number, str(number))


def _reopening(plan: FlowPlan) -> str:
    if plan.reopening == "days":
        return ngettext("reopens within {n} day", "reopens within {n} days", plan.reopen_days).format(
            n=plan.reopen_days
        )
    return _("opens a new ticket") if plan.reopening == "new" else _("reopens")


def _yes(on: bool) -> str:
    return _("yes") if on else _("no")


def scores(intake: IntakePlan) -> str:
    """The scores that are taken: “0–6”, “from 9”; '' for all."""
    low, high = intake.score_from, intake.score_to
    if low is None and high is None:
        return ""
    if low is None:
        return _("up to {score}").format(score=high)
    if high is None:
        return _("from {score}").format(score=low)
    return str(low) if low == high else f"{low}–{high}"


def moment(at: int | None) -> str:
    """A moment as a date where the reader is, as forms ask for it, with the time where it is not midnight; '' for none."""
    if at is None:
        return ""
    try:
        when = datetime.fromtimestamp(at / 1000).astimezone()
    except (OverflowError, ValueError, OSError):
        return str(at)
    return when.strftime(_("%Y-%m-%d") if (when.hour, when.minute) == (0, 0) else _("%Y-%m-%d %H:%M"))


def day(at: int) -> str:
    """The date where the reader is of a moment, Unix ms."""
    return datetime.fromtimestamp(at / 1000).astimezone().strftime(_("%Y-%m-%d"))


def _attributes(intake: IntakePlan) -> str:
    return "; ".join(f"{name}: {', '.join(wanted)}" for name, wanted in intake.attributes)


_FIELDS: tuple[tuple[Any, Any], ...] = (
    (lambda: _("name"), lambda p: p.name),
    (lambda: _("active"), lambda p: _yes(p.active)),
    (lambda: _("default assignee"), lambda p: p.default_assignee),
    (lambda: _("days until due"), lambda p: str(p.days_until_due)),
    (
        lambda: _("hours to first contact"),
        lambda p: "" if p.first_contact_hours is None else str(p.first_contact_hours),
    ),
    (lambda: _("default priority"), lambda p: priority_word(p.default_priority)),
    (lambda: _("notes for all members"), lambda p: _yes(p.notes_for_all)),
    (lambda: _("a reply after closing"), _reopening),
    (lambda: _("reachable by phone"), lambda p: _yes(p.reachable_by_phone)),
    (lambda: _("signature"), lambda p: p.signature),
    (lambda: _("surveys"), lambda p: ", ".join(p.intake.surveys)),
    (lambda: _("classes"), lambda p: ", ".join(map(class_word, p.intake.classes))),
    (lambda: _("scores"), lambda p: scores(p.intake)),
    (lambda: _("attributes"), lambda p: _attributes(p.intake)),
    (lambda: _("keywords"), lambda p: ", ".join(p.intake.keywords)),
    (lambda: _("answered from"), lambda p: moment(p.intake.answered_from)),
    (lambda: _("answered before"), lambda p: moment(p.intake.answered_until)),
)
"""What is compared besides phases and members: its name, and how it is told. Functions, as the language is chosen late."""
