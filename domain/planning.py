"""Shaping a flow: moving, adding and removing phases, what is wrong with a plan, and reading it back (P5–P8, I5).

Pure: what needs the database (are the members there, where are the tickets) is asked by `loop.flows`.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from domain.answers import ScoreClass
from domain.flows import Binding, Status
from domain.plan_sentence import sentence
from domain.plan_words import changed_values, differences, told, values
from domain.plans import FlowPlan, IntakePlan, ItemPlan, MemberPlan, PhasePlan
from domain.text import _, clean, fold, line

NAME, PHASE_NAME, ITEM, WORD, SIGNATURE = 80, 60, 200, 120, 2_000
"""The most characters of a flow's name, a phase's, a checklist's line, a word of a filter, a signature."""
PHASES, ITEMS, MEMBERS, VALUES = 100, 50, 1_000, 500
"""The most phases a flow has, lines a checklist, members a flow, values a filter."""
REOPENINGS = ("reopen", "days", "new")
_LATEST = 32_503_680_000_000
_ORDER = {Status.PENDING: 0, Status.PROGRESS: 1, Status.CLOSED: 2}
_BY_PLACE = tuple(Status)


def in_order(plan: FlowPlan) -> FlowPlan:
    """The plan with its phases by status, each status in the admin's order: as tickets walk."""
    return replace(plan, phases=tuple(sorted(plan.phases, key=lambda p: _ORDER[p.status])))


def move_phase(plan: FlowPlan, key: int, by: int) -> FlowPlan:
    """A phase moved on (or back, below zero) by so many steps: within its status, then over the border into the next.

    The last phase of a status stays in it, so that the plan keeps one of each (P6). KeyError when there is no such phase.
    """
    plan.phase(key)
    for __ in range(min(abs(by), len(plan.phases) + 2)):
        plan = _step(in_order(plan), key, 1 if by > 0 else -1)
    return plan


def _step(plan: FlowPlan, key: int, by: int) -> FlowPlan:
    phases = list(plan.phases)
    at = next(i for i, p in enumerate(phases) if p.key == key)
    here, there = phases[at], at + by
    if 0 <= there < len(phases) and phases[there].status is here.status:
        phases[at], phases[there] = phases[there], here
    else:
        rank = _ORDER[here.status] + by
        if not 0 <= rank < len(_BY_PLACE) or sum(1 for __ in plan.of(here.status)) == 1:
            return plan
        phases[at] = replace(here, status=_BY_PLACE[rank])
    return _mended(replace(plan, phases=tuple(phases)))


def add_phase(plan: FlowPlan, after: int | None, status: Status, name: str) -> FlowPlan:
    """The plan with a new phase of a status, behind another as far as its status goes; behind all of them with None.

    Its key is `plan.new_key()` of the plan that was given. KeyError when there is no phase `after`.
    """
    phases = list(plan.phases)
    at = len(phases) if after is None else phases.index(plan.phase(after)) + 1
    phases.insert(at, PhasePlan(plan.new_key(), line(name, PHASE_NAME), status))
    return _mended(in_order(replace(plan, phases=tuple(phases))))


def remove_phase(plan: FlowPlan, key: int) -> FlowPlan:
    """The plan without a phase, and without the ways to it; the plan itself if it is the last of its status (P6).

    Where its tickets go is told to `loop.flows.save` (P8). KeyError when there is no such phase.
    """
    if why_not_remove(plan, key):
        return plan
    left = tuple(
        replace(p, onward=None if p.onward is None else tuple(k for k in p.onward if k != key))
        for p in plan.phases
        if p.key != key
    )
    return _mended(replace(plan, phases=left))


def why_not_remove(plan: FlowPlan, key: int) -> str:
    """Why a phase cannot be removed, '' when it can. KeyError when there is no such phase."""
    status = plan.phase(key).status
    if sum(1 for __ in plan.of(status)) > 1:
        return ""
    return _("{phase} is the only phase of its status, and a flow needs one of each.").format(
        phase=plan.phase(key).name
    )


def _mended(plan: FlowPlan) -> FlowPlan:
    """The plan with a way on from each phase that the change left without one: the next phase, besides what was allowed."""
    for phase in plan.phases:
        if phase.onward is not None and not _leads_on(plan, phase) and (on := _next(plan, phase)):
            plan = plan.with_phase(replace(phase, onward=(*phase.onward, on.key)))
    return plan


