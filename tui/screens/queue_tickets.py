"""What the main screen shows of tickets: the list, its figures, the one that is open, and what others did to them."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from domain.flows import Status
from domain.query import parse as parse_query
from domain.refusals import Refusal
from domain.rights import may_import, scope
from domain.text import _
from loop.views import Counts, Metrics, Page, TicketView, View
from tui.widgets.flash import Tone
from tui.widgets.queue_list import QueueList
from tui.window import CHUNK, After, At, Before

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.timer import Timer

    from tui.refresh import TicketsChanged
    from tui.screens.queue import QueueScreen
    from tui.widgets.ticket.compose import Compose
    from tui.widgets.ticket.pane import TicketPane

FIRST_ROWS = 100
PREVIEW_AFTER_S = 0.12


@dataclass(frozen=True)
class Seen:
    """A ticket as it was read, and how many writes of this screen it has seen."""

    view: TicketView | Refusal
    writes: int


class Tickets:
    """Reads in the lane, shows in the widgets."""

    view_seen: int = 0
    """How many writes of this screen the ticket that is shown has seen."""
    _preview: Timer | None = None
    _known_total: int | None = None
    """How many there were when the list was shown; what is more, arrived since."""

    # Reading the list

    def reload(self: QueueScreen, number: int | None = None) -> None:
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

    def _show_page(self: QueueScreen, found: tuple[View, Page, int, int | None, int]) -> None:
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
        self.dim_keys()
        self.top.update(arrived=0)
        self.recount()
        if not self._started:
            self._started = True
            self.call_after_refresh(self._begin_the_rest)

    def recount(self: QueueScreen) -> None:
        """Count the tabs and work the figures out again."""
        desk, actor, view = self.app.desk, self.app.actor, self.filter

        def read() -> tuple[View, Counts]:
            from loop import queue

            return view, queue.counts(desk, view, actor=actor)

        def figures() -> tuple[View, Metrics]:
            from loop import queue

            return view, queue.metrics(desk, view, actor=actor)

        self.app.figures.submit(read, self._show_counts, key="counts")
        self.app.figures.submit(figures, self._show_metrics, key="metrics")

    def _show_counts(self: QueueScreen, found: tuple[View, Counts]) -> None:
        view, counts = found
        if view != self.filter:
            return
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

    def _show_metrics(self: QueueScreen, found: tuple[View, Metrics]) -> None:
        view, metrics = found
        if view == self.filter:
            self.metrics.update(metrics=metrics)

    def show_list(self: QueueScreen, **changes: Any) -> None:
        """Show other tickets: `tab`, `flow` or `query`."""
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

    def _empty(self: QueueScreen) -> list[str]:
        if self.filter.query:
            return [_("Nothing matches {query}.").format(query=self.filter.query), _("Esc clears the filter.")]
        if self.filter.tab is not None:
            return [_("No tickets here."), _("1 shows all of them.")]
        if not scope(self.app.actor).everything and not scope(self.app.actor).flows:
            return [
                _("You are in no flow yet."),
                _("Who administers one takes you into it;"),
                _("its tickets show here at once then."),
            ]
        if may_import(self.app.actor):
            return [_("No answers yet."), _("They show here as they come in.")]
        return [
            _("No answers yet."),
            _(":import answers.csv brings some in;"),
            _("`retorno demo` shows a world that is full of them."),
        ]

    def on_queue_list_wanted(self: QueueScreen, event: QueueList.Wanted) -> None:
        desk, actor, view, ask, turn = self.app.desk, self.app.actor, self.filter, event.ask, event.turn
        total = self.list.window.total

        def read() -> Page:
            from loop import queue

            match ask:
                case After(rank, number):
                    return queue.page(desk, view, actor=actor, after=(rank, number), limit=CHUNK)
                case Before(rank, number):
                    return queue.page(desk, view, actor=actor, before=(rank, number), limit=CHUNK)
                case At(offset):
                    return queue.at(desk, view, offset, actor=actor, total=total, limit=CHUNK)

        self.app.reads.submit(read, lambda page: self.list.supply(turn, ask, page.rows, page.more))

    # The ticket beside the list, or over it

    def on_queue_list_moved(self: QueueScreen, event: QueueList.Moved) -> None:
        event.stop()
        self.pinned = None
        self.touched = time.monotonic()
        self.dim_keys()
        if self.offer is not None and event.number != self.offer.number:
            self.offer = None
        self.unsay()
        if self.pane is None or self.is_writing or not (self.is_wide or self.has_class("-reading")):
            return
        if self._preview is not None:
            self._preview.stop()
        self._preview = self.set_timer(PREVIEW_AFTER_S, self._preview_now)

    def _preview_now(self: QueueScreen) -> None:
        self._preview = None
        if self.list.number is None:
            self.view = None
            if self.pane is not None and self.list.loaded and not self.list.window.total:
                self.pane.show(None, self.app.desk.now())
            return
        if not self.is_writing:
            self.read_ticket(self.list.number)

    def read_ticket(self: QueueScreen, number: int, then: Any = None) -> None:
        """Read a ticket and show it, unless the cursor has gone on; `then` is called with it."""

        def show(found: Seen) -> None:
            if isinstance(found.view, Refusal):
                self.say(str(found.view), Tone.REFUSED)
                return
            self._show_ticket(found.view, found.writes)
            if then is not None:
                then(found.view)

        # What is decided by it is decided by the ticket as the keys before this one left it.
        after = self.app.writes.asked if then else 0
        self.app.reads.submit(self.ticket_reader(number, after), show, key="" if then else "ticket")

    def ticket_reader(self: QueueScreen, number: int, after: int = 0) -> Callable[[], Seen]:
        """What reads a ticket in a lane, once so many of this screen's writes are done."""
        desk, actor, writes = self.app.desk, self.app.actor, self.app.writes

        def read() -> Seen:
            from loop import reading

            writes.reach(after)
            seen = writes.done
            return Seen(reading.ticket(desk, number, actor=actor), seen)

        return read

    @property
    def view_is_new(self: QueueScreen) -> bool:
        """Whether the ticket that is shown was read after all that was done here: no refusal is said by an older one."""
        return self.view_seen >= self.app.writes.asked

    def _show_ticket(self: QueueScreen, view: TicketView, seen: int) -> None:
        number = view.row.number
        kept = self.is_writing and self.composing is not None and self.composing.ticket != number
        if kept or (not self.is_writing and number not in (self.pinned, self.list.number) and self.list.number):
            return
        self.view, self.view_seen = view, seen
        now = self.app.desk.now()
        if self.pane is not None:
            self.pane.show(view, now)
        if self.side is not None:
            self.side.show(view, now)
        self.list.update_rows([view.row], now)
        self.dim_keys()

    async def need_pane(self: QueueScreen) -> TicketPane:
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

    async def need_compose(self: QueueScreen) -> Compose:
        """The place to write in, made at its first use."""
        async with self._making:
            if self.composing is None:
                from tui.widgets.ticket.compose import Compose

                composing = Compose(id="compose")
                await self.query_one("#ticket-column").mount(composing)
                self.composing = composing
            return self.composing

    async def open_ticket(self: QueueScreen, number: int) -> None:
        """Go into a ticket: over the list where there is no room beside it."""
        pane = await self.need_pane()
        self.add_class("-reading")
        self._place()
        if self.view is not None and self.view.row.number == number:
            self._show_ticket(self.view, self.view_seen)
        self.read_ticket(number)
        pane.focus()

    # What others did

    def on_tickets_changed(self: QueueScreen, event: TicketsChanged) -> None:
        event.stop()
        self.refresh_tickets(self.refresher.take())

    def refresh_tickets(self: QueueScreen, numbers: tuple[int, ...]) -> None:
        """Show tickets as they are now, where they are; the cursor and the draft stay as they are."""
        desk, actor = self.app.desk, self.app.actor
        here = [n for n in numbers if self.list.window.place(n) is not None]
        if here:

            def read() -> Any:
                from loop import queue

                return queue.rows(desk, here, actor=actor)

            def show(rows: Any) -> None:
                if len(rows) < len(here):
                    self.reload(self.list.number)  # one went to a flow that is out of sight (P3, I7)
                    return
                self.list.update_rows(rows, desk.now())
                self.dim_keys()

            self.app.reads.submit(read, show)
        if self.view is not None and self.view.row.number in numbers:
            before = self.view.last_event
            self.look_again(self.view.row.number, lambda view: self.ticket_changed(view, before))
        self.recount()
        self.recount_notices()
