"""`retorno flow export` and `retorno flow import`: a flow as text, to keep with other files, change by hand and bring back."""

import argparse

from cli import output
from cli.commands.flows import done, find
from cli.commands.saving import differences, in_words
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from cli.text_files import read_text
from domain.planning import differences as between
from domain.plans import FlowPlan
from domain.text import _, fold, line
from loop import flows

_LARGEST = 2_000_000
"""Bytes of a file that is read; a longer one is no flow."""


def export(asked: argparse.Namespace) -> int:
    """`retorno flow export FLOW`."""
    with desk_for(asked) as (desk, actor):
        plan = find(desk, asked.flow, actor)
    text = flows.to_text(plan)
    if asked.json:
        output.say_json({"name": plan.name, "text": text})
    else:
        output.write(text)
    return Exit.DONE


def bring(asked: argparse.Namespace) -> int:
    """`retorno flow import FILE [--flow FLOW] [--dry-run] [--move PHASE=PHASE]…`."""
    text = read_text(asked.file, _LARGEST)
    with desk_for(asked) as (desk, actor):
        base: FlowPlan | None = None
        if asked.flow:
            base = find(desk, asked.flow, actor)
        else:
            there = {fold(row.name): row.name for row in flows.flows(desk, actor=actor, inactive=True)}
            if name := there.get(fold(flows.name_in(text))):
                base = find(desk, name, actor)
        plan = flows.from_text(text, base=base)
        if not isinstance(plan, FlowPlan):
            raise CommandTrouble("\n".join((*plan, _("Nothing was done."))), Exit.INPUT)
        if asked.dry_run:
            return _would(asked, base, plan)
        outcome = flows.save(desk, plan, actor=actor, destinations=_moves(asked.moves, base, plan))
        return done(asked, outcome, plan.name)


def _would(asked: argparse.Namespace, base: FlowPlan | None, plan: FlowPlan) -> int:
    """The differences that an import would make."""
    changes = between(base, plan)
    if asked.json:
        output.say_json({"id": plan.id, "changes": differences(changes), "saved": False})
        return Exit.DONE
    if base is None:
        output.say(_("{name} would be a new flow.").format(name=line(plan.name, 80)))
    for change in changes:
        output.say(f"{line((base or plan).name, 80)}: {in_words(change)}")
    if not changes:
        output.say(_("{name}: nothing to change.").format(name=line(plan.name, 80)))
    return Exit.DONE


def _moves(moves: list[tuple[str, str]], base: FlowPlan | None, plan: FlowPlan) -> dict[int, int]:
    """Keys for PHASE=PHASE: from a phase of the flow as it is to one as it will be."""
    found = {}
    for source, target in moves:
        keys = []
        for name, phases in ((source, base.phases if base else ()), (target, plan.phases)):
            key = next((p.key for p in phases if fold(line(p.name)) == fold(line(name))), None)
            if key is None:
                raise CommandTrouble(
                    _("There is no phase “{name}”; there are: {names}. Nothing was done.").format(
                        name=line(name, 60), names=", ".join(line(p.name, 60) for p in phases) or "—"
                    )
                )
            keys.append(key)
        found[keys[0]] = keys[1]
    return found
