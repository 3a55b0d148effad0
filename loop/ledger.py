"""The mail ledger: what came of every mail that the server showed, and why (M8). What people do with it is in `loop.triage`."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from domain.ledger import OUTCOMES, Outcome
from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import may_see_ledger, may_work
from domain.text import clean, line
from loop.desk import Desk
from loop.sight import within
from loop.views import Attachment, LedgerMail, LedgerRow, MailAct, MailboxBalance

if TYPE_CHECKING:
    from mail.parsed import ParsedMail

VISIBLE = (
    "FROM inbound i JOIN mailboxes m ON m.id = i.mailbox_id LEFT JOIN tickets t ON t.number = i.ticket"
    " LEFT JOIN flows f ON f.id = t.flow_id"
)
"""Where `visible` is asked."""
WORDS = 8
"""Words of a search that count."""


def visible(actor: Actor) -> str:
    """The condition on `VISIBLE` for mails whose words an actor may read: on no ticket, or on one in sight (P3).

    A mail about a ticket that is no message on it is a colleague's note or quotes one, and is read by who reads those (N1).
    A duplicate is as secret as what it repeats.
    """
    return (
        f"{_seen(actor, 'i', 't', 'f')} AND (i.outcome <> 'duplicate' OR NOT EXISTS"
        " (SELECT 1 FROM inbound o JOIN tickets s ON s.number = o.ticket JOIN flows g ON g.id = s.flow_id"
        f" WHERE o.fingerprint = i.fingerprint AND NOT {_seen(actor, 'o', 's', 'g')}))"
    )


def _seen(actor: Actor, mail: str, ticket: str, flow: str) -> str:
    """The same for one mail alone, by the names that its tables have in the query."""
    me = -1 if actor.id is None else int(actor.id)
    note = (
        f"{mail}.message IS NOT NULL OR {mail}.ticket IS NULL"
        f" OR {flow}.notes_for_all = true OR {ticket}.assignee_id = {me}"
        f" OR lower({mail}.sender) = (SELECT lower(u.email) FROM users u WHERE u.id = {me})"
        f" OR EXISTS (SELECT 1 FROM followers w WHERE w.ticket = {ticket}.number AND w.user_id = {me} AND w.sees_from <= {mail}.at)"
    )
    return f"(({ticket}.number IS NULL OR {within(actor, ticket + '.flow_id')}) AND ({note}))"


def balance(desk: Desk, *, actor: Actor) -> dict[str, int] | Refusal:
    """How many mails were seen, and how many had each outcome; `waiting` are kept and not yet read.

    seen = the sum of the others: nothing is ever only "seen".
    """
    if why := may_see_ledger(actor):
        return why
    found = dict(desk.db.rows("SELECT outcome, COUNT(*) FROM inbound GROUP BY outcome"))
    return (
        {"seen": sum(found.values())}
        | {o: found.get(o, 0) for o in OUTCOMES}
        | ({"waiting": found[""]} if found.get("") else {})
    )


def balances(desk: Desk, *, actor: Actor) -> tuple[MailboxBalance, ...] | Refusal:
    """The same by mailbox, by address; one without a mail only where the configuration here has it."""
    if why := may_see_ledger(actor):
        return why
    counts: dict[int, dict[str, int]] = {}
    for mailbox, outcome, n in desk.db.rows(
        "SELECT mailbox_id, outcome, COUNT(*) FROM inbound GROUP BY mailbox_id, outcome"
    ):
        counts.setdefault(mailbox, {})[outcome] = n
    here = {config.address for config in desk.config.mailboxes}
    return tuple(
        MailboxBalance(
            id,
            address,
            sum(counts.get(id, {}).values()),
            {o: counts.get(id, {}).get(o, 0) for o in OUTCOMES},
            counts.get(id, {}).get("", 0),
        )
        for id, address in desk.db.rows("SELECT id, address FROM mailboxes ORDER BY address")
        if id in counts or address in here
    )


def lines(
    desk: Desk,
    *,
    actor: Actor,
    mailbox: int | None = None,
    outcome: str | None = None,
    words: str = "",
    before: int | None = None,
    limit: int = 100,
) -> tuple[LedgerRow, ...] | Refusal:
    """Lines of the ledger, newest first, those before an id; of a mail on a ticket out of sight only that it came and
    what it was (P3).

    `words` must all be in sender, subject or reason, case aside; #42 is the ticket of that number.
    """
    if why := may_see_ledger(actor):
        return why
    where, parameters = ["1 = 1"], {"limit": limit, "mailbox": mailbox, "outcome": outcome, "before": before}
    where += ["i.mailbox_id = :mailbox"] if mailbox is not None else []
    where += ["i.outcome = :outcome"] if outcome is not None else []
    where += ["i.id < :before"] if before is not None else []
    wanted = line(words, 200).lower().split()[:WORDS]
    if wanted:
        # What cannot be read is not found by its words either.
        where.append(f"({visible(actor)})")
    for i, word in enumerate(wanted):
        number = word[1:]
        if word.startswith("#") and number.isascii() and number.isdigit() and len(number) < 12:
            where.append(f"i.ticket = :w{i}")
            parameters[f"w{i}"] = int(number)
        else:
            where.append(f"lower(i.sender || ' ' || i.subject || ' ' || i.reason) LIKE :w{i} ESCAPE '!'")
            parameters[f"w{i}"] = "%" + word.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
    found = desk.db.rows(
        f"""SELECT {_COLUMNS}, CASE WHEN {visible(actor)} THEN 1 ELSE 0 END
            {VISIBLE} WHERE {" AND ".join(where)} ORDER BY i.id DESC LIMIT :limit""",
        parameters,
    )
    return tuple(_row(*values, seen=bool(seen)) for *values, seen in found)


_COLUMNS = "i.id, i.at, m.address, i.outcome, i.reason, i.sender, i.subject, i.ticket, i.size"


def _row(
    id: int,
    at: int,
    mailbox: str,
    outcome: str,
    reason: str,
    sender: str,
    subject: str,
    ticket: int | None,
    size: int,
    *,
    seen: bool = True,
) -> LedgerRow:
    if not seen:
        return LedgerRow(id, at, mailbox, outcome, "", "", "", None, size)
    return LedgerRow(id, at, mailbox, outcome, reason, sender, subject, ticket, size)


def raw(desk: Desk, inbound_id: int, *, actor: Actor) -> bytes | Refusal:
    """The raw bytes of a mail in sight, as the server gave them (M8)."""
    if why := may_see_ledger(actor):
        return why
    found = desk.db.rows(
        f"SELECT b.data {VISIBLE} JOIN blobs b ON b.hash = i.raw WHERE i.id = :id AND {visible(actor)}",
        {"id": inbound_id},
    )
    return bytes(found[0][0]) if found else refuse("no mail", id=inbound_id)


def mail(desk: Desk, inbound_id: int, *, actor: Actor) -> LedgerMail | Refusal:
    """A line of the ledger, opened: the mail as it is read now, what decided, what people did with it (M8, M10)."""
    if why := may_see_ledger(actor):
        return why
    from loop.matching import is_blocked

    found = desk.db.rows(
        f"""SELECT {_COLUMNS}, i.evidence, i.message, i.partial, i.acts, t.flow_id, b.data
            {VISIBLE} JOIN blobs b ON b.hash = i.raw WHERE i.id = :id AND {visible(actor)} LIMIT 1""",
        {"id": inbound_id},
    )
    if not found:
        return refuse("no mail", id=inbound_id)
    *values, evidence, message, partial, acts, flow, data = found[0]
    row = _row(*values)
    read = _read(bytes(data))
    return LedgerMail(
        row=row,
        evidence=evidence,
        sender_name=read.sender.name,
        to=tuple((a.name, a.address) for a in read.to[:20]),
        cc=tuple((a.name, a.address) for a in read.cc[:20]),
        date=int(read.date.timestamp() * 1000) if read.date else None,
        message_id=read.message_id,
        kind=read.kind,
        text=clean(read.new_text),
        folded=tuple(clean(part) for part in read.folded),
        attachments=tuple(Attachment(0, a.name, a.type, a.size, a.label) for a in read.attachments),
        trouble=((read.error,) if read.error else ()) + read.trouble,
        partial=bool(partial),
        message=message,
        blocked=is_blocked(desk.db, row.sender),
        acts=_acts(desk, json.loads(acts) if isinstance(acts, str) else acts, actor),
        can=_can(actor, row, flow, message, bool(partial), _first(desk, row)),
    )


def _read(data: bytes) -> "ParsedMail":
    from loop.receiving import read_mail

    return read_mail(data)[0]


def _acts(desk: Desk, acts: list[dict[str, Any]], actor: Actor) -> tuple[MailAct, ...]:
    if not acts:
        return ()
    people = dict(desk.db.rows("SELECT id, login FROM users"))
    inside = ", ".join(str(int(a["to"])) for a in acts if a["to"] is not None) or "NULL"
    seen = {
        r[0] for r in desk.db.rows(f"SELECT t.number FROM tickets t WHERE t.number IN ({inside}) AND {within(actor)}")
    }
    return tuple(
        MailAct(
            a["at"], people.get(a["by"], "retorno"), a["act"], a["old"], a["new"], a["to"] if a["to"] in seen else None
        )
        for a in acts
    )


def _first(desk: Desk, row: LedgerRow) -> int | None:
    """The mail that a duplicate repeats."""
    if row.outcome != Outcome.DUPLICATE:
        return None
    return desk.db.rows(
        "SELECT MIN(o.id) FROM inbound o JOIN inbound i ON i.fingerprint = o.fingerprint WHERE i.id = :id AND o.outcome <> 'duplicate'",
        {"id": row.id},
    )[0][0]


def _can(
    actor: Actor, row: LedgerRow, flow: int | None, message: int | None, partial: bool, first: int | None
) -> Mapping[str, Refusal | None]:
    """By verb, why this reader may not; `loop.triage` asks again."""
    waits = refuse("mail waits") if not row.outcome else None
    here = waits or (may_work(actor, flow) if flow is not None else None)
    free = waits
    if row.ticket is not None:
        free = refuse("mail on ticket", number=row.ticket)
    elif row.outcome == Outcome.DUPLICATE:
        free = refuse("mail twice", id=first or "—")
    elif row.outcome == Outcome.QUARANTINED:
        free = refuse("mail unread")
    on = here or (refuse("mail on no ticket") if row.ticket is None or message is None else None)
    doubtful = row.outcome in (Outcome.SUSPECT, Outcome.AUTOMATIC)
    return {
        "attach": free,
        "open": free,
        "accept": on or (None if doubtful else refuse("mail trusted")),
        "retry": waits or (None if row.outcome == Outcome.QUARANTINED else refuse("mail read")),
        "split": on,
        "fetch": here or (None if partial else refuse("mail whole")),
    }
