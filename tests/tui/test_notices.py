"""The list of notifications on a real desk: newest first, read and unread, by kind, in pages (N2)."""

from textual.widgets import TextArea

from loop import notes, notifications
from loop.views import Notice
from tests.tui.conftest import HOSTILE, Opened, Screen, Shop
from tui.screens.notices import PAGE, NoticesScreen, notice_line
from tui.widgets.rows import Rows
from tui.widgets.ticket.spans import spans_len


async def open_notices(screen: Screen) -> NoticesScreen:
    """Show the list."""
    answers: list[int | None] = []
    notices = NoticesScreen()
    notices.answers = answers  # type: ignore[attr-defined]
    screen.app.push_screen(notices, answers.append)
    await screen.quiet()
    return notices


def answered(notices: NoticesScreen) -> list[int | None]:
    return notices.answers  # type: ignore[attr-defined,no-any-return]


def tell(shop: Shop, numbers: range, kind: str) -> None:
    """Tell the reader something of some tickets."""
    with shop.desk.db.write() as work:
        for i, number in enumerate(numbers):
            notifications.notify(
                work, [shop.actor.id], kind, ticket=number, actor=shop.other, at=shop.desk.now() - 1000 + i
            )


def left_unread(shop: Shop) -> int:
    return notifications.unread(shop.desk, actor=shop.actor)


def numbers(notices: NoticesScreen) -> list[int | None]:
    return [notice.ticket for notice in notices.query_one(Rows).items]


async def test_an_empty_list_says_what_comes_here(opened: Opened) -> None:
    async with opened() as screen:
        notices = await open_notices(screen)
        assert "Nothing to tell you." in screen.text() and "0 unread" in screen.text()
        await screen.press("enter", "space", "A", "v", "u", "G", "escape")
        assert answered(notices) == [None]


async def test_newest_first_and_enter_opens_the_ticket(opened: Opened, shop: Shop) -> None:
    """N2: kind, who, number and subject; opening marks as read."""
    tell(shop, range(1, 4), "assigned")
    notes.add(shop.desk, [7], "@ana veja isto", actor=shop.other)
    async with opened() as screen:
        notices = await open_notices(screen)
        assert numbers(notices) == [7, 3, 2, 1]
        shown = screen.text()
        assert "@ mention" in shown and "◇ yours now" in shown and "bia" in shown and "#7 " in shown
        assert "@ana veja isto" in shown  # the words of the one under the cursor
        await screen.press("enter")
        assert answered(notices) == [7] and left_unread(shop) == 3


async def test_space_marks_one_and_a_marks_all(opened: Opened, shop: Shop) -> None:
    """Rows stay where they are; the dot goes."""
    tell(shop, range(1, 6), "reply")
    async with opened() as screen:
        notices = await open_notices(screen)
        rows = notices.query_one(Rows)
        assert screen.text().count("● ") == 5 and "5 unread" in screen.text()
        await screen.press("space")
        assert rows.place == 1 and left_unread(shop) == 4 and screen.text().count("● ") == 4
        await screen.press("A")
        assert left_unread(shop) == 0 and len(rows.items) == 5
        assert "4 marked as read." in screen.text() and "0 unread" in screen.text()


async def test_unread_only_and_kinds(opened: Opened, shop: Shop) -> None:
    """u and v reduce the list, and the head says so."""
    tell(shop, range(1, 3), "reply")
    tell(shop, range(3, 5), "overdue")
    async with opened() as screen:
        notices = await open_notices(screen)
        await screen.press("space", "u")
        assert numbers(notices) == [3, 2, 1] and "unread only" in screen.text()
        await screen.press("u", "v", "v", "v")
        assert numbers(notices) == [2, 1] and "replies" in screen.text()
        await screen.press("v")
        assert numbers(notices) == [4, 3] and "due and overdue" in screen.text()
        await screen.press("v")
        assert numbers(notices) == [] and "Nothing here." in screen.text()
        await screen.press("v")
        assert numbers(notices) == [4, 3, 2, 1]


async def test_pages_are_read_as_one_goes_down(opened: Opened, shop: Shop) -> None:
    """A long list is read by keys, none left out and none twice; a rare kind is found behind the first page."""
    tell(shop, range(1, 2), "bounce")
    tell(shop, range(1, PAGE + 51), "reply")
    async with opened() as screen:
        notices = await open_notices(screen)
        assert len(numbers(notices)) == PAGE
        await screen.press("G", "G")
        assert numbers(notices) == [*range(PAGE + 50, 0, -1), 1]
        await screen.press("escape")
        notices = await open_notices(screen)
        await screen.press("v", "v", "v", "v", "v")
        assert numbers(notices) == [1]


async def test_what_one_may_not_see_any_more_is_not_told(opened: Opened, shop: Shop) -> None:
    """P3, N2: the list asks the rights anew."""
    tell(shop, range(1, 3), "reply")
    with shop.desk.db.write() as work:
        work.run("UPDATE notifications SET user_id = :me WHERE id > 0", {"me": shop.other.id})
    async with opened() as screen:
        notices = await open_notices(screen)
        assert numbers(notices) == []


async def test_hostile_words_are_only_words(opened: Opened, shop: Shop) -> None:
    """R7: subject and words of the note."""
    with shop.desk.db.write() as work:
        work.run("UPDATE tickets SET subject = :s WHERE number = 1", {"s": HOSTILE})
    notes.add(shop.desk, [1], f"@ana {HOSTILE}", actor=shop.other)
    for size in ((80, 24), (60, 15), (160, 45)):
        async with opened(size) as screen:
            await open_notices(screen)
            shown = screen.text()
            assert "[bold]Zoë" in shown and not any(c in shown for c in "\x1b\x9b\x07\u200d")


def test_a_kind_of_tomorrow_is_shown_by_its_name() -> None:
    notice = Notice(1, 0, "sla [/]", HOSTILE, None, "", "", read=False)
    drawn = notice_line(notice, 1, 80, here=False)
    assert "sla [/]" in "".join(text for text, _role in drawn.spans) and spans_len(drawn.spans) < 80


async def test_the_notice_leads_to_its_ticket_from_the_main_screen(opened: Opened, shop: Shop) -> None:
    """ux: N shows them, Enter goes there."""
    tell(shop, range(5, 6), "assigned")
    async with opened() as screen:
        await screen.press("N", "enter")
        assert screen.app.screen is screen.queue
        assert screen.queue.view is not None and screen.queue.view.row.number == 5
        assert not screen.queue.query(TextArea)
