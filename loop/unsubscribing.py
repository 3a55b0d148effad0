"""Who wants no automatic mail: by the mail that List-Unsubscribe asks for, and by hand (M11). People may still write to them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from domain.contacts import fold_email
from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import may_see_ledger
from domain.text import line
from loop import audit
from loop.desk import Desk
from loop.knowing import at_address, same_customer
from storage.tables import Contact

if TYPE_CHECKING:
    from mail.tokens import TokenKey


def by_mail(work: Any, subject: str, keys: "Mapping[int, TokenKey]", now: int) -> bool:
    """Whether a mail's subject holds a word of ours by which a customer leaves; then they have.

    The word is signed and was sent to nobody else, so it counts whoever the mail says it is from.
    """
    from mail.tokens import read_unsubscribe_word

    id = read_unsubscribe_word(subject, keys)
    contact = work.get(Contact, id) if id else None
    if contact is None:
        return False
    contact = same_customer(work, contact)
    contact.unsubscribed_at = contact.unsubscribed_at or now
    return True


def unsubscribe(desk: Desk, address: str, *, actor: Actor, off: bool = False) -> Refusal | None:
    """Send no automatic mail to an address any more; with `off`, send it again. None when done, or so already."""
    if why := may_see_ledger(actor):
        return why
    email = fold_email(address)
    if not email:
        return refuse("bad address", address=line(address, 80))

    def act(work: Any) -> Refusal | None:
        work.alone("customers")
        found = at_address(work, email)
        for contact in found:
            if (contact.unsubscribed_at is None) != off:
                contact.unsubscribed_at = None if off else desk.now()
                what = "subscribed" if off else "unsubscribed"
                # A line in the audit, without the address (R4).
                audit.note(
                    work, actor=actor, at=desk.now(), what=what, target="customer", target_id=contact.id,
                    name=f"#{contact.id}", old={}, new={},
                )  # fmt: skip
        return None if found else refuse("nobody at", address=line(address, 80))

    return desk.db.transact(act)


def unsubscribed(desk: Desk, *, actor: Actor) -> tuple[str, ...] | Refusal:
    """The addresses that get no automatic mail."""
    if why := may_see_ledger(actor):
        return why
    return tuple(
        row[0]
        for row in desk.db.rows(
            "SELECT DISTINCT email FROM contacts WHERE unsubscribed_at IS NOT NULL AND email <> '' ORDER BY email"
        )
    )
