"""What a person should know: written with the act, listed for as long as they may see it (N2, P3, N1)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.people import PROGRAM, Actor
from domain.rights import scope
from domain.text import line
from domain.tickets import queue_rank
from loop import notification_mail as by_mail
from loop.desk import Desk, actors
from loop.sight import NOTE, within
from loop.views import Notice

KINDS = ("mention", "assigned", "reply", "due soon", "overdue", "mail failed", "bounce", "follower")
"""What people are told of; `users.prefs["notify"]` says by kind whether by e-mail too."""
LONGEST = 200
"""Characters of a note or mail that a notice shows."""
SOON_MS = 24 * 3_600_000
"""A ticket is due soon so long before it is."""
PAST_MS = 7 * 24 * 3_600_000
"""What is overdue for longer is no news any more."""
PIECE = 500
"""Reminders written in one transaction."""


def notices(
    desk: Desk, *, actor: Actor, unread: bool = False, before: int | None = None, limit: int = 100
) -> tuple[Notice, ...]:
    """The newest notices of a person, or those before an id, newest first."""
    sql, parameters = _mine(actor, unread)
    found = desk.db.rows(
        f"""SELECT n.id, n.at, n.kind, n.read_at, n.ticket, t.subject, u.login, o.body, m.outgoing, m.sender_name, m.sender_address, m.text
            {sql} {"AND n.id < :before" if before else ""} ORDER BY n.id DESC LIMIT :limit""",
        parameters | ({"before": before} if before else {}) | {"limit": limit},
    )
    return tuple(
        Notice(
            id=id,
            at=at,
            kind=kind,
            who=login or ("" if outgoing in (None, 1) else line(name or address, 100)) or PROGRAM.login,
            ticket=ticket,
            subject=subject or "",
            text=line(note or mail or "", LONGEST),
            read=read is not None,
        )
        for id, at, kind, read, ticket, subject, login, note, outgoing, name, address, mail in found
    )


def unread(desk: Desk, *, actor: Actor) -> int:
    """How many notices a person has not read."""
    sql, parameters = _mine(actor, unread=True)
    return int(desk.db.rows(f"SELECT COUNT(*) {sql}", parameters)[0][0])


def read(desk: Desk, ids: Iterable[int] | None, *, actor: Actor) -> int:
    """Mark one's own notices as read, or all of them; how many were unread."""
    some = None if ids is None else ", ".join(str(int(id)) for id in ids)
    if some == "" or actor.id is None:
        return 0
    which = "user_id = :me AND read_at IS NULL" + ("" if some is None else f" AND id IN ({some})")
    if not desk.db.rows(f"SELECT 1 FROM notifications WHERE {which} LIMIT 1", {"me": actor.id}):
        return 0
    with desk.db.write() as work:
        return int(
            work.run(f"UPDATE notifications SET read_at = :now WHERE {which}", {"now": desk.now(), "me": actor.id})
        )


def _mine(actor: Actor, unread: bool) -> tuple[str, dict[str, Any]]:
    """FROM and WHERE for a person's notices, as far as their rights go now, and the parameters."""
    return (
        f"""FROM notifications n LEFT JOIN tickets t ON t.number = n.ticket LEFT JOIN flows f ON f.id = t.flow_id
            LEFT JOIN users u ON u.id = n.actor_id LEFT JOIN events e ON e.id = n.event_id
            LEFT JOIN notes o ON o.id = e.note_id LEFT JOIN messages m ON m.id = e.message_id AND m.ticket = e.ticket
            WHERE n.user_id = :me {"AND n.read_at IS NULL" if unread else ""}
            AND (n.ticket IS NULL OR {within(actor)}) AND (o.id IS NULL OR {NOTE})""",
        {"me": actor.id},
    )


def notify(
    work: Any,
    user_ids: Iterable[int | None],
    kind: str,
    *,
    ticket: int,
    event_id: int | None = None,
    note_id: int | None = None,
    actor: Actor,
    at: int,
    flow_id: int | None = None,
    now: int | None = None,
) -> None:
    """Tell people of an act on a ticket, in its transaction; by e-mail too, who wishes that.

    Not who acted themselves, nor who cannot see the ticket (P3) or the note (N1). `flow_id` spares a look for it;
    `now` is the time of the e-mail where `at` is another.
    """
    from storage.tables import Notification  # reading notices need not wait for SQLModel

    wanted = [id for id in dict.fromkeys(user_ids) if id is not None and id != actor.id]
    if not wanted:
        return
    if flow_id is None:
        found = work.rows("SELECT flow_id FROM tickets WHERE number = :n", {"n": ticket})
        if not found:
            return
        flow_id = found[0][0]
    for person in _people(work, wanted):
        if not scope(person.actor).admits(flow_id):
            continue
        if note_id is not None and not _sees(work, note_id, person.actor):
            continue
        about = by_mail.About(kind, ticket, actor, at if now is None else now, event_id)
        by_mail.queue(work, person.actor, person.prefs, person.language, about)
        work.insert_later(
            Notification, user_id=person.actor.id, ticket=ticket, event_id=event_id, actor_id=actor.id, kind=kind, at=at
        )


