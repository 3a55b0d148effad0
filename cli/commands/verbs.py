"""Commands that change tickets: start, assign, move, close, priority, tick, answered.

Each is the verb of the same name on a set of tickets; what was done is said, and why the rest was refused (Q4).
"""

import argparse
import sys
from collections.abc import Iterable

from cli import output, shapes
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from domain.flows import Item
from domain.refusals import Refusal
from domain.text import _, fold, line, ngettext
from domain.tickets import Priority
from loop import reading, tickets
from loop.views import Done, TicketView


def start(asked: argparse.Namespace) -> int:
    """`retorno start N… [--take]` (T2)."""
    with desk_for(asked) as (desk, actor):
        return report(asked, tickets.start(desk, once(asked.numbers), actor=actor, take=asked.take), _("started"))


def assign(asked: argparse.Namespace) -> int:
    """`retorno assign N… LOGIN|--nobody` (T3)."""
    with desk_for(asked) as (desk, actor):
        done = tickets.assign(desk, once(asked.numbers), asked.who, actor=actor)
        return report(
            asked, done, _("assigned to {who}").format(who=asked.who) if asked.who else _("assigned to nobody")
        )


def move(asked: argparse.Namespace) -> int:
    """`retorno move N… PHASE` (P6, P7); into a closed phase it asks for the resolution."""
    with desk_for(asked) as (desk, actor):
        done = tickets.move(
            desk, once(asked.numbers), asked.phase, actor=actor, resolution=asked.resolution, outcome=asked.outcome
        )
        return report(asked, done, _("moved to {phase}").format(phase=asked.phase))


def close(asked: argparse.Namespace) -> int:
    """`retorno close N… --resolution TEXT [--category CATEGORY]` (T6)."""
    from cli.commands.care import category

    with desk_for(asked) as (desk, actor):
        done = tickets.close(
            desk,
            once(asked.numbers),
            actor=actor,
            resolution=asked.resolution,
            outcome=asked.outcome,
            phase=asked.phase,
            category=category(desk, asked.category, actor) if asked.category else None,
        )
        return report(asked, done, _("closed"))


def priority(asked: argparse.Namespace) -> int:
    """`retorno priority N… high|medium|low` (T4)."""
    with desk_for(asked) as (desk, actor):
        wanted = Priority[asked.priority.upper()]
        done = tickets.prioritise(desk, once(asked.numbers), wanted, actor=actor)
        return report(asked, done, _("set to {priority}").format(priority=asked.priority))


def answered(asked: argparse.Namespace) -> int:
    """`retorno answered N…`: clears the unanswered mark (Q2)."""
    with desk_for(asked) as (desk, actor):
        done = tickets.needs_no_answer(desk, once(asked.numbers), actor=actor)
        return report(asked, done, _("marked as needing no answer"))


def tick(asked: argparse.Namespace) -> int:
    """`retorno tick N ITEM [--off]` (P7)."""
    with desk_for(asked) as (desk, actor):
        view = reading.ticket(desk, asked.number, actor=actor, entries=0)
        if isinstance(view, Refusal):
            raise CommandTrouble(str(view))
        item = _item(view, asked.item)
        done = tickets.tick(desk, asked.number, item.id, actor=actor, on=not asked.off)
        what = _("tick taken away: {text}") if asked.off else _("ticked: {text}")
        return report(asked, done, what.format(text=line(item.text, 60)))


def _item(view: TicketView, wanted: str) -> Item:
    """The checklist line that a person means: its id, or how its text begins, in the current phase before the others."""
    here = [phase for phase in view.flow.phases if phase.id == view.phase_id]
    others = [phase for phase in view.flow.phases if phase.id != view.phase_id]
    for phases in (here, others):
        items = [item for phase in phases for item in phase.items]
        exact = [i for i in items if str(i.id) == wanted or fold(i.text) == fold(wanted)]
        begins = [i for i in items if wanted.strip() and fold(i.text).startswith(fold(wanted.strip()))]
        if len(found := exact or begins) == 1:
            return found[0]
        if found:
            raise CommandTrouble(
                _("“{wanted}” may mean several lines: {items}. Nothing was ticked; say more of it.").format(
                    wanted=line(wanted, 40), items="; ".join(line(i.text, 60) for i in found)
                )
            )
    all_items = [item for phase in view.flow.phases for item in phase.items]
    raise CommandTrouble(
        _("No checklist line of this ticket begins with “{wanted}”; there are: {items}.").format(
            wanted=line(wanted, 40), items="; ".join(line(i.text, 60) for i in all_items) or "—"
        )
    )


def words(given: str) -> str:
    """What was given, or all of standard input for '-'; CommandTrouble when that is not text."""
    if given != "-":
        return given
    try:
        return sys.stdin.read()
    except (UnicodeDecodeError, OSError) as e:
        raise CommandTrouble(
            _("Standard input cannot be read as text ({why}). Nothing was done.").format(why=e), Exit.INPUT
        ) from e


def once(numbers: Iterable[int]) -> list[int]:
    """Each number once, in the order given."""
    return list(dict.fromkeys(numbers))


def report(asked: argparse.Namespace, result: Done, what: str) -> int:
    """Say what was done and what was not; the exit code that goes with it."""
    if asked.json:
        output.say_json(shapes.done(result))
    elif result.done:
        shown = " ".join(f"#{number}" for number in result.done[:20]) + (" …" if len(result.done) > 20 else "")
        output.say(
            ngettext("{n} ticket {what}: {shown}", "{n} tickets {what}: {shown}", len(result.done)).format(
                n=len(result.done), what=what, shown=shown
            )
        )
    for refused in result.refused:
        output.complain(f"#{refused.number}: {refused.why}")
    if len(result.refused) > 1 or (result.refused and result.done):
        output.complain(_("{done} done, {refused} refused.").format(done=len(result.done), refused=len(result.refused)))
    return Exit.REFUSED if result.refused else Exit.DONE
