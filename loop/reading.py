"""One ticket, whole: head, timeline, answer, customer, checklist (T1, T8, T9, N1)."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from domain import tickets as rules
from domain.flows import Status
from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import may_note, may_work, scope
from domain.text import natural
from loop.desk import Desk, actors
from loop.flowing import read_flows
from loop.history import answer_of, customer_of, other_answers, other_tickets
from loop.kinds import SILENT
from loop.matched import places
from loop.queue import rows
from loop.views import Activity, Attachment, Entry, Person, Tick, TicketView


def ticket(desk: Desk, number: int, *, actor: Actor, entries: int = 50) -> TicketView | Refusal:
    """Everything of one ticket that the actor may see."""
    here = rows(desk, [number], actor=actor)
    if not here:
        return refuse("no ticket", number=number)
    row = here[0]
    read = desk.db.rows
    n = {"n": number}
    head = read(
        """SELECT t.flow_id, t.phase_id, t.description, t.assignee_id, u.name, t.contact_id, t.answer_id, t.started_at, t.closed_at,
                  t.resolution, t.outcome, t.merged_into, t.version
           FROM tickets t LEFT JOIN users u ON u.id = t.assignee_id WHERE t.number = :n""",
        n,
    )[0]
    flow_id, phase_id, description, assignee_id, assignee, contact_id, answer_id, *times, resolution, outcome, merged, version = head  # fmt: skip
    if not scope(actor).admits(flow_id):  # moved to another flow since its row was read
        return refuse("no ticket", number=number)
    flow = read_flows(read, [flow_id])[flow_id]
    if all(phase.id != phase_id for phase in flow.phases):  # that went away meanwhile, and the ticket to another (P8)
        return ticket(desk, number, actor=actor, entries=entries)
    ticks = tuple(
        Tick(item, by or "", at)
        for item, by, at in read(
            "SELECT k.item_id, u.login, k.at FROM ticks k LEFT JOIN users u ON u.id = k.user_id WHERE k.ticket = :n", n
        )
    )
    followers = tuple(
        r[0]
        for r in read(
            "SELECT u.login FROM followers f JOIN users u ON u.id = f.user_id WHERE f.ticket = :n ORDER BY f.since", n
        )
    )
    tags = tuple(
        r[0]
        for r in read(
            "SELECT g.name FROM ticket_tags t JOIN tags g ON g.id = t.tag_id WHERE t.ticket = :n ORDER BY g.name", n
        )
    )
    categories = read(
        f"""SELECT c.id, {_CATEGORY} FROM ticket_categories t JOIN categories c ON c.id = t.category_id
            LEFT JOIN categories p ON p.id = c.parent_id WHERE t.ticket = :n ORDER BY 2, 1""",
        n,
    )
    customer = customer_of(desk, contact_id)
    answer = answer_of(desk, answer_id)
    sight = _in_sight(desk, number, actor)
    newest = read("SELECT COALESCE(MAX(id), 0) FROM events WHERE ticket = :n", n)[0][0]
    state = rules.Ticket(
        number,
        flow,
        phase_id,
        customer.name,
        customer.email,
        assignee_id,
        row.assignee,
        frozenset(t.item for t in ticks),
        customer.bounced,
        merged,
        flow.reachable_by_phone and bool(customer.phone),
    )
    return TicketView(
        row=row,
        flow=flow,
        phase_id=phase_id,
        description=description,
        assignee_id=assignee_id,
        assignee_name=assignee or "",
        followers=followers,
        customer=customer,
        answer=answer,
        earlier=other_answers(desk, contact_id, answer_id, actor),
        ticks=ticks,
        tags=tags,
        categories=tuple(name for __, name in categories),
        entries=_entries(desk, sight, limit=entries),
        entries_total=int(read(f"SELECT COUNT(*) FROM events e WHERE {sight[0]}", sight[1])[0][0]),
        resolution=resolution,
        outcome=outcome,
        started=times[0],
        closed=times[1],
        last_event=newest,
        can=_can(actor, state),
        activities=_activities(desk, number),
        others=other_tickets(desk, contact_id, number, actor),
        category_ids=tuple(id for id, __ in categories),
        merged_into=merged,
        version=version,
        matched=places(read, number, answer.comment) if answer else (),
    )


_CATEGORY = "CASE WHEN p.id IS NULL THEN c.name ELSE p.name || ' / ' || c.name END"
"""A category's whole name in SQL, of `categories c` and its parent `p`."""