@dataclass(frozen=True)
class _Person:
    """Somebody active, with what they chose."""

    actor: Actor
    prefs: Mapping[str, Any]
    language: str


def _people(work: Any, ids: Iterable[int]) -> list[_Person]:
    """The active ones of those people, read once a work."""
    known: dict[int, _Person | None] = work.memo.setdefault("people to notify", {})
    wanted = list(ids)
    if new := [id for id in wanted if id not in known]:
        inside = ", ".join(str(int(id)) for id in new)
        chosen = {
            id: (by_mail.decoded(prefs), language)
            for id, prefs, language in work.rows(f"SELECT id, prefs, language FROM users WHERE id IN ({inside})")
        }
        known.update(dict.fromkeys(new))
        for actor in actors(work.rows, f"id IN ({inside})", {}):
            known[actor.id] = _Person(actor, *chosen[actor.id])  # type: ignore[index]
    return [person for id in wanted if (person := known[id])]


def _sees(work: Any, note_id: int, actor: Actor) -> bool:
    return bool(
        work.rows(
            f"SELECT 1 FROM notes o JOIN tickets t ON t.number = o.ticket JOIN flows f ON f.id = t.flow_id WHERE o.id = :id AND {NOTE}",
            {"id": note_id, "me": actor.id},
        )
    )


def remind(desk: Desk) -> int:
    """Tell assignees of what is due within a day and of what is overdue, once a ticket, person and due date; how many times.

    A reminder's time is that at which the ticket came to be due soon, or overdue: by that it is known again, and by a
    new due date it is news again. Closed, archived, merged and snoozed tickets remind nobody. For one worker at a time.
    """
    now = desk.now()
    found = []
    for number, flow, assignee, due in _due(desk, now - PAST_MS, now + SOON_MS):
        kind, at = ("overdue", due) if due <= now else ("due soon", due - SOON_MS)
        found.append((assignee, number, kind, at, flow))
    if not found:
        return 0
    people = ", ".join(map(str, sorted({f[0] for f in found})))
    told = {
        tuple(row)
        for row in desk.db.rows(
            f"SELECT user_id, ticket, kind, at FROM notifications WHERE user_id IN ({people}) AND kind IN ('due soon', 'overdue') AND at >= :oldest",
            {"oldest": now - PAST_MS - SOON_MS},
        )
    }
    # Who cannot be told would never have been, and be tried again each time.
    sight = {one.id: scope(one) for one in actors(desk.db.rows, f"id IN ({people})", {})}
    fresh = [f for f in found if f[:4] not in told and f[0] in sight and sight[f[0]].admits(f[4])]
    for i in range(0, len(fresh), PIECE):
        with desk.db.write() as work:
            for assignee, number, kind, at, flow in fresh[i : i + PIECE]:
                notify(work, [assignee], kind, ticket=number, actor=PROGRAM, at=at, flow_id=flow, now=now)
    return len(fresh)


def _due(desk: Desk, first: int, last: int) -> list[tuple[int, int, int, int]]:
    """Number, flow, assignee and due date of open tickets that are due between two times.

    The queue's index has the due date behind priority and class, so it is asked once for each pair of these.
    """
    found: list[tuple[int, int, int, int]] = []
    for priority in (1, 2, 3):
        for klass in range(4):
            found += desk.db.rows(
                "SELECT number, flow_id, assignee_id, due_at FROM tickets WHERE archived = false AND status IN (0, 1)"
                " AND rank >= :low AND rank <= :high AND assignee_id IS NOT NULL AND merged_into IS NULL"
                " AND due_at >= :first AND due_at <= :last AND (snoozed_until IS NULL OR snoozed_until <= :now)",
                {
                    "low": queue_rank(priority, klass, first),
                    "high": queue_rank(priority, klass, last),
                    "first": first,
                    "last": last,
                    "now": desk.now(),
                },
            )
    return [tuple(row) for row in found]  # type: ignore[misc]
