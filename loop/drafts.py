"""Drafts: one a person and ticket, saved as one types (M4)."""

from typing import Any

from domain.people import Actor
from domain.rights import scope
from domain.text import clean, line
from loop.desk import Desk
from loop.views import Draft
from storage.tables import DraftRow

LONGEST = 200_000
"""Characters of a body that are kept."""


def save(desk: Desk, draft: Draft, *, actor: Actor) -> int:
    """Keep a draft; when it was kept, in ms. A ticket out of sight is not written on (P3)."""
    with desk.db.write() as work:
        found = work.rows("SELECT flow_id FROM tickets WHERE number = :n", {"n": draft.ticket})
        if found and scope(actor).admits(found[0][0]) and actor.id is not None:
            now = desk.now()
            work.put(row_of(draft, actor.id, now))
            return now
    return draft.saved_at


def row_of(draft: Draft, user_id: int, now: int) -> DraftRow:
    """The row that keeps a draft, cleaned."""
    return DraftRow(
        user_id=user_id,
        ticket=draft.ticket,
        recipients=line(draft.to, 1000),
        copies=line(draft.cc, 2000),
        subject=line(draft.subject, 500),
        body=clean(draft.body)[:LONGEST],
        saved_at=now,
        seen_event=draft.seen_event,
    )


def load(desk: Desk, number: int, *, actor: Actor) -> Draft | None:
    """The draft that the actor left on a ticket."""
    found = desk.db.rows(
        "SELECT d.recipients, d.copies, d.subject, d.body, d.saved_at, d.seen_event, t.flow_id"
        " FROM drafts d JOIN tickets t ON t.number = d.ticket WHERE d.user_id = :u AND d.ticket = :n",
        {"u": actor.id, "n": number},
    )
    if not found or not scope(actor).admits(found[0][6]):
        return None
    to, cc, subject, body, at, seen, __ = found[0]
    return Draft(number, to, cc, subject, body, at, seen)


def begin(desk: Desk, number: int, *, actor: Actor) -> Draft:
    """The draft to go on with, or a new one: to the customer, on the subject of the last mail or the ticket's."""
    if kept := load(desk, number, actor=actor):
        return kept
    found = desk.db.rows(
        "SELECT t.subject, c.email, t.flow_id, (SELECT MAX(id) FROM events e WHERE e.ticket = t.number),"
        " (SELECT m.subject FROM messages m WHERE m.ticket = t.number AND m.kind = 'message' AND m.trusted = true ORDER BY m.id DESC LIMIT 1)"
        " FROM tickets t LEFT JOIN contacts c ON c.id = t.contact_id WHERE t.number = :n",
        {"n": number},
    )
    if not found or not scope(actor).admits(found[0][2]):
        return Draft(number, "", "", "", "")
    subject, email, __, newest, last = found[0]
    return Draft(number, email or "", "", reply_subject(last or subject), "", 0, newest or 0)


def reply_subject(subject: str) -> str:
    """`Re: …`, once."""
    words = line(subject)
    return words if words[:3].casefold() == "re:" else f"Re: {words}"


def discard(desk: Desk, number: int, *, actor: Actor) -> None:
    """Forget a draft."""
    with desk.db.write() as work:
        forget(work, number, actor)


def forget(work: Any, number: int, actor: Actor) -> None:
    """Forget a draft and its files, in another's transaction."""
    for table in ("drafts", "draft_files"):
        work.run(f"DELETE FROM {table} WHERE user_id = :u AND ticket = :n", {"u": actor.id, "n": number})
