"""What people do with a mail of the ledger (M7, M8): one transaction, an event on the ticket, a trace on the line.

Ledger and triage need the right on the mailbox; a ticket that a mail goes onto or comes off needs that its flow may be
worked in. Accepting and splitting are acts on a ticket alone. Done twice, each is done once.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.ledger import Outcome
from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import may_see_ledger, may_work, scope
from domain.text import _, clean, line
from loop import answering, receiving
from loop.births import contact_by_mail
from loop.births import open_ticket as bear
from loop.desk import Desk
from loop.filing import keep_files, store, touch
from loop.ledger import VISIBLE, visible
from loop.loading import Loaded, load
from loop.matching import survivor
from loop.shaping import standing
from loop.timeline import record
from loop.views import Acted
from storage.light import is_outage
from storage.tables import Contact

if TYPE_CHECKING:
    from mail.parsed import ParsedMail

Read = tuple["ParsedMail", str]
"""A mail as it was read, and its fingerprint."""
MOST_ADDRESSES = 20
"""Other addresses that are known of a customer; the oldest go."""
_AUTOMATIC = {"automatic": Outcome.AUTOMATIC, "bounce": Outcome.BOUNCE}


@dataclass
class Line:
    """A line of the ledger, locked for the act that changes it."""

    id: int
    mailbox_id: int
    at: int
    raw: str
    outcome: str
    reason: str
    evidence: str
    sender: str
    subject: str
    fingerprint: str
    ticket: int | None
    message: int | None
    partial: bool
    acts: list[dict[str, Any]]


def attach(desk: Desk, inbound_id: int, ticket: int, *, actor: Actor) -> Acted | Refusal:
    """Put a mail that is on no ticket onto one; a merged one means its survivor, a closed one reopens as its flow says (M9).

    Automatic mails and bounces go there as what they are, and change nothing else.
    """
    read = _reader(desk)

    def act(work: Any, actor: Actor) -> Acted | Refusal:
        held = _line(work, inbound_id, actor)
        if isinstance(held, Refusal):
            return held
        target = _target(work, ticket, actor)
        if isinstance(target, Refusal):
            return target
        if held.ticket == target.row.number:
            return Acted(held.id, held.outcome, held.ticket, changed=False)
        if why := _free(work, held):
            return why
        mail, __ = read(work, held.raw)
        if mail.error:
            return refuse("mail unread")
        number, kind = target.row.number, _place(work, held, mail, target.row.number)
        outcome = _AUTOMATIC.get(kind, Outcome.THREADED)
        if outcome is Outcome.THREADED:
            number = touch(
                work, number, held.message or 0, desk.now(), came=held.at, actor=actor, by="hand", inbound=held.id
            )
        else:
            event = "bounce" if kind == "bounce" else "automatic mail"
            record(work, number, event, actor=actor, at=desk.now(), message=held.message, by="hand", inbound=held.id)
        return _settle(desk, work, held, actor, "attached", outcome, number, _("attached by hand"))

    return _transact(desk, actor, act)


def open_ticket(desk: Desk, inbound_id: int, flow_id: int, *, actor: Actor) -> int | Refusal:
    """Open a ticket with a mail that is on none, in a flow's first pending phase, for the customer who wrote it; its number."""
    read = _reader(desk)

    def act(work: Any, actor: Actor) -> int | Refusal:
        held = _line(work, inbound_id, actor)
        if isinstance(held, Refusal):
            return held
        if why := _may_open(work, flow_id, actor) or _free(work, held):
            return why
        mail, __ = read(work, held.raw)
        if mail.error:
            return refuse("mail unread")
        who = (mail.sender.name, mail.sender.address, mail.reply_to.address if mail.reply_to else "")
        number = _born(desk, work, flow_id, who, mail.subject, mail.new_text, actor, held)
        if isinstance(number, Refusal):
            return number
        _place(work, held, mail, number)
        _as_message(work, held.message)
        touch(work, number, held.message or 0, desk.now(), came=held.at)
        _settle(desk, work, held, actor, "opened", Outcome.NEW, number, _("opened by hand"))
        return number

    return _transact(desk, actor, act)


