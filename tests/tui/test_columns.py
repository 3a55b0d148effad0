"""The list's columns, chosen and ordered by width and wish (Q1, Q2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loop import prefs
from tests.tui.conftest import Opened, Shop, until
from tui.theme import palette
from tui.widgets.queue_columns import choices, columns, heading, runs, wished

Q1 = {
    "unanswered", "health", "priority", "customer", "survey", "ours", "theirs", "created", "due", "phase", "who",
}  # fmt: skip


def test_all_of_them_can_be_had() -> None:
    """Q1: each by its name, at a width where there is room."""
    assert set(choices()) >= Q1
    assert {c.id for c in columns(200, 4, tuple(choices()))} == set(choices())


def test_names_that_people_know_are_understood_and_others_left_out() -> None:
    assert wished(["Assignee", "due", "last from us", "nonsense", "due"]) == ("who", "due", "ours")


@given(st.permutations(list(choices())), st.integers(0, 15), st.integers(10, 220), st.integers(1, 9))
def test_a_wish_is_kept_in_its_order_and_never_wider_than_the_list(
    order: list[str], count: int, width: int, digits: int
) -> None:
    """The last ones give way; what is shown is a beginning of what was wished for."""
    wish = tuple(order[:count])
    shown = columns(width, digits, wish)
    if wish:
        assert tuple(c.id for c in shown) == wish[: len(shown)]
    assert sum(c.cells + c.gap for c in shown) <= max(0, width - 3) or not wish


@pytest.mark.parametrize("width", range(36, 200, 7))
def test_without_a_wish_the_width_says(width: int) -> None:
    """The marks, number, customer and due are always there."""
    shown = columns(width, 4)
    assert {"priority", "health", "number", "customer", "due"} <= {c.id for c in shown}
    assert sum(c.cells + c.gap for c in shown) <= width - 3


async def test_chosen_by_command_kept_and_there_again(opened: Opened, shop: Shop) -> None:
    """Q2: kept for the person, not for the machine; auto leaves it to the width again."""
    async with opened() as screen:
        await screen.press("colon", *"columns health due customer assignee", "enter")
        await until(
            lambda: prefs.prefs(shop.desk, actor=shop.actor).get("columns") == ["health", "due", "customer", "who"]
        )
        head = screen.text(screen.queue.head)
        assert head.index("Due") < head.index("Customer") < head.index("Who") and "#" not in head
        await screen.press("colon", *"columns fly", "enter")
        assert "fly" in screen.said
    async with opened() as screen:
        assert [c.id for c in screen.queue.list.columns] == ["health", "due", "customer", "who"]
        await screen.press("colon", *"columns auto", "enter")
        await until(lambda: "columns" not in prefs.prefs(shop.desk, actor=shop.actor))
        assert "#" in screen.text(screen.queue.head)


async def test_chosen_from_a_list_and_ordered_there(opened: Opened, shop: Shop) -> None:
    async with opened() as screen:
        before = [c.id for c in screen.queue.list.columns]
        await screen.press("colon", *"columns", "enter")
        await until(lambda: screen.app.screen is not screen.queue)
        await screen.quiet()
        await screen.press("space", "f5")
        await until(lambda: screen.app.screen is screen.queue)
        await screen.quiet()
        assert [c.id for c in screen.queue.list.columns] == [id for id in before if id != "unanswered"]


async def test_a_row_is_as_wide_as_its_columns_say(opened: Opened, shop: Shop) -> None:
    """Head and rows stand below each other whatever was wished for."""
    async with opened() as screen:
        row, p = screen.queue.list.window.rows[1], palette(screen.app)
        for wish in (tuple(choices()), ("subject", "health", "priority", "who"), ("customer", "number")):
            shown = columns(150, 4, wish)
            said = runs(row, shown, screen.queue.list.now, p, cursor=False, selected=False, gone=False)
            assert len("".join(text for text, _s in said)) == len(heading(shown, p)[0][0])
