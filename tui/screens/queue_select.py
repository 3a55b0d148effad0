"""Selecting tickets in the list: one, a range, all that are loaded, all that match (Q4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.text import _, number
from tui.screens.queue_mass import Massing

if TYPE_CHECKING:
    from tui.screens.queue import QueueScreen


class Selecting(Massing):
    """What verbs act on, when it is more than one ticket."""

    _anchor: int | None = None
    """The ticket that a range begins at."""

    def do_select(self: QueueScreen, argument: str = "") -> None:
        number = self.list.number
        if number is not None:
            self.list.toggle(number)
            self._anchor = number
            self.list.move(1)
            self.reselected()

    def do_select_range(self: QueueScreen, argument: str = "") -> None:
        window, here = self.list.window, self.list.cursor
        start = window.place(self._anchor) if self._anchor is not None else None
        for place in range(min(here, start if start is not None else here), max(here, start or here) + 1):
            row = window.get(place)
            if row is not None:
                self.list.selected[row.number] = None
        self.list.refresh()
        self.reselected()

    def do_select_loaded(self: QueueScreen, argument: str = "") -> None:
        """Every ticket that is loaded; the second time all that match."""
        loaded = dict.fromkeys(row.number for row in self.list.window.rows)
        more = (self.list.window.total or 0) > len(loaded)
        if loaded and more and loaded.keys() <= self.list.selected.keys():
            self.select_matching()
            return
        self.list.selected.update(loaded)
        self.list.refresh()
        self.reselected()
        said = _("{n} selected: every ticket that is loaded.").format(n=number(len(self.list.selected)))
        if more:
            said += " " + _("* once more: all {n} that match.").format(n=number(self.list.window.total or 0))
        self.say(said)
