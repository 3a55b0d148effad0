"""Keeping an eye on one mailbox until told to stop (M6): poll, wait, come back after trouble.

The daily work is `mailbox.Mailbox`'s; its names can be imported from here too.
"""

import contextlib
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from domain.text import _, line
from mail.accounts import ImapAccount
from mail.mailbox import Cursor, DeliverMany, Fetched, Mailbox, MailboxError

__all__ = [
    "Cursor",
    "DeliverMany",
    "Fetched",
    "Mailbox",
    "MailboxError",
    "MailboxState",
    "append_sent",
    "poll_once",
    "run",
]

_TICK = 0.5  # seconds between two looks at the stop event
_IDLE_SECONDS = (300.0, 540.0)  # servers hang up at 30 minutes, routers far earlier
_PAUSES = (0.5, 2.0, 5.0, 15.0, 60.0, 300.0)  # seconds after the first, second … failure in a row
_STILL = 60.0  # seconds at least until it is told again that all is well
_LOGIN_PAUSE = 60.0  # seconds at least after a refused login: accounts get locked


@dataclass(frozen=True)
class MailboxState:
    """How a mailbox is doing, for people to see."""

    ok: bool
    message: str
    """One sentence; never holds the password."""
    since: datetime
    """UTC: from when on it has been ok, or in trouble."""
    next_try: datetime | None
    """UTC; None when ok or stopped."""


def poll_once(source: ImapAccount | Mailbox, cursor: Cursor | None, deliver_many: DeliverMany) -> Cursor | None:
    """One poll of an account, on a connection of its own, or of a connected mailbox. Raises MailboxError."""
    if isinstance(source, Mailbox):
        return source.poll(cursor, deliver_many)
    with Mailbox(source) as mailbox:
        return mailbox.poll(cursor, deliver_many)


def append_sent(account: ImapAccount, folder: str | None, raw: bytes) -> None:
    """Put a read copy of `raw` into `folder` (None: the server's folder for sent mail) (M4). Raises MailboxError."""
    with Mailbox(account) as mailbox:
        mailbox.append(folder, raw)


def run(
    account: ImapAccount | Callable[[], ImapAccount],
    load_cursor: Callable[[], Cursor | None],
    deliver_many: DeliverMany,
    stop: threading.Event,
    wake: threading.Event | None = None,
    report: Callable[[MailboxState], None] | None = None,
    full_poll_seconds: float = 180.0,
    poll_seconds: float = 10.0,
) -> None:
    """Poll until `stop` is set, whatever happens; returns within about a second of it, but for a stuck server.

    Waits with IDLE where the server has it and polls all the same every `full_poll_seconds`, else polls every
    `poll_seconds`. `wake` asks for a poll now and is cleared. `load_cursor` is asked at each connection, and so
    is `account` if it is a function: passwords and tokens change. Any exception of the callbacks is trouble like
    the server's: reported, and tried again after a growing pause.
    """
    say = _Reporter(report)
    failures = 0
    mailbox: Mailbox | None = None
    while not stop.is_set():
        try:
            current = account() if callable(account) else account
            if mailbox is None or mailbox.account != current:
                mailbox = Mailbox(current)
            mailbox.connect()
            cursor = load_cursor()
            while not stop.is_set():
                if wake is not None:
                    wake.clear()
                cursor = mailbox.poll(cursor, deliver_many, stop)
                say.ok(_("{user} on {host} is up to date").format(user=current.user, host=current.host))
                if "IDLE" in mailbox.capabilities:
                    mailbox.idle(min(random.uniform(*_IDLE_SECONDS), full_poll_seconds), stop, wake)  # noqa: S311
                else:
                    _pause(min(poll_seconds, full_poll_seconds), stop, wake)
                failures = 0  # not before: a server that hangs up on every IDLE must not be hammered
        except Exception as error:
            pause = _PAUSES[min(failures, len(_PAUSES) - 1)]
            failures += 1
            if isinstance(error, MailboxError):
                pause = max(pause, _LOGIN_PAUSE) if error.login else pause
                words = str(error)
            else:
                words = _("mail could not be fetched or stored: {words}").format(
                    words=line(f"{type(error).__name__}: {error}", 300)
                )
            pause *= random.uniform(0.75, 1.25)  # noqa: S311 - so that many mailboxes do not come back at once
            say.trouble(words, pause)
            if mailbox is not None:
                mailbox.close()
            _pause(pause, stop, wake)
            if wake is not None:
                wake.clear()
    if mailbox is not None:
        mailbox.close()


class _Reporter:
    """Passes states on: each trouble, the first time that all is well after it, and that it still is now and then."""

    def __init__(self, report: Callable[[MailboxState], None] | None) -> None:
        self._report = report or (lambda _state: None)
        self._last: MailboxState | None = None
        self._passed = 0.0

    def ok(self, message: str) -> None:
        last = self._last if self._last is not None and self._last.ok else None
        if last is None or time.monotonic() - self._passed >= _STILL:
            self._pass(MailboxState(True, message, last.since if last else datetime.now(UTC), None))

    def trouble(self, message: str, pause: float) -> None:
        now = datetime.now(UTC)
        since = self._last.since if self._last is not None and not self._last.ok else now
        self._pass(MailboxState(False, message, since, now + timedelta(seconds=pause)))

    def _pass(self, state: MailboxState) -> None:
        self._last, self._passed = state, time.monotonic()
        with contextlib.suppress(Exception):  # who looks on must not stop the mail
            self._report(state)


def _pause(seconds: float, stop: threading.Event, wake: threading.Event | None) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and not stop.is_set() and not (wake is not None and wake.is_set()):
        stop.wait(min(_TICK, left))
