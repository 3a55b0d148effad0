"""Following tickets, and which restricted notes that opens (T1, N1).

Who follows by themselves sees what is noted from then on. Who is made a follower by the assignee or by an administrator
of the flow sees earlier notes too, and so does who has their yes later. Who stops sees their own notes only.
"""

from collections.abc import Iterable
from typing import Any

from domain import tickets as rules
from domain.people import Actor, Role
from domain.refusals import Refusal, refuse
from domain.rights import may_note, scope
from loop.desk import Desk, actors
from loop.loading import Loaded, logins
from loop.notifications import notify
from loop.tickets import on_each
from loop.timeline import record
from loop.views import Done, Following


def follow(desk: Desk, numbers: Iterable[int], login: str | None = None, *, actor: Actor) -> Done:
    """Follow tickets oneself, or make somebody a follower of them who sees them (T5)."""

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        if login is None or login == actor.login:
            if why := may_note(actor, one.row.flow_id):
                return why
            join(work, one, [actor], desk.now(), actor=actor, at=desk.now())
            return None
        if why := rules.may_change(actor, one.ticket):
            return why
        found = _person(work, login)
        if found is None:
            return refuse("no user", login=login)
        if not scope(found).admits(one.row.flow_id):
            return refuse("not a member", login=login)
        since = 0 if opens(actor, one) else desk.now()
        if join(work, one, [found], since, actor=actor, at=desk.now()):
            notify(
                work,
                [found.id],
                "follower",
                ticket=one.row.number,
                actor=actor,
                at=desk.now(),
                flow_id=one.row.flow_id,
            )
        return None

    return on_each(desk, numbers, actor, act)


def unfollow(desk: Desk, numbers: Iterable[int], login: str | None = None, *, actor: Actor) -> Done:
    """Follow tickets no more, or end that somebody else does."""

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        who: int | None = actor.id
        if login is not None and login != actor.login:
            if why := rules.may_change(actor, one.ticket):
                return why
            who = next((id for id, known in logins(work).items() if known == login), None)
            if who is None:
                return refuse("no user", login=login)
        before = _followers(work, one.row.number)
        if who in before:
            work.run("DELETE FROM followers WHERE ticket = :n AND user_id = :u", {"n": one.row.number, "u": who})
            after = {id: since for id, since in before.items() if id != who}
            _tell(work, one, before, after, actor, desk.now())
        return None

    return on_each(desk, numbers, actor, act)


def open_notes(desk: Desk, number: int, login: str, *, actor: Actor) -> Done:
    """The assignee's or an administrator's yes: a follower sees the earlier notes too (N1). Nobody gives it to themselves."""

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        if why := rules.may_change(actor, one.ticket):
            return why
        if not opens(actor, one) or login == actor.login:
            return refuse("assignee's yes")
        found = next((id for id, known in logins(work).items() if known == login), None)
        before = _followers(work, number)
        if found not in before:
            return refuse("not following", login=login)
        if before[found]:
            work.run("UPDATE followers SET sees_from = 0 WHERE ticket = :n AND user_id = :u", {"n": number, "u": found})
            _tell(work, one, before, before, actor, desk.now(), opened=login)
        return None

    return on_each(desk, [number], actor, act)


def followers(desk: Desk, number: int, *, actor: Actor) -> tuple[Following, ...]:
    """Who follows a ticket, the longest first, and who of them sees its earlier notes; nobody for a ticket out of sight."""
    found = desk.db.rows("SELECT flow_id FROM tickets WHERE number = :n", {"n": number})
    if not found or not scope(actor).admits(found[0][0]):
        return ()
    return tuple(
        Following(login, name, since, sees_from == 0)
        for login, name, since, sees_from in desk.db.rows(
            "SELECT u.login, u.name, w.since, w.sees_from FROM followers w JOIN users u ON u.id = w.user_id"
            " WHERE w.ticket = :n ORDER BY w.since, u.login",
            {"n": number},
        )
    )


def opens(actor: Actor, one: Loaded) -> bool:
    """Whether who is made a follower by this actor sees the earlier notes: the assignee's and administrators' word (N1)."""
    assignee = actor.id is not None and one.row.assignee_id == actor.id
    return assignee or actor.is_owner or actor.roles.get(one.row.flow_id) is Role.ADMINISTRATOR


def join(
    work: Any, one: Loaded, people: Iterable[Actor], sees_from: int, *, actor: Actor, at: int
) -> tuple[Actor, ...]:
    """Make people followers who see notes from that time on, ms; with an event. Those who were none before.

    Who follows already may see more by it, never less.
    """
    before = _followers(work, one.row.number)
    after, opened = dict(before), []
    came = []
    for person in people:
        if person.id is None:
            continue
        if person.id not in before:
            work.run(
                "INSERT INTO followers (ticket, user_id, since, sees_from) VALUES (:n, :u, :at, :from)",
                {"n": one.row.number, "u": person.id, "at": at, "from": sees_from},
            )
            after[person.id] = sees_from
            came.append(person)
        elif sees_from == 0 < before[person.id]:
            work.run(
                "UPDATE followers SET sees_from = 0 WHERE ticket = :n AND user_id = :u",
                {"n": one.row.number, "u": person.id},
            )
            opened.append(person.login)
    if came or opened:
        _tell(work, one, before, after, actor, at, opened=", ".join(opened))
    return tuple(came)


def _followers(work: Any, number: int) -> dict[int, int]:
    """From when on each follower sees notes, by user, the longest follower first; the ticket's row is locked."""
    return dict(
        work.rows("SELECT user_id, sees_from FROM followers WHERE ticket = :n ORDER BY since, user_id", {"n": number})
    )


def _tell(
    work: Any, one: Loaded, before: Iterable[int], after: Iterable[int], actor: Actor, at: int, *, opened: str = ""
) -> None:
    known = logins(work)
    old, new = (", ".join(known.get(id, "—") for id in ids) for ids in (before, after))
    more = {"opened": opened} if opened else {}
    record(work, one.row.number, "followers", actor=actor, at=at, old=old, new=new, **more)


def _person(work: Any, login: str) -> Actor | None:
    """Somebody active, with the roles that they have now."""
    key = ("person", login)
    if key not in work.memo:
        found = actors(work.rows, "login = :login", {"login": login})
        work.memo[key] = found[0] if found else None
    return work.memo[key]
