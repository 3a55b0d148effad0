"""What is done with a ticket beyond its phases, by keys and commands on a real desk (T1–T5, I7, Q4, Q7, T9)."""

import threading
import time
from dataclasses import replace
from datetime import datetime

import pytest

from domain.rights import scope
from loop import editing, flows, following, notes, tickets
from loop.reading import ticket
from loop.views import TicketView
from tests.tui.conftest import HOSTILE, START, Opened, Screen, Shop, answer, until

WIDE = (120, 36)


def number(screen: Screen) -> int:
    """The ticket under the cursor."""
    found = screen.queue.list.number
    assert found is not None
    return found


def read(shop: Shop, number: int) -> TicketView:
    """The ticket as it is in the database."""
    found = ticket(shop.desk, number, actor=shop.actor)
    assert isinstance(found, TicketView)
    return found


async def command(screen: Screen, line: str) -> None:
    """Type a `:` line."""
    await screen.press("colon", *line, "enter")


async def asked(screen: Screen) -> None:
    """Wait until something lies over the main screen."""
    await until(lambda: screen.app.screen is not screen.queue)
    await screen.quiet()


async def test_tags_are_marked_and_new_ones_typed(opened: Opened, shop: Shop) -> None:
    """T5: `t` lists tags and categories; what is typed and not there becomes a tag."""
    with shop.desk.db.write() as work:
        work.run("INSERT INTO categories (name, words, position) VALUES (:n, '[]', 0)", {"n": "Entrega"})
    async with opened(WIDE) as screen:
        here = number(screen)
        await screen.press("t")
        await asked(screen)
        await screen.press(*"loja SP")
        assert "new tag" in screen.text()
        await screen.press("enter", *"entr", "enter", "enter")
        await until(lambda: screen.app.screen is screen.queue)
        await screen.quiet()
        assert read(shop, here).tags == ("loja SP",) and read(shop, here).categories == ("Entrega",)
        assert "+loja SP" in screen.said
        assert "#loja SP" in screen.text() and "Entrega" in screen.text()
        await command(screen, "tags cara, -loja sp")
        assert read(shop, here).tags == ("cara",)


async def test_what_is_marked_for_several_is_added_only(opened: Opened, shop: Shop) -> None:
    """Q4: nothing that only one of them had is taken away."""
    async with opened() as screen:
        first = number(screen)
        editing.tag(shop.desk, [first], ["antiga"], actor=shop.actor)
        await screen.press("x", "x", "t")
        await asked(screen)
        assert "nothing is taken away" in screen.text()
        await screen.press(*"promessa", "enter", "enter")
        await screen.quiet()
        assert read(shop, first).tags == ("antiga", "promessa")
        assert len(shop.rows("SELECT 1 FROM ticket_tags")) == 3


@pytest.mark.parametrize("said", ["2d", "31/12/2031 14:00", "none"])
async def test_due_says_what_it_understood(opened: Opened, shop: Shop, said: str) -> None:
    """T5: the date stands there before Enter takes it, and the timeline has old and new."""
    async with opened(WIDE) as screen:
        here = number(screen)
        await screen.press("d")
        await asked(screen)
        await screen.press(*"soon")
        assert "no time that is understood" in screen.text()
        await screen.press("enter")
        assert screen.app.screen is not screen.queue
        await screen.press(*["backspace"] * 4, *said.replace("/", "/"))
        shown = screen.text()
        assert {"2d": "· 2d", "31/12/2031 14:00": "31 Dec 2031, 14:00", "none": "no due date"}[said] in shown
        await screen.press("enter")
        await until(lambda: screen.app.screen is screen.queue)
        await screen.quiet()
        due = read(shop, here).row.due
        if said == "2d":
            assert due is not None and abs(due - time.time() * 1000 - 2 * 86_400_000) < 600_000
        else:
            assert due == (None if said == "none" else int(datetime(2031, 12, 31, 14).timestamp() * 1000))
        assert " → " in screen.text()


async def test_following_and_ending_it(opened: Opened, shop: Shop) -> None:
    """T1, T5: f follows, f again ends it; :follow LOGIN has somebody else follow; the head shows who."""
    async with opened(WIDE) as screen:
        here = number(screen)
        await screen.press("f")
        assert read(shop, here).followers == ("ana",)
        await until(lambda: "+ana" in screen.text())
        await screen.press("f")
        assert read(shop, here).followers == ()
        await command(screen, "follow bia")
        assert read(shop, here).followers == ("bia",)
        await command(screen, "follow nobody")
        assert "nobody" in screen.said and "nobody called" in screen.said.lower()


