"""How the mail is doing, put together from its parts for one place on the screen (M6, N2)."""

import contextlib
import threading
from collections.abc import Callable
from dataclasses import replace

from loop.views import MailHealth


class Health:
    """Collects what pollers, receivers and senders say, and passes on the whole when it changes. Thread-safe."""

    def __init__(self, report: Callable[[MailHealth], None] | None) -> None:
        self._report = report or (lambda health: None)
        self._lock = threading.Lock()
        self._parts: dict[tuple[str, str], MailHealth] = {}
        self._last: MailHealth | None = None

    def say(
        self,
        mailbox: str,
        part: str,
        ok: bool,
        words: str,
        at: int | None = None,
        *,
        since: int | None = None,
        next_at: int | None = None,
    ) -> None:
        """What one part of one mailbox says; `at` is the time of a good poll, ms. A trouble stands until the same part is well.

        `since` is from when on there has been trouble, `next_at` when the next try is.
        """
        with self._lock:
            before = self._parts.get((mailbox, part))
            if before is not None and not before.ok:
                since = before.since or since
            told = MailHealth(True, ok, words, at or (before.at if before else None))
            self._parts[mailbox, part] = told if ok else replace(told, since=since, next_at=next_at)
            self._tell()

    def well(self, mailbox: str, part: str) -> None:
        """A part works again, or still."""
        if (mailbox, part) in self._parts:
            self.say(mailbox, part, True, "")

    def forget(self, mailbox: str) -> None:
        """Another worker serves the mailbox now: what ours said of it is past."""
        with self._lock:
            for key in [key for key in self._parts if key[0] == mailbox]:
                del self._parts[key]

    def _tell(self) -> None:
        whole = self._whole()
        if whole == self._last:
            return
        self._last = whole
        with contextlib.suppress(Exception):  # who looks on must not stop the mail
            self._report(whole)

    def _whole(self) -> MailHealth:
        """The first trouble, named by its mailbox where there are several; else what was said last of a poll."""
        at = max((p.at for p in self._parts.values() if p.at), default=None)
        several = len({mailbox for mailbox, __ in self._parts}) > 1
        for (mailbox, __), part in self._parts.items():
            if not part.ok:
                return replace(part, said=f"{mailbox}: {part.said}" if several else part.said, at=at)
        said = next((p.said for p in reversed(self._parts.values()) if p.said), "")
        return MailHealth(True, True, said, at)
