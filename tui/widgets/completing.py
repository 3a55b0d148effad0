"""A text area beside a list of what can be put in: an open list has the keys that choose from it."""

from typing import Generic, TypeVar

from textual.events import Key
from textual.widgets import TextArea

from tui.widgets.completion import Completion, Suggestion

Known = TypeVar("Known")


class CompletingArea(TextArea, Generic[Known]):
    """Who inherits puts in what is chosen (`take`), and marks in `get_line` what it knows."""

    def __init__(self, completion: Completion, known: Known, text: str = "", *, id: str | None = None) -> None:
        super().__init__(text, id=id, compact=True, soft_wrap=True, highlight_cursor_line=False)
        self._completion = completion
        self._known = known

    def know(self, known: Known) -> None:
        """What can be put in."""
        self._known = known
        self.notify_style_update()
        self.refresh()

    @property
    def before_cursor(self) -> str:
        """The line up to the cursor; '' while something is selected."""
        row, column = self.selection.end
        return self.document.get_line(row)[:column] if self.selection.is_empty else ""

    @property
    def is_whole(self) -> bool:
        """Whether what is marked is typed to its end already, so that Enter is a new line."""
        return False

    def take(self, one: Suggestion | None = None) -> None:
        """Put something in where it was begun; what is marked if none is given."""
        raise NotImplementedError

    def _on_key(self, event: Key) -> None:
        if not self._completion.is_open:
            return
        if event.key in ("down", "ctrl+n"):
            self._completion.step(1)
        elif event.key in ("up", "ctrl+p"):
            self._completion.step(-1)
        elif event.key == "escape":
            self._completion.close()
        elif event.key == "tab" or (event.key == "enter" and not self.is_whole):
            self.take()
        else:
            return
        event.stop()
        event.prevent_default()
