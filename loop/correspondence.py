"""Writing to the customer: review, send, take back (M1–M5)."""

from datetime import UTC, datetime
from typing import Any

from domain import tickets as rules
from domain.contacts import fold_email
from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import scope
from domain.text import _, clean, fold, line
from loop import drafts
from loop.desk import Desk
from loop.loading import Loaded, load
from loop.mailboxes import ensure, keys
from loop.tickets import move_one, on_each
from loop.timeline import record
from loop.views import Done, Draft, Review, Sent
from storage.tables import Message, Outbox

MOST_COPIES = 20
_ATTACHED = ("anexo", "anexei", "anexad", "em anexo", "attached", "attachment", "adjunto")


def review(desk: Desk, draft: Draft, *, actor: Actor) -> Review:
    """Exactly what would leave, or why it cannot (M2)."""
    sender, signature = _voice(desk, actor)
    found = desk.db.rows(
        "SELECT c.name, c.email FROM tickets t JOIN contacts c ON c.id = t.contact_id WHERE t.number = :n",
        {"n": draft.ticket},
    )
    copies = _copies(draft.cc)
    with desk.db.write() as work:
        refusal = _refusal(desk, work, draft, actor)
    # Whose a ticket out of sight is must not be learned from the review (P3).
    in_sight = found and not (refusal and refusal.code == "no ticket")
    name, email = found[0] if in_sight else ("", draft.to)
    words = fold(draft.body)
    warnings = (_("You wrote of something attached, but nothing is."),) if any(w in words for w in _ATTACHED) else ()
    return Review(
        sender=sender,
        to=f"{line(name)} <{email}>" if name else email,
        cc=", ".join(copies) if not isinstance(copies, Refusal) else line(draft.cc),
        subject=line(draft.subject),
        body=body_of(draft, signature),
        refusal=refusal,
        warnings=warnings,
    )


def body_of(draft: Draft, signature: str) -> str:
    """The text as it leaves, signature included (M3)."""
    body = clean(draft.body).rstrip()
    return f"{body}\n\n-- \n{signature}\n" if signature else f"{body}\n"


def _voice(desk: Desk, actor: Actor) -> tuple[str, str]:
    """The sender as it will be read, and the signature (M3)."""
    found = desk.db.rows("SELECT sender_name, signature, name FROM users WHERE id = :id", {"id": actor.id})
    own, signature, name = found[0] if found else ("", "", "")
    mailboxes = desk.config.mailboxes
    if not mailboxes:
        return "", signature
    return f"{own or mailboxes[0].sender_name or name} <{mailboxes[0].address}>", signature


def _copies(cc: str) -> tuple[str, ...] | Refusal:
    wanted = [a for a in (part.strip() for part in cc.replace(";", ",").split(",")) if a]
    if len(wanted) > MOST_COPIES:
        return refuse("too many", limit=MOST_COPIES)
    found = []
    for text in wanted:
        address = fold_email(text.rpartition("<")[2].rstrip(">") if text.endswith(">") else text)
        if not address:
            return refuse("bad address", address=line(text, 80))
        found.append(address)
    return tuple(dict.fromkeys(found))


def _refusal(desk: Desk, work: Any, draft: Draft, actor: Actor, one: Loaded | None = None) -> Refusal | None:
    one = one or load(work, [draft.ticket], actor).get(draft.ticket)
    if one is None:
        return refuse("no ticket", number=draft.ticket)
    if why := rules.may_write(actor, one.ticket):
        return why
    if not desk.config.mailboxes:
        return refuse("no mailbox", where=str(desk.config.path or "config.toml"))
    if not draft.body.strip():
        return refuse("empty")
    if len(draft.body) > drafts.LONGEST:
        return refuse("too long", limit=drafts.LONGEST)
    if not line(draft.subject):
        return refuse("no subject")
    copies = _copies(draft.cc)
    if isinstance(copies, Refusal):
        return copies
    arrived = work.rows(
        "SELECT 1 FROM events WHERE ticket = :n AND id > :seen AND kind IN ('mail in', 'suspect mail') LIMIT 1",
        {"n": draft.ticket, "seen": draft.seen_event},
    )
    return refuse("something new") if arrived and draft.seen_event else None


