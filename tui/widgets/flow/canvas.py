"""The flow's sheet with a cursor that walks over everything that can be changed."""

from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from domain.plans import FlowPlan
from tui.theme import palette
from tui.widgets.flow.sheet import Sheet, draw, first_phase
from tui.widgets.flow.spots import TOP, Drawing, Grounds, Id, Spot, next_group, walk
from tui.widgets.ticket.lines import Scrolled
from tui.widgets.ticket.spans import Line, paint


class Canvas(Scrolled):
    """See the module. It changes nothing itself: the editor around it does."""

    BINDINGS: ClassVar = [
        Binding("h,left", "sideways(-1)", show=False),
        Binding("l,right", "sideways(1)", show=False),
        Binding("right_square_bracket", "part(1)", show=False),
        Binding("left_square_bracket", "part(-1)", show=False),
    ]

    class Moved(Message):
        """The cursor stands somewhere else."""

    class Clicked(Message):
        """What is under the cursor was clicked again."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        blank = FlowPlan(None, "", ())
        self._sheet = Sheet(blank, blank)
        self._drawing = Drawing()
        self._width = -1
        self.here: Id = TOP
        """Where the cursor is."""
        self.phase = 0
        """The key of the phase whose checklist is shown."""

    def show(self, sheet: Sheet, here: Id | None = None) -> None:
        """Show a sheet; the cursor goes to `here`, else stays, or goes to what has taken its place."""
        was = {p.key: p.status for p in self._sheet.plan.phases}
        had = list(was)
        self._sheet = sheet
        keys = [p.key for p in sheet.plan.phases]
        if here is not None:
            self.here = here
        if self.here[0] == "phase" and isinstance(self.here[1], int):
            self.phase = self.here[1]
        if self.phase not in keys:
            near = had.index(self.phase) if self.phase in had else 0
            left = [k for k in had[near:] + had[near - 1 :: -1] if k in keys] if had else []
            # A neighbour of the same status rather than the first of the next.
            left.sort(key=lambda k: was[k] is not was.get(self.phase))
            self.phase = left[0] if left else first_phase(sheet.plan)
            if self.here[0] == "phase":
                self.here = ("phase", self.phase)
        self._make()
        if here is not None:
            self.reveal()

    def go(self, here: Id) -> None:
        """Put the cursor somewhere."""
        if here != self.here:
            self.here = here
            if here[0] == "phase" and isinstance(here[1], int):
                self.phase = here[1]
            self._make()
            self.reveal()
            self.post_message(self.Moved())

    @property
    def spots(self) -> tuple[Spot, ...]:
        """All places, the flow's name first."""
        return (Spot(TOP, -1, 0, self.inner_width), *self._drawing.spots)

    @property
    def spot(self) -> Spot:
        """The place of the cursor."""
        return next((s for s in self.spots if s.id == self.here), self.spots[0])

    @property
    def plain_text(self) -> str:
        """All lines, without style."""
        return "\n".join("".join(t for t, _r in x.spans) for x in self._drawing.lines)

    def _make(self) -> None:
        if self.scrollable_content_region.width <= 0:
            return
        self._width = self.inner_width
        self._drawing = draw(self._sheet, self.here, self.phase, self._width)
        ids = [s.id for s in self.spots]
        if self.here not in ids:
            self.here = self._nearest(ids)
            self._drawing = draw(self._sheet, self.here, self.phase, self._width)
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._drawing.lines))
        self.refresh()

    def _nearest(self, ids: list[Id]) -> Id:
        """Where to stand when what one stood on has gone: its neighbour, else the phase."""
        group, place = self.here
        mates = [id for id in ids if id[0] == group]
        numbered = [id for id in mates if isinstance(id[1], int)]
        if numbered and isinstance(place, int):
            return min(numbered, key=lambda id: (abs(int(id[1]) - place), -int(id[1])))
        return mates[0] if mates else ("phase", self.phase) if ("phase", self.phase) in ids else TOP

    def reveal(self) -> None:
        """Bring the cursor into sight, and what stands right above and below it."""
        if self.here == TOP:
            self.to_line(0)
            return
        y, top, height = self.spot.y, self.scroll_offset.y, self.inner_height
        above = 3 if height > 12 else 1
        if y - above < top:
            self.to_line(y - above)
        elif y + 2 > top + height - 1:
            self.to_line(y + 2 - height + 1)

    def on_resize(self) -> None:
        self._make()
        self.reveal()

    def on_focus(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        x, y = event.x - self.MARGIN, event.y + self.scroll_offset.y
        hit = [s for s in self._drawing.spots if s.y == y and s.x <= x < s.x + s.width]
        if hit and hit[0].id == self.here:
            self.post_message(self.Clicked())
        elif hit:
            self.go(hit[0].id)

    def render_line(self, y: int) -> Strip:
        y += self.scroll_offset.y
        colours, width = palette(self.app), self.scrollable_content_region.width
        lines = self._drawing.lines
        line = lines[y] if y < len(lines) else Line()
        strip = paint(line, self._width, Grounds(colours))  # type: ignore[arg-type]
        return Strip([Segment(" " * self.MARGIN, colours.text), *strip]).adjust_cell_length(width, colours.text)

    # Walking

    def action_down(self) -> None:
        self.go(walk(self.spots, self.here, 0, 1, self.phase))

    def action_up(self) -> None:
        self.go(walk(self.spots, self.here, 0, -1, self.phase))

    def action_sideways(self, way: int) -> None:
        self.go(walk(self.spots, self.here, way, 0, self.phase))

    def action_part(self, way: int) -> None:
        self.go(next_group(self.spots, self.here, way, self.phase))

    def action_top(self) -> None:
        self.go(TOP)

    def action_bottom(self) -> None:
        self.go(self.spots[-1].id)

    def action_half(self, way: int) -> None:
        self._far(way, max(1, self.inner_height // 2))

    def action_page(self, way: int) -> None:
        self._far(way, max(1, self.inner_height - 1))

    def _far(self, way: int, lines: int) -> None:
        """So many lines on, as far as there are places."""
        aim = self.spot.y + way * lines
        there = [s for s in self.spots if (s.y - self.spot.y) * way > 0]
        if there:
            middle = self.spot.middle
            self.go(min(there, key=lambda s: (abs(s.y - aim), abs(s.middle - middle))).id)
