"""The main screen, driven by keys on a real desk (Q1, T2, M1, M4, ux)."""

import threading
from dataclasses import replace

import pytest
from textual.geometry import Region
from textual.widgets import TextArea

from loop import notes, tickets
from tests.tui.conftest import TICKETS, Opened, Screen, Shop, answer, until

WIDE = (120, 36)


def number(screen: Screen) -> int:
    """The ticket under the cursor."""
    found = screen.queue.list.number
    assert found is not None
    return found


async def start_and_write(screen: Screen, words: str = "hi") -> None:
    """Start and take the ticket under the cursor, and write a few letters."""
    await screen.press("r", "s")
    await until(lambda: screen.queue.is_writing)
    await screen.quiet()
    await screen.press(*words)


async def test_the_list_comes_with_counts_and_figures(opened: Opened) -> None:
    """Q1, Q2: tabs with counts, metrics above, default order."""
    async with opened() as screen:
        top = screen.text(screen.queue.top)
        assert f"1 All {TICKETS}" in top and "ana" in top
        ranks = [(row.rank, row.number) for row in screen.queue.list.window.rows]
        assert ranks == sorted(ranks) and len(ranks) == TICKETS
        assert "closed 0%" in screen.text(screen.queue.metrics)


async def test_a_hostile_name_is_only_a_name(opened: Opened) -> None:
    """R7: in the list, the head and the picker's title; every line keeps its width."""
    async with opened(WIDE) as screen:
        await screen.press("slash", *"Zoë", "enter")
        await until(lambda: screen.queue.list.window.total == 1)
        await screen.press("enter")
        await until(lambda: screen.queue.view is not None)
        await screen.quiet()
        shown = screen.text()
        assert "[bold]Zoë" in shown
        assert not any(c in shown for c in "\x1b\x9b\x07\u200d")
        await screen.press("p", "escape", "question_mark", "escape", "ctrl+p", "escape")


async def test_moving_repaints_and_keeps_in_sight(opened: Opened) -> None:
    async with opened() as screen:
        rows = screen.queue.list
        await screen.press("j", "j", "k")
        assert rows.cursor == 1
        await screen.press("G")
        assert rows.cursor == TICKETS - 1
        assert rows.scroll_offset.y == TICKETS - rows.size.height
        await screen.press("ctrl+u", "g")
        assert rows.cursor == 0 and rows.scroll_offset.y == 0
        for _i in range(40):
            await screen.pilot.press("j")
            assert rows.scroll_offset.y <= rows.cursor < rows.scroll_offset.y + rows.size.height
        assert "▌" in rows.render_line(rows.cursor - rows.scroll_offset.y).text


async def test_tabs_and_filter_and_the_way_back(opened: Opened) -> None:
    """The filter is always in sight; Esc clears it; what cannot be read is said."""
    async with opened() as screen:
        await screen.press("3")
        assert screen.queue.list.window.total == 0
        assert "No tickets here." in screen.text()
        await screen.press("1", "slash", *"class:promoter", "enter")
        await until(lambda: 0 < screen.queue.list.window.total < TICKETS)
        assert "class:promoter" in screen.text(screen.queue.metrics)
        await screen.press("escape")
        await until(lambda: screen.queue.list.window.total == TICKETS)
        await screen.press("slash", *"is:nonsense", "enter")
        assert "is:nonsense" in screen.said


async def test_narrow_one_thing_over_another_and_back(opened: Opened) -> None:
    """80 columns: list, ticket over it, draft over that; Esc goes back one step at a time."""
    async with opened() as screen:
        queue = screen.queue
        await screen.press("enter")
        await until(lambda: queue.pane is not None and queue.pane.view is not None)
        await screen.quiet()
        assert queue.list.region.width == 0 and queue.pane is not None and queue.pane.region.width > 70
        await start_and_write(screen)
        assert queue.composing is not None and queue.composing.region.width > 70
        assert queue.pane.region.width == 0
        await screen.press("escape")
        assert queue.pane.region.width > 70
        await screen.press("escape")
        assert queue.list.region.width == 80 and screen.app.focused is queue.list


async def test_wide_the_preview_follows_the_cursor(opened: Opened) -> None:
    async with opened(WIDE) as screen:
        queue = screen.queue
        await screen.press("j", "j")
        await until(lambda: queue.view is not None and queue.view.row.number == number(screen))
        assert queue.pane is not None and queue.pane.view is queue.view


