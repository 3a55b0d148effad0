"""Who works here: levels, letting people in, and handing over what they leave (P1, P4). The owner's work."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from domain.contacts import fold_email
from domain.people import Actor, Level, Role, effective
from domain.plans import Difference
from domain.refusals import Refusal, refuse
from domain.rights import may_grant
from domain.text import _, clean, fold, line
from loop.audit import changed, differences, note
from loop.desk import Desk
from loop.handing import hand_over, handed, replace_defaults
from loop.prefs import prefs, set_prefs
from loop.setup_views import Saved
from loop.shaping import person, standing
from loop.staff import me, people
from storage.tables import FlowMember, User

KEPT_WORDS = frozenset({"me", "none"})
"""Logins that would mean something else in a query (Q5)."""
LONGEST_SIGNATURE = 4_000

_LOGIN = re.compile(r"\w[\w.+@\\-]{0,63}")


def add_user(
    desk: Desk,
    login: str,
    name: str,
    email: str,
    level: Level,
    *,
    actor: Actor,
    flows: Mapping[int, Role] | None = None,
) -> Refusal | int:
    """Let somebody in, as a member of some flows if asked; only the owner grants levels (P1). The new user's id.

    A role that is more than the level allows is kept as what the level allows (P4).
    """
    login = unicodedata.normalize("NFC", line(login))
    if why := may_grant(actor) or _login_trouble(login) or _address_trouble(email):
        return why
    if flows and level is Level.NONE:
        return refuse("no level", login=login)
    with desk.db.write() as work:
        work.alone("set-up")
        if why := may_grant(standing(work, actor)):
            return why
        taken = next((known for (known,) in work.rows("SELECT login FROM users") if fold(known) == fold(login)), None)
        if taken is not None:
            return refuse("login taken", login=taken)
        names = dict(work.rows("SELECT id, name FROM flows"))
        if set(flows or {}) - set(names):
            return refuse("not here")
        at = desk.now()
        user = work.add(
            User(login=login, name=line(name or login, 120), email=fold_email(email), level=level.value, created_at=at)
        )
        new = {"login": login, "name": user.name, "email": user.email, "level": level.value}
        note(work, actor=actor, at=at, what="created", target="user", target_id=user.id, name=login, old={}, new=new)
        for flow, role in (flows or {}).items():
            counts = effective(level, role) or role
            work.add(FlowMember(flow_id=flow, user_id=user.id, role=counts.value))
            _flow_changed(work, flow, names[flow], {}, {"members": [f"{login} ({counts.value})"]}, actor, at)
        return user.id


def change_user(
    desk: Desk,
    login: str,
    *,
    name: str | None = None,
    email: str | None = None,
    level: Level | str | None = None,
    actor: Actor,
) -> Refusal | Saved:
    """Change somebody's name, address or level; what is None stays. The owner's work, but one's own name and address (P1).

    Who cannot work any more with the new level hands over as `deactivate` does, without a successor; who has no level
    leaves flows and teams, as only people with one are in them (P1).
    """
    if why := (may_grant(actor) if level is not None or login != actor.login else None):
        return why
    if why := _address_trouble(email or ""):
        return why
    with desk.db.write() as work:
        work.alone("set-up")
        now = standing(work, actor)
        found = work.where(User, login=login)
        if why := (
            may_grant(now) if level is not None or not found or found[0].id != now.id or not found[0].active else None
        ):
            return why
        if not found:
            return refuse("no user", login=line(login, 64))
        user = found[0]
        before = {"name": user.name, "email": user.email, "level": user.level}
        wanted = {
            "name": None if name is None else line(name, 120) or user.login,
            "email": None if email is None else fold_email(email),
            "level": None if level is None else Level(level).value,
        }
        old, new = changed(before, {k: v for k, v in wanted.items() if v is not None})
        if not new:
            return Saved(user.id)
        if user.level == Level.OWNER.value and "level" in new and (why := _last_owner(work, user.id, login)):
            return why
        for field, value in new.items():
            setattr(user, field, value)
        at = desk.now()
        note(work, actor=actor, at=at, what="changed", target="user", target_id=user.id, name=login, old=old, new=new)
        left = []
        if "level" in new:
            if new["level"] == Level.NONE.value:
                _leave_all(work, user.id, login, actor, at)
            left = _defaults(replace_defaults(work, user.id, login, None, actor=actor, at=at), login)
    given = handed(hand_over(desk, user.id, actor=actor)) if "level" in new else ()
    return Saved(user.id, (*differences(old, new), *left, *given))


def deactivate(desk: Desk, login: str, *, successor: str | None = None, actor: Actor) -> Refusal | Saved:
    """Shut somebody out; nothing of theirs is deleted (P4).

    Their open tickets and flows' default assignments go to the successor where that person can work; other tickets to the
    flow's default assignee, else to nobody. Doing it again hands over what was left when it was broken off.
    """
    if why := may_grant(actor):
        return why
    with desk.db.write() as work:
        work.alone("set-up")
        if why := may_grant(standing(work, actor)):
            return why
        found = work.where(User, login=login)
        if not found:
            return refuse("no user", login=line(login, 64))
        user, heir = found[0], None
        if successor is not None:
            heirs = work.where(User, login=successor)
            if not heirs:
                return refuse("no user", login=line(successor, 64))
            if heirs[0].id == user.id:
                return refuse("own successor", login=login)
            if not heirs[0].active:
                return refuse("deactivated", login=successor)
            heir = person(work.rows, heirs[0].id)
        old, new = changed({"active": user.active}, {"active": False})
        at = desk.now()
        if new:
            if user.level == Level.OWNER.value and (why := _last_owner(work, user.id, login)):
                return why
            user.active = False
            more = {**new, "successor": successor} if successor else new
            note(
                work, actor=actor, at=at, what="deactivated", target="user", target_id=user.id, name=login, old=old, new=more
            )  # fmt: skip
        left = _defaults(replace_defaults(work, user.id, login, heir, actor=actor, at=at), login)
    given = handed(hand_over(desk, user.id, successor=heir, actor=actor))
    return Saved(user.id, (*differences(old, new), *left, *given))


def activate(desk: Desk, login: str, *, actor: Actor) -> Refusal | Saved:
    """Let somebody in again, with the level, flows and teams that they had; their tickets stay with who took them (P4)."""
    if why := may_grant(actor):
        return why
    with desk.db.write() as work:
        work.alone("set-up")
        if why := may_grant(standing(work, actor)):
            return why
        found = work.where(User, login=login)
        if not found:
            return refuse("no user", login=line(login, 64))
        user = found[0]
        old, new = changed({"active": user.active}, {"active": True})
        if new:
            user.active = True
            note(
                work, actor=actor, at=desk.now(), what="activated", target="user", target_id=user.id, name=login, old=old, new=new
            )  # fmt: skip
        return Saved(user.id, differences(old, new))


def set_signature(desk: Desk, sender_name: str, signature: str, *, actor: Actor) -> Saved:
    """One's own name and fixed signature under mails to customers (M3)."""
    wanted = {"sender_name": line(sender_name, 120), "signature": clean(signature).strip("\n")[:LONGEST_SIGNATURE]}
    with desk.db.write() as work:
        user = work.get(User, actor.id)
        before = {"sender_name": user.sender_name, "signature": user.signature}
        old, new = changed(before, wanted)
        if new:
            user.sender_name, user.signature = wanted["sender_name"], wanted["signature"]
            note(
                work, actor=actor, at=desk.now(), what="changed", target="user", target_id=user.id, name=user.login, old=old, new=new
            )  # fmt: skip
    return Saved(user.id, differences(old, new))


