"""Who loses a right loses it in a running screen (P3, P4)."""

from dataclasses import replace

from domain.plans import FlowPlan
from loop import flows, people, transfers
from loop.setup_views import Saved
from tests.tui.conftest import TICKETS, Opened, Shop, until


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


async def test_i7_a_ticket_that_goes_to_a_flow_out_of_sight_leaves_the_screen(opened: Opened, shop: Shop) -> None:
    made = flows.save(shop.desk, replace(flows.new_plan("en"), name="Elsewhere"), actor=shop.actor)
    assert isinstance(made, Saved)
    at = Shop(shop.desk, shop.other, shop.actor)
    async with opened((120, 36), at) as screen:
        await until(lambda: screen.queue.view is not None)
        number = screen.queue.list.number
        transfers.transfer(shop.desk, [number], made.id, None, actor=shop.actor)
        await until(lambda: screen.queue.list.window.place(number) is None)
        await until(lambda: screen.queue.view is None or screen.queue.view.row.number != number)
        await screen.quiet()
        assert f"1 All {TICKETS - 1}" in screen.text(screen.queue.top)


async def test_p3_who_is_in_no_flow_is_told_so(opened: Opened, shop: Shop) -> None:
    without(shop, "bia")
    at = Shop(shop.desk, shop.desk.actor("bia"), shop.actor)
    async with opened((80, 24), at) as screen:
        assert "You are in no flow yet." in screen.text()


async def test_the_settings_show_what_others_changed_meanwhile(opened: Opened, shop: Shop) -> None:
    async with opened((120, 36)) as screen:
        await screen.press("S", "enter")
        await until(lambda: "Detratores" in screen.text())
        (flow,) = [f.id for f in flows.flows(shop.desk, actor=shop.actor) if f.active]
        plan = flows.plan(shop.desk, flow, actor=shop.actor)
        assert isinstance(plan, FlowPlan)
        flows.save(shop.desk, replace(plan, name="Críticos"), actor=shop.actor)
        await until(lambda: "Críticos" in screen.text())


async def test_the_keys_of_a_part_are_told_while_it_has_the_focus(opened: Opened) -> None:
    async with opened((120, 36)) as screen:
        await until(lambda: screen.queue.view is not None)
        await screen.quiet()
        assert "Tab goes in here" in screen.text() and "unfold" not in screen.text()
        await screen.press("tab")
        assert "o unfold" in screen.text()


async def test_p3_a_number_out_of_sight_leaves_everything_where_it_is(opened: Opened, shop: Shop) -> None:
    async with opened((120, 36)) as screen:
        before = screen.app.focused
        await screen.press("colon", *"99999", "enter")
        await until(lambda: "#99999" in screen.said)
        assert screen.app.focused is before and screen.queue.pinned is None
        await screen.press("colon", *"7", "enter", "j")
        await until(lambda: screen.queue.view is not None and screen.queue.view.row.number == 7)
        assert screen.queue.pinned == 7, "j went to the ticket's entries, not to the list"
