"""What the faces are given: frozen rows, never tables. Times are Unix milliseconds, UTC."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.answers import ScoreClass
from domain.flows import Flow, Status
from domain.people import Actor
from domain.refusals import Refusal
from domain.text import _
from domain.tickets import Priority


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket in the list (Q1)."""

    number: int
    subject: str
    status: Status
    phase: str
    flow: str
    health: ScoreClass | None
    score: int | None
    priority: Priority
    customer: str
    email: str
    survey: str
    assignee: str
    """Login; '' for nobody."""
    created: int
    """The answer's time; the ticket's where there is no answer (I6)."""
    due: int | None
    last_in: int | None
    """The customer's last message."""
    last_out: int | None
    """Our last message."""
    unanswered: bool
    rank: int
    """Place in the default order (Q3); with `number` the key of a page."""


@dataclass(frozen=True)
class View:
    """What a list shows: a tab, a flow, a query."""

    tab: Status | None = None
    """None is All (Q1)."""
    flow: int | None = None
    """None is every flow in sight."""
    query: str = ""
    """In the query language (Q5)."""


@dataclass(frozen=True)
class Page:
    """A stretch of the list, in the default order (Q3)."""

    rows: tuple[Row, ...]
    more: bool
    """Whether rows follow (or precede, when asked backwards)."""


@dataclass(frozen=True)
class Counts:
    """Tickets by tab, under the same rights and query as the list (Q1, P3)."""

    all: int
    open: int
    progress: int
    closed: int
    unanswered: int


@dataclass(frozen=True)
class Metrics:
    """The four figures above the list (D1–D4); None where there is no divisor. Durations in ms."""

    completion: float | None
    """Per cent."""
    to_start: float | None
    to_close: float | None
    closed_a_day: float
    closed_by_day: tuple[int, ...] = ()
    """The last seven days, oldest first."""


@dataclass(frozen=True)
class Attachment:
    """A file on a message."""

    id: int
    name: str
    type: str
    size: int
    label: str = ""


@dataclass(frozen=True)
class Entry:
    """One thing that happened, as the timeline shows it (T8)."""

    id: int
    at: int
    kind: str
    """A key of `loop.kinds.KINDS`: opened, started, moved, closed, reopened, assigned, priority, ticked, unticked,
    note, mail in, mail out, mail state, draft…"""
    who: str
    """Login, customer's name, or 'retorno'."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """Old and new values, by kind."""
    subject: str = ""
    text: str = ""
    """The new text of a mail, the body of a note."""
    folded: tuple[str, ...] = ()
    """Quotes and signatures of a mail, folded and never dropped (M10)."""
    state: str = ""
    """Of a mail out: queued, claimed, data, delayed (tried, and tried again at
    `next_try`), sent, in doubt, failed, held, taken back. Of a mail in: '', suspect, automatic, bounce."""
    answer: str = ""
    """The server's own words about a mail out."""
    message: int | None = None
    """The message's id, for the raw mail."""
    outbox: int | None = None
    next_try: int | None = None
    """Of a delayed mail, ms."""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Tick:
    """Who ticked a checklist item, and when (P8)."""

    item: int
    by: str
    at: int


@dataclass(frozen=True)
class Customer:
    """The contact, as T9 shows it."""

    id: int | None
    name: str
    email: str
    phone: str
    customer_id: str = ""
    bounced: bool = False
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Earlier:
    """An earlier answer of the same customer, with its ticket where the reader may see it (T9)."""

    at: int
    survey: str
    score: int | None
    health: ScoreClass | None
    comment: str
    ticket: int | None


@dataclass(frozen=True)
class AnswerView:
    """The answer behind a ticket (T9)."""

    survey: str
    score: int | None
    health: ScoreClass | None
    comment: str
    at: int
    questions: tuple[tuple[str, str], ...]
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Activity:
    """One of a ticket's activities (T7)."""

    id: int
    name: str
    type: str
    category: str
    """'' for none; “Parent / Child” for a subcategory."""
    category_id: int | None
    responsible: str
    """Login; '' for nobody."""
    done: int | None
    """When it was done."""


