"""The mail ledger from the main screen (M8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.refusals import Refusal
from domain.rights import may_see_ledger
from domain.text import _, line
from loop.views import Done, Entry, Refused, TicketView
from tui.widgets.flash import Tone

if TYPE_CHECKING:
    from tui.screens.queue import QueueScreen


class Ledger:
    """What came of every mail; a ticket that is chosen there opens here."""

    def do_ledger(self: QueueScreen, argument: str = "") -> None:
        """Show the ledger, to those who have a right to it."""
        if why := may_see_ledger(self.app.actor):
            self.say(str(why), Tone.REFUSED)
            return
        from tui.screens.ledger import LedgerScreen

        async def back(number: int | None) -> None:
            if number is not None:
                await self.do_open(str(number))

        self.app.opening(told=True)  # the next key is for one of its mails
        self.app.push_screen(LedgerScreen(), back)

    def do_accept(self: QueueScreen, argument: str = "") -> None:
        """Take a suspect mail of the ticket at hand for the customer's word: the one under the cursor, else the newest."""

        from tui.widgets.ticket.timeline import Timeline

        def show(view: TicketView) -> None:
            suspects = [e for e in view.entries if e.state == "suspect" and e.message is not None]
            here = self.pane.query_one(Timeline).current if self.pane is not None else None
            found = next((e for e in suspects if here is not None and e.id == here.id), None)
            found = found or (suspects[-1] if suspects else None)
            if found is None:
                self.say(_("There is no suspect mail on #{number}.").format(number=view.row.number), Tone.REFUSED)
            else:
                self._accept(view.row.number, found)

        self.with_view(show)

    def _accept(self: QueueScreen, number: int, entry: Entry) -> None:
        """Ask whether its address is to be known from now on, and accept it."""
        from tui.screens.picker import Option, Picker

        desk, actor, message = self.app.desk, self.app.actor, entry.message or 0
        options = (Option("once", _("This mail only")), Option("always", _("And know the address from now on")))

        def chosen(how: str | None) -> None:
            if how is None:
                return

            def call() -> Done:
                from loop import triage

                done = triage.accept_on_ticket(desk, number, message, actor=actor, remember=how == "always")
                return Done((), (Refused(number, done),)) if isinstance(done, Refusal) else Done((number,))

            self.app.writes.submit(call, lambda done: self._acted(done, lambda n: _("Accepted."), None))

        title = _("Accept the mail of {who}").format(who=line(entry.who, 60) or "—")
        self.app.push_screen(Picker(title, options), chosen)
