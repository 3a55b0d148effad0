"""Tickets as the rules see them, locked for the verb that is about to change them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from domain.people import Actor
from domain.rights import scope
from domain.tickets import Ticket, queue_rank
from loop.flowing import hold, hold_of, read_flows
from storage.tables import Contact, TicketRow


@dataclass
class Loaded:
    """A ticket's row and what the rules need to know of it."""

    row: TicketRow
    ticket: Ticket
    contact: Contact | None


def load(work: Any, numbers: Iterable[int], actor: Actor) -> dict[int, Loaded]:
    """The tickets of those numbers that the actor sees (P3), by number; others are not in the answer."""
    seen = scope(actor)
    wanted = sorted(set(numbers))
    # Flows before tickets, which is the order in which a flow is saved, so that the two cannot embrace.
    held = hold_of(work, wanted)
    rows = [r for r in work.many(TicketRow, "number", wanted) if seen.admits(r.flow_id)]
    if not rows:
        return {}
    hold(work, {r.flow_id for r in rows} - held)
    flows = read_flows(work.rows, {r.flow_id for r in rows})
    contacts = {c.id: c for c in work.many(Contact, "id", {r.contact_id for r in rows if r.contact_id}, lock=False)}
    in_numbers = ", ".join(str(r.number) for r in rows)
    ticks: dict[int, set[int]] = {}
    for number, item in work.rows(f"SELECT ticket, item_id FROM ticks WHERE ticket IN ({in_numbers})"):
        ticks.setdefault(number, set()).add(item)
    known = logins(work)
    loaded = {}
    for r in rows:
        contact = contacts.get(r.contact_id)
        ticket = Ticket(
            number=r.number,
            flow=flows[r.flow_id],
            phase_id=r.phase_id,
            customer=contact.name if contact else "",
            email=contact.email if contact else "",
            assignee_id=r.assignee_id,
            assignee=known.get(r.assignee_id, ""),
            ticked=frozenset(ticks.get(r.number, ())),
            email_bounced=bool(contact and contact.bounced_at),
            merged_into=r.merged_into,
            reachable_by_phone=flows[r.flow_id].reachable_by_phone and bool(contact and contact.phone),
        )
        loaded[r.number] = Loaded(r, ticket, contact)
    return loaded


def logins(work: Any) -> dict[int | None, str]:
    """Everybody's login by id, read once a work."""
    if "logins" not in work.memo:
        work.memo["logins"] = dict(work.rows("SELECT id, login FROM users"))
    return work.memo["logins"]


def re_rank(row: TicketRow) -> None:
    """Put a ticket in its place of the default order after its priority, class or due date changed (Q3)."""
    row.rank = queue_rank(row.priority, 3 if row.klass is None else row.klass, row.due_at)
