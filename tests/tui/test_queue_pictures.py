"""Pictures of the main screen, for what no assertion sees: few, with the clock standing still."""

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from loop.desk import open_desk
from tests.tui.conftest import Screen, Shop, frozen, until
from tui.app import Retorno

SnapCompare = Callable[..., bool]


@pytest.mark.parametrize(("name", "size"), [("narrow", (80, 24)), ("wide", (120, 36)), ("vast", (160, 45))])
def test_the_list(shop: Shop, snap_compare: SnapCompare, name: str, size: tuple[int, int]) -> None:
    """List, preview beside it at 120 columns, customer and checklist at 160."""
    desk = open_desk(shop.desk.config, clock=frozen)
    app = Retorno(desk, shop.actor, theme="retorno", background=False)

    async def settle(pilot: Pilot[int]) -> None:
        screen = Screen(app, pilot)
        await until(lambda: screen.queue._started)
        await screen.press("j")
        if name != "narrow":
            await until(lambda: screen.queue.pane is not None and screen.queue.pane.view is not None)
            await until(
                lambda: screen.queue.view is not None and screen.queue.view.row.number == screen.queue.list.number
            )
        await screen.quiet()

    assert snap_compare(app, terminal_size=size, run_before=settle)
    desk.close()
