"""Where one goes from the main screen: settings and notifications; and how much waits in the latter (N2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.screens.queue import QueueScreen


class Places:
    """Other screens, and what is told of them here."""

    def do_settings(self: QueueScreen, argument: str = "") -> None:
        """Shape flows, people and the rest; what was changed there shows here at once."""
        from tui.screens.settings.screen import SettingsScreen

        def back(_result: object) -> None:
            self.reload(self.list.number)
            self.recount_notices()

        self.app.push_screen(SettingsScreen(), back)

    def do_notices(self: QueueScreen, argument: str = "") -> None:
        """What one should know; choosing one opens its ticket."""
        from tui.screens.notices import NoticesScreen

        async def back(number: int | None) -> None:
            self.recount_notices()
            if number is not None:
                await self.do_open(str(number))

        self.app.push_screen(NoticesScreen(), back)

    def recount_notices(self: QueueScreen) -> None:
        """Count what is unread, for the top line (N2)."""
        desk, actor = self.app.desk, self.app.actor

        def read() -> int:
            try:
                from loop import notifications
            except ImportError:
                return 0
            return notifications.unread(desk, actor=actor)

        self.app.figures.submit(read, lambda n: self.top.update(notices=n), key="notices")
