"""Which flow takes an answer (I3, I5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from domain.answers import ScoreClass
from domain.plans import IntakePlan
from domain.text import fold
from domain.textmatch import Matcher, trouble


@dataclass(frozen=True)
class Facts:
    """What of an answer the filters look at."""

    survey: str
    klass: ScoreClass
    score: int
    answered_ms: int
    comment: str = ""
    attributes: tuple[tuple[str, str], ...] = ()

    @cached_property
    def folded(self) -> dict[str, set[str]]:
        """The values of each attribute, without case and accents."""
        found: dict[str, set[str]] = {}
        for name, value in self.attributes:
            found.setdefault(_flat(name), set()).add(_flat(value))
        return found


@dataclass(frozen=True)
class Intake:
    """A flow's filters, ready to be asked; an empty one lets everything through."""

    flow_id: int
    surveys: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    score_from: int | None = None
    score_to: int | None = None
    attributes: tuple[tuple[str, frozenset[str]], ...] = ()
    """Folded: all of the attributes, any of the values."""
    keywords: Matcher | None = field(default=None)
    """Finds any of the keywords in a comment."""
    answered_from: int | None = None
    """Unix milliseconds, inclusive."""
    answered_until: int | None = None
    """Unix milliseconds, exclusive."""

    @classmethod
    def of(cls, flow_id: int, plan: IntakePlan) -> "Intake":
        """The filters that a plan says."""
        return cls(
            flow_id,
            frozenset(plan.surveys),
            frozenset(plan.classes),
            plan.score_from,
            plan.score_to,
            tuple((_flat(name), frozenset(map(_flat, values))) for name, values in plan.attributes),
            _any_of(plan.keywords),
            plan.answered_from,
            plan.answered_until,
        )

    def takes(self, facts: Facts) -> bool:
        """Whether every filter holds."""
        return (
            (not self.surveys or facts.survey in self.surveys)
            and (not self.classes or facts.klass.value in self.classes)
            and (self.score_from is None or facts.score >= self.score_from)
            and (self.score_to is None or facts.score <= self.score_to)
            and (self.answered_from is None or facts.answered_ms >= self.answered_from)
            and (self.answered_until is None or facts.answered_ms < self.answered_until)
            and all(not values.isdisjoint(facts.folded.get(name, ())) for name, values in self.attributes)
            and (self.keywords is None or self.keywords.any(facts.comment))
        )


def choose(intakes: Iterable[Intake], facts: Facts) -> int | None:
    """The first flow in the admin's order that takes the answer; None when none does."""
    return next((i.flow_id for i in intakes if i.takes(facts)), None)


def _flat(text: str) -> str:
    return " ".join(fold(text).split())


def _any_of(keywords: Iterable[str]) -> Matcher | None:
    """Words and expressions of Text Match; what is no expression is looked for as it stands."""
    asked = [word for word in map(_flat, keywords) if word.rstrip("*")]
    words = [word if trouble(word) is None else '"' + word.replace('"', " ") + '"' for word in asked]
    return Matcher([(word, False) for word in words]) if asked else None


def stored(plan: IntakePlan, survey_ids: Mapping[str, int]) -> dict[str, Any]:
    """The filters as the database keeps them: surveys by id, so that they can be renamed; those not known yet by name."""
    return {
        "surveys": [survey_ids.get(name, name) for name in plan.surveys],
        "classes": list(plan.classes),
        "score_from": plan.score_from,
        "score_to": plan.score_to,
        "attributes": [[name, list(values)] for name, values in plan.attributes],
        "keywords": list(plan.keywords),
    }


def read(filters: Mapping[str, Any], names: Mapping[int, str], start: int | None, end: int | None) -> IntakePlan:
    """The filters that the database kept, with the surveys' present names."""
    # A survey that is gone leaves a name that no survey has, or the filter would let everything through.
    return IntakePlan(
        tuple(names.get(s, f"#{s}") if isinstance(s, int) else str(s) for s in filters.get("surveys", ())),
        tuple(filters.get("classes", ())),
        filters.get("score_from"),
        filters.get("score_to"),
        tuple((name, tuple(values)) for name, values in filters.get("attributes", ())),
        tuple(filters.get("keywords", ())),
        start,
        end,
    )