@dataclass(frozen=True)
class TicketView:
    """Everything of one ticket that the pane shows (T1); the timeline comes beside it, in pages."""

    row: Row
    flow: Flow
    phase_id: int
    description: str
    assignee_id: int | None
    assignee_name: str
    followers: tuple[str, ...]
    customer: Customer
    answer: AnswerView | None
    earlier: tuple[Earlier, ...]
    ticks: tuple[Tick, ...]
    tags: tuple[str, ...]
    categories: tuple[str, ...]
    entries: tuple[Entry, ...]
    """The newest of the timeline, oldest first."""
    entries_total: int
    resolution: str
    outcome: str
    started: int | None
    closed: int | None
    last_event: int
    """Id of the newest event, for noticing what is new."""
    can: Mapping[str, Refusal | None] = field(default_factory=dict)
    """By verb — start, assign, move, close, priority, tick, reply, note, edit (subject, description, due, tags,
    categories, followers, activities, customer), transfer, merge — why this reader may not; None where they may."""
    activities: tuple[Activity, ...] = ()
    others: tuple[Row, ...] = ()
    """The customer's other tickets in sight, newest first (T9)."""
    category_ids: tuple[int, ...] = ()
    merged_into: int | None = None
    version: int = 0
    matched: tuple[tuple[int, int], ...] = ()
    """What of the answer's comment Text Match found: from and to (A3)."""


@dataclass(frozen=True)
class CustomerView:
    """A customer, whole (T9)."""

    customer: Customer
    tickets: tuple[Row, ...]
    """Those in sight, newest first."""
    answers: tuple[Earlier, ...]
    """Newest first, but those of tickets out of sight."""
    merged: tuple[Customer, ...]
    """Who was merged into them."""
    merged_into: int | None
    """The customer that goes on, where this one was merged."""
    can_edit: Refusal | None
    """None: this reader may edit, merge and split them."""


@dataclass(frozen=True)
class Refused:
    """A ticket that a verb did not touch, and why."""

    number: int
    why: Refusal


@dataclass(frozen=True)
class Done:
    """What a verb did with a set of tickets (Q4)."""

    done: tuple[int, ...]
    refused: tuple[Refused, ...] = ()

    @property
    def why(self) -> Refusal | None:
        """The first reason, for one ticket."""
        return self.refused[0].why if self.refused else None


@dataclass(frozen=True)
class Draft:
    """A message being written (M4), one a person and ticket."""

    ticket: int
    to: str
    cc: str
    subject: str
    body: str
    saved_at: int = 0
    seen_event: int = 0
    """The newest event its writer had seen when last shown the ticket."""


@dataclass(frozen=True)
class Review:
    """Exactly what would leave (M2), or why it cannot."""

    sender: str
    to: str
    cc: str
    subject: str
    body: str
    """With the signature."""
    refusal: Refusal | None
    warnings: tuple[str, ...] = ()
    html: str = ""
    """The other form of the same words, as it leaves beside them."""
    files: tuple[Attachment, ...] = ()
    """What goes with it."""


@dataclass(frozen=True)
class Sent:
    """A message accepted by the outbox (M5)."""

    ticket: int
    outbox: int
    leaves_at: int
    """Until then it can be taken back."""


@dataclass(frozen=True)
class ImportReport:
    """What came of an import (I8)."""

    read: int
    imported: int
    duplicates: int
    differs: int
    refused: tuple[tuple[int, str], ...]
    """Line and reason; the first ten thousand."""
    tickets: int
    id: int = 0
    """Of the import, for its refused rows; 0 where nothing was kept."""
    stopped: bool = False
    """Stopped by hand before anything was published: nothing is kept."""


@dataclass(frozen=True)
class Change:
    """What a watcher saw: tickets with new events, the newest event's id."""

    tickets: tuple[int, ...]
    last_event: int
    actor: Actor | None = None
    """The reader as they are from now on, when people, teams or flows were changed; None when nothing of that happened."""
    gone: bool = False
    """The reader may not come in any more (P4)."""


