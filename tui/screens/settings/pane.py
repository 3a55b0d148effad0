"""What every section of the settings is: it reads, shows, and says its keys to the frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.containers import Vertical

from domain.refusals import Refusal
from domain.text import _
from tui.widgets.bar import Ground
from tui.widgets.flash import Tone

if TYPE_CHECKING:
    from textual.screen import Screen

    from tui.app import Retorno
    from tui.screens.settings.screen import SettingsScreen

Keys = tuple[tuple[str, str], ...]
"""Keys as they are shown, each with what it does in a word or two; the most needed first."""


class SectionPane(Ground, Vertical):
    """A section. Who inherits says `title`, and shows in `begin` what it reads."""

    app: Retorno
    screen: SettingsScreen
    can_focus = False
    DEFAULT_CSS = "SectionPane { width: 1fr; height: 1fr; background: $r-bg; }"

    unsaved = False
    """Whether leaving would lose something; the frame asks then."""
    count: int | None = None
    """How many there are, for the list at the left; None before it is read."""

    @property
    def title(self) -> str:
        """What the section is called."""
        from tui.screens.settings.sections import SECTIONS

        return next((s.title for s in SECTIONS if s.id == self.id), "")

    @property
    def is_read(self) -> bool:
        """Whether what it shows was read; before that its keys would find nothing to act on."""
        return True

    def begin(self) -> None:
        """Read, or read again, and show; called each time the section comes into sight."""

    def enter(self) -> None:
        """Take the focus."""
        for widget in self.query("*"):
            if widget.focusable:
                widget.focus()
                return

    def back(self) -> bool:
        """Esc: close or clear the innermost thing; whether there was one."""
        return False

    def keys(self) -> Keys:
        """For the footer."""
        return ()

    def more_keys(self) -> Keys:
        """Those that only the help lists."""
        return (("j k", _("down, up")), ("g G", _("first, last")), ("^D ^U", _("half pages")))

    def crumbs(self) -> tuple[str, ...]:
        """Where one is within the section, outermost first."""
        return ()

    def read(self, call: Callable[[], Any], then: Callable[[Any], Any]) -> None:
        """Have the lane read, and show it; a refusal or trouble is said. Nothing comes after the pane has gone."""
        self.app.reads.submit(lambda: _tried(call), lambda result: self._come(result, then))

    def write(self, call: Callable[[], Any], then: Callable[[Any], Any]) -> None:
        """Have the lane write in order; a refusal or trouble is said, and `then` called only without."""
        self.app.writes.submit(lambda: _tried(call), lambda result: self._come(result, then))

    def ask_over(self, screen: Screen[Any], then: Callable[[Any], Any]) -> None:
        """Show a panel; keys that were typed ahead wait for it, so that none of them acts on the list below."""
        self.app.opening()
        self.app.push_screen(screen, then)

    def say(self, text: str, tone: Tone = Tone.SAID) -> None:
        """Say a sentence in the last line."""
        self.screen.say(text, tone)

    def _come(self, result: Any, then: Callable[[Any], Any]) -> None:
        if not self.is_attached:
            return
        if isinstance(result, Refusal):
            self.say(str(result), Tone.REFUSED)
        elif isinstance(result, Exception):
            self.app.log.error(result)
            self.say(str(result) or type(result).__name__, Tone.TROUBLE)
        else:
            then(result)


def _tried(call: Callable[[], Any]) -> Any:
    """What the call answers, or the exception that it ended with."""
    try:
        return call()
    except Exception as error:
        return error
