"""Who works here, as the people editor shows them (P1, P3)."""

from collections.abc import Callable
from typing import Any

from domain.people import Actor, Level, Role, effective, stronger
from domain.rights import scope
from domain.text import natural
from loop.desk import Desk
from loop.setup_views import UserRow
from loop.sight import within


def people(desk: Desk, *, actor: Actor, inactive: bool = False) -> tuple[UserRow, ...]:
    """Who works here, by login; with `inactive` those who were shut out, too.

    Flows and counts are of what the reader sees; somebody without a level sees only themselves (P3).
    """
    rows = _rows(desk, actor, only_me=actor.level is Level.NONE and not scope(actor).everything)
    return tuple(row for row in rows if row.active or inactive)


def me(desk: Desk, *, actor: Actor) -> UserRow:
    """Oneself; LookupError for an actor who is no person of this database."""
    found = _rows(desk, actor, only_me=True)
    if not found:
        raise LookupError(actor.login)
    return found[0]


def memberships(rows: Callable[..., Any], actor: Actor) -> list[tuple[int | None, int | None, str, Role]]:
    """(user, team, flow's name, role) of the memberships in flows that the actor sees, in the flows' order."""
    return [
        (user, team, name, Role(role))
        for user, team, name, role in rows(
            f"""SELECT m.user_id, m.team_id, f.name, m.role FROM flow_members m JOIN flows f ON f.id = m.flow_id
                WHERE {within(actor, "f.id")} ORDER BY f.position, f.id, m.id"""
        )
    ]


def _rows(desk: Desk, actor: Actor, *, only_me: bool) -> tuple[UserRow, ...]:
    rows = desk.db.rows
    # The program is no row: nobody has the id 0.
    whose = f"= {int(actor.id or 0)}" if only_me else "IS NOT NULL"
    users = rows(f"SELECT id, login, name, email, level, active FROM users WHERE id {whose} ORDER BY login")
    teams: dict[int, list[tuple[int, str]]] = {}
    for user, team, name in rows(
        "SELECT m.user_id, t.id, t.name FROM team_members m JOIN teams t ON t.id = m.team_id ORDER BY t.name"
    ):
        teams.setdefault(user, []).append((team, name))
    of_user: dict[int, list[tuple[str, Role]]] = {}
    of_team: dict[int, list[tuple[str, Role]]] = {}
    for user, team, flow, role in memberships(rows, actor):
        if user is not None:
            of_user.setdefault(user, []).append((flow, role))
        if team is not None:
            of_team.setdefault(team, []).append((flow, role))
    opened = dict(
        rows(
            f"""SELECT assignee_id, COUNT(*) FROM tickets WHERE assignee_id {whose} AND status < 2
                AND {within(actor, "flow_id")} GROUP BY assignee_id"""
        )
    )
    found = []
    for id, login, name, email, level, active in users:
        roles: dict[str, Role] = {}
        for flow, role in [*of_user.get(id, ()), *(pair for t, __ in teams.get(id, ()) for pair in of_team.get(t, ()))]:
            if best := stronger(roles.get(flow), effective(Level(level), role)):
                roles[flow] = best
        found.append(
            UserRow(
                id=id,
                login=login,
                name=name,
                email=email,
                level=level,
                active=bool(active),
                teams=tuple(name for __, name in teams.get(id, ())),
                flows=tuple((flow, role.value) for flow, role in roles.items()),
                open_tickets=opened.get(id, 0),
            )
        )
    return tuple(sorted(found, key=lambda user: natural(user.login)))
