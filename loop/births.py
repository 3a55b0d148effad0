"""Tickets that are born of a mail (I8)."""

from typing import Any

from domain.contacts import fold_email
from domain.flows import Status
from domain.people import PROGRAM
from domain.text import fold, line
from domain.tickets import queue_rank
from loop.flowing import read_flows
from loop.timeline import record
from storage.tables import Contact, SearchText, TicketRow

_DAY_MS = 86_400_000


def contact_by_mail(work: Any, name: str, address: str, now: int) -> Contact | None:
    """The customer who wrote from an address, made if new; None when it is no address."""
    email = fold_email(address)
    if not email:
        return None
    found = work.where(Contact, key=f"e:{email}") or work.where(Contact, email=email)
    return found[0] if found else work.add(Contact(key=f"e:{email}", name=line(name, 200), email=email, created_at=now))


def open_by_mail(work: Any, name: str, address: str, subject: str, text: str, now: int) -> int | None:
    """Open a ticket in the first flow for a mail from somebody on no ticket; its number, None when there is no flow."""
    flows = list(read_flows(work.rows).values())
    contact = contact_by_mail(work, name, address, now)
    if not flows or contact is None:
        return None
    return open_ticket(work, flows[0].id, contact, subject, text, now)


def open_ticket(
    work: Any, flow_id: int, contact: Contact, subject: str, text: str, now: int, *, like: TicketRow | None = None
) -> int:
    """Open a ticket without an answer; `like` is a closed one that it goes on from (M9). Its number."""
    flow = read_flows(work.rows, [flow_id])[flow_id]
    assignee, days, priority = work.rows(
        "SELECT default_assignee_id, days_until_due, default_priority FROM flows WHERE id = :id", {"id": flow_id}
    )[0]
    due = now + days * _DAY_MS
    klass = like.klass if like else None
    row = work.add(
        TicketRow(
            subject=line(subject, 200) or "—",
            description=text,
            flow_id=flow_id,
            phase_id=flow.first(Status.PENDING).id,
            status=0,
            priority=priority,
            klass=klass,
            score=like.score if like else None,
            survey_id=like.survey_id if like else None,
            contact_id=contact.id,
            assignee_id=assignee,
            created_at=now,
            born_at=now,
            due_at=due,
            rank=queue_rank(priority, 3 if klass is None else klass, due),
        )
    )
    work.append(SearchText(ticket=row.number, words=fold(f"{subject} {text} {contact.name} {contact.email}")[:20_000]))
    record(work, row.number, "opened", actor=PROGRAM, at=now, after=like.number if like else None)
    return row.number
