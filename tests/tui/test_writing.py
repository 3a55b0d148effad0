"""Writing to a customer by keys on a real desk (M2, M4): templates, files, later, closing in the same act."""

from pathlib import Path

import pytest

from loop import enclosures, templates
from loop.views import Draft
from tests.tui.conftest import Opened, Screen, Shop, until
from tests.tui.test_ticket_verbs import asked, command, number
from tui.screens.closing import ClosingScreen
from tui.screens.later import LaterScreen
from tui.screens.picker import Picker
from tui.screens.review import ReviewScreen

WIDE = (120, 36)


async def writing(screen: Screen) -> int:
    """A draft that is open on a ticket of one's own."""
    await command(screen, "take")
    await screen.press("r")
    await until(lambda: screen.queue.is_writing)
    await screen.quiet()
    return number(screen)


def draft(screen: Screen) -> Draft:
    assert screen.queue.composing is not None
    return screen.queue.composing.draft


async def on(screen: Screen, kind: type) -> None:
    await until(lambda: isinstance(screen.app.screen, kind))
    await screen.quiet()


async def test_m2_a_template_is_chosen_and_what_is_missing_stops_the_message(opened: Opened, shop: Shop) -> None:
    body = "Olá {{ customer.first_name }}, {{ customer.attributes.loja }}"
    templates.add(shop.desk, "Desculpas", subject="Sobre {{ survey.name }}", body=body, actor=shop.actor)
    async with opened(WIDE) as screen:
        await writing(screen)
        await screen.press("ctrl+t")
        await on(screen, Picker)
        assert "Desculpas" in screen.text()
        await screen.press("enter")
        await until(lambda: "Olá" in draft(screen).body)
        assert draft(screen).subject == "Sobre Pós-compra"
        assert draft(screen).body.endswith("{{ customer.attributes.loja }}") and "first_name" not in draft(screen).body
        await screen.press("f5")
        await on(screen, ReviewScreen)
        assert "customer.attributes.loja" in screen.text() and "cannot be sent" in screen.text()
        await screen.press("y", "l", "m", "e")
        assert shop.rows("SELECT COUNT(*) FROM outbox")[0][0] == 0


@pytest.mark.parametrize("size", [(80, 24), WIDE])
async def test_tab_goes_round_what_is_in_sight_and_no_letter_is_lost(opened: Opened, size: tuple[int, int]) -> None:
    """The line that asks for a file is hidden, and takes no focus; beside the list Tab comes round by list and ticket."""
    async with opened(size) as screen:
        await writing(screen)
        await screen.press(*"abc", "shift+tab", "shift+tab", *"c@x.example", "tab", "end", *" !", "tab", *"d")
        assert (draft(screen).body, draft(screen).cc) == ("abcd", "c@x.example")
        assert draft(screen).subject.endswith(" !")
        to = draft(screen).to
        await screen.press(*["tab"] * (1 if size[0] < 100 else 3))
        assert screen.queue.composing in screen.app.focused.ancestors
        if size[0] < 100:
            await screen.press("end", *", e@x.example")
            assert draft(screen).to == to + ", e@x.example"


async def test_m4_a_file_goes_with_the_draft_and_later_is_taken_back(
    opened: Opened, shop: Shop, tmp_path: Path
) -> None:
    (tmp_path / "nota.txt").write_text("x")
    async with opened(WIDE) as screen:
        here = await writing(screen)
        await screen.press(*"Segue em anexo", "ctrl+a")
        await screen.press(*["backspace"] * 2, *str(tmp_path / "nota.txt"), "enter")
        await until(lambda: enclosures.files(shop.desk, here, actor=shop.actor))
        await screen.quiet()
        assert "nota.txt" in screen.text()
        await screen.press("f5")
        await on(screen, ReviewScreen)
        assert "nota.txt" in screen.text() and "nothing is" not in screen.text()
        await screen.press("l")
        await on(screen, LaterScreen)
        await screen.press(*"2h", "enter")
        await until(lambda: not screen.queue.is_writing)
        await screen.quiet()
        assert "It leaves" in screen.said
        assert screen.text().count("leaves ") >= 2, "on the ticket, too"
        await screen.press("u")
        await until(lambda: screen.queue.is_writing)
        await screen.quiet()
        assert draft(screen).body == "Segue em anexo" and "nota.txt" in screen.text()


