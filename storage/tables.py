"""The tables (SQLModel). Times are Unix milliseconds in UTC; what is personal stands in one place each.

Nothing outside `storage` and `loop` sees these classes; faces get the frozen rows of `loop.views`.
"""

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel


def _key() -> Any:
    """A primary key: 64 bits on PostgreSQL, the row id on SQLite."""
    return Field(
        default=None, sa_column=Column(BigInteger().with_variant(_sqlite_integer(), "sqlite"), primary_key=True)
    )


def _sqlite_integer() -> Any:
    from sqlalchemy import Integer

    return Integer()


def _to(target: str, *, null: bool = False, index: bool = False) -> Any:
    """A reference to another table's key."""
    from sqlalchemy import ForeignKey

    column = Column(BigInteger, ForeignKey(target), nullable=null, index=index)
    return Field(default=None, sa_column=column) if null else Field(sa_column=column)


def _ms(*, null: bool = False, index: bool = False) -> Any:
    """A time in Unix milliseconds."""
    column = Column(BigInteger, nullable=null, index=index)
    return Field(default=None, sa_column=column) if null else Field(sa_column=column)


def _words(default: str = "") -> Any:
    return Field(default=default, sa_column=Column(Text, nullable=False))


def _json(default: Any) -> Any:
    return Field(default_factory=default, sa_column=Column(JSON, nullable=False))


_LEARNT = sql("email <> '' AND key <> 'e:' || email")
_WITH_OUT = sql("last_out_at IS NOT NULL")


def _of_merged(name: str) -> Index:
    """An index of the few rows that were merged into another (I1, Q7)."""
    merged = sql("merged_into IS NOT NULL")
    return Index(name, "merged_into", sqlite_where=merged, postgresql_where=merged)


class Setting(SQLModel, table=True):
    """A fact about this database: whether it is personal, for one."""

    __tablename__ = "settings"
    name: str = Field(primary_key=True)
    value: str = _words()


class User(SQLModel, table=True):
    """Somebody who works here (P1); deactivated, never deleted (P4)."""

    __tablename__ = "users"
    id: int = _key()
    login: str = Field(unique=True)
    name: str = ""
    email: str = ""
    level: str = "none"
    active: bool = True
    language: str = ""
    sender_name: str = ""
    signature: str = _words()
    prefs: dict[str, Any] = _json(dict)
    """What the person chose: columns of the list, which notifications come by e-mail too (N2)."""
    created_at: int = _ms()


class Team(SQLModel, table=True):
    """A named group of users (P2)."""

    __tablename__ = "teams"
    id: int = _key()
    name: str = Field(unique=True)


class TeamMember(SQLModel, table=True):
    """Who is in a team."""

    __tablename__ = "team_members"
    team_id: int = Field(foreign_key="teams.id", primary_key=True)
    user_id: int = Field(foreign_key="users.id", primary_key=True)


class FlowRow(SQLModel, table=True):
    """A flow (P5)."""

    __tablename__ = "flows"
    id: int = _key()
    name: str = Field(unique=True)
    position: int = 0
    active: bool = True
    default_assignee_id: int | None = _to("users.id", null=True)
    days_until_due: int = 3
    first_contact_hours: int | None = None
    default_priority: int = 2
    notes_for_all: bool = False
    reopening: str = "reopen"
    reopen_days: int = 14
    reachable_by_phone: bool = False
    intake: dict[str, Any] = _json(dict)
    intake_from: int | None = _ms(null=True)
    intake_until: int | None = _ms(null=True)
    signature: str = _words()
    version: int = 1


class FlowMember(SQLModel, table=True):
    """A person or a team in a flow, with a role (P2)."""

    __tablename__ = "flow_members"
    id: int = _key()
    flow_id: int = _to("flows.id", index=True)
    user_id: int | None = _to("users.id", null=True, index=True)
    team_id: int | None = _to("teams.id", null=True, index=True)
    role: str = "agent"


class PhaseRow(SQLModel, table=True):
    """A phase of a flow (P6)."""

    __tablename__ = "phases"
    id: int = _key()
    flow_id: int = _to("flows.id", index=True)
    name: str
    status: str
    position: int
    binding: str = "optional"
    onward: list[int] | None = Field(default=None, sa_column=Column(JSON, nullable=True))


class ChecklistItem(SQLModel, table=True):
    """A line of a phase's checklist (P7); retired, not deleted, so that ticks keep who and when (P8)."""

    __tablename__ = "checklist_items"
    id: int = _key()
    phase_id: int = _to("phases.id", index=True)
    text: str = _words()
    position: int = 0
    retired_at: int | None = _ms(null=True)


