"""Why the ticket at hand has what it has, from the main screen (A6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.text import _
from loop.views import TicketView
from tui.widgets.flash import Tone

if TYPE_CHECKING:
    from tui.screens.queue import QueueScreen


class Whys:
    """Asking."""

    def do_why(self: QueueScreen, argument: str = "") -> None:
        """Show who or which rule gave the ticket its owner, priority, due date and the rest."""
        if self.at_hand() is None:
            self.say(_("There is no ticket here."), Tone.REFUSED)
            return

        def show(view: TicketView) -> None:
            from tui.screens.why import WhyScreen

            self.app.push_screen(WhyScreen(view.row.number, view.row.subject))

        self.with_view(show)
