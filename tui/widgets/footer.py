"""The last line of the queue: at most seven keys of this place, and the flash beside or over them."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.style import Style

from tui.actions import BY_ID, HINTS, shown
from tui.strips import Run
from tui.theme import palette
from tui.widgets.saying import SayingBar


class FooterLine(SayingBar):
    """See the module."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.place = "list"
        self.refused: frozenset[str] = frozenset()
        """Actions that cannot be done here now; their keys are dim, and say why when pressed."""

    def show_place(self, place: str) -> None:
        """Show the keys of a place, a key of `HINTS`."""
        if place != self.place:
            self.place = place
            self.refresh()

    def show_refused(self, ids: frozenset[str]) -> None:
        """Dim the keys of these actions."""
        changed, self.refused = ids ^ self.refused, ids
        if not changed.isdisjoint(HINTS[self.place]):
            self.refresh()

    def keys(self, width: int) -> Sequence[Run]:
        ids = list(HINTS[self.place])
        keys = self._keys(ids)
        while len(ids) > 1 and sum(cell_len(text) for text, _style in keys) > width:
            del ids[-2]  # the last one is the help, which tells of the others
            keys = self._keys(ids)
        return keys

    def _keys(self, ids: Sequence[str]) -> list[Run]:
        p = palette(self.app)
        out: list[Run] = []
        for id in ids:
            action = BY_ID[id]
            refused = id in self.refused
            key, title = (p.past + _DIM, p.past + _DIM) if refused else (p.accent, p.past)
            out += [((" " if not out else "  ") + shown(action.keys[0]), key), (" " + action.title, title)]
        return out


_DIM = Style(dim=True)
"""Beside the colour, for terminals that show none."""
