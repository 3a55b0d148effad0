"""The ticket being read: head, tabs, and one of timeline, answer, checklist, activities and customer below (T1)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.widget import Widget

from domain.text import _
from loop.views import Entry, TicketView
from tui.widgets.ticket.activities import Activities
from tui.widgets.ticket.activities import counted as activities_counted
from tui.widgets.ticket.answer import answer_lines
from tui.widgets.ticket.checklist import Checklist, counted
from tui.widgets.ticket.customer import CustomerPart
from tui.widgets.ticket.entries import FILTERS, filter_name
from tui.widgets.ticket.head import FULL, ONE, SHORT, Head
from tui.widgets.ticket.lines import Page, Painted
from tui.widgets.ticket.spans import Line, Span, cells_of, hints
from tui.widgets.ticket.timeline import Timeline

TABS = ("timeline", "answer", "checklist", "activities", "customer")


class TicketPane(Widget):
    """A ticket; it shows what it is given and asks for the rest."""

    DEFAULT_CSS = """
    TicketPane { layout: vertical; width: 1fr; height: 1fr; background: $r-bg; }
    TicketPane > #ticket-hints { height: 1; }
    """
    BINDINGS: ClassVar = [
        Binding("right_square_bracket", "next_tab(1)", show=False),
        Binding("left_square_bracket", "next_tab(-1)", show=False),
    ]

    class TickAsked(Message):
        """The reader ticks an item of the checklist, or takes the tick away."""

        def __init__(self, number: int, item: int, on: bool) -> None:
            super().__init__()
            self.number = number
            self.item = item
            self.on = on

    class TickRefused(Message):
        """The reader pressed the key but may not tick, as far as the ticket that is shown tells."""

        def __init__(self, number: int, item: int, on: bool, why: str) -> None:
            super().__init__()
            self.number = number
            self.item = item
            self.on = on
            self.why = why
            """A sentence to show."""

    class OlderAsked(Message):
        """The reader wants timeline entries older than `before`, the id of the oldest one here."""

        def __init__(self, number: int, before: int) -> None:
            super().__init__()
            self.number = number
            self.before = before

    class RawAsked(Message):
        """The reader wants to see a message as it travelled."""

        def __init__(self, message: int) -> None:
            super().__init__()
            self.message = message

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._view: TicketView | None = None
        self._now = 0
        self._tab = TABS[0]
        self._head_size = FULL

    def compose(self) -> ComposeResult:
        yield Head(id="ticket-head")
        yield Painted(self._tab_lines, id="ticket-tabs")
        yield Timeline(id="timeline")
        yield Page(self._build(answer_lines), id="answer")
        yield Checklist(id="checklist")
        yield Activities(id="activities")
        yield CustomerPart(id="customer")
        yield Painted(self._hint_lines, id="ticket-hints")

    def on_mount(self) -> None:
        self._show_tab()

    # What is shown

    @property
    def view(self) -> TicketView | None:
        """The ticket that is shown."""
        return self._view

    @property
    def tab(self) -> str:
        """The tab that is open, one of `TABS`."""
        return self._tab

    def show(self, view: TicketView | None, now: int, keep_place: bool = True) -> None:
        """Show a ticket, or none. `now` in Unix milliseconds.

        The same ticket shown anew keeps tab, place and what was unfolded, unless told otherwise.
        """
        same = view is not None and self._view is not None and view.row.number == self._view.row.number
        keep = keep_place and same
        self._view, self._now = view, now
        if not same and self._tab != TABS[0]:
            self._tab = TABS[0]
            self._show_tab()
        self._show_head()
        self.query_one(Timeline).show(
            view.entries if view else (),
            view.entries_total if view else 0,
            now=now,
            subject=view.row.subject if view else "",
            answer=view.answer if view else None,
            unanswered=view.row.unanswered if view else False,
            keep_place=keep,
        )
        self.query_one("#answer", Page).paint_with(self._build(answer_lines), keep_place=keep)
        self.query_one(CustomerPart).show(view, now, keep_place=keep)
        self.query_one(Activities).show(view, now, keep_place=keep)
        self.query_one(Checklist).show(view, now)
        self.query_one("#ticket-tabs", Painted).paint_with(self._tab_lines)
        self.query_one("#ticket-hints", Painted).paint_with(self._hint_lines)

    def prepend(self, entries: Sequence[Entry]) -> None:
        """Put older entries, as asked for by `OlderAsked`, above those that are here."""
        self.query_one(Timeline).prepend(entries)
        self.query_one("#ticket-tabs", Painted).refresh()

    def next_tab(self, step: int) -> None:
        """Open the tab that many places to the right, around the ends."""
        self.open_tab(TABS[(TABS.index(self._tab) + step) % len(TABS)])

    def open_tab(self, tab: str) -> None:
        """Open one of `TABS`; the focus goes along if it was in the pane."""
        inside = self.has_focus_within
        self._tab = tab
        self._show_tab()
        if inside:
            self.body.focus()

    @property
    def body(self) -> Widget:
        """The widget of the open tab, which takes the focus."""
        return self.query_one(f"#{self._tab}")

    def focus(self, scroll_visible: bool = True) -> "TicketPane":
        """Focus what is open in the pane."""
        self.body.focus(scroll_visible)
        return self

    def action_next_tab(self, step: int) -> None:
        self.next_tab(step)

    # Parts

    def _build(self, make: Callable[[TicketView, int, int], list[Line]]) -> Callable[[int], list[Line]]:
        return lambda width: make(self._view, self._now, width) if self._view else []

    def _show_tab(self) -> None:
        for tab in TABS:
            self.query_one(f"#{tab}").display = tab == self._tab
        self.query_one("#ticket-tabs", Painted).paint_with(self._tab_lines)
        self.query_one("#ticket-hints", Painted).paint_with(self._hint_lines)

    def _show_head(self) -> None:
        height, screen = self.size.height, self.app.size.height
        self._head_size = ONE if height < 12 else SHORT if height < 20 or screen <= 24 else FULL
        self.query_one(Head).show(self._view, self._now, self._head_size)

    def on_resize(self) -> None:
        self._show_head()
        self.query_one("#ticket-tabs", Painted).paint_with(self._tab_lines)

    def _tab_lines(self, width: int) -> list[Line]:
        view = self._view
        if view is None:
            return [Line(((_("No ticket is open. j and k choose one in the list, Enter opens it."), "past"),))]
        done, items = counted(view)
        timeline = self.query_one(Timeline)
        titles = {
            "timeline": (_("Timeline"), str(len(timeline.entries) + timeline.older)),
            "answer": (_("Answer"), ""),
            "checklist": (_("Checklist"), f"{done}/{items}" if items else ""),
            "activities": (_("Activities"), activities_counted(view)),
            "customer": (_("Customer"), ""),
        }
        gap, counted_tabs = self._room_for(titles, width)
        spans: list[Span] = []
        for tab, (title, count) in titles.items():
            if spans:
                spans.append((gap, "past"))
            count = count if tab in counted_tabs else ""
            spans.append((title, "tab" if tab == self._tab else "text"))
            if count:
                spans.append((" " + count, "past"))
            if tab == "timeline" and timeline.kinds:
                spans.append((" · " + filter_name(timeline.kinds), "accent"))
        lines = [] if self._head_size != FULL else [Line()]
        lines.append(Line(tuple(spans)))
        return lines if self._head_size == ONE else [*lines, Line((("─" * width, "rule"),))]

    def _room_for(self, titles: Mapping[str, tuple[str, str]], width: int) -> tuple[str, Collection[str]]:
        """The blanks between the tabs, and which of them have room for their count: all, all but the timeline, the open one."""
        tabs = tuple(titles)
        gap, shown = " ", tabs
        for gap, shown in (("   ", tabs), ("  ", tabs), ("  ", tabs[1:]), ("  ", (self._tab,)), ("  ", ()), (" ", ())):
            counts = sum(cells_of(titles[tab][1]) + 1 for tab in shown if titles[tab][1])
            if sum(cells_of(title) for title, _c in titles.values()) + counts + len(gap) * (len(tabs) - 1) <= width:
                break
        return gap, shown

    def _hint_lines(self, width: int) -> list[Line]:
        if self._view is None:
            return []
        tabs = ("[ ]", _("tabs"))
        if not self.has_focus_within:
            return [hints(width, ("Tab", _("goes in here")), tabs)]
        if self._tab == "timeline":
            kinds = self.query_one(Timeline).kinds
            following = filter_name(FILTERS[(FILTERS.index(kinds) + 1) % len(FILTERS)])
            keys = (("j k", _("entries")), ("o", _("unfold")), ("O", _("raw mail")), ("v", following))
            return [hints(width, *keys, tabs, ("G", _("newest")))]
        if self._tab == "checklist":
            refusal = self._view.can.get("tick")
            if refusal is not None:
                return [Line(((str(refusal), "past"),))]
            return [hints(width, ("space", _("tick")), ("j k", _("items")), tabs)]
        if self._tab == "activities":
            refusal = self._view.can.get("edit")
            if refusal is not None:
                return [Line(((str(refusal), "past"),))]
            keys = [("o", _("add"))]
            if self._view.activities:
                keys += [("space", _("done")), ("Enter", _("edit")), ("a", _("give")), ("d", _("remove"))]
            return [hints(width, *keys, tabs)]
        if self._tab == "customer":
            keys = [("E", _("edit")), ("j k", _("scroll"))]
            if self._view.others or any(e.ticket is not None for e in self._view.earlier):
                keys.insert(0, ("Enter", _("open that ticket")))
            return [hints(width, *keys, tabs)]
        return [hints(width, ("j k", _("scroll")), tabs)]

    def on_descendant_focus(self) -> None:
        self._show_hints()

    def on_descendant_blur(self) -> None:
        self._show_hints()

    def _show_hints(self) -> None:
        """The keys of a part work while it has the focus, and are told only then."""
        self.query_one("#ticket-hints", Painted).refresh()

    # Its parts' messages, with the ticket's number

    def on_timeline_older_asked(self, event: Timeline.OlderAsked) -> None:
        event.stop()
        if self._view is not None:
            self.post_message(self.OlderAsked(self._view.row.number, event.before))

    def on_timeline_filtered(self, event: Timeline.Filtered) -> None:
        event.stop()
        self.query_one("#ticket-tabs", Painted).refresh()
        self.query_one("#ticket-hints", Painted).refresh()

    def on_timeline_raw_asked(self, event: Timeline.RawAsked) -> None:
        event.stop()
        self.post_message(self.RawAsked(event.message))

    def on_checklist_tick_asked(self, event: Checklist.TickAsked) -> None:
        event.stop()
        if self._view is not None:
            self.post_message(self.TickAsked(self._view.row.number, event.item, event.on))

    def on_checklist_tick_refused(self, event: Checklist.TickRefused) -> None:
        event.stop()
        if self._view is not None:
            self.post_message(self.TickRefused(self._view.row.number, event.item, event.on, event.why))
