"""What all verbs that shape the set-up share: the actor as they stand now, and names that nobody confuses."""

import time
from typing import Any

from domain.people import Actor, ActorKind
from domain.refusals import Refusal, refuse
from domain.text import fold, line
from loop.desk import Desk, actors

PIECE = 100
"""Tickets that are changed in one transaction when the set-up changes many: some 30 ms of SQLite's one writer."""
PAUSE_S = 0.03
"""Seconds between two pieces: more than the 25 ms that SQLite lets pass between two looks at a lock in the first 0.1 s."""


def person(rows: Any, user_id: int | None) -> Actor | None:
    """Somebody active as they stand now; None for who is not."""
    found = [] if user_id is None else actors(rows, "id = :id", {"id": user_id})
    return found[0] if found else None


def standing(work: Any, actor: Actor) -> Actor:
    """The actor as they stand in this transaction, whatever they were when they came in: with no level if they left."""
    if actor.kind is not ActorKind.PERSON:
        return actor
    return person(work.rows, actor.id) or Actor(actor.id, actor.login, actor.name)


def let_others_in(desk: Desk, written: int) -> None:
    """After a full piece: SQLite has no queue of writers, so who goes on at once keeps all others out to the end."""
    if desk.db.dialect == "sqlite" and written >= PIECE:
        time.sleep(PAUSE_S)


def name_trouble(name: str, limit: int) -> Refusal | None:
    """Why something cannot be called so; `name` is on one line already (`domain.text.line`)."""
    if not any(c.isalnum() for c in name):
        return refuse("no name")
    return refuse("too long", limit=limit) if len(name) > limit else None


def namesake(work: Any, table: str, name: str, *, but: int | None = None, where: str = "1 = 1") -> int | None:
    """The id of another row that people would take for `name`: the same but for case and accents."""
    wanted = fold(line(name))
    for id, known in work.rows(f"SELECT id, name FROM {table} WHERE {where}"):
        if id != but and fold(known) == wanted:
            return id
    return None
