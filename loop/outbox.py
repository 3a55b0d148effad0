"""The sender: claims what is due, hands it to the server, records what came of it (M5).

queued → claimed → data (committed before DATA is sent) → sent | in doubt | failed. Whoever holds the
lease of a mailbox is the only sender for it, so rows that an earlier run left can be judged: claimed was
not sent and is queued again, data may have been and is in doubt. Each run claims under a name of its own,
so that one that lost its lease in the middle of a message cannot touch what its successor has claimed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.people import PROGRAM
from domain.text import _, line
from loop.desk import Desk
from loop.holding import held
from loop.notifications import notify
from loop.timeline import record, record_now

if TYPE_CHECKING:
    from mail.delivery import Delivered, Delivery

CLAIM = 20
"""Messages claimed at once."""
LATE_MS = 3_600_000
"""What is more overdue than this when a sender starts asks first (M5)."""
PAUSES_MS = tuple(m * 60_000 for m in (1, 5, 15, 30, 60, 120, 240, 480))
"""Pauses after the first, second… temporary failure; the last one repeats."""
STALE_MS = 86_400_000
"""A notification that is older when a sender starts is news to nobody, and is not sent (N2)."""
GIVE_UP_MS = 5 * 86_400_000
"""A message that could not be handed over for so long has failed (RFC 5321, 4.5.4.1)."""


@dataclass(frozen=True)
class Letter:
    """A claimed message."""

    outbox: int
    message: int
    ticket: int | None
    """None for a notification to somebody here, which is on no timeline (N2)."""
    attempts: int
    accepted_at: int
    """When its writer sent it, ms."""
    raw: bytes
    sender: str
    recipients: tuple[str, ...]
    holder: str
    """The run of a sender that claimed it."""


def recover(desk: Desk, mailbox_id: int) -> None:
    """Judge what an earlier run left; only for who holds the lease and has claimed nothing yet."""
    with desk.db.write() as work:
        # Who died with a claim has tried nothing: it must not make the pauses longer.
        work.run(
            "UPDATE outbox SET state = 'queued', attempts = attempts - 1 WHERE mailbox_id = :m AND state = 'claimed'",
            {"m": mailbox_id},
        )
        _doubt(desk, work, mailbox_id)
        work.run(
            f"""UPDATE outbox SET state = 'failed', answer = :a WHERE mailbox_id = :m AND state = 'queued'
                AND not_before < {desk.db.now_sql} - {STALE_MS} AND message_id IN (SELECT id FROM messages WHERE kind = 'notification')""",
            {"m": mailbox_id, "a": _("too late to be news")},
        )
        held = work.rows(
            f"""SELECT o.id, m.id, m.ticket FROM outbox o JOIN messages m ON m.id = o.message_id
                WHERE o.mailbox_id = :m AND o.state = 'queued' AND m.ticket IS NOT NULL AND o.not_before < {desk.db.now_sql} - {LATE_MS}""",
            {"m": mailbox_id},
        )
        for outbox, message, ticket in held:
            work.run(
                "UPDATE outbox SET state = 'held', answer = :a WHERE id = :id",
                {"a": _("more than an hour late; asks first"), "id": outbox},
            )
            record(work, ticket, "mail held", actor=PROGRAM, at=desk.now(), message=message)


def _doubt(desk: Desk, work: Any, mailbox_id: int) -> None:
    rows = work.rows(
        "SELECT o.id, m.id, m.ticket FROM outbox o JOIN messages m ON m.id = o.message_id WHERE o.mailbox_id = :m AND o.state = 'data'",
        {"m": mailbox_id},
    )
    for outbox, message, ticket in rows:
        work.run(
            "UPDATE outbox SET state = 'in doubt', answer = :a WHERE id = :id",
            {"id": outbox, "a": _("the sender died while the server was taking the message")},
        )
        if ticket is not None:
            record(work, ticket, "mail in doubt", actor=PROGRAM, at=desk.now(), message=message)


def claim(desk: Desk, mailbox_id: int, holder: str, limit: int = CLAIM) -> list[Letter]:
    """Claim messages that are due, by the database's clock."""
    lock = " FOR UPDATE SKIP LOCKED" if desk.db.dialect == "postgresql" else ""
    due = f"SELECT id FROM outbox WHERE mailbox_id = :m AND state = 'queued' AND not_before <= {desk.db.now_sql} ORDER BY not_before LIMIT :n{lock}"
    if not desk.db.rows(due.removesuffix(lock), {"m": mailbox_id, "n": 1}):
        return []
    if (limit := min(limit, _room(desk, mailbox_id))) <= 0:
        return []
    with desk.db.write() as work:
        ids = [r[0] for r in work.rows(due, {"m": mailbox_id, "n": limit})]
        ids = [id for id in ids if not held(desk, work, id)]
        if not ids:
            return []
        inside = ", ".join(map(str, ids))
        work.run(
            f"UPDATE outbox SET state = 'claimed', claimed_by = :h, claimed_at = {desk.db.now_sql}, attempts = attempts + 1 WHERE id IN ({inside})",
            {"h": holder},
        )
        rows = work.rows(
            f"""SELECT o.id, m.id, m.ticket, o.attempts, m.at, b.data, m.sender_address, m.recipients, m.copies
                FROM outbox o JOIN messages m ON m.id = o.message_id JOIN blobs b ON b.hash = m.raw WHERE o.id IN ({inside}) ORDER BY o.not_before"""
        )
    return [
        Letter(o, m, t, attempts, at, bytes(raw), sender, _addresses(to) + _addresses(cc), holder)
        for o, m, t, attempts, at, raw, sender, to, cc in rows
    ]


