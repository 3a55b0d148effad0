"""The main screen: bars, list, ticket and draft, side by side where there is room, over each other where not."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from domain.flows import Status
from domain.query import parse as parse_query
from domain.refusals import Refusal
from domain.text import _
from loop.views import Counts, Metrics, Page, TicketView, View
from tui.actions import Where, bindings
from tui.drafts import DraftKeeper
from tui.refresh import Refresher, TicketsChanged
from tui.screens.queue_commands import Commands
from tui.screens.queue_mail import Writing
from tui.screens.queue_verbs import Verbs
from tui.strips import strip
from tui.theme import palette
from tui.widgets.bar import Bar
from tui.widgets.flash import Flash, Tone
from tui.widgets.footer import FooterLine
from tui.widgets.metrics import MetricsLine
from tui.widgets.queue_list import QueueHead, QueueList
from tui.widgets.topbar import TopBar
from tui.window import After, At, Before

if TYPE_CHECKING:
    from tui.app import Retorno
    from tui.widgets.ticket.compose import Compose
    from tui.widgets.ticket.pane import TicketPane
    from tui.widgets.ticket.side import Side

FIRST_ROWS = 100
PREVIEW_AFTER_S = 0.12
QUIET_S, LATEST_S = 0.8, 30.0
"""The mail starts after so many seconds without a key, or at the latest after so many."""
WIDE, VAST = 120, 160
LEAST = (60, 15)


class TooSmall(Bar):
    """What a terminal that is too small shows instead of everything."""

    def line(self, width: int) -> Strip:
        size = self.app.size
        said = _("{width}x{height} is too small; Retorno needs {least_w}x{least_h}. Nothing is lost.").format(
            width=size.width, height=size.height, least_w=LEAST[0], least_h=LEAST[1]
        )
        p = palette(self.app)
        if len(said) > width:
            said = _("too small: {least_w}x{least_h}").format(least_w=LEAST[0], least_h=LEAST[1])
        return strip([(said.center(width), p.text)], width, p.text)


class QueueScreen(Verbs, Writing, Commands, Screen[None]):
    """The list of tickets and the one that is read. What keys and commands do is in the mixins, as `do_<id>`."""

    app: Retorno
    AUTO_FOCUS = "QueueList"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings([Where.ANYWHERE])]

    def __init__(self) -> None:
        super().__init__()
        self.filter = View()
        """Which tickets the list shows."""
        self.view: TicketView | None = None
        """The ticket that was read last, which the pane shows if there is one."""
        self.pane: TicketPane | None = None
        self.side: Side | None = None
        self.composing: Compose | None = None
        self._preview: Timer | None = None
        self._flashed_at = 0
        self._known_total: int | None = None
        self._counts: Counts | None = None
        self._started = False
        self.touched = 0.0
        """When a key was last pressed, on the monotonic clock."""
        self._before_line: Widget | None = None
        self._making = asyncio.Lock()
        """Held while a part is made, which is used only once it is whole."""

    def compose(self) -> ComposeResult:
        self.list = QueueList(id="list")
        yield TopBar(id="top")
        yield MetricsLine(id="metrics")
        with Horizontal(id="body"):
            with Vertical(id="list-column"):
                yield QueueHead(self.list, id="list-head")
                yield self.list
            yield Vertical(id="ticket-column")
            yield Vertical(id="side-column")
        yield FooterLine(id="footer")
        yield TooSmall(id="too-small")

    def on_mount(self) -> None:
        app = self.app
        self.top, self.metrics = self.query_one(TopBar), self.query_one(MetricsLine)
        self.footer, self.head = self.query_one(FooterLine), self.query_one(QueueHead)
        self.keeper = DraftKeeper(self, app.writes, self.save_draft, self.draft_saved, self.draft_not_saved)
        self.refresher = Refresher(self._watcher, self.post_message)
        self.top.update(login=app.actor.login)
        self.set_interval(60, self._minute)
        # The frame is painted first; the first page is read meanwhile in the lane.
        self.reload()

    # Reading the list

    def reload(self, number: int | None = None) -> None:
        """Show the list anew, with the cursor on a ticket if one is given."""
        desk, actor, view = self.app.desk, self.app.actor, self.filter

        def read() -> tuple[View, Page, int, int | None, int]:
            from loop import queue

            if number is None:
                page = queue.page(desk, view, actor=actor, limit=FIRST_ROWS)
                return view, page, 0, None, desk.now()
            page = queue.around(desk, view, number, actor=actor, limit=FIRST_ROWS)
            place = queue.position(desk, view, number, actor=actor)
            here = next((i for i, row in enumerate(page.rows) if row.number == number), 0)
            return view, page, (place or here) - here, number, desk.now()

        self.app.reads.submit(read, self._show_page, key="page")

    def _show_page(self, found: tuple[View, Page, int, int | None, int]) -> None:
        view, page, start, number, now = found
        if view != self.filter:
            return
        rows = self.list
        rows.tab = view.tab
        rows.empty_says = self._empty()
        total = start + len(page.rows) + (1 if page.more else 0)
        self._known_total = None
        rows.show(page.rows, start=start, total=total, now=now, number=number)
        self.head.refresh()
        self.top.update(arrived=0)
        self.recount()
        if not self._started:
            self._started = True
            self.call_after_refresh(self._begin_the_rest)

    def recount(self) -> None:
        """Count the tabs and work the figures out again."""
        desk, actor, view = self.app.desk, self.app.actor, self.filter

        def read() -> tuple[View, Counts]:
            from loop import queue

            return view, queue.counts(desk, view, actor=actor)

        def figures() -> tuple[View, Metrics]:
            from loop import queue

            return view, queue.metrics(desk, view, actor=actor)

        self.app.reads.submit(read, self._show_counts, key="counts")
        self.app.reads.submit(figures, self._show_metrics, key="metrics")

    def _show_counts(self, found: tuple[View, Counts]) -> None:
        view, counts = found
        if view != self.filter:
            return
        self._counts = counts
        total = {
            None: counts.all,
            Status.PENDING: counts.open,
            Status.PROGRESS: counts.progress,
            Status.CLOSED: counts.closed,
        }[view.tab]
        if self._known_total is None:
            self._known_total = total
            self.list.set_total(total)
        here = self.list.window.rows
        gone = 0 if view.tab is None else sum(row.status is not view.tab for row in here)
        arrived = max(0, total + gone - self._known_total)
        if arrived and not here:
            self.reload()
        self.top.update(counts=counts, arrived=arrived)

    def _show_metrics(self, found: tuple[View, Metrics]) -> None:
        view, metrics = found
        if view == self.filter:
            self.metrics.update(metrics=metrics)

    def show_list(self, **changes: Any) -> None:
        """Show other tickets: `tab`, `flow` or `query`."""
        from dataclasses import replace

        view = replace(self.filter, **changes)
        if view == self.filter:
            return
        self.filter = view
        self.list.selected.clear()
        trouble = parse_query(view.query).trouble
        self.metrics.update(query_text=view.query, trouble=trouble)
        if trouble:
            self.say(trouble, Tone.REFUSED)
        self.top.update(tab=view.tab)
        self.reload()

    def _empty(self) -> list[str]:
        if self.filter.query:
            return [_("Nothing matches {query}.").format(query=self.filter.query), _("Esc clears the filter.")]
        if self.filter.tab is not None:
            return [_("No tickets here."), _("1 shows all of them.")]
        return [
            _("No answers yet."),
            _(":import answers.csv brings some in;"),
            _("`retorno demo` shows a world that is full of them."),
        ]

    def on_queue_list_wanted(self, event: QueueList.Wanted) -> None:
        desk, actor, view, ask, turn = self.app.desk, self.app.actor, self.filter, event.ask, event.turn
        total = self.list.window.total

        def read() -> Page:
            from loop import queue
            from tui.window import CHUNK

            match ask:
                case After(rank, number):
                    return queue.page(desk, view, actor=actor, after=(rank, number), limit=CHUNK)
                case Before(rank, number):
                    return queue.page(desk, view, actor=actor, before=(rank, number), limit=CHUNK)
                case At(offset):
                    return queue.at(desk, view, offset, actor=actor, total=total, limit=CHUNK)

        self.app.reads.submit(read, lambda page: self.list.supply(turn, ask, page.rows, page.more))

    # The ticket beside the list, or over it

    def on_queue_list_moved(self, event: QueueList.Moved) -> None:
        event.stop()
        self.pinned = None
        self.touched = time.monotonic()
        if event.number != self.offer:
            self.offer = None
        self.unsay()
        if self.pane is None or self.is_writing or not (self.has_class("-wide") or self.has_class("-reading")):
            return
        if self._preview is not None:
            self._preview.stop()
        self._preview = self.set_timer(PREVIEW_AFTER_S, self._preview_now)

    def _preview_now(self) -> None:
        self._preview = None
        if self.list.number is None:
            self.view = None
            if self.pane is not None and self.list.loaded and not self.list.window.total:
                self.pane.show(None, self.app.desk.now())
            return
        if not self.is_writing:
            self.read_ticket(self.list.number)

    def read_ticket(self, number: int, then: Any = None) -> None:
        """Read a ticket and show it, unless the cursor has gone on; `then` is called with it."""
        desk, actor = self.app.desk, self.app.actor

        def read() -> TicketView | Refusal:
            from loop import reading

            return reading.ticket(desk, number, actor=actor)

        def show(found: TicketView | Refusal) -> None:
            if isinstance(found, Refusal):
                self.say(str(found), Tone.REFUSED)
                return
            self._show_ticket(found)
            if then is not None:
                then(found)

        self.app.reads.submit(read, show, key="" if then else "ticket")

    def _show_ticket(self, view: TicketView) -> None:
        number = view.row.number
        kept = self.is_writing and self.composing is not None and self.composing.ticket != number
        if kept or (not self.is_writing and number not in (self.pinned, self.list.number) and self.list.number):
            return
        self.view = view
        now = self.app.desk.now()
        if self.pane is not None:
            self.pane.show(view, now)
        if self.side is not None:
            self.side.show(view, now)
        self.list.update_rows([view.row], now)

    async def need_pane(self) -> TicketPane:
        """The ticket's pane, made at its first use: a list alone starts sooner."""
        async with self._making:
            if self.pane is None:
                from tui.widgets.ticket.pane import TicketPane
                from tui.widgets.ticket.side import Side

                pane, side = TicketPane(id="pane"), Side(id="side")
                await self.query_one("#ticket-column").mount(pane)
                await self.query_one("#side-column").mount(side)
                self.pane, self.side = pane, side
            return self.pane

    async def need_compose(self) -> Compose:
        """The place to write in, made at its first use."""
        async with self._making:
            if self.composing is None:
                from tui.widgets.ticket.compose import Compose

                composing = Compose(id="compose")
                await self.query_one("#ticket-column").mount(composing)
                self.composing = composing
            return self.composing

    async def open_ticket(self, number: int) -> None:
        """Go into a ticket: over the list where there is no room beside it."""
        pane = await self.need_pane()
        self.add_class("-reading")
        self._place()
        if self.view is not None and self.view.row.number == number:
            self._show_ticket(self.view)
        self.read_ticket(number)
        pane.focus()

    # What others did

    def on_tickets_changed(self, event: TicketsChanged) -> None:
        event.stop()
        self.refresh_tickets(self.refresher.take())

    def refresh_tickets(self, numbers: tuple[int, ...]) -> None:
        """Show tickets as they are now, where they are; the cursor and the draft stay as they are."""
        desk, actor = self.app.desk, self.app.actor
        here = [n for n in numbers if self.list.window.place(n) is not None]
        if here:

            def read() -> Any:
                from loop import queue

                return queue.rows(desk, here, actor=actor)

            self.app.reads.submit(read, lambda rows: self.list.update_rows(rows, desk.now()))
        if self.view is not None and self.view.row.number in numbers:
            before = self.view.last_event
            self.read_ticket(self.view.row.number, lambda view: self.ticket_changed(view, before))
        self.recount()

    def _watcher(self) -> Any:
        from loop.changes import Watcher

        return Watcher(self.app.desk, self.app.actor)

    async def _begin_the_rest(self) -> None:
        """After the list is seen: the preview, the watching, the mail."""
        self.refresher.start()
        if self.has_class("-wide"):
            await self.need_pane()
            self._preview_now()
        self._start_when_quiet(time.monotonic() + LATEST_S)

    def _start_when_quiet(self, latest: float) -> None:
        """What verbs and mail need takes a second to import, which would be felt: wait for a moment without keys."""
        now = time.monotonic()
        if now < latest and now - self.touched < QUIET_S:
            self.set_timer(QUIET_S / 2, lambda: self._start_when_quiet(latest))
        else:
            threading.Thread(target=self._start_the_slow, name="retorno-start", daemon=True).start()

    def _start_the_slow(self) -> None:
        app = self.app
        facts = app.desk.facts()
        if app.background and facts.mailbox and facts.db.startswith("sqlite"):
            from loop.worker import Worker

            worker = Worker(app.desk, lambda health: self.post_message(self.MailSaid(health)))
            worker.start()
            app.worker = worker
        if app.background:
            from loop import correspondence, drafts, notes, tickets  # noqa: F401  the first verb finds them imported

            gc.freeze()  # what stays for good need not be looked through while a key waits

    def _minute(self) -> None:
        self.list.tick(self.app.desk.now())

    # Places

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
        self.set_class(width >= WIDE, "-wide")
        self.set_class(width < WIDE, "-narrow")
        self.set_class(width >= VAST, "-vast")
        self.set_class(height < 20, "-short")
        small = width < LEAST[0] or height < LEAST[1]
        self.set_class(small, "-too-small")
        if self._started and width >= WIDE and self.pane is None:
            self.run_worker(self._pane_for_width())

    async def _pane_for_width(self) -> None:
        await self.need_pane()
        self._preview_now()

    def on_descendant_focus(self) -> None:
        self._place()

    def _place(self) -> None:
        """Have the footer show the keys of where one is."""
        focus = self.focused
        if self.composing is not None and self.is_writing and focus is not None and self.composing in focus.ancestors:
            place = "draft"
        elif self.list.selected:
            place = "selection"
        else:
            place = "list" if focus is self.list else "ticket"
        self.footer.show_place(place)

    def reselected(self) -> None:
        """The selection changed."""
        self.head.refresh()
        self._place()

    # Saying something

    def say(self, text: str, tone: Tone = Tone.SAID, until: int = 0) -> None:
        """Show a sentence in the last line until the next key, or until a time that it may count down to."""
        now = self.app.desk.now()
        self._flashed_at = now
        self.footer.show_flash(Flash(text, tone, until), now)
        if until:
            self._count_down(self.footer.flash)

    def say_trouble(self, error: Exception) -> None:
        """Say that something broke."""
        self.say(str(error) or type(error).__name__, Tone.TROUBLE)

    def unsay(self, *, now_or_never: bool = False) -> None:
        """Take the sentence away, once it could be read; a countdown stays."""
        flash = self.footer.flash
        if flash is not None and (now_or_never or (not flash.until and self.app.desk.now() - self._flashed_at > 1000)):
            self.footer.show_flash(None, 0)

    def _count_down(self, flash: Flash | None) -> None:
        if flash is None or self.footer.flash is not flash:
            return
        now = self.app.desk.now()
        if now >= flash.until:
            self.unsay(now_or_never=True)
            self.countdown_over()
        else:
            self.footer.show_flash(flash, now)
            self.set_timer(min(1.0, (flash.until - now) / 1000 % 1 or 1.0), lambda: self._count_down(flash))