class Survey(SQLModel, table=True):
    """Where answers come from, with its limits and zone (I1, I2)."""

    __tablename__ = "surveys"
    id: int = _key()
    name: str = Field(unique=True)
    kind: str = "nps"
    low: int = 0
    high: int = 10
    detractor_max: int = 6
    promoter_min: int = 9
    internal: bool = False
    zone: str = "America/Sao_Paulo"
    layout: dict[str, Any] = _json(dict)
    sends_mail: bool = True
    writing_help: bool = False
    own_templates: bool = False
    """Whether the survey's templates for the classes replace the account's (A4)."""
    rule_sets: list[int] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    """Which rule sets apply to its answers; None lets all (A4)."""
    created_at: int = _ms()


class Contact(SQLModel, table=True):
    """A customer: one by folded e-mail, else phone in E.164, else the given id (I1)."""

    __tablename__ = "contacts"
    id: int = _key()
    key: str = Field(unique=True)
    name: str = ""
    email: str = ""
    """Looked for by `storage.conditions.AT_ADDRESS`."""
    phone: str = ""
    customer_id: str = ""
    attributes: dict[str, str] = _json(dict)
    other_emails: list[str] = _json(list)
    """Folded addresses from which a person accepted mail as this customer's (M7); `email` is the one that is written to."""
    bounced_at: int | None = _ms(null=True)
    unsubscribed_at: int | None = _ms(null=True)
    blocked_at: int | None = _ms(null=True)
    merged_into: int | None = _to("contacts.id", null=True)
    created_at: int = _ms()
    __table_args__ = (
        _of_merged("ix_contacts_merged_into"),
        # Most customers are found by their key, which holds the address: an index of these too would be most of what an
        # import writes, as each of its rows would change a page of its own.
        Index("ix_contacts_learnt_email", "email", sqlite_where=_LEARNT, postgresql_where=_LEARNT),
    )


class Answer(SQLModel, table=True):
    """One answer to a survey (I1)."""

    __tablename__ = "answers"
    __table_args__ = (
        UniqueConstraint("survey_id", "external_id"),
        Index("ix_answers_contact_at", "contact_id", "answered_at"),
    )
    id: int = _key()
    survey_id: int = _to("surveys.id")
    external_id: str
    content_hash: str
    contact_id: int | None = _to("contacts.id", null=True)
    own_contact_id: int | None = _to("contacts.id", null=True)
    """Whose it was before customers were merged, so that they can be split again (I1)."""
    score: int | None = None
    klass: int | None = None
    comment: str = _words()
    answered_at: int = _ms(index=True)
    imported_at: int = _ms()
    questions: list[list[str]] = _json(list)
    attributes: dict[str, str] = _json(dict)


class TicketRow(SQLModel, table=True):
    """A ticket. `number` is what people say; `rank` is its place in the default order (Q3)."""

    __tablename__ = "tickets"
    number: int = _key()
    subject: str = _words()
    description: str = _words()
    flow_id: int = _to("flows.id")
    phase_id: int = _to("phases.id", index=True)
    status: int = 0
    """0 pending, 1 in progress, 2 closed: that of the phase, kept beside it for the lists' indexes."""
    priority: int = 2
    klass: int | None = None
    score: int | None = None
    survey_id: int | None = _to("surveys.id", null=True)
    contact_id: int | None = _to("contacts.id", null=True, index=True)
    own_contact_id: int | None = _to("contacts.id", null=True)
    """Whose it was before customers were merged (I1)."""
    answer_id: int | None = _to("answers.id", null=True, index=True)
    assignee_id: int | None = _to("users.id", null=True)
    created_at: int = _ms()
    born_at: int = _ms()
    due_at: int | None = _ms(null=True)
    rank: int = _ms()
    started_at: int | None = _ms(null=True)
    started_by: int | None = _to("users.id", null=True)
    closed_at: int | None = _ms(null=True)
    resolution: str = _words()
    outcome: str = _words()
    archived: bool = False
    unanswered: bool = False
    last_in_at: int | None = _ms(null=True)
    last_out_at: int | None = _ms(null=True)
    snoozed_until: int | None = _ms(null=True)
    merged_into: int | None = _to("tickets.number", null=True)
    version: int = 1
    __table_args__ = (
        Index("ix_tickets_queue", "archived", "rank", "number"),
        Index("ix_tickets_queue_status", "archived", "status", "rank", "number"),
        Index("ix_tickets_queue_flow", "flow_id", "archived", "status", "rank", "number"),
        # What the four metrics read, so that they never touch the table (D1–D4).
        Index(
            "ix_tickets_metrics", "archived", "flow_id", "status", "unanswered", "born_at", "started_at", "closed_at"
        ),
        # How many tickets each person has, in which flows, without touching the table (P4).
        Index("ix_tickets_assignee", "assignee_id", "status", "flow_id"),
        # Those that wait for the customer, by since when (A6); most tickets are not in it.
        Index("ix_tickets_out", "archived", "last_out_at", sqlite_where=_WITH_OUT, postgresql_where=_WITH_OUT),
        _of_merged("ix_tickets_merged_into"),
    )