async def test_subject_and_description_are_edited(opened: Opened, shop: Shop) -> None:
    """T5: by command, and both in a form."""
    async with opened(WIDE) as screen:
        here = number(screen)
        await command(screen, "subject Veio a cor errada")
        assert read(shop, here).row.subject == "Veio a cor errada"
        await command(screen, "describe")
        await asked(screen)
        await screen.press("end", *"!", "tab", *"Azul.", "f5")
        await until(lambda: screen.app.screen is screen.queue)
        await screen.quiet()
        assert read(shop, here).row.subject == "Veio a cor errada!" and "Azul." in read(shop, here).description


async def test_start_and_take_it_goes_on_with_what_was_asked(opened: Opened, shop: Shop) -> None:
    """T3, T4, M1: a priority of a ticket that is not started is one key away."""
    async with opened(WIDE) as screen:
        here = number(screen)
        await screen.press("p")
        assert "s starts it" in screen.said and screen.app.screen is screen.queue
        await screen.press("s")
        await asked(screen)
        assert "Priority of" in screen.text()
        await screen.press(*"high", "enter")
        await until(lambda: read(shop, here).row.priority.word == "high")
        assert read(shop, here).row.assignee == "ana"


async def test_a_key_right_after_another_is_judged_by_what_that_one_did(opened: Opened, shop: Shop) -> None:
    """M1: `r` behind `take` is not refused by the ticket as it was read before it was taken."""
    async with opened(WIDE) as screen:
        here = number(screen)
        await until(lambda: screen.queue.view is not None and screen.queue.view.row.number == here)
        going = threading.Event()
        screen.app.reads.submit(lambda: going.wait(60))
        for key in (*":take", "enter"):
            await screen.pilot.press(key)
        await until(lambda: screen.said == "Started, and yours.")
        await screen.pilot.press("r")
        await screen.pilot.pause()
        going.set()
        await until(lambda: screen.queue.is_writing)
        assert screen.queue.composing is not None and screen.queue.composing.ticket == here


async def test_a_tick_right_after_a_key_is_judged_by_what_that_one_did(opened: Opened, shop: Shop) -> None:
    """P7: space behind `take` ticks, though the checklist that is shown is still one of a ticket that is not started."""
    async with opened(WIDE) as screen:
        here = number(screen)
        await screen.press("c")
        await until(lambda: screen.queue.pane is not None and screen.queue.pane.tab == "checklist")
        await screen.quiet()
        going = threading.Event()
        screen.app.reads.submit(lambda: going.wait(60))
        for key in (*":take", "enter"):
            await screen.pilot.press(key)
        await until(lambda: screen.said == "Started, and yours.")
        await screen.pilot.press("space")
        await screen.pilot.pause()
        going.set()
        await until(lambda: read(shop, here).ticks)


async def test_a_second_space_on_an_item_takes_its_tick_away_however_quick(opened: Opened, shop: Shop) -> None:
    """P7: both would tick it, as the checklist that is shown has not seen the first one."""
    async with opened(WIDE) as screen:
        here = number(screen)
        await screen.press("s", "c")
        await until(lambda: screen.queue.pane is not None and screen.queue.pane.tab == "checklist")
        await screen.quiet()
        going = threading.Event()
        screen.app.reads.submit(lambda: going.wait(60))
        for key in ("space", "j", "space", "k", "space"):
            await screen.pilot.press(key)
        going.set()
        await screen.quiet()
        (first, second) = next(p.items for p in read(shop, here).flow.phases if p.items)
        assert [tick.item for tick in read(shop, here).ticks] == [second.id]
        await screen.press("space", "space", "space")
        assert {tick.item for tick in read(shop, here).ticks} == {first.id, second.id}


async def test_another_key_forgets_the_offer(opened: Opened, shop: Shop) -> None:
    async with opened(WIDE) as screen:
        await screen.press("p", "j", "k", "s")
        assert screen.app.screen is screen.queue
        assert read(shop, number(screen)).row.assignee == ""


async def test_a_command_goes_on_with_its_argument(opened: Opened, shop: Shop) -> None:
    async with opened(WIDE) as screen:
        here = number(screen)
        await command(screen, "assign bia")
        assert "starts it" in screen.said
        await screen.press("s")
        await until(lambda: read(shop, here).row.assignee == "bia")


