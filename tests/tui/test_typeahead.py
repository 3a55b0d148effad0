"""What is typed ahead reaches the place that the key before it opens, however fast it comes."""

from typing import ClassVar

import pytest
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.typeahead import OPENS, OneByOne


class Ask(ModalScreen[str]):
    """Something that opens a moment later, as after a read from the database."""

    def compose(self) -> ComposeResult:
        yield Input()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)


class Place(Static, can_focus=True):
    pass


class Small(OneByOne):
    BINDINGS: ClassVar = [
        Binding("colon", "ask"),
        Binding("s", "start"),
        Binding("x", "refuse"),
        Binding("escape", "leave"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []

    def compose(self) -> ComposeResult:
        yield Place("list")

    def on_mount(self) -> None:
        self.query_one(Place).focus()

    def action_ask(self) -> None:
        self.opening()
        self.set_timer(0.05, lambda: self.push_screen(Ask(), self.done.append))

    def action_start(self) -> None:
        self.done.append("started")

    def action_leave(self) -> None:
        self.done.append("left")

    def action_refuse(self) -> None:
        self.opening()
        self.opened()


def burst(app: Small, *keys: str) -> None:
    """Keys that arrive in one packet."""
    for key in keys:
        character = {"colon": ":", "enter": "\r"}.get(key, key)
        app.post_message(events.Key(key, character))


async def until(pilot, ready) -> None:
    for __ in range(300):
        if ready():
            return
        await pilot.pause(0.01)
    raise AssertionError


@pytest.mark.parametrize("times", range(3))
async def test_a_burst_goes_to_what_its_first_key_opens(times: int) -> None:
    app = Small()
    async with app.run_test() as pilot:
        burst(app, "colon", "s", "o", "s", "s", "enter")
        await until(pilot, lambda: app.done)
        assert app.done == ["soss"]


async def test_what_is_pasted_keeps_its_place_among_the_keys() -> None:
    """It would go to the list, which drops it, before what it was meant for is there."""
    app = Small()
    async with app.run_test() as pilot:
        burst(app, "colon", "s")
        app.post_message(events.Paste("pasted"))
        burst(app, "o", "enter")
        await until(pilot, lambda: app.done)
        assert app.done == ["spastedo"]


async def test_esc_and_a_letter_in_one_packet_are_both_keys() -> None:
    """A terminal sends the same for Alt and the letter: Esc would be lost, and the letter stand in a draft."""
    app = Small()
    async with app.run_test() as pilot:
        app.post_message(events.Key("alt+s", "s"))
        await until(pilot, lambda: len(app.done) == 2)
        assert app.done == ["left", "started"]
        app.post_message(events.Key("alt+s", None))  # Alt itself, from a terminal that says so
        burst(app, "s")
        await until(pilot, lambda: len(app.done) == 3)
        assert app.done[2:] == ["started"]


async def test_keys_wait_for_nothing_when_nothing_opens() -> None:
    app = Small()
    async with app.run_test() as pilot:
        burst(app, *["s"] * 50, "x", "s")
        await until(pilot, lambda: len(app.done) == 51)


def test_what_opens_is_in_the_registry() -> None:
    from tui import actions

    assert {a.id for a in actions.ACTIONS} >= OPENS