async def test_m4_what_leaves_later_is_taken_back_after_a_restart(opened: Opened, shop: Shop) -> None:
    async with opened(WIDE) as screen:
        await writing(screen)
        await screen.press(*"Amanhã", "f5")
        await on(screen, ReviewScreen)
        await screen.press("l")
        await on(screen, LaterScreen)
        await screen.press(*"tomorrow", "enter")
        await until(lambda: shop.rows("SELECT COUNT(*) FROM outbox WHERE later_at IS NOT NULL")[0][0])
        here = number(screen)
    async with opened(WIDE) as screen:
        await command(screen, f"open {here}")
        await screen.press("u")
        await until(lambda: screen.queue.is_writing)
        assert shop.rows("SELECT state FROM outbox") == [("taken back",)]


async def test_m4_send_and_close_asks_for_the_resolution_and_is_one_act(opened: Opened, shop: Shop) -> None:
    async with opened(WIDE) as screen:
        here = await writing(screen)
        items = shop.rows("SELECT c.id FROM checklist_items c JOIN phases p ON p.id = c.phase_id JOIN flows f ON f.id = p.flow_id WHERE f.active = true")  # fmt: skip
        from loop import tickets

        for (item,) in items:
            tickets.tick(shop.desk, here, item, actor=shop.actor)
        await screen.press(*"Resolvido!", "f5")
        await on(screen, ReviewScreen)
        await screen.press("m")
        await on(screen, Picker)
        await screen.press(*"solved", "enter")
        await on(screen, ClosingScreen)
        assert shop.rows("SELECT COUNT(*) FROM outbox")[0][0] == 0
        await screen.press(*"Trocamos", "f5")
        await until(lambda: shop.rows("SELECT COUNT(*) FROM outbox")[0][0])
        assert shop.rows(f"SELECT resolution FROM tickets WHERE number = {here}") == [("Trocamos",)]


async def test_m5_what_is_held_back_is_sent_again_after_a_yes(opened: Opened, shop: Shop) -> None:
    async with opened(WIDE) as screen:
        await writing(screen)
        await screen.press(*"Oi", "f5")
        await on(screen, ReviewScreen)
        await screen.press("y")
        await until(lambda: not screen.queue.is_writing)
        await screen.quiet()
        await command(screen, "send-again")
        assert "No message here failed" in screen.said
        with shop.desk.db.write() as work:
            work.run("UPDATE outbox SET state = 'in doubt', attempts = 1, answer = 'cut'", {})
        await command(screen, "refresh")
        screen.queue.view = None
        await command(screen, "send-again")
        await asked(screen)
        assert "twice" in screen.text()
        await screen.press("y")
        await until(lambda: shop.rows("SELECT state FROM outbox") == [("queued",)])


async def test_m5_what_failed_is_opened_again_to_be_edited(opened: Opened, shop: Shop) -> None:
    async with opened(WIDE) as screen:
        await writing(screen)
        await screen.press(*"Oi", "f5")
        await on(screen, ReviewScreen)
        await screen.press("y")
        await until(lambda: not screen.queue.is_writing)
        await screen.quiet()
        with shop.desk.db.write() as work:
            work.run(
                "UPDATE outbox SET state = 'failed', attempts = 1, answer = '550 no such user', not_before = 1", {}
            )
        screen.queue.sent = screen.queue.view = None
        await screen.press("u")
        await until(lambda: screen.queue.is_writing)
        assert shop.rows("SELECT state FROM outbox") == [("taken back",)]
        await until(lambda: "Oi" in screen.text())