class SearchText(SQLModel, table=True):
    """What free words are looked for in: subject, customer and comment, folded (Q5)."""

    __tablename__ = "search_texts"
    ticket: int = Field(foreign_key="tickets.number", primary_key=True)
    words: str = _words()


class Follower(SQLModel, table=True):
    """Who follows a ticket (T1, N1)."""

    __tablename__ = "followers"
    ticket: int = Field(foreign_key="tickets.number", primary_key=True)
    user_id: int = Field(foreign_key="users.id", primary_key=True)
    since: int = _ms()
    sees_from: int = _ms()
    """Restricted notes written before that stay closed to this follower; 0 opens all (N1)."""


class Tag(SQLModel, table=True):
    """A tag."""

    __tablename__ = "tags"
    id: int = _key()
    name: str = Field(unique=True)


class TicketTag(SQLModel, table=True):
    """A tag on a ticket."""

    __tablename__ = "ticket_tags"
    ticket: int = Field(foreign_key="tickets.number", primary_key=True)
    tag_id: int = Field(foreign_key="tags.id", primary_key=True, index=True)


class Category(SQLModel, table=True):
    """A category, or a subcategory of another."""

    __tablename__ = "categories"
    id: int = _key()
    name: str
    parent_id: int | None = _to("categories.id", null=True)
    words: list[str] = _json(list)
    position: int = 0
    retired_at: int | None = _ms(null=True)
    """Not offered any more; tickets that have it keep it."""


class TicketCategory(SQLModel, table=True):
    """A category on a ticket."""

    __tablename__ = "ticket_categories"
    ticket: int = Field(foreign_key="tickets.number", primary_key=True)
    category_id: int = Field(foreign_key="categories.id", primary_key=True, index=True)


class Tick(SQLModel, table=True):
    """A ticked checklist item: who and when (P8)."""

    __tablename__ = "ticks"
    ticket: int = Field(foreign_key="tickets.number", primary_key=True)
    item_id: int = Field(foreign_key="checklist_items.id", primary_key=True)
    user_id: int | None = _to("users.id", null=True)
    at: int = _ms()


class Activity(SQLModel, table=True):
    """One of up to ten activities of a ticket (T7)."""

    __tablename__ = "activities"
    id: int = _key()
    ticket: int = _to("tickets.number", index=True)
    name: str
    type: str = ""
    category_id: int | None = _to("categories.id", null=True)
    responsible_id: int | None = _to("users.id", null=True)
    created_at: int = _ms()
    done_at: int | None = _ms(null=True)


class Event(SQLModel, table=True):
    """One thing that happened to a ticket, written in the transaction of the act (T8). Never changed."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_ticket", "ticket", "id"),)
    id: int = _key()
    ticket: int = _to("tickets.number")
    at: int = _ms()
    kind: str
    actor_id: int | None = _to("users.id", null=True)
    actor_kind: str = "person"
    note_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    message_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    data: dict[str, Any] = _json(dict)


class Note(SQLModel, table=True):
    """A note; who sees it is N1's matter."""

    __tablename__ = "notes"
    id: int = _key()
    ticket: int = _to("tickets.number", index=True)
    author_id: int | None = _to("users.id", null=True)
    body: str = _words()
    at: int = _ms()


