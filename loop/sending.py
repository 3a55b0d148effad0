"""Sends what is due in one mailbox, for as long as its lease is held; no trouble ends it (M5)."""

import asyncio
import itertools
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from domain.text import _, line
from loop import outbox
from loop.desk import Desk
from loop.mailboxes import smtp_account
from storage.light import is_outage

if TYPE_CHECKING:
    from loop.config import MailboxConfig
    from mail.delivery import Delivered

LOOK_S = 0.25
"""Seconds between two looks for messages that are due."""
IDLE_S = 30.0
"""Seconds after which a connection that nothing was sent over is closed."""
PAUSES_S = (2.0, 5.0, 15.0, 30.0, 60.0)
"""Pauses after the first, second… failure in a row that is the server's and not a message's; the last repeats."""
LOGIN_PAUSE_S = 60.0
"""Seconds at least after a refused login: accounts get locked."""
_LOGIN_REFUSED = ("530", "534", "535", "538")

_runs = itertools.count(1)


class Sender:
    """Run by one thread. `say(ok, words)` is told of trouble with the server, and of its end; with trouble a third value
    says in how many seconds the next try is."""

    def __init__(
        self,
        desk: Desk,
        config: "MailboxConfig",
        mailbox_id: int,
        holder: str,
        ending: threading.Event,
        say: Callable[..., None],
    ) -> None:
        self.desk, self.config, self.mailbox_id = desk, config, mailbox_id
        self._holder, self._ending, self._say = holder, ending, say
        self._delivery: Any = None
        self._used = 0.0

    def run(self) -> None:
        """Until `ending` is set. Each run after trouble judges first what the one before left."""
        failures = 0
        while not self._ending.is_set():
            try:
                asyncio.run(self._send_all())
            except Exception as error:
                pause = PAUSES_S[min(failures, len(PAUSES_S) - 1)]
                self._say(False, line(f"{type(error).__name__}: {error}", 200), pause)
                self._ending.wait(pause)
                failures += 1

    async def _send_all(self) -> None:
        holder = f"{self._holder}/{next(_runs)}"
        outbox.recover(self.desk, self.mailbox_id)
        self._say(True, "")
        failures = 0
        try:
            while not self._ending.is_set():
                # While the server is away one message at a time is enough to find out; the others are not held.
                letters = outbox.claim(self.desk, self.mailbox_id, holder, 1 if failures else outbox.CLAIM)
                trouble = await self._send(letters)
                if trouble:
                    await self._hang_up()
                    pause = PAUSES_S[min(failures, len(PAUSES_S) - 1)]
                    pause = max(pause, LOGIN_PAUSE_S) if trouble.startswith(_LOGIN_REFUSED) else pause
                    self._say(False, _("sending fails: {words}").format(words=line(trouble, 160)), pause)
                    await self._pause(pause)
                    failures += 1
                elif letters:
                    failures = 0
                    self._say(True, "")
                else:
                    if self._delivery is not None and time.monotonic() - self._used > IDLE_S:
                        await self._hang_up()
                    await asyncio.sleep(LOOK_S)
        finally:
            await self._hang_up()

    async def _send(self, letters: list[outbox.Letter]) -> str:
        """Send claimed messages one by one; the words of a trouble that is not the message's, and the rest is given back."""
        for i, letter in enumerate(letters):
            if self._ending.is_set():
                outbox.release(self.desk, letters[i:])
                break
            delivered = await self._deliver(letter)
            if delivered is None:
                continue
            await self._settle(letter, delivered)
            # A refused recipient is the message's own trouble; the next one may be welcome.
            if delivered.state == "retry" and not delivered.refused:
                outbox.release(self.desk, letters[i + 1 :])
                return delivered.answer or "—"
        return ""

    async def _deliver(self, letter: outbox.Letter) -> "Delivered | None":
        from mail.delivery import Delivered, Delivery

        if self._delivery is None:
            try:
                self._delivery = Delivery(smtp_account(self.config))
            except Exception as error:  # the password's command failed, or the set-up cannot work
                return Delivered("retry", line(str(error), 300))
        self._used = time.monotonic()
        return await outbox.hand_over(self.desk, self._delivery, letter)

    async def _settle(self, letter: outbox.Letter, delivered: "Delivered") -> None:
        """Record what the server said, however long the database is away: it must not be asked to take the mail again."""
        failures = 0
        while True:
            try:
                outbox.settle(self.desk, letter, delivered, bool(self.config.sent_folder))
                return
            except Exception as error:
                if not is_outage(error) or self._ending.is_set():
                    raise
                pause = PAUSES_S[min(failures, len(PAUSES_S) - 1)]
                self._say(False, line(f"{type(error).__name__}: {error}", 200), pause)
            await self._pause(pause)
            failures += 1

    async def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not self._ending.is_set():
            await asyncio.sleep(min(LOOK_S, left))

    async def _hang_up(self) -> None:
        delivery, self._delivery = self._delivery, None
        if delivery is not None:
            await delivery.close()
