"""The outcomes of a received mail: each one that the server showed has exactly one (M8)."""

from enum import StrEnum


class Outcome(StrEnum):
    """What came of a mail."""

    THREADED = "threaded"
    NEW = "new"
    TRIAGE = "triage"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    DUPLICATE = "duplicate"
    SUSPECT = "suspect"
    QUARANTINED = "quarantined"


OUTCOMES = tuple(o.value for o in Outcome)
