"""Writing to the customer: review, send, take back (M1–M5)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from domain import tickets as rules
from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import scope
from domain.text import _, line
from loop import drafts, enclosures
from loop.categorising import categories_of, offered
from loop.desk import Desk
from loop.letters import Words, copies, refusal_of, speaks_of_files, voice, words
from loop.loading import Loaded, load
from loop.mailboxes import ensure, keys
from loop.shaping import standing
from loop.tickets import move_one, on_each
from loop.timeline import record
from loop.views import Done, Draft, Review, Sent
from storage.tables import Message, Outbox, TicketCategory


def review(desk: Desk, draft: Draft, *, actor: Actor) -> Review:
    """Exactly what would leave, in both its forms, or why it cannot (M2)."""
    from mail.compose import as_html

    mailbox, sender, signature = voice(desk, desk.db.rows, actor, draft.ticket)
    found = desk.db.rows(
        "SELECT c.name, c.email FROM tickets t JOIN contacts c ON c.id = t.contact_id WHERE t.number = :n",
        {"n": draft.ticket},
    )
    to_copy = copies(draft.cc)
    with desk.db.write() as work:
        refusal = refusal_of(desk, work, draft, actor)
    # Whose a ticket out of sight is must not be learned from the review (P3).
    in_sight = found and not (refusal and refusal.code == "no ticket")
    name, email = found[0] if in_sight else ("", draft.to)
    written = words(desk.db.rows, desk, draft, signature, actor)
    files = enclosures.files(desk, draft.ticket, actor=actor)
    forgotten = not files and speaks_of_files(draft.body)
    return Review(
        sender=f"{sender} <{mailbox.address}>" if mailbox else "",
        to=f"{line(name)} <{email}>" if name else email,
        cc=", ".join(to_copy) if not isinstance(to_copy, Refusal) else line(draft.cc),
        subject=written.subject,
        body=written.body,
        refusal=refusal or written.refusal,
        warnings=(_("You wrote of something attached, but nothing is."),) if forgotten else (),
        html=as_html(written.body),
        files=files,
    )


def send(
    desk: Desk,
    draft: Draft,
    *,
    actor: Actor,
    then_move: str | int | None = None,
    resolution: str = "",
    outcome: str = "",
    category: int | None = None,
    later: int | None = None,
    look: Callable[[Any, Words], Refusal | None] | None = None,
) -> Sent | Refusal:
    """Accept a message: timeline, message and outbox in one transaction, the draft and its files gone in the same (M5).

    It leaves after the undo window, or at `later` (ms); until then `take_back` brings the draft back. With `then_move` the
    ticket moves in the same act, or nothing happens at all; into a closed phase with resolution, outcome and category (M4).

    `look` is asked in the transaction, with the words as they would leave, and may refuse; what was accepted before is then
    its business too.
    """
    from mail.compose import Outgoing, compose
    from mail.tokens import message_id, plus_address

    mailbox, __, __ = voice(desk, desk.db.rows, actor, draft.ticket)
    mailbox_id = ensure(desk, mailbox) if mailbox else 0
    with desk.db.write() as work:
        actor = standing(work, actor)
        one = load(work, [draft.ticket], actor).get(draft.ticket)
        if why := refusal_of(desk, work, draft, actor, one, later=later):
            return why
        assert one and one.contact and mailbox
        files = enclosures.contents(work, draft.ticket, actor)
        if look is None and not files and (accepted := _accepted(work, draft, actor, later)):
            return accepted
        __, sender, signature = voice(desk, work.rows, actor, draft.ticket)
        written = words(work.rows, desk, draft, signature, actor)
        if written.refusal:
            return written.refusal
        if look is not None and (why := look(work, written)):
            return why
        if then_move is not None:
            moved = _move(work, one, then_move, actor, desk.now(), resolution, outcome, category)
            if moved:
                return moved
        signing = list(keys(work.rows).values())[-1]
        parent, references = _thread(work, draft.ticket)
        to = ((one.contact.name, one.contact.email),)
        cc = tuple(("", a) for a in copies(draft.cc))
        message = work.add(
            Message(
                ticket=draft.ticket,
                outgoing=True,
                author_id=actor.id,
                at=desk.now(),
                sender_name=sender,
                sender_address=mailbox.address,
                recipients=[list(p) for p in to],
                copies=[list(p) for p in cc],
                subject=written.subject,
                text=written.body,
                in_reply_to=parent,
                refs=list(references),
            )
        )
        message.message_id = message_id(
            signing, draft.ticket, message.id, mailbox.domain or mailbox.address.rpartition("@")[2]
        )
        raw = compose(
            Outgoing(
                message_id=message.message_id,
                sender_name=message.sender_name,
                sender_address=mailbox.address,
                to=to,
                cc=cc,
                subject=message.subject,
                body=message.text,
                reply_to=plus_address(signing, mailbox.address, draft.ticket) if mailbox.plus_address else None,
                in_reply_to=parent or None,
                references=references,
                attachments=files,
                date=datetime.fromtimestamp((later or desk.now()) / 1000, UTC),
            )
        )
        message.raw = work.keep([raw])[0]
        leaves = database_now(desk, work) + max(int(desk.config.undo_seconds * 1000), (later or 0) - desk.now())
        if later:
            leaves = -(-leaves // 1000) * 1000  # the clocks are a moment apart, and people say whole seconds
        waiting = work.add(
            Outbox(
                message_id=message.id,
                mailbox_id=mailbox_id,
                not_before=leaves,
                later_at=later,
                draft={
                    "to": draft.to,
                    "cc": draft.cc,
                    "subject": draft.subject,
                    "body": draft.body,
                    "seen_event": draft.seen_event,
                },
            )
        )
        record(work, draft.ticket, "mail out", actor=actor, at=desk.now(), message=message.id)
        enclosures.enclose(work, draft.ticket, message.id, actor)
        drafts.forget(work, draft.ticket, actor)
        return Sent(draft.ticket, waiting.id, waiting.not_before)


def _move(
    work: Any,
    one: Loaded,
    phase: str | int,
    actor: Actor,
    now: int,
    resolution: str,
    outcome: str,
    category: int | None,
) -> Refusal | None:
    """Move the ticket in the act of sending, as closing or moving it alone would (T6)."""
    if category is None:
        return move_one(work, one, phase, actor, now, resolution, outcome)
    if why := offered(work, [category]):
        return why
    name = categories_of(work)[category][0]
    if why := move_one(work, one, phase, actor, now, resolution, outcome, category=name):
        return why
    here = {"ticket": one.row.number, "category_id": category}
    work.insert_new(TicketCategory, [here], "ticket", "category_id")
    return None


def _accepted(work: Any, draft: Draft, actor: Actor, later: int | None) -> Sent | None:
    """The same words of the same person that wait for their undo window: a key pressed twice sends once (M5)."""
    kept = work.rows(
        "SELECT o.id, o.not_before, o.draft, o.later_at FROM outbox o JOIN messages m ON m.id = o.message_id"
        " WHERE m.ticket = :n AND m.author_id = :me AND o.state = 'queued' AND o.attempts = 0",
        {"n": draft.ticket, "me": actor.id},
    )
    for id, leaves_at, typed, planned in kept:
        typed = _decoded(typed)
        if planned == later and all(typed[field] == getattr(draft, field) for field in ("to", "cc", "subject", "body")):
            return Sent(draft.ticket, id, leaves_at)
    return None


def database_now(desk: Desk, work: Any) -> int:
    """The database's own clock in ms, which judges undo windows (M5)."""
    return int(work.rows(f"SELECT {desk.db.now_sql}")[0][0])


