"""Opening a ticket by hand, with an answer or without one (I7, I8)."""

import secrets
from typing import Any

from domain import tickets as rules
from domain.answers import subject_for
from domain.contacts import customer_key, fold_email, fold_phone, key_without_one
from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import may_manage, may_work, scope
from domain.text import clean, line
from loop.births import open_ticket
from loop.desk import Desk
from loop.flowing import hold
from loop.knowing import at_address, same_customer
from loop.notifications import notify
from loop.shaping import standing
from loop.sight import within
from storage.tables import Answer, Contact

LONGEST_NAME = 200
"""Characters of a customer's name."""


def open_by_hand(
    desk: Desk,
    *,
    flow_id: int,
    subject: str,
    description: str = "",
    name: str = "",
    email: str = "",
    phone: str = "",
    answer_id: int | None = None,
    actor: Actor,
) -> Refusal | int:
    """Open a ticket in a flow's first pending phase, for a customer by e-mail, else by phone, else by name. Its number.

    With an answer that has no ticket yet, the ticket is about it: customer, score and survey are the answer's, and so is
    what `subject` and `description` leave empty. Of a customer who is known, only what was not known is filled in.
    """
    said = _Said(line(subject), clean(description).strip(), line(name, LONGEST_NAME), email.strip(), phone.strip())
    if len(said.subject) > rules.LONGEST_SUBJECT:
        return refuse("too long", limit=rules.LONGEST_SUBJECT)
    if len(said.description) > rules.LONGEST_DESCRIPTION:
        return refuse("too long", limit=rules.LONGEST_DESCRIPTION)

    def act(work: Any) -> Refusal | int:
        # Two who open a ticket for the same new customer, or an import beside them, make one customer.
        work.alone("customers")
        now = standing(work, actor)
        if why := _may_open(work, flow_id, now):
            return why
        answer = None
        if answer_id is not None:
            answer = _answer(work, answer_id, now)
            if isinstance(answer, Refusal):
                return answer
        about, text = said.subject, said.description
        data: dict[str, Any] = {"by": "hand"}
        if answer:
            survey = work.rows("SELECT name FROM surveys WHERE id = :id", {"id": answer.survey_id})[0][0]
            about = about or subject_for(answer.comment, survey, answer.score)
            text = text or answer.comment
            data |= {"survey": survey, "score": answer.score}
        if not about:
            return refuse("no title")
        contact = _customer(desk, work, said, answer)
        if isinstance(contact, Refusal):
            return contact
        number = open_ticket(work, flow_id, contact, about, text, desk.now(), answer=answer, actor=actor, **data)
        default = work.rows("SELECT assignee_id FROM tickets WHERE number = :n", {"n": number})[0][0]
        notify(work, [default], "assigned", ticket=number, actor=actor, at=desk.now(), flow_id=flow_id)
        return number

    return desk.db.transact(act)


class _Said:
    """What was given, cleaned."""

    def __init__(self, subject: str, description: str, name: str, email: str, phone: str) -> None:
        self.subject, self.description, self.name, self.email, self.phone = subject, description, name, email, phone


def _may_open(work: Any, flow_id: int, actor: Actor) -> Refusal | None:
    """Who works in an active flow may open tickets in it (P3, P4)."""
    hold(work, [flow_id])
    found = work.rows("SELECT 1 FROM flows WHERE id = :id AND active = true", {"id": flow_id})
    if not found or not scope(actor).admits(flow_id):
        return refuse("no flow", flow=flow_id)
    return may_work(actor, flow_id)


def _answer(work: Any, answer_id: int, actor: Actor) -> Answer | Refusal:
    """The answer that the ticket is about: one without a ticket, of a customer in sight or asked for by who manages."""
    answer = work.get(Answer, answer_id)
    taken = work.rows("SELECT t.number, t.flow_id FROM tickets t WHERE t.answer_id = :a", {"a": answer_id})
    if answer is None or any(not scope(actor).admits(flow) for __, flow in taken):
        return refuse("no answer", id=answer_id)
    if taken:
        return refuse("answer has ticket", number=taken[0][0])
    seen = work.rows(
        f"SELECT 1 FROM tickets t WHERE t.contact_id = :c AND {within(actor)} LIMIT 1", {"c": answer.contact_id}
    )
    if not seen and may_manage(actor):
        return refuse("no answer", id=answer_id)
    if work.rows("SELECT 1 FROM surveys WHERE id = :id AND internal = true", {"id": answer.survey_id}):
        return refuse("employees")
    return answer


def _customer(desk: Desk, work: Any, said: _Said, answer: Answer | None) -> Contact | Refusal:
    """The ticket's customer: the answer's if it has one, else found or made (I1)."""
    email = fold_email(said.email) if said.email else ""
    phone = fold_phone(said.phone, desk.config.region) if said.phone else ""
    if said.email and not email:
        return refuse("bad address", address=line(said.email, 80))
    if said.phone and not phone:
        return refuse("bad phone", phone=line(said.phone, 40))
    if answer and answer.contact_id:
        return same_customer(work, work.where(Contact, id=answer.contact_id)[0])
    key = customer_key(email, phone, "")
    found = work.where(Contact, key=key) if key else []
    found = found or (at_address(work, email) if email else [])
    if found:
        contact = same_customer(work, found[0])
        contact.name, contact.phone = contact.name or said.name, contact.phone or phone
        return contact
    if not key and not said.name:
        return refuse("nobody named")
    return work.add(
        Contact(
            key=key or key_without_one(secrets.token_hex(8)),
            name=said.name,
            email=email,
            phone=phone,
            created_at=desk.now(),
        )
    )