class Message(SQLModel, table=True):
    """A mail on a ticket, in or out."""

    __tablename__ = "messages"
    id: int = _key()
    ticket: int | None = _to("tickets.number", null=True, index=True)
    outgoing: bool = False
    kind: str = "message"
    """message, automatic or bounce (M11); suspect mails have `trusted` false (M7)."""
    trusted: bool = True
    author_id: int | None = _to("users.id", null=True)
    at: int = _ms()
    sender_name: str = ""
    sender_address: str = ""
    recipients: list[list[str]] = _json(list)
    copies: list[list[str]] = _json(list)
    subject: str = _words()
    text: str = _words()
    folded: list[str] = _json(list)
    message_id: str = Field(default="", sa_column=Column(Text, nullable=False, index=True))
    server_message_id: str = Field(default="", sa_column=Column(Text, nullable=False))
    in_reply_to: str = _words()
    refs: list[str] = _json(list)
    raw: str | None = Field(default=None, foreign_key="blobs.hash")
    bounced_at: int | None = _ms(null=True)
    __table_args__ = (
        Index(
            "ix_messages_server_id",
            "server_message_id",
            sqlite_where=sql("server_message_id <> ''"),
            postgresql_where=sql("server_message_id <> ''"),
        ),
    )


class Blob(SQLModel, table=True):
    """Bytes kept once, by their SHA-256."""

    __tablename__ = "blobs"
    hash: str = Field(primary_key=True)
    size: int
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class AttachmentRow(SQLModel, table=True):
    """A file on a message or a note."""

    __tablename__ = "attachments"
    id: int = _key()
    message_id: int | None = _to("messages.id", null=True, index=True)
    note_id: int | None = _to("notes.id", null=True, index=True)
    name: str
    type: str = "application/octet-stream"
    label: str = ""
    inline: bool = False
    blob: str = Field(foreign_key="blobs.hash")


class Outbox(SQLModel, table=True):
    """A mail on its way out (M5): draft → queued → claimed → data → sent, or in doubt, or failed."""

    __tablename__ = "outbox"
    id: int = _key()
    message_id: int = _to("messages.id", index=True)
    mailbox_id: int = _to("mailboxes.id")
    state: str = "queued"
    not_before: int = _ms()
    attempts: int = 0
    claimed_by: str = ""
    claimed_at: int | None = _ms(null=True)
    answer: str = _words()
    draft: dict[str, Any] = _json(dict)
    """What the writer had typed, given back when it is taken back."""
    copy_at: int | None = _ms(null=True)
    """When a copy is next put into the account's Sent folder; NULL once it is there, or if none is owed (M4)."""
    copy_tries: int = 0
    later_at: int | None = _ms(null=True)
    """When its writer wished it to leave; who may send and what is new is looked at again then (M4). None: at once."""
    __table_args__ = (
        Index("ix_outbox_state", "state", "not_before"),
        Index("ix_outbox_claimed", "mailbox_id", "claimed_at"),
        Index(
            "ix_outbox_copy",
            "mailbox_id",
            "copy_at",
            sqlite_where=sql("copy_at IS NOT NULL"),
            postgresql_where=sql("copy_at IS NOT NULL"),
        ),
    )


class Mailbox(SQLModel, table=True):
    """An address of ours and how far it was read (M6). No passwords here (R3)."""

    __tablename__ = "mailboxes"
    id: int = _key()
    address: str = Field(unique=True)
    sender_name: str = ""
    folder: str = "INBOX"
    unknown_sender: str = "triage"
    uidvalidity: int = _ms()
    uid: int = _ms()
    polled_at: int | None = _ms(null=True)
    trouble: str = _words()
    trouble_since: int | None = _ms(null=True)
    authserv: str = _words()
    """Whose Authentication-Results are believed, whichever worker reads the mail; '' for nobody's (M7)."""


class AutomaticMail(SQLModel, table=True):
    """A mail that no person wrote was sent to somebody: what the limits count (M11)."""

    __tablename__ = "automatic_mail"
    id: int = _key()
    address: str
    """Folded."""
    at: int = _ms()
    subject: str = _words()
    """Folded, without prefixes."""
    message_id: int = _to("messages.id")
    __table_args__ = (Index("ix_automatic_mail_address", "address", "at"),)


class MailboxTrouble(SQLModel, table=True):
    """What is wrong with a part of a mailbox's work, while it is (M6, R3): told by who serves it, read by all."""

    __tablename__ = "mailbox_troubles"
    mailbox_id: int = Field(foreign_key="mailboxes.id", primary_key=True)
    part: str = Field(primary_key=True)
    """poll, receive, send, copies, moves."""
    said: str = _words()
    since: int = _ms()
    next_at: int | None = _ms(null=True)
    """When it is tried again."""


