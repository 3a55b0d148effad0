"""The autopilot's part of the background: e-mails that are due, the clock, and imports that were cut off (A5, A6, I8).

Each in a thread of its own, so that a long one holds no other up, with or without a mailbox. E-mails need no lease, as a
transaction claims each: whoever has a mailbox writes them. The clock has one, so that not all look at once.
"""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from domain.text import _, line
from storage import leases

if TYPE_CHECKING:
    from loop.desk import Desk

LOOK_S = 1.0
"""Seconds between two looks for e-mails that are due: an import or a webhook leaves them."""
CLOCK_S = 60.0
"""Seconds between two looks of the clock, and for imports that were cut off."""
SETTLE_S = 5.0
"""Seconds before the first look of the clock: a screen that opens has better things to do."""
TROUBLE_S = 10.0
"""Seconds after trouble."""
LEASE = "autopilot"


class RuleWorker:
    """Run by the threads that `parts` names. `say(part, words)` is told of trouble, and with '' of its end."""

    def __init__(
        self,
        desk: "Desk",
        holder: str,
        stopping: threading.Event,
        say: Callable[[str, str], None],
        is_dead: Callable[[str], bool],
    ) -> None:
        self._desk, self._holder, self._stopping = desk, holder, stopping
        self._say, self._is_dead = say, is_dead

    @property
    def parts(self) -> dict[str, Callable[[], None]]:
        """What is to be run, by the names of the threads."""
        mails = {"rule mails": self._mails} if self._desk.config.mailboxes else {}
        return mails | {"rule clock": self._clock, "imports": self._imports}

    def _mails(self) -> None:
        from loop.rule_mail import write_due

        config = self._desk.config.mailboxes[0]
        self._again("rule mails", LOOK_S, LOOK_S, lambda: write_due(self._desk, config) > 0)

    def _clock(self) -> None:
        """Under the lease, which outlasts a pause; not taken where no rule is one of time."""
        from loop.rule_clock import Clock, waits

        clock, ours = Clock(self._desk), False

        def look() -> bool:
            nonlocal ours
            if not waits(self._desk.db.rows):
                return False
            ours = leases.take(self._desk.db, LEASE, self._holder, 2 * CLOCK_S)
            if ours:
                clock.tick(stop=self._stopping.is_set)
            elif self._desk.db.dialect == "sqlite" and self._is_dead(other := leases.holder(self._desk.db, LEASE)):
                leases.release(self._desk.db, LEASE, other)
                return True
            return False

        self._again("rule clock", SETTLE_S, CLOCK_S, look)
        if ours:
            self._try("rule clock", lambda: leases.release(self._desk.db, LEASE, self._holder))

    def _imports(self) -> None:
        def look() -> bool:
            from loop import importing

            importing.resume(self._desk)
            return False

        self._again("imports", SETTLE_S, CLOCK_S, look)

    def _again(self, part: str, first: float, pause: float, look: Callable[[], bool]) -> None:
        """Look until told to stop; at once again where a look says that there is more."""
        wait = first
        while not self._stopping.wait(wait):
            more = self._try(part, look)
            wait = TROUBLE_S if more is None else 0.0 if more else pause

    def _try(self, part: str, act: Callable[[], bool | None]) -> bool | None:
        """What it gives; None for trouble, which is told."""
        try:
            done = bool(act())
        except Exception as error:
            words = line(f"{type(error).__name__}: {error}", 160)
            self._say(part, _("the autopilot fails: {words}").format(words=words))
            return None
        self._say(part, "")
        return done
