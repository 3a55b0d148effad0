"""The sentence that reads a flow back in plain words, with what its admin chose marked (P5, ux.md)."""

from collections.abc import Iterator
from string import Formatter

from domain.flows import Binding, Status
from domain.plan_words import class_word, moment, priority_word, scores
from domain.plans import FlowPlan, IntakePlan
from domain.text import _, ngettext

Spoken = tuple[tuple[str, bool], ...]
"""Pieces of a sentence; the strong ones are what can be changed."""


def sentence(plan: FlowPlan) -> Spoken:
    """The plan read back in plain words, piece by piece; the strong pieces are what the admin chose."""
    said: list[tuple[str, bool]] = []
    for more in _sentences(plan):
        said += [(" ", False)] if said else []
        said += more
    return tuple(said)


def _sentences(plan: FlowPlan) -> Iterator[Spoken]:
    filters = _filters(plan.intake)
    if not plan.active:
        yield _said(_("This flow is {off}: it takes no answers."), off=_("switched off"))
    elif filters:
        yield (*_said(_("It takes answers")), *filters, (".", False))
    else:
        yield _said(_("It takes {all}."), all=_("all answers"))
    due = ngettext("{n} day", "{n} days", plan.days_until_due).format(n=plan.days_until_due)
    if plan.default_assignee:
        yield _said(
            _("Tickets go to {who}, with {priority} priority, due in {days}."),
            who=plan.default_assignee,
            priority=priority_word(plan.default_priority),
            days=due,
        )
    else:
        yield _said(
            _("Tickets are born {nobody}, with {priority} priority, due in {days}."),
            nobody=_("unassigned"),
            priority=priority_word(plan.default_priority),
            days=due,
        )
    if plan.first_contact_hours is not None:
        yield _said(_("First contact within {hours}."), hours=f"{plan.first_contact_hours} h")
    yield from _walk(plan)
    yield _said(
        _("Notes are seen by {whom}."),
        whom=_("all members") if plan.notes_for_all else _("author, assignee and followers"),
    )
    after = {
        "days": _("A reply within {days} after closing reopens; later it opens a linked ticket."),
        "new": _("A reply after closing opens {new}."),
    }.get(plan.reopening, _("A reply after closing {reopens} the ticket."))
    days = ngettext("{n} day", "{n} days", plan.reopen_days).format(n=plan.reopen_days)
    yield _said(after, days=days, new=_("a new ticket"), reopens=_("reopens"))
    if plan.reachable_by_phone:
        yield _said(_("Customers without e-mail can be {started}: they are reachable by phone."), started=_("started"))


def _walk(plan: FlowPlan) -> Iterator[Spoken]:
    pending, progress, closed = (tuple(p.name for p in plan.of(s)) for s in Status)
    if pending and progress and closed:
        yield _said(
            _("They begin in {pending}, are worked on in {progress} and end in {closed}."),
            pending=pending,
            progress=progress,
            closed=closed,
        )
    held = tuple(p.name for p in plan.phases if p.binding is Binding.MANDATORY and p.items)
    if held:
        yield _said(_("The whole checklist is ticked before {phases} is left."), phases=held)


def _filters(intake: IntakePlan) -> Spoken:
    parts: list[Spoken] = []
    if intake.surveys:
        parts.append(_said(_(" of {surveys}"), surveys=intake.surveys))
    if intake.classes:
        parts.append(_said(_(" of class {classes}"), classes=tuple(map(class_word, intake.classes))))
    if scores(intake):
        parts.append(_said(_(" with score {scores}"), scores=scores(intake)))
    if intake.keywords:
        parts.append(_said(_(" that mention {words}"), words=intake.keywords))
    parts += [_said(_(" with {name} {values}"), name=name, values=wanted) for name, wanted in intake.attributes]
    if intake.answered_from is not None:
        parts.append(_said(_(" from {day} on"), day=moment(intake.answered_from)))
    if intake.answered_until is not None:
        parts.append(_said(_(" before {day}"), day=moment(intake.answered_until)))
    said: Spoken = ()
    for i, part in enumerate(parts):
        said += ((",", False), *part) if i else part
    return said


def _said(template: str, **named: str | tuple[str, ...]) -> Spoken:
    """A template as pieces; what stands in braces is strong, and several are listed with “or”."""
    said: list[tuple[str, bool]] = []
    for words, field, _spec, _conversion in Formatter().parse(template):
        if words:
            said.append((words, False))
        if field is None:
            continue
        value = named[field]
        many = (value,) if isinstance(value, str) else value
        for i, one in enumerate(many):
            if i:
                said.append((_(" or ") if i == len(many) - 1 else ", ", False))
            said.append((one, True))
    return tuple(said)
