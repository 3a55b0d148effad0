"""`retorno user …`: who works here, and what they may do at most (P1, P4)."""

import argparse
from typing import Any

from cli import output
from cli.commands.saving import saved, show
from cli.commands.screen import check_theme, columns_of
from cli.commands.verbs import words
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from domain.people import Level, Role
from domain.refusals import Refusal
from domain.text import _, fold, line
from domain.words import named
from loop import people

ROLES = {Level.ANALYST: Role.ANALYST, Level.AGENT: Role.AGENT}
"""The role in a flow that goes with a level; above agent it is administrator."""


def add(asked: argparse.Namespace) -> int:
    """`retorno user add LOGIN`: only the owner grants levels."""
    from loop import queue

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
        added = people.add_user(desk, login, asked.name, asked.email, level, actor=actor, flows=members)
        if isinstance(added, Refusal):
            raise CommandTrouble(str(added))
    if asked.json:
        output.say_json(
            {"login": login, "name": asked.name or login, "email": asked.email or None, "level": level.value}
        )
        return Exit.DONE
    output.say(_("{login} may come in, as {level}.").format(login=login, level=named(level.value)))
    if not members and level not in (Level.NONE, Level.OWNER):
        output.say(_("They are a member of no flow yet and so see no ticket; --flow NAME makes them one."))
    return Exit.DONE


def listing(asked: argparse.Namespace) -> int:
    """`retorno user list`."""
    with desk_for(asked) as (desk, actor):
        rows = people.people(desk, actor=actor, inactive=asked.inactive)
    if asked.json:
        output.say_json(
            [
                {
                    "login": p.login,
                    "name": p.name,
                    "email": p.email or None,
                    "level": p.level,
                    "active": p.active,
                    "teams": list(p.teams),
                    "flows": [{"flow": flow, "role": role} for flow, role in p.flows],
                    "open_tickets": p.open_tickets,
                }
                for p in rows
            ]
        )
        return Exit.DONE
    show(
        [
            output.Column(_("Login")),
            output.Column(_("Name"), most=40, gives=True),
            output.Column(_("Level")),
            output.Column(_("Open"), right=True),
            output.Column(_("E-mail"), most=60, gives=True),
        ],
        [
            (p.login, p.name, named(p.level) if p.active else _("inactive"), str(p.open_tickets or ""), p.email)
            for p in rows
        ],
    )
    return Exit.DONE


def change(asked: argparse.Namespace) -> int:
    """`retorno user change LOGIN`: the owner's, but one's own name and address."""
    with desk_for(asked) as (desk, actor):
        level = None if asked.level is None else Level(asked.level)
        done = people.change_user(desk, asked.who, name=asked.name, email=asked.email, level=level, actor=actor)
    return saved(asked, done, asked.who)


def signature(asked: argparse.Namespace) -> int:
    """`retorno user signature`: one's own (M3)."""
    with desk_for(asked) as (desk, actor):
        sender, text = people.signature(desk, actor=actor)
        if asked.sender_name is not None or asked.text is not None:
            sender = sender if asked.sender_name is None else asked.sender_name
            text = text if asked.text is None else words(asked.text)
            people.set_signature(desk, sender, text, actor=actor)
            sender, text = people.signature(desk, actor=actor)
    if asked.json:
        output.say_json({"sender_name": sender or None, "signature": text or None})
    else:
        output.say("\n".join(part for part in (sender, text) if part))
    return Exit.DONE


def prefs(asked: argparse.Namespace) -> int:
    """`retorno user prefs`: one's own, for the screen and for mails about notifications (N2)."""
    from loop.notification_mail import wishes
    from loop.notifications import KINDS

    with desk_for(asked) as (desk, actor):
        chosen = people.prefs(desk, actor=actor)
        changes: dict[str, Any] = {}
        if asked.mail or asked.no_mail:
            switched = dict.fromkeys(asked.mail, True) | dict.fromkeys(asked.no_mail, False)
            changes["notify"] = dict(chosen.get("notify") or {}) | switched
        if asked.columns is not None:
            changes["columns"] = columns_of([name.strip() for name in asked.columns.split(",") if name.strip()]) or None
        if asked.theme is not None:
            if asked.theme:
                check_theme(asked.theme)
            changes["theme"] = asked.theme or None
        if changes:
            people.set_prefs(desk, changes, actor=actor)
            chosen = people.prefs(desk, actor=actor)
    notify = {kind: wishes(chosen, kind) for kind in KINDS}
    if asked.json:
        output.say_json({"columns": chosen.get("columns"), "notify": notify, "theme": chosen.get("theme")})
        return Exit.DONE
    by_mail = [kind for kind, on in notify.items() if on]
    output.say(_("Columns: {names}").format(names=", ".join(chosen.get("columns") or ()) or "—"))
    output.say(_("By e-mail too: {kinds}").format(kinds=", ".join(by_mail) or "—"))
    output.say(_("Colours: {name}").format(name=chosen.get("theme") or "—"))
    return Exit.DONE


def deactivate(asked: argparse.Namespace) -> int:
    """`retorno user deactivate LOGIN [--successor LOGIN]` (P4)."""
    with desk_for(asked) as (desk, actor):
        done = people.deactivate(desk, asked.who, successor=asked.successor, actor=actor)
    return saved(asked, done, asked.who)


def activate(asked: argparse.Namespace) -> int:
    """`retorno user activate LOGIN`."""
    with desk_for(asked) as (desk, actor):
        return saved(asked, people.activate(desk, asked.who, actor=actor), asked.who)
