"""One run of the autopilot, as it goes on: its line in the log, and what it knows of the rules meanwhile (A6)."""

from dataclasses import dataclass, field
from typing import Any, Literal

Way = Literal["import", "webhook", "past", "time", "hand"]


@dataclass
class Run:
    """One run: an import, answers by webhook, a look at the past, the clock, a person's wish. Used by one thread.

    Given to every piece of it, so that the log has one line and the rules are read once.
    """

    way: Way
    about: str = ""
    """The survey or file, for people."""
    actor_id: int | None = None
    """Who asked for it."""
    id: int | None = None
    """Its line in the log; made with the first piece that rules are asked about."""
    memo: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)
    """What was read and goes on being so until a cheap look says otherwise."""
