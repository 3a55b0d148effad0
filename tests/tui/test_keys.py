"""`?` in panels: it lists the keys of the place, and presses the one that is taken."""

from pathlib import Path

import pytest

from tests.tui.conftest import Opened, until
from tui.screens.importing import ImportScreen
from tui.screens.keys import Helped, KeysScreen
from tui.screens.marking import Marked
from tui.screens.picker import Option, Options
from tui.screens.review import ReviewScreen
from tui.widgets.paths import PathInput, offered
from tui.widgets.ticket.spans import cells_of


@pytest.mark.parametrize(
    ("key", "says"), [("W", "half pages"), ("N", "unread only"), ("M", "mailbox"), ("I", "complete")]
)
async def test_every_panel_lists_its_keys(opened: Opened, key: str, says: str) -> None:
    async with opened() as screen:
        await screen.press(key)
        await until(lambda: isinstance(screen.app.screen, Helped))
        await screen.quiet()
        panel = screen.app.screen
        await screen.press("question_mark")
        await until(lambda: isinstance(screen.app.screen, KeysScreen))
        await screen.quiet()
        assert says in screen.text() and "Keys of" in screen.text()
        await screen.press("escape")
        assert screen.app.screen is panel
        await screen.press("question_mark", *"back", "enter")
        await until(lambda: not isinstance(screen.app.screen, KeysScreen))
        await screen.quiet()
        if key != "I":  # there, Esc closes the list of names first
            assert screen.app.screen is screen.queue, "the key that was taken is pressed"


async def test_what_sends_or_brings_in_is_told_and_not_pressed() -> None:
    """Enter is no yes: who asks for help and leaves it with Enter has sent nothing."""
    keys = KeysScreen("x", [("y", "send"), ("Esc", "back"), ("i", "import")], ReviewScreen.TOLD | ImportScreen.TOLD)
    assert [option.value for option in keys._options] == ["", "escape", ""]


async def test_the_cursor_of_a_list_stays_in_sight_when_the_terminal_shrinks(opened: Opened) -> None:
    async with opened() as screen:
        await screen.press("question_mark")
        await screen.pilot.resize_terminal(60, 15)
        await screen.press(*["down"] * 12)
        assert "▌" in screen.text() and "take" in screen.text()
        await screen.pilot.resize_terminal(80, 24)
        await screen.quiet()
        assert screen.text().count("\n") == 23 and screen.app.screen.query_one(Options).size.height == 16


async def test_a_path_that_was_begun_is_there_again(opened: Opened) -> None:
    """Esc goes a step back and loses nothing that was typed."""
    async with opened() as screen:
        await screen.press("I")
        await until(lambda: isinstance(screen.app.screen, ImportScreen))
        await screen.quiet()
        screen.app.screen.query_one(PathInput).value = "/nowhere/resp"
        await screen.quiet()
        await screen.press("escape")
        await until(lambda: screen.app.screen is screen.queue)
        await screen.press("I")
        await until(lambda: isinstance(screen.app.screen, ImportScreen))
        await screen.quiet()
        assert screen.app.screen.query_one(PathInput).value == "/nowhere/resp"


def test_i8_files_of_answers_are_offered_before_a_name_is_begun(tmp_path: Path) -> None:
    for name in ("a.CSV", "b.sqlite", "c.jsonl"):
        (tmp_path / name).write_text("x")
    (tmp_path / "folder").mkdir()
    kinds = (".csv", ".jsonl")
    assert [one.label for one in offered(f"{tmp_path}/", kinds=kinds)] == ["a.CSV", "c.jsonl", "folder/"]
    assert [one.label for one in offered(f"{tmp_path}/b", kinds=kinds)] == ["b.sqlite"]


@pytest.mark.parametrize("many", [False, True])
def test_hints_stand_below_each_other_and_counts_at_the_right(many: bool) -> None:
    options = [
        Option(1, "UF", "state"),
        Option(2, "Vendedor", "seller"),
        Option(3, "x" * 60, "far"),
        Option(4, "n", count="7"),
    ]
    shown = Marked(options, [2]) if many else Options(options, 2)
    lines = [shown.line_of(i) for i in range(4)]
    places = ["".join(t for t, _role in one.spans).find(o.hint) for one, o in zip(lines, options, strict=True)]
    assert places[0] == places[1] == (4 if many else 2) + cells_of("Vendedor") + (2 if many else 4)
    assert places[2] > places[0] and lines[3].right == (("7 ", "past"),)