def _activities(desk: Desk, number: int) -> tuple[Activity, ...]:
    """In the order in which they were added (T7)."""
    return tuple(
        Activity(id, name, type, category or "", category_id, login or "", done)
        for id, name, type, category, category_id, login, done in desk.db.rows(
            f"""SELECT a.id, a.name, a.type, {_CATEGORY}, a.category_id, u.login, a.done_at FROM activities a
                LEFT JOIN categories c ON c.id = a.category_id LEFT JOIN categories p ON p.id = c.parent_id
                LEFT JOIN users u ON u.id = a.responsible_id WHERE a.ticket = :n ORDER BY a.created_at, a.id""",
            {"n": number},
        )
    )


def _can(actor: Actor, state: rules.Ticket) -> Mapping[str, Refusal | None]:
    """By verb, why this reader may not (and None where they may)."""
    here = state.flow.phase(state.phase_id)
    back = refuse("starting is an act", phase=here.name) if here.status is Status.PENDING else None
    closable = state.status is Status.PROGRESS
    return {
        "start": rules.may_start(actor, state),
        "assign": rules.may_assign(actor, state),
        "move": rules.may_change(actor, state) or back,
        "close": rules.may_close(actor, state, state.flow.first(Status.CLOSED).id, "x") if closable else (rules.may_change(actor, state) or back or refuse("already closed")),
        "priority": rules.may_set_priority(actor, state),
        "tick": rules.may_change(actor, state),
        "reply": rules.may_write(actor, state),
        "note": may_note(actor, state.flow.id),
        "edit": rules.may_edit(actor, state),
        "transfer": rules.may_leave_flow(actor, state),
        "merge": rules.may_merge(actor, state),
        "unmerge": rules.may_unmerge(actor, state),
    }  # fmt: skip


def timeline(
    desk: Desk,
    number: int,
    *,
    actor: Actor,
    before: int | None = None,
    limit: int = 50,
    kinds: Collection[str] | None = None,
) -> tuple[Entry, ...]:
    """Entries of a ticket's timeline, oldest first: the newest, or those before an id; of some kinds only if asked (T8)."""
    if not rows(desk, [number], actor=actor):
        return ()
    return _entries(desk, _in_sight(desk, number, actor), before=before, limit=limit, kinds=kinds)


def _entries(
    desk: Desk,
    sight: tuple[str, dict[str, Any]],
    *,
    before: int | None = None,
    limit: int,
    kinds: Collection[str] | None = None,
) -> tuple[Entry, ...]:
    here, parameters = sight
    more: dict[str, Any] = {"limit": limit}
    if before:
        here, more = f"{here} AND e.id < :before", more | {"before": before}
    if kinds is not None:
        named = {f"k{i}": kind for i, kind in enumerate(sorted(kinds))}
        here = f"{here} AND e.kind IN ({', '.join(f':{name}' for name in named) or 'NULL'})"
        more |= named
    # A mail that was taken off the ticket is not read there any more.
    found = desk.db.rows(
        f"""SELECT e.id, e.at, e.kind, COALESCE(u.login, CASE WHEN e.actor_kind = 'autopilot' THEN e.actor_kind END), e.data, m.id, n.body, e.note_id
            FROM events e LEFT JOIN users u ON u.id = e.actor_id LEFT JOIN notes n ON n.id = e.note_id
            LEFT JOIN messages m ON m.id = e.message_id AND m.ticket = e.ticket
            WHERE {here} ORDER BY e.id DESC LIMIT :limit""",
        parameters | more,
    )
    mails = _mails(desk, [r[5] for r in found if r[5]])
    files = _files(desk, "note_id", [r[7] for r in found if r[7]])
    return tuple(
        _entry(id, at, kind, login or "retorno", _data(data), note, mails.get(message), files.get(note_id, ()))
        for id, at, kind, login, data, message, note, note_id in reversed(found)
    )


def _in_sight(desk: Desk, number: int, actor: Actor) -> tuple[str, dict[str, Any]]:
    """The condition on `events e` for what of a ticket's timeline a reader sees, and its parameters.

    A restricted note is neither listed nor counted (N1), and takes no place of a page.
    """
    for_all, assignee = desk.db.rows(
        "SELECT f.notes_for_all, t.assignee_id FROM tickets t JOIN flows f ON f.id = t.flow_id WHERE t.number = :n",
        {"n": number},
    )[0]
    followers = dict(desk.db.rows("SELECT user_id, sees_from FROM followers WHERE ticket = :n", {"n": number}))
    every = rules.visible_note(
        actor, author=None, at=0, assignee=assignee, followers=followers, all_members=bool(for_all)
    )
    quiet = ", ".join(f"'{kind}'" for kind in sorted(SILENT))
    sight = f"e.ticket = :n AND e.kind NOT IN ({quiet})"
    if every:
        return sight, {"n": number}
    # Notes since one follows are open to a follower.
    since = followers.get(actor.id)
    own = "author_id = :me" if since is None else "(author_id = :me OR at >= :since)"
    return (
        f"{sight} AND (e.note_id IS NULL OR e.note_id IN (SELECT id FROM notes WHERE ticket = :n AND {own}))",
        {"n": number, "me": actor.id} | ({} if since is None else {"since": since}),
    )


