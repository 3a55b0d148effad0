"""Mail comes in: raw bytes and cursor first, then exactly one outcome for every mail (M6–M11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.flows import Status
from domain.ledger import Outcome
from domain.people import PROGRAM
from domain.text import _, clean, line
from loop import matching
from loop.births import open_by_mail
from loop.desk import Desk
from loop.loading import load
from loop.mailboxes import keys
from loop.reopening import reopen
from loop.timeline import record
from storage.tables import AttachmentRow, Inbound, Mailbox, Message, Notification

if TYPE_CHECKING:
    from mail.mailbox import Cursor, Fetched
    from mail.parsed import ParsedMail

BATCH = 50
"""Mails that are read and recorded in one transaction."""


def cursor(desk: Desk, mailbox_id: int) -> "Cursor | None":
    """How far a mailbox was read; None before the first time."""
    from mail.mailbox import Cursor

    found = desk.db.rows("SELECT uidvalidity, uid FROM mailboxes WHERE id = :id", {"id": mailbox_id})
    return Cursor(int(found[0][0]), int(found[0][1])) if found and found[0][0] else None


def keep(desk: Desk, mailbox_id: int, fetched: "Sequence[Fetched]", reached: "Cursor") -> None:
    """Commit raw bytes and cursor together, before anything is parsed (M8)."""
    now = desk.now()
    with desk.db.write() as work:
        hashes = work.keep([one.raw for one in fetched])
        work.insert_new(
            Inbound,
            [
                {
                    "mailbox_id": mailbox_id, "uidvalidity": one.uidvalidity, "uid": one.uid, "at": now, "size": one.size, "raw": hash,
                    "outcome": "", "reason": "over the size limit" if one.oversized else "", "evidence": "", "sender": "", "subject": "",
                    "fingerprint": "",
                }
                for one, hash in zip(fetched, hashes, strict=True)
            ],
            "mailbox_id", "uidvalidity", "uid",
        )  # fmt: skip
        work.run(
            "UPDATE mailboxes SET uidvalidity = :v, uid = :u, polled_at = :now, trouble = '', trouble_since = NULL WHERE id = :id",
            {"v": reached.uidvalidity, "u": reached.uid, "now": now, "id": mailbox_id},
        )


def process(desk: Desk, limit: int = BATCH) -> int:
    """Give up to `limit` waiting mails their outcome; how many there were."""
    from mail.parse import fingerprint, parse

    waiting = desk.db.rows(
        "SELECT i.id, b.data FROM inbound i JOIN blobs b ON b.hash = i.raw WHERE i.outcome = '' ORDER BY i.id LIMIT :n",
        {"n": limit},
    )
    if not waiting:
        return 0
    read = [(id, bytes(raw)) for id, raw in waiting]
    parsed = {id: (parse(raw), fingerprint(raw)) for id, raw in read}
    with desk.db.write() as work:
        receiver = _Receiver(desk, work)
        for row in work.many(Inbound, "id", parsed):
            if row.outcome:
                continue
            mail, print_ = parsed[row.id]
            row.sender, row.subject, row.fingerprint = line(mail.sender.address, 254), line(mail.subject, 300), print_
            try:
                with work.savepoint():
                    result = receiver.receive(row, mail)
            except Exception as error:
                # One bad mail never stops the rest: it is kept, with the reason, and can be tried again.
                result = _Result(Outcome.QUARANTINED, line(f"{type(error).__name__}: {error}", 300))
            row.outcome, row.reason = result.outcome.value, line(result.reason, 300)
            row.evidence, row.ticket, row.message = line(result.evidence, 400), result.ticket, result.message
    return len(waiting)


@dataclass(frozen=True)
class _Result:
    outcome: Outcome
    reason: str
    evidence: str = ""
    ticket: int | None = None
    message: int | None = None


class _Receiver:
    """What one batch of mails shares: the transaction, the keys, the time."""

    def __init__(self, desk: Desk, work: Any) -> None:
        self.desk, self.work, self.now = desk, work, desk.now()
        self.keys = keys(work.rows)
        self.prints: dict[str, int] = {}
        self.mailboxes = {
            m.id: m for m in work.many(Mailbox, "id", [r[0] for r in work.rows("SELECT id FROM mailboxes")])
        }

    def receive(self, row: Inbound, mail: "ParsedMail") -> _Result:
        """The one outcome of a mail, with all that follows from it."""
        if mail.error:
            return _Result(Outcome.QUARANTINED, mail.error)
        earlier = self.work.rows(
            "SELECT MIN(id) FROM inbound WHERE fingerprint = :f AND id <> :id AND outcome <> ''",
            {"f": row.fingerprint, "id": row.id},
        )[0][0]
        if earlier:
            return _Result(
                Outcome.DUPLICATE,
                _("the same mail as number {id}").format(id=earlier),
                f"fingerprint {row.fingerprint[:16]}",
            )
        if matching.is_own(mail, self.keys):
            return _Result(Outcome.AUTOMATIC, _("a mail of our own came back"), f"Message-ID: {mail.message_id}")
        found = matching.find(self.work, mail, self.keys)
        match = found.match
        forged = _("; a forged token was ignored") if found.forged else ""
        if mail.kind == "bounce":
            return self._bounce(row, mail, match)
        if mail.kind == "automatic":
            if match is None:
                return _Result(Outcome.AUTOMATIC, mail.reason)
            message = self._store(row, mail, match.ticket, trusted=True)
            record(self.work, match.ticket, "automatic mail", actor=PROGRAM, at=self.now, message=message)
            return _Result(Outcome.AUTOMATIC, mail.reason, match.evidence, match.ticket, message)
        if match is None:
            return self._unmatched(row, mail, forged)
        if stranger := self._stranger(mail, match.ticket):
            message = self._store(row, mail, match.ticket, trusted=False)
            record(self.work, match.ticket, "suspect mail", actor=PROGRAM, at=self.now, message=message)
            return _Result(Outcome.SUSPECT, stranger + forged, match.evidence, match.ticket, message)
        message = self._store(row, mail, match.ticket, trusted=True)
        ticket = self._touch(match.ticket, message, mail)
        return _Result(Outcome.THREADED, match.how + forged, match.evidence, ticket, message)

    def _stranger(self, mail: "ParsedMail", ticket: int) -> str:
        """Why the sender is not to be trusted with this ticket; '' when they are (M7)."""
        address = mail.sender.address.lower()
        if address not in matching.known_addresses(self.work, ticket):
            return _("{address} is not known on #{ticket}").format(address=mail.sender.address or "—", ticket=ticket)
        return ""

    def _unmatched(self, row: Inbound, mail: "ParsedMail", forged: str) -> _Result:
        mailbox = self.mailboxes[row.mailbox_id]
        if mailbox.unknown_sender == "ticket" and mail.sender.address:
            opened = open_by_mail(
                self.work, mail.sender.name, mail.sender.address, mail.subject, mail.new_text, self.now
            )
            if opened:
                message = self._store(row, mail, opened, trusted=True)
                self._touch(opened, message, mail)
                return _Result(
                    Outcome.NEW, _("from somebody who is on no ticket") + forged, ticket=opened, message=message
                )
        return _Result(Outcome.TRIAGE, _("on no ticket that we know") + forged)

    def _bounce(self, row: Inbound, mail: "ParsedMail", match: matching.Match | None) -> _Result:
        """Mark the message and, when it is permanent and ours, the address (M11)."""
        evidence = f"Message-ID: {mail.original_message_id}" if mail.original_message_id else ""
        if match is None or match.message is None:
            return _Result(Outcome.BOUNCE, mail.reason, evidence, match.ticket if match else None)
        message = self._store(row, mail, match.ticket, trusted=True)
        if not mail.delayed:
            self.work.run(
                "UPDATE messages SET bounced_at = :now WHERE id = :id AND outgoing = true",
                {"now": self.now, "id": match.message},
            )
        dead = [b for b in mail.bounces if b.permanent and not mail.delayed]
        sent_to = matching.known_addresses(self.work, match.ticket)
        for bounced in dead:
            if bounced.address.lower() in sent_to:
                self.work.run(
                    "UPDATE contacts SET bounced_at = :now WHERE email = :a AND bounced_at IS NULL",
                    {"now": self.now, "a": bounced.address.lower()},
                )
        first = mail.bounces[0] if mail.bounces else None
        record(
            self.work, match.ticket, "bounce", actor=PROGRAM, at=self.now, message=message,
            status=line(first.status, 20) if first else "", of=match.message, permanent=bool(dead),
        )  # fmt: skip
        self._tell(match.ticket, "mail failed")
        return _Result(Outcome.BOUNCE, mail.reason, evidence, match.ticket, message)

    def _touch(self, number: int, message: int, mail: "ParsedMail") -> int:
        """A customer wrote: unanswered, back from the archive and from closing, the assignee told (M6, M9, Q4)."""
        one = load(self.work, [number], PROGRAM)[number]
        if one.ticket.status is Status.CLOSED:
            number = reopen(self.work, one, self.now)
            if number != one.row.number:
                self.work.run("UPDATE messages SET ticket = :t WHERE id = :m", {"t": number, "m": message})
                one = load(self.work, [number], PROGRAM)[number]
        one.row.unanswered, one.row.last_in_at = True, self.now
        one.row.archived, one.row.snoozed_until = False, None
        record(self.work, number, "mail in", actor=PROGRAM, at=self.now, message=message)
        self._tell(number, "reply")
        return number

    def _tell(self, number: int, kind: str) -> None:
        """Notify the assignee and the followers (N2)."""
        people = self.work.rows(
            "SELECT assignee_id FROM tickets WHERE number = :n AND assignee_id IS NOT NULL UNION SELECT user_id FROM followers WHERE ticket = :n",
            {"n": number},
        )
        for (user,) in people:
            self.work.append(Notification(user_id=user, ticket=number, kind=kind, at=self.now))

    def _store(self, row: Inbound, mail: "ParsedMail", ticket: int, *, trusted: bool) -> int:
        """Keep a mail on a ticket with its files; the message's id."""
        message = self.work.add(
            Message(
                ticket=ticket,
                kind=mail.kind,
                trusted=trusted,
                at=self.now,
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
                raw=row.raw,
            )
        )
        hashes = self.work.keep([a.content for a in mail.attachments])
        for file, hash in zip(mail.attachments, hashes, strict=True):
            self.work.append(
                AttachmentRow(
                    message_id=message.id,
                    name=line(file.name, 200),
                    type=line(file.type, 120),
                    label=file.label,
                    inline=file.inline,
                    blob=hash,
                )
            )
        return message.id
