"""The customer of a ticket: their data, their other answers and tickets (T9)."""

import json
from typing import Any

from domain.people import Actor
from loop.desk import Desk
from loop.queue import CLASSES, rows
from loop.sight import within
from loop.views import AnswerView, Customer, Earlier, Row

MOST = 20
"""Other answers, and other tickets, of a customer that are shown with a ticket."""


def customer_of(desk: Desk, contact_id: int | None) -> Customer:
    """A customer's data; an empty one where there is none."""
    found = desk.db.rows(
        "SELECT id, name, email, phone, customer_id, bounced_at, attributes FROM contacts WHERE id = :id",
        {"id": contact_id},
    )
    if not found:
        return Customer(None, "", "", "")
    id, name, email, phone, customer_id, bounced, attributes = found[0]
    return Customer(id, name, email, phone, customer_id, bool(bounced), tuple(_data(attributes).items()))


def answer_of(desk: Desk, answer_id: int | None) -> AnswerView | None:
    """An answer with every question."""
    found = desk.db.rows(
        "SELECT s.name, a.score, a.klass, a.comment, a.answered_at, a.questions, a.attributes FROM answers a JOIN surveys s ON s.id = a.survey_id WHERE a.id = :id",
        {"id": answer_id},
    )
    if not found:
        return None
    survey, score, klass, comment, at, questions, attributes = found[0]
    return AnswerView(
        survey,
        score,
        None if klass is None else CLASSES[klass],
        comment,
        at,
        tuple((str(q[0]), str(q[1])) for q in _data(questions)),
        tuple(_data(attributes).items()),
    )


def other_answers(
    desk: Desk, contact_id: int | None, answer_id: int | None, actor: Actor, limit: int = MOST
) -> tuple[Earlier, ...]:
    """The customer's other answers, newest first; tickets of flows out of sight stay hidden, and so do their answers."""
    # An answer's ticket has its customer: by that the index finds it.
    found = desk.db.rows(
        f"""SELECT a.answered_at, s.name, a.score, a.klass, a.comment, t.number FROM answers a JOIN surveys s ON s.id = a.survey_id
            LEFT JOIN tickets t ON t.contact_id = a.contact_id AND t.answer_id = a.id
            WHERE a.contact_id = :c AND a.id <> :a AND (t.number IS NULL OR {within(actor)}) ORDER BY a.answered_at DESC LIMIT :limit""",
        {"c": contact_id, "a": answer_id or 0, "limit": limit},
    )
    return tuple(
        Earlier(at, survey, score, None if klass is None else CLASSES[klass], comment, number)
        for at, survey, score, klass, comment, number in found
    )


def other_tickets(
    desk: Desk, contact_id: int | None, number: int | None, actor: Actor, limit: int = MOST
) -> tuple[Row, ...]:
    """The customer's other tickets in sight, archived ones too, newest first."""
    if contact_id is None:
        return ()
    found = desk.db.rows(
        f"SELECT t.number FROM tickets t WHERE t.contact_id = :c AND t.number <> :n AND {within(actor)} ORDER BY t.created_at DESC, t.number DESC LIMIT :limit",
        {"c": contact_id, "n": number or 0, "limit": limit},
    )
    if not found:
        return ()
    return tuple(
        sorted(rows(desk, [r[0] for r in found], actor=actor), key=lambda row: (row.created, row.number), reverse=True)
    )


def _data(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
