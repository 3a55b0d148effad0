"""A flow as data: phases in three statuses, their checklists, and where a ticket may go (P5–P8)."""

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum

from domain.refusals import Refusal, refuse


class Status(StrEnum):
    """Where a phase lies (P6)."""

    PENDING = "pending"
    PROGRESS = "progress"
    CLOSED = "closed"


class Binding(StrEnum):
    """Whether a checklist holds a ticket back (P7)."""

    OPTIONAL = "optional"
    MANDATORY = "mandatory"


@dataclass(frozen=True)
class Item:
    """One line of a checklist."""

    id: int
    text: str


@dataclass(frozen=True)
class Phase:
    """A step of a flow."""

    id: int
    name: str
    status: Status
    binding: Binding = Binding.OPTIONAL
    items: tuple[Item, ...] = ()
    onward: frozenset[int] | None = None
    """Phases a ticket may go forward to from here; None means any (P6)."""


@dataclass(frozen=True)
class Flow:
    """The way that tickets walk."""

    id: int
    name: str
    phases: tuple[Phase, ...]
    """In the admin's order."""
    reachable_by_phone: bool = False
    """Whether a customer whose phone is known needs no e-mail for a start (I4)."""

    def phase(self, id: int) -> Phase:
        """The phase of that id; KeyError when it is not of this flow."""
        for phase in self.phases:
            if phase.id == id:
                return phase
        raise KeyError(id)

    def first(self, status: Status) -> Phase:
        """The first phase of a status: where tickets are born, started, closed (I6, T2)."""
        return next(p for p in self.phases if p.status is status)

    def last(self, status: Status) -> Phase:
        """The last phase of a status: where a reopened ticket goes (M9)."""
        return next(p for p in reversed(self.phases) if p.status is status)

    def is_forward(self, source: int, target: int) -> bool:
        """Whether the way from one phase to another leads on: by status first, then by the admin's order."""
        return self._place(target) > self._place(source)

    def _place(self, id: int) -> tuple[int, int]:
        order = [p.id for p in self.phases]
        return _RANK[self.phase(id).status], order.index(id)

    def named(self, name: str) -> Phase | Refusal:
        """The phase that a person means: by its name or the start of it, whatever the case."""
        wanted = name.casefold().strip()
        exact = [p for p in self.phases if p.name.casefold() == wanted]
        begins = [p for p in self.phases if wanted and p.name.casefold().startswith(wanted)]
        if exact or len(begins) == 1:
            return (exact or begins)[0]
        return refuse("no phase", phase=name, phases=tuple(p.name for p in self.phases))


_RANK = {Status.PENDING: 0, Status.PROGRESS: 1, Status.CLOSED: 2}


def missing(phase: Phase, ticked: Set[int]) -> tuple[str, ...]:
    """The texts of the items of a phase that are not ticked."""
    return tuple(item.text for item in phase.items if item.id not in ticked)


def may_go(flow: Flow, source: int, target: int, ticked: Set[int]) -> Refusal | None:
    """Whether a ticket may go from one phase to another, given the items ticked on it (P6, P7).

    Going back is always allowed.
    """
    here, there = flow.phase(source), flow.phase(target)
    if source == target:
        return refuse("same phase", phase=here.name)
    if not flow.is_forward(source, target):
        return None
    if here.onward is not None and target not in here.onward:
        allowed = tuple(p.name for p in flow.phases if p.id in here.onward)
        return refuse("not that way", phase=here.name, allowed=allowed, target=there.name)
    if here.binding is Binding.MANDATORY and (open_items := missing(here, ticked)):
        return refuse("checklist", phase=here.name, missing=open_items)
    return None