def accept(desk: Desk, inbound_id: int, *, actor: Actor, remember: bool = False) -> Acted | Refusal:
    """Take a suspect mail, or one on a ticket that was held for automatic, as the customer's word (M7).

    `remember` adds its address to those that are known of the customer; it never replaces the one that is written to.
    A suspect answer to a notification becomes a note of who accepts it.
    """
    read = _reader(desk)

    def act(work: Any, actor: Actor) -> Acted | Refusal:
        held = _line(work, inbound_id, actor, ledger=False)
        if isinstance(held, Refusal):
            return held
        if held.ticket is None:
            return refuse("mail on no ticket")
        found = load(work, [held.ticket], actor).get(held.ticket)
        if found is None:
            return refuse("no mail", id=inbound_id)
        if why := may_work(actor, found.row.flow_id):
            return why
        if held.outcome == Outcome.SUSPECT and held.message is None:
            mail, __ = read(work, held.raw)
            if why := answering.vouch(work, found, mail, actor, desk.now(), inbound=held.id):
                return why
            found.row.version += 1
            return _settle(desk, work, held, actor, "accepted", Outcome.THREADED, held.ticket, _("accepted as a note"))
        if held.outcome not in (Outcome.SUSPECT, Outcome.AUTOMATIC) or held.message is None:
            done = any(a["act"] == "accepted" for a in held.acts)
            return Acted(held.id, held.outcome, held.ticket, changed=False) if done else refuse("mail trusted")
        work.run("UPDATE messages SET trusted = :yes, kind = 'message' WHERE id = :m", {"yes": True, "m": held.message})
        known = remember and _remember(work, found, held.sender)
        # A merged ticket hands its replies on (M7).
        number = survivor(work, held.ticket) or held.ticket
        kind = "mail trusted"
        if number != held.ticket:
            kind = "mail in"
            work.run("UPDATE messages SET ticket = :t WHERE id = :m", {"t": number, "m": held.message})
        number = touch(
            work, number, held.message, desk.now(), came=held.at, kind=kind, actor=actor,
            inbound=held.id, remembered=bool(known),
        )  # fmt: skip
        return _settle(desk, work, held, actor, "accepted", Outcome.THREADED, number, _("accepted by hand"))

    return _transact(desk, actor, act)


def accept_on_ticket(
    desk: Desk, number: int, message_id: int, *, actor: Actor, remember: bool = False
) -> Acted | Refusal:
    """The same by the message on a ticket, for who works there without a right on the mailbox."""
    found = desk.db.rows("SELECT id FROM inbound WHERE message = :m AND ticket = :n", {"m": message_id, "n": number})
    return accept(desk, found[0][0], actor=actor, remember=remember) if found else refuse("no mail", id="—")


def retry(desk: Desk, inbound_id: int, *, actor: Actor) -> Acted | Refusal:
    """Read a quarantined mail again, as if it had just come; one that was read meanwhile stays as it is (M8)."""
    read = _reader(desk)

    def act(work: Any, actor: Actor) -> Acted | Refusal:
        held = _line(work, inbound_id, actor)
        if isinstance(held, Refusal):
            return held
        if held.outcome != Outcome.QUARANTINED:
            return Acted(held.id, held.outcome, held.ticket, changed=False)
        return _again(desk, work, held, read(work, held.raw), actor, "retried")

    def failed(work: Any, why: str) -> Acted | Refusal:
        held = _line(work, inbound_id, actor)
        if isinstance(held, Refusal):
            return held
        return _settle(desk, work, held, actor, "retried", Outcome(held.outcome), held.ticket, why)

    try:
        return _transact(desk, actor, act)
    except Exception as error:
        if is_outage(error):
            raise
        # What broke once breaks again: the line says how, and stays in quarantine.
        why = line(f"{type(error).__name__}: {error}", 300)
        return desk.db.transact(lambda work: failed(work, why))


