"""A short list under the place where one types: what could be meant, the likeliest first.

The list holds no focus and takes no keys: the screen that types steps through it and takes from it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from textual.geometry import Offset, Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from domain.text import fold, line
from tui.theme import palette
from tui.widgets.ticket.spans import Line, Span, cells_of, fit, paint, plain

MOST = 6
"""Lines in sight at a time."""
WIDEST = 44
"""Cells of the list."""


@dataclass(frozen=True)
class Suggestion:
    """Something that could be meant."""

    value: str
    """What is put where one types."""
    label: str
    hint: str = ""


def matching(suggestions: Iterable[Suggestion], typed: str) -> tuple[Suggestion, ...]:
    """Those whose label or hint has a word that begins with what was typed, accents and case aside.

    Labels that begin with it come before words within.
    """
    wanted = fold(typed)
    ranked: list[tuple[int, int, Suggestion]] = []
    for place, one in enumerate(suggestions):
        label, words = fold(one.label), fold(f"{one.label} {one.hint}")
        if label.startswith(wanted):
            ranked.append((0, place, one))
        elif f" {wanted}" in f" {words}":
            ranked.append((1, place, one))
    return tuple(one for _rank, _place, one in sorted(ranked, key=lambda r: r[:2]))


class Completion(Widget, can_focus=False):
    """The list; it lies over what is below it, and is there only while it has something to offer."""

    DEFAULT_CSS = """
    Completion {
        overlay: screen; display: none; width: auto; height: auto;
        background: $r-customer-bg; constrain: none none;
    }
    """

    class Taken(Message):
        """A suggestion was clicked."""

        def __init__(self, suggestion: Suggestion) -> None:
            super().__init__()
            self.suggestion = suggestion

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._found: Sequence[Suggestion] = ()
        self._place = 0
        self._top = 0
        self._height = MOST

    # What is offered

    @property
    def is_open(self) -> bool:
        """Whether there is something to take."""
        return bool(self._found)

    @property
    def current(self) -> Suggestion | None:
        """The suggestion that would be taken."""
        return self._found[self._place] if self._found else None

    def offer(self, found: Sequence[Suggestion], under: Offset, within: Region, *, above: bool = False) -> None:
        """Show these below the line of `under`, or above it if wished or where there is more room; none closes it.

        Both are places on the screen; the list stays inside `within`.
        """
        if not found or within.height < 2:
            self.close()
            return
        current = self.current
        self._found = tuple(found)
        self._place = next((i for i, one in enumerate(found) if one == current), 0) if current in found else 0
        room_below, room_above = within.bottom - under.y - 1, under.y - within.y
        wanted = min(MOST, len(found))
        wished, other = (room_above, room_below) if above else (room_below, room_above)
        is_below = above != (wished >= min(wanted, other))
        self._height = max(1, min(wanted, room_below if is_below else room_above))
        self._reveal()
        width = min(self.get_content_width(within.size, within.size), within.width)
        x = max(within.x, min(under.x, within.right - width))
        self.styles.max_width = within.width
        self.absolute_offset = Offset(x, under.y + 1 if is_below else under.y - self._height)
        self.styles.display = "block"
        self.refresh(layout=True)

    def close(self) -> None:
        """Hide the list."""
        if self._found:
            self._found, self._place, self._top = (), 0, 0
            self.styles.display = "none"

    def step(self, by: int) -> None:
        """Go to another suggestion, around the ends."""
        if self._found:
            self._place = (self._place + by) % len(self._found)
            self._reveal()
            self.refresh()

    def _reveal(self) -> None:
        self._top = max(min(self._top, self._place), self._place - self._height + 1, 0)
        self._top = min(self._top, max(0, len(self._found) - self._height))

    # Drawing

    def get_content_width(self, container: Any, viewport: Any) -> int:
        label = self._label_width
        hints = [cells_of(plain(line(one.hint, WIDEST))) for one in self._found]
        return min(WIDEST, label + 3 + (max(hints) + 2 if any(hints) else 0))

    def get_content_height(self, container: Any, viewport: Any, width: int) -> int:
        return min(self._height, len(self._found))

    @property
    def _label_width(self) -> int:
        return min(WIDEST - 3, max((cells_of(plain(line(one.label, WIDEST))) for one in self._found), default=0))

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.refresh())

    def on_click(self, event: Any) -> None:
        event.stop()
        index = self._top + event.y
        if index < len(self._found):
            self.post_message(self.Taken(self._found[index]))

    def render_line(self, y: int) -> Strip:
        colours, width, index = palette(self.app), self.size.width, self._top + y
        if index >= len(self._found):
            return Strip.blank(width, colours.text + colours.on_customer)
        one, here = self._found[index], index == self._place
        label = fit(plain(line(one.label, WIDEST)), self._label_width)
        # The bar at the left tells the list from the words around it where there is no colour.
        spans: list[Span] = [("▌" if here else "│", "accent"), (" " + label, "bright" if here else "text")]
        if one.hint:
            gap = self._label_width - cells_of(label) + 2
            spans.append((" " * gap + line(one.hint, WIDEST), "text" if here else "past"))
        return paint(Line(tuple(spans), (), "on_cursor" if here else "on_customer"), width, colours)
