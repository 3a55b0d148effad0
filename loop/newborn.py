"""Tickets that are born of answers, many in a batch (I6): of those that come in, and of those that a rule opens one for."""

from dataclasses import dataclass
from typing import Any

from domain.answers import subject_for
from domain.people import AUTOPILOT, PROGRAM
from domain.rule_effects import DAY_MS, State
from domain.rules import RuleSet
from domain.text import fold
from domain.tickets import queue_rank
from loop.intaking import Home
from loop.wording import LONGEST
from storage.conditions import STATUS
from storage.tables import Event, SearchText, TicketRow
from storage.work import json_text


@dataclass(slots=True)
class Newborn:
    """A ticket on its way: what its answer gives it, and where it goes."""

    answer: int
    survey: int
    survey_name: str
    score: int | None
    klass: int | None
    """As it is kept: 0 detractor, 1 neutral, 2 promoter."""
    comment: str
    answered_at: int
    contact: int
    own_contact: int | None
    name: str
    email: str
    home: Home | None
    """Of the flow that takes it; None where a rule opens it, or nobody does."""
    state: State | None = None
    """What rules made of it; None for what the flow gives."""
    opened_by: RuleSet | None = None
    """The rule set that opened it; None for the flow's filters."""
    number: int = 0


_TICKET = (
    "number", "subject", "description", "flow_id", "phase_id", "status", "priority", "klass", "score", "survey_id", "contact_id",
    "own_contact_id", "answer_id", "assignee_id", "created_at", "born_at", "due_at", "rank", "started_at", "closed_at",
    "resolution", "outcome",
)  # fmt: skip
_EVENT = ("ticket", "at", "kind", "actor_kind", "data")


def state_of(home: Home, now: int, *, customer: str, email: str, phone: str) -> State:
    """A ticket as its flow bears it, for rules to look at."""
    return State(
        flow=home.flow, phase_id=home.phase, priority=home.priority, due_at=now + home.days * DAY_MS,
        assignee_id=home.assignee, customer=customer, email=email, phone=phone,
    )  # fmt: skip


def number(work: Any, newborns: list[Newborn]) -> None:
    """Give them their numbers, in order."""
    for one, key in zip(newborns, work.reserve(TicketRow, len(newborns)), strict=True):
        one.number = key


def insert(work: Any, newborns: list[Newborn], now: int) -> None:
    """Write tickets that have numbers, what they are found by, and the event of their birth."""
    work.insert_many(TicketRow, _TICKET, [_ticket(one, now) for one in newborns])
    work.insert_many(SearchText, ("ticket", "words"), [(one.number, _words(one)) for one in newborns])
    told: dict[tuple[str, int | None], str] = {}
    events = []
    for one in newborns:
        key = (one.survey_name, one.score)
        if one.opened_by is not None:
            data = {"survey": one.survey_name, "score": one.score, "rule": one.opened_by.id, "rule_name": one.opened_by.name}  # fmt: skip
            events.append((one.number, now, "opened", AUTOPILOT.kind.value, json_text(data)))
            continue
        if key not in told:
            told[key] = json_text({"survey": one.survey_name, "score": one.score})
        events.append((one.number, now, "opened", PROGRAM.kind.value, told[key]))
    work.insert_many(Event, _EVENT, events)


def _ticket(one: Newborn, now: int) -> tuple[Any, ...]:
    home, state = one.home, one.state
    order = 3 if one.klass is None else one.klass
    if state is None:
        assert home is not None
        due = now + home.days * DAY_MS
        is_now = (home.flow.id, home.phase, 0, home.priority)
        later: tuple[Any, ...] = (home.assignee, due, queue_rank(home.priority, order, due), None, None, "", "")
    else:
        is_now = (state.flow.id, state.phase_id, STATUS[state.status.value], state.priority)
        later = (
            state.assignee_id, state.due_at, queue_rank(state.priority, order, state.due_at), state.started_at,
            state.closed_at, state.resolution, state.outcome,
        )  # fmt: skip
    assignee, due_at, rank, *times = later
    subject = subject_for(one.comment, one.survey_name, one.score or 0)
    return (
        one.number, subject, one.comment, *is_now, one.klass, one.score, one.survey, one.contact, one.own_contact,
        one.answer, assignee, one.answered_at, now, due_at, rank, *times,
    )  # fmt: skip


def _words(one: Newborn) -> str:
    # The subject repeats the comment; without one it is the survey's name and the score.
    about = one.comment or subject_for("", one.survey_name, one.score or 0)
    return fold(f"{about} {one.name} {one.email}")[:LONGEST]
