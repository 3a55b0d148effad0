"""Files that go with a draft: attached one by one, kept with it, sent with it, and back with it (M4)."""

import mimetypes
from collections.abc import Iterable
from typing import Any

from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import scope
from domain.text import line
from loop.desk import Desk
from loop.views import Attachment
from storage.tables import AttachmentRow, DraftFile

MOST_FILES = 20
LARGEST = 18 * 1024 * 1024
"""Bytes of all files of a message: base64 makes them a third larger, and servers take 25 MB."""

_SELECT = (
    "SELECT d.id, d.name, d.type, b.size FROM draft_files d JOIN blobs b ON b.hash = d.blob"
    " WHERE d.user_id = :u AND d.ticket = :n ORDER BY d.id"
)


def files(desk: Desk, number: int, *, actor: Actor) -> tuple[Attachment, ...]:
    """What goes with the actor's draft on a ticket; nothing for one out of sight (P3)."""
    found = desk.db.rows("SELECT flow_id FROM tickets WHERE number = :n", {"n": number})
    if not found or actor.id is None or not scope(actor).admits(found[0][0]):
        return ()
    return _read(desk.db.rows, number, actor)


def attach(
    desk: Desk, number: int, given: Iterable[tuple[str, bytes]], *, actor: Actor
) -> tuple[Attachment, ...] | Refusal:
    """Put files, each a name and its bytes, to the draft, or none of them; all that go with it now."""
    from mail.attachments import distinct, safe_name

    given = list(given)
    with desk.db.write() as work:
        found = work.rows("SELECT flow_id FROM tickets WHERE number = :n", {"n": number})
        if not found or actor.id is None or not scope(actor).admits(found[0][0]):
            return refuse("no ticket", number=number)
        there = _read(work.rows, number, actor)
        if len(there) + len(given) > MOST_FILES:
            return refuse("too many files out", limit=MOST_FILES)
        if sum(f.size for f in there) + sum(len(data) for __, data in given) > LARGEST:
            return refuse("files too large", limit=LARGEST // 1024 // 1024)
        taken = {f.name.casefold() for f in there}
        hashes = work.keep([data for __, data in given])
        for (name, __), blob in zip(given, hashes, strict=True):
            safe = distinct(safe_name(name), taken)
            kind = mimetypes.guess_type(safe)[0] or "application/octet-stream"
            work.insert_one(DraftFile, user_id=actor.id, ticket=number, name=safe, type=kind, blob=blob)
        return _read(work.rows, number, actor)


def detach(desk: Desk, number: int, file_id: int, *, actor: Actor) -> tuple[Attachment, ...]:
    """Take a file off the draft again; what is left."""
    with desk.db.write() as work:
        mine = {"id": file_id, "u": actor.id, "n": number}
        work.run("DELETE FROM draft_files WHERE id = :id AND user_id = :u AND ticket = :n", mine)
    return files(desk, number, actor=actor)


def contents(work: Any, number: int, actor: Actor) -> tuple[tuple[str, str, bytes], ...]:
    """Name, type and bytes of each, for the message."""
    return tuple(
        (name, kind, bytes(data))
        for name, kind, data in work.rows(
            "SELECT d.name, d.type, b.data FROM draft_files d JOIN blobs b ON b.hash = d.blob"
            " WHERE d.user_id = :u AND d.ticket = :n ORDER BY d.id",
            {"u": actor.id, "n": number},
        )
    )


def enclose(work: Any, number: int, message: int, actor: Actor) -> None:
    """Make the draft's files the message's."""
    for name, kind, blob in work.rows(
        "SELECT name, type, blob FROM draft_files WHERE user_id = :u AND ticket = :n ORDER BY id",
        {"u": actor.id, "n": number},
    ):
        work.insert_one(AttachmentRow, message_id=message, name=name, type=kind, label="", inline=False, blob=blob)


def give_back(work: Any, number: int, message: int, actor: Actor) -> None:
    """Put a message's files to its writer's draft again, beside those that are there."""
    there = {blob for (blob,) in work.rows("SELECT blob FROM draft_files WHERE user_id = :u AND ticket = :n", {"u": actor.id, "n": number})}  # fmt: skip
    for name, kind, blob in work.rows(
        "SELECT name, type, blob FROM attachments WHERE message_id = :m ORDER BY id", {"m": message}
    ):
        if blob not in there:
            work.insert_one(DraftFile, user_id=actor.id, ticket=number, name=line(name), type=kind, blob=blob)


def _read(rows: Any, number: int, actor: Actor) -> tuple[Attachment, ...]:
    found = rows(_SELECT, {"u": actor.id, "n": number})
    return tuple(Attachment(id, name, kind, size) for id, name, kind, size in found)
