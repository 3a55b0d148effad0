"""docs/reference/commands.md, made from the command line itself: `python -m cli.reference > docs/reference/commands.md`."""

import argparse
import sys
from collections.abc import Iterator

from cli.arguments import build
from cli.exits import MEANINGS

HEAD = """# Commands

This page is made from the program by `python -m cli.reference`; a test holds that it is current.

Every command goes through the same verbs as the screen, under the same rules and with the same timeline. Tables are for
people: aligned, cut to the terminal's width, coloured only on a terminal and never with `NO_COLOR`. `--json` is for
scripts: its fields are added to, never renamed. Sentences about trouble go to stderr and say what happened, what was
kept and what to do.

## Where, and who

The database is `--db URL`, else `RETORNO_DB`, else the configuration file's, else an SQLite file in the platform's data
folder. The configuration file is `--config FILE`, else `RETORNO_CONFIG`, else the platform's usual place. A plain path is
an SQLite file.

Who acts is the operating system's user, whatever `USER` or `LOGNAME` say. The first one becomes owner. `--as LOGIN` acts
as somebody else, and only on a database marked personal, which is what `retorno init` makes; `retorno init --shared` makes
one that never takes it.

## Exit codes

| code | meaning |
|---|---|
"""

JSON_NOTE = """
A set of tickets is worked on ticket by ticket: those that the rules allow are done, the others are named with the reason,
and the exit code is 1.

"""


def reference() -> str:
    """The whole page, the same on every machine."""
    parser = build()
    out = [
        HEAD + "\n".join(f"| {int(code)} | {_cell(meaning())} |" for code, meaning in MEANINGS.items()) + "\n",
        JSON_NOTE,
    ]
    out.append("## Everywhere\n\n" + _table(_everywhere(parser)))
    out.append("## retorno\n\nWithout a command, the screen opens.\n\n" + _table(_own(parser)))
    out += map(_section, _leaves(parser))
    return "".join(out).rstrip() + "\n"


def _leaves(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                deeper = list(_leaves(command))
                yield from deeper or [command]


def _section(command: argparse.ArgumentParser) -> str:
    described = (command.description or "").strip()
    sentence = described[:1].upper() + described[1:] + ("" if described.endswith(".") else ".")
    shape = f"```\n{command.epilog}\n```\n\n" if command.epilog else ""
    return f"## {command.prog}\n\n    {_usage(command)}\n\n{sentence}\n\n{_table(_own(command))}{shape}"


def _usage(command: argparse.ArgumentParser) -> str:
    if command.usage:
        return command.usage
    return " ".join([command.prog, *map(_synopsis, _own(command))])


def _synopsis(action: argparse.Action) -> str:
    name = _metavar(action)
    if not action.option_strings:
        return {"+": f"{name} [{name} …]", "*": f"[{name} …]"}.get(str(action.nargs), name)
    flag = action.option_strings[0] + (f" {name}" if action.nargs != 0 else "")
    return flag if action.required else f"[{flag}]"


def _metavar(action: argparse.Action) -> str:
    if isinstance(action.metavar, str):
        return action.metavar
    return "|".join(map(str, action.choices)) if action.choices else action.dest.upper()


def _own(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    common = {id(action) for action in _everywhere(parser)}
    return [
        action
        for action in parser._actions
        if id(action) not in common
        and not isinstance(action, argparse._HelpAction | argparse._SubParsersAction)
        and action.help != argparse.SUPPRESS
    ]


def _everywhere(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [action for action in parser._actions if action.dest in ("db", "config", "login", "json")]


def _table(actions: list[argparse.Action]) -> str:
    if not actions:
        return ""
    rows = []
    for action in sorted(actions, key=lambda a: bool(a.option_strings)):
        name = ", ".join(action.option_strings) or _metavar(action)
        value = f" {_metavar(action)}" if action.option_strings and action.nargs != 0 else ""
        rows.append(f"| `{_cell(name + value)}` | {_cell(action.help or '')} |")
    return "| | |\n|---|---|\n" + "\n".join(rows) + "\n\n"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(reference())
