"""One key after the other: what is typed ahead reaches the place that the key before it opens.

Textual hands each key at once to whatever has the focus at that moment. On a slow link keys arrive
in bursts: `:close` in one packet would be `:` and then c, l, o, s, e as keys of the list, one of which
starts a ticket; what is pasted behind `r` would be lost. So a key, or a paste, is let in only when the one
before it has been acted on, and after a key that opens something, only when that has the focus, was refused,
or a moment has passed in which nothing was read or written.
"""

import asyncio
import time
from collections import deque
from typing import Any

from textual import events
from textual.app import App
from textual.message import Message
from textual.screen import Screen

OPENS = frozenset(
    {
        "command",
        "filter",
        "palette",
        "help",
        "reply",
        "note",
        "move",
        "assign",
        "close",
        "priority",
        "flow",
        "tags",
        "due",
        "subject",
        "describe",
        "customer",
        "merge_customer",
        "split_customer",
        "transfer",
        "merge",
        "accept",
        "why",
        "raw",
        "new",
        "files",
        "columns",
        "settings",
        "notices",
    }
)
"""Actions after which the keyboard belongs to something else."""
MOVES = frozenset({"j", "k", "up", "down"})
"""Keys that open nothing, wherever they act: nobody behind them has to wait."""
OPENING_LOOKS = 100
"""So often it is looked, with nothing under way, whether something has opened; then keys wait no longer. Looks and not
seconds: those pass too while the program imports, or waits for its turn on a busy machine."""
OPENING_S = 10.0
"""The longest that keys wait for what is being read or written, from a database that is slow or far away."""
LOST_S = 0.15
"""How often it is looked whether the widget that a key waits for has gone with it."""
_LOST_LOOKS = 40
"""So often a widget that is still there is waited for: it may be held up."""
CLOSED_LOOKS = 3
"""So often it is looked after a panel has closed, so that whoever asked with it has begun to do what was answered."""
_LOOK_S = 0.01


class OneByOne(App[int]):
    """An app that lets keys in one by one."""

    class Acted(Message):
        """A key has been through its widget and its bindings, and `way` is still to be gone for what those sent up it."""

        bubble = False

        def __init__(self, turn: int, way: tuple[Any, ...] = ()) -> None:
            super().__init__()
            self.turn, self.way = turn, way

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._ahead: deque[events.Key | events.Paste] = deque()
        self._turn = 0
        self._busy = False
        self._at: Any = None
        self._over: Screen[Any] | None = None
        """The screen that the key was for."""
        self._closed_looks = 0
        self._looks = 0
        self._opening_since = 0.0
        self._opening_from: object = None

    def opening(self, *, told: bool = False) -> None:
        """Something is about to open that the next keys belong to: it will have the focus, or `opened` will be called.

        `told`: only `opened` says so, since the focus goes there first, to a list that is still being read.
        """
        self._looks = OPENING_LOOKS
        self._opening_since = time.monotonic()
        self._opening_from = None if told else (self.screen, self.focused)

    def opened(self) -> None:
        """It has opened, or will not: keys go where the focus is."""
        self._looks = 0

    @property
    def under_way(self) -> bool:
        """Whether something is being read or written, after which something may open."""
        return False

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded and (keys := _parted(event)):
            for key in keys:
                await self.on_event(key)
        elif not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self._busy:
            self._ahead.append(event)
        elif isinstance(event, events.Key) and event.key in MOVES:
            await super().on_event(event)
        else:
            await self._let_in(event)

    async def _let_in(self, event: events.Key | events.Paste) -> None:
        self._busy = True
        if not self.under_way:
            self._looks = 0  # whatever a click was to open has opened, or never did
        self._turn += 1
        self._over, self._closed_looks = self.screen, CLOSED_LOOKS
        turn, target = self._turn, self.focused or self.screen
        way = tuple(node for node in target.ancestors_with_self if node is not self)
        await super().on_event(event)
        self._follow(list(way), turn, way)
        asyncio.get_running_loop().call_later(LOST_S, self._seek, turn, _LOST_LOOKS)

    def _follow(self, ahead: list[Any], turn: int, way: tuple[Any, ...] = ()) -> None:
        """Go behind the key, queue by queue, as it bubbles up to the app, where the bindings of what nobody took are run.

        Those may send a message up the same way (a line was opened), so it is gone twice.
        """
        while ahead:
            self._at = ahead.pop(0)
            if self._at.call_later(self._follow, ahead, turn, way):
                return
        self._through(turn, way)

    def _seek(self, turn: int, looks: int) -> None:
        """Go on where the widget that was waited for is no longer there."""
        if not self._busy or turn != self._turn or self._at is None:
            return
        if looks and self._at.is_running and self._at.is_attached:
            asyncio.get_running_loop().call_later(LOST_S, self._seek, turn, looks - 1)
        else:
            self._through(turn)

    def _through(self, turn: int, way: tuple[Any, ...] = ()) -> None:
        if self._busy and turn == self._turn:
            self.post_message(self.Acted(turn, way))

    async def on_one_by_one_acted(self, event: Acted) -> None:
        if not self._busy or event.turn != self._turn or not self._screen_stack:
            return  # the last one: the program ends while a key is on its way
        if event.way:
            self._follow(list(event.way), event.turn)
            return
        self._at = None
        if self._is_opening() or self._has_closed():
            asyncio.get_running_loop().call_later(_LOOK_S, self._through, event.turn)
            return
        self._looks = 0
        self._busy = False
        if self._ahead:
            await self._let_in(self._ahead.popleft())

    def _has_closed(self) -> bool:
        """Whether a panel has just closed."""
        if self._over is None or self._over in self.screen_stack:
            return False
        self._closed_looks -= 1
        return self._closed_looks >= 0

    def _is_opening(self) -> bool:
        """Whether something may still open."""
        before = self._opening_from
        there = before is not None and self.focused is not None and (self.screen, self.focused) != before
        if there or not self._looks:
            return False
        if not self.under_way or time.monotonic() > self._opening_since + OPENING_S:
            self._looks -= 1
        return True


def _parted(event: events.Key) -> tuple[events.Key, ...]:
    """Esc and the letter behind it, where they came in one packet and were read as Alt and the letter.

    Nothing is bound to those. A terminal that tells the two apart gives Alt no character.
    """
    letter = event.character
    if not event.key.startswith("alt+") or not letter or not letter.isprintable():
        return ()
    keys = events.Key("escape", "\x1b"), events.Key(letter, letter)
    for key in keys:
        key.time = event.time
    return keys
