"""What can be put into a text for a ticket, and the text with it put in (M2)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal
from zoneinfo import ZoneInfo

from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import scope
from domain.text import _, clean, line
from loop.desk import Desk
from loop.queue import CLASSES

VARIABLES: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "customer": ("name", "first_name", "email", "phone", "id", "attributes"),
        "ticket": ("number", "subject", "created", "due", "flow", "phase"),
        "agent": ("name", "first_name", "email", "sender_name"),
        "survey": ("name",),
        "answer": ("score", "class", "comment", "date", "attributes", "questions"),
    }
)
"""What templates know; below attributes and questions are those of the customer and of the answer."""
OPEN = ("attributes", "questions")
OF_THE_CUSTOMER = ("customer.name", "customer.first_name")
"""All that a template of the account for one class knows (A4)."""


@dataclass(frozen=True)
class Piece:
    """A stretch of a text that was filled."""

    text: str
    kind: Literal["text", "value", "missing"]


@dataclass(frozen=True)
class Filled:
    """A text with its variables put in."""

    pieces: tuple[Piece, ...]
    missing: tuple[str, ...]
    """Variables without a value and without a fallback (M2)."""
    trouble: str = ""
    """Why it is no template, with the line; then `pieces` is the text as it is written."""

    @property
    def text(self) -> str:
        """What it reads like; what is missing stays as it is written."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True)
class Variable:
    """Something that can be put in."""

    name: str
    """As one writes it: `customer.first_name`."""
    value: str
    """On one line; '' where this ticket has none."""


def filled(source: str, values: Mapping[str, Any]) -> Filled:
    """A text with the values put in; never raises."""
    if "{" not in source:
        return Filled((Piece(source, "text"),) if source else (), ())
    from mail.templates import TemplateTrouble, render

    try:
        done = render(source, values)
    except TemplateTrouble as trouble:
        return Filled((Piece(source, "text"),), (), str(trouble))
    return Filled(tuple(Piece(p.text, p.kind) for p in done.pieces), done.missing)


def begun(source: str, values: Mapping[str, Any]) -> str:
    """A text to go on writing: what has a value is put in, the rest stays to be filled. A text that is no template is left."""
    from mail.templates import TemplateTrouble, fill

    try:
        return fill(source, values)
    except TemplateTrouble:
        return source


def trouble_with(*parts: tuple[str, Filled]) -> Refusal | None:
    """Why texts cannot leave: the first that is no template, else all variables that are missing (M2)."""
    for name, part in parts:
        if part.trouble:
            return refuse("bad template", part=name, trouble=part.trouble)
    missing = tuple(dict.fromkeys(name for __, part in parts for name in part.missing))
    return refuse("missing", names=missing) if missing else None


def values(rows: Any, desk: Desk, number: int, *, actor: Actor) -> dict[str, Any]:
    """By name what can be put into a text for this ticket, written by this person; {} for a ticket out of sight (P3)."""
    found = rows(
        f"""SELECT t.flow_id, {_OF_TICKET}, {_COMMON} FROM tickets t JOIN flows f ON f.id = t.flow_id JOIN phases p ON p.id = t.phase_id
           LEFT JOIN surveys s ON s.id = t.survey_id LEFT JOIN contacts c ON c.id = t.contact_id LEFT JOIN answers a ON a.id = t.answer_id
           WHERE t.number = :n""",
        {"n": number},
    )
    if not found or not scope(actor).admits(found[0][0]):
        return {}
    mine = rows("SELECT name, email, sender_name FROM users WHERE id = :id", {"id": actor.id}) or [(actor.name, "", "")]
    return _common(desk, found[0][6:]) | {
        "ticket": _ticket(desk, number, found[0][1:]),
        "agent": _agent(*mine[0]),
    }


