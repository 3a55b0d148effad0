"""A list of one-line rows with a cursor, for panels: whoever shows it draws the rows and hears of the keys."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from tui.theme import palette
from tui.widgets.stepping import Stepping
from tui.widgets.ticket.spans import Line, paint, wrapped

Draw = Callable[[Any, int, bool], Line]
"""Makes the line of an item for a width; the last says whether the cursor is on it."""


class Rows(Stepping):
    """The items; those who hold them show others by `show`."""

    DEFAULT_CSS = "Rows { background: $r-bar; scrollbar-background: $r-bar; }"
    BINDINGS: ClassVar = [Binding("enter", "take", show=False)]

    class Moved(Message):
        """The cursor came to another item, or the items changed."""

        def __init__(self, item: Any) -> None:
            super().__init__()
            self.item = item

    class Taken(Message):
        """Enter was pressed on an item, or it was clicked."""

        def __init__(self, item: Any) -> None:
            super().__init__()
            self.item = item

    def __init__(self, draw: Draw, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._draw = draw
        self.items: Sequence[Any] = ()
        self.place = 0
        self.empty: Sequence[str] = ()
        """What is said while there is nothing; the first sentence is the loudest."""

    @property
    def current(self) -> Any | None:
        """The item under the cursor."""
        return self.items[self.place] if self.place < len(self.items) else None

    def show(self, items: Sequence[Any], place: int | None = None) -> None:
        """Show these; the cursor stays at its place unless another is given."""
        self.items = items
        wanted = self.place if place is None else place
        self.place = max(0, min(wanted, len(items) - 1))
        self._fit()
        self._reveal()
        self.post_message(self.Moved(self.current))

    def step(self, by: int) -> None:
        """Move the cursor, as far as there are items."""
        place = max(0, min(self.place + by, len(self.items) - 1))
        if place != self.place:
            self.place = place
            self._reveal()
            self.post_message(self.Moved(self.current))

    def action_take(self) -> None:
        if self.current is not None:
            self.post_message(self.Taken(self.current))

    def on_click(self, event: Any) -> None:
        place = event.y + self.scroll_offset.y
        if place < len(self.items):
            if place == self.place:
                self.action_take()
            self.step(place - self.place)

    # Drawing

    def on_resize(self) -> None:
        self._fit()
        self._reveal()

    def _fit(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, max(1, len(self.items)))
        self.refresh()

    def _reveal(self) -> None:
        y, height = self.scroll_offset.y, self.inner_height
        if self.place < y:
            self.to_line(self.place)
        elif self.place >= y + height:
            self.to_line(self.place - height + 1)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        colours, width = palette(self.app), self.scrollable_content_region.width
        if not self.items:
            said = [
                row for i, text in enumerate(self.empty) for row in wrapped(text, width - 1, "past" if i else "text", 2)
            ]
            return paint(said[y] if y < len(said) else Line(), width, colours, "on_bar")
        y += self.scroll_offset.y
        if y >= len(self.items):
            return Strip.blank(width, colours.text + colours.on_bar)
        here = y == self.place
        return paint(self._draw(self.items[y], width, here), width, colours, "on_cursor" if here else "on_bar")