async def test_a_refused_reply_offers_to_start_and_take(opened: Opened, shop: Shop) -> None:
    """M1: only the assignee writes, only while in progress; one more key makes it so and opens the draft."""
    async with opened() as screen:
        await screen.press("r")
        assert "s starts and takes it" in screen.said
        assert not screen.queue.is_writing
        await screen.press("s")
        await until(lambda: screen.queue.is_writing)
        assert shop.rows(f"SELECT assignee_id FROM tickets WHERE number = {number(screen)}")[0][0] == shop.actor.id


async def test_what_a_ticket_refuses_is_said(opened: Opened) -> None:
    """A key that cannot act says why (T3, T4)."""
    async with opened() as screen:
        await screen.press("p")
        assert "s starts it" in screen.said
        assert screen.app.screen is screen.queue
        await screen.press("colon", *"move solving", "enter")
        assert screen.said


async def test_a_draft_is_saved_while_one_types_and_comes_back(opened: Opened, shop: Shop) -> None:
    """M4: by itself, without leaving; r goes on with it."""
    async with opened() as screen:
        await start_and_write(screen, "Dear")
        await until(lambda: [b for (b,) in shop.rows("SELECT body FROM drafts") if b.startswith("Dear")])
        await screen.press("escape", "r")
        await until(lambda: screen.queue.is_writing)
        await screen.quiet()
        assert screen.queue.composing is not None
        assert screen.queue.composing.draft.body.startswith("Dear")


async def test_leaving_saves_what_was_typed_a_moment_ago(opened: Opened, shop: Shop) -> None:
    """SIGTERM, SIGHUP and q all end by `leave`: nothing typed is lost."""
    async with opened() as screen:
        await start_and_write(screen, "")
        await screen.pilot.press(*"Last words")
        screen.app.leave(143)
        assert screen.app.writes.settle(60)
        assert [b for (b,) in shop.rows("SELECT body FROM drafts") if b.startswith("Last words")]
    assert screen.app.return_code == 143


async def test_send_and_take_back(opened: Opened, shop: Shop) -> None:
    """M4, M5: the review shows what leaves; afterwards a countdown, and u brings the draft back."""
    async with opened() as screen:
        await start_and_write(screen, "Sorry")
        await screen.press("f5")
        await until(lambda: screen.app.screen is not screen.queue)
        assert "Sorry" in screen.text()
        await screen.press("enter")
        assert not shop.rows("SELECT 1 FROM outbox"), "Enter is never yes"
        if screen.app.screen is screen.queue:
            await screen.press("f5")
            await until(lambda: screen.app.screen is not screen.queue)
        await screen.press("y")
        await until(lambda: shop.rows("SELECT 1 FROM outbox"))
        await until(lambda: screen.queue.sent is not None)
        assert "u takes it back" in screen.said and not screen.queue.is_writing
        await screen.press("u")
        await until(lambda: screen.queue.is_writing)
        assert screen.queue.composing is not None and screen.queue.composing.draft.body.startswith("Sorry")
        await screen.press("escape", "u")
        assert "nothing to take back" in screen.said


async def test_new_tickets_are_announced_and_push_nothing(opened: Opened, shop: Shop) -> None:
    """ux: the cursor stays on its ticket, and on its line; R shows what is new, the cursor still there."""
    async with opened() as screen:
        queue = screen.queue
        await screen.press(*"jjjjj")
        here, line = number(screen), queue.list.cursor - queue.list.scroll_offset.y
        shop.take(answer(900, score=0), answer(901, score=1), answer(902, score=0))
        await until(lambda: "3 new" in screen.text(queue.top))
        assert number(screen) == here and queue.list.window.total == TICKETS
        await screen.press("R")
        await until(lambda: queue.list.window.total == TICKETS + 3)
        assert number(screen) == here and queue.list.cursor - queue.list.scroll_offset.y == line
        assert "new" not in screen.text(queue.top)


