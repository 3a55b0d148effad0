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
from textual.widget import Widget

from domain.text import _
from loop.views import TicketView, View
from tui.actions import Where, bindings
from tui.drafts import DraftKeeper
from tui.refresh import Refresher
from tui.screens.queue_activities import ActivityVerbs
from tui.screens.queue_care import Care
from tui.screens.queue_commands import Commands
from tui.screens.queue_customers import Customers
from tui.screens.queue_files import Files
from tui.screens.queue_import import Importing
from tui.screens.queue_ledger import Ledger
from tui.screens.queue_mail import Writing
from tui.screens.queue_offer import Offering
from tui.screens.queue_places import Places
from tui.screens.queue_rights import Rights
from tui.screens.queue_select import Selecting
from tui.screens.queue_tickets import Tickets
from tui.screens.queue_verbs import Verbs
from tui.screens.queue_ways import Ways
from tui.screens.queue_why import Whys
from tui.strips import strip
from tui.theme import palette
from tui.widgets.bar import Bar, Ground
from tui.widgets.flash import Flash, Tone
from tui.widgets.footer import FooterLine
from tui.widgets.metrics import MetricsLine
from tui.widgets.queue_list import QueueHead, QueueList
from tui.widgets.topbar import TopBar

if TYPE_CHECKING:
    from tui.app import Retorno
    from tui.widgets.ticket.compose import Compose
    from tui.widgets.ticket.pane import TicketPane
    from tui.widgets.ticket.side import Side

QUIET_S, LATEST_S = 0.8, 30.0
"""The mail starts after so many seconds without a key, or at the latest after so many."""
READ_MS = 4000
"""So long a sentence stays before another that nobody asked for takes its place."""
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


class Body(Ground, Horizontal):
    """List, ticket, customer."""


class ListColumn(Ground, Vertical):
    """The list under its head."""


class QueueScreen(
    Ground,
    Tickets,
    Selecting,
    Verbs,
    Offering,
    Care,
    Ways,
    Customers,
    ActivityVerbs,
    Files,
    Writing,
    Places,
    Ledger,
    Rights,
    Importing,
    Whys,
    Commands,
    Screen[None],
):
    """The list of tickets and the one that is read. What keys and commands do is in the mixins, as `do_<id>`."""

    app: Retorno
    AUTO_FOCUS = "QueueList"
    HORIZONTAL_BREAKPOINTS: ClassVar = [(0, "-narrow"), (WIDE, "-wide"), (VAST, "-vast")]
    VERTICAL_BREAKPOINTS: ClassVar = [(0, "-short"), (20, "-tall")]
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
        self._flashed_at = 0
        self._mail_said = ""
        """The trouble with mail that was told last."""
        self._started = False
        self._warm = False
        """Whether what is dear to import was imported, so that reading of other things than the list may begin."""
        self.touched = 0.0
        """When a key was last pressed, on the monotonic clock."""
        self._before_line: Widget | None = None
        self._ticked: dict[tuple[int, int], tuple[bool, int]] = {}
        """By ticket and item what was asked of a checklist last, and how many writes there were with that."""
        self._making = asyncio.Lock()
        """Held while a part is made, which is used only once it is whole."""

    def compose(self) -> ComposeResult:
        self.list = QueueList(id="list")
        yield TopBar(id="top")
        yield MetricsLine(id="metrics")
        with Body(id="body"):
            with ListColumn(id="list-column"):
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
        self.read_wishes()
        self.reload()

    # Beginning

    def _watcher(self) -> Any:
        from loop.changes import Watcher

        return Watcher(self.app.desk, self.app.actor)

    async def _begin_the_rest(self) -> None:
        """After the list is seen: the preview, the watching, the mail."""
        self.refresher.start()
        if self.app.welcome:
            self.say(self.app.welcome)
        if self.is_wide:
            await self.need_pane()
            self._preview_now()
        self._start_when_quiet(time.monotonic() + LATEST_S)

    def _start_when_quiet(self, latest: float) -> None:
        """What verbs and mail need takes a second to import, which would be felt: wait for a moment without keys."""
        now = time.monotonic()
        if now < latest and now - self.touched < QUIET_S:
            self.set_timer(QUIET_S / 2, lambda: self._start_when_quiet(latest))
        else:
            threading.Thread(target=self._start_the_slow, args=(self.app,), name="retorno-start", daemon=True).start()

    def _work_the_mail(self, app: Retorno) -> None:
        from loop.worker import Worker

        worker = Worker(app.desk, lambda health: self.post_message(self.MailSaid(health)))
        worker.start()
        app.worker = worker

    def work_anew(self) -> None:
        """The mailboxes are others now: the worker in here ends, and one for them begins; not on the screen's own thread."""
        app = self.app
        before, app.worker = app.worker, None
        if before is not None:
            before.stop()
        if app.background and app.desk.facts().db.startswith("sqlite"):
            self._work_the_mail(app)

    def _start_the_slow(self, app: Retorno) -> None:
        """Runs in a thread, which may outlive the screen: that has no app any more then."""
        if app.background and app.desk.facts().db.startswith("sqlite"):
            self._work_the_mail(app)
        if app.background:
            from loop import (  # noqa: F401  the first verb finds them imported
                activities,
                correspondence,
                drafts,
                editing,
                flows,
                following,
                notes,
                notifications,
                tickets,
            )

            gc.freeze()  # what stays for good need not be looked through while a key waits
            gc.set_threshold(700, 10, 10)  # few and late was for starting (cli.commands.screen); now little and often

        self._warm = True
        app.call_later(self.recount_notices)

    def _minute(self) -> None:
        self.list.tick(self.app.desk.now())
        self.recount_notices()  # what falls due is told without anything happening to a ticket

    # Places

    @property
    def is_wide(self) -> bool:
        """Whether the ticket stands beside the list."""
        return self.app.size.width >= WIDE

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
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
        self.dim_keys()

    # Saying something

    def say(self, text: str, tone: Tone = Tone.SAID, until: int = 0) -> None:
        """Show a sentence in the last line until the next key, or until a time that it may count down to."""
        now = self.app.desk.now()
        self._flashed_at = now
        self.app.opened()  # whatever was to open was refused, or has opened
        self.footer.show_flash(Flash(text, tone, until), now)
        if until:
            self._count_down(self.footer.flash)

    def say_meanwhile(self, text: str, tone: Tone) -> None:
        """Show what nobody asked for, once the answer to what somebody did could be read."""
        flash = self.footer.flash
        if flash is not None and (flash.until or self.app.desk.now() - self._flashed_at < READ_MS):
            self.set_timer(1.0, lambda: self.say_meanwhile(text, tone))
        else:
            self.say(text, tone)

    def say_trouble(self, error: Exception) -> None:
        """Say that something broke."""
        self.say(str(error) or type(error).__name__, Tone.TROUBLE)

    def unsay(self, *, now_or_never: bool = False) -> None:
        """Take the sentence away, once it could be read; a countdown stays."""
        flash = self.footer.flash
        if flash is not None and (now_or_never or (not flash.until and self.app.desk.now() - self._flashed_at > 1000)):
            self.footer.show_flash(None, 0)
            if self.sent is not None and not flash.until:
                self.say_sending(self.sent)

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
