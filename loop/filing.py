"""A mail onto a ticket: kept there with its files, and what follows for the ticket (M6, M9, M10). Inside others' transactions."""

from typing import TYPE_CHECKING, Any

from domain.people import PROGRAM, Actor
from domain.text import clean, line
from loop.loading import load
from loop.notifications import notify
from loop.reopening import reopen
from loop.timeline import record_now
from storage.conditions import STATUS
from storage.tables import AttachmentRow, Message

if TYPE_CHECKING:
    from mail.parsed import ParsedMail


def store(work: Any, mail: "ParsedMail", raw: str, ticket: int, at: int, *, trusted: bool) -> int:
    """Keep a mail on a ticket with its files; the message's id. `raw` is the hash of its bytes."""
    work.insert_one(
        Message,
        ticket=ticket,
        kind=mail.kind,
        trusted=trusted,
        at=at,
        sender_name=line(mail.sender.name, 200),
        sender_address=line(mail.sender.address, 254),
        recipients=[[a.name, a.address] for a in mail.to[:50]],
        copies=[[a.name, a.address] for a in mail.cc[:50]],
        subject=line(mail.subject, 500),
        text=clean(mail.new_text),
        folded=[clean(f) for f in mail.folded],
        message_id=mail.message_id,
        in_reply_to=mail.in_reply_to[0] if mail.in_reply_to else "",
        refs=list(mail.references),
        raw=raw,
    )
    message = int(work.last_id(Message))
    keep_files(work, message, mail)
    return message


def keep_files(work: Any, message: int, mail: "ParsedMail") -> None:
    """Keep the files of a mail, each by its hash."""
    hashes = work.keep([a.content for a in mail.attachments])
    for file, hash in zip(mail.attachments, hashes, strict=True):
        work.insert_one(
            AttachmentRow,
            message_id=message,
            name=line(file.name, 200),
            type=line(file.type, 120),
            label=file.label,
            inline=file.inline,
            blob=hash,
        )


def touch(
    work: Any,
    number: int,
    message: int,
    now: int,
    *,
    came: int | None = None,
    kind: str = "mail in",
    actor: Actor = PROGRAM,
    **data: Any,
) -> int:
    """A customer wrote: unanswered, back from the archive and from closing, the assignee told (M6, M9, Q4).

    `came` is when the mail came, where that is not now; `kind` the event, with its `data`. The number of the ticket that
    the message is on then: another one where the closed ticket's flow says so.
    """
    status = work.rows(f"SELECT status FROM tickets WHERE number = :n{work.lock}", {"n": number})[0][0]
    if status == STATUS["closed"]:
        old, number = number, reopen(work, load(work, [number], PROGRAM)[number], now)
        if number != old:
            work.run("UPDATE messages SET ticket = :t WHERE id = :m", {"t": number, "m": message})
            kind = "mail in"
    at = now if came is None else came
    work.run(
        "UPDATE tickets SET unanswered = :yes, last_in_at = CASE WHEN last_in_at > :at THEN last_in_at ELSE :at END,"
        " archived = :no, snoozed_until = NULL, version = version + 1 WHERE number = :n",
        {"yes": True, "no": False, "at": at, "n": number},
    )
    event = record_now(work, number, kind, actor=actor, at=now, message=message, **data)
    tell(work, number, "reply", event, now, actor=actor)
    return number


def tell(work: Any, number: int, kind: str, event: int, now: int, *, actor: Actor = PROGRAM) -> None:
    """Notify the assignee and the followers (N2)."""
    people = work.rows(
        "SELECT assignee_id FROM tickets WHERE number = :n AND assignee_id IS NOT NULL UNION SELECT user_id FROM followers WHERE ticket = :n",
        {"n": number},
    )
    notify(work, [r[0] for r in people], kind, ticket=number, event_id=event, actor=actor, at=now)
