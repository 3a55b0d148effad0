"""The Activities part of a ticket: up to ten, each with its own responsible (T7)."""

from loop import activities
from loop.reading import ticket
from loop.views import Activity, TicketView
from tests.tui.conftest import Opened, Screen, Shop, until
from tui.widgets.ticket.activities import Activities

WIDE = (120, 36)


def here(screen: Screen) -> int:
    """The ticket under the cursor."""
    found = screen.queue.list.number
    assert found is not None
    return found


def of(shop: Shop, number: int) -> tuple[Activity, ...]:
    """Its activities, as they are in the database."""
    found = ticket(shop.desk, number, actor=shop.actor)
    assert isinstance(found, TicketView)
    return found.activities


async def into(screen: Screen) -> None:
    """Open the part."""
    await screen.press("colon", *"activities", "enter")
    await until(lambda: screen.queue.pane is not None and screen.queue.pane.tab == "activities")
    await until(lambda: screen.queue.pane is not None and screen.queue.pane.has_focus_within)
    await screen.quiet()


async def test_added_done_edited_given_and_removed_by_keys(opened: Opened, shop: Shop) -> None:
    """T7: o, space, Enter, a, d; removing asks, and Enter is no yes."""
    async with opened(WIDE) as screen:
        number = here(screen)
        await into(screen)
        assert "o adds one" in screen.text()
        await screen.press("o")
        await until(lambda: screen.app.screen is not screen.queue)
        await screen.press(*"Ligar para a loja", "tab", *"call", "f5")
        await until(lambda: len(of(shop, number)) == 1)
        await until(lambda: "Activities 1/10" in screen.text())
        assert of(shop, number)[0].responsible == "ana" and of(shop, number)[0].type == "call"
        await screen.press("space")
        await until(lambda: of(shop, number)[0].done is not None)
        await until(lambda: "☑ Ligar" in screen.text())
        await screen.press("space")
        await until(lambda: of(shop, number)[0].done is None)
        await screen.press("a")
        await until(lambda: screen.app.screen is not screen.queue)
        await screen.press(*"bia", "enter")
        await until(lambda: of(shop, number)[0].responsible == "bia")
        await screen.press("enter")
        await until(lambda: screen.app.screen is not screen.queue)
        await screen.quiet()
        await screen.press("end", *" agora", "f5")
        await until(lambda: of(shop, number)[0].name == "Ligar para a loja agora")
        assert of(shop, number)[0].responsible == "bia"
        await screen.quiet()
        await screen.press("d")
        await until(lambda: screen.app.screen is not screen.queue)
        await screen.press("enter")
        assert len(of(shop, number)) == 1
        await screen.press("d")
        await until(lambda: screen.app.screen is not screen.queue)
        await screen.quiet()
        await screen.press("y")
        await until(lambda: not of(shop, number))


async def test_the_eleventh_is_refused_and_what_was_typed_is_kept(opened: Opened, shop: Shop) -> None:
    """T7: ten are the most."""
    async with opened(WIDE) as screen:
        number = here(screen)
        for i in range(10):
            assert activities.add(shop.desk, number, f"n{i}", actor=shop.actor).done
        await into(screen)
        await until(lambda: "10/10" in screen.text())
        await screen.press("o")
        await until(lambda: screen.app.screen is not screen.queue)
        await screen.press(*"mais uma", "f5")
        assert screen.app.screen is not screen.queue
        assert "10" in screen.text() and "mais uma" in screen.text()
        await screen.press("escape", "escape")
        await screen.press("colon", *"activities outra", "enter")
        assert "10" in screen.said and len(of(shop, number)) == 10


async def test_the_cursor_goes_from_one_to_the_next(opened: Opened, shop: Shop) -> None:
    """What is done stands below what is not; each line of one belongs to it; the cursor stays on its own."""
    async with opened((80, 24)) as screen:
        number = here(screen)
        for name in ("um " * 40, "dois", "três"):
            activities.add(shop.desk, number, name, type="x", actor=shop.actor)
        first, second, third = of(shop, number)
        activities.finish(shop.desk, first.id, actor=shop.actor)
        await into(screen)
        part = screen.queue.query_one(Activities)
        assert part.current == second.id
        await screen.press("j")
        assert part.current == third.id
        await screen.press("j", "j", "j")
        assert part.current == first.id
        await screen.press("k")
        assert part.current == third.id
        await screen.press("space")
        await until(lambda: of(shop, number)[2].done is not None)
        await screen.quiet()
        assert part.current == third.id


async def test_who_may_only_read_is_told_why(opened: Opened, shop: Shop) -> None:
    """P4"""
    with shop.desk.db.write() as work:
        work.run("UPDATE users SET level = 'analyst' WHERE login = :l", {"l": "bia"})
    async with opened(WIDE, at=Shop(shop.desk, shop.desk.actor("bia"), shop.actor)) as screen:
        await into(screen)
        await screen.press("o")
        assert "Analysts read" in screen.said and screen.app.screen is screen.queue
