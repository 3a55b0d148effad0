"""What faces are shown of a file of answers: what it is taken for, how far it is, what came of it (I8)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.answers import Scale
from gateways.layout import FIELDS, FileTrouble, Layout

__all__ = ["FIELDS", "Column", "FileTrouble", "ImportLine", "Layout", "Preview", "Progress", "SampleRow"]


@dataclass(frozen=True)
class Column:
    """A column of the file (a key of its objects, in JSON), and what it is taken for."""

    heading: str
    """As it stands in the file, made safe; the key by which a `Layout` names it."""
    role: Literal["field", "attribute", "question", "out"]
    field: str
    """One of `FIELDS` where `role` is field, else ''."""
    called: str
    """What it is taken for, in words: "Score", "Attribute", "Left out"."""
    why: str
    """One short sentence: by its heading, by what stands in it, by hand, as last time."""
    samples: tuple[str, ...]
    """Up to three values that differ, each on one line of at most 60 characters."""


@dataclass(frozen=True)
class SampleRow:
    """One of the first rows, as it is read."""

    line: int
    """Where it begins in the file, from 1; in a JSON array, its place there."""
    cells: tuple[str, ...]
    """Under the `Preview.columns`, each on one line of at most 60 characters; () where the row could not be parted."""
    trouble: str
    """Why it would be refused; '' if it is good, and what follows is only then of meaning."""
    score: int = 0
    klass: str = ""
    """detractor, neutral, promoter (I2)."""
    answered_at: int = 0
    """Unix milliseconds."""
    written_at: datetime | None = None
    """The same in the survey's zone, which is that of times that the file has without one."""
    customer: str = ""
    """Name, else e-mail, else phone, else the shop's id."""
    reachable: bool = False
    """Whether a ticket can come of it: an e-mail, a phone or a customer id is known (I3)."""


@dataclass(frozen=True)
class Preview:
    """How a file would be read, for a person to confirm or correct (I8)."""

    file: str
    """Its name, without its folder."""
    survey: str
    """As it is called here, or as asked for where it is new; '' while none was named."""
    known: bool
    """Whether the survey is here already."""
    layout: Layout
    """What was read with: to be handed in again, changed or not."""
    origin: Literal["guessed", "remembered", "given"]
    reasons: tuple[str, ...]
    """Sentences: how encoding, delimiter, dates and columns were told, and whether the survey's layout was used."""
    columns: tuple[Column, ...]
    """In the order of the file."""
    rows: tuple[SampleRow, ...]
    """The first twenty."""
    scale: Scale
    scale_why: str
    """One sentence."""
    estimate: int
    """Rows of the whole file, more or less."""
    exact: bool
    """Whether `estimate` was counted."""
    warnings: tuple[str, ...]
    """What a person should look at before going on; nothing here stops an import."""
    trouble: str = ""
    """Why nothing can be imported like this (no score column, say); '' when it can be."""
    remembered: Layout | None = None
    """The survey's layout of last time, whether it was used or not."""


@dataclass(frozen=True)
class Progress:
    """How far an import is."""

    stage: Literal["staging", "publishing"]
    """staging: read and checked, nothing to be seen yet; publishing: pieces appear one by one."""
    rows: int
    """Rows done in this stage."""
    total: int
    """Rows of this stage: more or less while staging, exact while publishing."""
    refused: int = 0
    """Rows refused so far."""
    tickets: int = 0
    """Tickets opened so far."""

    @property
    def may_stop(self) -> bool:
        """Whether stopping is offered: once publishing has begun it goes on to the end."""
        return self.stage == "staging"


@dataclass(frozen=True)
class ImportLine:
    """An import in the list of them, the newest first."""

    id: int
    file: str
    survey: str
    state: Literal["staging", "publishing", "done"]
    by: str
    """Name of who began it; '' for the program."""
    at: int
    """Unix milliseconds."""
    done_at: int | None
    read: int
    imported: int
    duplicates: int
    differs: int
    refused: int
    """All that were not taken, those that differ included."""
    tickets: int
