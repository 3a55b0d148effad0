"""`retorno flow …`: what a flow is and does, and who works in it (P4–P8, I5)."""

import argparse
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from cli import output
from cli.commands.saving import differences, in_words, pick, saved
from cli.commands.saving import show as show_table
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from domain.people import Actor, Role
from domain.plan_sentence import sentence
from domain.plan_words import binding_word, role_word, status_word
from domain.plans import FlowPlan, IntakePlan, MemberPlan
from domain.refusals import Refusal
from domain.text import _, fold, line, ngettext
from domain.tickets import Priority
from loop import flows
from loop.setup_views import Conflict, Saved

if TYPE_CHECKING:
    from loop.desk import Desk

_DAY = 86_400_000


def listing(asked: argparse.Namespace) -> int:
    """`retorno flow list [--inactive]`."""
    with desk_for(asked) as (desk, actor):
        rows = flows.flows(desk, actor=actor, inactive=asked.inactive)
    if asked.json:
        output.say_json([asdict(r) | {"may_edit": r.may_edit is None} for r in rows])
        return Exit.DONE
    columns = [
        output.Column(_("Flow"), gives=True),
        output.Column(_("Open"), right=True),
        output.Column(_("In progress"), right=True),
        output.Column(_("Closed"), right=True),
        output.Column(_("Members"), right=True),
        output.Column(""),
    ]
    cells = [
        (r.name, str(r.open), str(r.progress), str(r.closed), str(r.members), "" if r.active else _("switched off"))
        for r in rows
    ]
    show_table(columns, cells)
    return Exit.DONE


def show(asked: argparse.Namespace) -> int:
    """`retorno flow show FLOW`: the sentence that reads it back, its phases and its members."""
    with desk_for(asked) as (desk, actor):
        plan = find(desk, asked.flow, actor)
        held = flows.in_phases(desk, plan.id or 0, actor=actor)
    said = "".join(text for text, __ in sentence(plan))
    if asked.json:
        whole: dict[str, Any] = asdict(plan)
        for phase in whole["phases"]:
            phase["tickets"] = held.get(phase["key"], 0)
        output.say_json({"text": said} | whole)
        return Exit.DONE
    output.write(output.paint(line(plan.name), "bright") + "\n")
    output.say(line(said))
    for phase in plan.phases:
        count = held.get(phase.key, 0)
        tickets = ngettext("{n} ticket", "{n} tickets", count).format(n=count)
        output.say(f"\n{line(phase.name)} · {status_word(phase.status)} · {tickets}")
        if phase.items:
            output.say(f"  {binding_word(phase.binding)}:")
        for item in phase.items:
            output.say(f"  - {line(item.text)}")
        if phase.onward is not None:
            names = ", ".join(line(plan.phase(k).name) for k in phase.onward) or "—"
            output.say("  " + _("leads to {phases}").format(phases=names))
    output.say()
    for member in plan.members:
        name = _("team {name}").format(name=member.name) if member.team else member.name
        output.say(f"{line(name)} · {role_word(member.role)}")
    return Exit.DONE


def add(asked: argparse.Namespace) -> int:
    """`retorno flow add NAME [--like FLOW] …`."""
    with desk_for(asked) as (desk, actor):
        like = find(desk, asked.like, actor) if asked.like else flows.new_plan(asked.language)
        plan = _set(replace(like, id=None, name=asked.name, active=True), asked)
        return done(asked, flows.save(desk, plan, actor=actor), asked.name)


def change(asked: argparse.Namespace) -> int:
    """`retorno flow change FLOW …`."""
    with desk_for(asked) as (desk, actor):
        plan = find(desk, asked.flow, actor)
        new = _set(plan if asked.name is None else replace(plan, name=asked.name), asked)
        return done(asked, flows.save(desk, new, actor=actor), plan.name)


def activate(asked: argparse.Namespace) -> int:
    """`retorno flow activate FLOW`."""
    return _switch(asked, on=True)


def deactivate(asked: argparse.Namespace) -> int:
    """`retorno flow deactivate FLOW`."""
    return _switch(asked, on=False)


def _switch(asked: argparse.Namespace, *, on: bool) -> int:
    with desk_for(asked) as (desk, actor):
        plan = find(desk, asked.flow, actor)
        return done(asked, flows.activate(desk, plan.id or 0, on=on, actor=actor), plan.name)


