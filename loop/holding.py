"""A message that was to leave later is looked at once more when its time comes (M4): rights, status, what is new."""

import json
from typing import Any

from domain import tickets as rules
from domain.people import PROGRAM
from domain.refusals import Refusal, refuse
from loop.desk import Desk
from loop.letters import arrived
from loop.loading import load
from loop.notifications import notify
from loop.shaping import person
from loop.timeline import record_now


def held(desk: Desk, work: Any, outbox_id: int) -> bool:
    """Whether a message that is due has to be held back: then it is, its ticket says so, and its writer is told."""
    found = work.rows(
        "SELECT o.later_at, o.draft, m.id, m.ticket, m.author_id, m.recipients FROM outbox o JOIN messages m ON m.id = o.message_id WHERE o.id = :id",
        {"id": outbox_id},
    )
    later, draft, message, number, author, recipients = found[0]
    if later is None or number is None:
        return False
    why = _why(work, number, author, _read(draft).get("seen_event", 0), _read(recipients))
    if why is None:
        return False
    work.run("UPDATE outbox SET state = 'held', answer = :a WHERE id = :id", {"a": str(why), "id": outbox_id})
    now = desk.now()
    event = record_now(work, number, "mail held", actor=PROGRAM, at=now, message=message, why=why.code)
    notify(work, [author], "mail failed", ticket=number, event_id=event, actor=PROGRAM, at=now)
    return True


def _why(work: Any, number: int, author: int | None, seen_event: int, recipients: list[list[str]]) -> Refusal | None:
    """What has changed since it was written."""
    writer = person(work.rows, author)
    if writer is None:
        return refuse("writer gone")
    one = load(work, [number], writer).get(number)
    if one is None:
        return refuse("no ticket", number=number)
    if why := rules.may_write(writer, one.ticket):
        return why
    if [address for __, address in recipients] != [one.ticket.email]:
        return refuse("address changed")
    return refuse("something new") if arrived(work, number, seen_event) else None


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
