"""The registry of actions holds together (R5, ux: every key has a command; one registry feeds all)."""

from collections import Counter

import pytest

from tui import actions
from tui.actions import ACTIONS, HINTS, Where
from tui.screens.queue import QueueScreen


@pytest.mark.parametrize("action", ACTIONS, ids=lambda a: a.id)
def test_every_action_does_something(action: actions.Action) -> None:
    """What is registered works: there is a method for it, or its own widget binds its keys."""
    assert action.where is Where.TICKET or hasattr(QueueScreen, f"do_{action.id}")
    assert action.keys or action.command
    assert action.help.endswith(".")


def test_no_key_and_no_command_means_two_things() -> None:
    """A part of the ticket may bind a key of its own while it is open."""
    keys = Counter(key if not a.part else f"{a.part} {key}" for a in ACTIONS for key in a.keys)
    commands = Counter(a.command for a in ACTIONS if a.command)
    assert [k for k, n in (keys + commands).items() if n > 1] == []


def test_verbs_are_those_a_ticket_can_refuse() -> None:
    assert {a.verb for a in ACTIONS if a.verb} <= {
        "start", "assign", "move", "close", "priority", "tick", "reply", "note", "edit", "transfer", "merge",
    }  # fmt: skip


def test_the_footer_never_shows_more_than_seven_keys() -> None:
    for ids in HINTS.values():
        assert len(ids) <= 7
        assert set(ids) <= set(actions.BY_ID)


@pytest.mark.parametrize(
    ("typed", "id", "argument"),
    [
        ("start", "start", ""),
        ("assign bia", "assign", "bia"),
        ("ass bia", "assign", "bia"),
        ("  move  Solving ", "move", "Solving"),
        ("q", "quit", ""),
        ("1042", "open", "1042"),
        ("import a file.csv NPS", "import", "a file.csv NPS"),
    ],
)
def test_a_line_means_a_command(typed: str, id: str, argument: str) -> None:
    command = actions.parse(typed)
    assert isinstance(command, actions.Command)
    assert (command.action.id, command.argument) == (id, argument)


@pytest.mark.parametrize("typed", ["", "fly", "start now", "open-notes", "re", "cl"])
def test_a_line_that_means_nothing_says_why(typed: str) -> None:
    """Unknown, ambiguous, too much, too little: a sentence each."""
    why = actions.parse(typed)
    assert isinstance(why, str) and why


def test_search_finds_by_key_and_by_word() -> None:
    assert [a.id for a in actions.search("s")] == ["start"]
    assert "redraw" in [a.id for a in actions.search("screen anew")]
    assert actions.search("nothing like it") == ()


def test_the_reference_names_every_key_and_command() -> None:
    """The page for the documentation is made from the registry."""
    page = actions.reference()
    for action in ACTIONS:
        assert action.help in page
        assert not action.command or f":{action.command}" in page
