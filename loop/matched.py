"""What of a ticket's comment Text Match found: by the words of its categories, and by the rules that met it (A3, A6)."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from domain.people import Actor
from domain.ruling import CATEGORY_ENDINGS
from domain.textmatch import spans
from loop.desk import Desk
from loop.sight import within

Rows = Callable[..., Sequence[Any]]


def matched(desk: Desk, number: int, *, actor: Actor) -> tuple[tuple[int, int], ...]:
    """From and to of each place in the comment of the ticket's answer; none for a ticket out of sight (P3)."""
    found = desk.db.rows(
        f"SELECT a.comment FROM tickets t JOIN answers a ON a.id = t.answer_id WHERE t.number = :n AND {within(actor)}",
        {"n": number},
    )
    return places(desk.db.rows, number, found[0][0]) if found else ()


def places(rows: Rows, number: int, comment: str) -> tuple[tuple[int, int], ...]:
    """As `matched`, for who has the ticket's comment and may see it."""
    if not comment.strip():
        return ()
    n = {"n": number}
    asked: dict[tuple[str, bool], None] = {}
    for (words,) in rows(
        "SELECT c.words FROM ticket_categories x JOIN categories c ON c.id = x.category_id WHERE x.ticket = :n", n
    ):
        asked |= dict.fromkeys((word, CATEGORY_ENDINGS) for word in _decoded(words) or ())
    for because, conditions in rows(
        "SELECT h.because, r.conditions FROM rule_hits h JOIN rule_sets r ON r.id = h.rule_set_id WHERE h.ticket = :n",
        n,
    ):
        endings = bool((_decoded(conditions).get("says") or {}).get("endings"))
        held = _decoded(because)
        asked |= dict.fromkeys((str(word), endings) for word in held.get("says") or ())
        for words in (held.get("worded") or {}).values():
            asked |= dict.fromkeys((str(word), CATEGORY_ENDINGS) for word in words)
    return spans(comment, tuple(asked))


def _decoded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value or {}
