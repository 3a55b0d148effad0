"""Tickets that are born of a mail or by hand (I7, I8); those of imported answers are born in `loop.answers`."""

from typing import Any

from domain.contacts import fold_email
from domain.flows import Status
from domain.people import PROGRAM, Actor
from domain.text import line
from domain.tickets import LONGEST_SUBJECT, queue_rank
from loop.flowing import hold, read_flows
from loop.knowing import same_customer
from loop.timeline import record
from loop.wording import words_of
from storage.tables import Answer, Contact, SearchText, TicketRow

_DAY_MS = 86_400_000


def contact_by_mail(work: Any, name: str, address: str, now: int) -> Contact | None:
    """The customer who wrote from an address, made if new; None when it is no address.

    A customer who was merged into another is that one (I1).
    """
    email = fold_email(address)
    if not email:
        return None
    found = work.where(Contact, key=f"e:{email}") or work.where(Contact, email=email)
    if found:
        return same_customer(work, found[0])
    return work.add(Contact(key=f"e:{email}", name=line(name, 200), email=email, created_at=now))


def open_by_mail(work: Any, name: str, address: str, subject: str, text: str, now: int) -> int | None:
    """Open a ticket in the first flow for a mail from somebody on no ticket; its number, None when there is no flow."""
    flows = list(read_flows(work.rows).values())
    contact = contact_by_mail(work, name, address, now)
    if not flows or contact is None:
        return None
    return open_ticket(work, flows[0].id, contact, subject, text, now)


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
