"""Work that must not hold up a key: one daemon thread a lane, in order, answers by message.

A lane never touches a widget. A thread asleep in it does not delay the program's end.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from textual.message import Message

Then = Callable[[Any], None]
REACH_S = 5.0
"""The longest that one lane waits for what was asked of another before."""


class Finished(Message):
    """A piece of work is done; the app calls `then` with what came of it."""

    def __init__(self, then: Then, result: Any) -> None:
        self.then, self.result = then, result
        super().__init__()


class Failed(Message):
    """A piece of work broke."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        super().__init__()


class Lane:
    """An ordered queue of calls, run one after the other in a thread of its own."""

    def __init__(self, name: str, post: Callable[[Message], Any]) -> None:
        self._post = post
        self._jobs: deque[tuple[str, Callable[[], Any], Then | None]] = deque()
        self._changed = threading.Condition()
        self._busy = False
        self.asked = 0
        """How many pieces of work were ever submitted; one that took the place of another is none more."""
        self.done = 0
        """How many of them have been run."""
        self._thread = threading.Thread(target=self._run, name=f"retorno-{name}", daemon=True)

    def submit(self, work: Callable[[], Any], then: Then | None = None, *, key: str = "") -> None:
        """Run `work` in the lane and `then(result)` in the app. A waiting job of the same key is replaced in its place."""
        with self._changed:
            job = (key, work, then)
            for i, (other, _work, _then) in enumerate(self._jobs):
                if key and other == key:
                    self._jobs[i] = job
                    break
            else:
                self._jobs.append(job)
                self.asked += 1
            if not self._thread.is_alive():
                self._thread.start()
            self._changed.notify_all()

    def settle(self, timeout_s: float) -> bool:
        """Wait until nothing is left to do; False when that took longer than `timeout_s`."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._jobs and not self._busy, timeout_s)

    def reach(self, count: int, timeout_s: float = REACH_S) -> bool:
        """Wait until so many pieces have been run; False when that took longer than `timeout_s`."""
        with self._changed:
            return self._changed.wait_for(lambda: self.done >= count, timeout_s)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._jobs))
                _key, work, then = self._jobs.popleft()
                self._busy = True
            message: Message | None = None
            try:
                result = work()
            except Exception as error:
                message = Failed(error)
            else:
                if then is not None:
                    message = Finished(then, result)
            with self._changed:
                # Before anybody hears of it: who reads because of it is told of this piece too.
                self.done += 1
                self._changed.notify_all()
            if message is not None:
                self._post(message)
            with self._changed:
                self._busy = False
                self._changed.notify_all()