async def test_keys_that_cannot_act_are_dim(opened: Opened, shop: Shop) -> None:
    """ux: in the footer, by the ticket at hand; pressed, they say why."""
    async with opened() as screen:
        assert "assign" in screen.queue.footer.refused and "start" not in screen.queue.footer.refused
        dim = "".join(s.text for s in screen.queue.footer.render_line(0) if s.style and s.style.dim)
        assert "assign" in dim and "start" not in dim
        await screen.press("s")
        await until(lambda: "start" in screen.queue.footer.refused)
        assert "move" not in screen.queue.footer.refused
        await screen.press("s")
        assert "started already" in screen.said


async def test_a_ticket_moves_to_another_flow(opened: Opened, shop: Shop) -> None:
    """I7: the flow, then the phase, the one of the same status first."""
    flows.save(shop.desk, replace(flows.new_plan("en"), name="Loja Natal"), actor=shop.actor)
    async with opened(WIDE) as screen:
        here = number(screen)
        await command(screen, "transfer loja")
        await asked(screen)
        assert "Which phase of Loja Natal" in screen.text()
        await screen.press("enter")
        await until(lambda: read(shop, here).flow.name == "Loja Natal")
        assert read(shop, here).row.phase == "New"
        await until(lambda: "moved to another flow" in screen.text())
        await command(screen, "transfer nowhere")
        assert "nowhere" in screen.said


async def test_duplicates_are_merged_after_a_yes_and_come_apart(opened: Opened, shop: Shop) -> None:
    """Q7: Enter is no yes; the head says where it went."""
    async with opened(WIDE) as screen:
        here = number(screen)
        survivor = screen.queue.list.window.rows[3].number
        await command(screen, f"merge {survivor}")
        await asked(screen)
        await screen.press("enter")
        assert read(shop, here).merged_into is None
        await command(screen, f"merge #{survivor}")
        await asked(screen)
        await screen.press("y")
        await until(lambda: read(shop, here).merged_into == survivor)
        await screen.quiet()
        await command(screen, str(here))
        await until(lambda: "merged into" in screen.text())
        await command(screen, "subject x")
        assert f"#{survivor}" in screen.said
        await command(screen, "unmerge")
        await until(lambda: read(shop, here).merged_into is None)


async def test_a_ticket_is_opened_by_hand(opened: Opened, shop: Shop) -> None:
    """I7: without an answer; it is shown at once."""
    async with opened(WIDE) as screen:
        await command(screen, "new")
        await asked(screen)
        await screen.press("tab", *"Ligou na loja", "tab", "tab", *"Rui", "tab", *"rui@clientes.example", "f5")
        await until(lambda: screen.app.screen is screen.queue)
        await screen.quiet()
        made = shop.rows("SELECT MAX(number) FROM tickets")[0][0]
        assert read(shop, made).row.subject == "Ligou na loja" and read(shop, made).customer.name == "Rui"
        await until(lambda: screen.queue.view is not None and screen.queue.view.row.number == made)


async def test_the_customer_is_edited_and_the_timeline_names_fields_only(opened: Opened, shop: Shop) -> None:
    """T5, R4: which fields, never their values."""
    async with opened(WIDE) as screen:
        await screen.press("j")
        here = number(screen)
        await screen.press("E")
        await asked(screen)
        await screen.press("end", *" Souza", "tab", "tab", *"+5584999990000", "tab", "tab", *"store: Natal", "f5")
        await until(lambda: screen.app.screen is screen.queue)
        await screen.quiet()
        customer = read(shop, here).customer
        assert customer.name.endswith(" Souza") and customer.attributes == (("store", "Natal"),)
        await until(lambda: "customer's data" in screen.text())
        assert "+55" not in str(shop.rows(f"SELECT data FROM events WHERE ticket = {here} AND kind = 'customer'"))


async def test_a_customer_is_made_one_with_another(opened: Opened, shop: Shop) -> None:
    """I1: looked for by words, and only after a yes; T9: Enter on an other ticket opens it."""
    async with opened((120, 45)) as screen:
        await screen.press("j")
        here, mine = number(screen), read(shop, number(screen)).customer
        other = next(r for r in screen.queue.list.window.rows if r.number != here and r.customer.startswith("Cliente"))
        await command(screen, f"merge-customer {other.customer}")
        await asked(screen)
        await screen.press("enter")
        await until(lambda: "Make" in screen.text())
        await screen.press("y")
        await until(lambda: read(shop, here).customer.id != mine.id)
        await screen.quiet()
        await until(lambda: screen.queue.view is not None and bool(screen.queue.view.others))
        await screen.press("enter", "[")
        assert screen.queue.pane is not None and screen.queue.pane.tab == "customer"
        assert f"#{other.number}" in screen.text()
        await screen.press("enter")
        await until(lambda: screen.queue.view is not None and screen.queue.view.row.number == other.number)


