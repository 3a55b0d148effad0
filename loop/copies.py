"""Copies of what was sent, put into the account's Sent folder (M4).

A copy is owed from the moment that the server took the message, and kept until it was appended. Trouble with it is the
mailbox's, never the message's: that has left.
"""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from domain.text import _, line
from loop.desk import Desk
from loop.mailboxes import imap_account, said_of
from loop.sending import LOGIN_PAUSE_S

if TYPE_CHECKING:
    from loop.config import MailboxConfig
    from mail.mailbox import Mailbox

LOOK_S = 2.0
"""Seconds between two looks for copies that are owed."""
PAUSES_S = (10.0, 60.0, 300.0, 900.0, 3600.0)
"""Pauses after the first, second… failure of one copy; the last repeats."""
AUTOMATIC = "auto"
"""What `sent_folder` says for the folder that the server itself names for sent mail."""


class Copier:
    """Run by one thread while its mailbox is served. `say` is told as `Sender`'s."""

    def __init__(
        self,
        desk: Desk,
        config: "MailboxConfig",
        mailbox_id: int,
        ending: threading.Event,
        say: Callable[..., None],
    ) -> None:
        self.desk, self.config, self.mailbox_id = desk, config, mailbox_id
        self._ending, self._say = ending, say

    def run(self) -> None:
        """Until `ending` is set."""
        while not self._ending.is_set():
            try:
                self.look()
            except Exception as error:  # of the database; the copies are still owed
                self._say(False, line(f"{type(error).__name__}: {error}", 200), PAUSES_S[0])
                self._ending.wait(PAUSES_S[0])
            self._ending.wait(LOOK_S)

    def look(self) -> None:
        """Append what is due, over one connection; a copy that fails is owed until later, and the others are tried all the same."""
        due = self._due()
        if not due:
            return
        if not self.config.sent_folder:
            self._forget()
            return
        mailbox: Mailbox | None = None
        try:
            for outbox, tries in due:
                if self._ending.is_set():
                    return
                try:
                    mailbox = mailbox or self._connected()
                except Exception as error:  # nothing can be appended now: one try is enough to find that out
                    self._fail(error, max(tries for __, tries in due), [outbox for outbox, __ in due])
                    return
                try:
                    self._append(mailbox, outbox)
                except Exception as error:
                    mailbox.close()
                    mailbox = None
                    self._fail(error, tries, [outbox])
        finally:
            if mailbox is not None:
                mailbox.close()
        if not self.desk.db.rows(
            "SELECT 1 FROM outbox WHERE mailbox_id = :m AND copy_at IS NOT NULL AND copy_tries > 0 LIMIT 1",
            {"m": self.mailbox_id},
        ):
            self._say(True, "")

    def _due(self) -> list[tuple[int, int]]:
        return [
            (id, tries)
            for id, tries in self.desk.db.rows(
                f"SELECT id, copy_tries FROM outbox WHERE mailbox_id = :m AND copy_at <= {self.desk.db.now_sql} ORDER BY copy_at, id LIMIT 50",
                {"m": self.mailbox_id},
            )
        ]

    def _connected(self) -> "Mailbox":
        from mail.mailbox import Mailbox

        mailbox = Mailbox(imap_account(self.config))
        mailbox.connect()
        return mailbox

    def _append(self, mailbox: "Mailbox", outbox: int) -> None:
        raw, message_id = self.desk.db.rows(
            "SELECT b.data, m.message_id FROM outbox o JOIN messages m ON m.id = o.message_id JOIN blobs b ON b.hash = m.raw"
            " WHERE o.id = :id",
            {"id": outbox},
        )[0]
        folder = None if self.config.sent_folder == AUTOMATIC else self.config.sent_folder
        mailbox.append(folder, bytes(raw), message_id)
        with self.desk.db.write() as work:
            work.run("UPDATE outbox SET copy_at = NULL WHERE id = :id", {"id": outbox})

    def _fail(self, error: Exception, tries: int, outboxes: list[int]) -> None:
        pause = PAUSES_S[min(tries, len(PAUSES_S) - 1)]
        if getattr(error, "login", False):
            pause = max(pause, LOGIN_PAUSE_S)
        inside = ", ".join(map(str, outboxes))
        with self.desk.db.write() as work:
            work.run(
                f"UPDATE outbox SET copy_at = {self.desk.db.now_sql} + :p, copy_tries = copy_tries + 1 WHERE id IN ({inside})",
                {"p": int(pause * 1000)},
            )
        self._say(False, _("no copy of what was sent: {words}").format(words=said_of(error)), pause)

    def _forget(self) -> None:
        """Nobody wants copies any more."""
        with self.desk.db.write() as work:
            work.run("UPDATE outbox SET copy_at = NULL WHERE mailbox_id = :m", {"m": self.mailbox_id})
        self._say(True, "")
