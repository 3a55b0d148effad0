"""What faces are shown of the autopilot: frozen rows (A1–A6)."""

from dataclasses import dataclass

from domain.refusals import Refusal


@dataclass(frozen=True)
class RuleSetLine:
    """A rule set in the list of them."""

    id: int
    name: str
    position: int
    """From 1."""
    active: bool
    sentence: str
    """The whole rule, to be read aloud."""
    last_run: int | None
    """Unix milliseconds; None if it never touched anything."""
    touched: int
    """Answers it ever touched, in the reader's sight."""
    waiting: int
    """Answers that came since it was switched off; 0 while it is on."""
    blanks: tuple[str, ...]
    """What is missing before it can be switched on."""
    held: int
    """E-mails that wait for a yes, since their answers are old (A5)."""
    may_edit: Refusal | None
    """None: this reader may change it."""
    off_since: int | None = None
    """When it was last switched off; None for one that never was."""


@dataclass(frozen=True)
class TableRow:
    """A table from an attribute's values to people (A3)."""

    id: int
    name: str
    attribute: str
    entries: tuple[tuple[str, str], ...]
    """Value and login; '' for somebody who can work no more."""


@dataclass(frozen=True)
class Switched:
    """A rule set was switched on or off."""

    id: int
    waiting: int
    """When switched on: answers that came while it was off, which it can be run on (A1)."""
    since: int | None = None
    """When it had been switched off; None where nothing waits."""


@dataclass(frozen=True)
class RunLine:
    """What a rule set did in one run (A6); or the whole run."""

    run: int
    at: int
    way: str
    """import, webhook, past, time, hand."""
    about: str
    who: str
    """Who asked for it; '' for the autopilot itself."""
    rule_set: str
    looked_at: int
    touched: int
    mails: int
    undone: tuple[tuple[str, int], ...]
    """Sentences with how often."""


@dataclass(frozen=True)
class Ran:
    """What came of running a rule set on the past, or by hand on tickets (A5, A7)."""

    run: int | None
    """Its number in the log; None if there was nothing to write down."""
    looked_at: int
    touched: int
    mails: int
    undone: tuple[tuple[str, int], ...]
    """Sentences with how often."""
    refused: tuple[tuple[int, Refusal], ...] = ()
    """Tickets named by hand that it does not touch, and why."""
    stopped: bool = False
    held: int = 0
    """Of `mails`, those that wait for a yes, as their answers are older than seven days."""


@dataclass(frozen=True)
class HitLine:
    """One answer that a rule set touched."""

    answer: int | None
    ticket: int | None
    customer: str
    klass: str
    score: int | None
    comment: str
    at: int
    did: tuple[str, ...]
    """Sentences: “priority high”, “tag atraso”."""
    because: tuple[str, ...]
    """Sentences: “the comment says “atras*””."""
    mail: str
    """A sentence about its e-mail; '' where none was asked for."""


@dataclass(frozen=True)
class RehearsalRow:
    """An answer that a rehearsed set would touch."""

    answer: int
    ticket: int | None
    customer: str
    klass: str
    score: int | None
    comment: str
    """On one line."""
    spans: tuple[tuple[int, int], ...]
    """What of `comment` matched: from and to."""
    answered_at: int


@dataclass(frozen=True)
class Rehearsal:
    """What a rule set would have done (A6)."""

    days: int | None
    """None: over all answers."""
    answers: int
    """That came in that time, in the reader's sight."""
    touched: int
    with_ticket: int
    """Of those touched: have an open ticket."""
    would_open: int
    """Of those touched: would get a ticket by the rule."""
    without_ticket: int
    closed: int
    """Would be touched, but their ticket is closed: left alone, not among `touched`."""
    per_day: tuple[int, ...]
    """Touched per day, or per equal part of the time, oldest first; at most 60."""
    mails: int
    """That would be sent."""
    unsent: tuple[tuple[str, int], ...]
    """Why others would not be, in words, with how many."""
    undone: tuple[tuple[str, int], ...]
    """What else could not be done, in words, with how many."""
    rows: tuple[RehearsalRow, ...]
    """The newest of them."""
    newest: int | None = None
    """Days were asked for in which no answer came, so all were taken: when the newest of them came, Unix ms."""


@dataclass(frozen=True)
class Because:
    """Why a ticket has something (A6)."""

    field: str
    """assignee, priority, due, category, tag, phase, flow, ticket."""
    value: str
    by: str
    """rule, flow, person, program, customer."""
    who: str
    """The rule set's, flow's or person's name."""
    because: tuple[str, ...]
    """For a rule: its conditions that held, in words."""
    at: int
