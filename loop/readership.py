"""Who will read a note on a ticket (N1), for telling it before the note is written."""

from dataclasses import dataclass

from domain.people import Actor
from domain.rights import scope
from loop.desk import Desk, actors


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
    flow_id, flow, for_all, assignee = found[0]
    followers = desk.db.rows(
        "SELECT u.login FROM followers o JOIN users u ON u.id = o.user_id WHERE o.ticket = :n ORDER BY o.since, u.login",
        {"n": number},
    )
    # Who left the flow follows in name only (P3).
    here = "level <> 'none' AND id IN (SELECT user_id FROM followers WHERE ticket = :n)"
    see = {one.login for one in actors(desk.db.rows, here, {"n": number}) if scope(one).admits(flow_id)}
    see -= {assignee, actor.login}
    return Readership(bool(for_all), flow, assignee or "", tuple(login for (login,) in followers if login in see))
