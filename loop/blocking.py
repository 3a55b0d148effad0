"""Senders who are blocked: their mail is kept in the ledger and goes nowhere by itself (M8, M11)."""

from typing import Any

from domain.contacts import fold_email
from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import may_see_ledger
from domain.text import line
from loop import audit
from loop.births import contact_by_mail
from loop.desk import Desk
from loop.knowing import at_address
from storage.tables import Contact


def block(desk: Desk, address: str, *, actor: Actor) -> Refusal | None:
    """Block a sender; None when done, or when they were blocked already. What came before stays where it is."""
    email = fold_email(address)
    if not email:
        return refuse("bad address", address=line(address, 80))

    def act(work: Any) -> Refusal | None:
        work.alone("customers")
        if why := may_see_ledger(actor):
            return why
        found = at_address(work, email)
        if not found:
            contact_by_mail(work, "", email, desk.now())
            found = at_address(work, email)
        for contact in found:
            if contact.blocked_at is None:
                contact.blocked_at = desk.now()
                _note(desk, work, contact, actor, "blocked")
        return None

    return desk.db.transact(act)


def unblock(desk: Desk, address: str, *, actor: Actor) -> Refusal | None:
    """Let a blocked sender's mail in again; what came meanwhile is in the ledger."""
    email = fold_email(address)

    def act(work: Any) -> Refusal | None:
        work.alone("customers")
        if why := may_see_ledger(actor):
            return why
        found = [c for c in at_address(work, email) if c.blocked_at is not None] if email else []
        for contact in found:
            contact.blocked_at = None
            _note(desk, work, contact, actor, "unblocked")
        return None if found else refuse("not blocked", address=line(address, 80))

    return desk.db.transact(act)


def blocked(desk: Desk, *, actor: Actor) -> tuple[str, ...] | Refusal:
    """The addresses that are blocked."""
    if why := may_see_ledger(actor):
        return why
    return tuple(
        r[0]
        for r in desk.db.rows(
            "SELECT DISTINCT email FROM contacts WHERE blocked_at IS NOT NULL AND email <> '' ORDER BY email"
        )
    )


def _note(desk: Desk, work: Any, contact: Contact, actor: Actor, what: str) -> None:
    """A line in the audit, without the address (R4)."""
    audit.note(
        work, actor=actor, at=desk.now(), what=what, target="customer", target_id=contact.id, name=f"#{contact.id}",
        old={}, new={},
    )  # fmt: skip
