"""The flows in the order in which they are asked for an answer (I5), with what they hold."""

from collections.abc import Collection, Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from domain.text import _, line
from loop.setup_views import FlowRow
from tui.theme import palette
from tui.widgets.flow.spots import padded
from tui.widgets.ticket.lines import Scrolled
from tui.widgets.ticket.spans import Line, Span, cells_of, paint, wrapped

NAME = 14
"""The least cells of a name."""


def column(width: int) -> int:
    """Cells of a count."""
    return 13 if width >= 84 else 9


def columns(width: int) -> int:
    """How many of the four counts fit: members go first."""
    return max(1, min(4, (width - 4 - NAME) // column(width)))


def head_line(width: int) -> Line:
    """The names of the columns."""
    wide = column(width)
    names = [_("pending"), _("in progress") if wide > 11 else _("begun"), _("closed"), _("members")][: columns(width)]
    room = width - wide * len(names)
    return Line(((" " * room, "past"), *((padded(name, wide, right=True), "past") for name in names)))


def flow_line(row: FlowRow, number: int, width: int, *, here: bool, focused: bool, unsaved: bool) -> Line:
    """A flow."""
    counts = [row.open, row.progress, row.closed, row.members][: columns(width)]
    wide = column(width)
    room = width - wide * len(counts) - 5
    marks: list[Span] = []
    if unsaved:
        marks.append(("  ● " + _("not saved"), "late"))
    if not row.active:
        marks.append(("  " + _("switched off"), "past"))
    elif row.may_edit is not None:
        marks.append(("  " + _("only to read"), "past"))
    while marks and sum(cells_of(text) for text, _role in marks) + NAME > room:
        marks.pop()
    used = sum(cells_of(text) for text, _role in marks)
    name = line(row.name) or "—"
    role = "past" if not row.active else "bright" if here else "text"
    cells = min(cells_of(padded(name, room - used).rstrip()), room - used)
    spans: list[Span] = [
        ("▌" if here else " ", "accent" if focused else "past"),
        (f"{number:>2}  " if row.active else "    ", "accent" if here else "past"),
        (padded(name, cells), role),
        *marks,
        (" " * max(0, room - cells - used), "text"),
    ]
    for index, n in enumerate(counts):
        waits = index < 2 and n and row.active
        spans.append((padded(str(n) if n else "·", wide, right=True), "text" if waits else "past"))
    return Line(tuple(spans), (), ("on_cursor" if focused else "on_cursor_blurred") if here else "")


def empty_lines() -> list[Line]:
    """What to do where there is no flow."""
    return [
        Line(),
        Line((("  " + _("No flow yet that you can see."), "text"),)),
        Line((("  o ", "accent"), (_("makes one, with phases to begin with"), "past"))),
        Line((("  i ", "accent"), (_("brings one in from a file"), "past"))),
    ]


class FlowList(Scrolled):
    """The list with a cursor, which stays on its flow when the order changes."""

    BINDINGS: ClassVar = [
        Binding("enter,l,right", "open", show=False),
        Binding("shift+up,K", "shift(-1)", show=False),
        Binding("shift+down,J", "shift(1)", show=False),
    ]

    class Opened(Message):
        """The flow under the cursor is to be opened."""

    class Shifted(Message):
        """The flow under the cursor is to move up or down."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    class Moved(Message):
        """The cursor stands on another flow."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: tuple[FlowRow, ...] = ()
        self.unsaved: Collection[int] = ()
        """Ids of flows whose plan was shaped and not saved."""
        self.place = 0
        self._read = False

    def show(self, rows: Sequence[FlowRow], unsaved: Collection[int] = ()) -> None:
        """Show these flows."""
        had = self.current
        self.rows, self.unsaved, self._read = tuple(rows), unsaved, True
        ids = [row.id for row in self.rows]
        if had is not None and had.id in ids:
            self.place = ids.index(had.id)
        self.place = max(0, min(self.place, len(self.rows) - 1))
        self.virtual_size = Size(self.scrollable_content_region.width, len(self.rows) + 1)
        self._reveal()

    def go_to(self, flow_id: int) -> None:
        """Put the cursor on a flow."""
        ids = [row.id for row in self.rows]
        if flow_id in ids:
            self.place = ids.index(flow_id)
            self._reveal()

    @property
    def current(self) -> FlowRow | None:
        """The flow under the cursor."""
        return self.rows[self.place] if self.place < len(self.rows) else None

    def _reveal(self) -> None:
        y, top, height = self.place + 1, self.scroll_offset.y, self.inner_height
        if y - 1 < top:
            self.to_line(y - 1)
        elif y > top + height - 1:
            self.to_line(y - height + 1)
        self.refresh()

    def _go(self, place: int) -> None:
        place = max(0, min(place, len(self.rows) - 1))
        if place != self.place:
            self.place = place
            self._reveal()
            self.post_message(self.Moved())

    def action_down(self) -> None:
        self._go(self.place + 1)

    def action_up(self) -> None:
        self._go(self.place - 1)

    def action_top(self) -> None:
        self._go(0)

    def action_bottom(self) -> None:
        self._go(len(self.rows) - 1)

    def action_half(self, way: int) -> None:
        self._go(self.place + way * max(1, self.inner_height // 2))

    def action_page(self, way: int) -> None:
        self._go(self.place + way * max(1, self.inner_height - 1))

    def action_open(self) -> None:
        if self.current is not None:
            self.post_message(self.Opened())

    def action_shift(self, by: int) -> None:
        if self.current is not None:
            self.post_message(self.Shifted(by))

    def on_click(self, event: events.Click) -> None:
        place = event.y + self.scroll_offset.y - 1
        if place == self.place:
            self.action_open()
        elif 0 <= place < len(self.rows):
            self._go(place)

    def on_resize(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, len(self.rows) + 1)
        self._reveal()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def line_of(self, y: int, width: int) -> Line:
        """The line at `y` of the list."""
        if not self.rows:
            lines = empty_lines() if self._read else []
            return lines[y] if y < len(lines) else Line()
        if y == 0:
            return head_line(width)
        if y > len(self.rows):
            return Line()
        row = self.rows[y - 1]
        number = sum(1 for r in self.rows[:y] if r.active)
        here = y - 1 == self.place
        return flow_line(row, number, width, here=here, focused=self.has_focus, unsaved=row.id in self.unsaved)

    def render_line(self, y: int) -> Strip:
        colours, width = palette(self.app), self.scrollable_content_region.width
        strip = paint(self.line_of(y + self.scroll_offset.y, self.inner_width), self.inner_width, colours)
        return Strip([Segment(" " * self.MARGIN, colours.text), *strip]).adjust_cell_length(width, colours.text)


def order_note(rows: Sequence[FlowRow], width: int) -> list[Line]:
    """What the order means."""
    active = sum(1 for row in rows if row.active)
    if active < 2:
        return []
    said = _("An answer goes to the first of these {n} flows whose filters take it.").format(n=active)
    return [Line((("─" * width, "rule"),)), *wrapped(said, width - 1, "past", 1)]
