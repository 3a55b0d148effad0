"""Noticing what others did: one daemon thread that turns the watcher's changes into one replaceable message."""

import threading
from collections.abc import Callable
from typing import Any, Protocol

from textual.message import Message

from domain.people import Actor
from loop.views import Change


class Waits(Protocol):
    """What `loop.changes.Watcher` does."""

    def wait(self, timeout_s: float) -> Change | None:
        """The next change, or None after so many seconds."""


class TicketsChanged(Message):
    """Something happened to tickets; `Refresher.take` says to which. A newer one replaces it."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, TicketsChanged)


class Reshaped(Message):
    """People, teams or flows were changed; `actor` is the reader as they are now, None who may not come in any more."""

    def __init__(self, actor: Actor | None) -> None:
        super().__init__()
        self.actor = actor


class Refresher:
    """The watching thread. Numbers gather until the app takes them, so that a replaced message loses none."""

    def __init__(self, watch: Callable[[], Waits], post: Callable[[Message], Any]) -> None:
        self._watch, self._post = watch, post
        self._lock = threading.Lock()
        self._numbers: dict[int, None] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="retorno-watch", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End at the next chance; nobody waits for it."""
        self._stop.set()

    def take(self) -> tuple[int, ...]:
        """The tickets that something happened to since the last call."""
        with self._lock:
            numbers, self._numbers = tuple(self._numbers), {}
        return numbers

    def saw(self, change: Change) -> None:
        """Take a change in; tests call it too."""
        if change.gone or change.actor is not None:
            self._post(Reshaped(change.actor))
        if not change.tickets:
            return
        with self._lock:
            self._numbers.update(dict.fromkeys(change.tickets))
        self._post(TicketsChanged())

    def _run(self) -> None:
        watcher: Waits | None = None
        while not self._stop.is_set():
            try:
                watcher = watcher or self._watch()
                change = watcher.wait(1.0)
            except Exception:
                # The database is away; the screen says so with its own reads. Look again a little later.
                watcher = None
                self._stop.wait(2.0)
                continue
            if change is not None:
                self.saw(change)