async def test_what_others_do_appears_and_touches_no_draft(opened: Opened, shop: Shop) -> None:
    """T10, issue 2.7: by itself, cursor and draft as they were."""
    async with opened(WIDE) as screen:
        queue = screen.queue
        await start_and_write(screen, "Mine")
        ticket = number(screen)
        assert queue.composing is not None
        body = queue.composing.query_one("#compose-body", TextArea)
        place = body.cursor_location
        notes.add(shop.desk, [ticket], "from bia", actor=shop.actor)
        await until(lambda: queue.view is not None and any(e.text == "from bia" for e in queue.view.entries))
        assert body.text.startswith("Mine") and body.cursor_location == place and screen.app.focused is body


async def test_our_own_act_repaints_the_row_in_its_place(opened: Opened) -> None:
    async with opened() as screen:
        rows = screen.queue.list
        await screen.press("2", "j", "s")
        await until(lambda: screen.said == "Started.")
        await screen.quiet()
        assert rows.cursor == 1 and rows.row is not None and rows.row.phase == "Contacting"
        assert rows.window.total == TICKETS


async def test_a_selection_is_loud_and_verbs_act_on_it(opened: Opened, shop: Shop) -> None:
    """Q4: mark on every row, count in the head, Esc clears; one result for all."""
    async with opened() as screen:
        queue = screen.queue
        await screen.press("x", "x", "x")
        assert "3 selected" in screen.text(queue.head)
        assert screen.text(queue.list).count("✓") == 3
        await screen.press("s")
        await until(lambda: "3 started" in screen.said)
        assert shop.rows("SELECT COUNT(*) FROM tickets WHERE started_at IS NOT NULL")[0][0] == 3
        await screen.press("escape")
        assert not queue.list.selected


async def test_commands_say_what_is_wrong(opened: Opened) -> None:
    async with opened() as screen:
        await screen.press("colon", *"fly", "enter")
        assert ":fly" in screen.said
        await screen.press("colon", *"import /nowhere.csv", "enter")
        await until(lambda: "There is no file /nowhere.csv" in screen.text())


async def test_a_command_is_completed(opened: Opened) -> None:
    async with opened() as screen:
        await screen.press("colon", *"them")
        await until(lambda: screen.queue.command_line.query_one("PromptInput")._suggestion == "theme")  # type: ignore[attr-defined]
        await screen.press("tab", *" retorno-l")
        await until(lambda: "retorno-light" in screen.queue.command_line.query_one("PromptInput")._suggestion)  # type: ignore[attr-defined]
        await screen.press("tab", "enter")
        assert screen.app.theme == "retorno-light"


async def test_help_finds_by_key_and_does_it(opened: Opened) -> None:
    async with opened() as screen:
        await screen.press("question_mark", *"half down")
        assert "Half a page down." in screen.text()
        await screen.press("enter")
        await until(lambda: screen.queue.list.cursor > 3)


async def test_the_palette_holds_back_what_cannot_be_done(opened: Opened) -> None:
    async with opened(WIDE) as screen:
        await until(lambda: screen.queue.view is not None)
        await screen.press("ctrl+p", *"priority")
        assert "✗" in screen.text()
        await screen.press("enter")
        assert screen.app.screen is not screen.queue


async def test_an_empty_desk_says_what_to_do(opened: Opened, empty_shop: Shop) -> None:
    async with opened(at=empty_shop) as screen:
        shown = screen.text()
        assert "No answers yet." in shown and ":import" in shown
        assert {"start", "reply", "assign"} <= screen.queue.footer.refused, "there is no ticket to do that with"
        empty_shop.take(answer(1, score=2))
        await until(lambda: screen.queue.list.window.total == 1)
        await until(lambda: "start" not in screen.queue.footer.refused)


async def test_a_terminal_that_is_too_small_is_told(opened: Opened) -> None:
    async with opened((50, 12)) as screen:
        assert "too small" in screen.text()
        await screen.pilot.resize_terminal(80, 24)
        await screen.quiet()
        assert "Customer" in screen.text()


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 36), (160, 45)])
async def test_every_line_fits_at_every_size(opened: Opened, size: tuple[int, int]) -> None:
    """No bar overflows; the footer shows all of its keys."""
    async with opened(size) as screen:
        queue = screen.queue
        for bar in (queue.top, queue.metrics, queue.footer, queue.head):
            assert bar.render_line(0).cell_length == bar.size.width
        assert screen.text(queue.footer).rstrip().endswith("help")
        for line in queue.list.render_lines(Region(0, 0, *queue.list.size)):
            assert line.cell_length == queue.list.size.width


