"""The program: it holds the desk and the reader, the lanes, the themes and the end; the screens do the rest."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Any, ClassVar

# A key is painted within a millisecond or two, not at the next sixtieth of a second.
os.environ.setdefault("TEXTUAL_FPS", "500")

from textual.binding import BindingType
from textual.filter import Monochrome, NoColor
from textual.screen import Screen

from domain.people import Actor
from tui import signals, thrift
from tui.lane import Failed, Finished, Lane
from tui.theme import THEMES, derived, suited
from tui.typeahead import OneByOne

if TYPE_CHECKING:
    from loop.desk import Desk


class Retorno(OneByOne):
    """See the module."""

    TITLE = "Retorno"
    ENABLE_COMMAND_PALETTE = False
    CSS_PATH = "screens/queue.tcss"
    """The default screen's; Textual does not load that of a screen that is not pushed."""
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(
        self, desk: Desk, actor: Actor, *, theme: str = "", background: bool = True, welcome: str = ""
    ) -> None:
        """`background`: whether the mail worker runs in here when the database is embedded; `welcome`: said at first."""
        super().__init__()
        thrift.install()
        self.desk = desk
        self.actor = actor
        self.reads = Lane("reads", self.post_message)
        self.writes = Lane("writes", self.post_message)
        self.figures = Lane("figures", self.post_message)
        """Counts and metrics: at a million tickets they take a second, which nobody who opens a ticket should wait for."""
        self.worker: Any = None
        self.background = background
        self.welcome = welcome
        self.animation_level = "none"
        for ours in THEMES:
            self.register_theme(ours)
        # Textual chose its filter by the theme it began with, which showed greys where no colour is wanted.
        self._filters = [NoColor() if isinstance(f, Monochrome) else f for f in self._filters]
        chosen = theme if theme in self.available_themes else ""
        self.theme_is_given = bool(chosen) or self.no_color
        """Whether the colours were asked for at the start, which goes before those that somebody chose for themselves."""
        self.theme = chosen or suited(self.no_color, self.console.color_system)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return derived(self.current_theme)

    def get_default_screen(self) -> Screen[Any]:
        from tui.screens.queue import QueueScreen

        return QueueScreen()

    @property
    def under_way(self) -> bool:
        return not (self.reads.settle(0) and self.writes.settle(0))

    @property
    def undo_seconds(self) -> int:
        """How long a message waits for second thoughts (M4)."""
        return self.desk.facts().undo_ms // 1000

    def serve_mail(self) -> None:
        """Mailboxes were set up or changed: the worker in here serves what is there now."""
        anew = getattr(self.screen_stack[0], "work_anew", None)
        if anew is not None:
            threading.Thread(target=anew, name="retorno-mailboxes", daemon=True).start()

    def on_mount(self) -> None:
        signals.on_end(self.leave)

    def leave(self, code: int = 0) -> None:
        """Save what is being written, and end."""
        keeper = getattr(self.screen_stack[0], "keeper", None) if self.screen_stack else None
        if keeper is not None:
            keeper.flush()
        self.exit(code, return_code=code)

    def on_finished(self, event: Finished) -> None:
        if self.is_running:  # a program that ends takes its screens apart, and shows nothing any more
            event.then(event.result)

    def on_failed(self, event: Failed) -> None:
        if not self.is_running:
            return
        self.log.error(event.error)
        # The screen on top says it, if it can; else the main one below.
        for screen in reversed(self.screen_stack):
            if say := getattr(screen, "say_trouble", None):
                say(event.error)
                return


def run(
    desk: Desk, actor: Actor, *, theme: str = "", mouse: bool = False, background: bool = True, welcome: str = ""
) -> int:
    """Show the screen until the person leaves; the exit code (128 + n after a signal).

    Raises nothing that came from the desk.
    """
    # A key waits at most so long for the interpreter while a lane works; the default is 5 ms.
    sys.setswitchinterval(0.0005)
    app = Retorno(desk, actor, theme=theme, background=background, welcome=welcome)
    try:
        app.run(mouse=mouse)
    finally:
        app.writes.settle(2.0)
        if app.worker is not None:
            app.worker.stop(0.3)
    return app.return_code or 0