def _leads_on(plan: FlowPlan, phase: PhasePlan) -> bool:
    """Whether tickets get out of a phase forward: from pending to a later pending phase or by starting (T2), else onward."""
    if phase.onward is None or phase.status is Status.CLOSED:
        return True
    walk = in_order(plan).phases
    later = {p.key for p in walk[[p.key for p in walk].index(phase.key) + 1 :]}
    if phase.status is Status.PENDING:
        started = next((p.key for p in plan.of(Status.PROGRESS)), None)
        later = {p.key for p in plan.of(Status.PENDING) if p.key in later} | {started}
    return not later.isdisjoint(phase.onward)


def _next(plan: FlowPlan, phase: PhasePlan) -> PhasePlan | None:
    """The phase that a ticket goes to from a phase when it just goes on."""
    if phase.status is Status.PENDING:
        return next(plan.of(Status.PROGRESS), None)
    walk = in_order(plan).phases
    return next(iter(walk[[p.key for p in walk].index(phase.key) + 1 :]), None)


def tidy(plan: FlowPlan) -> FlowPlan:
    """The plan as it is kept: by status, every text on one line and without control characters (R7), no line empty."""

    def words(many: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(w for w in map(line, many) if w))

    return in_order(
        replace(
            plan,
            name=line(plan.name),
            default_assignee=line(plan.default_assignee),
            signature=clean(plan.signature),
            members=tuple(replace(m, name=line(m.name)) for m in plan.members),
            phases=tuple(
                replace(
                    p,
                    name=line(p.name),
                    items=tuple(replace(i, text=line(i.text)) for i in p.items if line(i.text)),
                    onward=None if p.onward is None else tuple(dict.fromkeys(p.onward)),
                )
                for p in plan.phases
            ),
            intake=replace(
                plan.intake,
                surveys=words(plan.intake.surveys),
                classes=words(plan.intake.classes),
                attributes=tuple((line(k), words(v)) for k, v in plan.intake.attributes if line(k)),
                keywords=words(plan.intake.keywords),
            ),
        )
    )


def troubles(plan: FlowPlan) -> tuple[str, ...]:
    """What stands in the way of saving a plan, a sentence each; none for one that is whole."""
    return tuple(dict.fromkeys(_troubles(plan)))


def _troubles(plan: FlowPlan) -> Iterator[str]:
    if not line(plan.name):
        yield _("The flow has no name.")
    yield from _long(_("The flow's name"), plan.name, NAME)
    yield from _phase_troubles(plan)
    yield from _member_troubles(plan.members)
    yield from _number(_("Days until due"), plan.days_until_due, 0, 3650)
    if plan.first_contact_hours is not None:
        yield from _number(_("Hours to first contact"), plan.first_contact_hours, 1, 8760)
    yield from _number(_("The default priority"), plan.default_priority, 1, 3)
    if plan.reopening not in REOPENINGS:
        yield _("What a reply after closing does is one of {words}, not “{given}”.").format(
            words=", ".join(REOPENINGS), given=line(str(plan.reopening), 40)
        )
    yield from _number(_("Days for reopening"), plan.reopen_days, 1, 3650)
    if len(plan.signature) > SIGNATURE:
        yield _too_long(_("The signature"), SIGNATURE)
    yield from _intake_troubles(plan.intake)


