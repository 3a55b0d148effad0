"""The timeline: each act appends its event in its own transaction (T8)."""

from typing import Any

from domain.people import Actor
from storage.tables import Event


def record(
    work: Any,
    ticket: int,
    kind: str,
    *,
    actor: Actor,
    at: int,
    note: int | None = None,
    message: int | None = None,
    **data: Any,
) -> None:
    """Append one event. `kind` is one of `loop.kinds.KINDS`; `data` holds old and new values and nothing personal (R4)."""
    work.insert_later(Event, **_row(ticket, kind, actor, at, note, message, data))


def record_now(
    work: Any,
    ticket: int,
    kind: str,
    *,
    actor: Actor,
    at: int,
    note: int | None = None,
    message: int | None = None,
    **data: Any,
) -> int:
    """As `record`, for who must know the event's id; it comes after all that were recorded before."""
    work.finish()
    work.insert_one(Event, **_row(ticket, kind, actor, at, note, message, data))
    return int(work.last_id(Event))


def _row(
    ticket: int, kind: str, actor: Actor, at: int, note: int | None, message: int | None, data: dict[str, Any]
) -> dict[str, Any]:
    return {
        "ticket": ticket,
        "at": at,
        "kind": kind,
        "actor_id": actor.id,
        "actor_kind": actor.kind.value,
        "note_id": note,
        "message_id": message,
        "data": data,
    }
