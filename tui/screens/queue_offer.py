"""“Start and take it”: what a ticket refuses because it is not started, or not one's own, goes on after `s` (M1, T3, T4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.flows import Status
from domain.refusals import Refusal
from domain.text import _
from loop.views import Done, TicketView
from tui import actions
from tui.widgets.flash import Tone

if TYPE_CHECKING:
    from tui.screens.queue import QueueScreen

MENDED = ("not started", "nobody assigned", "not the assignee")
"""Refusals that starting or taking the ticket mends."""

_REFUSABLE = tuple(action for action in actions.ACTIONS if action.verb)
_WRITING = frozenset({"reply"})
_BY_STATUS = {
    Status.PENDING: frozenset({"assign", "priority", "move", "close", "reply"}),
    Status.PROGRESS: frozenset({"start"}),
    Status.CLOSED: frozenset({"start", "close", "reply"}),
}
"""What a ticket of a status refuses, whoever asks (T2–T4, M1)."""


@dataclass(frozen=True)
class Offer:
    """What was asked for, and is done once the ticket is started."""

    number: int
    action: str
    argument: str = ""


class Offering:
    """A refusal that one more key turns into what was asked."""

    offer: Offer | None = None
    """What `s` goes on with; any other key forgets it."""

    def dim_keys(self: QueueScreen) -> None:
        """Dim what cannot be done with the ticket at hand, as far as it is known: read whole, else by its row."""
        number = self.at_hand()
        if self.list.selected or number is None:
            refused: frozenset[str] = frozenset()
        elif self.view is not None and self.view.row.number == number:
            can = self.view.can
            refused = frozenset(action.id for action in _REFUSABLE if can.get(action.verb) is not None)
        else:
            row = self.list.row
            refused = _BY_STATUS[row.status] if row is not None else frozenset()
            if row is not None and row.assignee != self.app.actor.login:
                refused |= _WRITING
        self.footer.show_refused(refused)

    def refuse(self: QueueScreen, view: TicketView, refusal: Refusal, action: str, argument: str = "") -> None:
        """Say why an action cannot be done, and offer to start and take the ticket where that is all it needs."""
        blocked = view.can.get("start") if refusal.code == "not started" else None
        if blocked is not None:
            # Starting would be refused too: that is what has to be mended first.
            self.say(str(blocked), Tone.REFUSED)
            return
        mended = MENDED if action == "reply" else MENDED[:1]
        if refusal.code not in mended:
            self.say(str(refusal), Tone.REFUSED)
            return
        self.offer = Offer(view.row.number, action, argument)
        if refusal.code != "not started":
            said = f"{refusal} · {_('s takes it')}"
        elif action == "reply":
            said = _("Writing needs a started ticket: s starts and takes it.")
        else:
            said = _("{what} needs a started ticket: s starts it, takes it and goes on.").format(
                what=actions.BY_ID[action].title.capitalize()
            )
        self.say(said, Tone.REFUSED)

    def offered(self: QueueScreen) -> Offer | None:
        """The offer that stands for the ticket at hand."""
        offer = self.offer
        return offer if offer and offer.number == self.at_hand() and not self.list.selected else None

    def go_on_with(self: QueueScreen, offer: Offer, done: Done) -> None:
        """Do what was asked, now that the ticket is started and one's own."""
        if offer.number not in done.done:
            return
        self.view = None  # what it may do is read anew
        if offer.action == "reply":
            self.begin_reply(offer.number)
        else:
            self.run_worker(self.act_on(offer.action, offer.argument))
