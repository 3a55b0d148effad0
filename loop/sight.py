"""What an actor sees, as a condition in SQL for the queries that are not lists (P3)."""

from domain.people import Actor
from domain.rights import scope


def within(actor: Actor, column: str = "t.flow_id") -> str:
    """The condition on a flow's column that lets through what the actor sees; never empty."""
    seen = scope(actor)
    if seen.everything:
        return "1 = 1"
    return f"{column} IN ({', '.join(str(int(f)) for f in seen.flows)})" if seen.flows else "1 = 0"
