"""The answers that a rehearsed set could touch, read in chunks without the ORM, the newest first (A6, P3).

What SQL can tell by itself is asked there: survey, class, score, days, flow, tags, whether there is a ticket. The set itself
is asked about what is left.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from domain.people import Actor
from domain.rights import may_manage
from domain.rule_conditions import flat
from domain.rules import RuleSet
from loop.queue import CLASSES
from loop.rule_cases import EARLIER
from loop.rule_plans import Names
from loop.sight import within

CHUNK = 4_000
"""Answers read at once: some megabytes, some hundredths of a second."""
DAY_MS = 86_400_000
_NOBODY = -1

TICKET = "LEFT JOIN tickets t ON t.number = (SELECT MIN(x.number) FROM tickets x WHERE x.answer_id = a.id)"
"""An answer's ticket: the first one, as for `loop.rule_cases`."""
_EARLIER = "CASE WHEN t.number IS NULL THEN {of_answer} ELSE {of_ticket} END".format(
    of_answer=EARLIER.format(
        contact="a.contact_id",
        before="(e.born_at < a.imported_at OR (e.born_at = a.imported_at AND e.answer_id < a.id))",
    ),
    of_ticket=EARLIER.format(contact="t.contact_id", before="e.number < t.number"),
)

Rows = Callable[..., Sequence[tuple[Any, ...]]]


class Read(NamedTuple):
    """An answer and its ticket."""

    answer: int
    at: int
    survey: int
    score: int | None
    klass: int | None
    contact: int | None
    """The ticket's customer, where there is one."""
    ticket: int | None
    flow: int | None
    status: int | None
    merged_into: int | None
    priority: int | None
    comment: str
    attributes: Any
    """JSON, to be read where it is asked for."""
    earlier: int
    """Earlier tickets of the customer."""


class Attributes(Mapping[str, str]):
    """Attributes that are read from JSON when somebody looks."""

    __slots__ = ("_found", "_text")

    def __init__(self, text: Any) -> None:
        self._text, self._found = text, None

    @property
    def found(self) -> dict[str, str]:
        if self._found is None:
            found = json.loads(self._text) if isinstance(self._text, str) else self._text
            self._found = found if isinstance(found, dict) else {}
        return self._found

    def __getitem__(self, name: str) -> str:
        return self.found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)


@dataclass(frozen=True)
class Where:
    """Which answers are read."""

    days_from: int | None
    """Unix ms; None for all."""
    sight: str
    """The condition on who is asking."""
    filters: tuple[str, ...]
    parameters: Mapping[str, Any]

    @property
    def base(self) -> str:
        """What an answer must be to be among those that could have been touched at all."""
        since = "" if self.days_from is None else f"a.answered_at >= {int(self.days_from)} AND "
        return since + self.sight


def sight_of(actor: Actor) -> str:
    """Answers whose ticket is in a flow in sight; those without a ticket for who manages (P3)."""
    if actor.is_owner:
        return "1 = 1"
    return f"(t.number IS NULL OR {within(actor)})" if may_manage(actor) is None else within(actor)


def where(
    plan: RuleSet, names: Names, surveys: Sequence[int], *, tags: Mapping[int, str], actor: Actor, since: int | None,
    now: int, given: frozenset[str],
) -> Where:  # fmt: skip
    """What SQL can tell of a set; `given`: what earlier sets give (categories, tags, priority), which it cannot.

    `surveys`: those whose answers the set may run on; `tags`: all tags' names by id.
    """
    when, then = plan.when, plan.then
    filters = [_in("a.survey_id", surveys)]
    either = []
    if when.classes:
        either.append(_in("a.klass", [i for i, c in enumerate(CLASSES) if c.value in when.classes]))
    if when.scores:
        either.append(_in("a.score", when.scores))
    if either:
        filters.append(f"({' OR '.join(either)})")
    if when.ticket != "any":
        filters.append(f"t.number IS {'NOT ' if when.ticket == 'with' else ''}NULL")
    elif not then.send and not then.open_in:
        filters.append("t.number IS NOT NULL")
    if when.flows:
        filters.append(_in("t.flow_id", [id for name in when.flows if (id := names.flows.id(name)) is not None]))
    if when.priorities and "priority" not in given:
        filters.append(_in("t.priority", when.priorities))
    if when.categories and "categories" not in given:
        ids = [id for name in when.categories if (id := names.categories.id(name)) is not None]
        inside = f"h.category_id IN ({_listed(ids)})"
        filters.append(f"EXISTS (SELECT 1 FROM ticket_categories h WHERE h.ticket = t.number AND {inside})")
    if when.tags and "tags" not in given:
        wanted = set(map(flat, when.tags))
        inside = f"h.tag_id IN ({_listed([id for id, name in tags.items() if flat(name) in wanted])})"
        filters.append(f"EXISTS (SELECT 1 FROM ticket_tags h WHERE h.ticket = t.number AND {inside})")
    if when.says.any_of:
        filters.append("a.comment <> ''")
    if plan.id is not None:
        filters.append(
            f"NOT EXISTS (SELECT 1 FROM rule_hits h WHERE h.rule_set_id = {int(plan.id)} AND h.about = a.id)"
        )
    if when.earlier_from is not None:
        filters.append(f"{_EARLIER} >= {int(when.earlier_from)}")
    if when.moment is not None:
        filters.append(_MOMENTS.get(when.moment.kind, "1 = 0"))
    return Where(since, sight_of(actor), tuple(filters), {"now": now, "ms": (when.moment.hours * 3_600_000) if when.moment else 0})  # fmt: skip


