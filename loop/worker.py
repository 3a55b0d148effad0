"""The background of the loop: one poller a mailbox, the receiver, the sender (M6).

In the screen on the embedded default they are daemon threads; `retorno worker` runs them alone. A
lease in the database lets one of all workers serve a mailbox; the others wait for it.
"""

import asyncio
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from domain.text import _, line
from loop import outbox, receiving
from loop.desk import Desk
from loop.mailboxes import ensure, imap_account, smtp_account
from loop.views import MailHealth
from storage import leases

if TYPE_CHECKING:
    from loop.config import MailboxConfig
    from mail.mailbox import Cursor, Fetched
    from mail.poller import MailboxState

LEASE_S = 30.0
"""A worker that dies is replaced after at most so many seconds."""
LOOK_S = 0.25
"""Seconds between two looks for messages that are due."""


class Worker:
    """Serves all configured mailboxes until told to stop."""

    def __init__(self, desk: Desk, report: Callable[[MailHealth], None] | None = None) -> None:
        self.desk = desk
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{id(self):x}"
        self.stopping = threading.Event()
        self._report = report or (lambda health: None)
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start the threads; daemons, so that they never hold up an exit."""
        mailboxes = self.desk.config.mailboxes
        if not mailboxes:
            self._report(MailHealth(False, True, _("no mailbox"), None))
        for config in mailboxes:
            thread = threading.Thread(target=self._serve, args=(config,), name=f"mail {config.address}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Ask all to stop and wait so many seconds for the mail in hand."""
        self.stopping.set()
        end = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def run_forever(self) -> None:
        """Start, and stay until `stopping` is set (by a signal, say)."""
        self.start()
        self.stopping.wait()
        self.stop(30.0)

    def _serve(self, config: "MailboxConfig") -> None:
        """Hold the lease of one mailbox and serve it; wait while somebody else does; never give up."""
        lease = f"mailbox {config.address}"
        while not self.stopping.is_set():
            try:
                mailbox_id = ensure(self.desk, config)
                if leases.take(self.desk.db, lease, self.holder, LEASE_S):
                    _Post(self, config, mailbox_id, lease).serve()
                    leases.release(self.desk.db, lease, self.holder)
                else:
                    self._report(MailHealth(True, True, _("mail is served by another worker"), None))
                    self.stopping.wait(LEASE_S / 6)
            except Exception as error:
                self._report(MailHealth(True, False, line(f"{type(error).__name__}: {error}", 200), None))
                self.stopping.wait(5.0)


class _Post:
    """One mailbox while we hold its lease."""

    def __init__(self, worker: Worker, config: "MailboxConfig", mailbox_id: int, lease: str) -> None:
        self.worker, self.desk, self.config = worker, worker.desk, config
        self.mailbox_id, self.lease = mailbox_id, lease
        self.ending = threading.Event()
        self.arrived = threading.Event()

    def serve(self) -> None:
        """Poll, receive and send, each in a thread of its own, until told to stop or the lease is lost."""
        outbox.recover(self.desk, self.mailbox_id, self.worker.holder)
        threads = [
            threading.Thread(target=run, name=f"{name} {self.config.address}", daemon=True)
            for name, run in (("poll", self._poll), ("receive", self._receive), ("send", self._send))
        ]
        for thread in threads:
            thread.start()
        renewed = time.monotonic()
        while not self.worker.stopping.wait(0.2) and not self.ending.is_set():
            if time.monotonic() - renewed > LEASE_S / 3:
                if not leases.take(self.desk.db, self.lease, self.worker.holder, LEASE_S):
                    break
                renewed = time.monotonic()
        self.ending.set()
        self.arrived.set()
        for thread in threads:
            thread.join(20.0)

    def _poll(self) -> None:
        from mail import poller

        def deliver(fetched: "list[Fetched]", reached: "Cursor") -> None:
            receiving.keep(self.desk, self.mailbox_id, fetched, reached)
            self.arrived.set()

        while not self.ending.is_set():
            try:
                poller.run(
                    imap_account(self.config),
                    lambda: receiving.cursor(self.desk, self.mailbox_id),
                    deliver,
                    self.ending,
                    report=self._health,
                )
            except Exception as error:
                self._trouble(error)

    def _receive(self) -> None:
        """Give every kept mail its outcome; what an earlier worker left over comes first."""
        while not self.ending.is_set():
            try:
                if receiving.process(self.desk) == 0:
                    self.arrived.wait(1.0)
                    self.arrived.clear()
            except Exception as error:
                self._trouble(error)

    def _send(self) -> None:
        while not self.ending.is_set():
            try:
                asyncio.run(self._send_all())
            except Exception as error:
                self._trouble(error)

    async def _send_all(self) -> None:
        """Send what is due over one connection, which goes when nothing was due for a while."""
        from mail.delivery import Delivery

        delivery: Any = None
        idle_since = time.monotonic()
        try:
            while not self.ending.is_set():
                letters = outbox.claim(self.desk, self.mailbox_id, self.worker.holder)
                if letters and delivery is None:
                    delivery = Delivery(smtp_account(self.config))
                for i, letter in enumerate(letters):
                    if self.ending.is_set():
                        outbox.release(self.desk, letters[i:])
                        break
                    await outbox.hand_over(self.desk, delivery, letter)
                    idle_since = time.monotonic()
                if not letters:
                    if delivery is not None and time.monotonic() - idle_since > 30:
                        await delivery.close()
                        delivery = None
                    await asyncio.sleep(LOOK_S)
        finally:
            if delivery is not None:
                await delivery.close()

    def _health(self, state: "MailboxState") -> None:
        since = int(state.since.timestamp() * 1000)
        if not state.ok:
            with self.desk.db.write() as work:
                work.run(
                    "UPDATE mailboxes SET trouble = :t, trouble_since = COALESCE(trouble_since, :s) WHERE id = :id",
                    {"t": line(state.message, 300), "s": since, "id": self.mailbox_id},
                )
        self.worker._report(
            MailHealth(True, state.ok, line(state.message, 200), self.desk.now() if state.ok else since)
        )

    def _trouble(self, error: Exception) -> None:
        self.worker._report(MailHealth(True, False, line(f"{type(error).__name__}: {error}", 200), None))
        self.ending.wait(2.0)
