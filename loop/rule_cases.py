"""Answers and tickets that are here, as rule sets look at them: read many at a time, locked where they will be changed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.rule_effects import State
from domain.ruling import Case
from domain.text import fold
from loop.flow_plans import decoded
from loop.flowing import hold, read_flows
from loop.knowing import goes_on_as
from loop.newborn import Newborn
from loop.rule_effects import Subject
from loop.rule_world import Setup

Rows = Callable[..., Any]
CLASSES = ("detractor", "neutral", "promoter")
"""By how the database keeps them."""

EARLIER = """(SELECT COUNT(*) FROM tickets e WHERE e.merged_into IS NULL AND e.contact_id = {contact} AND {before})"""
_OF_TICKET = EARLIER.format(contact="t.contact_id", before="e.number < t.number")
_OF_ANSWER = EARLIER.format(
    contact="a.contact_id",
    before="(e.born_at < a.imported_at OR (e.born_at = a.imported_at AND e.answer_id < a.id))",
)
_COLUMNS = """a.id, a.survey_id, s.name, s.internal, a.klass, a.score, a.comment, a.attributes, a.answered_at, a.contact_id,
    a.own_contact_id, c.name, c.email, c.phone, c.attributes, t.number, t.flow_id, t.phase_id, t.status, t.priority, t.due_at,
    t.assignee_id, t.started_at, t.closed_at, t.resolution, t.outcome, t.merged_into, t.klass, t.score, t.born_at, t.description"""
_BY_ANSWER = """FROM answers a JOIN surveys s ON s.id = a.survey_id LEFT JOIN tickets t ON t.answer_id = a.id
    LEFT JOIN contacts c ON c.id = COALESCE(t.contact_id, a.contact_id) WHERE a.id IN ({ids}) ORDER BY a.id, t.number"""
_BY_TICKET = """FROM tickets t LEFT JOIN answers a ON a.id = t.answer_id LEFT JOIN surveys s ON s.id = COALESCE(a.survey_id, t.survey_id)
    LEFT JOIN contacts c ON c.id = t.contact_id WHERE t.number IN ({ids}) ORDER BY t.number"""


@dataclass(slots=True)
class Found:
    """A subject, with what a ticket that a rule opens for it needs."""

    subject: Subject
    flow: int | None
    phase: int | None
    row: tuple[Any, ...]


def by_answers(rows: Rows, ids: Iterable[int], of: Setup) -> list[Found]:
    """Answers by their ids, with their tickets; without what only the changing of these needs."""
    return _read(rows, _BY_ANSWER, ids, of, f"CASE WHEN t.number IS NULL THEN {_OF_ANSWER} ELSE {_OF_TICKET} END")


def by_tickets(rows: Rows, numbers: Iterable[int], of: Setup) -> list[Found]:
    """Tickets by their numbers, with their answers."""
    return _read(rows, _BY_TICKET, numbers, of, _OF_TICKET)


def _read(rows: Rows, sql: str, ids: Iterable[int], of: Setup, earlier: str) -> list[Found]:
    inside = ", ".join(str(int(id)) for id in ids)
    if not inside:
        return []
    counted = earlier if "earlier" in of.ruling.needs else "0"
    found: dict[int, Found] = {}
    for row in rows(f"SELECT {_COLUMNS}, {counted} {sql.format(ids=inside)}", {}):
        one = _found(row, of)
        found.setdefault(one.subject.about, one)  # an answer is about one ticket, the first
    _past(rows, found, of)
    _labels(rows, found, of)
    return list(found.values())


def _found(row: tuple[Any, ...], of: Setup) -> Found:
    (id, __, survey, internal, klass, score, comment, attributes, answered, contact, __, name, email, phone, of_contact,
     number, flow, phase, status, priority, *__, merged, ticket_klass, ticket_score, born, description, earlier) = row  # fmt: skip
    bare = id is None  # a ticket by mail or by hand
    order = ticket_klass if bare else klass
    case = Case(
        survey=survey or "",
        klass=None if order is None else CLASSES[order],
        score=ticket_score if bare else score,
        comment=(description if bare else comment) or "",
        attributes=decoded(of_contact if bare else attributes) or {},
        ticket=number is not None,
        closed=number is not None and (status == 2 or merged is not None),
        may_open=contact is not None and not internal,
        flow=of.flow_names.get(flow, "") if flow else "",
        priority=priority,
        earlier=earlier,
    )
    subject = Subject(
        about=-number if bare else id, case=case, at=born if bare else answered, number=number,
        klass=order if number is None else ticket_klass, customer=name or "", email=email or "", phone=phone or "",
        internal=bool(internal),
    )  # fmt: skip
    return Found(subject, flow, phase, row)


def _past(rows: Rows, found: Mapping[int, Found], of: Setup) -> None:
    """Which of the sets met them before (A5)."""
    sets, abouts = ", ".join(map(str, of.sets)), ", ".join(map(str, found))
    if not sets or not abouts:
        return
    met: dict[int, set[int]] = {}
    for about, id in rows(f"SELECT about, rule_set_id FROM rule_hits WHERE about IN ({abouts}) AND rule_set_id IN ({sets})", {}):  # fmt: skip
        met.setdefault(about, set()).add(id)
    for about, ids in met.items():
        found[about].subject.case.hit = frozenset(ids)


def _labels(rows: Rows, found: Mapping[int, Found], of: Setup) -> None:
    """Tags and categories, where sets look at these."""
    numbers = [f.subject.number for f in found.values() if f.subject.number is not None]
    if "tags" in of.ruling.needs:
        tags = _grouped(tags_of(rows, numbers))
        for one in found.values():
            one.subject.case.tags = tuple(tags.get(one.subject.number, ()))
    if "categories" in of.ruling.needs:
        categories = _grouped(categories_of(rows, numbers))
        for one in found.values():
            one.subject.case.categories = tuple(categories.get(one.subject.number, ()))


def tags_of(rows: Rows, numbers: Iterable[int | None]) -> Any:
    """Ticket and tag."""
    inside = ", ".join(map(str, numbers)) or "-1"
    return rows(f"SELECT x.ticket, g.name FROM ticket_tags x JOIN tags g ON g.id = x.tag_id WHERE x.ticket IN ({inside})", {})  # fmt: skip


def categories_of(rows: Rows, numbers: Iterable[int | None]) -> Any:
    """Ticket and a category's whole name."""
    inside = ", ".join(map(str, numbers)) or "-1"
    return rows(
        f"""SELECT x.ticket, CASE WHEN p.id IS NULL THEN c.name ELSE p.name || ' / ' || c.name END
            FROM ticket_categories x JOIN categories c ON c.id = x.category_id LEFT JOIN categories p ON p.id = c.parent_id
            WHERE x.ticket IN ({inside})""",
        {},
    )