async def test_a_key_does_not_wait_for_storage(opened: Opened) -> None:
    """The preview and the pages are read in a lane; a lane that is busy holds up no key."""
    async with opened(WIDE) as screen:
        busy = threading.Event()
        screen.app.reads.submit(lambda: busy.wait(30))
        for _i in range(20):
            await screen.pilot.press("j")
        assert screen.queue.list.cursor == 20
        assert not screen.app.reads.settle(0)
        busy.set()


async def test_a_million_rows_cost_no_more_than_what_is_seen(opened: Opened) -> None:
    """The list never holds or asks for all: far places are asked for by their place."""
    async with opened() as screen:
        rows = screen.queue.list
        first = rows.window.rows[:100]
        many = tuple(replace(r, number=10_000_000 + i) for i, r in enumerate(first))
        rows.show(many, start=0, total=1_000_000, now=0)
        rows.go(999_999)
        assert rows.cursor == 999_999 and len(rows.window.rows) <= 100
        assert rows.render_line(rows.size.height - 1).text.strip(" ▌") == "…"


async def test_others_moving_a_ticket_is_seen_in_its_row(opened: Opened, shop: Shop) -> None:
    async with opened() as screen:
        rows = screen.queue.list
        await screen.press("j")
        there = rows.window.rows[3].number
        tickets.start(shop.desk, [there], actor=shop.other, take=True)
        await until(lambda: rows.window.rows[3].assignee == "bia")
        assert rows.cursor == 1
        assert "bia" in rows.render_line(3).text


async def test_checklist_move_and_close_by_keys(opened: Opened, shop: Shop) -> None:
    """P7, T6: what is missing is named; ticked, the ticket goes on; closing asks what was done."""
    async with opened(WIDE) as screen:
        queue = screen.queue
        await screen.press("s")
        await until(lambda: queue.view is not None and queue.view.started is not None)
        await screen.press("colon", *"move solving", "enter")
        await until(lambda: "Call the customer" in screen.said)
        await screen.press("c")
        await screen.press("space")
        await until(lambda: queue.view is not None and len(queue.view.ticks) == 1)
        await screen.press("j", "space")
        await until(lambda: queue.view is not None and len(queue.view.ticks) == 2)
        await screen.press("m")
        await until(lambda: screen.app.screen is not queue)
        await screen.press(*"solving", "enter")
        await until(lambda: "Moved to Solving" in screen.said)
        await screen.press("colon", *"close", "enter")
        await until(lambda: screen.app.screen is not queue)
        await screen.press("escape")
        assert shop.rows("SELECT COUNT(*) FROM tickets WHERE closed_at IS NOT NULL")[0][0] == 0


async def test_enter_on_another_ticket_leaves_the_draft_saved(opened: Opened, shop: Shop) -> None:
    """A draft is never shown beside another ticket than its own."""
    async with opened(WIDE) as screen:
        queue = screen.queue
        await start_and_write(screen, "Kept")
        first = number(screen)
        queue.list.focus()
        await screen.press("j")
        await until(lambda: number(screen) != first)
        assert queue.view is not None and queue.view.row.number == first, "the preview stays with the draft"
        await screen.press("enter")
        await until(lambda: queue.view is not None and queue.view.row.number == number(screen))
        assert not queue.is_writing
        await until(lambda: [b for (b,) in shop.rows("SELECT body FROM drafts") if b.startswith("Kept")])


async def test_a_draft_that_could_not_be_saved_is_said_and_tried_again(
    opened: Opened, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened() as screen:
        await start_and_write(screen, "")
        real, fails = screen.queue.keeper._save, ["the disk is full"]

        def save(draft: object) -> int:
            if fails:
                raise OSError(fails.pop())
            return real(draft)  # type: ignore[arg-type]

        monkeypatch.setattr(screen.queue.keeper, "_save", save)
        monkeypatch.setattr("tui.drafts.AGAIN_S", 0.05)
        await screen.pilot.press(*"Again")
        await until(lambda: "the disk is full" in screen.text(screen.queue.composing) or not fails)
        await until(lambda: [b for (b,) in shop.rows("SELECT body FROM drafts") if b.startswith("Again")])
