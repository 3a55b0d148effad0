"""Mail that no person wrote, on its way to a customer: marked as such, limited, and never to who does not want it (M11).

Nothing that a machine answers can make us write for ever: our mail is marked `Auto-Submitted`, mail so marked is answered
by nobody here, and where a relay takes the marks off, the limits end it.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from domain.people import PROGRAM, Actor
from domain.text import fold, line
from loop.desk import Desk
from loop.mailboxes import ensure, keys
from loop.timeline import record
from storage.tables import AutomaticMail, Contact, Message, Outbox

if TYPE_CHECKING:
    from loop.config import MailboxConfig

MOST = 10
"""Automatic mails that one person gets in `WINDOW_MS`."""
WINDOW_MS = 180 * 60_000

Why = Literal["no address", "unsubscribed", "blocked", "bounced", "our own", "too many", "same subject", "bad address"]
_PREFIX = re.compile(
    r"^\s*(?:(?:re|res|r|aw|sv|enc|fwd?|f|tr|wg|rv)\s*(?:\[\d+\])?\s*:\s*|\[#\d+\]\s*)+", re.IGNORECASE
)


@dataclass(frozen=True)
class Letter:
    """What is to be sent."""

    subject: str
    body: str
    sender_name: str = ""
    ticket: int | None = None
    """The ticket that it stands on; None for one of a rule about answers, which a reply opens a ticket for."""


@dataclass(frozen=True)
class Queued:
    """It is in the outbox."""

    outbox: int
    message: int


@dataclass(frozen=True)
class Withheld:
    """It does not leave, and why."""

    why: Why


def queue(
    desk: Desk,
    work: Any,
    config: "MailboxConfig",
    contact_id: int,
    letter: Letter,
    *,
    actor: Actor = PROGRAM,
    **data: Any,
) -> Queued | Withheld:
    """Put an automatic mail to a customer into the outbox, in the transaction of what led to it, or say why it stays.

    `data` goes with the event on its ticket, where it has one.
    """
    from mail.compose import Outgoing, compose
    from mail.tokens import message_id, plus_address, unsubscribe_word

    mailbox_id = ensure_in(work, desk, config)
    # Whoever counts the same person's mails at the same time waits here.
    work.rows(f"SELECT id FROM contacts WHERE id = :id{work.lock}", {"id": contact_id})
    contact = work.get(Contact, contact_id)
    if why := withheld(work, contact, letter.subject, desk.now()):
        return Withheld(why)
    signing = list(keys(work.rows).values())[-1]
    message = work.add(
        Message(
            ticket=letter.ticket,
            outgoing=True,
            kind="automatic",
            at=desk.now(),
            sender_name=line(letter.sender_name or config.sender_name, 100),
            sender_address=config.address,
            recipients=[[contact.name, contact.email]],
            subject=line(letter.subject, 500),
            text=letter.body,
        )
    )
    domain = config.domain or config.address.rpartition("@")[2]
    message.message_id = message_id(signing, letter.ticket or 0, message.id, domain)
    try:
        raw = compose(
            Outgoing(
                message_id=message.message_id,
                sender_name=message.sender_name,
                sender_address=config.address,
                to=((contact.name, contact.email),),
                cc=(),
                subject=message.subject,
                body=letter.body,
                reply_to=plus_address(signing, config.address, letter.ticket)
                if config.plus_address and letter.ticket is not None
                else None,
                date=datetime.fromtimestamp(desk.now() / 1000, UTC),
                automatic=True,
                unsubscribe=unsubscribe_word(signing, contact.id),
            )
        )
    except ValueError:  # an address that looks like one and cannot be written to
        work.remove(message)
        return Withheld("bad address")
    message.raw = work.keep([raw])[0]
    waiting = work.add(Outbox(message_id=message.id, mailbox_id=mailbox_id, not_before=desk.now()))
    work.add(AutomaticMail(address=contact.email, at=desk.now(), subject=bare(letter.subject), message_id=message.id))
    if letter.ticket is not None:
        record(work, letter.ticket, "mail out", actor=actor, at=desk.now(), message=message.id, **data)
    return Queued(waiting.id, message.id)


def ensure_in(work: Any, desk: Desk, config: "MailboxConfig") -> int:
    """The id of a mailbox's row, which a worker or an earlier message has made."""
    found = work.rows("SELECT id FROM mailboxes WHERE address = :a", {"a": config.address})
    return int(found[0][0]) if found else ensure(desk, config)


def withheld(work: Any, contact: Any, subject: str, now: int) -> Why | None:
    """Why an automatic mail of that subject may not go to a customer now; None when it may."""
    if contact is None or not contact.email:
        return "no address"
    for at, why in (
        (contact.unsubscribed_at, "unsubscribed"),
        (contact.blocked_at, "blocked"),
        (contact.bounced_at, "bounced"),
    ):
        if at is not None:
            return why  # type: ignore[return-value]
    if work.rows("SELECT 1 FROM mailboxes WHERE address = :a", {"a": contact.email}):
        return "our own"
    recent = [
        row[0]
        for row in work.rows(
            "SELECT subject FROM automatic_mail WHERE address = :a AND at > :since",
            {"a": contact.email, "since": now - WINDOW_MS},
        )
    ]
    if len(recent) >= MOST:
        return "too many"
    return "same subject" if bare(subject) in recent else None


def bare(subject: str) -> str:
    """A subject by which two mails are told apart: without prefixes, marks and case."""
    return fold(" ".join(_PREFIX.sub("", subject).split()))[:300]
