"""Writing a line in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.widgets import Input

from domain.text import line

if TYPE_CHECKING:
    from tui.app import Retorno


class LineEdit(Input):
    """An input that lies over the line that is written; Enter takes it, Esc leaves it as it was."""

    app: Retorno
    DEFAULT_CSS = """
    LineEdit {
        layer: above; position: absolute; display: none; height: 1; min-height: 1; border: none; padding: 0;
        background: $r-cursor; color: $r-bright;
        &:focus { border: none; background: $r-cursor; background-tint: transparent 0%; }
        &:ansi { text-style: underline; }
    }
    """
    BINDINGS: ClassVar = [
        Binding("escape", "leave", show=False),
        Binding("f5", "submit_and_save", show=False),
    ]

    is_list = False
    """Whether the next line follows at once, so that many lines can be pasted."""

    class Taken(Message):
        """The line is written."""

        def __init__(self, text: str, *, save: bool = False) -> None:
            super().__init__()
            self.text = text
            self.save = save
            """F5 was pressed: save everything."""

    class Left(Message):
        """The line stays as it was."""

    def __init__(self) -> None:
        super().__init__(compact=True, select_on_focus=False)

    @property
    def is_open(self) -> bool:
        """Whether somebody writes in it."""
        return bool(self.display)

    def open(self, text: str, x: int, y: int, width: int, *, is_list: bool = False) -> None:
        """Write over the cells from (x, y) in the container."""
        self.is_list = is_list
        with self.prevent(Input.Changed):
            self.value = text
        self.cursor_blink = False
        self.cursor_position = len(text)
        self.place(x, y, width)
        self.display = True
        self.screen.set_focus(self)

    def place(self, x: int, y: int, width: int) -> None:
        """Lie over other cells."""
        self.styles.width = max(8, width)
        self.styles.offset = (x, y)

    def close(self) -> None:
        """Go away."""
        self.display = False

    def _on_paste(self, event: events.Paste) -> None:
        # Textual keeps the first line and drops the others.
        event.prevent_default()
        event.stop()
        words = [found for found in (line(each) for each in event.text.splitlines()) if found]
        if not words:
            return
        if len(words) == 1 or not self.is_list:
            self.replace(" ".join(words), *self.selection)
            return
        self.replace(words[0], *self.selection)
        for text in (line(self.value), *words[1:]):
            self._hold(self.Taken(text))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()

    async def action_submit(self) -> None:
        self._hold(self.Taken(line(self.value)))

    def action_submit_and_save(self) -> None:
        self._hold(self.Taken(line(self.value), save=True))

    def action_leave(self) -> None:
        self._hold(self.Left())

    def _hold(self, done: Message) -> None:
        """Tell the editor; keys that are typed ahead wait until it has acted on that, and called `app.opened`."""
        self.app.opening()
        self.post_message(done)
