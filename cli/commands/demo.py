"""`retorno demo`: the program on a world of its own. It is found by name, so that nothing leans on it."""

import argparse
from importlib import import_module

from cli.exits import CommandTrouble, Exit
from domain.text import _


def run(asked: argparse.Namespace) -> int:
    """Open the demo, or play it without a screen for `--check`."""
    if not asked.check:
        from cli.commands.screen import check_terminal

        check_terminal()
    try:
        demo = import_module("demo.main")
    except ImportError as e:
        raise CommandTrouble(
            _("The demo needs what is not installed here ({missing}); make demo in a checkout sets it up.").format(
                missing=e.name or e
            ),
            Exit.SETUP,
        ) from e
    return int(demo.check() if asked.check else demo.run())
