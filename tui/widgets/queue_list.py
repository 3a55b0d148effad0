"""The list of tickets on the line API: a window of rows over keyset pages, as quick at a million as at a thousand.

It reads nothing itself: it posts `Wanted` and is given rows by `supply`. The cursor keeps to its ticket by number.
"""

from collections.abc import Iterable
from typing import ClassVar

from rich.style import Style
from textual.binding import Binding
from textual.events import Click, Key
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from domain.flows import Status
from domain.text import _
from domain.text import number as written
from loop.views import Row
from tui.actions import BY_ID, Where, bindings
from tui.strips import between, strip
from tui.theme import palette
from tui.widgets.queue_columns import Column, columns, heading, runs
from tui.window import Ask, Window


class QueueList(ScrollView, can_focus=True):
    """Tickets in the default order (Q3)."""

    DEFAULT_CSS = """
    QueueList { height: 1fr; background: $r-bg; scrollbar-size: 0 0; overflow: hidden auto; }
    """
    BINDINGS: ClassVar[list[Binding]] = bindings([Where.LIST])

    class Moved(Message):
        """The cursor came to another ticket; `number` is None while its row is still being read."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, QueueList.Moved)

        def __init__(self, number: int | None) -> None:
            super().__init__()
            self.number = number

    class Wanted(Message):
        """Rows are needed; answered by `supply` with the same `turn`."""

        def __init__(self, ask: Ask, turn: int) -> None:
            super().__init__()
            self.ask, self.turn = ask, turn

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.window = Window()
        self.cursor = 0
        self.now = 0
        self.tab: Status | None = None
        """The tab's status; rows that left it are drawn grey until a refresh."""
        self.selected: dict[int, None] = {}
        self.loaded = False
        """Whether a first page came."""
        self.wish: tuple[str, ...] = ()
        """Ids of the columns that are wished for, in their order; none leaves it to the width (Q2)."""
        self.empty_says: list[str] = []
        """What to do next, when there is nothing to show."""
        self._turn = 0
        self._asked: Ask | None = None
        self._strips: dict[tuple[int, bool, bool], Strip] = {}
        self._number: int | None = None

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.redraw())

    # What is shown

    @property
    def row(self) -> Row | None:
        """The row under the cursor, once it is read."""
        return self.window.get(self.cursor)

    @property
    def number(self) -> int | None:
        """The ticket under the cursor."""
        return self._number

    @property
    def columns(self) -> tuple[Column, ...]:
        """What fits now."""
        digits = len(str(max((r.number for r in self.window.rows[:50]), default=0)))
        return columns(self.size.width, digits, self.wish)

    def show(self, rows: Iterable[Row], *, start: int, total: int, now: int, number: int | None = None) -> None:
        """Show another stretch of a list; the cursor goes to `number`, on the line it had, else to the top."""
        line = self.cursor - self.scroll_offset.y
        self._turn += 1
        self._asked = None
        self.loaded = True
        self.now = now
        self.window.replace(rows, start, total)
        place = None if number is None else self.window.place(number)
        if number is not None and place is None and self.window.total:
            place = min(self.cursor, self.window.total - 1)  # it left the list: stay where it was
        self.cursor = place or 0
        self._strips.clear()
        self._resize()
        self.scroll_to(y=max(0, self.cursor - max(0, line)), animate=False, force=True, immediate=True)
        self._into_sight()
        self.refresh()
        self._ask()
        self._tell()

    def supply(self, turn: int, ask: Ask, rows: Iterable[Row], more: bool) -> None:
        """Rows that were asked for. Those of an older turn are dropped."""
        if turn != self._turn or ask != self._asked:
            return
        self._asked = None
        before, number = self.window.start, self._number
        holes = self._holes()
        self.window.supply(ask, rows, more)
        drift = 0
        if number is not None and (place := self.window.place(number)) is not None and place != self.cursor:
            drift, self.cursor = place - self.cursor, place
        self._resize()
        if drift:
            self.scroll_to(y=self.scroll_offset.y + drift, animate=False, force=True, immediate=True)
        if holes or drift or before == self.window.start == self.window.end:
            self.cursor = min(self.cursor, max(0, self.window.total - 1))
            self.refresh()
        self._ask()
        self._tell()

    def set_total(self, total: int) -> None:
        """How many rows there are in all, once they are counted."""
        if total != self.window.total and total >= self.window.end:
            self.window.total = total
            self._resize()
            self._ask()

    def update_rows(self, rows: Iterable[Row], now: int) -> None:
        """Repaint rows that changed, where they are."""
        self.now = now
        for row in rows:
            for state in _STATES:
                self._strips.pop((row.number, *state), None)
        for place in self.window.update(rows):
            self.refresh_line(place)

    def tick(self, now: int) -> None:
        """Let the ages grow; only lines that read differently are painted."""
        self.now = now
        old, self._strips = self._strips, {}
        top = self.scroll_offset.y
        for place in range(top, min(top + self.size.height, self.window.end)):
            row = self.window.get(place)
            key = (row.number, place == self.cursor, row.number in self.selected) if row else None
            if key and key in old and old[key].text != self._line(place, self.size.width).text:
                self.refresh_line(place)

    def redraw(self) -> None:
        """Draw every line anew."""
        self._strips.clear()
        self.refresh()

    def move(self, by: int) -> None:
        """Move the cursor by so many rows."""
        self.go(self.cursor + by)

    def go(self, place: int) -> None:
        """Move the cursor to a place."""
        place = max(0, min(place, self.window.total - 1))
        if place == self.cursor or not self.window.total:
            return
        old, self.cursor = self.cursor, place
        if not self._into_sight():
            self._refresh_places(old, place)
        self._ask()
        self._tell()

    def toggle(self, number: int) -> None:
        """Select a ticket, or unselect it."""
        if number in self.selected:
            del self.selected[number]
        else:
            self.selected[number] = None
        if (place := self.window.place(number)) is not None:
            self.refresh_line(place)

    def on_key(self, event: Key) -> None:
        """The way that is gone most: a binding is looked for only after a key has come up through every container."""
        step = _STEPS.get(event.key)
        if step is not None and not self.app._keymap:
            event.stop()
            event.prevent_default()
            self.move(step)

    def on_click(self, event: Click) -> None:
        """Where the mouse is on: a click goes to a row, a second one opens it."""
        place = event.y + self.scroll_offset.y
        if place == self.cursor and event.chain > 1:
            self.call_next(self.run_action, "screen.act('open')")
        elif place < self.window.total:
            self.go(place)

    # Drawing

    def render_line(self, y: int) -> Strip:
        p = palette(self.app)
        width = self.size.width
        place = y + self.scroll_offset.y
        if not self.window.total:
            if self.loaded and 1 <= y <= len(self.empty_says):
                return strip([("  " + self.empty_says[y - 1], p.bright if y == 1 else p.past)], width, p.text)
            return strip([], width, p.text)
        if place >= self.window.total:
            return strip([], width, p.text)
        return self._line(place, width)

    def _line(self, place: int, width: int) -> Strip:
        p = palette(self.app)
        row = self.window.get(place)
        cursor = place == self.cursor
        ground: Style | None = None
        if cursor:
            ground = p.on_cursor if self.has_focus else p.on_cursor_blurred
        if row is None:
            return strip([("▌" if cursor else " ", p.accent), ("      …", p.past)], width, p.text, ground)
        key = (row.number, cursor, row.number in self.selected)
        found = self._strips.get(key)
        if found is None or found.cell_length != width:
            if len(self._strips) > 4000:
                self._strips.clear()
            gone = self.tab is not None and row.status is not self.tab
            line = runs(row, self.columns, self.now, p, cursor=cursor, selected=key[2], gone=gone)
            found = self._strips[key] = strip(line, width, p.text, ground)
        return found

    def refresh_line(self, y: int) -> None:
        """Repaint one place, if it is in sight."""
        self._refresh_places(y)

    def _refresh_places(self, *places: int) -> None:
        """Repaint places, those in sight, with one call: asking for the size and for a repaint is what a key costs."""
        top, (width, height) = self.scroll_offset.y, self.size
        lines = [Region(0, place - top, width, 1) for place in places if 0 <= place - top < height]
        if lines:
            self.refresh(*lines)

    def on_focus(self) -> None:
        self._cursor_changed_look()

    def on_blur(self) -> None:
        self._cursor_changed_look()

    def on_resize(self) -> None:
        self._strips.clear()
        self._resize()
        self._into_sight()
        self._ask()

    def _cursor_changed_look(self) -> None:
        if self._number is not None:
            for state in _STATES:
                self._strips.pop((self._number, *state), None)
        self.refresh_line(self.cursor)

    # Inside

    def _resize(self) -> None:
        size = Size(self.size.width, self.window.total)
        if size != self.virtual_size:
            self.virtual_size = size

    def _into_sight(self) -> bool:
        """Scroll so that the cursor is seen, half a page at a time; whether it scrolled."""
        top, height = self.scroll_offset.y, max(1, self.size.height)
        if top <= self.cursor < top + height:
            return False
        half = height // 2
        if self.cursor < top:
            goal = self.cursor - half if top - self.cursor <= height else self.cursor - height // 3
        else:
            goal = self.cursor - half
        if self.cursor < height:
            goal = min(goal, self.cursor) if self.cursor - goal < 0 else goal
        goal = max(0, min(goal, max(0, self.window.total - height)))
        self.scroll_to(y=goal, animate=False, force=True, immediate=True)
        self.refresh()
        return True

    def _holes(self) -> bool:
        """Whether a line in sight is still waiting for its row."""
        top = self.scroll_offset.y
        return any(self.window.get(p) is None for p in (top, min(top + self.size.height, self.window.total) - 1))

    def _ask(self) -> None:
        """Have read what will be needed soon, one piece at a time."""
        if self._asked is not None or not self.loaded:
            return
        top = self.scroll_offset.y
        self._asked = self.window.wants(top, min(top + max(self.size.height, 1), self.window.total) - 1)
        if self._asked is not None:
            self.post_message(self.Wanted(self._asked, self._turn))

    def _tell(self) -> None:
        row = self.row
        number = row.number if row else None
        if number != self._number:
            self._number = number
            self.post_message(self.Moved(number))


_STEPS = {key: step for id, step in (("down", 1), ("up", -1)) for key in BY_ID[id].keys}
_STATES = ((False, False), (False, True), (True, False), (True, True))


class QueueHead(Widget):
    """The line of titles above the list; says how many are selected, loudly."""

    DEFAULT_CSS = "QueueHead { height: 1; background: $r-bg; }"

    def __init__(self, rows: QueueList, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows = rows

    def render_line(self, y: int) -> Strip:
        p = palette(self.app)
        titles = heading(self._rows.columns, p)
        if count := len(self._rows.selected):
            said = _("{n} selected").format(n=written(count))
            return between([(f" ✓ {said} ", p.accent_bold)], [(_("Esc clears "), p.past)], self.size.width, p.past)
        return strip(titles, self.size.width, p.past)
