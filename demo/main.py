"""`retorno demo`: the program on a shop's sample answers, or the check that plays it without a screen."""

import argparse
import sys
from importlib.util import find_spec

from domain.text import _

# The post office is a process of its own; what it lacks is better said here, where the command line can say it.
for _name in ("aiosmtpd", "pymap"):
    if find_spec(_name) is None:
        raise ModuleNotFoundError(_("{name} is not installed").format(name=_name), name=_name)

UNDO_SECONDS = 5
"""Long enough for second thoughts, short enough to see the answer come."""
ANSWERS_AFTER = (2.0, 6.0)
"""Seconds until a simulated customer answers."""

NO_SERVER = 5
"""The exit code of a server that does not answer, as `cli.exits` has it."""


def run(args: argparse.Namespace | None = None) -> int:
    """Open the screen on a fresh world with servers and customers beside it; nothing of it is left at the end."""
    if args is not None and getattr(args, "check", False):
        return check(args)
    from demo.place import Place
    from demo.servers import Servers, ServersTrouble

    place = Place.fresh()
    servers = Servers(delay=ANSWERS_AFTER, sweep=place.folder)
    try:
        print(_("Opening a shop with two months of answers…"), file=sys.stderr, flush=True)
        # The servers open while this process imports and writes.
        from demo import world
        from loop.desk import open_desk

        world.found(place.config())
        config = place.config(servers.smtp, servers.imap, UNDO_SECONDS)
        world.people_the_past(config)
        desk = open_desk(config)
        try:
            from tui.app import run as show

            welcome = _("Enter opens a ticket, r answers the customer, who writes back in seconds. ? tells all keys.")
            return int(show(desk, desk.actor(world.PLAYER), welcome=welcome) or 0)
        finally:
            desk.close()
    except ServersTrouble as e:
        print(_("The demo's mail servers did not open: {why}").format(why=e), file=sys.stderr)
        return NO_SERVER
    finally:
        servers.close()
        place.remove()


def check(args: argparse.Namespace | None = None) -> int:
    """Play the loop without a screen; 0 only if every step happened."""
    from demo.check import check as play

    return play()
