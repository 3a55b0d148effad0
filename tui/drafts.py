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
_LEAST_S = 0.01
"""A timer of Textual with a delay that has passed when it starts never fires."""
AGAIN_S = 3.0
"""After a saving that failed."""


class DraftKeeper:
    """Holds the newest unsaved draft and saves it in order, in the lane of the writers."""

    def __init__(
        self,
        owner: Widget,
        lane: Lane,
        save: Callable[[Draft], int],
        saved: Callable[[int], None],
        failed: Callable[[str], None],
    ) -> None:
        """`save` is called in the lane and gives the time; `saved` and `failed` are called in the app."""
        self._owner, self._lane, self._save, self._saved, self._failed = owner, lane, save, saved, failed
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
        wait = min(QUIET_S, self._since + LONGEST_S - now)
        if wait <= _LEAST_S:
            self.flush()
        else:
            self._timer = self._owner.set_timer(wait, self.flush)

    def flush(self) -> None:
        """Save what is waiting, now."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        draft, self._waiting = self._waiting, None
        if draft is not None:
            self._lane.submit(lambda: self._try(draft), lambda at: self._came(draft, at))

    def _try(self, draft: Draft) -> int | str:
        try:
            return self._save(draft)
        except Exception as error:
            return str(error) or type(error).__name__

    def _came(self, draft: Draft, at: int | str) -> None:
        if isinstance(at, int):
            self._saved(at)
            return
        self._failed(at)
        if self._waiting is None:  # nothing newer is on its way: try this one again
            self._waiting, self._since = draft, time.monotonic()
            self._timer = self._owner.set_timer(AGAIN_S, self.flush)

    def forget(self) -> None:
        """What is waiting is not to be saved: it was sent."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._waiting = None
