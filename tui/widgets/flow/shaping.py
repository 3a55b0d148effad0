"""A plan while somebody shapes it: what was read, what it is now, and the steps back."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.planning import differences, troubles
from domain.plans import Difference, FlowPlan
from tui.widgets.flow.edits import removed_into
from tui.widgets.flow.rebase import renewed

STEPS = 500
"""So many edits can be taken back."""


class Shaping:
    """See the module. It outlives the editor, so that an unsaved plan is there again when the flow is opened next."""

    def __init__(self, base: FlowPlan, plan: FlowPlan | None = None) -> None:
        """`plan` differs from `base` where a plan was made from a text."""
        self.base = base
        """As it was read."""
        self.plan = plan or base
        """As it is shaped."""
        self.destinations: Mapping[int, int] = MappingProxyType({})
        """Removed phases and the phases that take their tickets (P8)."""
        self._steps: list[tuple[FlowPlan, Mapping[int, int]]] = []
        self._changes: tuple[Difference, ...] | None = None
        self._troubles: tuple[str, ...] | None = None

    @property
    def changes(self) -> tuple[Difference, ...]:
        """What differs from what was read."""
        if self._changes is None:
            self._changes = differences(self.base, self.plan)
        return self._changes

    @property
    def troubles(self) -> tuple[str, ...]:
        """What stands in the way of saving."""
        if self._troubles is None:
            self._troubles = troubles(self.plan)
        return self._troubles

    @property
    def unsaved(self) -> bool:
        """Whether there is something to save: changes, or a flow that is not there yet."""
        return bool(self.changes)

    def change(self, plan: FlowPlan, destinations: Mapping[int, int] | None = None) -> bool:
        """Shape it so; False where nothing changes."""
        if plan == self.plan:
            return False
        self._steps.append((self.plan, self.destinations))
        del self._steps[:-STEPS]
        self._become(plan, self.destinations if destinations is None else destinations)
        return True

    def remove_into(self, plan: FlowPlan, key: int, into: int | None) -> None:
        """A phase was removed; its tickets go into another."""
        self.change(plan, MappingProxyType(removed_into(dict(self.destinations), key, into)))

    def aim(self, key: int, into: int) -> None:
        """Say where the tickets of a phase go that is removed already."""
        self.destinations = MappingProxyType(removed_into(dict(self.destinations), key, into))

    def undo(self) -> bool:
        """Take the last edit back; False where there is none."""
        if not self._steps:
            return False
        plan, destinations = self._steps.pop()
        self._become(plan, destinations)
        return True

    def onto(self, base: FlowPlan, plan: FlowPlan) -> None:
        """Go on over what somebody else saved; the edit before it is the plan as it was, on the same ground."""
        mine = renewed(self.plan, base)
        self._steps = [(mine, self.destinations)] if mine != plan else []
        self.base = base
        left = {p.key for p in plan.phases}
        known = {p.key for p in base.phases}
        kept = {k: v for k, v in self.destinations.items() if k in known and k not in left and v in left}
        self._become(plan, MappingProxyType(kept))

    def _become(self, plan: FlowPlan, destinations: Mapping[int, int]) -> None:
        self.plan, self.destinations = plan, destinations
        self._changes = self._troubles = None
