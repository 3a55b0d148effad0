"""A list drawn line by line, with a cursor on the lines that stand for something."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from domain.text import fold
from tui.strips import fit, words
from tui.theme import palette
from tui.widgets.stepping import Stepping
from tui.widgets.ticket.spans import Line, Span, fit_spans, paint, plain, spans_len, wrapped


@dataclass(frozen=True)
class Item:
    """A line of a list."""

    key: Any
    """What it stands for, by which the cursor stays on it; None for a line that the cursor passes over."""
    build: Callable[[int], Line]
    """Draws it in so many cells."""
    text: str = ""
    """What a filter looks at; a line without a key goes with the lines below it, up to the next one without."""
    below: bool = False
    """A line that belongs to the one above it."""


def heading(title: str, right: str = "") -> Item:
    """A title over a part of the list."""
    return Item(
        None, lambda width: Line((("▎", "accent"), (title, "bright")), ((right + "  ", "past"),) if right else ())
    )


def column_titles(*titles: tuple[str, int]) -> Item:
    """What the columns hold: each title with its cells, 0 for the one that takes what is left."""
    return Item(None, lambda width: Line(tuple(cells(width, *((t, n, "past") for t, n in titles)))))


def blank() -> Item:
    """A line with nothing on it."""
    return Item(None, lambda width: Line())


def told(text: str, indent: int = 1) -> Item:
    """A quiet sentence, cut to the line."""
    return Item(None, lambda width: Line((((" " * indent) + text, "past"),)))


def cells(width: int, *columns: tuple[str | Sequence[Span], int, str]) -> list[Span]:
    """Columns side by side, each a text from anywhere, its cells and its style; or spans, which have their own.

    A column of 0 cells takes what is left, shared by all such; a negative one stands flush right.
    """
    left = max(0, width - 1 - sum(abs(n) + 1 for _text, n, _role in columns))
    open_ = max(1, sum(1 for _text, n, _role in columns if not n))
    out: list[Span] = []
    for text, n, role in columns:
        size = abs(n) if n else left // open_
        out.append((" ", "past"))
        if isinstance(text, str):
            out.append((fit(words(text), size, n < 0), role))
        else:
            kept = fit_spans([(plain(part), look) for part, look in text], size)
            out += [*kept, (" " * (size - spans_len(kept)), "past")]
    return out


class Rows(Stepping):
    """The lines of a list, with a cursor on those that stand for something."""

    # Lists in panels are called so too; their ground is another.
    DEFAULT_CLASSES = "on-page"
    DEFAULT_CSS = "Rows.on-page { height: 1fr; background: $r-bg; scrollbar-background: $r-bg; }"
    BINDINGS: ClassVar = [Binding("enter", "open", show=False)]

    class Moved(Message):
        """The cursor is on another line."""

    class Opened(Message):
        """Enter was pressed, or a line clicked."""

    class Widened(Message):
        """It has another width: lines that were wrapped for the one before are to be made again."""

    def __init__(self) -> None:
        super().__init__()
        self.items: Sequence[Item] = ()
        self.place = 0
        self._made_for = 0

    @property
    def current(self) -> Any:
        """The key under the cursor; None where there is none."""
        return self.items[self.place].key if self.place < len(self.items) else None

    def show(self, items: Sequence[Item]) -> None:
        """Show these; the cursor stays on what it was on, else on its line."""
        key, place = self.current, self.place
        self.items = items
        # None while something else stands in its place.
        self._made_for = self.region.width
        keyed = [i for i, item in enumerate(items) if item.key is not None]
        found = next((i for i in keyed if items[i].key == key), None)
        self.place = found if found is not None else min(keyed, key=lambda i: abs(i - place), default=0)
        self._fit()
        self._reveal()

    def to(self, key: Any) -> None:
        """Put the cursor on something, if it is there."""
        for i, item in enumerate(self.items):
            if item.key is not None and item.key == key:
                self._go(i)

    def on_resize(self) -> None:
        self._fit()
        self._reveal()
        self._look_at_width()

    def on_show(self) -> None:
        self._look_at_width()

    def _look_at_width(self) -> None:
        """Have the lines made again for another width; a scrollbar that comes and goes is none."""
        width = self.region.width
        if width and width != self._made_for:
            self._made_for = width
            self.post_message(self.Widened())

    def _fit(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, max(1, len(self.items)))
        self.refresh()

    def _go(self, place: int) -> None:
        if place != self.place:
            self.place = place
            self._reveal()
            self.refresh()
            self.post_message(self.Moved())

    def _reveal(self) -> None:
        first = next((i for i, item in enumerate(self.items) if item.key is not None), 0)
        # What stands above the first line that one can be on is a title: bring it back into sight with it.
        top = 0 if self.place <= first else self.place
        y, height = self.scroll_offset.y, self.inner_height
        if top < y:
            self.to_line(top)
        elif self.place >= y + height:
            self.to_line(self.place - height + 1)

    def step(self, by: int) -> None:
        way = 1 if by > 0 else -1
        place = self.place
        for _step in range(abs(by)):
            ahead = place + way
            while 0 <= ahead < len(self.items) and self.items[ahead].key is None:
                ahead += way
            if not 0 <= ahead < len(self.items):
                if way < 0 and place == self.place:
                    self.to_line(0)
                break
            place = ahead
        self._go(place)

    def action_open(self) -> None:
        if self.current is not None:
            self.post_message(self.Opened())

    def on_click(self, event: events.Click) -> None:
        place = event.y + self.scroll_offset.y
        if place < len(self.items) and self.items[place].key is not None:
            again = place == self.place
            self._go(place)
            if again:
                self.action_open()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def render_line(self, y: int) -> Strip:
        y += self.scroll_offset.y
        colours, width = palette(self.app), self.scrollable_content_region.width
        if y >= len(self.items):
            return Strip.blank(width, colours.text)
        drawn = self.items[y].build(width - 1)
        here = y == self.place and self.items[y].key is not None
        if here:
            drawn = Line(
                (("▌", "accent"), *_without_first(drawn.spans)),
                drawn.right,
                "on_cursor" if self.has_focus else "on_cursor_blurred",
            )
        return paint(drawn, width, colours)


def _without_first(spans: Sequence[Span]) -> tuple[Span, ...]:
    """The spans without their first cell, where the cursor's bar stands."""
    if not spans:
        return ()
    (text, role), *rest = spans
    return ((text[1:], role), *rest) if text else _without_first(rest)


def filtered(items: Sequence[Item], wanted: Sequence[str]) -> list[Item]:
    """The lines that hold all of the words, those that belong to them, and the titles over any of them."""
    out: list[Item] = []
    titles: list[Item] = []
    in_titles = hit = False
    for item in items:
        if item.below:
            out += [item] if hit else []
        elif item.key is None:
            titles = [*titles, item] if in_titles else [item]
            in_titles, hit = True, False
        else:
            in_titles = False
            hit = all(word in fold(item.text) for word in wanted)
            if hit:
                out += [*titles, item]
                titles = []
    return out


def sentence(text: str, width: int) -> list[Item]:
    """A quiet sentence on as many lines as it takes."""
    return [Item(None, lambda _width, line=line: line) for line in wrapped(text, width, "past", indent=1)]
