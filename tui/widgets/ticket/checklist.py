"""The checklists of a ticket's phases, ticked with one key (P7, T1)."""

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from domain.ages import age
from domain.flows import Binding as Holds
from domain.flows import Phase
from domain.text import _, line
from loop.views import Tick, TicketView
from tui.theme import palette
from tui.widgets.stepping import Stepping
from tui.widgets.ticket.spans import Line, Span, paint, wrap


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the checklist, and the item that it belongs to."""

    line: Line
    item: int | None = None


def counted(view: TicketView) -> tuple[int, int]:
    """How many items of the current phase are ticked, and how many there are; of all phases where it has none."""
    here = view.flow.phase(view.phase_id).items
    items = here or tuple(item for phase in view.flow.phases for item in phase.items)
    ticked = {tick.item for tick in view.ticks}
    return sum(item.id in ticked for item in items), len(items)


def checklist_lines(view: TicketView, now: int, width: int, *, current: int | None = None) -> list[Shown]:
    """Phases as headings, items below; `current` is the item that the reader is on."""
    ticks = {tick.item: tick for tick in view.ticks}
    shown: list[Shown] = []
    for phase in view.flow.phases:
        if not phase.items:
            continue
        if shown:
            shown.append(Shown(Line()))
        shown.append(Shown(_heading(phase, ticks, here=phase.id == view.phase_id)))
        for item in phase.items:
            shown += _item(item.id, item.text, ticks.get(item.id), now, width, current == item.id)
    return shown


def _heading(phase: Phase, ticks: dict[int, Tick], *, here: bool) -> Line:
    done = sum(item.id in ticks for item in phase.items)
    spans: list[Span] = [("● " if here else "  ", "accent"), (line(phase.name, 60), "accent" if here else "text")]
    if phase.binding is Holds.MANDATORY:
        spans += [("  " + _("mandatory"), "late" if here and done < len(phase.items) else "past")]
    return Line(tuple(spans), ((f"{done}/{len(phase.items)}", "past"),))


def _item(item: int, text: str, tick: Tick | None, now: int, width: int, current: bool) -> list[Shown]:
    right: tuple[Span, ...] = ((f"{line(tick.by, 20)} · {age(tick.at, now)}", "past"),) if tick else ()
    room = width - 4 - (cell_len(right[0][0]) + 2 if right else 0)
    words = wrap(line(text), room)
    ground = "on_cursor" if current else ""
    mark: Span = ("☑ ", "promoter") if tick else ("☐ ", "text")
    bar: Span = ("▌ " if current else "  ", "accent")
    first = Line((bar, mark, (words[0], "past" if tick else "text")), right, ground)
    rest = [Line((bar, ("  ", "text"), (more, "past" if tick else "text")), (), ground) for more in words[1:]]
    return [Shown(x, item) for x in (first, *rest)]


class Checklist(Stepping):
    """The checklist with a cursor."""

    BINDINGS: ClassVar = [Binding("space,enter", "tick", show=False)]

    class TickAsked(Message):
        """The reader ticks an item, or takes the tick away."""

        def __init__(self, item: int, on: bool) -> None:
            super().__init__()
            self.item = item
            self.on = on

    class TickRefused(Message):
        """The reader may not tick, and why, as far as the ticket that is shown tells."""

        def __init__(self, item: int, on: bool, why: str) -> None:
            super().__init__()
            self.item = item
            self.on = on
            self.why = why

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._view: TicketView | None = None
        self._now = 0
        self._current: int | None = None
        self._shown: list[Shown] = []

    def show(self, view: TicketView | None, now: int) -> None:
        """Show the checklists of a ticket; the cursor stays on its item, or goes to the first open one."""
        same = view is not None and self._view is not None and view.row.number == self._view.row.number
        self._view, self._now = view, now
        if view is not None and not (same and self._current in self._items()):
            ticked = {tick.item for tick in view.ticks}
            here = [item.id for item in view.flow.phase(view.phase_id).items]
            items = here + self._items()
            self._current = next((i for i in items if i not in ticked), items[0] if items else None)
        self._make()

    @property
    def plain_text(self) -> str:
        """All lines, without style."""
        return "\n".join("".join(t for t, _r in (*x.line.spans, *x.line.right)) for x in self._shown)

    def _items(self) -> list[int]:
        return [item.id for phase in self._view.flow.phases for item in phase.items] if self._view else []

    def _make(self) -> None:
        if self._view is None or self.scrollable_content_region.width <= 0:
            self._shown = []
        else:
            current = self._current if self.has_focus else None
            self._shown = checklist_lines(self._view, self._now, self.inner_width, current=current)
            if not self._shown:
                self._shown = [Shown(Line(((_("No phase of this flow has a checklist."), "past"),)))]
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._shown))
        self.refresh()

    def on_resize(self) -> None:
        self._make()

    def on_focus(self) -> None:
        self._make()

    def on_blur(self) -> None:
        self._make()

    def render_line(self, y: int) -> Strip:
        y += self.scroll_offset.y
        colours, width = palette(self.app), self.scrollable_content_region.width
        if y >= len(self._shown):
            return Strip.blank(width, colours.text)
        return paint(self._shown[y].line, width - 1, colours).adjust_cell_length(width, colours.text)

    def action_top(self) -> None:
        super().action_top()
        self.to_line(0)

    def step(self, by: int) -> None:
        items = self._items()
        if not items:
            return
        place = items.index(self._current) if self._current in items else 0
        self._current = items[max(0, min(place + by, len(items) - 1))]
        self._make()
        y = next((i for i, x in enumerate(self._shown) if x.item == self._current), None)
        if y is None:
            return  # it has no room yet, and nothing to scroll
        if y <= self.scroll_offset.y:
            self.to_line(y - 1)
        elif y >= self.scroll_offset.y + self.inner_height:
            self.to_line(y - self.inner_height + 1)

    def action_tick(self) -> None:
        """Tick the current item, or take the tick away; refused with the reason where the reader may not."""
        if self._view is None or self._current is None:
            return
        refusal, on = self._view.can.get("tick"), all(t.item != self._current for t in self._view.ticks)
        if refusal is not None:
            self.post_message(self.TickRefused(self._current, on, str(refusal)))
            return
        self.post_message(self.TickAsked(self._current, on))