def values_by_rule(rows: Any, desk: Desk, answer_id: int | None, number: int | None) -> dict[str, Any]:
    """By name what an e-mail of the autopilot knows: of a ticket, or of an answer without one (A4).

    `agent` is whoever has the ticket: nobody wrote it. Without a ticket `ticket` and `agent` are empty, so that they are
    missing wherever a text names them.
    """
    if number is None:
        found = rows(
            f"""SELECT {_COMMON} FROM answers a LEFT JOIN surveys s ON s.id = a.survey_id LEFT JOIN contacts c ON c.id = a.contact_id
                WHERE a.id = :id""",
            {"id": answer_id},
        )
        return _common(desk, found[0]) | {"ticket": {}, "agent": {}} if found else {}
    found = rows(
        f"""SELECT u.name, u.email, u.sender_name, {_OF_TICKET}, {_COMMON}
            FROM tickets t JOIN flows f ON f.id = t.flow_id JOIN phases p ON p.id = t.phase_id LEFT JOIN users u ON u.id = t.assignee_id
            LEFT JOIN surveys s ON s.id = t.survey_id LEFT JOIN contacts c ON c.id = t.contact_id LEFT JOIN answers a ON a.id = t.answer_id
            WHERE t.number = :n""",
        {"n": number},
    )
    if not found:
        return {}
    name, email, sender, *rest = found[0]
    agent = {} if name is None else _agent(name, email, sender)
    return _common(desk, rest[5:]) | {"ticket": _ticket(desk, number, rest), "agent": agent}


_OF_TICKET = "t.subject, t.created_at, t.due_at, f.name, p.name"
_COMMON = """s.name, s.zone, c.name, c.email, c.phone, c.customer_id, c.attributes,
             a.score, a.klass, a.comment, a.answered_at, a.attributes, a.questions"""


def _ticket(desk: Desk, number: int, row: Sequence[Any]) -> dict[str, Any]:
    """`row` begins with `_OF_TICKET` and `_COMMON`."""
    subject, created, due, flow, phase, __, zone = row[:7]
    zone = ZoneInfo(zone or desk.config.zone)
    return {
        "number": number,
        "subject": line(subject or ""),
        "created": _day(created, zone),
        "due": _day(due, zone),
        "flow": flow,
        "phase": phase,
    }


def _agent(name: str, email: str, sender: str) -> dict[str, Any]:
    return {"name": line(name), "first_name": _first(name), "email": email, "sender_name": line(sender or name)}


def _common(desk: Desk, row: Sequence[Any]) -> dict[str, Any]:
    """Customer, survey and answer, of the columns `_COMMON`."""
    survey, zone, name, email, phone, customer_id, attributes, score, klass, comment, answered, asked, questions = row
    return {
        "customer": {
            "name": line(name or ""),
            "first_name": _first(name or ""),
            "email": email or "",
            "phone": phone or "",
            "id": customer_id or "",
            "attributes": _texts(_read(attributes) or {}),
        },
        "survey": {"name": survey or ""},
        "answer": {
            "score": score,
            "class": "" if klass is None else CLASSES[klass].value,
            "comment": clean(comment or "").strip(),
            "date": _day(answered, ZoneInfo(zone or desk.config.zone)),
            "attributes": _texts(_read(asked) or {}),
            "questions": _texts({str(q[0]): q[1] for q in _read(questions) or []}),
        },
    }


def offered(values: Mapping[str, Any]) -> tuple[Variable, ...]:
    """Everything that can be put in, the customer's first."""
    found = []
    for top, names in VARIABLES.items():
        held = values.get(top, {})
        for name in names:
            if name not in OPEN:
                found.append(Variable(f"{top}.{name}", line(str(held.get(name) or ""), 60)))
                continue
            for inner, value in held.get(name, {}).items():
                found.append(Variable(_written(top, name, inner), line(str(value), 60)))
    return tuple(found)


def unknown(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those variables that no ticket can ever have."""
    wrong = []
    for name in names:
        top, __, rest = name.partition(".")
        field, __, inner = rest.replace("[", ".", 1).partition(".")
        if field not in VARIABLES.get(top, ()) or (field in OPEN) != bool(inner):
            wrong.append(name)
    return tuple(wrong)


def _written(top: str, name: str, inner: str) -> str:
    if inner.isidentifier():
        return f"{top}.{name}.{inner}"
    quoted = line(inner).replace("\\", "\\\\").replace('"', '\\"')
    return f'{top}.{name}["{quoted}"]'


def _first(name: str) -> str:
    return (line(name).split() or [""])[0]


def _texts(mapping: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): line(str(value)) for key, value in mapping.items()}


def _day(at: int | None, zone: ZoneInfo) -> str:
    """A day as customers read it, in the survey's zone."""
    return "" if at is None else datetime.fromtimestamp(at / 1000, zone).strftime(_("%d/%m/%Y"))


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
