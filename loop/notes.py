"""Notes on tickets: for the team, never for the customer (N1)."""

from collections.abc import Iterable
from typing import Any

from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import may_note
from domain.text import clean
from loop.desk import Desk
from loop.loading import Loaded
from loop.tickets import on_each
from loop.timeline import record
from loop.views import Done
from storage.tables import Note

LONGEST = 100_000
"""Characters of a note; what is beyond is refused, not cut."""


def add(desk: Desk, numbers: Iterable[int], body: str, *, actor: Actor) -> Done:
    """Write a note on tickets."""
    words = clean(body).strip()

    def act(work: Any, one: Loaded) -> Refusal | None:
        if why := may_note(actor, one.row.flow_id):
            return why
        if not words or len(words) > LONGEST:
            return refuse("empty" if not words else "too long", limit=LONGEST)
        note = work.add(Note(ticket=one.row.number, author_id=actor.id, body=words, at=desk.now()))
        record(work, one.row.number, "note", actor=actor, at=desk.now(), note=note.id)
        return None

    return on_each(desk, numbers, actor, act)
