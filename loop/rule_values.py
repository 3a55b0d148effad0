"""What rules can be about, as far as answers tell: attributes, their most frequent values, surveys (A2, A3).

Looked at are the newest answers only, so that it stays quick however many there are; what is older can still be typed.
"""

from collections import Counter
from dataclasses import dataclass
from json import loads
from typing import Any

from domain.people import Actor
from domain.rights import may_manage, scope
from domain.text import fold, line
from loop.desk import Desk
from loop.sight import within

NEWEST = 5000
"""So many answers are looked at."""
MOST = 300
"""So many attributes, or values of one, are told."""
LONGEST = 200
"""Longer values are texts, not something to choose by."""


@dataclass(frozen=True)
class Given:
    """An attribute, or a value of one, as answers write it."""

    text: str
    count: int
    """Of the answers that were looked at."""


def attributes(desk: Desk, *, actor: Actor) -> tuple[Given, ...]:
    """The attributes of the newest answers in the actor's sight, the most frequent first."""
    counted: Counter[str] = Counter()
    written: dict[str, str] = {}
    for found in _newest(desk, actor):
        for name, value in found.items():
            if str(value).strip():
                _count(counted, written, str(name))
    return _told(counted, written)


def values(desk: Desk, attribute: str, *, actor: Actor) -> tuple[Given, ...]:
    """The values of an attribute in the newest answers in the actor's sight, the most frequent first."""
    wanted = fold(line(attribute))
    counted: Counter[str] = Counter()
    written: dict[str, str] = {}
    for found in _newest(desk, actor):
        for name, value in found.items():
            if fold(line(str(name))) == wanted and len(str(value)) <= LONGEST:
                _count(counted, written, str(value))
    return _told(counted, written)


def surveys(desk: Desk, *, actor: Actor) -> tuple[str, ...]:
    """The names of all surveys, for who may manage; nothing for others."""
    if may_manage(actor):
        return ()
    return tuple(name for (name,) in desk.db.rows("SELECT name FROM surveys ORDER BY lower(name), id"))


def _newest(desk: Desk, actor: Actor) -> list[dict[str, Any]]:
    """The attributes of the newest answers: of tickets in sight, and of none for who manages (P3)."""
    mine = "SELECT 1 FROM tickets t WHERE t.answer_id = a.id"
    seen = "1 = 1"
    if not scope(actor).everything:
        free = "" if may_manage(actor) else f" OR NOT EXISTS ({mine})"
        seen = f"(EXISTS ({mine} AND {within(actor)}){free})"
    rows = desk.db.rows(
        f"SELECT a.attributes FROM (SELECT id, attributes FROM answers ORDER BY id DESC LIMIT :newest) a WHERE {seen}",
        {"newest": NEWEST},
    )
    return [found for (text,) in rows if (found := _read(text))]


def _read(text: Any) -> dict[str, Any]:
    found = loads(text) if isinstance(text, str | bytes) else text
    return found if isinstance(found, dict) else {}


def _count(counted: Counter[str], written: dict[str, str], text: str) -> None:
    shown = line(text)
    key = fold(shown)
    if key:
        counted[key] += 1
        written.setdefault(key, shown)


def _told(counted: Counter[str], written: dict[str, str]) -> tuple[Given, ...]:
    return tuple(Given(written[key], n) for key, n in sorted(counted.items(), key=lambda x: (-x[1], x[0]))[:MOST])
