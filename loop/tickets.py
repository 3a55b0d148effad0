"""Verbs on tickets: start, assign, move, close, prioritise, tick (P7, T2–T6).

Each takes the desk, a set of tickets, and who acts; asks the rules; writes the change and its event
in one transaction; and says what was done and what was refused, and why (Q4).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from domain import tickets as rules
from domain.flows import Phase, Status
from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import may_work, scope
from domain.tickets import Priority
from loop.categorising import categories_of, offered
from loop.desk import Desk, actors
from loop.loading import Loaded, load, logins, re_rank
from loop.notifications import notify
from loop.shaping import PIECE, let_others_in, standing
from loop.timeline import record
from loop.views import Done, Refused
from storage.conditions import STATUS
from storage.tables import Tick, TicketCategory

Act = Callable[[Any, Loaded, Actor], Refusal | None]
"""Changes one loaded ticket, or says why not; given the actor as they stand in its transaction."""


def on_each(desk: Desk, numbers: Iterable[int], actor: Actor, act: Act, *, follows: bool = False) -> Done:
    """Run an act on each ticket of a set, a piece in one transaction; one that is refused does not hold up the others.

    The actor's rights are read anew in each, whatever they were when the screen asked (P3, P4); not for what `follows`
    from an act that was allowed, and by which the actor may have given up the right.
    """
    wanted = list(dict.fromkeys(numbers))
    done: list[int] = []
    refused: list[Refused] = []
    for i in range(0, len(wanted), PIECE):
        piece = wanted[i : i + PIECE]
        refusals = desk.db.transact(lambda work, piece=piece: _on_piece(work, piece, actor, act, follows))
        done += [number for number in piece if number not in refusals]
        refused += [Refused(number, why) for number, why in refusals.items()]
        if i + PIECE < len(wanted):
            let_others_in(desk, len(piece))
    return Done(tuple(done), tuple(refused))


def _on_piece(work: Any, numbers: Sequence[int], actor: Actor, act: Act, follows: bool) -> dict[int, Refusal]:
    """Run an act on some tickets; the refusals by number."""
    now = actor if follows else standing(work, actor)
    loaded = load(work, numbers, now)
    refusals: dict[int, Refusal] = {}
    for number in numbers:
        one = loaded.get(number)
        why = act(work, one, now) if one else refuse("no ticket", number=number)
        if why:
            refusals[number] = why
        elif one:
            one.row.version += 1
    return refusals


def start(desk: Desk, numbers: Iterable[int], *, actor: Actor, take: bool = False) -> Done:
    """Start tickets: pending → the first phase in progress (T2). `take` assigns them to the actor too, started or not."""

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        pending = one.ticket.status is Status.PENDING
        if pending or not take:
            if why := rules.may_start(actor, one.ticket):
                return why
            enter(work, one, one.ticket.flow.first(Status.PROGRESS), actor, desk.now(), kind="started")
        if take:
            if why := rules.may_assign(actor, one.ticket):
                return why
            hand_to(work, one, actor.id, actor, desk.now())
        return None

    return on_each(desk, numbers, actor, act)


def assign(desk: Desk, numbers: Iterable[int], login: str | None, *, actor: Actor) -> Done:
    """Give tickets to a member of their flow, or to nobody (T3)."""

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        return assign_one(work, one, login, actor, desk.now())

    return on_each(desk, numbers, actor, act)


def move(
    desk: Desk, numbers: Iterable[int], phase: str | int, *, actor: Actor, resolution: str = "", outcome: str = ""
) -> Done:
    """Move tickets to a phase, by name or id; into a closed one with a resolution (P6, P7, T6)."""

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        return move_one(work, one, phase, actor, desk.now(), resolution, outcome)

    return on_each(desk, numbers, actor, act)


def close(
    desk: Desk,
    numbers: Iterable[int],
    *,
    actor: Actor,
    resolution: str,
    outcome: str = "",
    phase: str | int | None = None,
    category: int | None = None,
) -> Done:
    """Close tickets: what was done, how it came out, and in which category that belongs (T6).

    The first closed phase unless another is named.
    """

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        target = one.ticket.flow.first(Status.CLOSED).id if phase is None else phase
        found = find_phase(one, target)
        if isinstance(found, Refusal):
            return found
        if found.status is not Status.CLOSED:
            names = tuple(p.name for p in one.ticket.flow.phases if p.status is Status.CLOSED)
            return refuse("no phase", phase=found.name, phases=names)
        if category is None:
            return move_one(work, one, found.id, actor, desk.now(), resolution, outcome)
        if why := offered(work, [category]):
            return why
        name = categories_of(work)[category][0]
        if why := move_one(work, one, found.id, actor, desk.now(), resolution, outcome, category=name):
            return why
        here = {"ticket": one.row.number, "category_id": category}
        work.insert_new(TicketCategory, [here], "ticket", "category_id")
        return None

    return on_each(desk, numbers, actor, act)


def prioritise(desk: Desk, numbers: Iterable[int], priority: Priority, *, actor: Actor) -> Done:
    """Change the priority of started tickets (T4)."""

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        if why := rules.may_set_priority(actor, one.ticket):
            return why
        if one.row.priority != priority.value:
            old, one.row.priority = Priority(one.row.priority), priority.value
            re_rank(one.row)
            record(work, one.row.number, "priority", actor=actor, at=desk.now(), old=old.word, new=priority.word)
        return None

    return on_each(desk, numbers, actor, act)


def tick(desk: Desk, number: int, item_id: int, *, actor: Actor, on: bool = True) -> Done:
    """Tick a checklist item, or take the tick back; who and when are kept (P7, P8)."""

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        if why := rules.may_tick(actor, one.ticket, item_id):
            return why
        if on != (item_id in one.ticket.ticked):
            if on:
                work.append(Tick(ticket=number, item_id=item_id, user_id=actor.id, at=desk.now()))
            else:
                work.run("DELETE FROM ticks WHERE ticket = :t AND item_id = :i", {"t": number, "i": item_id})
            text = next(i.text for p in one.ticket.flow.phases for i in p.items if i.id == item_id)
            record(work, number, "ticked" if on else "unticked", actor=actor, at=desk.now(), item=item_id, text=text)
        return None

    return on_each(desk, [number], actor, act)


def needs_no_answer(desk: Desk, numbers: Iterable[int], *, actor: Actor) -> Done:
    """Clear the mark of a customer's message that waits for an answer (Q2)."""

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        if why := rules.may_change(actor, one.ticket):
            return why
        if one.row.unanswered:
            one.row.unanswered = False
            record(work, one.row.number, "answered", actor=actor, at=desk.now())
        return None

    return on_each(desk, numbers, actor, act)


