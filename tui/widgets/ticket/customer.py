"""The customer: data, attributes, earlier answers and other tickets, which Enter opens (T9)."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding
from textual.message import Message

from domain.ages import age
from domain.text import _, line
from loop.views import Customer, Earlier, Row, TicketView
from tui.theme import glyph
from tui.widgets.ticket.answer import attribute_lines
from tui.widgets.ticket.spans import Line, Span, heading, health_role, pair, wrapped
from tui.widgets.ticket.stops import Stop, Stops

LABELS = 48
"""Cells from which the customer's data have labels."""


def customer_stops(view: TicketView, now: int, width: int) -> list[Stop]:
    """The Customer tab; a stop is the number of a ticket, with where it stands."""
    lines = person_lines(view.customer, width)
    if view.customer.attributes:
        lines += [Line(), heading(_("Attributes")), *attribute_lines(view.customer.attributes, width)]
    shown = [Stop(x) for x in (*lines, Line())]
    shown += earlier_stops(view.earlier, now, width)
    shown += [Stop(Line()), *other_stops(view.others, now, width)]
    if view.tags or view.categories:
        labels = label_lines(view, width)
        shown += [Stop(x) for x in (Line(), heading(_("Ticket")), *labels)]
    return shown


def label_lines(view: TicketView, width: int) -> list[Line]:
    """The ticket's categories and tags."""
    lines: list[Line] = []
    for label, words in ((_("Categories"), view.categories), (_("Tags"), view.tags)):
        if words:
            lines += pair(label, ", ".join(line(w) for w in words), width, 10)
    return lines


def person_lines(customer: Customer, width: int) -> list[Line]:
    """Name and ways to reach them; where there is little room without labels, which each of them can do without."""
    lines = [Line(((line(customer.name) or "—", "bright"),))]
    email = line(customer.email)
    for label, value, role in (
        (_("E-mail"), email or _("no e-mail known"), "text" if email else "late"),
        ("", _("✗ does not take mail any more") if customer.bounced else "", "detractor"),
        (_("Phone"), line(customer.phone), "text"),
        (_("Id"), line(customer.customer_id), "text"),
    ):
        if value:
            lines += wrapped(value, width, role) if width < LABELS else pair(label, value, width, 8, role)
    return lines


def earlier_lines(earlier: tuple[Earlier, ...], now: int, width: int) -> list[Line]:
    """Earlier answers, to be read only."""
    return [stop.line for stop in earlier_stops(earlier, now, width)]


def earlier_stops(earlier: tuple[Earlier, ...], now: int, width: int) -> list[Stop]:
    """Earlier answers, the newest first, each with its ticket where there is one in sight."""
    shown = [Stop(heading(_("Earlier answers"), str(len(earlier)) if earlier else ""))]
    if not earlier:
        return [*shown, Stop(Line(((_("None: this is the first."), "past"),)))]
    for answer in sorted(earlier, key=lambda e: -e.at):
        score = "—" if answer.score is None else str(answer.score)
        id = None if answer.ticket is None else ("answer", answer.ticket)
        left = (
            (f"{age(answer.at, now):>4}  ", "past"),
            (f"{glyph(answer.health)}{score}", health_role(answer.health)),
            (f"  {line(answer.survey, 40)}", "text"),
        )
        right = ((f"#{answer.ticket}", "text"),) if answer.ticket is not None else ()
        shown.append(Stop(Line(left, right), id))
        if comment := line(answer.comment, 200):
            shown += [Stop(x, id) for x in wrapped(f"“{comment}”", width, "past", indent=6)[:3]]
    return shown


def other_stops(others: tuple[Row, ...], now: int, width: int) -> list[Stop]:
    """The customer's other tickets in sight, the newest first."""
    shown = [Stop(heading(_("Other tickets"), str(len(others)) if others else ""))]
    if not others:
        return [*shown, Stop(Line(((_("None that you see."), "past"),)))]
    for row in others:
        left: list[Span] = [
            (f"{age(row.created, now):>4}  ", "past"),
            (f"{glyph(row.health)}{'' if row.score is None else row.score}".ljust(3), health_role(row.health)),
            (f" #{row.number} ", "text"),
            (line(row.subject), "text"),
        ]
        right = (f"{line(row.phase, 20)} · {line(row.assignee, 12) or '—'}", "past")
        shown.append(Stop(Line(tuple(left), (right,)), ("ticket", row.number)))
    return shown


class CustomerPart(Stops):
    """The Customer tab with a cursor on the tickets that it names."""

    BINDINGS: ClassVar = [Binding("enter", "open", show=False)]

    class TicketAsked(Message):
        """The reader wants to open another ticket of the customer."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def lines(self, view: TicketView, now: int, width: int) -> Sequence[Stop]:
        return customer_stops(view, now, width)

    def action_open(self) -> None:
        """Open the ticket under the cursor."""
        if isinstance(self._current, tuple):
            self.post_message(self.TicketAsked(self._current[1]))
