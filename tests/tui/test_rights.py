"""Who loses a right loses it in a running screen (P3, P4)."""

from dataclasses import replace

from domain.plans import FlowPlan
from loop import flows, people
from tests.tui.conftest import Opened, Shop, until


def without(shop: Shop, login: str) -> None:
    """Take somebody out of the flow."""
    (flow,) = [f.id for f in flows.flows(shop.desk, actor=shop.actor) if f.active]
    plan = flows.plan(shop.desk, flow, actor=shop.actor)
    assert isinstance(plan, FlowPlan)
    flows.save(shop.desk, replace(plan, members=tuple(m for m in plan.members if m.name != login)), actor=shop.actor)


async def test_p3_tickets_leave_the_screen_of_who_is_taken_out_of_their_flow(opened: Opened, shop: Shop) -> None:
    at = Shop(shop.desk, shop.other, shop.actor)
    async with opened((120, 36), at) as screen:
        await screen.press("enter")
        await until(lambda: screen.queue.view is not None)
        without(shop, "bia")
        await until(lambda: screen.queue.list.window.total == 0)
        await until(lambda: screen.queue.view is None)
        await screen.quiet()
        assert "Cliente" not in screen.text()
        assert "1 All 0" in screen.text(screen.queue.top)


async def test_p4_who_is_deactivated_is_shown_out(opened: Opened, shop: Shop) -> None:
    at = Shop(shop.desk, shop.other, shop.actor)
    async with opened((80, 24), at) as screen:
        people.deactivate(shop.desk, "bia", successor=None, actor=shop.actor)
        await until(lambda: screen.app.return_code == 3)