async def test_closing_names_a_category(opened: Opened, shop: Shop) -> None:
    """T6: what was done, and in which category that belongs."""
    with shop.desk.db.write() as work:
        work.run("INSERT INTO categories (name, words, position) VALUES (:n, '[]', 0)", {"n": "Frete"})
    async with opened(WIDE) as screen:
        here = number(screen)
        tickets.start(shop.desk, [here], actor=shop.actor)
        view = read(shop, here)
        for item in (i for p in view.flow.phases for i in p.items):
            tickets.tick(shop.desk, here, item.id, actor=shop.actor)
        await command(screen, str(here))
        await command(screen, "close")
        await asked(screen)
        await screen.press(*"Feito", "tab", "tab", "enter", *"fre", "enter", "f5")
        await until(lambda: read(shop, here).resolution == "Feito")
        assert read(shop, here).categories == ("Frete",)


async def test_every_kind_of_event_has_a_sentence_and_hostile_words_are_words(opened: Opened, shop: Shop) -> None:
    """T8, R7: what was edited reads as a sentence, whatever is in it."""
    async with opened((120, 45)) as screen:
        here, ana = number(screen), shop.actor
        editing.set_subject(shop.desk, [here], HOSTILE, actor=ana)
        editing.describe(shop.desk, [here], HOSTILE, actor=ana)
        editing.tag(shop.desk, [here], ["[/] tag", "b"], actor=ana)
        following.follow(shop.desk, [here], "bia", actor=ana)
        await screen.press("R", "enter")
        await until(lambda: "followed by bia" in screen.text())
        shown = screen.text()
        assert "+[/] tag" in shown and not any(c in shown for c in "\x1b\x9b\x07\u200d")
        await screen.press("t", "escape", "d", "escape", "colon", *"describe", "enter", "escape", "E", "escape")
        assert screen.app.screen is screen.queue


async def test_who_may_only_read_is_told_so(opened: Opened, shop: Shop) -> None:
    """P4: an analyst's keys are dim and say why; nothing changes."""
    with shop.desk.db.write() as work:
        work.run("UPDATE users SET level = 'analyst' WHERE login = :l", {"l": "bia"})
    reader = Shop(shop.desk, shop.desk.actor("bia"), shop.actor)
    assert scope(reader.actor).flows
    async with opened(WIDE, at=reader) as screen:
        await until(lambda: screen.queue.view is not None)
        await screen.quiet()
        assert {"tags", "due", "customer", "transfer"} <= screen.queue.footer.refused
        await screen.press("t")
        assert "Analysts read" in screen.said
        await screen.press("d")
        assert screen.app.screen is screen.queue


async def test_unread_notifications_are_counted_in_the_top_line(opened: Opened, shop: Shop) -> None:
    """N2: always in sight; N lists them, Enter opens the ticket, and what was read is counted no more."""
    async with opened(WIDE, at=Shop(shop.desk, shop.other, shop.actor)) as screen:
        here = screen.queue.list.window.rows[4].number
        notes.add(shop.desk, [here], "@bia veja isto", actor=shop.actor)
        await until(lambda: "1 notice" in screen.text(screen.queue.top))
        await screen.press("N")
        await asked(screen)
        await screen.press("enter")
        await until(lambda: screen.queue.view is not None and screen.queue.view.row.number == here)
        await until(lambda: "notice" not in screen.text(screen.queue.top))


async def test_a_flow_brings_its_period_as_the_first_filter(opened: Opened, shop: Shop) -> None:
    """I5: in sight in the filter line; what was typed beside it stays when one leaves the flow."""
    flow = shop.rows("SELECT id FROM flows WHERE name = 'Detratores'")[0][0]
    begin = int(START.timestamp() * 1000)
    with shop.desk.db.write() as work:
        work.run("UPDATE flows SET intake_from = :a WHERE id = :f", {"a": begin, "f": flow})
    shop.take(answer(900, "Outra"))
    async with opened(WIDE) as screen:
        await command(screen, "filter class:detractor")
        await command(screen, "flow detra")
        await until(lambda: "created:>=2026-11-20" in screen.text(screen.queue.metrics))
        assert screen.queue.filter.query == "created:>=2026-11-20 class:detractor"
        assert screen.queue.filter.flow == flow
        await screen.press("F")
        await asked(screen)
        await screen.press(*"all flows", "enter")
        await until(lambda: screen.queue.filter.flow is None)
        assert screen.queue.filter.query == "class:detractor"
