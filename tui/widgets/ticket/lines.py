"""Widgets that draw lines: a few that stand still, a page that scrolls, and each of them on a panel's ground."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from tui.theme import palette
from tui.widgets.ticket.spans import Line, paint

Build = Callable[[int], Sequence[Line]]
"""Makes the lines for a width in cells."""


class Painted(Widget):
    """A few lines that do not scroll and take no focus."""

    DEFAULT_CSS = "Painted { height: auto; width: 1fr; padding: 0 1; }"
    GROUND = ""
    """What lies under the lines that name nothing themselves."""

    def __init__(self, build: Build | None = None, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._build: Build = build or (lambda width: ())
        self.painted_at = 0.0
        """When its first line was painted, on the clock of events; 0 before: nobody has read what was not painted."""

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.refresh())

    def paint_with(self, build: Build) -> None:
        """Draw other lines from now on."""
        self._build = build
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._build(width))

    def render_line(self, y: int) -> Strip:
        self.painted_at = self.painted_at or Message().time
        inner = self.content_size.width
        colours = palette(self.app)
        lines = self._build(inner)
        return paint(lines[y] if 0 <= y < len(lines) else Line(), inner, colours, self.GROUND)

    @property
    def plain_text(self) -> str:
        """What is shown, without style."""
        return "\n".join("".join(t for t, _r in (*x.spans, *x.right)) for x in self._build(self.content_size.width))


class OnBar(Painted):
    """Lines on the ground of a panel."""

    GROUND = "on_bar"


class Scrolled(ScrollView):
    """A line-API widget with this program's scrolling keys, none of them animated."""

    DEFAULT_CSS = """
    Scrolled {
        overflow-x: hidden; overflow-y: auto; scrollbar-size: 1 1; scrollbar-gutter: stable;
        scrollbar-color: $r-rule; scrollbar-background: $r-bg;
        background: $r-bg; height: 1fr;
    }
    """
    BINDINGS: ClassVar = [
        Binding("j,down", "down", show=False),
        Binding("k,up", "up", show=False),
        Binding("g,home", "top", show=False),
        Binding("G,end", "bottom", show=False),
        Binding("ctrl+d", "half(1)", show=False),
        Binding("ctrl+u", "half(-1)", show=False),
        Binding("pagedown,space", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
    ]
    MARGIN = 1
    """Blank cells at the left."""

    can_focus = True

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.forget())

    def forget(self) -> None:
        """Drop what is kept for painting, and paint again."""
        self.refresh()

    @property
    def inner_width(self) -> int:
        """Cells that lines may take: without the margins and the scrollbar's column."""
        return max(8, self.scrollable_content_region.width - self.MARGIN - 1)

    @property
    def inner_height(self) -> int:
        """Lines in sight."""
        return max(1, self.scrollable_content_region.height)

    def to_line(self, y: int) -> None:
        """Bring line `y` to the top, as far as there are lines, at once."""
        self.scroll_to(y=max(0, min(y, self.max_scroll_y)), animate=False, immediate=True, force=True)

    def action_down(self) -> None:
        self.to_line(self.scroll_offset.y + 1)

    def action_up(self) -> None:
        self.to_line(self.scroll_offset.y - 1)

    def action_top(self) -> None:
        self.to_line(0)

    def action_bottom(self) -> None:
        self.to_line(self.max_scroll_y)

    def action_half(self, way: int) -> None:
        self.to_line(self.scroll_offset.y + way * max(1, self.inner_height // 2))

    def action_page(self, way: int) -> None:
        self.to_line(self.scroll_offset.y + way * max(1, self.inner_height - 1))


class Page(Scrolled):
    """Lines that scroll: an answer, a customer, a mail."""

    GROUND = ""
    """What lies under lines that name nothing themselves, and below the last of them."""

    def __init__(self, build: Build | None = None, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._build: Build = build or (lambda width: ())
        self._lines: Sequence[Line] = ()
        self._built_for = -1
        self.painted_at = 0.0
        """When its first line was painted, on the clock of events; 0 before: nobody has read what was not painted."""

    def paint_with(self, build: Build, *, keep_place: bool = True) -> None:
        """Show other lines; the place is kept if wished."""
        self._build, self._built_for = build, -1
        self._make()
        if not keep_place:
            self.to_line(0)
        self.refresh()

    def on_resize(self) -> None:
        self._make()

    def _make(self) -> None:
        width = self.inner_width
        if self.scrollable_content_region.width > 0 and width != self._built_for:
            self._lines, self._built_for = self._build(width), width
            self.virtual_size = Size(self.scrollable_content_region.width, len(self._lines))

    def render_line(self, y: int) -> Strip:
        self.painted_at = self.painted_at or Message().time
        y += self.scroll_offset.y
        colours, width = palette(self.app), self.scrollable_content_region.width
        line = self._lines[y] if y < len(self._lines) else Line()
        under = colours.text + getattr(colours, line.ground or self.GROUND or "text")
        margin = Segment(" " * self.MARGIN, under)
        strip = paint(line, self._built_for, colours, self.GROUND)
        return Strip([margin, *strip]).adjust_cell_length(width, under)

    @property
    def plain_text(self) -> str:
        """All lines, without style."""
        return "\n".join("".join(t for t, _r in (*x.spans, *x.right)) for x in self._lines)


class PageOnBar(Page):
    """A page on the ground of a panel."""

    DEFAULT_CSS = "PageOnBar { background: $r-bar; scrollbar-background: $r-bar; }"
    GROUND = "on_bar"
