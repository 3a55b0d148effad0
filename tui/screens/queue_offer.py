"""“Start and take it”: what a ticket refuses because it is not started, or not one's own, goes on after `s` (M1, T3, T4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.flows import Status
from domain.refusals import Refusal, refuse
from domain.text import _
from loop.views import Done, Row, TicketView
from tui import actions
from tui.widgets.flash import Tone

if TYPE_CHECKING:
    from tui.screens.queue import QueueScreen

MENDED = ("not started", "nobody assigned", "not the assignee")
"""Refusals that starting or taking the ticket mends."""

_REFUSABLE = tuple(action for action in actions.ACTIONS if action.verb)


def by_row(row: Row, login: str) -> dict[str, Refusal]:
    """What a ticket refuses as far as its row tells, by action, whoever asks (T2–T4, M1)."""
    if row.status is Status.PENDING:
        no = refuse("not started")
        away = refuse("starting is an act", phase=row.phase)
        return {"assign": no, "priority": no, "reply": no, "close": away, "move": away}
    if row.status is Status.CLOSED:
        return dict.fromkeys(("start", "close", "reply"), refuse("already closed"))
    found = {"start": refuse("already started")}
    if row.assignee != login:
        found["reply"] = refuse("not the assignee", login=row.assignee) if row.assignee else refuse("nobody assigned")
    return found


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

    def refused_here(self: QueueScreen) -> Mapping[str, Refusal | str]:
        """What cannot be done with the ticket at hand, as far as it is known: read whole, else by its row."""
        number = self.at_hand()
        if self.list.selected:
            return {}
        if number is None:
            empty = self.list.loaded and not self.list.window.total
            return dict.fromkeys((action.id for action in _REFUSABLE), _("There is no ticket here.")) if empty else {}
        if self.view is not None and self.view.row.number == number:
            can = self.view.can
            return {action.id: why for action in _REFUSABLE if (why := can.get(action.verb)) is not None}
        row = self.list.row
        return by_row(row, self.app.actor.login) if row is not None and row.number == number else {}

    def dim_keys(self: QueueScreen) -> None:
        """Dim the keys of what cannot be done with the ticket at hand."""
        self.footer.show_refused(frozenset(self.refused_here()))

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
        if offer.action == "reply":
            self.begin_reply(offer.number)
        else:
            self.run_worker(self.act_on(offer.action, offer.argument))
