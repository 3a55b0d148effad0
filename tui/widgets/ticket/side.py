"""The third column of wide screens: customer, attributes, earlier answers and tickets, checklist, activities."""

from domain.text import _
from loop.views import TicketView
from tui.widgets.ticket.activities import activity_lines, counted
from tui.widgets.ticket.answer import attribute_lines
from tui.widgets.ticket.checklist import checklist_lines
from tui.widgets.ticket.customer import earlier_lines, label_lines, other_stops, person_lines
from tui.widgets.ticket.lines import Page
from tui.widgets.ticket.spans import Line, heading


class Side(Page):
    """What the pane's tabs hold, beside it, to be read only."""

    can_focus = False

    def show(self, view: TicketView | None, now: int) -> None:
        """Show what belongs to a ticket; None shows nothing."""
        self.paint_with(lambda width: side_lines(view, now, width) if view else [])


def side_lines(view: TicketView, now: int, width: int) -> list[Line]:
    """The column's lines."""
    lines = [heading(_("Customer")), *person_lines(view.customer, width)]
    names = {name for name, _value in view.customer.attributes}
    answered = view.answer.attributes if view.answer else ()
    attributes = view.customer.attributes + tuple(a for a in answered if a[0] not in names)
    if attributes:
        lines += [Line(), heading(_("Attributes")), *attribute_lines(attributes, width)]
    lines += [Line(), *earlier_lines(view.earlier, now, width)]
    if view.others:
        lines += [Line(), *(x.line for x in other_stops(view.others, now, width))]
    if labels := label_lines(view, width):
        lines += [Line(), heading(_("Ticket")), *labels]
    shown = checklist_lines(view, now, width)
    if shown:
        lines += [Line(), heading(_("Checklist")), *(x.line for x in shown)]
    if view.activities:
        lines += [Line(), heading(_("Activities"), counted(view))]
        lines += [x.line for x in activity_lines(view, now, width)]
    return lines
