"""Why a ticket has what it has: which rule and which of its conditions, the flow, or who (A6)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.people import Actor, ActorKind
from domain.plan_words import priority_word
from domain.refusals import Refusal, refuse
from domain.rights import scope
from domain.text import _, line
from loop.desk import Desk
from loop.rule_views import Because

FIELDS = ("ticket", "flow", "phase", "assignee", "priority", "due", "category", "tag")
"""In the order in which they are told; `field_name` says them."""

_SETS: Mapping[str, tuple[str, ...]] = {
    "phase": ("started", "moved", "closed", "reopened", "transferred"),
    "assignee": ("assigned", "transferred"),
    "priority": ("priority",),
    "due": ("due", "reopened"),
    "flow": ("transferred",),
}
"""Which events set what."""
_KINDS = ("opened", "categories", "tags", *sorted({kind for kinds in _SETS.values() for kind in kinds}))


@dataclass(frozen=True)
class _Event:
    at: int
    kind: str
    actor_kind: str
    who: str
    data: Mapping[str, Any]


def field_name(field: str) -> str:
    """One of `FIELDS` in the reader's language."""
    names = {
        "ticket": _("ticket"), "flow": _("flow"), "phase": _("phase"), "assignee": _("assignee"),
        "priority": _("priority"), "due": _("due"), "category": _("category"), "tag": _("tag"),
    }  # fmt: skip
    return names.get(field, field)


def why(desk: Desk, number: int, *, actor: Actor) -> tuple[Because, ...] | Refusal:
    """By whom a ticket in sight (P3) has its flow, phase, assignee, priority, due date, categories and tags; oldest cause first
    within a field. What nobody set is the flow's, or not told of where there is nothing.
    """
    found = desk.db.rows(
        """SELECT t.flow_id, f.name, p.name, COALESCE(u.name, ''), COALESCE(u.login, ''), t.priority, t.due_at, t.born_at, t.answer_id
           FROM tickets t JOIN flows f ON f.id = t.flow_id JOIN phases p ON p.id = t.phase_id LEFT JOIN users u ON u.id = t.assignee_id
           WHERE t.number = :n""",
        {"n": number},
    )
    if not found or not scope(actor).admits(found[0][0]):
        return refuse("no ticket", number=number)
    return tuple(_Why(desk, number, found[0]).all())


