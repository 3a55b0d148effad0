"""The last line: at most seven keys of this place, and the flash beside or over them."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from tui.actions import BY_ID, HINTS, shown
from tui.strips import Run, between, fit, strip, words
from tui.theme import palette
from tui.widgets.bar import Bar
from tui.widgets.flash import Flash, Tone


class FooterLine(Bar):
    """See the module."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.place = "list"
        self.refused: frozenset[str] = frozenset()
        """Actions that cannot be done here now; their keys are dim, and say why when pressed."""
        self.flash: Flash | None = None
        self.now = 0

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

    def show_flash(self, flash: Flash | None, now: int) -> None:
        """Show a sentence, or only the keys again."""
        if flash != self.flash or (flash is not None and flash.until):
            self.flash, self.now = flash, now
            self.refresh()

    def line(self, width: int) -> Strip:
        p = palette(self.app)
        ids = list(HINTS[self.place])
        keys = self._keys(ids)
        while len(ids) > 1 and sum(cell_len(text) for text, _style in keys) > width:
            del ids[-2]  # the last one is the help, which tells of the others
            keys = self._keys(ids)
        if self.flash is None:
            return strip(keys, width, p.text, p.on_bar)
        tone = {Tone.DONE: p.promoter, Tone.REFUSED: p.late, Tone.TROUBLE: p.detractor, Tone.SAID: p.accent}
        said = words(self.flash.said(self.now))
        taken = sum(cell_len(text) for text, _style in keys)
        if taken + cell_len(said) + 2 <= width:
            return between(keys, [(said, tone[self.flash.tone]), (" ", p.text)], width, p.text, p.on_bar)
        return strip([(" " + fit(said, width - 2), tone[self.flash.tone])], width, p.text, p.on_bar)

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