class Inbound(SQLModel, table=True):
    """A mail that the server showed: raw bytes first, then exactly one outcome (M8)."""

    __tablename__ = "inbound"
    __table_args__ = (
        UniqueConstraint("mailbox_id", "uidvalidity", "uid"),
        Index("ix_inbound_waiting", "outcome", "id"),
        Index("ix_inbound_mailbox", "mailbox_id", "outcome", "id"),
        Index(
            "ix_inbound_move",
            "mailbox_id",
            "id",
            sqlite_where=sql("to_move = true"),
            postgresql_where=sql("to_move = true"),
        ),
    )
    id: int = _key()
    mailbox_id: int = _to("mailboxes.id")
    uidvalidity: int = _ms()
    uid: int = _ms()
    at: int = _ms()
    size: int = _ms()
    raw: str = Field(foreign_key="blobs.hash")
    outcome: str = ""
    """'' while it waits; then one of domain.ledger.OUTCOMES."""
    reason: str = _words()
    evidence: str = _words()
    sender: str = _words()
    subject: str = _words()
    fingerprint: str = Field(default="", index=True)
    ticket: int | None = _to("tickets.number", null=True, index=True)
    message: int | None = _to("messages.id", null=True)
    partial: bool = False
    """Over the mailbox's size limit: `raw` is its headers, the rest stayed on the server."""
    to_move: bool = False
    """Whether it still lies where it came and is to go into another folder of the server."""
    acts: list[dict[str, Any]] = _json(list)
    """What people did with it, oldest first: at, by (user), act, old, new, from and to (tickets)."""


class DraftRow(SQLModel, table=True):
    """A message being written, one a person and ticket (M4)."""

    __tablename__ = "drafts"
    user_id: int = Field(foreign_key="users.id", primary_key=True)
    ticket: int = Field(foreign_key="tickets.number", primary_key=True)
    recipients: str = _words()
    copies: str = _words()
    subject: str = _words()
    body: str = _words()
    saved_at: int = _ms()
    seen_event: int = _ms()


class DraftFile(SQLModel, table=True):
    """A file that goes with a draft (M4)."""

    __tablename__ = "draft_files"
    __table_args__ = (Index("ix_draft_files_draft", "user_id", "ticket"),)
    id: int = _key()
    user_id: int = _to("users.id")
    ticket: int = _to("tickets.number")
    name: str
    type: str = "application/octet-stream"
    blob: str = Field(foreign_key="blobs.hash")


class Lease(SQLModel, table=True):
    """Who does what only one may do: polling a mailbox, sending (M6)."""

    __tablename__ = "leases"
    name: str = Field(primary_key=True)
    holder: str
    until: int = _ms()


class TokenKeyRow(SQLModel, table=True):
    """A key for signed tokens; old ones verify for ever (M7)."""

    __tablename__ = "token_keys"
    id: int = _key()
    purpose: str
    secret: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: int = _ms()


class Notification(SQLModel, table=True):
    """Something that a person should know (N2)."""

    __tablename__ = "notifications"
    id: int = _key()
    user_id: int = _to("users.id", index=True)
    ticket: int | None = _to("tickets.number", null=True)
    event_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    actor_id: int | None = _to("users.id", null=True)
    kind: str
    at: int = _ms()
    read_at: int | None = _ms(null=True)
    __table_args__ = (Index("ix_notifications_unread", "user_id", "read_at", "id"),)


class Template(SQLModel, table=True):
    """A text to write with: personal, of a flow, a survey or the account; per class (M2)."""

    __tablename__ = "templates"
    id: int = _key()
    name: str
    user_id: int | None = _to("users.id", null=True)
    flow_id: int | None = _to("flows.id", null=True)
    survey_id: int | None = _to("surveys.id", null=True)
    klass: int | None = None
    sender_name: str = ""
    subject: str = _words()
    body: str = _words()


class SavedView(SQLModel, table=True):
    """A saved query, personal or shared with a flow (Q6)."""

    __tablename__ = "saved_views"
    id: int = _key()
    name: str
    query: str = _words()
    user_id: int | None = _to("users.id", null=True)
    flow_id: int | None = _to("flows.id", null=True)