_MOMENTS = {
    "not started": "t.archived = false AND t.status = 0 AND t.started_at IS NULL AND t.born_at + :ms <= :now",
    "due in": "t.archived = false AND t.status < 2 AND t.due_at - :ms <= :now",
    "no reply": "t.archived = false AND t.status < 2 AND t.last_out_at + :ms <= :now"
    " AND (t.last_in_at IS NULL OR t.last_in_at < t.last_out_at)",
}
"""What the clock looks for, as far as it is so now (`loop.rule_clock`)."""


def count(rows: Rows, of: Where) -> int:
    """How many answers came in that time, in sight."""
    joined = "" if of.sight == "1 = 1" else TICKET
    return int(rows(f"SELECT COUNT(*) FROM answers a {joined} WHERE {of.base}")[0][0])


def newest(rows: Rows, actor: Actor) -> int | None:
    """When the newest answer in sight came, Unix ms; None without any."""
    return _first(rows, actor, "DESC")


def oldest(rows: Rows, actor: Actor) -> int | None:
    """When the oldest answer in sight came, Unix ms; None without any."""
    return _first(rows, actor, "ASC")


def _first(rows: Rows, actor: Actor, order: str) -> int | None:
    sight = sight_of(actor)
    joined = "" if sight == "1 = 1" else TICKET
    found = rows(f"SELECT a.answered_at FROM answers a {joined} WHERE {sight} ORDER BY a.answered_at {order} LIMIT 1")
    return found[0][0] if found else None


def chunks(rows: Rows, of: Where, *, comments: bool, attributes: bool, earlier: bool) -> Iterator[list[Read]]:
    """The answers that are left, the newest first."""
    words = "a.comment" if comments else "''"
    # Text on both databases, so that it is read only where somebody looks.
    json_text = "CAST(a.attributes AS TEXT)" if attributes else "''"
    at, id = 1 << 62, 1 << 62
    while True:
        found = rows(
            f"""SELECT a.id, a.answered_at, a.survey_id, a.score, a.klass, COALESCE(t.contact_id, a.contact_id),
                       t.number, t.flow_id, t.status, t.merged_into, t.priority, {words}, {json_text}, {_EARLIER if earlier else 0}
                FROM answers a {TICKET}
                WHERE {of.base} AND a.answered_at <= :at AND (a.answered_at < :at OR a.id < :id) AND {" AND ".join(of.filters)}
                ORDER BY a.answered_at DESC, a.id DESC LIMIT {CHUNK}""",
            {**of.parameters, "at": at, "id": id},
        )
        yield list(map(Read._make, found))
        if len(found) < CHUNK:
            return
        id, at = found[-1][0], found[-1][1]


def by_ticket(rows: Rows, table: str, column: str, tickets: Sequence[int]) -> dict[int, list[int]]:
    """Ids of the categories or tags of some tickets."""
    found: dict[int, list[int]] = {}
    for ticket, id in (
        rows(f"SELECT ticket, {column} FROM {table} WHERE ticket IN ({_listed(tickets)})") if tickets else ()
    ):
        found.setdefault(ticket, []).append(id)
    return found


def hits_of(rows: Rows, sets: Sequence[int], answers: Sequence[int]) -> dict[int, set[int]]:
    """By answer, which of some sets met it before."""
    found: dict[int, set[int]] = {}
    if sets and answers:
        for about, id in rows(
            f"SELECT about, rule_set_id FROM rule_hits WHERE rule_set_id IN ({_listed(sets)}) AND about IN ({_listed(answers)})"
        ):
            found.setdefault(about, set()).add(id)
    return found


def _in(column: str, ids: Sequence[int]) -> str:
    """The condition that a column is one of some whole numbers.

    The plus keeps SQLite from an index of it: answers are read in order of their day, and would be sorted for each chunk.
    """
    return f"+{column} IN ({_listed(ids)})"


def _listed(ids: Sequence[int]) -> str:
    return ", ".join(str(int(i)) for i in ids) or str(_NOBODY)