def find_phase(one: Loaded, phase: str | int) -> Phase | Refusal:
    """The phase of the ticket's flow that is meant."""
    flow = one.ticket.flow
    if isinstance(phase, str):
        return flow.named(phase)
    found = next((p for p in flow.phases if p.id == phase), None)
    return found or refuse("no phase", phase=phase, phases=tuple(p.name for p in flow.phases))


def move_one(
    work: Any,
    one: Loaded,
    phase: str | int,
    actor: Actor,
    now: int,
    resolution: str = "",
    outcome: str = "",
    **data: Any,
) -> Refusal | None:
    """Move a loaded ticket, or say why not; `data` goes with the event of closing."""
    target = find_phase(one, phase)
    if isinstance(target, Refusal):
        return target
    if target.status is Status.CLOSED and one.ticket.status is not Status.CLOSED:
        if why := rules.may_close(actor, one.ticket, target.id, resolution):
            return why
        one.row.resolution, one.row.outcome = resolution.strip(), outcome.strip()
        enter(work, one, target, actor, now, kind="closed", outcome=one.row.outcome, **data)
        return None
    if why := rules.may_move(actor, one.ticket, target.id):
        return why
    reopening = one.ticket.status is Status.CLOSED and target.status is not Status.CLOSED
    enter(work, one, target, actor, now, kind="reopened" if reopening else "moved")
    return None


def enter(work: Any, one: Loaded, target: Phase, actor: Actor, now: int, *, kind: str, **data: Any) -> None:
    """Put a loaded ticket into a phase, with the times that follow from it and the event."""
    old = one.ticket.flow.phase(one.row.phase_id)
    one.row.phase_id, one.row.status = target.id, STATUS[target.status.value]
    if kind == "started" and one.row.started_at is None:
        one.row.started_at, one.row.started_by = now, actor.id
    one.row.closed_at = now if kind == "closed" else (one.row.closed_at if target.status is Status.CLOSED else None)
    one.ticket = replace(one.ticket, phase_id=target.id)
    record(work, one.row.number, kind, actor=actor, at=now, old=old.name, new=target.name, **data)


def assign_one(work: Any, one: Loaded, login: str | None, actor: Actor, now: int) -> Refusal | None:
    """Give a loaded ticket to somebody who can work in its flow, or to nobody, or say why not (T3)."""
    if why := rules.may_assign(actor, one.ticket):
        return why
    if login is None:
        hand_to(work, one, None, actor, now)
        return None
    key = ("assignee", login)
    if key not in work.memo:
        work.memo[key] = actors(work.rows, "login = :login", {"login": login})
    found = work.memo[key]
    if not found:
        return refuse("no user", login=login)
    if not scope(found[0]).admits(one.row.flow_id):
        return refuse("not a member", login=login)
    if why := may_work(found[0], one.row.flow_id):
        return why
    hand_to(work, one, found[0].id, actor, now)
    return None


def hand_to(work: Any, one: Loaded, user_id: int | None, actor: Actor, now: int) -> None:
    """Make somebody the assignee, and tell them (N2)."""
    if one.row.assignee_id == user_id:
        return
    known = logins(work)
    old, one.row.assignee_id = one.row.assignee_id, user_id
    one.ticket = replace(one.ticket, assignee_id=user_id, assignee=known.get(user_id, ""))
    record(work, one.row.number, "assigned", actor=actor, at=now, old=known.get(old, ""), new=known.get(user_id, ""))
    notify(work, [user_id], "assigned", ticket=one.row.number, actor=actor, at=now, flow_id=one.row.flow_id)