@dataclass(frozen=True)
class MailHealth:
    """How the mailbox is doing, for the status line."""

    configured: bool
    ok: bool
    said: str
    """One short sentence."""
    at: int | None
    """Last good poll."""
    since: int | None = None
    """From when on there has been the trouble, Unix ms."""
    next_at: int | None = None
    """When what fails is tried again."""

    @property
    def whole(self) -> str:
        """What is said, and of a trouble since when and what is tried next."""
        parts = [self.said]
        if self.since is not None:
            parts.append(_("since {time}").format(time=_hour(self.since)))
        if self.next_at is not None:
            parts.append(_("tried again at {time}").format(time=_hour(self.next_at)))
        return " · ".join(parts)


def _hour(ms: int) -> str:
    """A time of today as hours and minutes where the reader is, with the day where it was another."""
    then, now = time.localtime(ms / 1000), time.localtime()
    return time.strftime("%H:%M" if then[:3] == now[:3] else "%Y-%m-%d %H:%M", then)


@dataclass(frozen=True)
class LedgerRow:
    """One mail that the server showed, and what came of it (M8)."""

    id: int
    at: int
    mailbox: str
    outcome: str
    reason: str
    sender: str
    subject: str
    ticket: int | None
    size: int


@dataclass(frozen=True)
class MailboxBalance:
    """What came of the mails of one mailbox: `seen` is the sum of `counts` and `waiting` (M8)."""

    id: int
    address: str
    seen: int
    counts: Mapping[str, int]
    """By outcome, every one of them."""
    waiting: int
    """Kept and not yet read."""


@dataclass(frozen=True)
class MailAct:
    """What a person did with a mail in the ledger, and what changed by it (M8)."""

    at: int
    who: str
    """Login."""
    act: str
    """attached, opened, accepted, retried, split, fetched."""
    old: str
    new: str
    """Outcomes."""
    ticket: int | None
    """Where the mail was afterwards, if that is in sight."""


@dataclass(frozen=True)
class LedgerMail:
    """One line of the ledger, opened: the mail as it is read, and why it came where it is (M8)."""

    row: LedgerRow
    evidence: str
    """The header and the value that decided; '' where none did."""
    sender_name: str
    to: tuple[tuple[str, str], ...]
    cc: tuple[tuple[str, str], ...]
    """Names and addresses."""
    date: int | None
    """As the mail says, ms; None where it says none that can be read."""
    message_id: str
    kind: str
    """message, automatic or bounce, as the parser reads it now."""
    text: str
    """The new text (M10)."""
    folded: tuple[str, ...]
    attachments: tuple[Attachment, ...]
    """With id 0: a file is saved from the ticket that its mail is on."""
    trouble: tuple[str, ...]
    """What could not be read."""
    partial: bool
    """Only the headers are here; the rest is on the server."""
    message: int | None
    """Its message, where it is or was on a ticket."""
    blocked: bool
    """Whether the sender is blocked."""
    acts: tuple[MailAct, ...]
    """Oldest first."""
    can: Mapping[str, Refusal | None] = field(default_factory=dict)
    """By verb — attach, open, accept, retry, split, fetch — why this reader may not; None where they may."""


@dataclass(frozen=True)
class Acted:
    """A mail of the ledger after an act."""

    id: int
    outcome: str
    ticket: int | None
    """None too where it is out of sight."""
    changed: bool = True
    """False where all was so already."""


@dataclass(frozen=True)
class Person:
    """Somebody who may be assigned."""

    id: int
    login: str
    name: str


@dataclass(frozen=True)
class Notice:
    """Something that a person should know (N2)."""

    id: int
    at: int
    kind: str
    """mention, assigned, reply, due soon, overdue, mail failed, bounce, follower."""
    who: str
    """Login, customer's name or 'retorno': whose act it was."""
    ticket: int | None
    subject: str
    """The ticket's."""
    text: str
    """The beginning of the note or mail, as far as the reader may see it; '' else."""
    read: bool


@dataclass(frozen=True)
class Following:
    """Somebody who follows a ticket (T1)."""

    login: str
    name: str
    since: int
    """When they began, ms."""
    sees_all: bool
    """Whether the ticket's earlier notes are open to them too; else those since they follow (N1)."""