def reorder(asked: argparse.Namespace) -> int:
    """`retorno flow reorder FLOW…`: the order in which they are asked for an answer (I5)."""
    with desk_for(asked) as (desk, actor):
        there = [(row.name, row.id) for row in flows.flows(desk, actor=actor, inactive=True)]
        order = [pick(name, there) for name in asked.flows]
        return done(asked, flows.reorder(desk, order, actor=actor), _("flows"))


def member_add(asked: argparse.Namespace) -> int:
    """`retorno flow member add FLOW LOGIN [--role ROLE] [--team]`: a member who is there gets the role."""
    new = MemberPlan(line(asked.who), Role(asked.role), asked.team)
    return _with_members(asked, lambda others, was: (*others, new))


def member_remove(asked: argparse.Namespace) -> int:
    """`retorno flow member remove FLOW LOGIN [--team]`."""

    def without(others: tuple[MemberPlan, ...], was: MemberPlan | None) -> tuple[MemberPlan, ...]:
        if was is None:
            raise CommandTrouble(
                _("{name} is no member of this flow. Nothing was done.").format(name=line(asked.who, 60))
            )
        return others

    return _with_members(asked, without)


def _with_members(
    asked: argparse.Namespace,
    shape: Callable[[tuple[MemberPlan, ...], MemberPlan | None], tuple[MemberPlan, ...]],
) -> int:
    """Save a flow with the members that `shape` makes of all others and the one who is meant."""
    with desk_for(asked) as (desk, actor):
        plan = find(desk, asked.flow, actor)
        was = next((m for m in plan.members if m.team is asked.team and m.name == line(asked.who)), None)
        members = shape(tuple(m for m in plan.members if m is not was), was)
        return done(asked, flows.save(desk, replace(plan, members=members), actor=actor), plan.name)


def find(desk: "Desk", name: str, actor: Actor) -> FlowPlan:
    """The flow that is called so, as a plan; CommandTrouble names what there is."""
    there = [(row.name, row.id) for row in flows.flows(desk, actor=actor, inactive=True)]
    plan = flows.plan(desk, pick(name, there), actor=actor)
    if isinstance(plan, Refusal):
        raise CommandTrouble(str(plan))
    return plan


def done(asked: argparse.Namespace, outcome: Saved | Conflict | Refusal, name: str) -> int:
    """Say what was saved; CommandTrouble for a refusal, and for a flow that somebody else changed meanwhile."""
    if isinstance(outcome, Conflict):
        if asked.json:
            output.say_json({"conflict": {"by": outcome.by, "changes": differences(outcome.changes)}})
        raise CommandTrouble(
            _("{who} changed {flow} just now ({changes}). Nothing was saved; look, and do it again.").format(
                who=outcome.by, flow=line(name, 80), changes="; ".join(map(in_words, outcome.changes))
            )
        )
    return saved(asked, outcome, name)


def _set(plan: FlowPlan, asked: argparse.Namespace) -> FlowPlan:
    """The plan with what the options say; what they do not name stays."""
    given: dict[str, Any] = {
        "default_assignee": asked.assignee,
        "days_until_due": asked.days,
        "default_priority": None if asked.priority is None else Priority[asked.priority.upper()].value,
        "notes_for_all": None if asked.notes is None else asked.notes == "all",
        "reopening": asked.reopening,
        "reopen_days": asked.reopen_days,
        "reachable_by_phone": None if asked.by_phone is None else asked.by_phone == "yes",
        "signature": asked.signature,
    }
    plan = replace(plan, **{name: value for name, value in given.items() if value is not None})
    if asked.hours is not None:
        plan = replace(plan, first_contact_hours=asked.hours or None)
    return replace(plan, intake=_filters(plan.intake, asked))


def _filters(intake: IntakePlan, asked: argparse.Namespace) -> IntakePlan:
    """The filters with what the options say."""
    for name, words in (("surveys", asked.survey), ("classes", getattr(asked, "class")), ("keywords", asked.keyword)):
        if words is not None:
            intake = replace(intake, **{name: tuple(w for w in words if w)})
    if asked.attribute is not None:
        wanted: dict[str, tuple[str, tuple[str, ...]]] = {}
        for name, value in asked.attribute:
            if name:
                first, values = wanted.get(fold(name), (name, ()))
                wanted[fold(name)] = (first, (*values, value))
        intake = replace(intake, attributes=tuple(wanted.values()))
    if asked.score is not None:
        intake = replace(intake, score_from=asked.score[0], score_to=asked.score[1])
    if "since" in vars(asked):
        intake = replace(intake, answered_from=asked.since)
    if "until" in vars(asked):
        intake = replace(intake, answered_until=None if asked.until is None else asked.until + _DAY)
    return intake
