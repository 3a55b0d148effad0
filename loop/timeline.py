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
    work.insert_later(
        Event,
        ticket=ticket,
        at=at,
        kind=kind,
        actor_id=actor.id,
        actor_kind=actor.kind.value,
        note_id=note,
        message_id=message,
        data=data,
    )