class Audit(SQLModel, table=True):
    """A change of the set-up, with old and new values."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_target", "target", "target_id", "id"),)
    id: int = _key()
    at: int = _ms()
    actor_id: int | None = _to("users.id", null=True)
    what: str
    """created, changed, deactivated, removed…"""
    target: str = ""
    """flow, user, team, survey, category, tag…"""
    target_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    name: str = ""
    """What it was called at that time."""
    old: dict[str, Any] = _json(dict)
    new: dict[str, Any] = _json(dict)


class RuleSetRow(SQLModel, table=True):
    """A rule set of the autopilot (A1)."""

    __tablename__ = "rule_sets"
    id: int = _key()
    name: str
    position: int = 0
    active: bool = False
    conditions: dict[str, Any] = _json(dict)
    actions: dict[str, Any] = _json(dict)
    """As `loop.rule_plans` keeps them: others by id."""
    on_since: int | None = _ms(null=True)
    """When it was last switched on."""
    off_since: int | None = _ms(null=True)
    """When it was last switched off: answers that came since can be offered to it."""
    created_at: int = _ms()
    version: int = 1


class ManagerTable(SQLModel, table=True):
    """From an attribute's values to people: store X → its manager (A3)."""

    __tablename__ = "manager_tables"
    id: int = _key()
    name: str = Field(unique=True)
    attribute: str = ""
    entries: dict[str, Any] = _json(dict)
    """The value as it was written → a user's id."""


class RuleRun(SQLModel, table=True):
    """One run of the autopilot: an import, an answer by webhook, a look at the past, the clock, or a person's wish (A6)."""

    __tablename__ = "rule_runs"
    id: int = _key()
    at: int = _ms(index=True)
    way: str = ""
    """import, webhook, past, time, hand."""
    about: str = ""
    """The survey or file, for people."""
    actor_id: int | None = _to("users.id", null=True)
    looked_at: int = 0
    """Answers that were asked about."""


class RuleRunSet(SQLModel, table=True):
    """What one rule set did in a run; runs in which it touched nothing have no line."""

    __tablename__ = "rule_run_sets"
    run_id: int = Field(foreign_key="rule_runs.id", primary_key=True)
    rule_set_id: int = Field(foreign_key="rule_sets.id", primary_key=True, index=True)
    touched: int = 0
    mails: int = 0
    """E-mails that were asked for, sent or not."""
    undone: dict[str, int] = _json(dict)
    """How often something was not done, by why (a refusal's code)."""


class RuleHit(SQLModel, table=True):
    """A rule set met an answer, or a ticket that has none: it never does again (A5)."""

    __tablename__ = "rule_hits"
    rule_set_id: int = Field(foreign_key="rule_sets.id", primary_key=True)
    about: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    """The answer's id; minus the ticket's number where there is none."""
    run_id: int = _to("rule_runs.id")
    ticket: int | None = _to("tickets.number", null=True, index=True)
    at: int = _ms()
    because: dict[str, Any] = _json(dict)
    """Which of its conditions and expressions held, for “why”."""
    did: dict[str, Any] = _json(dict)
    """What it changed and what it could not."""
    mail: str = ""
    """'' none; due: to be written; sent: in the outbox; old: waits for a yes (A5); else why it was withheld."""
    message_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    __table_args__ = (
        Index(
            "ix_rule_hits_mail",
            "mail",
            "at",
            sqlite_where=sql("mail <> ''"),
            postgresql_where=sql("mail <> ''"),
        ),
        Index("ix_rule_hits_run", "run_id", "rule_set_id"),
        Index("ix_rule_hits_about", "about"),
    )


class ImportRow(SQLModel, table=True):
    """A file of answers on its way in: staged whole, then published in pieces (I8)."""

    __tablename__ = "imports"
    id: int = _key()
    survey: str = ""
    """Its name; the survey is made when the first piece is published."""
    file: str = ""
    """The file's name, without its folder."""
    state: str = "staging"
    """staging, publishing, done."""
    actor_id: int | None = _to("users.id", null=True)
    at: int = _ms()
    done_at: int | None = _ms(null=True)
    layout: dict[str, Any] = _json(dict)
    scale: dict[str, Any] = _json(dict)
    report: dict[str, Any] = _json(dict)
    """Counts so far."""


class ImportPiece(SQLModel, table=True):
    """Some staged rows; gone when they are published."""

    __tablename__ = "import_pieces"
    import_id: int = Field(foreign_key="imports.id", primary_key=True)
    place: int = Field(primary_key=True)
    rows: str = _words()
    """JSON."""


class ImportRefused(SQLModel, table=True):
    """A row that was not taken, kept so that it can be mended and brought in again (I8)."""

    __tablename__ = "import_refused"
    import_id: int = Field(foreign_key="imports.id", primary_key=True)
    line: int = Field(primary_key=True)
    reason: str = _words()
    source: str = _words()
    """The row as it stood in the file; '' where it was too long."""
