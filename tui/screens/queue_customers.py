"""The customer of a ticket from the main screen: edited, made one with another, parted again (I1, T5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from domain.refusals import Refusal
from domain.text import _, line
from loop.views import Customer, TicketView
from tui.widgets.flash import Tone

if TYPE_CHECKING:
    from tui.screens.queue import QueueScreen


class Customers:
    """What is changed of a customer shows on all of their tickets."""

    def do_customer(self: QueueScreen, argument: str = "") -> None:
        def ask(view: TicketView) -> None:
            if view.customer.id is None:
                self.say(_("This ticket has no customer."), Tone.REFUSED)
            else:
                self._edit_customer(view.row.number, view.customer)

        self.if_may("customer", ask)

    def _edit_customer(self: QueueScreen, number: int, customer: Customer) -> None:
        from tui.screens.forming import FormScreen
        from tui.widgets.form import Field, Kind

        desk, actor = self.app.desk, self.app.actor
        attributes = {line(name): line(value) for name, value in customer.attributes}
        fields = (
            Field("name", _("Name"), Kind.TEXT, customer.name),
            Field("email", _("E-mail"), Kind.TEXT, customer.email),
            Field("phone", _("Phone"), Kind.TEXT, customer.phone),
            Field("customer_id", _("Id"), Kind.TEXT, customer.customer_id, about=_("What your shop knows them by.")),
            Field("attributes", _("Attributes"), Kind.LINES, "\n".join(f"{k}: {v}" for k, v in attributes.items()),
                  about=_("One a line, as “store: Natal”; a line that is taken away is forgotten.")),
        )  # fmt: skip

        def check(given: dict[str, Any]) -> str:
            wrong = next((row for row in given["attributes"].splitlines() if row.strip() and ":" not in row), "")
            return _("“{line}” has no colon between name and value.").format(line=line(wrong, 40)) if wrong else ""

        def save(given: dict[str, Any]) -> Any:
            from loop import customers

            changes = {k: v for k, v in given.items() if k != "attributes" and v != line(getattr(customer, k))}
            now = _attributes(given["attributes"])
            changes |= {f"attribute.{k}": now.get(k, "") for k in attributes | now if attributes.get(k) != now.get(k)}
            return customers.edit(desk, customer.id, changes, actor=actor) if changes else None

        def saved(given: dict[str, Any] | None) -> None:
            if given is not None:
                self.say(_("Saved."), Tone.DONE)
                self.refresh_tickets((number,))

        self.app.push_screen(FormScreen(_("The customer of #{n}").format(n=number), fields, check, save=save), saved)

    def do_merge_customer(self: QueueScreen, argument: str = "") -> None:
        desk, actor = self.app.desk, self.app.actor

        def choose(view: TicketView, found: tuple[Customer, ...]) -> None:
            others = {c.id: c for c in found if c.id not in (None, view.customer.id)}
            if not others:
                self.say(_("Nobody else is called “{words}”.").format(words=argument), Tone.REFUSED)
                return
            from tui.screens.picker import Option, Picker

            here = line(view.customer.name or view.customer.email, 40)
            options = [
                Option(id, c.name or "—", " · ".join(filter(None, (c.email, c.phone)))) for id, c in others.items()
            ]
            title = _("{customer} is the same person as").format(customer=here)
            self.app.push_screen(Picker(title, options), lambda id: id and sure(view, here, others[id]))

        def sure(view: TicketView, here: str, other: Customer) -> None:
            there = line(other.name or other.email, 40)
            self.confirm(
                _("Make {customer} one with {other}?").format(customer=here, other=there),
                _("make them one; :split-customer parts them again"),
                lambda: self._customers(view, lambda api: api.merge(desk, view.customer.id, other.id, actor=actor)),
            )

        def look(view: TicketView) -> None:
            def read() -> tuple[Customer, ...]:
                from loop import customers

                return customers.find(desk, argument, actor=actor)

            self.app.reads.submit(read, lambda found: choose(view, found))

        self.if_may("merge_customer", look, argument)

    def do_split_customer(self: QueueScreen, argument: str = "") -> None:
        desk, actor = self.app.desk, self.app.actor

        def choose(view: TicketView, found: tuple[Customer, ...]) -> None:
            from tui.screens.picker import Option, Picker

            if not found:
                self.say(_("Nobody was merged into this customer."), Tone.REFUSED)
                return
            options = [Option(c.id, c.name or "—", " · ".join(filter(None, (c.email, c.phone)))) for c in found]
            self.app.push_screen(
                Picker(_("Part from this customer"), options),
                lambda id: id and self._customers(view, lambda api: api.split(desk, id, actor=actor)),
            )

        def look(view: TicketView) -> None:
            def read() -> tuple[Customer, ...]:
                from loop import customers

                return customers.merged(desk, view.customer.id, actor=actor)

            self.app.reads.submit(read, lambda found: choose(view, found))

        self.if_may("split_customer", look)

    def _customers(self: QueueScreen, view: TicketView, call: Callable[[Any], Any]) -> None:
        """Do something to customers, and show the ticket as it is then."""

        def run() -> Any:
            from loop import customers

            return call(customers)

        def done(result: Any) -> None:
            if isinstance(result, Refusal):
                self.say(str(result), Tone.REFUSED)
            else:
                self.say(_("Saved."), Tone.DONE)
                self.refresh_tickets((view.row.number,))

        self.app.writes.submit(run, done)


def _attributes(text: str) -> dict[str, str]:
    """Names and values, as they are typed one a line."""
    pairs = (row.partition(":") for row in text.splitlines() if ":" in row)
    return {line(name): line(value) for name, _colon, value in pairs if line(name)}