def _grouped(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def lock(work: Any, answers: Iterable[int], numbers: Iterable[int], of: Setup) -> None:
    """Keep others from touching them until the end of this work: flows, then answers, then tickets, as all others do.

    Who waits here sees the hits of who was first, so that no set meets an answer twice (A5).
    """
    if not work.lock:
        return
    inside = ", ".join(str(int(n)) for n in sorted(set(numbers)))
    of_tickets = [f for (f,) in work.rows(f"SELECT DISTINCT flow_id FROM tickets WHERE number IN ({inside})")] if inside else []  # fmt: skip
    hold(work, {*of_tickets, *of.homes})
    ids = ", ".join(str(int(a)) for a in sorted(set(answers)))
    if ids:
        work.rows(f"SELECT id FROM answers WHERE id IN ({ids}) ORDER BY id{work.lock}")
    either = " OR ".join(filter(None, (inside and f"number IN ({inside})", ids and f"answer_id IN ({ids})")))
    if either:
        rows = work.rows(f"SELECT flow_id FROM tickets WHERE {either} ORDER BY number{work.lock}")
        hold(work, {f for (f,) in rows} - {*of_tickets, *of.homes})


def states(work: Any, found: Iterable[Found]) -> None:
    """Give subjects with a ticket the state that rules change; their rows are locked."""
    wanted = {f.subject.number: f for f in found if f.subject.number is not None}
    if not wanted:
        return
    flows = read_flows(work.rows, {f.flow for f in wanted.values() if f.flow is not None})
    inside = ", ".join(map(str, wanted))
    tags = _grouped(tags_of(work.rows, wanted))
    categories = _grouped(categories_of(work.rows, wanted))
    ticks = _grouped(work.rows(f"SELECT ticket, item_id FROM ticks WHERE ticket IN ({inside})"))
    followers = _grouped(
        work.rows(f"SELECT ticket, user_id FROM followers WHERE ticket IN ({inside}) ORDER BY since, user_id")
    )
    for number, one in wanted.items():
        (*__, priority, due, assignee, started, closed, resolution, outcome, merged, __, __, __, __, __) = one.row
        one.subject.state = State(
            flow=flows[one.flow], phase_id=one.phase or 0, priority=priority, due_at=due, assignee_id=assignee,
            customer=one.subject.customer, email=one.subject.email, phone=one.subject.phone, started_at=started,
            closed_at=closed, resolution=resolution, outcome=outcome, merged_into=merged,
            ticked=frozenset(ticks.get(number, ())), tags={fold(name): name for name in tags.get(number, ())},
            categories=set(categories.get(number, ())), followers=dict.fromkeys(followers.get(number, ())),
        )  # type: ignore[index]  # fmt: skip


def newborns(work: Any, found: Iterable[Found]) -> list[Newborn]:
    """The tickets that rules opened for answers that had none; their subjects get the numbers when these are given."""
    opened = [f for f in found if f.subject.opened_by is not None]
    born = []
    merged = goes_on_as(work, [f.row[9] for f in opened]) if opened else {}
    for one in opened:
        id, survey, name, __, klass, score, comment, __, answered, contact, own, *__ = one.row
        state = one.subject.state
        assert state is not None
        now = merged.get(contact, contact)
        born.append(
            Newborn(
                answer=id, survey=survey, survey_name=name, score=score, klass=klass, comment=comment, answered_at=answered,
                contact=now, own_contact=own if now == contact else own or contact, name=one.subject.customer,
                email=one.subject.email, home=None, state=state, opened_by=one.subject.opened_by,
            )
        )  # fmt: skip
    return born
