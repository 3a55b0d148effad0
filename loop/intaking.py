"""What the flows want of answers, and what they give the tickets that are born of them (I3, I5, I6)."""

import json
from dataclasses import dataclass
from typing import Any

from domain.answers import Answer, ScoreClass
from domain.flows import Flow, Status
from domain.intake import Facts, Intake
from domain.intake import read as read_intake
from loop.flowing import read_flows


@dataclass(frozen=True)
class Home:
    """What a flow gives a new ticket (I6)."""

    flow: Flow
    phase: int
    assignee: int | None
    days: int
    priority: int


def homes_of(work: Any) -> tuple[dict[int, Home], list[Intake]]:
    """What each active flow gives new tickets, and the flows' filters in the admin's order. `work` is anything with `rows`."""
    homes, intakes = {}, []
    flows = read_flows(work.rows)
    surveys = dict(work.rows("SELECT id, name FROM surveys", {}))
    for id, assignee, days, priority, filters, start, end in work.rows(
        "SELECT id, default_assignee_id, days_until_due, default_priority, intake, intake_from, intake_until FROM flows"
        " WHERE active = true ORDER BY position, id"
    ):
        homes[id] = Home(flows[id], flows[id].first(Status.PENDING).id, assignee, days, priority)
        intakes.append(Intake.of(id, read_intake(_decoded(filters), surveys, start, end)))
    return homes, intakes


def facts_of(row: Answer, survey: str, klass: ScoreClass, answered_ms: int) -> Facts:
    """What the flows' filters look at."""
    return Facts(survey, klass, row.score, answered_ms, row.comment, row.attributes)


def _decoded(value: Any) -> dict[str, Any]:
    return json.loads(value) if isinstance(value, str) else dict(value or {})
