"""`retorno` without a command: the screen, where there is a terminal that can show one."""

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from domain.text import _, line

COLUMNS, LINES = 60, 16
"""The smallest terminal on which every pane still has room."""


def run(asked: argparse.Namespace) -> int:
    """Open the screen on the desk."""
    check_terminal()
    # Starting makes some hundred thousand objects that stay: looking through them again and again costs 30 ms.
    gc.set_threshold(100_000, 20, 20)
    with desk_for(asked) as (desk, actor):
        # By name, as commands must not pay for Textual, nor import the other face.
        return int(import_module("tui.app").run(desk, actor, theme=desk.config.theme) or 0)


def check_theme(name: str) -> None:
    """CommandTrouble for colours that the screen does not have."""
    known = import_module("tui.theme").known()
    if name not in known:
        raise CommandTrouble(
            _("There is no theme “{name}”; there are {known}.").format(name=line(name, 60), known=", ".join(known)),
            Exit.USAGE,
        )


def columns_of(names: Sequence[str]) -> list[str]:
    """Columns of the list by their ids, each by id or title. CommandTrouble for a name that is none."""
    columns = import_module("tui.widgets.queue_columns")
    unknown = next((name for name in names if not columns.wished([name])), None)
    if unknown is not None:
        said = _("{word} is no column; there are {known}.")
        raise CommandTrouble(said.format(word=line(unknown, 60), known=", ".join(columns.choices())), Exit.USAGE)
    return list(columns.wished(names))


def check_terminal() -> None:
    """CommandTrouble unless a screen can be shown here; the commands work all the same."""
    rest = _("The commands work without a screen: retorno --help lists them.")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CommandTrouble(_("The screen needs a terminal, and this is none.") + " " + rest, Exit.SETUP)
    if os.environ.get("TERM", "") in ("", "dumb", "unknown"):
        raise CommandTrouble(
            _("This terminal (TERM={term}) cannot show the screen.").format(term=os.environ.get("TERM", ""))
            + " "
            + rest,
            Exit.SETUP,
        )
    size = os.get_terminal_size(sys.stdout.fileno())
    if 0 < size.columns < COLUMNS or 0 < size.lines < LINES:
        raise CommandTrouble(
            _(
                "The screen needs a terminal of at least {columns} columns and {lines} lines; this one has {here}."
            ).format(columns=COLUMNS, lines=LINES, here=f"{size.columns}x{size.lines}")
            + " "
            + rest,
            Exit.SETUP,
        )
