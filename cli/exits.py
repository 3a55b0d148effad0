"""How a command ends: its exit code, and the one error that carries a sentence for people."""

from collections.abc import Callable
from enum import IntEnum
from types import MappingProxyType

from domain.text import _


class Exit(IntEnum):
    """The exit codes that scripts may rely on."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    SETUP = 3
    INPUT = 4
    SERVER = 5
    BROKEN = 70
    INTERRUPTED = 130
    PIPE_CLOSED = 141


MEANINGS: MappingProxyType[Exit, Callable[[], str]] = MappingProxyType(
    {
        Exit.DONE: lambda: _("All that was asked is done."),
        Exit.REFUSED: lambda: _("The rules refused it, or a part of it; the reasons are said, the rest is done."),
        Exit.USAGE: lambda: _("The command line or the query cannot be understood; nothing was done."),
        Exit.SETUP: lambda: _(
            "The set-up stands in the way: no database, one of another version, a configuration file that cannot be "
            "read, a user who is not known, a terminal without a screen."
        ),
        Exit.INPUT: lambda: _("A file cannot be read or is not what it should be."),
        Exit.SERVER: lambda: _("A server (database, IMAP, SMTP) does not answer."),
        Exit.BROKEN: lambda: _("A fault of Retorno itself; RETORNO_DEBUG=1 shows where."),
        Exit.INTERRUPTED: lambda: _("Stopped by Ctrl+C."),
        Exit.PIPE_CLOSED: lambda: _("Who read the output went away (`retorno tickets | head`)."),
    }
)


class CommandTrouble(Exception):
    """Why a command cannot go on, in a sentence for people, and the exit code to leave with."""

    def __init__(self, sentence: str, exit_code: int = Exit.REFUSED) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code