class _Why:
    """One ticket, with what happened to it, newest first, and what rules met it."""

    def __init__(self, desk: Desk, number: int, row: Sequence[Any]) -> None:
        __, self._flow, self._phase, name, login, priority, due, self._born, answer = row
        self._now = {
            "flow": self._flow,
            "phase": self._phase,
            "assignee": line(name or login, 80),
            "priority": priority_word(priority),
            "due": _day(due),
        }
        kinds = ", ".join(f"'{kind}'" for kind in _KINDS)
        self._events = [
            _Event(at, kind, actor_kind, line(who or "", 80), _read(data))
            for at, kind, actor_kind, who, data in desk.db.rows(
                f"""SELECT e.at, e.kind, e.actor_kind, COALESCE(NULLIF(u.name, ''), u.login), e.data FROM events e
                    LEFT JOIN users u ON u.id = e.actor_id WHERE e.ticket = :n AND e.kind IN ({kinds}) ORDER BY e.id DESC""",
                {"n": number},
            )
        ]
        self._hits = {
            rule: (name, _read(because))
            for rule, name, because in desk.db.rows(
                "SELECT h.rule_set_id, s.name, h.because FROM rule_hits h JOIN rule_sets s ON s.id = h.rule_set_id WHERE h.about IN (:a, :n)",
                {"a": answer or -number, "n": -number},
            )
        }
        self._labels = {
            "category": [
                r[0]
                for r in desk.db.rows(
                    """SELECT COALESCE(p.name || ' / ' || c.name, c.name) FROM ticket_categories t JOIN categories c ON c.id = t.category_id
                        LEFT JOIN categories p ON p.id = c.parent_id WHERE t.ticket = :n ORDER BY 1""",
                    {"n": number},
                )
            ],
            "tag": [
                r[0]
                for r in desk.db.rows(
                    "SELECT g.name FROM ticket_tags t JOIN tags g ON g.id = t.tag_id WHERE t.ticket = :n ORDER BY g.name",
                    {"n": number},
                )
            ],
        }

    def all(self) -> Iterator[Because]:
        yield self._birth()
        for field in ("flow", "phase", "assignee", "priority", "due"):
            event = next((e for e in self._events if e.kind in _SETS[field] and _tells(e, field)), None)
            if event is not None and (self._now[field] or event.kind != "transferred"):
                yield self._by(field, self._now[field], event)
            elif self._now[field]:
                yield self._default(field)
        for field, kind in (("category", "categories"), ("tag", "tags")):
            for name in self._labels[field]:
                event = next((e for e in self._events if e.kind == kind and name in e.data.get("added", ())), None)
                if event is not None:
                    yield self._by(field, line(name, 80), event)

    def _birth(self) -> Because:
        """By what the ticket is there at all."""
        event = next((e for e in reversed(self._events) if e.kind == "opened"), None)
        if event is None:
            return Because("ticket", "", "program", "", (), self._born)
        about = event.data.get("survey")
        value = _("an answer to {survey}").format(survey=line(str(about), 60)) if about else ""
        by_flow = event.actor_kind == ActorKind.PROGRAM.value and about and not event.data.get("by")
        if by_flow:
            return Because("ticket", value, "flow", self._first_flow(), (_("its flow takes such answers"),), event.at)
        if event.data.get("by") == "reply":
            return Because("ticket", value, "customer", "", (_("the customer answered an e-mail of a rule"),), event.at)
        if event.actor_kind == ActorKind.PROGRAM.value and event.data.get("after") is None:
            return Because("ticket", value, "customer", "", (_("the customer wrote"),), event.at)
        return self._by("ticket", value, event)

    def _first_flow(self) -> str:
        """The flow that it was born in."""
        event = next((e for e in reversed(self._events) if e.kind == "transferred"), None)
        return line(str(event.data.get("old", "")).rpartition(" · ")[0] if event else self._flow, 80)

    def _default(self, field: str) -> Because:
        """What nobody set, the flow gave, or the rule that opened the ticket there."""
        event = next((e for e in reversed(self._events) if e.kind == "opened"), None)
        if field == "flow" and event is not None and event.actor_kind != ActorKind.PROGRAM.value:
            return self._by(field, self._now[field], event)
        return Because(field, self._now[field], "flow", line(self._first_flow(), 80), (), self._born)

    def _by(self, field: str, value: str, event: _Event) -> Because:
        rule = event.data.get("rule")
        if event.actor_kind == ActorKind.AUTOPILOT.value and rule is not None:
            from domain.rule_sentence import because_words

            name, because = self._hits.get(rule, (str(event.data.get("rule_name", "")), {}))
            held = because_words(_about(because, field, value))
            return Because(field, value, "rule", line(name, 120), held, event.at)
        by = "program" if event.actor_kind == ActorKind.AUTOPILOT.value else event.actor_kind
        return Because(field, value, by, event.who, (), event.at)


def _tells(event: _Event, field: str) -> bool:
    """Whether an event is about that field: a transfer is about the assignee only where that changed."""
    return event.kind != "transferred" or field != "assignee" or "new_assignee" in event.data


def _about(because: Mapping[str, Any], field: str, value: str) -> Mapping[str, Any]:
    """What held, as far as it concerns a field: the words of a category are why the ticket has that one."""
    if "worded" not in because:
        return because
    its = because["worded"].get(value) if field == "category" else None
    return {**because, "worded": {value: its} if its else {}}


def _day(at: int | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at / 1000).astimezone().strftime(_("%Y-%m-%d"))


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value or {}
