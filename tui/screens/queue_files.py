"""The files of the ticket at hand, from the main screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.text import _
from loop.views import TicketView
from tui.widgets.flash import Tone

if TYPE_CHECKING:
    from tui.screens.queue import QueueScreen


class Files:
    """Listing, saving and opening what came with mails and notes."""

    def do_files(self: QueueScreen, argument: str = "") -> None:
        """List the files of the ticket at hand."""
        if self.at_hand() is None:
            self.say(_("There is no ticket here."), Tone.REFUSED)
            return

        def show(view: TicketView) -> None:
            from tui.screens.files import FilesScreen

            self.app.opening(told=True)  # the next key is for one of them
            self.app.push_screen(FilesScreen(view.row.number, view.row.subject))

        self.with_view(show)
