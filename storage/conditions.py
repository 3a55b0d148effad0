"""A query and the reader's rights as SQL conditions on `tickets t` (P3, Q5).

Values always travel as parameters. `Scope` is asked here for lists as `Scope.admits` asks it for one ticket.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.query import Query, Term
from domain.rights import Scope
from domain.text import fold

AT_ADDRESS = """(SELECT id FROM contacts WHERE key = 'e:' || :address AND email = :address
    UNION ALL SELECT id FROM contacts WHERE email = :address AND email <> '' AND key <> 'e:' || email)"""
"""Ids of the customers who are written to at an address, which is folded: by the key, or by the index of those who have another."""

STATUS = {"pending": 0, "progress": 1, "closed": 2}
_CLASS = {"detractor": 0, "neutral": 1, "promoter": 2}
_PRIORITY = {"high": 1, "medium": 2, "low": 3}
_OPS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "=": "="}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}


@dataclass
class Conditions:
    """Which tickets: conditions that hold together, and their parameters."""

    flows: tuple[int, ...] | None = None
    """None: every flow. Empty: nothing is in sight."""
    status: int | None = None
    archived: bool | None = False
    """None: whether archived or not (Q4)."""
    terms: list[str] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)

    def bind(self, value: Any) -> str:
        """A parameter holding `value`; its placeholder."""
        name = f"q{len(self.parameters)}"
        self.parameters[name] = value
        return f":{name}"

    def where(self, *more: str, status: bool = True, flows: bool = True) -> str:
        """The WHERE clause, without those parts that the caller writes in itself."""
        parts = [] if self.archived is None else [f"t.archived = {'true' if self.archived else 'false'}"]
        if flows and self.flows is not None:
            parts.append(f"t.flow_id IN ({', '.join(str(int(f)) for f in self.flows)})" if self.flows else "1 = 0")
        if status and self.status is not None:
            parts.append(f"t.status = {int(self.status)}")
        return " AND ".join([*parts, *self.terms, *more]) or "true"


def conditions(
    scope: Scope, query: Query, *, tab: str | None, flow: int | None, me: int | None, now_ms: int
) -> Conditions:
    """What a list shows to somebody: their scope, the tab, the flow chosen and the query."""
    c = Conditions(flows=None if scope.everything else scope.flows)
    if flow is not None:
        c.flows = (flow,) if scope.admits(flow) else ()
    if tab is not None:
        c.status = STATUS[tab]
    if query.trouble:
        c.terms.append("1 = 0")
    for term in query.terms:
        sql = _condition(c, term, me, now_ms)
        if sql:
            c.terms.append(f"NOT COALESCE({sql}, false)" if term.negated else sql)
    return c


def _condition(c: Conditions, term: Term, me: int | None, now_ms: int) -> str:
    value = term.value
    match term.field:
        case "is":
            return _state(c, term, now_ms)
        case "number":
            return f"t.number = {c.bind(int(value))}"
        case "assignee":
            if value == "none":
                return "t.assignee_id IS NULL"
            if value == "me":
                return f"t.assignee_id = {c.bind(me)}"
            return f"t.assignee_id IN (SELECT id FROM users WHERE login = {c.bind(value)})"
        case "class":
            return f"t.klass = {c.bind(_CLASS.get(value, -1))}"
        case "priority":
            return f"t.priority = {c.bind(_PRIORITY.get(value, -1))}"
        case "score":
            return f"t.score {_OPS[term.op]} {c.bind(int(value))}"
        case "due" | "created" if term.op == "in":
            return _span(c, f"t.{term.field}_at", *term.span)
        case "due":
            return f"t.due_at {_OPS[term.op]} {c.bind(now_ms + int(value))}"
        case "created":
            return f"t.created_at {_TURNED[term.op]} {c.bind(now_ms - int(value))}"
        case "flow":
            return f"t.flow_id IN (SELECT id FROM flows WHERE lower(name) = {c.bind(value.lower())})"
        case "phase":
            return f"t.phase_id IN (SELECT id FROM phases WHERE lower(name) = {c.bind(value.lower())})"
        case "survey":
            return f"t.survey_id IN (SELECT id FROM surveys WHERE lower(name) = {c.bind(value.lower())})"
        case "tag":
            return f"t.number IN (SELECT tt.ticket FROM ticket_tags tt JOIN tags g ON g.id = tt.tag_id WHERE lower(g.name) = {c.bind(value.lower())})"
        case "category":
            name = c.bind(value.lower())
            return (
                "t.number IN (SELECT x.ticket FROM ticket_categories x JOIN categories k ON k.id = x.category_id "
                f"LEFT JOIN categories p ON p.id = k.parent_id WHERE {name} IN (lower(k.name), lower(p.name), "
                "lower(p.name || ' / ' || k.name)))"
            )
        case "customer":
            like = c.bind(_like(value.lower()))
            return f"t.contact_id IN (SELECT id FROM contacts WHERE lower(name) LIKE {like} ESCAPE '!' OR email LIKE {like} ESCAPE '!')"
        case _:
            return f"t.number IN (SELECT ticket FROM search_texts WHERE words LIKE {c.bind(_like(fold(value)))} ESCAPE '!')"


def _span(c: Conditions, column: str, start: int | None, end: int | None) -> str:
    parts = [f"{column} {op} {c.bind(at)}" for op, at in ((">=", start), ("<", end)) if at is not None]
    return f"({' AND '.join(parts)})"


def _state(c: Conditions, term: Term, now_ms: int) -> str:
    match term.value:
        case "open":
            return "t.status = 0"
        case "progress":
            return "t.status = 1"
        case "closed":
            return "t.status = 2"
        case "unanswered":
            return "t.unanswered = true"
        case "overdue":
            return f"(t.due_at < {c.bind(now_ms)} AND t.status <> 2)"
        case "unassigned":
            return "t.assignee_id IS NULL"
        case "started":
            return "t.started_at IS NOT NULL"
        case _:
            c.archived = not term.negated
            return ""


def _like(text: str) -> str:
    return "%" + text.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"


def numbers_in(numbers: Sequence[int]) -> str:
    """A condition for some tickets by number."""
    return f"t.number IN ({', '.join(str(int(n)) for n in numbers)})" if numbers else "1 = 0"
