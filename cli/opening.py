"""Opening the desk for a command: which configuration, which database, and who acts."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cli.exits import CommandTrouble, Exit
from domain.text import _

if TYPE_CHECKING:
    from domain.people import Actor
    from loop.config import Config
    from loop.desk import Desk


def configuration(asked: argparse.Namespace) -> "Config":
    """The configuration by `--db`, `--config`, environment and platform; CommandTrouble when it cannot be read."""
    from loop.config import ConfigTrouble, load

    try:
        return load(asked.config, asked.db, os.environ)
    except ConfigTrouble as e:
        raise CommandTrouble(str(e), Exit.SETUP) from e


@contextmanager
def desk_for(asked: argparse.Namespace) -> Iterator[tuple["Desk", "Actor"]]:
    """The desk, and who acts: the operating system's user, or `--as` on a personal database.

    CommandTrouble when there is no database to open, or when nobody here is called so.
    """
    from loop.desk import DeskTrouble, open_desk

    try:
        desk = open_desk(configuration(asked))
    except DeskTrouble as e:
        raise CommandTrouble(str(e), e.exit_code) from e
    try:
        try:
            actor = acting(desk, asked.login)
        except DeskTrouble as e:
            raise CommandTrouble(str(e), e.exit_code) from e
        yield desk, actor
    finally:
        desk.close()


def acting(desk: "Desk", login: str | None) -> "Actor":
    """The one who acts. `--as` is a convenience on one's own database; on a shared one it would be a disguise."""
    if login is not None and not desk.facts().personal:
        raise CommandTrouble(
            _(
                "--as is only taken on a personal database, and this one is shared: everybody acts as the user they "
                "are logged in as. Nothing was done."
            ),
            Exit.REFUSED,
        )
    return desk.actor(login)
