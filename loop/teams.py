"""Teams: named groups of people that are added to a flow as one (P2)."""

from collections.abc import Iterable, Sequence
from typing import Any

from domain.people import Actor, Level
from domain.refusals import Refusal, refuse
from domain.rights import may_edit_flow, may_manage, scope
from domain.text import line
from loop.audit import changed, differences, note
from loop.desk import Desk
from loop.flow_plans import read_plans
from loop.flow_writing import changed_elsewhere
from loop.handing import hand_over, handed, replace_defaults
from loop.setup_views import Saved, TeamRow
from loop.shaping import name_trouble, namesake, standing
from loop.staff import memberships
from storage.tables import Team, TeamMember

LONGEST = 80


def teams(desk: Desk, *, actor: Actor) -> tuple[TeamRow, ...]:
    """All teams by name, for who has a level; of their flows those that the reader sees (P3)."""
    if actor.level is Level.NONE and not scope(actor).everything:
        return ()
    members: dict[int, list[str]] = {}
    for team, login in desk.db.rows(
        "SELECT m.team_id, u.login FROM team_members m JOIN users u ON u.id = m.user_id ORDER BY u.login"
    ):
        members.setdefault(team, []).append(login)
    flows: dict[int, list[tuple[str, str]]] = {}
    for __, team, flow, role in memberships(desk.db.rows, actor):
        if team is not None:
            flows.setdefault(team, []).append((flow, role.value))
    return tuple(
        TeamRow(id, name, tuple(members.get(id, ())), tuple(flows.get(id, ())))
        for id, name in desk.db.rows("SELECT id, name FROM teams ORDER BY lower(name), id")
    )


def create(desk: Desk, name: str, members: Iterable[str] = (), *, actor: Actor) -> Refusal | Saved:
    """Make a team of some people, by login; each has a level (P1)."""
    name, logins = line(name), sorted(set(members))
    if why := may_manage(actor) or name_trouble(name, LONGEST):
        return why
    with desk.db.write() as work:
        work.alone("set-up")
        if why := may_manage(standing(work, actor)):
            return why
        if namesake(work, "teams", name) is not None:
            return refuse("name used", name=name)
        people = _people(work, logins)
        if isinstance(people, Refusal):
            return people
        team = work.add(Team(name=name))
        work.insert(TeamMember, [{"team_id": team.id, "user_id": user} for user in people.values()])
        new = {"name": name, "members": logins}
        note(
            work, actor=actor, at=desk.now(), what="created", target="team", target_id=team.id, name=name, old={}, new=new
        )  # fmt: skip
        return Saved(team.id, differences({}, new))


def change(
    desk: Desk, team_id: int, *, name: str | None = None, members: Iterable[str] | None = None, actor: Actor
) -> Refusal | Saved:
    """Call a team otherwise, or say anew who all is in it; what is None stays.

    Who is in a team decides who is in its flows, so other members are for who may edit each of these flows (P4). Who
    leaves hands over what they can work on no longer, as a deactivated person does.
    """
    wanted = {} if name is None else {"name": line(name)}
    if why := may_manage(actor) or ("name" in wanted and name_trouble(wanted["name"], LONGEST)) or None:
        return why
    with desk.db.write() as work:
        work.alone("set-up")
        now = standing(work, actor)
        if why := may_manage(now):
            return why
        team = work.get(Team, team_id)
        if team is None:
            return refuse("not here")
        if name is not None and namesake(work, "teams", name, but=team_id) is not None:
            return refuse("name used", name=wanted["name"])
        inside = dict(
            work.rows(
                "SELECT u.login, u.id FROM team_members m JOIN users u ON u.id = m.user_id WHERE m.team_id = :t ORDER BY u.login",
                {"t": team_id},
            )
        )
        if members is not None:
            wanted |= {"members": sorted(set(members))}
        old, new = changed({"name": team.name, "members": list(inside)}, wanted)
        if not new:
            return Saved(team_id)
        leaving: dict[str, int] = {}
        if "members" in new:
            flows = work.rows("SELECT flow_id FROM flow_members WHERE team_id = :t", {"t": team_id})
            if any(may_edit_flow(now, flow) for (flow,) in flows):
                return refuse("flows of others", name=team.name)
            joining = _people(work, [login for login in new["members"] if login not in inside])
            if isinstance(joining, Refusal):
                return joining
            leaving = {login: user for login, user in inside.items() if login not in new["members"]}
            for user in leaving.values():
                work.run("DELETE FROM team_members WHERE team_id = :t AND user_id = :u", {"t": team_id, "u": user})
            work.insert(TeamMember, [{"team_id": team_id, "user_id": user} for user in joining.values()])
        in_flows = (
            work.rows("SELECT flow_id FROM flow_members WHERE team_id = :t", {"t": team_id}) if "name" in new else ()
        )
        before = read_plans(work.rows, [flow for (flow,) in in_flows])
        team.name = wanted.get("name", team.name)
        work.add(team)
        at = desk.now()
        changed_elsewhere(work, before, actor=actor, at=at)
        note(
            work, actor=actor, at=at, what="changed", target="team", target_id=team_id, name=team.name, old=old, new=new
        )  # fmt: skip
        for login, user in leaving.items():
            replace_defaults(work, user, login, None, actor=actor, at=at)
    given = [difference for user in leaving.values() for difference in handed(hand_over(desk, user, actor=actor))]
    return Saved(team_id, (*differences(old, new), *given))


def remove(desk: Desk, team_id: int, *, actor: Actor) -> Refusal | Saved:
    """Remove a team that is in no flow any more; the flows in the actor's sight are named."""
    if why := may_manage(actor):
        return why
    with desk.db.write() as work:
        work.alone("set-up")
        now = standing(work, actor)
        if why := may_manage(now):
            return why
        team = work.get(Team, team_id)
        if team is None:
            return refuse("not here")
        flows = work.rows(
            "SELECT DISTINCT f.id, f.name FROM flow_members m JOIN flows f ON f.id = m.flow_id WHERE m.team_id = :t ORDER BY f.name",
            {"t": team_id},
        )
        if flows:
            names = tuple(name for flow, name in flows if scope(now).admits(flow))
            return refuse("team in flows", name=team.name, flows=names) if names else refuse("flows of others", name=team.name)  # fmt: skip
        old = {"name": team.name, "members": _logins(work, team_id)}
        work.run("DELETE FROM team_members WHERE team_id = :t", {"t": team_id})
        note(
            work, actor=actor, at=desk.now(), what="removed", target="team", target_id=team_id, name=team.name, old=old, new={}
        )  # fmt: skip
        work.remove(team)
        return Saved(team_id, differences(old, {}))


def _logins(work: Any, team_id: int) -> list[str]:
    found = work.rows(
        "SELECT u.login FROM team_members m JOIN users u ON u.id = m.user_id WHERE m.team_id = :t ORDER BY u.login",
        {"t": team_id},
    )
    return [login for (login,) in found]


def _people(work: Any, logins: Sequence[str]) -> dict[str, int] | Refusal:
    """Ids by login of people who may be added: here, active, with some level (P1)."""
    known = {login: (id, level, active) for id, login, level, active in work.rows("SELECT id, login, level, active FROM users")}  # fmt: skip
    for login in logins:
        if login not in known:
            return refuse("no user", login=line(login, 64))
        __, level, active = known[login]
        if not active:
            return refuse("deactivated", login=login)
        if level == Level.NONE.value:
            return refuse("no level", login=login)
    return {login: known[login][0] for login in logins}
