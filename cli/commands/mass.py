"""`retorno mass --where QUERY …`: several acts at once on all that a query finds (A7)."""

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cli import output
from cli.commands.care import category, flow
from cli.commands.saving import pick
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from domain.dues import NotUnderstood, due
from domain.query import parse
from domain.text import _, fold, line, ngettext
from domain.text import number as written
from domain.tickets import Priority
from loop import managers, mass, rules, templates
from loop.mass import KEEP, Acts, MassDone, WhyNot
from loop.mass_mail import CLASS
from loop.mass_outlook import outlook

if TYPE_CHECKING:
    from domain.people import Actor
    from loop.desk import Desk

SHOWN = 10
"""Tickets that are named with a reason; --json names all."""


def run(asked: argparse.Namespace) -> int:
    """Do it, or say how many it would be about."""
    if trouble := parse(asked.where).trouble:
        raise CommandTrouble(trouble, Exit.USAGE)
    with desk_for(asked) as (desk, actor):
        if asked.dry_run:
            _count(asked, desk, actor)
            return Exit.DONE
        ticker = _Ticker()
        try:
            done = mass.apply(desk, asked.where, _acts(asked, desk, actor), actor=actor, progress=ticker.told)
        except KeyboardInterrupt:
            ticker.clear()
            output.complain(_("Stopped after {n} tickets; what was done stays.").format(n=written(ticker.behind)))
            raise
        finally:
            ticker.clear()
    if asked.json:
        output.say_json(_shape(done))
    else:
        _for_people(done)
    return Exit.REFUSED if done.refused else Exit.DONE


def _count(asked: argparse.Namespace, desk: "Desk", actor: "Actor") -> None:
    """How many they are, and to how many an e-mail would be written."""
    acts = _acts(asked, desk, actor)
    found = mass.count(desk, asked.where, actor=actor)
    looked = outlook(desk, asked.where, acts, actor=actor) if acts.template is not None else None
    if asked.json:
        shape: dict[str, Any] = {"found": found}
        if looked:
            shape |= {"written": list(looked.would), "refused": _reasons(looked.refused)}
        output.say_json(shape)
        return
    said = ngettext("One ticket; nothing was done.", "{n} tickets; nothing was done.", found)
    output.say(said.format(n=written(found)))
    if looked:
        n = len(looked.would)
        said = ngettext("One customer would be written to.", "{n} customers would be written to.", n)
        output.say(said.format(n=written(n)))
        _tell(looked.refused)


def _acts(asked: argparse.Namespace, desk: "Desk", actor: "Actor") -> Acts:
    """What was asked for, names found; CommandTrouble for what there is not."""
    when: Any = KEEP
    if asked.due is not None:
        try:
            when = due(asked.due, desk.now())
        except (NotUnderstood, OverflowError) as e:
            raise CommandTrouble(
                _(
                    "“{when}” is no date; say for example 2d, friday, 31/12 or 2026-12-31 14:30. Nothing was done."
                ).format(when=line(asked.due, 40)),
                Exit.USAGE,
            ) from e
    who = actor.login if asked.assign == "me" else asked.assign
    return Acts(
        start=asked.start,
        assignee=None if asked.nobody else KEEP if who is None else who,
        categories=tuple(category(desk, name, actor) for name in asked.category),
        no_categories=tuple(category(desk, name, actor) for name in asked.no_category),
        categorise=asked.categorise,
        tags=tuple(asked.tag),
        no_tags=tuple(asked.no_tag),
        priority=Priority[asked.priority.upper()] if asked.priority else None,
        due=when,
        followers=tuple(asked.follow),
        answered=asked.answered,
        managers=pick(asked.managers, [(name, id) for id, name in managers.names(desk, actor=actor)])
        if asked.managers
        else None,
        template=_template(desk, asked.template, actor) if asked.template else None,
        flow=flow(desk, asked.flow, actor)[0] if asked.flow else None,
        phase=asked.phase or "",
        resolution=asked.resolution,
        outcome=asked.outcome,
        rule=_rule(desk, asked.rule_set, actor) if asked.rule_set else None,
    )


def _template(desk: "Desk", wanted: str, actor: "Actor") -> int | str:
    if fold(wanted) == CLASS:
        return CLASS
    usable = templates.usable(desk, actor=actor)
    if wanted.isdecimal() and any(str(t.id) == wanted for t in usable):
        return int(wanted)
    return pick(wanted, [(t.name, t.id) for t in usable])


def _rule(desk: "Desk", wanted: str, actor: "Actor") -> int:
    known = rules.rule_sets(desk, actor=actor)
    for one in known:
        if fold(one.name) == fold(line(wanted)) or str(one.id) == wanted:
            return one.id
    raise CommandTrouble(
        _("There is no rule set “{wanted}” that you can see; there are: {names}. Nothing was done.").format(
            wanted=line(wanted, 60), names=", ".join(line(one.name) for one in known) or "—"
        )
    )


class _Ticker:
    """A count on the terminal while it runs."""

    def __init__(self) -> None:
        self.behind = 0
        self._shown = False

    def told(self, behind: int, found: int) -> None:
        self.behind = behind
        if output.is_terminal(sys.stderr):
            sys.stderr.write("\r" + _("{n} of {found} …").format(n=written(behind), found=written(found)))
            sys.stderr.flush()
            self._shown = True

    def clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r" + " " * 40 + "\r")
            self._shown = False


def _shape(done: MassDone) -> dict[str, Any]:
    """Scripts rely on it: fields are added, never renamed or taken away."""
    return {
        "found": done.found,
        "done": list(done.done),
        "partly": list(done.partly),
        "refused": _reasons(done.refused),
        "left": done.left,
        "written": list(done.written),
    }


def _reasons(refused: Sequence[WhyNot]) -> list[dict[str, Any]]:
    return [{"reason": str(r.why), "code": r.why.code, "count": r.count, "numbers": list(r.numbers)} for r in refused]


def _for_people(done: MassDone) -> None:
    said = _("{found} tickets found: {done} done, {partly} in part, {refused} not.")
    refused = {n for reason in done.refused for n in reason.numbers}.difference(done.partly)
    output.say(
        said.format(
            found=written(done.found),
            done=written(len(done.done)),
            partly=written(len(done.partly)),
            refused=written(len(refused)),
        )
    )
    if done.written:
        n = len(done.written)
        output.say(ngettext("One customer was written to.", "{n} customers were written to.", n).format(n=written(n)))
    _tell(done.refused)


def _tell(refused: Sequence[WhyNot]) -> None:
    for reason in refused:
        which = " ".join(f"#{n}" for n in reason.numbers[:SHOWN]) + (" …" if reason.count > SHOWN else "")
        output.complain(
            _("{n} × {why} ({which})").format(n=written(reason.count), why=line(str(reason.why)), which=which)
        )
