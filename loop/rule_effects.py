"""What rule sets do to answers and tickets, written to the database (A3): decided by `domain.rule_effects`, for births and others.

A piece is a set: the tickets, events, tags, followers and hits of all its answers are written in batches.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.people import AUTOPILOT
from domain.rule_effects import DAY_MS, State, carry_out
from domain.rules import RuleSet
from domain.ruling import Case, Hit
from domain.text import fold
from domain.tickets import queue_rank
from loop.newborn import state_of
from loop.notifications import notify
from loop.rule_runs import Run
from loop.rule_world import Setup
from storage.conditions import STATUS
from storage.tables import Event, Follower, RuleHit, Tag, TicketCategory, TicketTag
from storage.work import repeated_json

OLD_MS = 7 * DAY_MS
"""Answers that are older get no mail without a yes (A5)."""
QUIET = frozenset({"import"})
"""Ways in which nobody is told that tickets are theirs now: a file of thousands is no news (N2)."""


@dataclass(slots=True)
class Made:
    """What a rule set did to an answer: a hit."""

    rule: RuleSet
    because: dict[str, Any]
    did: dict[str, Any]
    mail: str


@dataclass(slots=True)
class Subject:
    """An answer with its ticket, or a ticket without an answer, that rule sets are asked about."""

    about: int
    """The answer's id; minus the ticket's number where there is none."""
    case: Case
    at: int
    """When it was answered; of a ticket without an answer, when it was born."""
    number: int | None = None
    state: State | None = None
    """The ticket; None where there is none yet."""
    klass: int | None = None
    customer: str = ""
    email: str = ""
    phone: str = ""
    internal: bool = False
    opened_by: RuleSet | None = None
    made: list[Made] = field(default_factory=list)


def touch(subject: Subject, hits: Iterable[Hit], of: Setup, now: int) -> None:
    """Do what sets that hold say to one subject, in order, as far as it can be done. Changes `subject` only."""
    attributes = subject.case.attributes
    for hit in hits:
        rule, did = hit.rule_set, dict[str, Any]()
        then = rule.then
        if subject.state is not None and subject.state.done:
            break  # an earlier set closed it
        if then.open_in and subject.state is None:
            _open(subject, rule, of, now, did)
        if subject.state is not None:
            did |= carry_out(subject.state, rule, hit.categories, attributes, of.world, now)
        mail = ""
        if then.send:
            mail = "old" if now - subject.at > OLD_MS else "due"
            did["send"] = then.send
        subject.made.append(Made(rule, hit.because, did, mail))


def _open(subject: Subject, rule: RuleSet, of: Setup, now: int, did: dict[str, Any]) -> None:
    home = of.homes.get(of.world.flows.get(rule.then.open_in, -1))
    why = "employees" if subject.internal else "unreachable" if not subject.case.may_open else "" if home else "no flow"
    if why or home is None:
        did["undone"] = [["opened", why]]
        return
    subject.state = state_of(home, now, customer=subject.customer, email=subject.email, phone=subject.phone)
    subject.opened_by = rule
    did["opened"] = home.flow.name


def write(desk: Any, work: Any, run: Run, run_id: int, subjects: Sequence[Subject], of: Setup, *, here: bool) -> None:
    """Write what was done to some subjects, all of which have made something; those with a ticket have its number.

    `here`: their tickets exist, and are changed; else they were written as they are now.
    """
    now = desk.now()
    touched = [s for s in subjects if s.state is not None and s.number is not None]
    if here:
        changed = [s for s in touched if s.state and s.state.events and s.opened_by is None]
        work.run_many(_UPDATE, [_changes(s) for s in changed])
    _tags(work, touched, of)
    _categories(work, touched, of)
    followers = [(s.number, user, now, now) for s in touched for user in (s.state.added_followers if s.state else ())]
    work.insert_many(Follower, ("ticket", "user_id", "since", "sees_from"), followers)
    events = [
        (s.number, now, kind, AUTOPILOT.kind.value, repeated_json(data))
        for s in touched
        for kind, data in (s.state.events if s.state else ())
    ]
    work.insert_many(Event, ("ticket", "at", "kind", "actor_kind", "data"), events)
    hits = [
        (m.rule.id, s.about, run_id, s.number, now, repeated_json(m.because), repeated_json(m.did), m.mail)
        for s in subjects
        for m in s.made
    ]
    work.insert_many(RuleHit, _HIT, hits)
    if run.way not in QUIET:
        for s in touched:
            if s.state and s.state.handed:
                notify(work, [s.state.assignee_id], "assigned", ticket=s.number, actor=AUTOPILOT, at=now, flow_id=s.state.flow.id)  # type: ignore[arg-type]  # fmt: skip


_HIT = ("rule_set_id", "about", "run_id", "ticket", "at", "because", "did", "mail")
_UPDATE = """UPDATE tickets SET phase_id = :phase, status = :status, priority = :priority, due_at = :due, rank = :rank,
    assignee_id = :assignee, started_at = :started, closed_at = :closed, resolution = :resolution, outcome = :outcome,
    version = version + 1 WHERE number = :number"""


def _changes(subject: Subject) -> dict[str, Any]:
    state = subject.state
    assert state is not None
    return {
        "number": subject.number,
        "phase": state.phase_id,
        "status": STATUS[state.status.value],
        "priority": state.priority,
        "due": state.due_at,
        "rank": queue_rank(state.priority, 3 if subject.klass is None else subject.klass, state.due_at),
        "assignee": state.assignee_id,
        "started": state.started_at,
        "closed": state.closed_at,
        "resolution": state.resolution,
        "outcome": state.outcome,
    }


def _tags(work: Any, subjects: Sequence[Subject], of: Setup) -> None:
    """Put the tags on; those that are not there yet are made."""
    wanted = {folded: s.state.tags[folded] for s in subjects if s.state for folded in s.state.added_tags}
    if not wanted:
        return
    known = _known_tags(work)
    if missing := sorted(name for folded, name in wanted.items() if folded not in known):
        work.insert_new(Tag, [{"name": name} for name in missing], "name")
        known = _known_tags(work)
    of.world.tags.update({folded: known[folded][1] for folded in wanted})
    pairs = [(s.number, known[folded][0]) for s in subjects if s.state for folded in s.state.added_tags]
    work.insert_many(TicketTag, ("ticket", "tag_id"), pairs)


def _known_tags(work: Any) -> Mapping[str, tuple[int, str]]:
    return {fold(name): (id, name) for id, name in work.rows("SELECT id, name FROM tags ORDER BY id DESC")}


def _categories(work: Any, subjects: Sequence[Subject], of: Setup) -> None:
    pairs = [(s.number, of.world.categories[name]) for s in subjects if s.state for name in s.state.added_categories]
    work.insert_many(TicketCategory, ("ticket", "category_id"), pairs)
