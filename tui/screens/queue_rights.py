"""What one may and sees changed while one looks: the screen follows at once (P3, P4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from domain.refusals import Refusal
from domain.text import _
from loop.views import TicketView
from tui.refresh import Reshaped
from tui.widgets.flash import Tone

if TYPE_CHECKING:
    from tui.screens.queue import QueueScreen
    from tui.screens.queue_tickets import Seen


class Rights:
    """People, teams and flows were changed by somebody, oneself perhaps."""

    def on_reshaped(self: QueueScreen, event: Reshaped) -> None:
        event.stop()
        if event.actor is None:
            self.keeper.flush()
            self.app.exit(message=_("You may not come in any more. What you wrote is kept."), return_code=3)
            return
        self.app.actor = event.actor
        for screen in self.app.screen_stack[1:]:
            if others_changed := getattr(screen, "others_changed", None):
                others_changed()
        self.reload(self.list.number)
        self.recount()
        self.recount_notices()
        if self.view is not None:
            self.look_again(self.view.row.number)

    def look_again(self: QueueScreen, number: int, then: Callable[[TicketView], Any] | None = None) -> None:
        """Show the open ticket as it is now, or put it away where it is out of sight; a draft on it is kept."""
        now = self.app.desk.now

        def show(found: Seen) -> None:
            if not isinstance(found.view, Refusal):
                self._show_ticket(found.view, found.writes)
                if then is not None:
                    then(found.view)
                return
            self.keeper.flush()
            self.view = self.pinned = None
            self.remove_class("-reading", "-writing")
            if self.pane is not None:
                self.pane.show(None, now())
            if self.side is not None:
                self.side.show(None, now())
            self.list.focus()
            self._place()
            self.say(
                _("What you may see was changed: #{number} is out of your sight now.").format(number=number), Tone.SAID
            )

        self.app.reads.submit(self.ticket_reader(number), show)
