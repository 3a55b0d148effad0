"""Commands of a ticket's care: its subject, due date, labels, flow, duplicates and activities, and opening one by hand.

Each is the verb of the same name on a set of tickets, under exactly the rules of the screen (R5, Q4).
"""

import argparse

from cli import output, shapes
from cli.commands.ticket import activity_line
from cli.commands.verbs import once, report, words
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from domain.dues import NotUnderstood
from domain.dues import due as read_due
from domain.people import Actor
from domain.refusals import Refusal
from domain.text import _, fold, line
from loop import activities, byhand, editing, merging, queue, reading, transfers
from loop.desk import Desk
from loop.views import Activity

NONE = "none"
"""Takes a category or a responsible away."""


def subject(asked: argparse.Namespace) -> int:
    """`retorno subject N… TEXT` (T5)."""
    with desk_for(asked) as (desk, actor):
        done = editing.set_subject(desk, once(asked.numbers), asked.text, actor=actor)
        return report(asked, done, _("called “{subject}”").format(subject=line(asked.text, 60)))


def describe(asked: argparse.Namespace) -> int:
    """`retorno describe N… TEXT|-` (T5)."""
    text = words(asked.text)
    with desk_for(asked) as (desk, actor):
        return report(asked, editing.describe(desk, once(asked.numbers), text, actor=actor), _("described"))


def due(asked: argparse.Namespace) -> int:
    """`retorno due N… DATE|none` (T5)."""
    with desk_for(asked) as (desk, actor):
        try:
            when = read_due(asked.when, desk.now())
        except (NotUnderstood, OverflowError) as e:
            raise CommandTrouble(
                _(
                    "“{when}” is no date; say for example 2d, friday, 31/12 or 2026-12-31 14:30. Nothing was done."
                ).format(when=line(asked.when, 40)),
                Exit.USAGE,
            ) from e
        done = editing.set_due(desk, once(asked.numbers), when, actor=actor)
        said = _("not due any more") if when is None else _("due {when}").format(when=shapes.moment(when))
        return report(asked, done, said)


def label(asked: argparse.Namespace) -> int:
    """`retorno label N… --add TAG --remove TAG` (T5)."""
    with desk_for(asked) as (desk, actor):
        return report(asked, editing.tag(desk, once(asked.numbers), asked.add, asked.remove, actor=actor), _("tagged"))


def categorise(asked: argparse.Namespace) -> int:
    """`retorno categorise N… --add CATEGORY --remove CATEGORY` (T5)."""
    with desk_for(asked) as (desk, actor):
        add = [category(desk, name, actor) for name in asked.add]
        remove = [category(desk, name, actor) for name in asked.remove]
        done = editing.categorise(desk, once(asked.numbers), add, remove, actor=actor)
        return report(asked, done, _("put into categories"))


def category(desk: Desk, wanted: str, actor: Actor) -> int:
    """The id of the category that a person means: by id, its whole name, or its own name where that is only one's."""
    __, known = editing.labels(desk, actor=actor)
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 12:
        return int(wanted)
    asked = fold(line(wanted))
    exact = [id for id, name in known if fold(name) == asked]
    own = [id for id, name in known if fold(name.rpartition(" / ")[2]) == asked]
    if len(found := exact or own) == 1:
        return found[0]
    names = "; ".join(line(name) for id, name in known if not found or id in found)
    if found:
        raise CommandTrouble(
            _("“{wanted}” may mean several categories: {names}. Nothing was done; say the whole name.").format(
                wanted=line(wanted, 40), names=names
            )
        )
    raise CommandTrouble(
        _("There is no category “{wanted}”; there are: {names}. Nothing was done.").format(
            wanted=line(wanted, 40), names=names or "—"
        )
    )


def transfer(asked: argparse.Namespace) -> int:
    """`retorno transfer N… FLOW [--phase PHASE]` (I7)."""
    with desk_for(asked) as (desk, actor):
        id, name = flow(desk, asked.flow, actor)
        done = transfers.transfer(desk, once(asked.numbers), id, asked.phase, actor=actor, resolution=asked.resolution)
        return report(asked, done, _("moved to {flow}").format(flow=line(name)))


def flow(desk: Desk, wanted: str, actor: Actor) -> tuple[int, str]:
    """The flow in sight that is called so; CommandTrouble names those that there are."""
    known = [(f.id, f.name) for f in queue.flows(desk, actor=actor)]
    for id, name in known:
        if fold(name) == fold(line(wanted)) or str(id) == wanted:
            return id, name
    raise CommandTrouble(
        _("There is no flow “{wanted}” that you can see; there are: {names}. Nothing was done.").format(
            wanted=line(wanted, 60), names=", ".join(line(name) for __, name in known) or "—"
        )
    )


def merge(asked: argparse.Namespace) -> int:
    """`retorno merge N… --into M` (Q7)."""
    with desk_for(asked) as (desk, actor):
        done = merging.merge(desk, once(asked.numbers), asked.into, actor=actor)
        return report(asked, done, _("merged into #{number}").format(number=asked.into))


