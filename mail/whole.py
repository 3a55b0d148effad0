"""A mail over the size limit, fetched whole when somebody asks (M8): in pieces, so that one can see it come and stop it."""

from collections.abc import Callable

from mail.mailbox import Cursor, Mailbox

PIECE = 512 * 1024
"""Bytes asked for at once."""

Told = Callable[[int], bool]
"""Is told how many bytes came so far; False stops."""


def fetch_whole(mailbox: Mailbox, at: Cursor, told: Told, *, most: int) -> bytes | None:
    """The bytes of the mail at `at`; None when the server does not have it there any more, or `told` stops it.

    MailboxError as everything there; also when the mail is over `most` bytes, whatever its size was said to be.
    """
    from domain.text import _
    from mail.mailbox import MailboxError

    with mailbox._talking() as client:
        status = client.select_folder(mailbox.account.folder, readonly=True)
        if int(status.get(b"UIDVALIDITY", 0)) != at.uidvalidity:
            return None
        whole = bytearray()
        while True:
            answer = client.fetch([at.uid], [f"BODY.PEEK[]<{len(whole)}.{PIECE}>"]).get(at.uid)
            if answer is None:
                return None
            piece = next((value or b"" for key, value in answer.items() if key.startswith(b"BODY[")), b"")
            whole += piece
            if len(whole) > most:
                raise MailboxError(_("that mail is larger than what is fetched"))
            if len(piece) < PIECE:
                return bytes(whole)
            if not told(len(whole)):
                return None
