"""What may be done with a ticket, asked before a key is pressed and again when it is (P4, P7, T2–T6, M1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from domain.flows import Binding, Flow, Status, may_go, missing
from domain.people import Actor, ActorKind, Role
from domain.refusals import Refusal, refuse
from domain.rights import may_work, scope

LONGEST_SUBJECT = 200
"""Characters (T5)."""
LONGEST_DESCRIPTION = 20_000
"""Characters (T5)."""
LONGEST_NAME = 120
"""Characters of an activity's name or type, and of a tag."""
MOST_ACTIVITIES = 10
"""On a ticket, done ones included (T7)."""
MOST_TAGS = 30
"""On a ticket."""
MOST_CATEGORIES = 20
"""On a ticket."""


class Priority(IntEnum):
    """In the order of the queue (Q3)."""

    HIGH = 1
    MEDIUM = 2
    LOW = 3

    @property
    def word(self) -> str:
        """The name that commands, queries and exports use."""
        return self.name.lower()


@dataclass(frozen=True)
class Ticket:
    """What the rules need to know of a ticket."""

    number: int
    flow: Flow
    phase_id: int
    customer: str
    email: str
    """'' when none is known (I4)."""
    assignee_id: int | None = None
    assignee: str = ""
    ticked: frozenset[int] = frozenset()
    email_bounced: bool = False
    merged_into: int | None = None
    reachable_by_phone: bool = False
    """A phone is known and the flow starts tickets by it (I4)."""

    @property
    def status(self) -> Status:
        """The status of the phase that the ticket is in (P6)."""
        return self.flow.phase(self.phase_id).status


def may_change(actor: Actor, ticket: Ticket) -> Refusal | None:
    """Whether the actor may work on this ticket at all (P3, P4)."""
    if ticket.merged_into is not None:
        return refuse("merged", number=ticket.merged_into)
    return may_work(actor, ticket.flow.id)


def may_start(actor: Actor, ticket: Ticket) -> Refusal | None:
    """Starting is an act of its own, from a pending phase (T2), and needs an e-mail, or a phone where that will do (I4)."""
    if no := may_change(actor, ticket):
        return no
    if ticket.status is Status.CLOSED:
        return refuse("already closed")
    if ticket.status is not Status.PENDING:
        return refuse("already started")
    if not ticket.email and not ticket.reachable_by_phone:
        return refuse("no e-mail", customer=ticket.customer or "—")
    return may_go(ticket.flow, ticket.phase_id, ticket.flow.first(Status.PROGRESS).id, ticket.ticked)


def may_assign(actor: Actor, ticket: Ticket) -> Refusal | None:
    """By hand the assignee is set on started tickets (T3)."""
    if no := may_change(actor, ticket):
        return no
    if ticket.status is Status.PENDING and actor.kind is ActorKind.PERSON:
        return refuse("not started")
    return None


def may_move(actor: Actor, ticket: Ticket, target: int) -> Refusal | None:
    """Along the flow, mandatory checklists held (P6, P7); out of pending only by starting (T2)."""
    if no := may_change(actor, ticket):
        return no
    there = ticket.flow.phase(target)
    if ticket.status is Status.PENDING and there.status is not Status.PENDING:
        return refuse("starting is an act", phase=ticket.flow.phase(ticket.phase_id).name)
    return may_go(ticket.flow, ticket.phase_id, target, ticket.ticked)


def may_close(actor: Actor, ticket: Ticket, target: int, resolution: str) -> Refusal | None:
    """Moving into a closed phase, which asks for the resolution (T6)."""
    if ticket.status is Status.CLOSED:
        return may_change(actor, ticket) or refuse("already closed")
    if no := may_move(actor, ticket, target):
        return no
    if not resolution.strip():
        return refuse("resolution")
    return None


def may_set_priority(actor: Actor, ticket: Ticket) -> Refusal | None:
    """People change the priority only on started tickets (T4)."""
    return may_assign(actor, ticket)


def may_write(actor: Actor, ticket: Ticket) -> Refusal | None:
    """A person's mail: only from the assignee, only while in progress, to an address that is known (M1)."""
    if no := may_change(actor, ticket):
        return no
    if ticket.status is Status.PENDING:
        return refuse("not started")
    if ticket.status is Status.CLOSED:
        return refuse("already closed")
    if ticket.assignee_id is None:
        return refuse("nobody assigned")
    if ticket.assignee_id != actor.id:
        return refuse("not the assignee", login=ticket.assignee)
    if not ticket.email:
        return refuse("no e-mail", customer=ticket.customer or "—")
    if ticket.email_bounced:
        return refuse("bounced", address=ticket.email)
    return None


