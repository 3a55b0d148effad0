"""Tickets and flows of somebody who can work there no longer go to others: deactivated, of a lower level, out of a team (P4).

What is asked is always the same: in which flows can this person not work *now*? So handing over can be broken off and
done again, and whoever ends a membership calls the same function.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from domain.people import Actor
from domain.plans import Difference
from domain.refusals import Refusal
from domain.rights import may_work
from domain.text import _
from loop.activities import pass_on
from loop.audit import note
from loop.desk import Desk
from loop.loading import Loaded
from loop.shaping import PIECE, let_others_in, person
from loop.sight import within
from loop.tickets import hand_to, on_each


def able(person: Actor | None, flow_id: int) -> bool:
    """Whether somebody who is here and active can be given tickets of a flow."""
    return person is not None and may_work(person, flow_id) is None


def replace_defaults(
    work: Any, user_id: int, login: str, successor: Actor | None, *, actor: Actor, at: int
) -> list[tuple[str, str]]:
    """Where that person was the default assignee and can work no longer, the successor becomes it, else nobody.

    An audit line a flow; the flows' names with the new login or ''.
    """
    now = person(work.rows, user_id)
    replaced = []
    for flow, name in work.rows(
        f"SELECT id, name FROM flows WHERE default_assignee_id = :user AND {within(actor, 'id')} ORDER BY id",
        {"user": user_id},
    ):
        if able(now, flow):
            continue
        to = successor if able(successor, flow) else None
        work.run(
            "UPDATE flows SET default_assignee_id = :to, version = version + 1 WHERE id = :flow",
            {"to": to.id if to else None, "flow": flow},
        )
        new = to.login if to else ""
        old_and_new = {"old": {"default_assignee": login}, "new": {"default_assignee": new}}
        note(work, actor=actor, at=at, what="changed", target="flow", target_id=flow, name=name, **old_and_new)
        replaced.append((name, new))
    return replaced


def hand_over(desk: Desk, user_id: int, *, successor: Actor | None = None, actor: Actor) -> Counter[str]:
    """Give the open tickets and activities that somebody has, in flows where they can work no longer, to others (T8).

    To the successor where they can work, else to the flow's default assignee, else to nobody. A piece is one transaction,
    so that ten thousand hold nobody up. How many tickets each login got; '' is nobody.
    """
    given: Counter[str] = Counter()
    while numbers := _waiting(desk, user_id, actor):
        homes: dict[int, Actor | None] = {}
        took: dict[int, str] = {}

        def act(
            work: Any, one: Loaded, actor: Actor, homes: dict[int, Actor | None] = homes, took: dict[int, str] = took
        ) -> Refusal | None:
            flow = one.row.flow_id
            if flow not in homes:
                homes[flow] = _home(work, flow, successor, user_id)
            if one.row.assignee_id == user_id:
                to = homes[flow]
                hand_to(work, one, to.id if to else None, actor, desk.now())
                took[one.row.number] = to.login if to else ""
            pass_on(work, one, user_id, homes[flow].id if homes[flow] else None, actor=actor, at=desk.now())
            return None

        done = on_each(desk, numbers, actor, act, follows=True).done
        given.update(took[number] for number in done if number in took)
        if not done:
            break
        let_others_in(desk, len(numbers))
    return given


def hand_on(work: Any, one: Loaded, *, actor: Actor, at: int) -> None:
    """A ticket that comes back to somebody who can work on it no longer goes to the flow's default assignee, else to nobody."""
    had, flow = one.row.assignee_id, one.row.flow_id
    if had is None or able(person(work.rows, had), flow):
        return
    to = _home(work, flow, None, had)
    hand_to(work, one, to.id if to else None, actor, at)


def handed(given: Mapping[str, int]) -> tuple[Difference, ...]:
    """What `hand_over` gave to whom, in words."""
    return tuple(
        Difference(
            _("open tickets now with {login}").format(login=login) if login else _("open tickets now with nobody"),
            "",
            str(n),
        )
        for login, n in sorted(given.items(), key=lambda item: (not item[0], item[0]))
    )


def _waiting(desk: Desk, user_id: int, actor: Actor) -> list[int]:
    """The next piece of open tickets in the actor's sight that the person has, or has to do something on, and cannot work on."""
    now = person(desk.db.rows, user_id)
    flows = [
        flow for (flow,) in desk.db.rows(f"SELECT id FROM flows WHERE {within(actor, 'id')}") if not able(now, flow)
    ]
    found = desk.db.rows(
        f"""SELECT number FROM tickets t WHERE status < 2 AND flow_id IN ({", ".join(map(str, flows)) or "-1"})
            AND (assignee_id = :user OR number IN (SELECT ticket FROM activities WHERE responsible_id = :user AND done_at IS NULL))
            ORDER BY number LIMIT {PIECE}""",
        {"user": user_id},
    )
    return [number for (number,) in found]


def _home(work: Any, flow: int, successor: Actor | None, leaving: int) -> Actor | None:
    """Who takes tickets of a flow over."""
    if able(successor, flow):
        return successor
    ((default,),) = work.rows("SELECT default_assignee_id FROM flows WHERE id = :flow", {"flow": flow})
    other = person(work.rows, default) if default != leaving else None
    return other if able(other, flow) else None
