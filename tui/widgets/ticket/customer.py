"""The customer: data, attributes, earlier answers and tickets (T9)."""

from domain.ages import age
from domain.text import _, line
from loop.views import Customer, Earlier, TicketView
from tui.theme import glyph
from tui.widgets.ticket.answer import attribute_lines
from tui.widgets.ticket.spans import Line, heading, health_role, pair, wrapped

LABELS = 48
"""Cells from which the customer's data have labels."""


def customer_lines(view: TicketView, now: int, width: int) -> list[Line]:
    """The Customer tab."""
    lines = person_lines(view.customer, width)
    if view.customer.attributes:
        lines += [Line(), heading(_("Attributes")), *attribute_lines(view.customer.attributes, width)]
    lines += [Line(), *earlier_lines(view.earlier, now, width)]
    if view.tags or view.categories:
        lines += [Line(), heading(_("Ticket"))]
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
    """Earlier answers, the newest first, each with its ticket where there is one in sight."""
    lines = [heading(_("Earlier answers"), str(len(earlier)) if earlier else "")]
    if not earlier:
        return [*lines, Line(((_("None: this is the first."), "past"),))]
    for answer in sorted(earlier, key=lambda e: -e.at):
        score = "—" if answer.score is None else str(answer.score)
        left = (
            (f"{age(answer.at, now):>4}  ", "past"),
            (f"{glyph(answer.health)}{score}", health_role(answer.health)),
            (f"  {line(answer.survey, 40)}", "text"),
        )
        lines.append(Line(left, ((f"#{answer.ticket}", "past"),) if answer.ticket is not None else ()))
        if comment := line(answer.comment, 200):
            lines += wrapped(f"“{comment}”", width, "past", indent=6)[:3]
    return lines
