"""Which flow takes an answer (I3, I5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.answers import ScoreClass


@dataclass(frozen=True)
class Intake:
    """A flow's filters; an empty one lets everything through."""

    flow_id: int
    surveys: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    answered_from: int | None = None
    """Unix milliseconds, inclusive."""
    answered_until: int | None = None
    """Unix milliseconds, exclusive."""

    @classmethod
    def read(cls, flow_id: int, filters: Mapping[str, Any], start: int | None, end: int | None) -> "Intake":
        """From a flow's stored filters."""
        return cls(flow_id, frozenset(filters.get("surveys", ())), frozenset(filters.get("classes", ())), start, end)

    def takes(self, survey: str, klass: ScoreClass, answered_ms: int) -> bool:
        """Whether every filter holds."""
        return (
            (not self.surveys or survey in self.surveys)
            and (not self.classes or klass.value in self.classes)
            and (self.answered_from is None or answered_ms >= self.answered_from)
            and (self.answered_until is None or answered_ms < self.answered_until)
        )


def choose(intakes: Iterable[Intake], survey: str, klass: ScoreClass, answered_ms: int) -> int | None:
    """The first flow in the admin's order that takes the answer; None when none does."""
    return next((i.flow_id for i in intakes if i.takes(survey, klass, answered_ms)), None)
