"""A flow as its admin shapes it: everything that can be set, and what is wrong with it (P5–P8, I5).

`Flow` is what tickets walk by; a `FlowPlan` is what the editor, the text form and the commands hold.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain.flows import Binding, Status
from domain.people import Role


@dataclass(frozen=True)
class ItemPlan:
    """A line of a checklist."""

    id: int | None
    """None for one that is not saved yet."""
    text: str


@dataclass(frozen=True)
class PhasePlan:
    """A phase as it is shaped."""

    key: int
    """Its id; a negative number, its own within the plan, for one that is not saved yet."""
    name: str
    status: Status
    binding: Binding = Binding.OPTIONAL
    items: tuple[ItemPlan, ...] = ()
    onward: tuple[int, ...] | None = None
    """Keys of the phases that a ticket may go forward to; None means any (P6)."""


@dataclass(frozen=True)
class MemberPlan:
    """A person or a team in the flow (P2)."""

    name: str
    """A person's login, or a team's name."""
    role: Role
    team: bool = False


@dataclass(frozen=True)
class IntakePlan:
    """Which answers become tickets of the flow; what is empty or None lets everything through (I5)."""

    surveys: tuple[str, ...] = ()
    """Names; any of them."""
    classes: tuple[str, ...] = ()
    """detractor, neutral, promoter; any of them."""
    score_from: int | None = None
    score_to: int | None = None
    """Inclusive."""
    attributes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Attribute and the values it may have; all of the attributes must hold. Case and accents do not matter."""
    keywords: tuple[str, ...] = ()
    """Words or expressions of the comment; any of them. Case and accents do not matter."""
    answered_from: int | None = None
    """Unix milliseconds, inclusive. With `answered_until` the flow's period: the list's first date filter, too."""
    answered_until: int | None = None
    """Unix milliseconds, exclusive."""


@dataclass(frozen=True)
class FlowPlan:
    """A whole flow, ready to be saved."""

    id: int | None
    """None for one that is not saved yet."""
    name: str
    phases: tuple[PhasePlan, ...]
    """In the admin's order; statuses may be mixed, each phase says its own."""
    members: tuple[MemberPlan, ...] = ()
    default_assignee: str = ""
    """A login; '' leaves tickets unassigned at birth."""
    days_until_due: int = 3
    first_contact_hours: int | None = None
    default_priority: int = 2
    """1 high, 2 medium, 3 low."""
    notes_for_all: bool = False
    """Notes are seen by all members; else by author, assignee and followers (N1)."""
    reopening: str = "reopen"
    """What a reply after closing does: reopen, days (reopen within `reopen_days`, else a linked new ticket), new (M9)."""
    reopen_days: int = 14
    reachable_by_phone: bool = False
    """A customer without e-mail can be started all the same (I4)."""
    intake: IntakePlan = IntakePlan()
    signature: str = ""
    active: bool = True
    version: int = 0
    """As it was read; a save over a newer one is refused and told what changed."""

    def phase(self, key: int) -> PhasePlan:
        """The phase of that key; KeyError when there is none."""
        for phase in self.phases:
            if phase.key == key:
                return phase
        raise KeyError(key)

    def with_phase(self, phase: PhasePlan) -> "FlowPlan":
        """The plan with a phase in the place of the one of its key."""
        return replace(self, phases=tuple(phase if p.key == phase.key else p for p in self.phases))

    def new_key(self) -> int:
        """A key for a phase that is not saved yet."""
        return min([0, *(p.key for p in self.phases)]) - 1

    def of(self, status: Status) -> Iterator[PhasePlan]:
        """The phases of a status, in order."""
        return (p for p in self.phases if p.status is status)


@dataclass(frozen=True)
class Difference:
    """One thing that differs between two plans, or between a set-up row before and after (audit)."""

    field: str
    """In words for people, already translated: “days until due”, “phase Contato · checklist”."""
    old: str
    """'' where there was nothing."""
    new: str
