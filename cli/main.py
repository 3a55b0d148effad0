"""The `retorno` command: parse, import what the command needs, run, and say in a sentence what went wrong."""

import os
import re
import sys
from collections.abc import Mapping
from typing import Any

from cli.arguments import parse
from cli.exits import CommandTrouble, Exit
from cli.output import OutputClosed, complain, flush, forgiving
from domain.text import _, line, use_language


def main(argv: list[str] | None = None) -> int:
    """Carry out a command line (of this process, if none is given); its exit code. Never raises."""
    forgiving(sys.stdout)
    forgiving(sys.stderr)
    use_language(*languages(os.environ))
    try:
        return _run(list(sys.argv[1:] if argv is None else argv))
    except CommandTrouble as trouble:
        if _debugging() and trouble.__cause__ is not None:
            _show(trouble)
        complain(str(trouble))
        return int(trouble.exit_code)
    except OutputClosed:
        _let_go_of_stdout()
        return Exit.PIPE_CLOSED
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except SystemExit as e:
        return e.code if isinstance(e.code, int) else Exit.DONE if e.code is None else Exit.BROKEN
    except Exception as e:
        return _unforeseen(e)


def languages(environ: Mapping[str, str]) -> tuple[str, ...]:
    """What the reader wants to read, by POSIX's order: LC_ALL, else LC_MESSAGES, else LANG (R6).

    Other kinds of Portuguese are better served by Brazil's than by English. What cannot be a language, such as a path, is none.
    """
    named = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := environ.get(name))), "C")
    if not re.fullmatch(r"[A-Za-z]+[\w.@-]*", named):
        return ("C",)
    return (named, "pt_BR") if named.lower().startswith("pt") else (named,)


def _run(argv: list[str]) -> int:
    try:
        asked = parse(argv)
    except BrokenPipeError:
        raise OutputClosed from None
    from importlib import import_module

    module, _colon, function = asked.run.partition(":")
    code = getattr(import_module(module), function)(asked)
    flush()
    return int(code)


def _unforeseen(error: Exception) -> int:
    """A fault that no command foresaw; a database that went away in the middle is told apart by its driver's words."""
    if _debugging():
        _show(error)
    what = line(str(error), 300) or type(error).__name__
    if _is_lost_server(error):
        complain(
            _("The database does not answer: {what}. What was begun is undone; try again when it is there.").format(
                what=what
            )
        )
        return Exit.SERVER
    complain(
        _(
            "Something went wrong inside Retorno ({kind}: {what}). What was begun is undone and what was there is kept. "
            "RETORNO_DEBUG=1 shows where it happened."
        ).format(kind=type(error).__name__, what=what)
    )
    return Exit.BROKEN


def _is_lost_server(error: BaseException | None) -> bool:
    while error is not None:
        kind = type(error)
        if kind.__name__ in ("OperationalError", "InterfaceError") and kind.__module__.split(".")[0] in (
            "sqlalchemy",
            "psycopg",
            "sqlite3",
        ):
            return True
        error = error.__cause__ or error.__context__
    return False


def _debugging() -> bool:
    return bool(os.environ.get("RETORNO_DEBUG"))


def _show(error: BaseException) -> None:
    import traceback

    traceback.print_exception(error)


def _let_go_of_stdout() -> None:
    """Or the interpreter complains of the broken pipe once more on its way out."""
    try:
        null: Any = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
    except (OSError, ValueError):
        return


if __name__ == "__main__":
    sys.exit(main())
