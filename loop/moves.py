"""Mails that have their outcome, moved into another folder of the server where the configuration wishes it (M6).

UID MOVE only; nothing is deleted. It comes after the outcome was recorded, and doing it twice does it once: a mail that
was moved has another UID in another folder.
"""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from domain.ledger import Outcome
from domain.text import _, line
from loop.desk import Desk
from loop.mailboxes import imap_account, said_of

if TYPE_CHECKING:
    from loop.config import MailboxConfig

LOOK_S = 2.0
"""Seconds between two looks for mails that are to be moved."""
BATCH = 200
PAUSES_S = (10.0, 60.0, 300.0, 900.0, 3600.0)
"""Pauses after the first, second… failure in a row; the last repeats."""


class Mover:
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
        failures = 0
        while not self._ending.is_set():
            try:
                if self.look() == 0:
                    self._ending.wait(LOOK_S)
                failures = 0
                self._say(True, "")
            except Exception as error:
                pause = PAUSES_S[min(failures, len(PAUSES_S) - 1)]
                if getattr(error, "login", False):
                    pause = max(pause, PAUSES_S[1])
                failures += 1
                self._say(False, _("mails are not moved: {words}").format(words=line(said_of(error), 160)), pause)
                self._ending.wait(pause)

    def look(self) -> int:
        """Move what has its outcome; how many there were. Raises what the server or the database has to say."""
        rows = self.desk.db.rows(
            "SELECT id, uidvalidity, uid, outcome FROM inbound WHERE mailbox_id = :m AND to_move = true AND outcome <> ''"
            " AND partial = false ORDER BY id LIMIT :n",
            {"m": self.mailbox_id, "n": BATCH},
        )
        if not rows:
            return 0
        self._move(rows)
        inside = ", ".join(str(row[0]) for row in rows)
        with self.desk.db.write() as work:
            work.run(f"UPDATE inbound SET to_move = false WHERE id IN ({inside})", {})
        return len(rows)

    def _move(self, rows: "list[tuple[int, int, int, str]]") -> None:
        from mail.mailbox import Cursor, Mailbox

        failed = [Cursor(v, uid) for __, v, uid, outcome in rows if outcome == Outcome.QUARANTINED.value]
        rest = [Cursor(v, uid) for __, v, uid, outcome in rows if outcome != Outcome.QUARANTINED.value]
        wanted = [(some, folder) for some, folder in ((failed, self.config.failed_folder), (rest, self.config.processed_folder)) if some and folder]  # fmt: skip
        if not wanted:
            return
        with Mailbox(imap_account(self.config)) as mailbox:
            for some, folder in wanted:
                mailbox.move(some, folder)
