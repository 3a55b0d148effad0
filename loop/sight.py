"""What an actor sees, as a condition in SQL for the queries that are not lists (P3, N1)."""

from domain.people import Actor
from domain.rights import scope

NOTE = (
    "(f.notes_for_all = true OR t.assignee_id = :me OR o.author_id = :me OR EXISTS"
    " (SELECT 1 FROM followers w WHERE w.ticket = t.number AND w.user_id = :me AND w.sees_from <= o.at))"
)
"""That the user `:me` sees the note `o` of the ticket `t` in the flow `f`: `domain.tickets.visible_note` in SQL (N1)."""


def within(actor: Actor, column: str = "t.flow_id") -> str:
    """The condition on a flow's column that lets through what the actor sees; never empty."""
    seen = scope(actor)
    if seen.everything:
        return "1 = 1"
    return f"{column} IN ({', '.join(str(int(f)) for f in seen.flows)})" if seen.flows else "1 = 0"


def of_hits(actor: Actor) -> str:
    """The condition on a rule's hit `h`, with `t` its ticket, that lets through what the actor sees: one without a ticket too,
    unless its answer got one out of sight since.
    """
    if scope(actor).everything:
        return "1 = 1"
    hidden = f"SELECT 1 FROM tickets x WHERE x.answer_id = h.about AND NOT {within(actor, 'x.flow_id')}"
    return f"({within(actor)} OR (h.ticket IS NULL AND NOT EXISTS ({hidden})))"