def unmerge(asked: argparse.Namespace) -> int:
    """`retorno unmerge N…` (Q7)."""
    with desk_for(asked) as (desk, actor):
        return report(asked, merging.unmerge(desk, once(asked.numbers), actor=actor), _("brought back"))


def open_ticket(asked: argparse.Namespace) -> int:
    """`retorno open --flow FLOW --subject TEXT …` (I7)."""
    text = words(asked.description)
    with desk_for(asked) as (desk, actor):
        id, name = flow(desk, asked.flow, actor)
        made = byhand.open_by_hand(
            desk,
            flow_id=id,
            subject=asked.subject,
            description=text,
            name=asked.name,
            email=asked.email,
            phone=asked.phone,
            answer_id=asked.answer,
            actor=actor,
        )
        if isinstance(made, Refusal):
            raise CommandTrouble(str(made))
        if asked.json:
            output.say_json({"number": made})
        else:
            output.say(_("#{number} is open in {flow}.").format(number=made, flow=line(name)))
        return Exit.DONE


def activity_list(asked: argparse.Namespace) -> int:
    """`retorno activity N list` (T7)."""
    with desk_for(asked) as (desk, actor):
        found = _of_ticket(desk, asked, actor)
        now = desk.now()
    if asked.json:
        output.say_json([shapes.activity(one) for one in found])
    else:
        for one in found:
            output.write(f"{one.id:>4}  {activity_line(one, now)}\n")
    return Exit.DONE


def activity_add(asked: argparse.Namespace) -> int:
    """`retorno activity N add NAME` (T7)."""
    with desk_for(asked) as (desk, actor):
        more = _details(desk, asked, actor)
        done = activities.add(desk, asked.number, asked.name, actor=actor, **more)
        return report(asked, done, _("with a new activity, {name}").format(name=line(asked.name, 60)))


def activity_done(asked: argparse.Namespace) -> int:
    """`retorno activity N done ACTIVITY` (T7)."""
    return _finish(asked, True, _("with an activity done, {name}"))


def activity_undo(asked: argparse.Namespace) -> int:
    """`retorno activity N undo ACTIVITY` (T7)."""
    return _finish(asked, False, _("with an activity that is not done yet, {name}"))


def _finish(asked: argparse.Namespace, on: bool, what: str) -> int:
    with desk_for(asked) as (desk, actor):
        one = _which(_of_ticket(desk, asked, actor), asked.which)
        return report(asked, activities.finish(desk, one.id, on=on, actor=actor), what.format(name=line(one.name, 60)))


def activity_remove(asked: argparse.Namespace) -> int:
    """`retorno activity N remove ACTIVITY` (T7)."""
    with desk_for(asked) as (desk, actor):
        one = _which(_of_ticket(desk, asked, actor), asked.which)
        done = activities.remove(desk, one.id, actor=actor)
        return report(asked, done, _("with an activity less, {name}").format(name=line(one.name, 60)))


def activity_change(asked: argparse.Namespace) -> int:
    """`retorno activity N change ACTIVITY …` (T7)."""
    with desk_for(asked) as (desk, actor):
        one = _which(_of_ticket(desk, asked, actor), asked.which)
        changes = _details(desk, asked, actor) | ({} if asked.name is None else {"name": asked.name})
        if not changes:
            raise CommandTrouble(_("Say what is to be changed. Nothing was done."), Exit.USAGE)
        done = activities.change(desk, one.id, changes, actor=actor)
        return report(asked, done, _("with a changed activity, {name}").format(name=line(one.name, 60)))


def _details(desk: Desk, asked: argparse.Namespace, actor: Actor) -> dict[str, object]:
    """What was said of type, category and responsible."""
    given: dict[str, object] = {} if asked.type is None else {"type": asked.type}
    if asked.category is not None:
        given["category"] = None if asked.category == NONE else category(desk, asked.category, actor)
    if asked.responsible is not None:
        given["responsible"] = None if asked.responsible == NONE else asked.responsible
    return given


def _of_ticket(desk: Desk, asked: argparse.Namespace, actor: Actor) -> tuple[Activity, ...]:
    view = reading.ticket(desk, asked.number, actor=actor, entries=0)
    if isinstance(view, Refusal):
        raise CommandTrouble(str(view))
    return view.activities


def _which(known: tuple[Activity, ...], wanted: str) -> Activity:
    """The activity that a person means: its id, or how its name begins."""
    asked = fold(line(wanted))
    exact = [a for a in known if str(a.id) == wanted or fold(a.name) == asked]
    begins = [a for a in known if asked and fold(a.name).startswith(asked)]
    if len(found := exact or begins) == 1:
        return found[0]
    names = "; ".join(f"{a.id} {line(a.name, 60)}" for a in (found or known)) or "—"
    if found:
        raise CommandTrouble(
            _("“{wanted}” may mean several activities: {names}. Nothing was done; say the number.").format(
                wanted=line(wanted, 40), names=names
            )
        )
    raise CommandTrouble(
        _("No activity of this ticket begins with “{wanted}”; there are: {names}.").format(
            wanted=line(wanted, 40), names=names
        )
    )
