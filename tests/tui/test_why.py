"""The panel that says why a ticket has what it has (A6)."""

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from domain.people import AUTOPILOT
from loop.desk import open_desk
from loop.rule_views import Because
from loop.timeline import record
from storage.tables import RuleHit, RuleRun, RuleSetRow
from tests.tui.conftest import HOSTILE, Opened, Screen, Shop, frozen, until
from tui.app import Retorno
from tui.screens.why import WhyScreen, lines_of, said
from tui.widgets.ticket.lines import PageOnBar
from tui.widgets.ticket.spans import spans_len


def ruled(shop: Shop, name: str = "Atrasos graves") -> int:
    """The first ticket of the list had its priority and a tag given by a rule; its number."""
    number, answer = shop.rows("SELECT number, answer_id FROM tickets ORDER BY rank, number LIMIT 1")[0]
    because = {
        "survey": "Pós-compra", "class": "detractor", "says": ["atras*", "não chegou"],
        "group": [["Loja", "in", ["Natal", "Recife"], "Natal"]],
    }  # fmt: skip
    with shop.desk.db.write() as work:
        rule = work.add(RuleSetRow(name=name, position=1, active=True, created_at=1)).id
        run = work.add(RuleRun(at=1, way="import")).id
        work.add(RuleHit(rule_set_id=rule, about=answer, run_id=run, ticket=number, at=1, because=because))
        tag = work.rows("INSERT INTO tags (name) VALUES ('atraso') RETURNING id")[0][0]
        work.run("INSERT INTO ticket_tags (ticket, tag_id) VALUES (:n, :g)", {"n": number, "g": tag})
        of = {"actor": AUTOPILOT, "at": frozen() - 7_200_000, "rule": rule, "rule_name": name}
        record(work, number, "priority", old="medium", new="high", **of)
        record(work, number, "tags", added=["atraso"], removed=[], **of)
    return int(number)


async def open_why(screen: Screen) -> WhyScreen:
    await screen.press("W")
    await until(lambda: isinstance(screen.app.screen, WhyScreen))
    await screen.quiet()
    why = screen.app.screen
    assert isinstance(why, WhyScreen)
    return why


async def test_a6_the_rule_and_its_conditions_are_named(opened: Opened, shop: Shop) -> None:
    number = ruled(shop)
    async with opened() as screen:
        why = await open_why(screen)
        shown = why.query_one(PageOnBar).plain_text
        assert f"Why #{number}" in screen.text()
        for words in ("priority", "rule “Atrasos graves”", "atras*", "Loja", "atraso", "flow "):
            assert words in shown, words
        await screen.press("enter", "G", "g", "escape")
        assert screen.app.screen is screen.queue


async def test_a6_its_key_is_a_command_too_and_needs_a_ticket(opened: Opened, empty_shop: Shop) -> None:
    async with opened(at=empty_shop) as screen:
        await screen.press("W")
        assert screen.app.screen is screen.queue and "no ticket" in screen.said


@pytest.mark.parametrize("width", [40, 54, 76, 106])
def test_r7_hostile_words_keep_to_their_lines(width: int) -> None:
    found = (
        Because("tag", HOSTILE, "rule", HOSTILE, (HOSTILE, "x" * 500), 1),
        Because("due", "", "person", HOSTILE, (), 1),
        Because("odd", "v", "program", "", (), 1),
        Because("flow", "v", "flow", "Detratores", (), 1),
        Because("ticket", "", "customer", "", (), 1),
        Because("ticket", "", "person", "", (), 1),
    )
    lines = lines_of(found, {"tag": "tag"}, 100_000, width)
    text = "".join(t for one in lines for t, __ in (*one.spans, *one.right))
    assert "\x1b" not in text and "\n" not in text
    assert all(spans_len(one.spans) <= width for one in lines[1:] if not one.right)
    assert [said(one) for one in found[2:]] == ["Retorno", "flow Detratores", "the customer", "somebody"]


@pytest.mark.parametrize(("name", "size"), [("narrow", (80, 24)), ("wide", (120, 36))])
def test_the_panel(shop: Shop, snap_compare: Callable[..., bool], name: str, size: tuple[int, int]) -> None:
    ruled(shop)
    desk = open_desk(shop.desk.config, clock=frozen)
    app = Retorno(desk, shop.actor, theme="retorno", background=False)

    async def settle(pilot: Pilot[int]) -> None:
        screen = Screen(app, pilot)
        await until(lambda: screen.queue._started)
        await screen.quiet()
        await open_why(screen)

    assert snap_compare(app, terminal_size=size, run_before=settle)
    desk.close()