def may_edit(actor: Actor, ticket: Ticket) -> Refusal | None:
    """Subject, description, due date, tags, categories, activities: whoever works on the ticket, in any status (T5, T7)."""
    return may_change(actor, ticket)


def may_leave_flow(actor: Actor, ticket: Ticket) -> Refusal | None:
    """Whether the actor may move the ticket to any other flow at all: there must be one that they work in too (I7)."""
    if no := may_change(actor, ticket):
        return no
    if scope(actor).everything:
        return None
    others = (f for f, role in actor.roles.items() if f != ticket.flow.id and role is not Role.ANALYST)
    return None if any(others) else refuse("no other flow")


def may_transfer(actor: Actor, ticket: Ticket, flow: Flow, target: int, resolution: str = "") -> Refusal | None:
    """To a phase of another flow (I7): by who works in both, never past what moving within a flow holds (P7, T2, T6).

    Places within two flows cannot be compared, so forward means into a later status, or behind the first phase of the
    same one: otherwise there and back again would get round a checklist.
    """
    if no := may_change(actor, ticket):
        return no
    if not scope(actor).admits(flow.id):
        return refuse("no flow", flow=flow.name)
    if no := may_work(actor, flow.id):
        return no
    if flow.id == ticket.flow.id:
        return refuse("same flow", flow=flow.name)
    here, there = ticket.flow.phase(ticket.phase_id), flow.phase(target)
    if here.status is Status.PENDING and there.status is not Status.PENDING:
        return refuse("starting is an act", phase=here.name)
    later = _ORDER[there.status] - _ORDER[here.status]
    forward = later > 0 or (later == 0 and target != flow.first(there.status).id)
    if forward and here.binding is Binding.MANDATORY and (left := missing(here, ticket.ticked)):
        return refuse("checklist", phase=here.name, missing=left)
    if later > 0 and there.status is Status.CLOSED and not resolution.strip():
        return refuse("resolution")
    return None


_ORDER = {Status.PENDING: 0, Status.PROGRESS: 1, Status.CLOSED: 2}


def may_merge(actor: Actor, ticket: Ticket, into: Ticket | None = None) -> Refusal | None:
    """Duplicates, by who works on both (Q7); without `into` whether the ticket may be merged at all."""
    if no := may_change(actor, ticket):
        return no
    if into is None:
        return None
    if into.number == ticket.number:
        return refuse("merge itself")
    return may_change(actor, into)


def may_unmerge(actor: Actor, ticket: Ticket) -> Refusal | None:
    """A ticket that was merged comes back by who works on it (Q7)."""
    return may_work(actor, ticket.flow.id) or (refuse("not merged") if ticket.merged_into is None else None)


def may_tick(actor: Actor, ticket: Ticket, item: int) -> Refusal | None:
    """A line of any phase's checklist of the ticket's flow (P7, T1)."""
    if no := may_change(actor, ticket):
        return no
    if not any(item == i.id for phase in ticket.flow.phases for i in phase.items):
        return refuse("no such item")
    return None


def queue_rank(priority: int, class_order: int, due_ms: int | None) -> int:
    """The default order (priority, then class, then due; Q3) as one number, smaller first.

    One number so that both databases page by it with one index. `due_ms` is Unix milliseconds;
    a ticket without a due date comes last of its class.
    """
    due = _NEVER if due_ms is None else min(max(due_ms, 0), _NEVER)
    return ((priority * 4 + class_order) << 44) | due


_NEVER = (1 << 44) - 1


def visible_note(
    actor: Actor,
    *,
    author: int | None,
    at: int,
    assignee: int | None,
    followers: Mapping[int, int],
    all_members: bool,
) -> bool:
    """Whether the actor sees a note of a ticket in a flow that they see (N1).

    `at` is when it was written, ms; `followers` says by user from when on each sees notes, 0 for all of them.
    """
    if all_members:
        return True
    if actor.id is None:
        return False
    return actor.id in (author, assignee) or (actor.id in followers and followers[actor.id] <= at)