def _entry(
    id: int,
    at: int,
    kind: str,
    who: str,
    data: Mapping[str, Any],
    note: str | None,
    mail: dict[str, Any] | None,
    files: Sequence[Attachment],
) -> Entry:
    if note is not None:
        return Entry(id, at, kind, who, data, text=note, attachments=tuple(files))
    if mail is None:
        return Entry(id, at, kind, who, data)
    if kind in ("suspect mail", "automatic mail") and not mail["state"]:
        kind = "mail in"  # a person accepted it: it is the customer's word as any other (M7)
    incoming = kind in ("mail in", "suspect mail", "automatic mail", "bounce")
    if kind == "mail out" and mail["leaves_at"]:
        data = {**data, "leaves_at": mail["leaves_at"]}
    return Entry(
        id,
        at,
        kind,
        mail["sender"] if incoming else who,
        data,
        subject=mail["subject"],
        text=mail["text"] if incoming or kind == "mail out" else "",
        folded=mail["folded"] if incoming else (),
        state=mail["state"],
        answer=mail["answer"],
        message=mail["id"],
        outbox=mail["outbox"],
        next_try=mail["next_try"],
        attachments=mail["attachments"] if incoming or kind == "mail out" else (),
    )


def _files(desk: Desk, of: str, ids: Sequence[int]) -> dict[int, list[Attachment]]:
    """The files of messages or of notes, by the id of what they are on; `of` is the column that says it."""
    files: dict[int, list[Attachment]] = {}
    inside = ", ".join(str(int(i)) for i in sorted(set(ids)))
    if not inside:
        return files
    for id, whose, name, type_, size, label in desk.db.rows(
        f"SELECT a.id, a.{of}, a.name, a.type, b.size, a.label FROM attachments a JOIN blobs b ON b.hash = a.blob WHERE a.{of} IN ({inside}) ORDER BY a.id"
    ):
        files.setdefault(whose, []).append(Attachment(id, name, type_, size, label))
    return files


def _mails(desk: Desk, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What the timeline shows of some messages, by id."""
    if not ids:
        return {}
    inside = ", ".join(str(int(i)) for i in sorted(set(ids)))
    files = _files(desk, "message_id", ids)
    mails = {}
    for (
        id,
        name,
        address,
        subject,
        text,
        folded,
        kind,
        trusted,
        bounced,
        outbox,
        state,
        answer,
        tries,
        due,
    ) in desk.db.rows(
        f"""SELECT m.id, m.sender_name, m.sender_address, m.subject, m.text, m.folded, m.kind, m.trusted, m.bounced_at, o.id, o.state, o.answer, o.attempts, o.not_before
            FROM messages m LEFT JOIN outbox o ON o.message_id = m.id WHERE m.id IN ({inside})"""
    ):
        delayed = state == "queued" and tries > 0 and bool(answer)
        said = (
            "delayed"
            if delayed
            else state
            if state
            else ("suspect" if not trusted else "" if kind == "message" else kind)
        )
        mails[id] = {
            "id": id,
            "sender": name or address,
            "subject": subject,
            "text": text,
            "folded": tuple(_data(folded)),
            "state": "bounced" if bounced and state else said,
            "answer": answer or "",
            "outbox": outbox,
            "next_try": due if delayed else None,
            "leaves_at": due if state == "queued" and not tries else None,
            "attachments": tuple(files.get(id, ())),
        }
    return mails


def _data(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def people(desk: Desk, flow_id: int, *, actor: Actor) -> tuple[Person, ...]:
    """Who may be given tickets of a flow: the active ones who see it and may work in it."""

    if not scope(actor).admits(flow_id):
        return ()
    who = (a for a in actors(desk.db.rows, "level <> 'none'", {}) if a.id and not may_work(a, flow_id))
    return tuple(Person(a.id or 0, a.login, a.name) for a in sorted(who, key=lambda a: natural(a.login)))


def raw(desk: Desk, message_id: int, *, actor: Actor) -> bytes | Refusal:
    """The raw bytes of a mail on a ticket that the actor sees (M8, M10)."""
    found = desk.db.rows(
        "SELECT t.flow_id, b.data, t.number FROM messages m JOIN tickets t ON t.number = m.ticket LEFT JOIN blobs b ON b.hash = m.raw WHERE m.id = :id",
        {"id": message_id},
    )
    if not found or not scope(actor).admits(found[0][0]):
        return refuse("no ticket", number="—")
    return bytes(found[0][1] or b"")
