"""The scrolling keys of what has a cursor: they move it, and the lines come along."""

from tui.widgets.ticket.lines import Scrolled

ALL = 1 << 30
"""More steps than there are places."""


class Stepping(Scrolled):
    """Who inherits moves the cursor in `step`."""

    def step(self, by: int) -> None:
        """Move the cursor by so many places, as far as there are any."""
        raise NotImplementedError

    def action_down(self) -> None:
        self.step(1)

    def action_up(self) -> None:
        self.step(-1)

    def action_top(self) -> None:
        self.step(-ALL)

    def action_bottom(self) -> None:
        self.step(ALL)

    def action_half(self, way: int) -> None:
        self.step(way * max(1, self.inner_height // 2))

    def action_page(self, way: int) -> None:
        self.step(way * max(1, self.inner_height - 1))
