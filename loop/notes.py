"""Notes on tickets: for the team, never for the customer (N1)."""

import mimetypes
from collections.abc import Iterable, Sequence
from typing import Any

from domain.mentions import mentioned
from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import may_note, scope
from domain.text import clean, line
from loop.desk import Desk, actors
from loop.following import join, opens
from loop.loading import Loaded
from loop.notifications import notify
from loop.tickets import on_each
from loop.timeline import record_now
from loop.views import Done, Person
from storage.tables import AttachmentRow, Note

LONGEST = 100_000
"""Characters of a note; what is beyond is refused, not cut."""
MOST_FILES = 20
"""Files on a note."""
LARGEST = 25 * 1024 * 1024
"""Bytes of a file on a note."""


def add(
    desk: Desk, numbers: Iterable[int], body: str, *, actor: Actor, files: Iterable[tuple[str, bytes]] = ()
) -> Done:
    """Write a note on tickets, with files, each a name and its bytes.

    Members of the ticket's flow that it mentions as `@login` become followers and are told. Those whom the assignee or
    an administrator mentions see the earlier notes too, others what is noted from this note on.
    """
    words = clean(body).strip()
    given = list(files)
    kept = named(given) if (why_not := trouble(words, given)) is None else ()

    def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
        if why := may_note(actor, one.row.flow_id) or why_not:
            return why
        if "files of the note" not in work.memo:
            work.memo["files of the note"] = work.keep([content for __, __, content in kept])
        write(work, one, words, kept, work.memo["files of the note"], actor=actor, at=desk.now())
        return None

    return on_each(desk, numbers, actor, act)


def write(
    work: Any,
    one: Loaded,
    words: str,
    files: Sequence[tuple[str, str, bytes]],
    hashes: Sequence[str],
    *,
    actor: Actor,
    at: int,
    **data: Any,
) -> None:
    """Put a note on a ticket, inside another's transaction: clean words, named files and the hashes that they are kept by.

    `data` goes into its event. Who calls asked whether the actor may, and whether there is any `trouble`.
    """
    note = work.add(Note(ticket=one.row.number, author_id=actor.id, body=words, at=at))
    for (name, type_, __), hash in zip(files, hashes, strict=True):
        work.insert_later(AttachmentRow, note_id=note.id, name=name, type=type_, blob=hash)
    event = record_now(work, one.row.number, "note", actor=actor, at=at, note=note.id, **data)
    if called := _called(work, one, words, actor):
        join(work, one, called, 0 if opens(actor, one) else at, actor=actor, at=at)
        notify(
            work,
            [person.id for person in called],
            "mention",
            ticket=one.row.number,
            event_id=event,
            note_id=note.id,
            actor=actor,
            at=at,
            flow_id=one.row.flow_id,
        )


def members(desk: Desk, number: int, *, actor: Actor) -> tuple[Person, ...]:
    """Who can be mentioned on a ticket or made its follower: whoever sees it, oneself aside; nobody for one out of sight."""
    found = desk.db.rows("SELECT flow_id FROM tickets WHERE number = :n", {"n": number})
    if not found or not scope(actor).admits(found[0][0]):
        return ()
    return tuple(
        Person(one.id, one.login, one.name)
        for one in actors(desk.db.rows, "level <> 'none'", {})
        if one.id is not None and one.id != actor.id and scope(one).admits(found[0][0])
    )


def trouble(words: str, files: Sequence[tuple[str, bytes]]) -> Refusal | None:
    """What is wrong with a note whatever the ticket."""
    if not words and not files:
        return refuse("empty")
    if len(words) > LONGEST:
        return refuse("too long", limit=LONGEST)
    if len(files) > MOST_FILES:
        return refuse("too many files", limit=MOST_FILES)
    for name, content in files:
        if len(content) > LARGEST:
            return refuse("file too large", name=line(name, 80), limit=LARGEST // 1024 // 1024)
    return None


def named(files: Sequence[tuple[str, bytes]]) -> tuple[tuple[str, str, bytes], ...]:
    """Names that can be shown and saved, no two the same, with types and bytes."""
    from mail.attachments import distinct, safe_name

    taken: set[str] = set()
    found = []
    for name, content in files:
        safe = distinct(safe_name(name), taken)
        found.append((safe, mimetypes.guess_type(safe)[0] or "application/octet-stream", content))
    return tuple(found)


def _called(work: Any, one: Loaded, words: str, actor: Actor) -> list[Actor]:
    """The people whom a note mentions and who see the ticket; others are text and nothing more."""
    if "@" not in words:
        return []
    if "everybody" not in work.memo:
        work.memo["everybody"] = actors(work.rows, "level <> 'none'", {})
    here = {
        person.login: person
        for person in work.memo["everybody"]
        if person.id != actor.id and scope(person).admits(one.row.flow_id)
    }
    return [here[login] for login in mentioned(words, here)]