def send(
    desk: Desk, draft: Draft, *, actor: Actor, then_move: str | int | None = None, resolution: str = ""
) -> Sent | Refusal:
    """Accept a message: timeline, message and outbox in one transaction, the draft gone in the same (M5).

    It leaves after the undo window; until then `take_back` brings the draft back. With `then_move` the
    ticket moves in the same act, or nothing happens at all (M4).
    """
    from mail.compose import Outgoing, compose
    from mail.tokens import message_id

    if desk.config.mailboxes:
        mailbox = desk.config.mailboxes[0]
        mailbox_id = ensure(desk, mailbox)
    with desk.db.write() as work:
        one = load(work, [draft.ticket], actor).get(draft.ticket)
        if why := _refusal(desk, work, draft, actor, one):
            return why
        assert one and one.contact
        if accepted := _accepted(work, draft, actor):
            return accepted
        if then_move is not None and (why := move_one(work, one, then_move, actor, desk.now(), resolution)):
            return why
        sender, signature = _voice(desk, actor)
        signing = list(keys(work.rows).values())[-1]
        parent, references = _thread(work, draft.ticket)
        to = ((one.contact.name, one.contact.email),)
        cc = tuple(("", a) for a in _copies(draft.cc))
        message = work.add(
            Message(
                ticket=draft.ticket,
                outgoing=True,
                author_id=actor.id,
                at=desk.now(),
                sender_name=sender.rpartition(" <")[0],
                sender_address=mailbox.address,
                recipients=[list(p) for p in to],
                copies=[list(p) for p in cc],
                subject=line(draft.subject, 500),
                text=body_of(draft, signature),
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
                in_reply_to=parent or None,
                references=references,
                date=datetime.fromtimestamp(desk.now() / 1000, UTC),
            )
        )
        message.raw = work.keep([raw])[0]
        now = database_now(desk, work)
        waiting = work.add(
            Outbox(
                message_id=message.id,
                mailbox_id=mailbox_id,
                not_before=now + int(desk.config.undo_seconds * 1000),
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
        work.run("DELETE FROM drafts WHERE user_id = :u AND ticket = :n", {"u": actor.id, "n": draft.ticket})
        return Sent(draft.ticket, waiting.id, waiting.not_before)


def _accepted(work: Any, draft: Draft, actor: Actor) -> Sent | None:
    """The same words of the same person that wait for their undo window: a key pressed twice sends once (M5)."""
    kept = work.rows(
        "SELECT o.id, o.not_before, o.draft FROM outbox o JOIN messages m ON m.id = o.message_id"
        " WHERE m.ticket = :n AND m.author_id = :me AND o.state = 'queued' AND o.attempts = 0",
        {"n": draft.ticket, "me": actor.id},
    )
    for id, leaves_at, words in kept:
        words = _decoded(words)
        if all(words[field] == getattr(draft, field) for field in ("to", "cc", "subject", "body")):
            return Sent(draft.ticket, id, leaves_at)
    return None


def database_now(desk: Desk, work: Any) -> int:
    """The database's own clock in ms, which judges undo windows (M5)."""
    return int(work.rows(f"SELECT {desk.db.now_sql}")[0][0])


def _thread(work: Any, number: int) -> tuple[str, tuple[str, ...]]:
    """What a new message answers, and the references before it: the newest mail that both sides know."""
    found = work.rows(
        "SELECT m.message_id FROM messages m LEFT JOIN outbox o ON o.message_id = m.id WHERE m.ticket = :n AND m.kind = 'message'"
        " AND m.trusted = true AND m.message_id <> '' AND COALESCE(o.state, '') NOT IN ('taken back', 'failed') ORDER BY m.id DESC LIMIT 20",
        {"n": number},
    )
    newest_first = [r[0] for r in found]
    return (newest_first[0] if newest_first else ""), tuple(reversed(newest_first))


def take_back(desk: Desk, outbox_id: int, *, actor: Actor) -> Draft | Refusal:
    """Undo a sending within its window, judged by the database's clock; the draft is back (M4, M5)."""
    with desk.db.write() as work:
        found = work.rows(
            "SELECT m.ticket, m.author_id, o.draft, m.id, t.flow_id FROM outbox o JOIN messages m ON m.id = o.message_id"
            " JOIN tickets t ON t.number = m.ticket WHERE o.id = :id",
            {"id": outbox_id},
        )
        if not found or actor.id is None or found[0][1] != actor.id or not scope(actor).admits(found[0][4]):
            return refuse("not yours")
        number, __, kept, message, __ = found[0]
        taken = work.run(
            f"UPDATE outbox SET state = 'taken back' WHERE id = :id AND state IN ('queued', 'held') AND attempts = 0 AND (state = 'held' OR not_before > {desk.db.now_sql})",
            {"id": outbox_id},
        )
        if not taken:
            return refuse("gone out")
        kept = _decoded(kept)
        draft = Draft(number, kept["to"], kept["cc"], kept["subject"], kept["body"], desk.now(), kept["seen_event"])
        work.put(drafts.row_of(draft, actor.id, desk.now()))
        record(work, number, "mail taken back", actor=actor, at=desk.now(), message=message)
        return draft


def _decoded(value: Any) -> dict[str, Any]:
    import json

    return json.loads(value) if isinstance(value, str) else value


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
            f"UPDATE outbox SET state = 'queued', attempts = 1, not_before = {desk.db.now_sql} WHERE id = :id AND state IN ('failed', 'in doubt', 'held')",
            {"id": outbox_id},
        )
        if not again:
            return refuse("not retryable", state=state)
        record(work, number, "mail retried", actor=actor, at=desk.now(), message=message)
        return None

    return on_each(desk, [number], actor, act)
