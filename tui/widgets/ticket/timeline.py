"""The timeline: everything that happened to a ticket, drawn line by line (T8)."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from time import monotonic
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer

from domain.text import _
from loop.views import AnswerView, Entry
from tui.theme import palette
from tui.widgets.ticket.entries import FILTERS, LATER_S, Laid, below_line, filter_name, group, head_line, lay_out
from tui.widgets.ticket.lines import Scrolled
from tui.widgets.ticket.spans import Line, paint

_KEPT_STRIPS = 2000


class Timeline(Scrolled):
    """Entries, oldest first; opens at the newest. One entry is the current one, marked by a bar."""

    BINDINGS: ClassVar = [
        Binding("enter,o", "unfold", show=False),
        Binding("O", "raw", show=False),
        Binding("v", "next_filter", show=False),
    ]
    MARGIN = 0

    class OlderAsked(Message):
        """The reader wants what comes before the oldest entry that is here."""

        def __init__(self, before: int) -> None:
            super().__init__()
            self.before = before
            """Id of that entry."""

    class Filtered(Message):
        """Other kinds of entries are shown."""

    class RawAsked(Message):
        """The reader wants the raw mail of a message."""

        def __init__(self, message: int) -> None:
            super().__init__()
            self.message = message

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.entries: tuple[Entry, ...] = ()
        self.total = 0
        self.kinds = ""
        """One of `FILTERS`."""
        self._subject = ""
        self._answer: AnswerView | None = None
        self._now, self._now_at = 0, 0.0
        self._width = 0
        self._unfolded: set[int] = set()
        self._current: int | None = None
        self._fresh: int | None = None
        self._laid: list[Laid] = []
        self._tops: list[int] = [0]
        self._cache: dict[int, Laid] = {}
        self._strips: dict[tuple[object, ...], Strip] = {}
        self._asked = False
        self._clock: Timer | None = None
        self._to_end = True

    # What is shown

    def show(
        self,
        entries: Sequence[Entry],
        total: int,
        *,
        now: int,
        subject: str = "",
        answer: AnswerView | None = None,
        unanswered: bool = False,
        keep_place: bool = True,
    ) -> None:
        """Show these entries of `total`; at the end, or where the reader was.

        Older entries that were loaded before stay, as long as the new ones join onto them. A reader who was at the
        end stays there; anybody else keeps the line that is at the top.
        """
        was_empty = not self.entries
        self._fresh = next((e.id for e in reversed(entries) if e.kind == "mail in"), None) if unanswered else None
        self._now, self._now_at = now, monotonic()
        if (subject, answer) != (self._subject, self._answer):
            self._cache.clear()
        self._subject, self._answer, self._asked = subject, answer, False
        if not keep_place:
            self._unfolded.clear()
            self._cache.clear()
            self.entries, self._current = (), None
            self._filter("")
        at_end = not keep_place or was_empty or self.at_end
        on_last = not self._laid or self._current in (None, self._laid[-1].entry.id)
        self._replace(self._joined(tuple(entries)), total, stay=not at_end)
        shown = [e.id for e in self.entries if self._shows(e)]
        if shown and (self._current not in shown or (at_end and on_last)):
            self._current = shown[-1]
        if at_end:
            self._to_end = True
            self._scroll_to_end()
        self._tick_while_sending()

    def prepend(self, entries: Sequence[Entry]) -> None:
        """Put older entries before those that are here; what is in sight does not move."""
        here = self._ids()
        self._asked = False
        older = tuple(e for e in entries if e.id not in here)
        if not older:
            self.total = min(self.total, len(self.entries))
            self._lay_out(stay=True)
            return
        self._replace(older + self.entries, self.total, stay=True)

    @property
    def older(self) -> int:
        """How many entries are not here; none come before the opening."""
        if self.entries and self.entries[0].kind == "opened":
            return 0
        return max(0, self.total - len(self.entries))

    @property
    def current(self) -> Entry | None:
        """The entry that the reader is on."""
        return next((e for e in reversed(self.entries) if e.id == self._current), None)

    @property
    def at_end(self) -> bool:
        """Whether the newest line is in sight."""
        return self.scroll_offset.y >= self.max_scroll_y

    @property
    def plain_text(self) -> str:
        """All lines as they are now, without style."""
        return "\n".join(
            "".join(t for t, _r in (*x.spans, ("  ", ""), *x.right)).rstrip()
            for x in (self._line(y) for y in range(self._tops[-1]))
        )

    def _ids(self) -> set[int]:
        return {e.id for e in self.entries}

    def _joined(self, new: tuple[Entry, ...]) -> tuple[Entry, ...]:
        """The new entries behind those older ones that they join onto."""
        if not new:
            return new
        for index, old in enumerate(self.entries):
            if old.id == new[0].id:
                return self.entries[:index] + new
        return new

    def _replace(self, entries: tuple[Entry, ...], total: int, *, stay: bool) -> None:
        anchor = self._anchor()
        kept = self._cache
        self._cache = {}
        for entry in entries:
            laid = kept.get(entry.id)
            if laid is not None and (laid.entry is entry or laid.entry == entry):
                self._cache[entry.id] = laid
        self.entries, self.total = entries, max(total, len(entries))
        self._lay_out(stay=stay, anchor=anchor)

    # Laying out

    def on_resize(self) -> None:
        width = self.scrollable_content_region.width - 1
        if width > 0 and width != self._width:
            at_end, anchor = self.at_end or self._to_end, self._anchor()
            self._width = width
            self._cache.clear()
            self._lay_out(stay=not at_end, anchor=anchor)
            if at_end:
                self._scroll_to_end()
        elif self._to_end:
            self._scroll_to_end()

    def forget(self) -> None:
        self._strips.clear()
        self.refresh()

    def _lay_out(self, *, stay: bool, anchor: tuple[int, int] | None = None) -> None:
        if self._width <= 0:
            return
        anchor = anchor or self._anchor()
        cache, width = self._cache, self._width
        self._laid = []
        for entry in self.entries:
            if not self._shows(entry):
                continue
            laid = cache.get(entry.id)
            if laid is None:
                laid = lay_out(
                    entry,
                    width,
                    unfolded=entry.id in self._unfolded,
                    subject=self._subject,
                    answer=self._answer if entry.kind == "opened" else None,
                )
                cache[entry.id] = laid
            self._laid.append(laid)
        first = 1 if self.older else 0
        self._tops = list(accumulate((laid.height for laid in self._laid), initial=first))
        self._strips.clear()
        self.virtual_size = Size(self.scrollable_content_region.width, self._tops[-1])
        if stay and anchor is not None:
            index = next((i for i, laid in enumerate(self._laid) if laid.entry.id == anchor[0]), None)
            if index is not None:
                self.to_line(self._tops[index] + anchor[1])
        self.refresh()

    def _anchor(self) -> tuple[int, int] | None:
        """The entry at the top of what is in sight, and how far into it that is."""
        if not self._laid:
            return None
        y = self.scroll_offset.y
        index = min(max(0, bisect_right(self._tops, y) - 1), len(self._laid) - 1)
        return self._laid[index].entry.id, y - self._tops[index]

    def _scroll_to_end(self) -> None:
        self.to_line(self.max_scroll_y)

    def _shows(self, entry: Entry) -> bool:
        return not self.kinds or group(entry) == self.kinds

    def _filter(self, kinds: str) -> None:
        if kinds != self.kinds:
            self.kinds = kinds
            self.post_message(self.Filtered())

    # Painting

    def render_line(self, y: int) -> Strip:
        y += self.scroll_offset.y
        colours, width = palette(self.app), self.scrollable_content_region.width
        if y >= self._tops[-1]:
            if y == self._tops[-1] and not self._laid and self._width > 0:
                words = _("There are no {kinds} here; v shows more.").format(kinds=filter_name(self.kinds))
                words = words if self.kinds else _("Nothing has happened yet.")
                return paint(Line((("        " + words, "past"),)), width, colours)
            return Strip.blank(width, colours.text)
        key = (y, self._current if self.has_focus else None, self._seconds() // 60, self._live(y))
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) > _KEPT_STRIPS:
                self._strips.clear()
            line = self._line(y)
            under = colours.text + getattr(colours, line.ground or "text")
            strip = Strip([*paint(line, width - 1, colours), Segment(" ", under)])
            self._strips[key] = strip
        return strip

    def _line(self, y: int) -> Line:
        if self.older and y == 0:
            words = (
                _("loading…") if self._asked else _("{n} older · k or g at the top brings them").format(n=self.older)
            )
            return Line(((f"        ▴ {words}", "past"),))
        index = bisect_right(self._tops, y) - 1
        laid = self._laid[index]
        marked = self.has_focus and laid.entry.id == self._current
        offset = y - self._tops[index]
        if offset:
            return below_line(laid, offset - 1, marked=marked)
        now = self._now + self._seconds() * 1000
        fresh = laid.entry.id == self._fresh
        return head_line(laid, now, marked=marked, fresh=fresh, leaves_in=self._leaves_in(laid.entry))

    def _seconds(self) -> int:
        """Since `now` was told."""
        return int(monotonic() - self._now_at)

    def _leaves_in(self, entry: Entry) -> int | None:
        at = entry.data.get("leaves_at")
        if entry.state != "queued" or not isinstance(at, int):
            return None
        return -(-(at - self._now - int((monotonic() - self._now_at) * 1000)) // 1000)

    def _live(self, y: int) -> int | None:
        """What changes by itself on that line: the seconds until a mail leaves."""
        if self._clock is None or not self._laid:
            return None
        entry = self._laid[max(0, bisect_right(self._tops, y) - 1)].entry
        return self._leaves_in(entry)

    def _tick_while_sending(self) -> None:
        """Count the seconds down while a mail can be taken back; nothing else moves by itself."""
        waiting = any(0 < (self._leaves_in(e) or 0) <= LATER_S for e in self.entries[-20:])
        if waiting and self._clock is None:
            self._clock = self.set_interval(1.0, self._second)
        elif not waiting and self._clock is not None:
            self._clock.stop()
            self._clock = None

    def _second(self) -> None:
        self.refresh()
        self._tick_while_sending()

    # Moving

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def to_line(self, y: int) -> None:
        super().to_line(y)
        self._to_end = self.at_end

    def _place(self) -> int:
        return next((i for i, laid in enumerate(self._laid) if laid.entry.id == self._current), len(self._laid) - 1)

    def _go(self, index: int, *, down: bool) -> None:
        if not self._laid:
            return
        index = max(0, min(index, len(self._laid) - 1))
        self._current = self._laid[index].entry.id
        top, bottom = self._tops[index], self._tops[index + 1]
        y, height = self.scroll_offset.y, self.inner_height
        if bottom - top >= height:
            self.to_line(top if down else bottom - height)
        elif top < y:
            self.to_line(0 if index == 0 else top)
        elif bottom > y + height:
            self.to_line(bottom - height)
        self.refresh()

    def action_down(self) -> None:
        if not self._laid:
            return
        place = self._place()
        bottom, below = self._tops[place + 1], self.scroll_offset.y + self.inner_height
        if bottom > below:
            self.to_line(self.scroll_offset.y + min(3, bottom - below))
            return
        self._go(place + 1, down=True)

    def action_up(self) -> None:
        place = self._place()
        if self._laid and self._tops[place] < self.scroll_offset.y:
            self.to_line(self.scroll_offset.y - min(3, self.scroll_offset.y - self._tops[place]))
            return
        if place <= 0:
            self._ask_older()
        self._go(place - 1, down=False)

    def action_top(self) -> None:
        self._go(0, down=True)
        self.to_line(0)
        self._ask_older()

    def action_bottom(self) -> None:
        self._go(len(self._laid) - 1, down=True)
        self._scroll_to_end()

    def action_half(self, way: int) -> None:
        self._page(way * max(1, self.inner_height // 2))

    def action_page(self, way: int) -> None:
        self._page(way * max(1, self.inner_height - 1))

    def _page(self, lines: int) -> None:
        if not self._laid:
            return
        before = self.scroll_offset.y
        self.to_line(before + lines)
        y = self.scroll_offset.y
        if y == before and lines < 0:
            self._ask_older()
        edge = y if lines < 0 else y + self.inner_height - 1
        index = min(max(0, bisect_right(self._tops, edge) - 1), len(self._laid) - 1)
        self._current = self._laid[index].entry.id
        self.refresh()

    def _ask_older(self) -> None:
        if self.older and self.entries and not self._asked:
            self._asked = True
            self.forget()
            self.post_message(self.OlderAsked(self.entries[0].id))

    # Reading

    def action_unfold(self) -> None:
        """Unfold the current entry, or fold it again."""
        entry = self.current
        if entry is None or not self._shows(entry):
            return
        self._unfolded ^= {entry.id}
        self._cache.pop(entry.id, None)
        self._lay_out(stay=True)
        index = self._place()
        if self._tops[index] < self.scroll_offset.y:
            self.to_line(self._tops[index])
        elif self._tops[index + 1] > self.scroll_offset.y + self.inner_height:
            self.to_line(min(self._tops[index], self._tops[index + 1] - self.inner_height))

    def action_next_filter(self) -> None:
        """Show everything, or messages, notes, acts only, one after the other (T8)."""
        self._filter(FILTERS[(FILTERS.index(self.kinds) + 1) % len(FILTERS)])
        shown = [e.id for e in self.entries if self._shows(e)]
        if shown and self._current not in shown:
            self._current = max((i for i in shown if i <= (self._current or 0)), default=shown[-1])
        self._lay_out(stay=False)
        if self._laid:
            self._scroll_to_end()
            self._go(self._place(), down=False)

    def action_raw(self) -> None:
        entry = self.current
        if entry is not None and entry.message is not None and self._shows(entry):
            self.post_message(self.RawAsked(entry.message))
        else:
            self.app.bell()