def _room(desk: Desk, mailbox_id: int) -> int:
    """How many messages the account takes now: what is beyond its limit a minute waits, and nothing fails."""
    address = desk.db.rows("SELECT address FROM mailboxes WHERE id = :m", {"m": mailbox_id})[0][0]
    most = next((m.messages_per_minute for m in desk.config.mailboxes if m.address == address), 0)
    if not most:
        return CLAIM
    just = f"SELECT COUNT(*) FROM outbox WHERE mailbox_id = :m AND claimed_at > {desk.db.now_sql} - 60000"
    return most - int(desk.db.rows(just, {"m": mailbox_id})[0][0])


def _addresses(people: Any) -> tuple[str, ...]:
    import json

    people = json.loads(people) if isinstance(people, str) else people
    return tuple(address for __, address in people)


def release(desk: Desk, letters: Sequence[Letter]) -> None:
    """Give claimed messages back untried: the sender is told to stop, or the server is away."""
    if not letters:
        return
    with desk.db.write() as work:
        for letter in letters:
            work.run(
                f"UPDATE outbox SET state = 'queued', attempts = attempts - 1 WHERE {_OURS} AND state = 'claimed'",
                {"id": letter.outbox, "h": letter.holder},
            )


_OURS = "id = :id AND claimed_by = :h"


class _NotOurs(Exception):
    """Another sender has judged or claimed the message meanwhile."""


async def hand_over(desk: Desk, delivery: "Delivery", letter: Letter) -> "Delivered | None":
    """Offer one claimed message to the server; None when it is not ours any more. `settle` records what came of it."""

    async def before_data() -> None:
        with desk.db.write() as work:
            claimed = f"UPDATE outbox SET state = 'data' WHERE {_OURS} AND state = 'claimed'"
            if not work.run(claimed, {"id": letter.outbox, "h": letter.holder}):
                raise _NotOurs

    try:
        # The first is whom it is written to; the others are copies.
        return await delivery.deliver(letter.raw, letter.sender, letter.recipients, before_data, letter.recipients[:1])
    except _NotOurs:
        return None


def settle(desk: Desk, letter: Letter, delivered: "Delivered", copy: bool = False) -> None:
    """Record what the server said: on the outbox row, the message, the timeline and the ticket.

    With `copy` one is owed to the account's Sent folder from now on (M4).

    That a message was accepted is recorded whatever became of its row meanwhile, which keeps it from leaving again;
    anything else only while it is still ours.
    """
    now = desk.now()
    answer = line(delivered.answer, 500)
    if delivered.refused:
        told = "; ".join(line(f"{a}: {w}", 200) for a, w in delivered.refused.items())
        # Who did not get it comes first where others did: a timeline shows the beginning.
        answer = line(f"{told} · {answer}" if delivered.state == "sent" else f"{answer} · {told}", 1000)
    state = delivered.state
    if state == "retry" and _tried_for(letter.attempts) > GIVE_UP_MS:
        state = "failed"
    row = {"id": letter.outbox, "h": letter.holder, "a": answer, "s": state}
    with desk.db.write() as work:
        if state == "retry":
            pause = _pause_after(letter.attempts)
            again = f"UPDATE outbox SET state = 'queued', answer = :a, not_before = {desk.db.now_sql} + :pause WHERE {_OURS} AND state IN ('claimed', 'data')"
            if work.run(again, row | {"pause": pause}) and letter.ticket is not None:
                record(work, letter.ticket, "mail delayed", actor=PROGRAM, at=now, message=letter.message)
            return
        open_rows = "id = :id AND state <> 'sent'" if state == "sent" else f"{_OURS} AND state IN ('claimed', 'data')"
        if not work.run(f"UPDATE outbox SET state = :s, answer = :a WHERE {open_rows}", row):
            return
        if state == "sent" and delivered.server_message_id:
            work.run(
                "UPDATE messages SET server_message_id = :s WHERE id = :id",
                {"s": delivered.server_message_id, "id": letter.message},
            )
        if letter.ticket is None:
            return
        if state == "sent":
            if copy:
                work.run(f"UPDATE outbox SET copy_at = {desk.db.now_sql} WHERE id = :id", {"id": letter.outbox})
            _sent(work, letter, now)
            record(work, letter.ticket, "mail accepted", actor=PROGRAM, at=now, message=letter.message)
            return
        event = record_now(work, letter.ticket, f"mail {state}", actor=PROGRAM, at=now, message=letter.message)
        author = work.rows("SELECT author_id FROM messages WHERE id = :id", {"id": letter.message})[0][0]
        notify(work, [author], "mail failed", ticket=letter.ticket, event_id=event, actor=PROGRAM, at=now)


def _pause_after(attempts: int) -> int:
    """How long to wait after the first, second… failure, ms."""
    return PAUSES_MS[min(attempts, len(PAUSES_MS)) - 1]


def _tried_for(attempts: int) -> int:
    """How long a message has been tried for by its pauses, ms; when it was written says nothing of one that leaves later."""
    return sum(_pause_after(n) for n in range(1, attempts))


def _sent(work: Any, letter: Letter, now: int) -> None:
    """A person's reply was accepted: the ticket is answered, unless the customer wrote after it was written (Q2)."""
    author = work.rows("SELECT author_id FROM messages WHERE id = :id", {"id": letter.message})[0][0]
    work.run(
        "UPDATE tickets SET last_out_at = :now, version = version + 1 WHERE number = :n",
        {"now": now, "n": letter.ticket},
    )
    if author is not None:
        work.run(
            "UPDATE tickets SET unanswered = :no WHERE number = :n AND (last_in_at IS NULL OR last_in_at <= :written)",
            {"no": False, "n": letter.ticket, "written": letter.accepted_at},
        )
