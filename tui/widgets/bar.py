"""A widget of one line that is drawn from runs: the bars around the panes."""

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.theme import palette


class Bar(Widget):
    """One line; who inherits says in `line` what is on it."""

    DEFAULT_CSS = "Bar { height: 1; width: 1fr; background: $r-bg; }"

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.refresh())

    def line(self, width: int) -> Strip:
        """What the bar shows in so many cells."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        return self.line(self.size.width) if y == 0 else Strip.blank(self.size.width, palette(self.app).text)


class Ground:
    """A container without border that is nothing but ground under its children.

    Textual asks every container for all of its lines whenever a key repaints one; this gives the same one each time,
    which is a tenth of what a key costs.
    """

    def render_lines(self, crop: Region) -> list[Strip]:
        """Blank lines of the page's ground."""
        return [Strip.blank(crop.width, palette(self.app).text)] * crop.height  # type: ignore[attr-defined]
