"""Lines that scroll, some of which are stops: the cursor goes from one stop to the next, and keys act on it."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip

from loop.views import TicketView
from tui.theme import palette
from tui.widgets.ticket.lines import Scrolled
from tui.widgets.ticket.spans import Line, paint


@dataclass(frozen=True, slots=True)
class Stop:
    """A line, and what it stands for."""

    line: Line
    id: Hashable = None
    """The same on all lines of one stop; None on a line that is only read."""


class Stops(Scrolled):
    """See the module. Subclasses say the lines."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._view: TicketView | None = None
        self._now = 0
        self._current: Hashable = None
        self._stops: Sequence[Stop] = ()

    def lines(self, view: TicketView, now: int, width: int) -> Sequence[Stop]:
        """The lines of a ticket."""
        raise NotImplementedError

    def show(self, view: TicketView | None, now: int, *, keep_place: bool = True) -> None:
        """Show what belongs to a ticket; the cursor stays on its stop if it is still there."""
        same = view is not None and self._view is not None and view.row.number == self._view.row.number
        self._view, self._now = view, now
        if not (same and keep_place):
            self._current = None
        self._make()
        if not (same and keep_place):
            self.to_line(0)

    @property
    def current(self) -> Hashable:
        """The stop that the reader is on."""
        return self._current

    @property
    def plain_text(self) -> str:
        """All lines, without style."""
        return "\n".join("".join(t for t, _r in (*x.line.spans, *x.line.right)) for x in self._stops)

    def _ids(self) -> list[Hashable]:
        return list(dict.fromkeys(x.id for x in self._stops if x.id is not None))

    def _make(self) -> None:
        if self._view is None or self.scrollable_content_region.width <= 0:
            self._stops = ()
        else:
            self._stops = self.lines(self._view, self._now, self.inner_width)
            ids = self._ids()
            if self._current not in ids:
                self._current = ids[0] if ids else None
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._stops))
        self.refresh()

    def on_resize(self) -> None:
        self._make()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def render_line(self, y: int) -> Strip:
        y += self.scroll_offset.y
        colours, width = palette(self.app), self.scrollable_content_region.width
        if y >= len(self._stops):
            return Strip.blank(width, colours.text)
        stop = self._stops[y]
        here = self.has_focus and stop.id is not None and stop.id == self._current
        line = replace(stop.line, ground="on_cursor") if here else stop.line
        under = colours.text + getattr(colours, line.ground or "text")
        bar = Segment("▌" if here else " ", under + colours.accent)
        return Strip([bar, *paint(line, width - 2, colours)]).adjust_cell_length(width, colours.text)

    def _at(self, id: Hashable) -> tuple[int, int]:
        """The first and the last line of a stop."""
        places = [i for i, x in enumerate(self._stops) if x.id == id]
        return places[0], places[-1]

    def _step(self, by: int) -> None:
        """To the next stop if it is in sight or near, else a line further."""
        ids, top, height = self._ids(), self.scroll_offset.y, self.inner_height
        if self._current in ids:
            place = ids.index(self._current) + by
            first, last = self._at(self._current)
            if 0 <= place < len(ids) and top - height < first < top + 2 * height:
                first, last = self._at(ids[place])
                near = first <= top + height + 1 if by > 0 else last >= top - 2
                if near:
                    self._go(ids[place])
                    return
        self.to_line(top + by)

    def _go(self, id: Hashable) -> None:
        self._current = id
        self.refresh()
        first, last = self._at(id)
        top, height = self.scroll_offset.y, self.inner_height
        if first <= top:
            self.to_line(first - 1)
        elif last >= top + height:
            self.to_line(last - height + 1)

    def action_down(self) -> None:
        self._step(1)

    def action_up(self) -> None:
        self._step(-1)

    def action_top(self) -> None:
        if ids := self._ids():
            self._go(ids[0])
        self.to_line(0)

    def action_bottom(self) -> None:
        if ids := self._ids():
            self._go(ids[-1])
        self.to_line(self.max_scroll_y)
