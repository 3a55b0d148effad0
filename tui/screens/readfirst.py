"""Panels on which a key does something dangerous only after they could be read (ux)."""

from textual import events

from tui.typeahead import OneByOne
from tui.widgets.ticket.lines import Page, Painted


class ReadFirst:
    """Knows when the last key was pressed: what was typed ahead, before the panel was painted, is no yes.

    The moment is the key's own, not that of its handling, so that somebody quick on a slow machine is not ignored.
    """

    _pressed_at = 0.0

    def on_mount(self) -> None:
        # It may have nothing to take the focus, and what was typed ahead is no yes here: no key need wait for it.
        if isinstance(self.app, OneByOne):  # type: ignore[attr-defined]
            self.app.opened()  # type: ignore[attr-defined]

    def on_key(self, event: events.Key) -> None:
        self._pressed_at = event.time

    def to_be_read(self) -> Painted | Page:
        """What must have been painted."""
        raise NotImplementedError

    @property
    def _seen(self) -> bool:
        """Whether it was painted."""
        return self.is_mounted and self.to_be_read().painted_at > 0

    @property
    def _was_read(self) -> bool:
        """Whether it was painted when the last key was pressed."""
        return self._seen and self._pressed_at >= self.to_be_read().painted_at
