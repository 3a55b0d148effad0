"""The files of mails and notes, under the rights of the ticket and of the note they are on (N1, R7)."""

from pathlib import Path

from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.text import line
from loop.desk import Desk
from loop.sight import NOTE, within

File = tuple[str, str, bytes]
"""Name, type and bytes."""


def attachment(desk: Desk, attachment_id: int, *, actor: Actor) -> File | Refusal:
    """A file's name, as it can be shown and saved, its type, and its bytes.

    A file out of sight and one that never was are told apart by nobody (P3).
    """
    found = desk.db.rows(
        f"""SELECT a.name, a.type, b.data FROM attachments a JOIN blobs b ON b.hash = a.blob
            LEFT JOIN messages m ON m.id = a.message_id LEFT JOIN notes o ON o.id = a.note_id
            JOIN tickets t ON t.number = COALESCE(o.ticket, m.ticket) JOIN flows f ON f.id = t.flow_id
            WHERE a.id = :id AND {within(actor)} AND (o.id IS NULL OR {NOTE})""",
        {"id": attachment_id, "me": actor.id},
    )
    if not found:
        return refuse("no file", id=attachment_id)
    from mail.attachments import safe_name

    name, type_, content = found[0]
    return safe_name(name, type_), type_, bytes(content)


def save(desk: Desk, attachment_id: int, folder: Path, *, actor: Actor) -> Path | Refusal:
    """Save a file into a folder, beside what is there and never over it; where it is now."""
    from gateways import openers

    found = attachment(desk, attachment_id, actor=actor)
    if isinstance(found, Refusal):
        return found
    name, __, content = found
    try:
        if not folder.is_dir():
            return refuse("no folder", folder=line(str(folder), 200))
        return openers.save(folder, name, content)
    except (OSError, ValueError) as error:
        return refuse("not saved", name=name, why=_words(error))


def opened(desk: Desk, attachment_id: int, *, actor: Actor) -> Path | Refusal:
    """Hand a file to the command that the configuration names, in a folder that nobody else can look into; where it is."""
    from gateways import openers

    if refusal := may_open(desk):
        return refusal
    found = attachment(desk, attachment_id, actor=actor)
    if isinstance(found, Refusal):
        return found
    name, __, content = found
    command = desk.config.open_command or ()
    try:
        path = openers.private_copy(name, content)
    except (OSError, ValueError) as error:
        return refuse("not saved", name=name, why=_words(error))
    try:
        openers.start(command, path)
    except (OSError, ValueError) as error:
        return refuse("not opened", command=line(command[0], 80), why=_words(error))
    return path


def may_open(desk: Desk) -> Refusal | None:
    """Why no file can be opened here; None where a command is configured."""
    if desk.config.open_command is None:
        return refuse("no opener", where=str(desk.config.path or "config.toml"))
    return None if desk.config.open_command else refuse("opening forbidden")


def _words(error: Exception) -> str:
    return line(getattr(error, "strerror", None) or str(error), 120)
