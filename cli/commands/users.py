"""`retorno user add` and `retorno user list` (P1)."""

import argparse

from cli import output
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from domain.people import Level, Role
from domain.refusals import Refusal
from domain.text import _, fold, line

ROLES = {Level.ANALYST: Role.ANALYST, Level.AGENT: Role.AGENT}
"""The role in a flow that goes with a level; above agent it is administrator."""


def add(asked: argparse.Namespace) -> int:
    """Let a person in; only the owner grants levels."""
    from loop import founding, queue

    login = line(asked.who)
    if not login or " " in login:
        raise CommandTrouble(_("A login is one word. Nothing was done."), Exit.USAGE)
    level = Level(asked.level)
    if asked.flows and level is Level.NONE:
        raise CommandTrouble(_("Somebody without a level works in no flow (P1). Nothing was done."), Exit.USAGE)
    with desk_for(asked) as (desk, actor):
        flows = {flow.id: flow.name for flow in queue.flows(desk, actor=actor)}
        members = {}
        for name in asked.flows:
            found = [id for id, known in flows.items() if fold(known) == fold(name)]
            if not found:
                raise CommandTrouble(
                    _("There is no flow “{name}”; there are: {flows}. Nobody was added.").format(
                        name=line(name, 60), flows=", ".join(flows.values())
                    )
                )
            members[found[0]] = ROLES.get(level, Role.ADMINISTRATOR)
        added = founding.add_user(desk, login, asked.name, asked.email, level, actor=actor, flows=members)
        if isinstance(added, Refusal):
            raise CommandTrouble(str(added))
    if asked.json:
        output.say_json(
            {"login": login, "name": asked.name or login, "email": asked.email or None, "level": level.value}
        )
        return Exit.DONE
    output.say(_("{login} may come in, as {level}.").format(login=login, level=level.value))
    if not members and level not in (Level.NONE, Level.OWNER):
        output.say(_("They are a member of no flow yet and so see no ticket; --flow NAME makes them one."))
    return Exit.DONE


def listing(asked: argparse.Namespace) -> int:
    """Who is here."""
    from loop import users

    with desk_for(asked) as (desk, actor):
        people = users.listing(desk, actor=actor)
    if asked.json:
        output.say_json(
            [{"login": p.login, "name": p.name, "email": p.email or None, "level": p.level.value} for p in people]
        )
        return Exit.DONE
    table = output.Table(
        [
            output.Column(_("Login")),
            output.Column(_("Name"), most=40, gives=True),
            output.Column(_("Level")),
            output.Column(_("E-mail"), most=60, gives=True),
        ],
        output.width(),
    )
    for shown in table.lines([(p.login, p.name, p.level.value, p.email) for p in people]):
        output.write(shown + "\n")
    return Exit.DONE
