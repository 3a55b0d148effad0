"""The activities of a ticket: up to ten, each with its own responsible, done or not (T7)."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding
from textual.message import Message

from domain.ages import age
from domain.text import _, line
from domain.tickets import MOST_ACTIVITIES
from loop.views import Activity, TicketView
from tui.widgets.ticket.spans import Line, Span, wrap
from tui.widgets.ticket.stops import Stop, Stops


def counted(view: TicketView) -> str:
    """What the tab says beside its name: how many there are of how many, or nothing."""
    return f"{len(view.activities)}/{MOST_ACTIVITIES}" if view.activities else ""


def activity_lines(view: TicketView, now: int, width: int) -> list[Stop]:
    """One below the other: what is open first, then what is done, each as they were added."""
    if not view.activities:
        return [
            Stop(Line(((_("No activities yet."), "text"),))),
            Stop(Line(((_("o adds one: something to be done for this ticket, by whoever it is given to."), "past"),))),
        ]
    shown: list[Stop] = []
    for activity in sorted(view.activities, key=lambda a: a.done is not None):
        shown += _activity(activity, now, width)
    return shown


def _activity(activity: Activity, now: int, width: int) -> list[Stop]:
    done = activity.done is not None
    mark: Span = ("☑ ", "promoter") if done else ("☐ ", "text")
    who = line(activity.responsible, 20) or _("nobody")
    right: list[Span] = [(who, "past" if done or not activity.responsible else "text")]
    if activity.done is not None:
        right.append((" · " + age(activity.done, now), "past"))
    room = width - 2 - sum(cell_len(text) for text, _role in right) - 2
    names = wrap(line(activity.name) or "—", room)
    role = "past" if done else "bright"
    lines = [Line((mark, (names[0], role)), tuple(right))]
    lines += [Line((("  " + more, role),)) for more in names[1:]]
    about = " · ".join(filter(None, (line(activity.type, 60), line(activity.category, 80))))
    if about:
        lines.append(Line((("  " + about, "past"),)))
    return [Stop(x, activity.id) for x in lines]


class Activities(Stops):
    """The activities with a cursor; what is to be done with one is asked of the screen."""

    BINDINGS: ClassVar = [
        Binding("o", "ask('add')", show=False),
        Binding("space", "ask('done')", show=False),
        Binding("enter", "ask('edit')", show=False),
        Binding("a", "ask('give')", show=False),
        Binding("d", "ask('remove')", show=False),
    ]

    class Asked(Message):
        """Something is to be done with an activity."""

        def __init__(self, view: TicketView, what: str, activity: Activity | None) -> None:
            super().__init__()
            self.view = view
            self.what = what
            """add, done, edit, give or remove."""
            self.activity = activity
            """None for a new one."""

    def lines(self, view: TicketView, now: int, width: int) -> Sequence[Stop]:
        return activity_lines(view, now, width)

    def action_ask(self, what: str) -> None:
        """Ask for it, if there is an activity to do it with."""
        if self._view is None:
            return
        here = next((a for a in self._view.activities if a.id == self._current), None)
        if what == "add":
            self.post_message(self.Asked(self._view, what, None))
        elif here is not None:
            self.post_message(self.Asked(self._view, what, here))
        elif what == "edit":
            self.post_message(self.Asked(self._view, "add", None))
