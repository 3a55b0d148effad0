"""The mail ledger: what came of every mail that the server showed (M8)."""

from domain.ledger import OUTCOMES
from domain.people import Actor
from domain.refusals import Refusal
from domain.rights import may_see_ledger, scope
from loop.desk import Desk
from loop.views import LedgerRow


def balance(desk: Desk, *, actor: Actor) -> dict[str, int] | Refusal:
    """How many mails were seen, and how many had each outcome; `waiting` are kept and not yet read.

    seen = the sum of the others: nothing is ever only "seen".
    """
    if why := may_see_ledger(actor):
        return why
    found = dict(desk.db.rows("SELECT outcome, COUNT(*) FROM inbound GROUP BY outcome"))
    return (
        {"seen": sum(found.values())}
        | {o: found.get(o, 0) for o in OUTCOMES}
        | ({"waiting": found[""]} if found.get("") else {})
    )


def lines(
    desk: Desk, *, actor: Actor, outcome: str | None = None, before: int | None = None, limit: int = 100
) -> tuple[LedgerRow, ...] | Refusal:
    """Lines of the ledger, newest first; of a mail on a ticket out of sight only that it came and what it was (P3)."""
    if why := may_see_ledger(actor):
        return why
    where = ["true"]
    if outcome is not None:
        where.append("i.outcome = :outcome")
    if before is not None:
        where.append("i.id < :before")
    found = desk.db.rows(
        f"""SELECT i.id, i.at, m.address, i.outcome, i.reason, i.sender, i.subject, i.ticket, i.size, t.flow_id
            FROM inbound i JOIN mailboxes m ON m.id = i.mailbox_id LEFT JOIN tickets t ON t.number = i.ticket
            WHERE {" AND ".join(where)} ORDER BY i.id DESC LIMIT :limit""",
        {"outcome": outcome, "before": before, "limit": limit},
    )
    seen = scope(actor)
    return tuple(
        LedgerRow(id, at, address, kind, reason, sender, subject, number, size)
        if flow is None or seen.admits(flow)
        else LedgerRow(id, at, address, kind, "", "", "", None, size)
        for id, at, address, kind, reason, sender, subject, number, size, flow in found
    )
