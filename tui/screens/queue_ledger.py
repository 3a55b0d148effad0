"""The mail ledger from the main screen (M8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.rights import may_see_ledger
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

        self.app.push_screen(LedgerScreen(), back)