def split(desk: Desk, message_id: int, flow_id: int | None, *, actor: Actor) -> Acted | Refusal:
    """Take a mail off its ticket: onto a new one in a flow, for whom wrote it, or back to triage.

    The old ticket waits for an answer no more where only that mail did.
    """

    def act(work: Any, actor: Actor) -> Acted | Refusal:
        work.alone("customers")
        found = work.rows("SELECT id FROM inbound WHERE message = :m", {"m": message_id})
        held = _line(work, found[0][0], actor, ledger=False) if found else refuse("no mail", id="—")
        if isinstance(held, Refusal):
            return held
        if held.ticket is None:
            return Acted(held.id, held.outcome, None, changed=False) if flow_id is None else refuse("mail on no ticket")
        old = held.ticket
        one = load(work, [old], actor).get(old)
        if one is None:
            return refuse("no mail", id=held.id)
        if why := may_work(actor, one.row.flow_id):
            return why
        kind, name, address, subject, text = work.rows(
            "SELECT kind, sender_name, sender_address, subject, text FROM messages WHERE id = :m", {"m": message_id}
        )[0]
        number: int | None = None
        outcome = _AUTOMATIC.get(kind, Outcome.TRIAGE)
        if flow_id is not None:
            if why := _may_open(work, flow_id, actor):
                return why
            born = _born(desk, work, flow_id, (name, address, ""), subject, text, actor, held)
            if isinstance(born, Refusal):
                return born
            number, outcome = born, Outcome.NEW
        work.run(
            "UPDATE messages SET ticket = :t, trusted = :yes WHERE id = :m",
            {"t": number, "yes": True, "m": message_id},
        )
        if number is not None:
            _as_message(work, message_id)
        _calm(work, old)
        record(work, old, "mail split", actor=actor, at=desk.now(), to=number, inbound=held.id)
        if number is not None:
            touch(work, number, message_id, desk.now(), came=held.at)
        return _settle(desk, work, held, actor, "split", outcome, number, _("taken off a ticket by hand"))

    return _transact(desk, actor, act)


def again_whole(desk: Desk, inbound_id: int, raw: bytes, *, actor: Actor) -> Acted | Refusal:
    """Put the whole of an oversized mail in the place of its headers; what is on a ticket stays there and is filled in."""
    mail, fingerprint = receiving.read_mail(raw)

    def act(work: Any, actor: Actor) -> Acted | Refusal:
        held = partial_line(work, inbound_id, actor)
        if isinstance(held, (Refusal, Acted)):
            return held
        # The fingerprint stays that of the headers: by it the same mail is known when it comes once more.
        hash = work.keep([raw])[0]
        work.run(
            "UPDATE inbound SET raw = :raw, partial = :no, reason = :reason WHERE id = :id",
            {"raw": hash, "no": False, "reason": _without(held.reason), "id": held.id},
        )
        held.raw, held.reason = hash, _without(held.reason)
        if held.message is None:
            waits = held.outcome in (Outcome.TRIAGE, Outcome.QUARANTINED, Outcome.AUTOMATIC, Outcome.BOUNCE)
            if waits and held.ticket is None:
                return _again(desk, work, held, (mail, held.fingerprint or fingerprint), actor, "fetched")
        else:
            _fill(work, held.message, hash, mail)
            if held.ticket is not None:
                record(work, held.ticket, "mail whole", actor=actor, at=desk.now(), message=held.message)
        return _settle(desk, work, held, actor, "fetched", Outcome(held.outcome), held.ticket, held.reason)

    return _transact(desk, actor, act)


def _transact(desk: Desk, actor: Actor, act: Callable[[Any, Actor], Any]) -> Any:
    """Run an act as the actor stands in its transaction, whatever they were when the screen was read (P3, P4)."""
    return desk.db.transact(lambda work: act(work, standing(work, actor)))


def partial_line(work: Any, inbound_id: int, actor: Actor) -> Line | Acted | Refusal:
    """The line of an oversized mail that is to be fetched, with the right to do so; how it is where it was fetched already."""
    held = _line(work, inbound_id, actor)
    if isinstance(held, Refusal):
        return held
    if held.ticket is not None:
        flow = work.rows("SELECT flow_id FROM tickets WHERE number = :n", {"n": held.ticket})[0][0]
        if why := may_work(actor, flow):
            return why
    return held if held.partial else Acted(held.id, held.outcome, held.ticket, changed=False)


# Beneath the acts ---------------------------------------------------------------------------------


