"""argparse, taught our ways: no guessing, options anywhere, queries with negated terms, and the kinds of words we take."""

import argparse
import re
import sys
from typing import Any, NoReturn

from cli.exits import Exit
from domain.text import _

_MINUS = "\0"  # stands before a query word that begins with '-': no argument can contain it


class Parser(argparse.ArgumentParser):
    """argparse without guessing: no abbreviated options, which would break scripts when options are added."""

    def __init__(self, *words: Any, **options: Any) -> None:
        options.setdefault("allow_abbrev", False)
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(*words, **options)
        self.commands: frozenset[str] = frozenset()
        self._mixing = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Options may stand between the words of a command: `move 1 2 --resolution … Solved`."""
        if self._mixing or self._subparsers is not None:
            return super().parse_known_args(args, namespace)
        self._mixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._mixing = False

    def error(self, message: str) -> NoReturn:
        """A typing error: what it was, and where help is."""
        hint = _("See {command} --help.").format(command=self.prog)
        self.exit(Exit.USAGE, f"{self.prog}: {message.replace(_MINUS, '')}\n{hint}\n")


class Version(argparse.Action):
    """Finding the version out costs more than all the rest of the command line, so only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_words: Any, **_options: Any) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            number = version("retorno")
        except PackageNotFoundError:
            number = "?"
        sys.stdout.write(f"retorno {number}\n")
        parser.exit()


def number(text: str) -> int:
    """A ticket's number, with or without its '#'."""
    if not re.fullmatch(r"#?[0-9]{1,12}", text, re.ASCII) or not (found := int(text.removeprefix("#"))):
        raise argparse.ArgumentTypeError(_("“{text}” is not a ticket's number").format(text=text))
    return found


def count(text: str) -> int:
    """A whole number, zero included."""
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        raise argparse.ArgumentTypeError(_("“{text}” is not a whole number").format(text=text))
    return int(text)


def mapping(text: str) -> tuple[str, str]:
    """FIELD=HEADING, as the columns of a file are named by hand."""
    field, equals, heading = text.partition("=")
    if not equals or not field or not heading:
        raise argparse.ArgumentTypeError(_("“{text}” is not FIELD=HEADING, such as score=Nota").format(text=text))
    return field, heading


def query_word(text: str) -> str:
    """A word of a query, as it was before `shielded`."""
    return text.removeprefix(_MINUS)


def shielded(words: list[str]) -> list[str]:
    """Words of a query that argparse would take for options: `-assignee:me` is a negated term; all are after `--`."""
    end = words.index("--") if "--" in words else len(words)
    terms = [_MINUS + word if re.match(r"-[^-]..", word) else word for word in words[:end]]
    return terms + [_MINUS + word for word in words[end + 1 :]]
