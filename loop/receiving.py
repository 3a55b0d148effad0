"""Mail comes in: raw bytes and cursor first, then exactly one outcome for every mail (M6–M11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.ledger import Outcome
from domain.people import PROGRAM
from domain.text import _, clean, line
from loop import matching
from loop.births import open_by_mail
from loop.desk import Desk
from loop.loading import load
from loop.mailboxes import keys
from loop.notifications import notify
from loop.reopening import reopen
from loop.timeline import record, record_now
from storage.conditions import STATUS
from storage.light import is_outage
from storage.tables import AttachmentRow, Inbound, Message

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
    waiting = desk.db.rows(
        "SELECT i.id, b.data FROM inbound i JOIN blobs b ON b.hash = i.raw WHERE i.outcome = '' ORDER BY i.id LIMIT :n",
        {"n": limit},
    )
    if not waiting:
        return 0
    read = [(id, bytes(raw)) for id, raw in waiting]
    parsed = {id: _parse(raw) for id, raw in read}
    try:
        _record(desk, parsed, quarantine=False)
    except Exception as trouble:
        if is_outage(trouble):
            raise  # the mails wait; they are not to blame
        # Some mail of the batch breaks: nothing was written, and each is now tried alone, so that only that one is kept aside.
        for id, one in parsed.items():
            try:
                _record(desk, {id: one}, quarantine=False)
            except Exception as error:
                if is_outage(error):
                    raise
                _record(desk, {id: one}, quarantine=True, why=line(f"{type(error).__name__}: {error}", 300))
    return len(waiting)


def _parse(raw: bytes) -> "tuple[ParsedMail, str]":
    """A mail and its fingerprint. The parser has an answer for everything; should it ever not, one mail must not stop the others."""
    import hashlib

    from mail.parse import fingerprint, parse
    from mail.parsed import ParsedMail

    try:
        return parse(raw), fingerprint(raw)
    except Exception as error:
        return ParsedMail(error=line(f"{type(error).__name__}: {error}", 300)), hashlib.sha256(raw).hexdigest()


def _record(desk: Desk, parsed: "dict[int, tuple[ParsedMail, str]]", *, quarantine: bool, why: str = "") -> None:
    """Write the outcomes of some mails in one transaction, which no other receiver or import runs beside.

    Otherwise the same mail in two mailboxes would be no duplicate, and a new customer two.
    """

    def write(work: Any) -> None:
        work.alone("customers")
        receiver = _Receiver(desk, work)
        inside = ", ".join(map(str, parsed))
        rows = work.rows(
            f"SELECT id, mailbox_id, raw, reason FROM inbound WHERE outcome = '' AND id IN ({inside}) ORDER BY id"
        )
        for id, mailbox, raw, before in rows:
            mail, print_ = parsed[id]
            kept = _Kept(id, mailbox, raw, print_)
            result = _Result(Outcome.QUARANTINED, why) if quarantine else receiver.receive(kept, mail)
            work.run(
                "UPDATE inbound SET sender = :sender, subject = :subject, fingerprint = :fingerprint, outcome = :outcome, reason = :reason,"
                " evidence = :evidence, ticket = :ticket, message = :message WHERE id = :id",
                {
                    "sender": line(mail.sender.address, 254),
                    "subject": line(mail.subject, 300),
                    "fingerprint": print_,
                    "outcome": result.outcome.value,
                    "reason": line(f"{result.reason} · {before}" if before else result.reason, 300),
                    "evidence": line(result.evidence, 400),
                    "ticket": result.ticket,
                    "message": result.message,
                    "id": id,
                },
            )

    desk.db.transact(write)


@dataclass(frozen=True)
class _Kept:
    """A mail that was kept and waits for its outcome."""

    id: int
    mailbox_id: int
    raw: str
    fingerprint: str


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
        self.unknown_sender = dict(work.rows("SELECT id, unknown_sender FROM mailboxes"))

    def receive(self, row: _Kept, mail: "ParsedMail") -> _Result:
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
        told = None if match else matching.notification(mail, self.keys)
        if mail.kind == "bounce":
            if told is not None:
                return self._undelivered(mail, *told)
            return self._bounce(row, mail, match)
        if mail.kind == "automatic":
            if match is None:
                return _Result(Outcome.AUTOMATIC, mail.reason)
            message = self._store(row, mail, match.ticket, trusted=True)
            record(self.work, match.ticket, "automatic mail", actor=PROGRAM, at=self.now, message=message)
            return _Result(Outcome.AUTOMATIC, mail.reason, match.evidence, match.ticket, message)
        if match is None:
            if told is not None:
                return _Result(Outcome.TRIAGE, _("an answer to a notification of ours") + forged, told[1])
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

    def _unmatched(self, row: _Kept, mail: "ParsedMail", forged: str) -> _Result:
        if self.unknown_sender[row.mailbox_id] == "ticket" and mail.sender.address:
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

    def _bounce(self, row: _Kept, mail: "ParsedMail", match: matching.Match | None) -> _Result:
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
        event = record_now(
            self.work, match.ticket, "bounce", actor=PROGRAM, at=self.now, message=message,
            status=line(first.status, 20) if first else "", of=match.message, permanent=bool(dead),
        )  # fmt: skip
        self._tell(match.ticket, "bounce", event)
        return _Result(Outcome.BOUNCE, mail.reason, evidence, match.ticket, message)

    def _undelivered(self, mail: "ParsedMail", message: int, evidence: str) -> _Result:
        """A notification to somebody here came back: it is marked, and no ticket has to do with it (N2)."""
        if not mail.delayed:
            self.work.run(
                "UPDATE messages SET bounced_at = :now WHERE id = :id AND kind = 'notification'",
                {"now": self.now, "id": message},
            )
        return _Result(Outcome.BOUNCE, mail.reason, evidence)

    def _touch(self, number: int, message: int, mail: "ParsedMail") -> int:
        """A customer wrote: unanswered, back from the archive and from closing, the assignee told (M6, M9, Q4)."""
        status = self.work.rows(f"SELECT status FROM tickets WHERE number = :n{self.work.lock}", {"n": number})[0][0]
        if status == STATUS["closed"]:
            old, number = number, reopen(self.work, load(self.work, [number], PROGRAM)[number], self.now)
            if number != old:
                self.work.run("UPDATE messages SET ticket = :t WHERE id = :m", {"t": number, "m": message})
        self.work.run(
            "UPDATE tickets SET unanswered = :yes, last_in_at = :now, archived = :no, snoozed_until = NULL, version = version + 1 WHERE number = :n",
            {"yes": True, "no": False, "now": self.now, "n": number},
        )
        event = record_now(self.work, number, "mail in", actor=PROGRAM, at=self.now, message=message)
        self._tell(number, "reply", event)
        return number

    def _tell(self, number: int, kind: str, event: int) -> None:
        """Notify the assignee and the followers (N2)."""
        people = self.work.rows(
            "SELECT assignee_id FROM tickets WHERE number = :n AND assignee_id IS NOT NULL UNION SELECT user_id FROM followers WHERE ticket = :n",
            {"n": number},
        )
        notify(self.work, [r[0] for r in people], kind, ticket=number, event_id=event, actor=PROGRAM, at=self.now)

    def _store(self, row: _Kept, mail: "ParsedMail", ticket: int, *, trusted: bool) -> int:
        """Keep a mail on a ticket with its files; the message's id."""
        self.work.insert_one(
            Message,
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
        message = self.work.last_id(Message)
        hashes = self.work.keep([a.content for a in mail.attachments])
        for file, hash in zip(mail.attachments, hashes, strict=True):
            self.work.insert_one(
                AttachmentRow,
                message_id=message,
                name=line(file.name, 200),
                type=line(file.type, 120),
                label=file.label,
                inline=file.inline,
                blob=hash,
            )
        return message
