"""One key after the other: what is typed ahead reaches the place that the key before it opens.

Textual hands each key at once to whatever has the focus at that moment. On a slow link keys arrive
in bursts: `:close` in one packet would be `:` and then c, l, o, s, e as keys of the list, one of which
starts a ticket. So a key is let in only when the one before it has been acted on, and after a key that
opens something, only when that has the focus, was refused, or a moment has passed.
"""

import asyncio
import time
from collections import deque
from typing import Any

from textual import events
from textual.app import App
from textual.message import Message

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
        "transfer",
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
OPENING_S = 1.0
"""The longest that keys wait for something to open: reading from a distant database, making a screen."""
LOST_S = 0.15
"""The longest that a key is waited for; its widget may have gone with it."""
_LOOK_S = 0.01


class OneByOne(App[int]):
    """An app that lets keys in one by one."""

    class Acted(Message):
        """A key has been through its widget and its bindings."""

        bubble = False

        def __init__(self, turn: int) -> None:
            super().__init__()
            self.turn = turn

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._ahead: deque[events.Key] = deque()
        self._turn = 0
        self._busy = False
        self._opening_until = 0.0
        self._opening_from: object = None

    def opening(self) -> None:
        """Something is about to open that the next keys belong to."""
        self._opening_until = time.monotonic() + OPENING_S
        self._opening_from = (self.screen, self.focused)

    def opened(self) -> None:
        """It has opened, or will not: keys go where the focus is."""
        self._opening_until = 0.0

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
        elif self._busy:
            self._ahead.append(event)
        elif event.key in MOVES:
            await super().on_event(event)
        else:
            await self._let_in(event)

    async def _let_in(self, event: events.Key) -> None:
        self._busy = True
        self._turn += 1
        turn, target = self._turn, self.focused or self.screen
        await super().on_event(event)
        self._follow([node for node in target.ancestors_with_self if node is not self], turn)
        asyncio.get_running_loop().call_later(LOST_S, self._through, turn)

    def _follow(self, way: list[Any], turn: int) -> None:
        """Go behind the key, queue by queue, as it bubbles up to the app, where the bindings of what nobody took are run."""
        while way:
            node = way.pop(0)
            if node.call_later(self._follow, way, turn):
                return
        self._through(turn)

    def _through(self, turn: int) -> None:
        if self._busy and turn == self._turn:
            self.post_message(self.Acted(turn))

    async def on_one_by_one_acted(self, event: Acted) -> None:
        if not self._busy or event.turn != self._turn or not self._screen_stack:
            return  # the last one: the program ends while a key is on its way
        still = self.focused is None or (self.screen, self.focused) == self._opening_from
        if still and time.monotonic() < self._opening_until:
            asyncio.get_running_loop().call_later(_LOOK_S, self._through, event.turn)
            return
        self._opening_until = 0.0
        self._busy = False
        if self._ahead:
            await self._let_in(self._ahead.popleft())
