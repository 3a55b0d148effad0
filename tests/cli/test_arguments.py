"""The command line: what is understood, what is refused, and that asking for help costs nothing."""

import argparse
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli.arguments import build, parse
from cli.reference import reference
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]
HEAVY = (
    "sqlmodel",
    "sqlalchemy",
    "textual",
    "rich",
    "alembic",
    "jinja2",
    "aiosmtplib",
    "imapclient",
    "psycopg",
    "loop",
)


def _leaves(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    inner = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    return [leaf for a in inner for p in a.choices.values() for leaf in _leaves(p)] if inner else [parser]


@pytest.mark.parametrize(
    "argv", [["--help"], ["--version"], ["mail", "explain", "--help"], ["tickest"], ["close", "1"]]
)
def test_help_and_typing_errors_import_nothing_heavy(argv: list[str]) -> None:
    """Parsing, --help and --version load no database, no mail, no screen, in a clean interpreter."""
    code = (
        "import sys; from cli.main import main; main(sys.argv[1:]); "
        f"print('loaded:', [m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *argv], cwd=ROOT, capture_output=True, text=True, timeout=180, check=True
    )
    assert done.stderr.endswith("loaded: []\n")


def test_mail_explain_loads_no_database() -> None:
    """`mail explain` works on a machine that has no database, and many files pay for no import of one."""
    code = (
        "import sys; from cli.main import main; main(['mail', 'explain', 'no-such-file']); "
        "print('loaded:', [m for m in ('sqlmodel', 'textual', 'alembic', 'imapclient') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=180, check=True
    )
    assert done.stdout.endswith("loaded: []\n")


def test_version_says_the_package_s(run: Run) -> None:
    said = run("--version")
    assert said.code == 0
    assert re.fullmatch(r"retorno \d+\.\d+\.\d+\n", said.out)


@pytest.mark.parametrize(
    "argv",
    [
        ["frobnicate"],
        ["start"],
        ["start", "x"],
        ["start", "0"],
        ["start", "-1"],
        ["assign", "1", "ana", "2"],
        ["assign", "ana"],
        ["close", "1"],
        ["import", "a.csv"],
        ["import", "a.csv", "--survey", "x", "--scale", "stars"],
        ["import", "a.csv", "--survey", "x", "--column", "score"],
        ["mail"],
        ["mail", "explain"],
        ["user", "add", "ana", "--level", "king"],
        ["tickets", "--limit", "-3"],
        ["tickets", "--jso"],
    ],
)
def test_what_cannot_be_understood_ends_with_2(run: Run, argv: list[str]) -> None:
    """Wrong usage: exit code 2, a sentence and where help is, nothing on stdout."""
    said = run(*argv)
    assert said.code == 2
    assert said.out == ""
    assert "--help" in said.err and "Traceback" not in said.err


def test_a_negated_term_is_a_query_not_an_option() -> None:
    """`-assignee:me` belongs to the query language (Q5)."""
    asked = parse(["tickets", "is:open", "-class:promoter", "--json", "-atraso"])
    assert asked.query == ["is:open", "-class:promoter", "-atraso"]
    assert asked.json
    assert parse(["tickets", "--json", "--", "-x", "--json"]).query == ["-x", "--json"]


def test_options_may_stand_between_the_words() -> None:
    asked = parse(["move", "1", "2", "--resolution", "done", "Solved"])
    assert (asked.numbers, asked.phase, asked.resolution) == ([1, 2], "Solved", "done")
    assert parse(["note", "1", "--", "-1 star"]).text == "-1 star"
    assert parse(["mail", "explain", "tickets", "--", "-odd.eml"]).files == ["tickets", "-odd.eml"]


@pytest.mark.parametrize("argv", [["--json", "--db", "x", "tickets"], ["tickets", "--json", "--db", "x"]])
def test_global_options_stand_before_or_after_the_command(argv: list[str]) -> None:
    asked = parse(argv)
    assert (asked.json, asked.db, asked.config, asked.login) == (True, "x", None, None)


def test_tickets_are_named_with_or_without_their_sign() -> None:
    assert parse(["start", "#12", "7"]).numbers == [12, 7]
    assert parse(["assign", "1", "#2", "ana"]).numbers == [1, 2]
    assert parse(["assign", "1", "#2", "--nobody"]).who is None
    asked = parse(["move", "3", "4", "Em andamento"])
    assert (asked.numbers, asked.phase) == ([3, 4], "Em andamento")


def test_every_command_and_option_has_its_words() -> None:
    """Nothing is left for a reader to guess."""
    for command in _leaves(build()):
        assert command.description, command.prog
        for action in command._actions:
            assert action.help, (command.prog, action.dest)


def test_every_command_leads_somewhere() -> None:
    """The function that a command names is there."""
    from importlib import import_module

    for command in _leaves(build()):
        module, _colon, function = command.get_default("run").partition(":")
        assert callable(getattr(import_module(module), function)), command.prog


def test_the_reference_page_is_current() -> None:
    """docs/reference/commands.md is what `python -m cli.reference` prints."""
    page = (ROOT / "docs" / "reference" / "commands.md").read_text("utf-8")
    assert page == reference(), "make it again: python -m cli.reference > docs/reference/commands.md"


def test_the_reference_page_names_every_command() -> None:
    page = reference()
    for command in _leaves(build()):
        assert f"## {command.prog}\n" in page
