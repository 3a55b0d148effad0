"""`retorno init`: makes the database; the operating system's user becomes its owner."""

import argparse

from cli import output
from cli.exits import CommandTrouble, Exit
from cli.opening import configuration
from domain.text import _


def run(asked: argparse.Namespace) -> int:
    """Make what is missing; doing it again changes nothing."""
    from loop import founding
    from loop.desk import DeskTrouble, system_login

    if asked.login is not None:
        raise CommandTrouble(_("--as is not for init: who runs it becomes the owner. Nothing was done."), Exit.USAGE)
    config = configuration(asked)
    try:
        said = founding.init(
            config, login=system_login(), name=asked.name, personal=not asked.shared, language=asked.language
        )
    except DeskTrouble as e:
        raise CommandTrouble(str(e), e.exit_code) from e
    except OSError as e:
        raise CommandTrouble(
            _("The database cannot be made at {where}: {why}.").format(where=config.db_shown, why=e.strerror or e),
            Exit.SETUP,
        ) from e
    if asked.json:
        output.say_json({"done": said})
    else:
        for sentence in said:
            output.say(sentence)
    return Exit.DONE
