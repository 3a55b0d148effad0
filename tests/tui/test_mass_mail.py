"""Writing to many and giving many by a table, in the panel of the list (A3, A7)."""

from loop import managers, templates, tickets
from loop.mass import Acts
from loop.setup_views import Saved
from tests.tui.conftest import TICKETS, Opened, Shop, until
from tui.screens.asking import AskScreen
from tui.screens.mass import MassScreen


async def test_a7_a_template_is_sent_to_many_after_the_number_was_said_and_y_pressed(
    opened: Opened, shop: Shop
) -> None:
    made = templates.add(
        shop.desk, "Aviso", account=True, subject="Entregas", body="Olá {{ customer.name }}", actor=shop.actor
    )
    table = managers.save_table(shop.desk, None, "Lojas", "loja", {"Natal": "bia"}, actor=shop.actor)
    assert isinstance(made, Saved) and isinstance(table, Saved)
    mine = [n for (n,) in shop.rows("SELECT number FROM tickets ORDER BY number DESC LIMIT 3")]
    tickets.start(shop.desk, mine, actor=shop.actor, take=True)
    tickets.assign(shop.desk, mine[:1], "bia", actor=shop.actor)
    sent = "SELECT ticket FROM messages WHERE outgoing = true ORDER BY ticket DESC"

    async def choose(*names: tuple[str, object]) -> MassScreen:
        for number in mine:
            queue.list.selected[number] = None
        await screen.press("b")
        panel = screen.app.screen
        assert isinstance(panel, MassScreen)
        for name, value in names:
            panel.form.control(name).choose([value])  # type: ignore[attr-defined]
        await screen.press("f5")
        return panel

    async with opened((80, 24)) as screen:
        queue = screen.queue
        panel = await choose(("assignee", "bia"), ("managers", table.id))
        assert screen.app.screen is panel and "not both" in screen.text()
        await screen.press("escape", "escape")
        for key in ("enter", "y"):
            await choose(("template", made.id))
            await until(lambda: isinstance(screen.app.screen, AskScreen))
            assert "Write to 2 customers (3 chosen)?" in screen.text()
            assert "1 × bia has this ticket" in screen.text()
            await screen.press(key)
            await until(lambda: queue._massing is None)
            await screen.quiet()
            assert shop.rows(sent) == ([(n,) for n in mine[1:]] if key == "y" else [])
        assert "2 customers written to" in screen.said


async def test_a7_many_are_counted_beside_the_keys_and_then_asked_about(opened: Opened, shop: Shop) -> None:
    made = templates.add(shop.desk, "Aviso", account=True, subject="Entregas", body="Olá", actor=shop.actor)
    assert isinstance(made, Saved)
    async with opened((80, 24)) as screen:
        queue = screen.queue
        queue.select_matching()
        await screen.quiet()
        queue._apply(Acts(template=made.id, start=True, assignee="ana"), queue.targets())
        await until(lambda: isinstance(screen.app.screen, AskScreen))
        await screen.quiet()
        assert f"Write to {TICKETS} customers ({TICKETS} chosen)?" in screen.text()
        await screen.press("escape")
        assert screen.said == "Nothing was done." and shop.rows("SELECT COUNT(*) FROM messages") == [(0,)]
