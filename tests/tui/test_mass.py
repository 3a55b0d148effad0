"""Selecting all that match, and acting on many at once in the list (Q4, A7)."""

import threading

from loop import labels
from loop.mass import Acts
from tests.tui.conftest import TICKETS, Opened, Screen, Shop, answer, until
from tui.screens.asking import AskScreen
from tui.screens.mass import MassResult, MassScreen
from tui.screens.queue_mass import MANY


async def _done(screen: Screen) -> None:
    await until(lambda: screen.queue._massing is None)
    await screen.quiet()


async def test_q4_a_second_star_selects_all_that_match_and_verbs_act_on_all_of_them(opened: Opened, shop: Shop) -> None:
    every = 2 * TICKETS + 50
    shop.take(*(answer(i) for i in range(TICKETS, every)))
    async with opened((120, 36)) as screen:
        queue = screen.queue
        await screen.press("asterisk")
        assert MANY <= len(queue.list.selected) < every
        assert f"all {every} that match" in screen.said
        await screen.press("asterisk")
        assert len(queue.list.selected) == every
        assert f"{every} selected" in screen.text(queue.head)
        await screen.press("colon", *"tags lote", "enter")
        await _done(screen)
        assert "Marked: +lote." in screen.said
        assert shop.rows("SELECT COUNT(*) FROM ticket_tags")[0][0] == every
        await screen.press("escape")
        assert not queue.list.selected


async def test_q4_all_that_match_is_what_the_filter_lets_through(opened: Opened, shop: Shop) -> None:
    async with opened((120, 36)) as screen:
        queue = screen.queue
        queue.show_list(query="class:promoter")
        await screen.quiet()
        queue.select_matching()
        await screen.quiet()
        promoters = shop.rows("SELECT COUNT(*) FROM tickets WHERE klass = 2")[0][0]
        assert 0 < len(queue.list.selected) == promoters < TICKETS


async def test_a7_the_panel_does_several_acts_and_says_how_many_and_why_not(opened: Opened, shop: Shop) -> None:
    labels.create_category(shop.desk, "Entrega", words=["tarde"], actor=shop.actor)
    async with opened((80, 24)) as screen:
        queue = screen.queue
        queue.select_matching()
        await screen.quiet()
        await screen.press("b")
        panel = screen.app.screen
        assert isinstance(panel, MassScreen)
        assert f"{TICKETS} selected tickets" in screen.text()
        await screen.press("f5")
        assert "Nothing is chosen yet." in screen.text()
        for field, keys in (("categorise", ("left",)), ("priority", ("right",)), ("due", tuple("3d"))):
            panel.form.focus_field(field)
            await screen.press(*keys)
        panel.form.focus_field("phase")
        await screen.press("f5")
        await _done(screen)
        result = screen.app.screen
        assert isinstance(result, MassResult), screen.said
        assert f"{TICKETS} × This needs a started ticket" in screen.text()
        assert f"0 of {TICKETS} done · {TICKETS} in part" in screen.text()
        await screen.press("escape")
        assert screen.app.screen is queue
        assert shop.rows("SELECT COUNT(*) FROM tickets WHERE due_at IS NOT NULL")[0][0] == TICKETS
        sorted_in = shop.rows("SELECT COUNT(*) FROM ticket_categories")[0][0]
        assert sorted_in == shop.rows("SELECT COUNT(*) FROM answers WHERE comment LIKE '%tarde%'")[0][0] > 0


async def test_a7_esc_stops_between_pieces_and_what_was_done_stays(opened: Opened, shop: Shop) -> None:
    async with opened((80, 24)) as screen:
        queue = screen.queue
        queue.select_matching()
        await screen.quiet()
        begun, go_on = threading.Event(), threading.Event()

        def call(numbers: tuple[int, ...]):  # type: ignore[no-untyped-def]
            from loop import editing

            begun.set()
            assert go_on.wait(60)
            return editing.tag(shop.desk, numbers, ["lote"], actor=shop.actor)

        queue.act(call, lambda n: f"{n} marked.")
        await until(begun.is_set)
        queue.act(call, lambda n: "twice")
        assert "already" in screen.said
        await screen.pilot.press("escape")
        go_on.set()
        await _done(screen)
        assert screen.said == f"{MANY} marked. · stopped, {TICKETS - MANY} left"
        assert len(queue.list.selected) == TICKETS, "Esc stopped the act and nothing else"
        assert shop.rows("SELECT COUNT(*) FROM ticket_tags")[0][0] == MANY


async def test_what_closes_many_is_asked_about_and_enter_is_never_yes(opened: Opened, shop: Shop) -> None:
    (name,) = shop.rows("SELECT name FROM phases WHERE status = 'closed' ORDER BY position")[0]
    async with opened((80, 24)) as screen:
        queue = screen.queue
        queue.select_matching()
        await screen.quiet()
        acts = Acts(phase=name, resolution="resolvido")
        for key in ("enter", "escape", "y"):
            queue._apply(acts, queue.targets())
            await until(lambda: isinstance(screen.app.screen, AskScreen))
            await screen.quiet()
            assert f"Close {TICKETS} tickets?" in screen.text() and queue._massing is None
            await screen.press(key)
            await until(lambda: not isinstance(screen.app.screen, AskScreen))
            assert (screen.said == "Nothing was done.") == (key != "y"), (key, screen.said)
        await _done(screen)
