"""Mail comes in: raw bytes and cursor first, then exactly one outcome for every mail (M6–M11)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from domain.ledger import Outcome
from domain.people import PROGRAM
from domain.text import _, line
from loop import answering, loose_mail, matching, unsubscribing
from loop.births import open_by_mail
from loop.desk import Desk
from loop.filing import store, tell, touch
from loop.mailboxes import keys
from loop.timeline import record, record_now
from storage.conditions import AT_ADDRESS
from storage.light import is_outage
from storage.tables import Inbound

if TYPE_CHECKING:
    from mail.bounce import BouncedRecipient
    from mail.mailbox import Cursor, Fetched
    from mail.parsed import ParsedMail

BATCH = 50
"""Mails that are read and recorded in one transaction."""
OVERSIZED = "over the size limit"
"""The reason that stays with a mail of which only the headers were fetched."""


def cursor(desk: Desk, mailbox_id: int) -> "Cursor | None":
    """How far a mailbox was read; None before the first time."""
    from mail.mailbox import Cursor

    found = desk.db.rows("SELECT uidvalidity, uid FROM mailboxes WHERE id = :id", {"id": mailbox_id})
    return Cursor(int(found[0][0]), int(found[0][1])) if found and found[0][0] else None


def keep(desk: Desk, mailbox_id: int, fetched: "Sequence[Fetched]", reached: "Cursor", *, moving: bool = False) -> None:
    """Commit raw bytes and cursor together, before anything is parsed (M8). `moving`: they change folder once they are read."""
    now = desk.now()
    with desk.db.write() as work:
        hashes = work.keep([one.raw for one in fetched])
        work.insert_new(
            Inbound,
            [
                {
                    "mailbox_id": mailbox_id, "uidvalidity": one.uidvalidity, "uid": one.uid, "at": now, "size": one.size, "raw": hash,
                    "outcome": "", "reason": OVERSIZED if one.oversized else "", "evidence": "", "sender": "", "subject": "",
                    "fingerprint": "", "partial": one.oversized, "to_move": moving, "acts": [],
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
    parsed = {id: read_mail(raw) for id, raw in read}
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


def read_mail(raw: bytes) -> "tuple[ParsedMail, str]":
    """A mail and its fingerprint. The parser has an answer for everything; should it ever not, one mail must not stop the others."""
    import hashlib

    from mail.parse import fingerprint, parse
    from mail.parsed import ParsedMail

    try:
        mail = parse(raw)
        # A server that says that it goes on trying sends nothing back (M11).
        return (replace(mail, kind="automatic") if mail.delayed else mail), fingerprint(raw)
    except Exception as error:
        return ParsedMail(error=line(f"{type(error).__name__}: {error}", 300)), hashlib.sha256(raw).hexdigest()


def _record(desk: Desk, parsed: "dict[int, tuple[ParsedMail, str]]", *, quarantine: bool, why: str = "") -> None:
    """Write the outcomes of some mails in one transaction, which no other receiver or import runs beside.

    Otherwise the same mail in two mailboxes would be no duplicate, and a new customer two.
    """

    def write(work: Any) -> None:
        work.alone("customers")
        receiver = Receiver(desk, work)
        inside = ", ".join(map(str, parsed))
        rows = work.rows(
            f"SELECT id, mailbox_id, raw, reason FROM inbound WHERE outcome = '' AND id IN ({inside}) ORDER BY id"
        )
        for id, mailbox, raw, before in rows:
            mail, print_ = parsed[id]
            kept = Kept(id, mailbox, raw, print_)
            result = Result(Outcome.QUARANTINED, why) if quarantine else receiver.receive(kept, mail)
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
class Kept:
    """A mail that was kept and waits for its outcome."""

    id: int
    mailbox_id: int
    raw: str
    fingerprint: str


@dataclass(frozen=True)
class Result:
    outcome: Outcome
    reason: str
    evidence: str = ""
    ticket: int | None = None
    message: int | None = None


class Receiver:
    """What one batch of mails shares: the transaction, the keys, the time."""

    def __init__(self, desk: Desk, work: Any) -> None:
        self.desk, self.work, self.now = desk, work, desk.now()
        self.keys = keys(work.rows)
        boxes = work.rows("SELECT id, unknown_sender, authserv FROM mailboxes")
        self.unknown_sender = {id: unknown for id, unknown, __ in boxes}
        self.authserv = {id: host for id, __, host in boxes}

    def receive(self, row: Kept, mail: "ParsedMail") -> Result:
        """The one outcome of a mail, with all that follows from it."""
        if mail.error:
            return Result(Outcome.QUARANTINED, mail.error)
        # A duplicate does not count, or a mail and its duplicate could end as each other's.
        if earlier := self.work.rows(
            "SELECT MIN(id) FROM inbound WHERE fingerprint = :f AND id <> :id AND outcome NOT IN ('', 'duplicate')",
            {"f": row.fingerprint, "id": row.id},
        )[0][0]:
            return Result(
                Outcome.DUPLICATE,
                _("the same mail as number {id}").format(id=earlier),
                f"fingerprint {row.fingerprint[:16]}",
            )
        if told := answering.receive(
            self.work, answering.Came(row.id, row.mailbox_id, row.raw, mail), self.keys, self.now
        ):
            return Result(told.outcome, told.reason, told.evidence, told.ticket)
        if matching.is_own(mail, self.keys):
            return Result(Outcome.AUTOMATIC, _("a mail of our own came back"), f"Message-ID: {mail.message_id}")
        if (
            mail.kind != "bounce"
            and not mail.delayed
            and unsubscribing.by_mail(self.work, mail.subject, self.keys, self.now)
        ):
            said = _("asked to get no automatic mail, and gets none from now on")
            return Result(Outcome.AUTOMATIC, said, f"Subject: {mail.subject}")
        if mail.kind != "bounce" and matching.is_blocked(self.work, mail.sender.address):
            return Result(Outcome.AUTOMATIC, _("the sender is blocked"), f"From: {mail.sender.address}")
        found = matching.find(self.work, mail, self.keys)
        match = found.match
        forged = _("; a forged token was ignored") if found.forged else ""
        if match is None and found.loose:
            return self._loose(row, mail, found.loose, forged)
        if mail.kind == "bounce":
            return self._bounce(row, mail, match)
        if mail.kind == "automatic":
            if match is None:
                return Result(Outcome.AUTOMATIC, mail.reason)
            message = store(self.work, mail, row.raw, match.ticket, self.now, trusted=True)
            record(self.work, match.ticket, "automatic mail", actor=PROGRAM, at=self.now, message=message)
            return Result(Outcome.AUTOMATIC, mail.reason, match.evidence, match.ticket, message)
        if match is None:
            perhaps = _("; possibly #{ticket}").format(ticket=found.possibly) if found.possibly else ""
            return self._unmatched(row, mail, perhaps + forged)
        if stranger := self._stranger(mail, match.ticket) or self._forged(row, mail):
            message = store(self.work, mail, row.raw, match.ticket, self.now, trusted=False)
            record(self.work, match.ticket, "suspect mail", actor=PROGRAM, at=self.now, message=message)
            return Result(Outcome.SUSPECT, stranger + forged, match.evidence, match.ticket, message)
        other = _("; under another subject") if matching.is_other_subject(self.work, match, mail.subject) else ""
        message = store(self.work, mail, row.raw, match.ticket, self.now, trusted=True)
        # Who writes from an address reads there too, whatever came back from it once.
        self.work.run(
            f"UPDATE contacts SET bounced_at = NULL WHERE id IN {AT_ADDRESS} AND bounced_at IS NOT NULL",
            {"address": mail.sender.address.strip().lower()},
        )
        ticket = touch(self.work, match.ticket, message, self.now)
        return Result(Outcome.THREADED, match.how + other + forged, match.evidence, ticket, message)

    def _stranger(self, mail: "ParsedMail", ticket: int) -> str:
        """Why the sender is not to be trusted with this ticket; '' when they are (M7)."""
        address = mail.sender.address.lower()
        if address not in matching.known_addresses(self.work, ticket):
            return _("{address} is not known on #{ticket}").format(address=mail.sender.address or "—", ticket=ticket)
        return ""

    def _forged(self, row: Kept, mail: "ParsedMail") -> str:
        """That the server which took the mail says that its sender is forged; '' where it says no such thing (M7)."""
        from mail.verdicts import verdicts

        if "fail" not in verdicts(mail.authentication, self.authserv[row.mailbox_id]):
            return ""
        return _("the mail server says that {address} is forged (DMARC)").format(address=mail.sender.address or "—")

    def _unmatched(self, row: Kept, mail: "ParsedMail", more: str) -> Result:
        if self.unknown_sender[row.mailbox_id] == "ticket" and mail.sender.address:
            opened = open_by_mail(self.work, mail, self.now)
            if opened:
                message = store(self.work, mail, row.raw, opened, self.now, trusted=True)
                touch(self.work, opened, message, self.now)
                return Result(
                    Outcome.NEW, _("from somebody who is on no ticket") + more, ticket=opened, message=message
                )
        return Result(Outcome.TRIAGE, _("on no ticket that we know") + more)

    def _loose(self, row: Kept, mail: "ParsedMail", loose: loose_mail.Loose, forged: str) -> Result:
        """A mail that goes back to an e-mail of a rule on no ticket (A2)."""
        if mail.kind == "bounce":
            loose_mail.returned(self.work, loose, mail, self.now)
            return Result(Outcome.BOUNCE, mail.reason, loose.evidence)
        if mail.kind == "automatic":
            return Result(Outcome.AUTOMATIC, mail.reason, loose.evidence)
        if why := self._forged(row, mail):
            return Result(Outcome.TRIAGE, why + forged, loose.evidence)
        if not loose_mail.belongs(self.work, loose, mail.sender.address):
            return self._unmatched(row, mail, _("; it answers an e-mail that went to another address") + forged)
        onto = loose_mail.ticket_for(self.work, loose, self.now)
        if isinstance(onto, str):
            return Result(Outcome.TRIAGE, onto + forged, loose.evidence)
        message = store(self.work, mail, row.raw, onto.ticket, self.now, trusted=True)
        ticket = touch(self.work, onto.ticket, message, self.now)
        outcome = Outcome.NEW if onto.fresh else Outcome.THREADED
        reason = _("an answer to an e-mail of a rule opened a ticket") if onto.fresh else "message-id"
        return Result(outcome, reason + forged, loose.evidence, ticket, message)

    def _bounce(self, row: Kept, mail: "ParsedMail", match: matching.Match | None) -> Result:
        """Mark the message and, when it is permanent and ours, the address (M11)."""
        evidence = f"Message-ID: {mail.original_message_id}" if mail.original_message_id else ""
        if match is None:
            return Result(Outcome.BOUNCE, mail.reason, evidence)
        message = store(self.work, mail, row.raw, match.ticket, self.now, trusted=True)
        # What names a mail of the customer's, whose id others know too, says nothing of one of ours.
        ours = self.work.run(
            "UPDATE messages SET bounced_at = :now WHERE id = :id AND outgoing = true",
            {"now": self.now, "id": match.message or 0},
        )
        if ours and (told := "; ".join(filter(None, (_told(b) for b in mail.bounces[:5])))):
            self.work.run(
                "UPDATE outbox SET answer = :a WHERE message_id = :id", {"a": line(told, 500), "id": match.message}
            )
        dead = [b for b in mail.bounces if b.permanent] if ours else []
        sent_to = matching.known_addresses(self.work, match.ticket)
        for bounced in dead:
            if bounced.address.lower() in sent_to:
                self.work.run(
                    f"UPDATE contacts SET bounced_at = :now WHERE id IN {AT_ADDRESS} AND bounced_at IS NULL",
                    {"now": self.now, "address": bounced.address.lower()},
                )
        first = mail.bounces[0] if mail.bounces else None
        event = record_now(
            self.work, match.ticket, "bounce", actor=PROGRAM, at=self.now, message=message,
            status=line(first.status, 20) if first else "", of=match.message, permanent=bool(dead),
        )  # fmt: skip
        tell(self.work, match.ticket, "bounce", event, self.now)
        return Result(Outcome.BOUNCE, mail.reason, evidence, match.ticket, message)


def _told(bounced: "BouncedRecipient") -> str:
    """Why a message did not arrive, in the words of the server that sent it back."""
    words = line(bounced.diagnostic, 300)
    return words if bounced.status and bounced.status in words else line(f"{bounced.status} {words}")
