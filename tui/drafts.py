"""Saving a draft as it is written (M4): soon after the last key, and often enough while one goes on."""

import time
from collections.abc import Callable

from textual.timer import Timer
from textual.widget import Widget

from loop.views import Draft
from tui.lane import Lane

QUIET_S = 0.3
"""After the last key."""
LONGEST_S = 0.8
"""Between what was typed and its saving, while one goes on typing: a killed terminal loses less than a second."""


class DraftKeeper:
    """Holds the newest unsaved draft and saves it in order, in the lane of the writers."""

    def __init__(self, owner: Widget, lane: Lane, save: Callable[[Draft], int], saved: Callable[[int], None]) -> None:
        self._owner, self._lane, self._save, self._saved = owner, lane, save, saved
        self._waiting: Draft | None = None
        self._since = 0.0
        self._timer: Timer | None = None

    def changed(self, draft: Draft) -> None:
        """Something was written."""
        now = time.monotonic()
        if self._waiting is not None and self._waiting.ticket != draft.ticket:
            self.flush()
        if self._waiting is None:
            self._since = now
        self._waiting = draft
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._owner.set_timer(max(0.0, min(QUIET_S, self._since + LONGEST_S - now)), self.flush)

    def flush(self) -> None:
        """Save what is waiting, now."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        draft, self._waiting = self._waiting, None
        if draft is not None:
            self._lane.submit(lambda: self._save(draft), self._saved)

    def forget(self) -> None:
        """What is waiting is not to be saved: it was sent."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._waiting = None