def _reader(desk: Desk) -> Callable[[Any, str], Read]:
    """Reads a mail by the hash of its bytes, once, however often the transaction is done again."""
    known: dict[str, Read] = {}

    def read(work: Any, hash: str) -> Read:
        if hash not in known:
            raw = bytes(work.rows("SELECT data FROM blobs WHERE hash = :h", {"h": hash})[0][0])
            known[hash] = receiving.read_mail(raw)
        return known[hash]

    return read


def _line(work: Any, inbound_id: int, actor: Actor, *, ledger: bool = True) -> Line | Refusal:
    """The line, locked; one out of sight is as if it were not there (P3). No receiver or import runs beside."""
    work.alone("customers")
    if ledger and (why := may_see_ledger(actor)):
        return why
    found = work.rows(
        "SELECT id, mailbox_id, at, raw, outcome, reason, evidence, sender, subject, fingerprint, ticket, message, partial, acts"
        f" FROM inbound WHERE id = :id{work.lock}",
        {"id": inbound_id},
    )
    seen = found and work.rows(f"SELECT 1 {VISIBLE} WHERE i.id = :id AND {visible(actor)}", {"id": inbound_id})
    # Who has no right on the mailbox sees a mail by its ticket alone.
    if not seen or (not ledger and found[0][10] is None and may_see_ledger(actor)):
        return refuse("no mail", id=inbound_id)
    *values, partial, acts = found[0]
    held = Line(*values, bool(partial), json.loads(acts) if isinstance(acts, str) else acts)
    return held if held.outcome else refuse("mail waits")


def _target(work: Any, number: int, actor: Actor) -> Loaded | Refusal:
    """The ticket that a mail goes onto, locked: the survivor of a merged one, both in sight and to be worked on (P3)."""
    found = load(work, [number], actor).get(number)
    if found is None:
        return refuse("no ticket", number=number)
    goes_on = survivor(work, number) or number
    if goes_on != number:
        found = load(work, [goes_on], actor).get(goes_on)
    if found is None:
        return refuse("no ticket", number=goes_on)
    return may_work(actor, found.row.flow_id) or found


def _free(work: Any, held: Line) -> Refusal | None:
    """Whether a mail may go onto a ticket: it is on none, and it is one that counts."""
    if held.ticket is not None:
        return refuse("mail on ticket", number=held.ticket)
    if held.outcome == Outcome.DUPLICATE:
        first = work.rows(
            "SELECT MIN(id) FROM inbound WHERE fingerprint = :f AND outcome <> 'duplicate'", {"f": held.fingerprint}
        )[0][0]
        return refuse("mail twice", id=first or "—")
    return refuse("mail unread") if held.outcome == Outcome.QUARANTINED else None


def _may_open(work: Any, flow_id: int, actor: Actor) -> Refusal | None:
    """Who works in an active flow may open tickets in it (P3, P4)."""
    found = work.rows("SELECT 1 FROM flows WHERE id = :id AND active = true", {"id": flow_id})
    if not found or not scope(actor).admits(flow_id):
        return refuse("no flow", flow=flow_id)
    return may_work(actor, flow_id)


def _born(
    desk: Desk, work: Any, flow_id: int, who: tuple[str, str, str], subject: str, text: str, actor: Actor, held: Line
) -> int | Refusal:
    """A ticket for who wrote: name, address, and where they wish to be answered."""
    name, address, reply_to = who
    contact = contact_by_mail(work, name, address, desk.now(), reply_to)
    if contact is None:
        return refuse("mail sender")
    return bear(work, flow_id, contact, subject, text, desk.now(), actor=actor, by="mail", inbound=held.id)


def _place(work: Any, held: Line, mail: "ParsedMail", number: int) -> str:
    """Put the line's mail onto a ticket: the message that it was before, or a new one. Its kind."""
    if held.message is None:
        held.message = store(work, mail, held.raw, number, held.at, trusted=True)
        return mail.kind
    work.run(
        "UPDATE messages SET ticket = :t, trusted = :yes WHERE id = :m",
        {"t": number, "yes": True, "m": held.message},
    )
    return str(work.rows("SELECT kind FROM messages WHERE id = :m", {"m": held.message})[0][0])


def _as_message(work: Any, message: int | None) -> None:
    """A ticket is opened with what a person takes for a customer's words, whatever the headers said."""
    work.run("UPDATE messages SET kind = 'message' WHERE id = :m", {"m": message})