def _phase_troubles(plan: FlowPlan) -> Iterator[str]:
    keys = [p.key for p in plan.phases]
    if {p.status for p in plan.phases} != set(Status):
        yield _("A flow needs at least one phase of each status: pending, in progress, closed.")
    if len(keys) > PHASES:
        yield _("{limit} phases are the most.").format(limit=PHASES)
        return
    if len(set(keys)) < len(keys):
        yield _("Two phases have one key.")
        return
    yield from _twice(_("Two phases are called {name}."), (p.name for p in plan.phases))
    for phase in plan.phases:
        where = _("Phase {phase}").format(phase=line(phase.name, 40) or "—")
        if not line(phase.name):
            yield _("A phase has no name.")
        yield from _long(where, phase.name, PHASE_NAME)
        if len(phase.items) > ITEMS:
            yield _("{where}: {limit} lines are the most in a checklist.").format(where=where, limit=ITEMS)
        for item in phase.items[: ITEMS + 1]:
            if not line(item.text):
                yield _("{where}: a line of the checklist is empty.").format(where=where)
            yield from _long(_("{where}, a line of the checklist").format(where=where), item.text, ITEM)
        yield from _twice(
            where + ": " + _("the line “{name}” stands twice in the checklist."), (i.text for i in phase.items)
        )
        if phase.onward is None:
            continue
        if not set(phase.onward) <= set(keys):
            yield _("{where} leads to a phase that is not there.").format(where=where)
        elif phase.key in phase.onward:
            yield _("{where} leads to itself.").format(where=where)
        elif not _leads_on(plan, phase) and (on := _next(plan, phase)):
            yield _("From {phase} no ticket could go on: it must lead to {target}, for one.").format(
                phase=phase.name, target=on.name
            )


def _member_troubles(members: tuple[MemberPlan, ...]) -> Iterator[str]:
    if len(members) > MEMBERS:
        yield _("{limit} members are the most.").format(limit=MEMBERS)
    if any(not line(m.name) for m in members):
        yield _("A member has no name.")
    for team in (False, True):
        yield from _twice(
            _("{name} is a member twice."), (m.name for m in members if m.team is team), key=line if not team else fold
        )


def _intake_troubles(intake: IntakePlan) -> Iterator[str]:
    known = {c.value for c in ScoreClass}
    for klass in intake.classes:
        if klass not in known:
            yield _("“{klass}” is no class; there are {known}.").format(
                klass=line(klass, 40), known=", ".join(c.value for c in ScoreClass)
            )
    for bound in (intake.score_from, intake.score_to):
        if bound is not None:
            yield from _number(_("A score"), bound, 0, 100)
    if intake.score_from is not None and intake.score_to is not None and intake.score_from > intake.score_to:
        yield _("The lowest score that is taken lies above the highest.")
    for moment in (intake.answered_from, intake.answered_until):
        if moment is not None and not 0 <= moment <= _LATEST:
            yield _("The period lies outside the calendar.")
    if (
        intake.answered_from is not None
        and intake.answered_until is not None
        and intake.answered_from >= intake.answered_until
    ):
        yield _("The period ends before it begins.")
    yield from _twice(_("The attribute {name} is asked twice."), (name for name, __ in intake.attributes))
    for name, wanted in intake.attributes:
        yield from _long(_("The name of an attribute"), name, WORD)
        if not any(map(line, wanted)):
            yield _("The attribute {name} is asked without a value.").format(name=line(name, 40) or "—")
    lists = (intake.surveys, intake.keywords, intake.attributes, *(wanted for __, wanted in intake.attributes))
    if any(len(many) > VALUES for many in lists):
        yield _("{limit} values are the most in a filter.").format(limit=VALUES)
    for word in (*intake.surveys, *intake.keywords, *(w for __, wanted in intake.attributes for w in wanted)):
        yield from _long(_("A word of a filter"), word, WORD)


def _long(what: str, text: str, limit: int) -> Iterator[str]:
    if len(line(text)) > limit:
        yield _too_long(what, limit)


def _too_long(what: str, limit: int) -> str:
    return _("{what} is too long: {limit} characters are the most.").format(what=what, limit=limit)


def _number(what: str, value: int, low: int, high: int) -> Iterator[str]:
    if type(value) is not int or not low <= value <= high:
        yield _("{what}: a whole number from {low} to {high}.").format(what=what, low=low, high=high)


def _twice(template: str, names: Iterator[str], key: Callable[[str], str] = fold) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        same = key(line(name))
        if same and same in seen:
            yield template.format(name=line(name, 60))
        seen.add(same)


def blank(name: str = "") -> FlowPlan:
    """A plan with nothing but defaults: what a new flow is compared with."""
    return FlowPlan(None, name, ())


__all__ = [
    "ITEM",
    "ITEMS",
    "NAME",
    "PHASES",
    "PHASE_NAME",
    "Binding",
    "ItemPlan",
    "add_phase",
    "blank",
    "changed_values",
    "differences",
    "in_order",
    "move_phase",
    "remove_phase",
    "sentence",
    "tidy",
    "told",
    "troubles",
    "values",
    "why_not_remove",
]
