"""The last line of a screen: its keys, and beside or over them a sentence; a long one is read whole on lines above."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from tui.strips import Run, between, fit, strip, words
from tui.theme import palette
from tui.widgets.bar import Bar
from tui.widgets.flash import Flash, Tone
from tui.widgets.ticket.lines import Painted
from tui.widgets.ticket.spans import Line, wrap

MOST_LINES = 4
"""Lines that a sentence may take."""
ROLES = {Tone.DONE: "promoter", Tone.REFUSED: "late", Tone.TROUBLE: "detractor", Tone.SAID: "accent"}


class Whole(Painted):
    """A sentence that the last line has no room for; it lies over what stands there, and moves nothing."""

    DEFAULT_CSS = """
    Whole { display: none; layer: said; dock: bottom; padding: 0; background: $r-bar; }
    Whole.-told { display: block; }
    """
    GROUND = "on_bar"


class SayingBar(Bar):
    """Who inherits says in `keys` what stands there; the screen has a layer `said` over its own."""

    flash: Flash | None = None
    now = 0
    _whole: Whole | None = None

    def keys(self, width: int) -> Sequence[Run]:
        """The keys of this place, as many as there is room for."""
        raise NotImplementedError

    def show_flash(self, flash: Flash | None, now: int = 0) -> None:
        """Show a sentence, or only the keys again; `now` is what it may count down from, Unix ms."""
        if flash != self.flash or (flash is not None and flash.until):
            self.flash, self.now = flash, now
            self.refresh()
            self._tell_whole()

    def on_resize(self) -> None:
        self._tell_whole()

    def line(self, width: int) -> Strip:
        p = palette(self.app)
        keys = list(self.keys(width))
        if self.flash is None:
            return strip(keys, width, p.text, p.on_bar)
        said, tone = words(self.flash.said(self.now)), _style(p, self.flash.tone)
        if sum(cell_len(text) for text, _style in keys) + cell_len(said) + 2 <= width:
            return between(keys, [(said, tone), (" ", p.text)], width, p.text, p.on_bar)
        return strip([(" " + fit(said, width - 2), tone)], width, p.text, p.on_bar)

    def _tell_whole(self) -> None:
        """Put a sentence that would be cut on as many lines as it takes."""
        said = words(self.flash.said(self.now)) if self.flash is not None else ""
        cut = 0 < self.size.width < cell_len(said) + 2
        if cut and self._whole is None:
            self._whole = Whole()
            self.screen.mount(self._whole)
        if self._whole is not None:
            role = ROLES[self.flash.tone] if self.flash is not None else ""
            self._whole.paint_with(lambda width: _lines(said, role, width) if cut else [])
            self._whole.set_class(cut, "-told")


def _lines(said: str, role: str, width: int) -> list[Line]:
    parts = wrap(said, width - 2)
    if len(parts) > MOST_LINES:
        parts = [*parts[: MOST_LINES - 1], fit(" ".join(parts[MOST_LINES - 1 :]), width - 2)]
    return [Line(((" " + part, role),)) for part in parts]


def _style(p: object, tone: Tone) -> Style:
    return getattr(p, ROLES[tone])