def _thread(work: Any, number: int) -> tuple[str, tuple[str, ...]]:
    """What a new message answers, and the references before it, oldest first: of the mails that both sides know the
    newest, and the first, by which mail programs find the thread.
    """
    known = (
        "SELECT m.message_id FROM messages m LEFT JOIN outbox o ON o.message_id = m.id WHERE m.ticket = :n AND m.kind = 'message'"
        " AND m.trusted = true AND m.message_id <> '' AND COALESCE(o.state, '') NOT IN ('taken back', 'failed') ORDER BY m.id"
    )
    newest_first = [r[0] for r in work.rows(f"{known} DESC LIMIT 20", {"n": number})]
    first = [r[0] for r in work.rows(f"{known} LIMIT 1", {"n": number})]
    references = tuple(dict.fromkeys([*first, *reversed(newest_first)]))
    return (newest_first[0] if newest_first else ""), references


def take_back(desk: Desk, outbox_id: int, *, actor: Actor) -> Draft | Refusal:
    """Undo a sending within its window, judged by the database's clock; the draft is back (M4, M5).

    What has failed is taken back to be edited: no server has it. What its writer has begun on that ticket since stands below.
    """
    with desk.db.write() as work:
        actor = standing(work, actor)
        found = work.rows(
            "SELECT m.ticket, m.author_id, o.draft, m.id, t.flow_id FROM outbox o JOIN messages m ON m.id = o.message_id"
            " JOIN tickets t ON t.number = m.ticket WHERE o.id = :id",
            {"id": outbox_id},
        )
        if not found or actor.id is None or found[0][1] != actor.id or not scope(actor).admits(found[0][4]):
            return refuse("not yours")
        number, __, kept, message, __ = found[0]
        taken = work.run(
            f"UPDATE outbox SET state = 'taken back' WHERE id = :id AND {_untaken(desk)}",
            {"id": outbox_id},
        )
        if not taken:
            return refuse("gone out")
        kept = _decoded(kept)
        begun = work.rows("SELECT body FROM drafts WHERE user_id = :u AND ticket = :n", {"u": actor.id, "n": number})
        body = "\n\n".join(dict.fromkeys([kept["body"], *(b for (b,) in begun if b.strip())]))
        draft = Draft(number, kept["to"], kept["cc"], kept["subject"], body, desk.now(), kept["seen_event"])
        work.put(drafts.row_of(draft, actor.id, desk.now()))
        enclosures.give_back(work, number, message, actor)
        record(work, number, "mail taken back", actor=actor, at=desk.now(), message=message)
        return draft