def signature(desk: Desk, *, actor: Actor) -> tuple[str, str]:
    """One's own sender's name and signature as they are (M3)."""
    found = desk.db.rows("SELECT sender_name, signature FROM users WHERE id = :id", {"id": actor.id})
    return (found[0][0], found[0][1]) if found else ("", "")


def _login_trouble(login: str) -> Refusal | None:
    if not _LOGIN.fullmatch(login):
        return refuse("bad login", login=line(login, 64))
    return refuse("kept word", login=login) if fold(login) in KEPT_WORDS else None


def _address_trouble(email: str) -> Refusal | None:
    """An address goes into headers, so only one that can stand there is kept; none is fine."""
    return refuse("bad address", address=line(email, 80)) if email.strip() and not fold_email(email) else None


def _last_owner(work: Any, user_id: int, login: str) -> Refusal | None:
    """Always one active owner at least (P4); asked while nobody else changes the set-up."""
    others = work.rows(
        "SELECT 1 FROM users WHERE active = true AND level = 'owner' AND id <> :id LIMIT 1", {"id": user_id}
    )
    return None if others else refuse("last owner", login=login)


def _leave_all(work: Any, user_id: int, login: str, actor: Actor, at: int) -> None:
    """Out of every flow and team, with a line for each."""
    for flow, name, role in work.rows(
        "SELECT m.flow_id, f.name, m.role FROM flow_members m JOIN flows f ON f.id = m.flow_id WHERE m.user_id = :user",
        {"user": user_id},
    ):
        _flow_changed(work, flow, name, {"members": [f"{login} ({role})"]}, {}, actor, at)
    for team, name in work.rows(
        "SELECT t.id, t.name FROM team_members m JOIN teams t ON t.id = m.team_id WHERE m.user_id = :user",
        {"user": user_id},
    ):
        before = [
            known
            for (known,) in work.rows(
                "SELECT u.login FROM team_members m JOIN users u ON u.id = m.user_id WHERE m.team_id = :t ORDER BY u.login",
                {"t": team},
            )
        ]
        old, new = {"members": before}, {"members": [known for known in before if known != login]}
        note(work, actor=actor, at=at, what="changed", target="team", target_id=team, name=name, old=old, new=new)
    work.run("DELETE FROM flow_members WHERE user_id = :user", {"user": user_id})
    work.run("DELETE FROM team_members WHERE user_id = :user", {"user": user_id})


def _flow_changed(
    work: Any, flow: int, name: str, old: Mapping[str, Any], new: Mapping[str, Any], actor: Actor, at: int
) -> None:
    """A flow's members changed from here: a line, and whoever edits the flow now is told."""
    work.run("UPDATE flows SET version = version + 1 WHERE id = :flow", {"flow": flow})
    note(work, actor=actor, at=at, what="changed", target="flow", target_id=flow, name=name, old=old, new=new)


def _defaults(replaced: list[tuple[str, str]], login: str) -> list[Difference]:
    return [Difference(_("default assignee of {flow}").format(flow=flow), login, new) for flow, new in replaced]


__all__ = [
    "activate",
    "add_user",
    "change_user",
    "deactivate",
    "me",
    "people",
    "prefs",
    "set_prefs",
    "set_signature",
    "signature",
]
