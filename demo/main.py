"""`retorno demo`: the program on a shop's sample answers, or the check that plays it without a screen."""

import argparse
import sys

from domain.text import _

UNDO_SECONDS = 5
"""Long enough for second thoughts, short enough to see the answer come."""
ANSWERS_AFTER = (2.0, 6.0)
"""Seconds until a simulated customer answers."""


def run(args: argparse.Namespace | None = None) -> int:
    """Open the screen on a fresh world with servers and customers beside it; nothing of it is left at the end."""
    if args is not None and getattr(args, "check", False):
        return check(args)
    from demo.place import Place
    from demo.servers import Servers

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

            return int(show(desk, desk.actor(world.PLAYER)) or 0)
        finally:
            desk.close()
    finally:
        servers.close()
        place.remove()


def check(args: argparse.Namespace | None = None) -> int:
    """Play the loop without a screen; 0 only if every step happened."""
    from demo.check import check as play

    return play()
