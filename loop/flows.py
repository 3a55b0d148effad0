"""Flows for the settings: the list, one as a plan, where its tickets are; and what is done with them (P4–P8, I5)."""

from domain.people import Actor
from domain.plans import FlowPlan
from domain.refusals import Refusal, refuse
from domain.rights import may_edit_flow, scope
from loop.desk import Desk
from loop.flow_plans import new_plan, phases_of, read_plans
from loop.flow_saving import activate, reorder, save
from loop.flow_text import from_text, name_in, to_text
from loop.setup_views import FlowRow
from loop.sight import within


def flows(desk: Desk, *, actor: Actor, inactive: bool = False) -> tuple[FlowRow, ...]:
    """The flows in the reader's sight, in the order of intake (P3); with `inactive` those that are switched off, too.

    Counts are those of the lists: archived tickets aside.
    """
    rows = desk.db.rows
    found = rows(
        f"SELECT f.id, f.name, f.active FROM flows f WHERE {within(actor, 'f.id')}"
        f"{'' if inactive else ' AND f.active = true'} ORDER BY f.position, f.id",
        {},
    )
    counts: dict[tuple[int, int], int] = {
        (flow, status): n
        for flow, status, n in rows(
            f"SELECT t.flow_id, t.status, COUNT(*) FROM tickets t WHERE t.archived = false AND {within(actor, 't.flow_id')}"
            " GROUP BY t.flow_id, t.status",
            {},
        )
    }
    members: dict[int, int] = dict(
        rows(
            """SELECT m.flow_id, COUNT(DISTINCT u.id) FROM flow_members m LEFT JOIN team_members t ON t.team_id = m.team_id
               JOIN users u ON (u.id = m.user_id OR u.id = t.user_id) AND u.active = true GROUP BY m.flow_id""",
            {},
        )
    )
    return tuple(
        FlowRow(id, name, bool(active), *(counts.get((id, status), 0) for status in range(3)), members.get(id, 0),
                may_edit_flow(actor, id))
        for id, name, active in found
    )  # fmt: skip


def plan(desk: Desk, flow_id: int, *, actor: Actor) -> FlowPlan | Refusal:
    """A flow as its admin shapes it; for everybody who sees it (P3)."""
    found = read_plans(desk.db.rows, [flow_id]) if scope(actor).admits(flow_id) else {}
    return found.get(flow_id) or refuse("no flow", flow=f"#{flow_id}")


def in_phases(desk: Desk, flow_id: int, *, actor: Actor) -> dict[int, int]:
    """How many tickets each phase of a flow holds, archived ones too: those that must go somewhere with it (P8)."""
    if not scope(actor).admits(flow_id):
        return {}
    counts = dict(
        desk.db.rows("SELECT phase_id, COUNT(*) FROM tickets WHERE flow_id = :f GROUP BY phase_id", {"f": flow_id})
    )
    phases = desk.db.rows("SELECT id FROM phases WHERE flow_id = :f ORDER BY position, id", {"f": flow_id})
    return {id: counts.get(id, 0) for (id,) in phases}


def period(desk: Desk, flow_id: int, *, actor: Actor) -> tuple[int | None, int | None]:
    """A flow's period of answers, in Unix milliseconds, from inclusive to exclusive: the list's first date filter (I5)."""
    found = desk.db.rows("SELECT intake_from, intake_until FROM flows WHERE id = :f", {"f": flow_id})
    if not found or not scope(actor).admits(flow_id):
        return None, None
    return found[0][0], found[0][1]


__all__ = [
    "activate",
    "flows",
    "from_text",
    "in_phases",
    "name_in",
    "new_plan",
    "period",
    "phases_of",
    "plan",
    "reorder",
    "save",
    "to_text",
]