def _untaken(desk: Desk) -> str:
    """The condition on the outbox for a message that no server has, by all that they said, nor is being offered one."""
    return f"(state IN ('failed', 'held') OR (state = 'queued' AND attempts = 0 AND not_before > {desk.db.now_sql}))"


def _decoded(value: Any) -> dict[str, Any]:
    import json

    return json.loads(value) if isinstance(value, str) else value


def waiting(desk: Desk, number: int, *, actor: Actor) -> int | None:
    """The newest message of the actor's on a ticket that has not left and can be taken back; its id in the outbox."""
    # By the ticket's few messages, not by the state: what failed once is there for ever.
    found = desk.db.rows(
        f"""SELECT id, flow_id FROM
            (SELECT o.id, COALESCE(o.state, '') AS state, o.attempts, o.not_before, t.flow_id FROM outbox o JOIN messages m ON m.id = o.message_id
             JOIN tickets t ON t.number = m.ticket WHERE m.ticket = :n AND m.author_id = :me) AS mine
            WHERE {_untaken(desk)} ORDER BY id DESC LIMIT 1""",
        {"n": number, "me": actor.id},
    )
    return found[0][0] if found and scope(actor).admits(found[0][1]) else None


def retry(desk: Desk, outbox_id: int, *, actor: Actor) -> Done | Refusal:
    """Send again what failed, is held or in doubt, with the same Message-ID (M5)."""
    found = desk.db.rows(
        "SELECT m.ticket, o.state, m.id, t.flow_id FROM outbox o JOIN messages m ON m.id = o.message_id"
        " JOIN tickets t ON t.number = m.ticket WHERE o.id = :id",
        {"id": outbox_id},
    )
    # A message out of sight and one that never was are told apart by nobody (P3).
    if not found or not scope(actor).admits(found[0][3]):
        return refuse("no message", id=outbox_id)
    number, state, message, __ = found[0]

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        if why := rules.may_write(actor, one.ticket):
            return why
        again = work.run(
            f"UPDATE outbox SET state = 'queued', attempts = 1, later_at = NULL, not_before = {desk.db.now_sql} WHERE id = :id AND state IN ('failed', 'in doubt', 'held')",
            {"id": outbox_id},
        )
        if not again:
            return refuse("not retryable", state=state)
        record(work, number, "mail retried", actor=actor, at=desk.now(), message=message)
        return None

    return on_each(desk, [number], actor, act)