def _fill(work: Any, message: int, raw: str, mail: "ParsedMail") -> None:
    """Give a message of which only the headers were read its text and its files."""
    folded = json.dumps([clean(f) for f in mail.folded], ensure_ascii=False)
    work.run(
        "UPDATE messages SET text = :text, folded = :folded, raw = :raw WHERE id = :m",
        {"text": clean(mail.new_text), "folded": folded, "raw": raw, "m": message},
    )
    work.run("DELETE FROM attachments WHERE message_id = :m", {"m": message})
    keep_files(work, message, mail)


def _again(desk: Desk, work: Any, held: Line, read: Read, actor: Actor, act: str) -> Acted:
    """Give a mail that is on no ticket its outcome anew, as the receiver does."""
    mail, fingerprint = read
    result = receiving.Receiver(desk, work).receive(
        receiving.Kept(held.id, held.mailbox_id, held.raw, fingerprint), mail
    )
    held.message = result.message
    work.run(
        "UPDATE inbound SET sender = :sender, subject = :subject, fingerprint = :f, evidence = :e WHERE id = :id",
        {
            "sender": line(mail.sender.address, 254),
            "subject": line(mail.subject, 300),
            "f": fingerprint,
            "e": line(result.evidence, 400),
            "id": held.id,
        },
    )
    return _settle(desk, work, held, actor, act, result.outcome, result.ticket, result.reason)


def _settle(
    desk: Desk, work: Any, held: Line, actor: Actor, act: str, outcome: Outcome, number: int | None, reason: str
) -> Acted:
    """Write the line's outcome with the trace of the act: when, who, from and to."""
    trace = {
        "at": desk.now(), "by": actor.id, "act": act, "old": held.outcome, "new": outcome.value,
        "from": held.ticket, "to": number,
    }  # fmt: skip
    work.run(
        "UPDATE inbound SET outcome = :outcome, reason = :reason, ticket = :t, message = :m, acts = :acts WHERE id = :id",
        {
            "outcome": outcome.value,
            "reason": line(reason, 300),
            "t": number,
            "m": held.message,
            "acts": json.dumps([*held.acts, trace]),
            "id": held.id,
        },
    )
    if number is not None:
        flow = work.rows("SELECT flow_id FROM tickets WHERE number = :n", {"n": number})[0][0]
        return Acted(held.id, outcome.value, number if scope(actor).admits(flow) else None)
    return Acted(held.id, outcome.value, None)


def _calm(work: Any, number: int) -> None:
    """Let a ticket that a mail was taken off wait only for what is still on it; what was merged into it counts."""
    inside = "ticket = :n OR ticket IN (SELECT number FROM tickets WHERE merged_into = :n)"
    last = work.rows(
        f"SELECT MAX(at) FROM messages WHERE ({inside}) AND outgoing = false AND trusted = true AND kind = 'message'",
        {"n": number},
    )[0][0]
    # What a person wrote answers; what a rule sent does not (Q2, A5).
    answered = work.rows(
        """SELECT MAX(e.at) FROM events e JOIN messages m ON m.id = e.message_id
            WHERE (e.ticket = :n OR e.ticket IN (SELECT number FROM tickets WHERE merged_into = :n))
            AND e.kind = 'mail accepted' AND m.author_id IS NOT NULL""",
        {"n": number},
    )[0][0]
    waits = last is not None and (answered or 0) < last
    work.run(
        "UPDATE tickets SET last_in_at = :last, version = version + 1, unanswered = CASE WHEN unanswered = true"
        " AND :waits = 1 THEN true ELSE false END WHERE number = :n",
        {"last": last, "waits": int(waits), "n": number},
    )


def _remember(work: Any, one: Loaded, address: str) -> bool:
    """Add an address to those known of a ticket's customer; whether it was new."""
    from domain.contacts import fold_email

    email = fold_email(address)
    contact = work.get(Contact, one.row.contact_id) if one.row.contact_id else None
    if contact is None or not email or email in (contact.email, *contact.other_emails):
        return False
    contact.other_emails = [*contact.other_emails, email][-MOST_ADDRESSES:]
    return True


def _without(reason: str) -> str:
    """The reason, without that only the headers were fetched."""
    return reason.removesuffix(receiving.OVERSIZED).removesuffix(" · ")
