"""Mails over a mailbox's size limit: their headers are kept, the rest is fetched when somebody asks (M8)."""

from collections.abc import Callable

from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.text import line
from loop import triage
from loop.desk import Desk
from loop.mailboxes import imap_account
from loop.views import Acted

LARGEST = 256 * 1024 * 1024
"""Bytes of a mail that is fetched at all."""


def fetch_whole(
    desk: Desk, inbound_id: int, *, actor: Actor, told: Callable[[int, int], bool] = lambda done, size: True
) -> Acted | Refusal:
    """Fetch the whole of an oversized mail from its server and read it anew; once, however often it is asked.

    `told` hears how many bytes of how many came, and stops it by answering False; then nothing was changed.
    """
    from mail.mailbox import Cursor, Mailbox, MailboxError
    from mail.whole import fetch_whole as fetch

    held = desk.db.transact(lambda work: triage.partial_line(work, inbound_id, actor))
    if not isinstance(held, triage.Line):
        return held
    # Where the server numbered its mails anew it came once more, as a duplicate, under the number that it has now.
    # The plus keeps SQLite from reading a whole mailbox where the fingerprint finds it.
    address, uidvalidity, uid, size = desk.db.rows(
        "SELECT m.address, o.uidvalidity, o.uid, i.size FROM inbound i JOIN mailboxes m ON m.id = i.mailbox_id"
        " JOIN inbound o ON o.id = i.id OR (o.fingerprint = i.fingerprint AND +o.mailbox_id = i.mailbox_id AND o.partial = true"
        " AND o.size = i.size AND o.uidvalidity <> i.uidvalidity)"
        " WHERE i.id = :id ORDER BY o.id DESC LIMIT 1",
        {"id": inbound_id},
    )[0]
    if size > LARGEST:
        return refuse("mail too large", size=size // 1024 // 1024, limit=LARGEST // 1024 // 1024)
    config = next((m for m in desk.config.mailboxes if m.address == address), None)
    if config is None:
        return refuse("mailbox elsewhere", address=address)
    stopped = False

    def tell(done: int) -> bool:
        nonlocal stopped
        stopped = not told(done, size)
        return not stopped

    try:
        with Mailbox(imap_account(config)) as mailbox:
            raw = fetch(mailbox, Cursor(uidvalidity, uid), tell, most=LARGEST)
    except (MailboxError, OSError, ValueError) as error:
        return refuse("server trouble", words=line(str(error), 300).rstrip("."))
    if raw is None:
        return refuse("stopped") if stopped else refuse("mail gone")
    return triage.again_whole(desk, inbound_id, raw, actor=actor)
