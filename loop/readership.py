"""Who will read a note on a ticket (N1), for telling it before the note is written."""

from dataclasses import dataclass

from domain.people import Actor
from domain.rights import scope
from loop.desk import Desk


@dataclass(frozen=True)
class Readership:
    """Who reads what is noted on a ticket from now on, its writer aside."""

    all_members: bool
    """Every member of the flow reads all notes."""
    flow: str
    assignee: str
    """Login; '' for nobody."""
    followers: tuple[str, ...]
    """Logins, without the assignee."""


def readership(desk: Desk, number: int, *, actor: Actor) -> Readership | None:
    """Who reads a note on a ticket; None for a ticket that is out of the actor's sight."""
    found = desk.db.rows(
        """SELECT f.id, f.name, f.notes_for_all, u.login FROM tickets t JOIN flows f ON f.id = t.flow_id
           LEFT JOIN users u ON u.id = t.assignee_id WHERE t.number = :n""",
        {"n": number},
    )
    if not found or not scope(actor).admits(found[0][0]):
        return None
    _flow_id, flow, for_all, assignee = found[0]
    followers = desk.db.rows(
        "SELECT u.login FROM followers o JOIN users u ON u.id = o.user_id WHERE o.ticket = :n AND u.active = true"
        " ORDER BY o.since, u.login",
        {"n": number},
    )
    hidden = (assignee, actor.login)
    return Readership(bool(for_all), flow, assignee or "", tuple(r[0] for r in followers if r[0] not in hidden))
