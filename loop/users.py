"""Who works here, for those who do too (P1)."""

from domain.people import Actor, Level
from loop.desk import Desk, actors


def listing(desk: Desk, *, actor: Actor) -> tuple[Actor, ...]:
    """Active people by login; somebody without a level sees only themselves (P3)."""
    everybody = actors(desk.db.rows, "1 = 1", {})
    return tuple(p for p in everybody if actor.level is not Level.NONE or p.id == actor.id)
