"""Tickets that are born of a mail or by hand (I7, I8); those of imported answers are born in `loop.answers`."""

from typing import TYPE_CHECKING, Any

from domain.contacts import fold_email
from domain.flows import Status
from domain.people import PROGRAM, Actor
from domain.text import line
from domain.tickets import LONGEST_SUBJECT, queue_rank
from loop.flowing import hold, read_flows
from loop.knowing import at_address, same_customer
from loop.timeline import record
from loop.wording import words_of
from storage.tables import Answer, Contact, SearchText, TicketRow

if TYPE_CHECKING:
    from mail.parsed import ParsedMail

_DAY_MS = 86_400_000


def contact_by_mail(work: Any, name: str, address: str, now: int, reply_to: str = "") -> Contact | None:
    """The customer who wrote from an address, made if new; None when it is no address.

    A customer who was merged into another is that one (I1). Who is new and asks to be answered at `reply_to` is written down
    under that address; not where somebody else is known by it, for whom a stranger must not speak (M7).
    """
    email, other = fold_email(address), fold_email(reply_to)
    if known := _known(work, email):
        return known
    if other and not _known(work, other) and not _ours(work, other):
        email = other
    return work.add(Contact(key=f"e:{email}", name=line(name, 200), email=email, created_at=now)) if email else None


def _known(work: Any, email: str) -> Contact | None:
    found = email and (work.where(Contact, key=f"e:{email}") or at_address(work, email))
    return same_customer(work, found[0]) if found else None


def _ours(work: Any, email: str) -> bool:
    """Whether an address is a mailbox's own, also with something behind a plus."""
    local, __, domain = email.partition("@")
    bare = f"{local.partition('+')[0]}@{domain}"
    return bool(work.rows("SELECT 1 FROM mailboxes WHERE address IN (:a, :bare)", {"a": email, "bare": bare}))


def open_by_mail(work: Any, mail: "ParsedMail", now: int) -> int | None:
    """Open a ticket in the first flow for a mail from somebody on no ticket; its number, None when there is no flow."""
    flows = list(read_flows(work.rows).values())
    asked = mail.reply_to.address if mail.reply_to else ""
    contact = contact_by_mail(work, mail.sender.name, mail.sender.address, now, asked)
    if not flows or contact is None:
        return None
    return open_ticket(work, flows[0].id, contact, mail.subject, mail.new_text, now)


def open_ticket(
    work: Any,
    flow_id: int,
    contact: Contact,
    subject: str,
    text: str,
    now: int,
    *,
    like: TicketRow | None = None,
    answer: Answer | None = None,
    actor: Actor = PROGRAM,
    **data: Any,
) -> int:
    """Open a ticket in a flow's first pending phase, with what the flow gives (I6). Its number.

    `like` is a closed one that it goes on from (M9), `answer` the one that it is about; `data` goes with the event.
    """
    hold(work, [flow_id])
    flow = read_flows(work.rows, [flow_id])[flow_id]
    assignee, days, priority = work.rows(
        "SELECT default_assignee_id, days_until_due, default_priority FROM flows WHERE id = :id", {"id": flow_id}
    )[0]
    due = now + days * _DAY_MS
    scored: Answer | TicketRow | None = answer or like
    klass = scored.klass if scored else None
    row = work.add(
        TicketRow(
            subject=line(subject, LONGEST_SUBJECT) or "—",
            description=text,
            flow_id=flow_id,
            phase_id=flow.first(Status.PENDING).id,
            status=0,
            priority=priority,
            klass=klass,
            score=scored.score if scored else None,
            survey_id=scored.survey_id if scored else None,
            contact_id=contact.id,
            answer_id=answer.id if answer else None,
            assignee_id=assignee,
            created_at=answer.answered_at if answer else now,
            born_at=now,
            due_at=due,
            rank=queue_rank(priority, 3 if klass is None else klass, due),
        )
    )
    words = words_of(row.subject, answer.comment if answer else "", text, contact.name, contact.email)
    work.append(SearchText(ticket=row.number, words=words))
    record(work, row.number, "opened", actor=actor, at=now, after=like.number if like else None, **data)
    return row.number
