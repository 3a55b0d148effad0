"""The background of the loop: one poller a mailbox, the receiver, the sender (M6), reminders of due dates (N2), and what
the autopilot does unasked (A6).

In the screen on the embedded default they are daemon threads; `retorno worker` runs them alone. A
lease in the database lets one of all workers serve a mailbox; the others wait for it.
"""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from domain.text import _, line
from loop import mailbox_states, notifications, receiving
from loop.copies import Copier
from loop.desk import Desk
from loop.health import Health
from loop.mailboxes import ensure, imap_account
from loop.moves import Mover
from loop.rule_worker import RuleWorker
from loop.sending import Sender
from loop.views import MailHealth
from storage import leases

if TYPE_CHECKING:
    from loop.config import MailboxConfig
    from mail.mailbox import Cursor, Fetched
    from mail.poller import MailboxState

LEASE_S = 30.0
"""A worker that dies is replaced after at most so many seconds."""
REMIND_S = 180.0
"""Seconds between two looks for what is due soon or overdue."""
RECEIVE_PAUSE_S = 2.0
"""Seconds until reading is tried again after trouble that is no mail's."""
SETTLE_S = 5.0
"""Seconds before the first look: a screen that opens has better things to do."""


class Worker:
    """Serves all configured mailboxes until told to stop."""

    def __init__(self, desk: Desk, report: Callable[[MailHealth], None] | None = None) -> None:
        self.desk = desk
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{id(self):x}"
        self.stopping = threading.Event()
        self._report = report
        self.health = Health(report)
        self._threads: list[threading.Thread] = []
        self._troubled: set[str] = set()
        """Parts of the autopilot that fail."""

    def start(self) -> None:
        """Start the threads; daemons, so that they never hold up an exit."""
        mailboxes = self.desk.config.mailboxes
        if not mailboxes and self._report:
            self._report(MailHealth(False, True, _("no mailbox"), None))
        for config in mailboxes:
            thread = threading.Thread(target=self._serve, args=(config,), name=f"mail {config.address}", daemon=True)
            self._threads.append(thread)
            thread.start()
        rules = RuleWorker(self.desk, self.holder, self.stopping, self._of_rules, is_dead)
        for name, run in {"reminders": self._remind, **rules.parts}.items():
            thread = threading.Thread(target=run, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Ask all to stop and wait so many seconds for the mail in hand."""
        self.stopping.set()
        end = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _serve(self, config: "MailboxConfig") -> None:
        """Hold the lease of one mailbox and serve it; wait while somebody else does; never give up."""
        lease = f"mailbox {config.address}"
        while not self.stopping.is_set():
            try:
                mailbox_id = ensure(self.desk, config)
                if leases.take(self.desk.db, lease, self.holder, LEASE_S):
                    self.health.forget(config.address)
                    try:
                        _Post(self, config, mailbox_id, lease).serve()
                    finally:
                        leases.release(self.desk.db, lease, self.holder)
                elif self.desk.db.dialect == "sqlite" and is_dead(previous := leases.holder(self.desk.db, lease)):
                    leases.release(self.desk.db, lease, previous)
                else:
                    self.health.forget(config.address)
                    self.health.say(config.address, "lease", True, _("mail is served by another worker"))
                    self.stopping.wait(LEASE_S / 6)
            except Exception as error:
                self.health.say(config.address, "lease", False, line(f"{type(error).__name__}: {error}", 200))
                self.stopping.wait(5.0)

    def _remind(self) -> None:
        """Tell people what is due, now and then; the one of all workers that holds the lease, which outlasts a pause."""
        lease, pause, ours = "reminders", SETTLE_S, False
        while not self.stopping.wait(pause):
            pause = REMIND_S
            self._look_for_orphans()
            try:
                if ours := leases.take(self.desk.db, lease, self.holder, 2 * REMIND_S):
                    notifications.remind(self.desk)
                    self.health.well("Retorno", lease)
                elif self.desk.db.dialect == "sqlite" and is_dead(previous := leases.holder(self.desk.db, lease)):
                    leases.release(self.desk.db, lease, previous)
                    pause = SETTLE_S
            except Exception as error:
                if self.desk.config.mailboxes:  # without one, nobody is told of the worker
                    words = line(f"{type(error).__name__}: {error}", 160)
                    self.health.say("Retorno", lease, False, _("reminders fail: {words}").format(words=words))
        if ours:
            with contextlib.suppress(Exception):  # the database may be away; the lease ends by itself
                leases.release(self.desk.db, lease, self.holder)

    def _of_rules(self, part: str, words: str) -> None:
        """What the autopilot's part says; that it is well is only news after trouble."""
        if words:
            self._troubled.add(part)
            self.health.say("Retorno", part, False, words, since=self.desk.now())
        elif part in self._troubled:
            self._troubled.discard(part)
            self.health.well("Retorno", part)
            if not self.desk.config.mailboxes and self._report:
                self._report(MailHealth(False, True, _("no mailbox"), None))

    def _look_for_orphans(self) -> None:
        """Messages that wait where nobody sends them are told of; a machine without a mailbox tells nobody of the worker."""
        if not self.desk.config.mailboxes:
            return
        with contextlib.suppress(Exception):
            found = mailbox_states.orphans(self.desk)
            if not found:
                self.health.well("Retorno", mailbox_states.ORPHANED)
            for address, n in found.items():
                said = f"{address}: {mailbox_states.orphans_said(n)}"
                self.health.say("Retorno", mailbox_states.ORPHANED, False, said, since=self.desk.now())


def is_dead(holder: str) -> bool:
    """Whether a holder was a process of this machine that is no more: then nobody need wait for its lease to end.

    For SQLite only, whose workers all run on one machine; on others two hosts may well have one name.
    """
    host, _colon, rest = holder.partition(":")
    pid = rest.partition(":")[0]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass  # it lives and is somebody else's
    return False


class _Post:
    """One mailbox while we hold its lease."""

    def __init__(self, worker: Worker, config: "MailboxConfig", mailbox_id: int, lease: str) -> None:
        self.worker, self.desk, self.config = worker, worker.desk, config
        self.mailbox_id, self.lease = mailbox_id, lease
        self.ending = threading.Event()
        self.arrived = threading.Event()
        self.troubled: set[str] = set()
        self._moving = bool(config.processed_folder or config.failed_folder)

    def serve(self) -> None:
        """Poll, receive and send, each in a thread of its own, until told to stop or the lease is lost."""
        mailbox_states.forget(self.desk, self.mailbox_id)
        sender = Sender(self.desk, self.config, self.mailbox_id, self.worker.holder, self.ending, self._said("send"))
        copier = Copier(self.desk, self.config, self.mailbox_id, self.ending, self._said("copies"))
        mover = Mover(self.desk, self.config, self.mailbox_id, self.ending, self._said("moves"))
        parts = {"poll": self._poll, "receive": self._receive, "send": sender.run}
        if self.config.sent_folder:
            parts["copies"] = copier.run
        else:
            copier.look()  # what was owed before is wanted no more
        if self._moving:
            parts["moves"] = mover.run
        threads = [
            threading.Thread(target=run, name=f"{name} {self.config.address}", daemon=True)
            for name, run in parts.items()
        ]
        for thread in threads:
            thread.start()
        try:
            self._hold()
        finally:
            self.ending.set()
            self.arrived.set()
            for thread in threads:
                thread.join(20.0)

    def _hold(self) -> None:
        """Renew the lease until told to stop or it is lost; a database that is away meanwhile may come back in time."""
        renewed = time.monotonic()
        while not self.worker.stopping.wait(0.2):
            if time.monotonic() - renewed < LEASE_S / 3:
                continue
            try:
                if not leases.take(self.desk.db, self.lease, self.worker.holder, LEASE_S):
                    return
                renewed = time.monotonic()
            except Exception:
                if time.monotonic() - renewed > LEASE_S:
                    raise
                self.worker.stopping.wait(1.0)

    def _said(self, part: str) -> Callable[..., None]:
        """Passes on what a part says; that it is well is only news after trouble."""
        address, health = self.config.address, self.worker.health

        def say(ok: bool, words: str, again: float | None = None) -> None:
            if ok:
                health.well(address, part)
                self._remember(part, "")
                return
            now = self.desk.now()
            next_at = None if again is None else now + int(again * 1000)
            health.say(address, part, False, words, since=now, next_at=next_at)
            self._remember(part, words, next_at)

        return say

    def _remember(self, part: str, words: str, next_at: int | None = None) -> None:
        """Let others who look at the mailbox know too; a database that is away hears of it the next time."""
        if words or part in self.troubled:
            with contextlib.suppress(Exception):
                mailbox_states.remember(self.desk, self.mailbox_id, part, words, next_at)
                (self.troubled.add if words else self.troubled.discard)(part)

    def _poll(self) -> None:
        from mail import poller

        def deliver(fetched: "list[Fetched]", reached: "Cursor") -> None:
            receiving.keep(self.desk, self.mailbox_id, fetched, reached, moving=self._moving)
            self.arrived.set()

        # It never gives up by itself; the account is asked for at each connection, since passwords change.
        poller.run(
            lambda: imap_account(self.config),
            lambda: receiving.cursor(self.desk, self.mailbox_id),
            deliver,
            self.ending,
            report=self._polled,
        )

    def _receive(self) -> None:
        """Give every kept mail its outcome; what an earlier worker left over comes first."""
        said = self._said("receive")
        while not self.ending.is_set():
            try:
                if receiving.process(self.desk) == 0:
                    self.arrived.wait(1.0)
                    self.arrived.clear()
                said(True, "")
            except Exception as error:
                said(False, line(f"{type(error).__name__}: {error}", 200), RECEIVE_PAUSE_S)
                self.ending.wait(RECEIVE_PAUSE_S)

    def _polled(self, state: "MailboxState") -> None:
        now, words = self.desk.now(), line(state.message, 200)
        since = None if state.ok else int(state.since.timestamp() * 1000)
        next_at = int(state.next_try.timestamp() * 1000) if state.next_try else None
        self.worker.health.say(
            self.config.address, "poll", state.ok, words, now if state.ok else None, since=since, next_at=next_at
        )
        self._remember("poll", "" if state.ok else words, next_at)
        if state.ok:
            with self.desk.db.write() as work:
                work.run("UPDATE mailboxes SET polled_at = :now WHERE id = :id", {"now": now, "id": self.mailbox_id})
